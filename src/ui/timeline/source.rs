//! The messages of the open chat, as the history view asks for them.
//!
//! The ids of the whole chat are here (8 bytes each), the messages themselves
//! only where they were needed; those missing are asked for in blocks ahead of
//! the view, and until one comes its row is empty. Messages from before this
//! device existed stand together in one row, see `fold.rs`; so a message's place
//! among the ids is one number, and its row another.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use relm4::gtk::{self, prelude::*};

use super::faces::Face;
use super::fold::{Folds, Key, Run, Stands};
use super::history_view::RowSource;
use super::layout::{self, Line};
use super::message::{Marks, MessageRow as Row};
use crate::engine::model::{
    CannotRead, Direction, Gap, GapReason, MessageId, MessageKind, MessageRow, Reaction,
};
use crate::engine::text::Term;
use crate::ui::list::merge::{Splice, merge};

/// Messages are read so far ahead of the one that is bound.
const AHEAD: usize = 100;

/// The list behind a history view.
pub struct MessageSource {
    state: RefCell<State>,
    /// Where the last message was found that was asked for: the next one is
    /// mostly near it.
    near: Cell<usize>,
    /// Reads messages from the store.
    ask: Box<dyn Fn(Vec<MessageId>)>,
}

/// What a row has to know besides its message: what the two sides are called,
/// and what is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The other side.
    pub other: String,
    /// The user.
    pub own: String,
    /// Bare address of the other side; it has a colour.
    pub other_address: String,
    /// Bare address of the user.
    pub own_address: String,
    /// What is looked for, and marked.
    pub wanted: Vec<Term>,
    /// The message that a search came to.
    pub found: Option<MessageId>,
}

#[derive(Default)]
struct State {
    ids: Vec<MessageId>,
    messages: HashMap<MessageId, (MessageRow, Line)>,
    asked: HashSet<MessageId>,
    first_unread: Option<MessageId>,
    names: Names,
    gaps: Vec<Gap>,
    /// Who has read up to where.
    faces: Vec<Face>,
    /// Messages about which something was asked for in this run.
    wished: HashSet<MessageId>,
    /// Messages that are chosen; `None` while none is to be.
    chosen: Option<BTreeSet<MessageId>>,
    /// Where somebody just came to from somewhere else.
    jumped_to: Option<MessageId>,
    /// The largest id of the chat; larger ones are not in it.
    largest: Option<MessageId>,
    /// Messages from before this device existed, as far as they were read.
    from_before: HashSet<MessageId>,
    folds: Folds,
}

impl MessageSource {
    /// Makes an empty list that reads with `ask`.
    pub fn new(ask: impl Fn(Vec<MessageId>) + 'static) -> Self {
        Self {
            state: RefCell::default(),
            near: Cell::default(),
            ask: Box::new(ask),
        }
    }

    /// Begins with another chat.
    pub fn reset(&self, names: Names, first_unread: Option<MessageId>) {
        self.state.replace(State {
            first_unread,
            names,
            ..State::default()
        });
    }

    /// Changes the name of the other side; true when it is another one.
    pub fn set_other(&self, other: &str) -> bool {
        let mut state = self.state.borrow_mut();
        let is_new = state.names.other != other;
        other.clone_into(&mut state.names.other);
        is_new
    }

    /// Changes the user's own address; true when it is another one.
    pub fn set_own_address(&self, address: &str) -> bool {
        let mut state = self.state.borrow_mut();
        let is_new = state.names.own_address != address;
        address.clone_into(&mut state.names.own_address);
        is_new
    }

    /// Marks what is looked for, and the message that a search came to.
    pub fn look_for(&self, wanted: Vec<Term>, found: Option<MessageId>) {
        let names = &mut self.state.borrow_mut().names;
        (names.wanted, names.found) = (wanted, found);
    }

    /// Returns the name of the other side.
    pub fn other(&self) -> String {
        self.state.borrow().names.other.clone()
    }

    /// Returns what the two sides are called.
    pub fn names(&self) -> Names {
        self.state.borrow().names.clone()
    }

    /// Returns where the line "New messages" is.
    pub fn first_unread(&self) -> Option<MessageId> {
        self.state.borrow().first_unread
    }

    /// Puts the line "New messages" above a message.
    pub fn set_first_unread(&self, message: MessageId) {
        self.state.borrow_mut().first_unread = Some(message);
    }

