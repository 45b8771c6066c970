//! From the messages there are to the rows that the history has.

use relm4::gtk;
use relm4::gtk::prelude::*;

use super::history_view::RowSource;
use super::{Timeline, notice};
use crate::engine::model::{Direction, MessageId};
use crate::ui::list::merge::Splice;

impl Timeline {
    pub(super) fn set_ids(&self, ids: Vec<MessageId>) {
        let is_first_page = self.source.message_count() == 0;
        let splices = self.source.set_ids(ids);
        if splices.iter().any(|splice| splice.removed > 0) {
            self.source.forget_others();
        }
        let last = self.source.count();
        let newest = splices.last().map(|splice| splice.added.clone());
        self.splice(splices);
        if let Some(newest) = newest.filter(|newest| !is_first_page && newest.end == last) {
            self.announce(newest);
        }
        if self.source.has_runs() {
            // They may stand for more messages now, in the same rows.
            self.history.rows_changed(self.history.live_rows());
        }
    }

    /// Shows the messages of a run below its line, or folds them again.
    pub(super) fn turn_run(&self, run: MessageId) {
        let Some(run) = self.source.turn(run) else {
            return;
        };
        let (below, messages) = (run.row + 1, run.places.len());
        if run.is_open {
            self.history.open_below(below, 0, messages);
        } else {
            self.history.open_below(below, messages, 0);
        }
        self.history
            .rows_changed(run.row..below + if run.is_open { messages } else { 0 } + 1);
    }

    /// Lets the history have the rows that the source has.
    pub(super) fn splice(&self, splices: Vec<Splice>) {
        for splice in splices {
            self.history
                .splice(splice.position, splice.removed, splice.added.len());
            let end = splice.position + splice.added.len();
            // The neighbours' groups and days may be others now.
            self.history
                .rows_changed(splice.position.saturating_sub(1)..end + 1);
        }
    }

    /// Says new messages aloud, politely, while the chat is being looked at.
    fn announce(&self, added: std::ops::Range<usize>) {
        if !self.is_active || added.len() > 3 {
            return;
        }
        for row in added {
            if let Some(message) = self.source.message_in(row)
                && message.direction == Direction::Incoming
            {
                let other = self.source.other();
                let said =
                    notice::words(&message, &other).map_or(message.body, |words| words.whole());
                let text = format!("{other}: {said}");
                self.history
                    .announce(&text, gtk::AccessibleAnnouncementPriority::Medium);
            }
        }
    }
}
