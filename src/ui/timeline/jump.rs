//! Going to a message that a search came to, and back to where one was.

use super::Timeline;
use super::history_view::{Place, RowSource};
use crate::engine::model::MessageId;
use crate::engine::text::Term;

/// Where the view is to go, and where it was.
#[derive(Debug, Default)]
pub(super) struct Jump {
    /// To go to as soon as it is known where it stands.
    to: Option<MessageId>,
    /// Where a search began.
    from: Option<From>,
}

/// Where the view stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// At the newest message.
    End,
    /// With this message in its middle.
    Message(MessageId),
}

impl Timeline {
    /// Marks what is looked for, and goes to a message.
    pub(super) fn look_for(&mut self, wanted: Vec<Term>, found: Option<MessageId>) {
        self.source.look_for(wanted, found);
        self.history.rows_changed(self.history.live_rows());
        if found.is_some() {
            self.jump.to = found;
            self.jump_now();
        }
    }

    /// Goes where the view is to go, when that is here already.
    pub(super) fn jump_now(&mut self) {
        let Some(id) = self.jump.to else { return };
        let row = self.source.row_of(id);
        if let Some(row) = row {
            self.history.scroll_to(row, Place::Middle);
        }
        // What is not here once all ids are known is gone.
        if row.is_some() || self.is_whole {
            self.jump.to = None;
        }
    }

    /// Remembers where the view stands, when nothing is remembered yet.
    pub(super) fn remember(&mut self) {
        if self.jump.from.is_some() {
            return;
        }
        let seen = self.history.visible_rows();
        let middle = seen.start + seen.len() / 2;
        self.jump.from = if self.history.is_at_bottom() || seen.is_empty() {
            Some(From::End)
        } else {
            self.source
                .ids_in(middle..middle + 1)
                .first()
                .map(|id| From::Message(*id))
        };
    }

    /// Forgets where the view stood, and goes back there when that is wished.
    pub(super) fn go_back(&mut self, goes_back: bool) {
        self.jump.to = None;
        match self.jump.from.take().filter(|_| goes_back) {
            Some(From::End) => self.history.scroll_to_end(),
            Some(From::Message(id)) => {
                if let Some(row) = self
                    .source
                    .row_of(id)
                    .filter(|row| *row < self.source.count())
                {
                    self.history.scroll_to(row, Place::Middle);
                }
            }
            None => {}
        }
    }
}