    /// Returns the id of the oldest message.
    pub fn oldest(&self) -> Option<MessageId> {
        self.state.borrow().ids.first().copied()
    }

    /// Returns how many messages there are.
    pub fn message_count(&self) -> usize {
        self.state.borrow().ids.len()
    }

    /// Returns the ids of the messages in some rows.
    pub fn ids_in(&self, rows: Range<usize>) -> Vec<MessageId> {
        let state = self.state.borrow();
        state.ids[state.folds.places(rows)].to_vec()
    }

    /// Returns the message that has a row for itself.
    pub fn message_in(&self, row: usize) -> Option<MessageRow> {
        let state = self.state.borrow();
        let Stands::Message(place) = state.folds.at(row) else {
            return None;
        };
        let (message, _) = state.messages.get(state.ids.get(place)?)?;
        Some(message.clone())
    }

    /// Returns whether messages stand together somewhere.
    pub fn has_runs(&self) -> bool {
        !self.state.borrow().folds.is_empty()
    }

    /// Returns how many messages the folded run stands for that is the first row.
    pub fn folded_at_top(&self) -> usize {
        match self.state.borrow().folds.at(0) {
            Stands::Run(run) if !run.is_open => run.places.len(),
            _ => 0,
        }
    }

    /// Returns the newest message of the chat, if it is in memory.
    pub fn newest(&self) -> Option<MessageRow> {
        let newest = self.state.borrow().ids.last().copied();
        self.message(newest?)
    }

    /// Replaces the ids of the chat. Returns how the rows become others.
    pub fn set_ids(&self, ids: Vec<MessageId>) -> Vec<Splice> {
        self.state.borrow_mut().arrange(|state| {
            state.largest = ids.iter().max().copied();
            state.ids = ids;
        })
    }

    /// Opens a run of messages, or folds it again. Returns it as it is then.
    pub fn turn(&self, run: MessageId) -> Option<Run> {
        self.state.borrow_mut().folds.turn(run)
    }

    /// Forgets messages that are no longer in the chat.
    pub fn forget_others(&self) {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let known: HashSet<MessageId> = state.ids.iter().copied().collect();
        state.messages.retain(|id, _| known.contains(id));
        state.from_before.retain(|id| known.contains(id));
    }

    /// Forgets messages but these: each looks different from now on.
    pub fn keep_only(&self, shown: &[MessageId]) {
        let mut state = self.state.borrow_mut();
        state.messages.retain(|id, _| shown.contains(id));
    }

    /// Takes note that the user asked for what can be done about a message.
    pub fn set_wished(&self, id: MessageId) {
        self.state.borrow_mut().wished.insert(id);
    }

    /// Marks where somebody came to, or nothing any more. Returns the row in
    /// which that is, or was.
    pub fn set_jumped_to(&self, id: Option<MessageId>) -> Option<usize> {
        let before = std::mem::replace(&mut self.state.borrow_mut().jumped_to, id);
        self.row_of(id.or(before)?)
    }

    /// Returns where somebody just came to.
    pub fn jumped_to(&self) -> Option<MessageId> {
        self.state.borrow().jumped_to
    }

    /// Begins to choose messages, with this one; or ends it.
    pub fn choose(&self, first: Option<MessageId>) {
        self.state.borrow_mut().chosen = first.map(|first| BTreeSet::from([first]));
    }

