//! A page of the archive on its way: what came of it, and what to do with it.
//!
//! Pure. A server may send more than it was asked for, in another order, or
//! the same again and again; none of that may fill the memory or lose anything.

use std::collections::BTreeSet;

use minidom::Element;

use crate::engine::model::ConversationId;
use crate::engine::store::archive::{CLOCK_DOUBT, Cursor};
use crate::engine::xmpp::archive::{ArchivedMessage, Edge, End, PAGE, Page};

/// So many messages, or about so many bytes of them, take effect at a time
/// when the archive is read on.
const STRETCH: usize = 100;
const STRETCH_BYTES: usize = 1024 * 1024;
/// No more of a page is held, whatever the server sends.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Why a page is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::account) enum Purpose {
    /// To get what came since.
    CatchUp,
    /// To have something to show on a new account; so many pages are left.
    Beginning(u32),
    /// To show more of one chat.
    Earlier(ConversationId),
    /// To learn in which order something came.
    Order,
}

/// A page on its way.
#[derive(Debug)]
pub(in crate::engine::account) struct PageRead {
    purpose: Purpose,
    page: Page,
    messages: Vec<ArchivedMessage>,
    /// About how many bytes these hold.
    bytes: usize,
    /// Something of it took effect already.
    has_taken: bool,
    /// Times only grew: what comes later lies further on.
    is_in_order: bool,
    /// The server sent more than can be held.
    is_cut: bool,
    /// What we had, of which the server knows nothing any more; until the
    /// first message shows what it still has.
    expired: Option<Cursor>,
    /// Where this page and those before it began.
    edges: BTreeSet<String>,
}

/// Messages that follow the cursor, and take effect together with it.
#[derive(Debug, PartialEq)]
pub(super) struct Stretch {
    /// The messages.
    pub messages: Vec<ArchivedMessage>,
    /// Where the cursor stands afterwards.
    pub newest_id: String,
    /// It was selected by time.
    pub is_by_time: bool,
    /// What we had, if the server had forgotten it.
    pub expired: Option<Cursor>,
}

impl PageRead {
    /// Begins with a page.
    pub(super) fn new(purpose: Purpose, page: Page) -> Self {
        let edges = BTreeSet::from_iter(edge_id(&page.edge));
        Self {
            purpose,
            page,
            messages: Vec::new(),
            bytes: 0,
            has_taken: false,
            is_in_order: true,
            is_cut: false,
            expired: None,
            edges,
        }
    }

    /// Reads on from the time of what we had, as the server has forgotten it.
    pub(super) fn on_by_time(cursor: Cursor) -> Self {
        let page = Page {
            start: Some(cursor.newest_time - CLOCK_DOUBT),
            ..Page::new(Edge::First)
        };
        Self {
            expired: Some(cursor),
            ..Self::new(Purpose::CatchUp, page)
        }
    }

    /// Lists what the server has had since a message; empty: since there was none.
    pub(in crate::engine::account) fn order_after(id: String) -> Self {
        let edge = if id.is_empty() {
            Edge::First
        } else {
            Edge::After(id)
        };
        Self::new(Purpose::Order, Page::new(edge))
    }

    /// Returns the page that follows at an edge, unless one began there before.
    pub(in crate::engine::account) fn next(&self, edge: Edge) -> Option<Self> {
        let page = Page {
            edge,
            ..self.page.clone()
        };
        let mut next = Self::new(self.purpose.clone(), page);
        if !self.edges.is_disjoint(&next.edges) {
            return None;
        }
        next.edges.extend(self.edges.iter().cloned());
        Some(next)
    }

    /// Reads it for this purpose instead.
    pub(super) fn for_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Returns why it is read.
    pub(in crate::engine::account) fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Returns what was asked for.
    pub(in crate::engine::account) fn page(&self) -> &Page {
        &self.page
    }

    /// Returns whether nothing came.
    pub(in crate::engine::account) fn is_empty(&self) -> bool {
        self.messages.is_empty() && !self.has_taken
    }

    /// Returns what is held of it.
    pub(super) fn messages(&self) -> &[ArchivedMessage] {
        &self.messages
    }

    /// Takes what is held of it.
    pub(in crate::engine::account) fn into_messages(self) -> Vec<ArchivedMessage> {
        self.messages
    }

    /// Takes one message, and returns what may take effect already.
    pub(super) fn take(&mut self, message: ArchivedMessage) -> Option<Stretch> {
        let is_further = self
            .messages
            .last()
            .is_none_or(|last| last.stamp <= message.stamp);
        self.is_in_order &= is_further;
        self.bytes += bytes(&message.message);
        let is_on = self.purpose == Purpose::CatchUp;
        if is_on && self.is_cut {
            return None;
        }
        self.messages.push(message);
        if is_on && self.is_in_order {
            let is_long = self.messages.len() >= STRETCH || self.bytes >= STRETCH_BYTES;
            let last = self.messages.last().filter(|_| is_long)?.id.clone();
            return Some(self.stretch(last));
        }
        // What lies nearest to where the page begins is kept, and the rest
        // asked for again.
        while self.messages.len() > 1
            && (self.messages.len() > PAGE as usize || self.bytes > PAGE_BYTES)
        {
            self.is_cut = true;
            let furthest = if is_on { self.messages.len() - 1 } else { 0 };
            self.bytes -= bytes(&self.messages.remove(furthest).message);
        }
        None
    }

