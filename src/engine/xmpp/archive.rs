//! Reading one's own archive (XEP-0313 v1.1, `urn:xmpp:mam:2`).
//!
//! Left out: archives of groups (they come with groups), preferences.
//!
//! # Source
//! XEP-0313 §4, §5; XEP-0059 for the pages.

use minidom::Element;

use super::delay;
use super::namespaces::{ARCHIVE, CLIENT, DATA_FORMS, DELAY, FORWARD, RESULT_SET};
use super::stanza::{element, text_element};
use crate::engine::model::Timestamp;

/// How many messages are asked for at a time. Servers give fewer if they like
/// (50 by Prosody's default, 250 at most by ejabberd); more would overflow
/// what some keep for acknowledgement.
pub const PAGE: u32 = 250;

/// Which part of the archive to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only messages with this bare address.
    pub with: Option<String>,
    /// Only from this time on.
    pub start: Option<Timestamp>,
    /// Only up to this time.
    pub end: Option<Timestamp>,
    /// Where the page lies.
    pub edge: Edge,
    /// How many messages at the most.
    pub max: u32,
}

impl Page {
    /// Returns a page of everything.
    pub fn new(edge: Edge) -> Self {
        Self {
            with: None,
            start: None,
            end: None,
            edge,
            max: PAGE,
        }
    }

    /// Returns whether times select what it is part of.
    pub fn is_by_time(&self) -> bool {
        self.start.is_some() || self.end.is_some()
    }
}

/// Where a page lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The oldest messages of the selection.
    First,
    /// The ones that follow this archive id.
    After(String),
    /// The newest messages of the selection.
    Last,
    /// The ones that come before this archive id.
    Before(String),
}

/// Builds a query; `query_id` comes back in each result.
pub fn query(query_id: &str, page: &Page) -> Element {
    let mut query = element("query", ARCHIVE, &[("queryid", query_id)]);
    if page.with.is_some() || page.is_by_time() {
        let mut form = element("x", DATA_FORMS, &[("type", "submit")]);
        form.append_child(field("FORM_TYPE", ARCHIVE));
        if let Some(with) = &page.with {
            form.append_child(field("with", with));
        }
        if let Some(start) = page.start {
            form.append_child(field("start", &delay::write_time(start)));
        }
        if let Some(end) = page.end {
            form.append_child(field("end", &delay::write_time(end)));
        }
        query.append_child(form);
    }
    let mut set = Element::bare("set", RESULT_SET);
    set.append_child(text_element("max", RESULT_SET, &page.max.to_string()));
    match &page.edge {
        Edge::First => {}
        Edge::After(id) => drop(set.append_child(text_element("after", RESULT_SET, id))),
        Edge::Last => drop(set.append_child(Element::bare("before", RESULT_SET))),
        Edge::Before(id) => drop(set.append_child(text_element("before", RESULT_SET, id))),
    }
    query.append_child(set);
    query
}

fn field(name: &str, value: &str) -> Element {
    let mut field = element("field", DATA_FORMS, &[("var", name)]);
    if name == "FORM_TYPE" {
        super::stanza::set(&mut field, "type", "hidden");
    }
    field.append_child(text_element("value", DATA_FORMS, value));
    field
}

/// One archived message as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivedMessage {
    /// Its id in the archive.
    pub id: String,
    /// When the server archived it.
    pub stamp: Timestamp,
    /// The message itself.
    pub message: Element,
}

/// Returns the result inside a message, if it carries one, and its query id.
pub fn result(message: &Element) -> Option<(&Element, Option<&str>)> {
    let result = message.get_child("result", ARCHIVE)?;
    Some((result, result.attr("queryid")))
}

/// Reads a result; `None` when it lacks its id, its time or its message.
pub fn archived_message(result: &Element) -> Option<ArchivedMessage> {
    let forwarded = result.get_child("forwarded", FORWARD)?;
    Some(ArchivedMessage {
        id: result.attr("id").filter(|id| !id.is_empty())?.to_owned(),
        stamp: delay::stamp(forwarded.get_child("delay", DELAY)?)?,
        message: forwarded.get_child("message", CLIENT)?.clone(),
    })
}

/// What ends a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// True when there is nothing further in this direction.
    pub is_complete: bool,
    /// Archive id of the page's first message; `None` when the page is empty.
    pub first: Option<String>,
    /// Archive id of the page's last message; `None` when the page is empty.
    pub last: Option<String>,
}

/// Reads the `<fin/>` of a finished query.
pub fn end(answer: &Element) -> Option<End> {
    let end = answer.get_child("fin", ARCHIVE)?;
    let text = |name| {
        end.get_child("set", RESULT_SET)
            .and_then(|set| set.get_child(name, RESULT_SET))
            .map(Element::text)
            .filter(|text| !text.is_empty())
    };
    let (first, last) = (text("first"), text("last"));
    Some(End {
        is_complete: matches!(end.attr("complete"), Some("true" | "1")) || last.is_none(),
        first,
        last,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_asks_for_what_comes_before_an_id_with_one_person() {
        let page = Page {
            with: Some("juliet@example.org".into()),
            max: 50,
            ..Page::new(Edge::Before("28482-98726".into()))
        };

        let expected: Element = "<query xmlns='urn:xmpp:mam:2' queryid='q1'>\
            <x xmlns='jabber:x:data' type='submit'>\
            <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>\
            <field var='with'><value>juliet@example.org</value></field></x>\
            <set xmlns='http://jabber.org/protocol/rsm'><max>50</max><before>28482-98726</before></set>\
            </query>"
            .parse()
            .unwrap();
        assert_eq!(query("q1", &page), expected);
    }

    #[test]
    fn an_empty_page_is_the_end_even_if_the_server_forgets_to_say_so() {
        let answer: Element =
            "<iq xmlns='jabber:client' type='result'><fin xmlns='urn:xmpp:mam:2'>\
            <set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set></fin></iq>"
                .parse()
                .unwrap();

        assert_eq!(
            end(&answer),
            Some(End {
                is_complete: true,
                first: None,
                last: None
            })
        );
    }

    #[test]
    fn a_result_without_a_time_is_no_message() {
        let result: Element =
            "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'>\
            <message xmlns='jabber:client'><body>Hark</body></message></forwarded></result>"
                .parse()
                .unwrap();

        assert_eq!(archived_message(&result), None);
    }
}