    /// Chooses a message, or does not any more. Returns whether any is chosen.
    pub fn turn_chosen(&self, id: MessageId) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(chosen) = &mut state.chosen else {
            return false;
        };
        if !chosen.remove(&id) {
            chosen.insert(id);
        }
        !chosen.is_empty()
    }

    /// Returns the chosen messages in their order; `None` while none is to be.
    pub fn chosen(&self) -> Option<Vec<MessageId>> {
        let state = self.state.borrow();
        let chosen = state.chosen.as_ref()?;
        let is_chosen = |id: &&MessageId| chosen.contains(id);
        Some(state.ids.iter().filter(is_chosen).copied().collect())
    }

    /// Shows the user's own reactions to a message as they are going to be: the
    /// store tells a moment later. Returns its row.
    pub fn set_own_reactions(&self, id: MessageId, emoji: &[String]) -> Option<usize> {
        let mut state = self.state.borrow_mut();
        let (message, _) = state.messages.get_mut(&id)?;
        for reaction in &mut message.reactions {
            reaction.by_me = emoji.contains(&reaction.emoji);
        }
        for emoji in emoji {
            let mut known = message.reactions.iter();
            if !known.any(|reaction| reaction.emoji == *emoji) {
                message.reactions.push(Reaction {
                    emoji: emoji.clone(),
                    by_me: true,
                    by: Vec::new(),
                });
            }
        }
        message
            .reactions
            .retain(|reaction| reaction.by_me || !reaction.by.is_empty());
        drop(state);
        self.row_of(id)
    }

    /// Notes what is missing in the chat; true when that is news.
    pub fn set_gaps(&self, gaps: Vec<Gap>) -> bool {
        let mut state = self.state.borrow_mut();
        let is_news = state.gaps != gaps;
        state.gaps = gaps;
        is_news
    }

    /// Notes who has read up to where; true when that is news.
    pub fn set_faces(&self, faces: Vec<Face>) -> bool {
        let mut state = self.state.borrow_mut();
        let is_news = state.faces != faces;
        state.faces = faces;
        is_news
    }

    /// Takes note that these were read, or could not be: they may be asked for again.
    pub fn answered(&self, ids: &[MessageId]) {
        let mut state = self.state.borrow_mut();
        for id in ids {
            state.asked.remove(id);
        }
    }

    /// Keeps messages that were read. Returns how the rows become others.
    pub fn keep(&self, messages: Vec<MessageRow>) -> Vec<Splice> {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let is_from_before = |message: &MessageRow| {
            let why = CannotRead::BeforeThisDevice;
            message.kind == MessageKind::Unreadable { why }
        };
        let is_news = |message: &MessageRow| {
            is_from_before(message) != state.from_before.contains(&message.id)
        };
        let folds_change = messages.iter().any(is_news);
        let keep = |state: &mut State| {
            for message in messages {
                if is_from_before(&message) {
                    state.from_before.insert(message.id);
                } else {
                    state.from_before.remove(&message.id);
                }
                let line = Line::from(&message);
                state.messages.insert(message.id, (message, line));
            }
        };
        if folds_change {
            state.arrange(keep)
        } else {
            keep(state);
            Vec::new()
        }
    }

    /// Returns the row in which a message stands.
    pub fn row_of(&self, id: MessageId) -> Option<usize> {
        let place = self.place_of(id)?;
        Some(self.state.borrow().folds.row_of(place))
    }

    /// Returns the place of a message: near the last one that was asked for, or
    /// the newest are found first.
    pub fn place_of(&self, id: MessageId) -> Option<usize> {
        /// Some pages of messages.
        const NEAR: usize = 500;
        let state = self.state.borrow();
        // New ones are asked for often, and are in no list yet.
        state.largest.filter(|largest| id <= *largest)?;
        let near = self.near.get();
        let from = near.saturating_sub(NEAR).min(state.ids.len());
        let to = (near + NEAR).min(state.ids.len());
        let is_it = |known: &MessageId| *known == id;
        let beside = state.ids[from..to].iter().rposition(is_it);
        let place = beside
            .map(|place| from + place)
            .or_else(|| state.ids.iter().rposition(is_it))?;
        self.near.set(place);
        Some(place)
    }

    /// Returns a message that was read already.
    pub fn message(&self, id: MessageId) -> Option<MessageRow> {
        self.state
            .borrow()
            .messages
            .get(&id)
            .map(|(message, _)| message.clone())
    }

    /// Returns the newest received message in some rows.
    pub fn last_received(&self, rows: Range<usize>) -> Option<MessageId> {
        let state = self.state.borrow();
        state.folds.places(rows).rev().find_map(|place| {
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

impl State {
    /// Changes what there is, and finds the runs in it.
    fn arrange(&mut self, change: impl FnOnce(&mut Self)) -> Vec<Splice> {
        if self.folds.is_empty() && self.from_before.is_empty() {
            let old = self.ids.clone();
            change(self);
            if self.from_before.is_empty() {
                return merge(&old, &self.ids);
            }
            let old: Vec<Key> = old.into_iter().map(Key::Message).collect();
            return self.fold(&old);
        }
        let old = self.folds.keys(&self.ids);
        change(self);
        self.fold(&old)
    }

    fn fold(&mut self, old: &[Key]) -> Vec<Splice> {
        self.folds.find(&self.ids, &self.from_before);
        merge(old, &self.folds.keys(&self.ids))
    }

    fn line_at(&self, place: usize) -> Option<&Line> {
        let (_, line) = self.messages.get(self.ids.get(place)?)?;
        Some(line)
    }

    /// The message above a row, when nothing else stands in between.
    fn line_above(&self, row: usize) -> Option<&Line> {
        match self.folds.at(row.checked_sub(1)?) {
            Stands::Message(place) => self.line_at(place),
            Stands::Run(_) => None,
        }
    }

    fn line_below(&self, row: usize) -> Option<&Line> {
        match self.folds.at(row + 1) {
            Stands::Message(place) => self.line_at(place),
            Stands::Run(_) => None,
        }
    }

    /// The last message above a row whose day is told there.
    fn line_of_day_above(&self, row: usize) -> Option<&Line> {
        match self.folds.at(row.checked_sub(1)?) {
            Stands::Message(place) => self.line_at(place),
            Stands::Run(run) => self.line_at(run.places.start.checked_sub(1)?),
        }
    }

    /// Why messages are missing above one of these, or below the last.
    fn gaps_around(&self, places: Range<usize>) -> (Option<GapReason>, Option<GapReason>) {
        // Of several, one that something can be done about.
        let reason = |fits: &dyn Fn(Option<MessageId>) -> bool| {
            let here = self.gaps.iter().filter(|gap| fits(gap.above));
            let reasons = here.map(|gap| gap.reason);
            reasons.min_by_key(|reason| *reason == GapReason::Expired)
        };
        let is_last = places.end == self.ids.len();
        let ids = &self.ids[places];
        let above = reason(&|above| above.is_some_and(|above| ids.contains(&above)));
        let below = is_last.then(|| reason(&|above| above.is_none()));
        (above, below.flatten())
    }

    fn bind_run(&self, row: &Row, run: &Run) {
        let ids = &self.ids[run.places.clone()];
        let is_unread = |id: &MessageId| self.first_unread == Some(*id);
        row.show_run(run, !run.is_open && ids.iter().any(is_unread));
        row.show_faces(&[]);
        if run.is_open {
            // They stand at the messages themselves.
            row.show_gaps(None, None);
        } else {
            let (above, below) = self.gaps_around(run.places.clone());
            row.show_gaps(above, below);
        }
    }
}

impl RowSource for MessageSource {
    fn count(&self) -> usize {
        let state = self.state.borrow();
        state.folds.row_of(state.ids.len())
    }

    fn make_row(&self) -> gtk::Widget {
        Row::default().upcast()
    }

    fn bind(&self, row: &gtk::Widget, index: usize) {
        let Some(row) = row.downcast_ref::<Row>() else {
            return;
        };
        let stands = self.state.borrow().folds.at(index);
        let place = match stands {
            Stands::Message(place) => place,
            Stands::Run(run) => {
                // The run may go on where nothing was read yet.
                self.read_ahead(run.places.start);
                self.read_ahead(run.places.end - 1);
                self.state.borrow().bind_run(row, &run);
                return;
            }
        };
        self.read_ahead(place);
        let state = self.state.borrow();
        let Some((message, line)) = state.messages.get(&state.ids[place]) else {
            row.show_nothing();
            row.show_gaps(None, None);
            row.show_faces(&[]);
            return;
        };
        let (above, below) = (state.line_above(index), state.line_below(index));
        let mut parts = layout::parts(above, line, below, state.first_unread);
        let told = state.line_of_day_above(index).map(|above| above.day);
        parts.has_day = told != Some(line.day);
        let marks = Marks {
            is_wished: state.wished.contains(&message.id),
            is_chosen: state
                .chosen
                .as_ref()
                .map(|chosen| chosen.contains(&message.id)),
            is_jumped_to: state.jumped_to == Some(message.id),
        };
        row.show(message, parts, &state.names, marks);
        let (above, below) = state.gaps_around(place..place + 1);
        row.show_gaps(above, below);
        let is_here = |face: &&Face| face.up_to == message.id;
        row.show_faces(&state.faces.iter().filter(is_here).collect::<Vec<_>>());
    }
}