    /// Returns how the page really ended, given what the server says.
    pub(super) fn true_end(&self, said: End) -> End {
        if !self.is_cut {
            return said;
        }
        let id = |message: &ArchivedMessage| message.id.clone();
        End {
            is_complete: false,
            first: self.messages.first().map(id),
            last: self.messages.last().map(id),
        }
    }

    /// Takes what has not taken effect yet, up to the last message by the
    /// server's word; `None` when there is nothing.
    pub(super) fn rest(&mut self, last: Option<String>) -> Option<Stretch> {
        last.map(|last| self.stretch(last))
    }

    /// Takes what we had, if the server has forgotten it and has nothing since.
    pub(super) fn forgotten(&mut self) -> Option<Cursor> {
        self.expired.take()
    }

    fn stretch(&mut self, newest_id: String) -> Stretch {
        self.has_taken = true;
        self.bytes = 0;
        Stretch {
            messages: std::mem::take(&mut self.messages),
            newest_id,
            is_by_time: self.page.is_by_time(),
            expired: self.expired.take(),
        }
    }
}

fn edge_id(edge: &Edge) -> Option<String> {
    match edge {
        Edge::After(id) | Edge::Before(id) => Some(id.clone()),
        Edge::First | Edge::Last => None,
    }
}

/// Returns about how many bytes an element takes; it is no deeper than the
/// reader of the stream allows.
fn bytes(element: &Element) -> usize {
    let attributes: usize = element
        .attrs()
        .into_iter()
        .map(|(_, value)| 16 + value.len())
        .sum();
    let inside: usize = element
        .nodes()
        .map(|node| match node {
            minidom::Node::Element(child) => bytes(child),
            minidom::Node::Text(text) => text.len(),
        })
        .sum();
    100 + attributes + inside
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn message(n: i64, stamp: i64, length: usize) -> ArchivedMessage {
        let text = "x".repeat(length);
        let body = Element::builder("body", "jabber:client").append(text);
        ArchivedMessage {
            id: format!("a{n}"),
            stamp,
            message: Element::builder("message", "jabber:client")
                .append(body)
                .build(),
        }
    }

    fn end() -> End {
        End {
            is_complete: true,
            first: Some("said".into()),
            last: Some("said".into()),
        }
    }

    fn on() -> PageRead {
        PageRead::new(Purpose::CatchUp, Page::new(Edge::First))
    }

    fn back() -> PageRead {
        PageRead::new(Purpose::Beginning(1), Page::new(Edge::Last))
    }

    #[test]
    fn what_is_read_on_takes_effect_in_stretches() {
        let mut read = on();

        let taken: Vec<Stretch> = (0..250)
            .filter_map(|n| read.take(message(n, n, 10)))
            .collect();

        let ends: Vec<&str> = taken.iter().map(|one| one.newest_id.as_str()).collect();
        assert_eq!(ends, ["a99", "a199"]);
        assert_eq!(read.rest(end().last).unwrap().messages.len(), 50);
    }

    #[test]
    fn large_messages_take_effect_in_shorter_stretches() {
        let mut read = on();

        let taken = (0..3).find_map(|n| read.take(message(n, n, STRETCH_BYTES / 2)));

        assert_eq!(taken.unwrap().newest_id, "a1");
    }

    #[test]
    fn a_page_out_of_order_takes_effect_at_its_end_only() {
        let mut read = on();
        read.take(message(1, 10, 10));
        read.take(message(2, 5, 10));

        let taken = (3..200).find_map(|n| read.take(message(n, 10 + n, 10)));

        assert_eq!(taken, None);
        assert_eq!(read.messages().len(), 199);
    }

    #[test]
    fn a56_an_endless_page_does_not_fill_the_memory() {
        let mut backwards = back();
        let mut disordered = on();
        for n in 0..1_000 {
            backwards.take(message(n, n, 10));
            disordered.take(message(n, -n, 10));
        }

        let (first, last) = (backwards.messages().first(), backwards.messages().last());
        assert_eq!(backwards.messages().len(), PAGE as usize);
        assert_eq!((&*first.unwrap().id, &*last.unwrap().id), ("a750", "a999"));
        assert_eq!(disordered.messages().len(), PAGE as usize);
        assert_eq!(disordered.messages().last().unwrap().id, "a249");
        let end = backwards.true_end(end());
        assert_eq!(
            (end.is_complete, end.first.as_deref()),
            (false, Some("a750"))
        );
    }

    #[test]
    fn a56_large_messages_of_a_page_do_not_fill_the_memory() {
        let mut read = back();

        for n in 0..20 {
            read.take(message(n, n, 1024 * 1024));
        }

        assert_eq!(read.messages().len(), 7);
        assert_eq!(read.messages().last().unwrap().id, "a19");
    }

    #[test]
    fn a_page_that_began_before_is_not_asked_for_again() {
        let read = on().next(Edge::After("a1".into())).unwrap();
        let read = read.next(Edge::After("a2".into())).unwrap();

        assert!(read.next(Edge::After("a1".into())).is_none());
        assert!(read.next(Edge::After("a3".into())).is_some());
    }
}
