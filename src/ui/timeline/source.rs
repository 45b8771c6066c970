//! The messages of the open chat, as the history view asks for them.
//!
//! The ids of the whole chat are here (8 bytes each), the messages themselves
//! only where they were needed; those missing are asked for in blocks ahead of
//! the view, and until one comes its row is empty.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use relm4::gtk::{self, prelude::*};

use super::history_view::RowSource;
use super::layout::{self, Line};
use super::message::MessageRow as Row;
use crate::engine::model::{Direction, Gap, GapReason, MessageId, MessageRow};

/// Messages are read so far ahead of the one that is bound.
const AHEAD: usize = 100;

/// The list behind a history view.
pub struct MessageSource {
    state: RefCell<State>,
    /// Reads messages from the store.
    ask: Box<dyn Fn(Vec<MessageId>)>,
}

#[derive(Default)]
struct State {
    ids: Vec<MessageId>,
    messages: HashMap<MessageId, (MessageRow, Line)>,
    asked: HashSet<MessageId>,
    first_unread: Option<MessageId>,
    other: String,
    gaps: Vec<Gap>,
    /// Messages about which something was asked for in this run.
    wished: HashSet<MessageId>,
    /// The largest id of the chat; larger ones are not in it.
    largest: Option<MessageId>,
}

impl MessageSource {
    /// Makes an empty list that reads with `ask`.
    pub fn new(ask: impl Fn(Vec<MessageId>) + 'static) -> Self {
        Self {
            state: RefCell::default(),
            ask: Box::new(ask),
        }
    }

    /// Begins with another chat.
    pub fn reset(&self, other: &str, first_unread: Option<MessageId>) {
        self.state.replace(State {
            other: other.to_owned(),
            first_unread,
            ..State::default()
        });
    }

    /// Changes the name of the other side; true when it is another one.
    pub fn set_other(&self, other: &str) -> bool {
        let mut state = self.state.borrow_mut();
        let is_new = state.other != other;
        other.clone_into(&mut state.other);
        is_new
    }

    /// Returns the name of the other side.
    pub fn other(&self) -> String {
        self.state.borrow().other.clone()
    }

    /// Returns where the line "New messages" is.
    pub fn first_unread(&self) -> Option<MessageId> {
        self.state.borrow().first_unread
    }

    /// Puts the line "New messages" above a message.
    pub fn set_first_unread(&self, message: MessageId) {
        self.state.borrow_mut().first_unread = Some(message);
    }

    /// Returns the ids of the chat.
    pub fn ids(&self) -> Vec<MessageId> {
        self.state.borrow().ids.clone()
    }

    /// Returns the newest message of the chat, if it is in memory.
    pub fn newest(&self) -> Option<MessageRow> {
        let newest = self.state.borrow().ids.last().copied();
        self.message(newest?)
    }

    /// Replaces the ids of the chat.
    pub fn set_ids(&self, ids: Vec<MessageId>) {
        let mut state = self.state.borrow_mut();
        state.largest = ids.iter().max().copied();
        state.ids = ids;
    }

    /// Forgets messages that are no longer in the chat.
    pub fn forget_others(&self) {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let known: HashSet<MessageId> = state.ids.iter().copied().collect();
        state.messages.retain(|id, _| known.contains(id));
    }

    /// Takes note that the user asked for what can be done about a message.
    pub fn set_wished(&self, id: MessageId) {
        self.state.borrow_mut().wished.insert(id);
    }

    /// Notes what is missing in the chat; true when that is news.
    pub fn set_gaps(&self, gaps: Vec<Gap>) -> bool {
        let mut state = self.state.borrow_mut();
        let is_news = state.gaps != gaps;
        state.gaps = gaps;
        is_news
    }

    /// Takes note that these were read, or could not be: they may be asked for again.
    pub fn answered(&self, ids: &[MessageId]) {
        let mut state = self.state.borrow_mut();
        for id in ids {
            state.asked.remove(id);
        }
    }

    /// Keeps messages that were read.
    pub fn keep(&self, messages: Vec<MessageRow>) {
        let mut state = self.state.borrow_mut();
        for message in messages {
            let line = Line::from(&message);
            state.messages.insert(message.id, (message, line));
        }
    }

    /// Returns the place of a message; the newest are found first.
    pub fn index_of(&self, id: MessageId) -> Option<usize> {
        let state = self.state.borrow();
        // New ones are asked for often, and are in no list yet.
        state.largest.filter(|largest| id <= *largest)?;
        state.ids.iter().rposition(|known| *known == id)
    }

    /// Returns a message that was read already.
    pub fn message(&self, id: MessageId) -> Option<MessageRow> {
        self.state
            .borrow()
            .messages
            .get(&id)
            .map(|(message, _)| message.clone())
    }

    /// Returns the newest received message of a range of places.
    pub fn last_received(&self, places: std::ops::Range<usize>) -> Option<MessageId> {
        let state = self.state.borrow();
        places.rev().find_map(|place| {
            let id = *state.ids.get(place)?;
            let (message, _) = state.messages.get(&id)?;
            (message.direction == Direction::Incoming).then_some(id)
        })
    }

    /// Asks for what is missing around a place, before it is needed.
    fn read_ahead(&self, place: usize) {
        let missing: Vec<MessageId> = {
            let mut guard = self.state.borrow_mut();
            let state = &mut *guard;
            let last = state.ids.len().saturating_sub(1);
            let is_near_missing = [
                place.saturating_sub(AHEAD / 2),
                place,
                (place + AHEAD / 2).min(last),
            ]
            .iter()
            .any(|near| {
                let id = state.ids[*near];
                !state.messages.contains_key(&id) && !state.asked.contains(&id)
            });
            if !is_near_missing {
                return;
            }
            let range = place.saturating_sub(AHEAD)..(place + AHEAD).min(last) + 1;
            let missing: Vec<MessageId> = state.ids[range]
                .iter()
                .filter(|id| !state.messages.contains_key(id) && !state.asked.contains(id))
                .copied()
                .collect();
            state.asked.extend(&missing);
            missing
        };
        if !missing.is_empty() {
            (self.ask)(missing);
        }
    }
}

impl RowSource for MessageSource {
    fn count(&self) -> usize {
        self.state.borrow().ids.len()
    }

    fn make_row(&self) -> gtk::Widget {
        Row::default().upcast()
    }

    fn bind(&self, row: &gtk::Widget, index: usize) {
        let Some(row) = row.downcast_ref::<Row>() else {
            return;
        };
        self.read_ahead(index);
        let state = self.state.borrow();
        let line_at = |place: usize| {
            let id = state.ids.get(place)?;
            state.messages.get(id).map(|(_, line)| line)
        };
        let Some((message, line)) = state.messages.get(&state.ids[index]) else {
            row.show_nothing();
            row.show_gaps(None, None);
            return;
        };
        let before = index.checked_sub(1).and_then(line_at);
        let parts = layout::parts(before, line, line_at(index + 1), state.first_unread);
        let is_wished = state.wished.contains(&message.id);
        row.show(message, parts, &state.other, is_wished);
        let gap = |above: Option<MessageId>| {
            let here = state.gaps.iter().filter(|gap| gap.above == above);
            // Of several, one that something can be done about.
            let reasons = here.map(|gap| gap.reason);
            reasons.min_by_key(|reason| *reason == GapReason::Expired)
        };
        let is_last = index + 1 == state.ids.len();
        row.show_gaps(gap(Some(message.id)), is_last.then(|| gap(None)).flatten());
    }
}
