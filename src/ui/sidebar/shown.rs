//! Which chats are to be seen, and what the search field does.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::gtk::{self, prelude::*};
use relm4::{ComponentController, ComponentSender};

use super::item::ConversationItem;
use super::results::{ResultsMsg, ResultsOutput};
use super::{Sidebar, SidebarOutput, tell_opened};
use crate::engine::model::{ConversationId, ConversationRow};
use crate::engine::text::{Wanted, holds};
use crate::ui::i18n::{count, gettext};

/// Which chats are to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shows {
    /// Those whose name or address holds this.
    pub wanted: String,
    /// Those with something unread, and the open one.
    pub only_unread: bool,
    /// Also those that are put away.
    pub archived: bool,
    /// The open chat.
    pub open: Option<ConversationId>,
}

/// Where a search began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Before {
    /// The chat that was open.
    pub open: Option<ConversationId>,
}

impl Shows {
    fn shows(&self, row: &ConversationRow) -> bool {
        let wanted = self.wanted.trim();
        if !wanted.is_empty() {
            return holds(&row.name, wanted) || holds(&row.address, wanted);
        }
        let is_open = self.open == Some(row.id);
        (!self.only_unread || row.is_unread() || is_open)
            && (!row.is_archived || self.archived || is_open)
    }
}

/// Returns the filter of the list.
pub(super) fn filter(shows: &Rc<RefCell<Shows>>) -> gtk::CustomFilter {
    let shows = shows.clone();
    gtk::CustomFilter::new(move |item| {
        item.downcast_ref::<ConversationItem>()
            .is_some_and(|item| shows.borrow().shows(&item.line().row))
    })
}

impl Sidebar {
    /// Shows other chats.
    pub(super) fn show_others(&self, change: impl FnOnce(&mut Shows)) {
        change(&mut self.shows.borrow_mut());
        self.filter.changed(gtk::FilterChange::Different);
    }

    /// Looks for what the field holds, among names and messages.
    pub(super) fn look(&mut self, text: &str, sender: &ComponentSender<Self>) {
        self.show_others(|shows| text.clone_into(&mut shows.wanted));
        // The window may be closing.
        let _ = self
            .results
            .sender()
            .send(ResultsMsg::Look(text.to_owned()));
        if text.trim().is_empty() {
            if self.before.take().is_some() {
                tell(sender, SidebarOutput::SearchEnded);
            }
        } else if self.before.is_none() {
            self.before = Some(Before { open: self.open });
        }
    }

    /// Goes on among what is found: chats by name first, then messages.
    pub(super) fn walk(&self, step: isize, sender: &ComponentSender<Self>) {
        if self.before.is_none() {
            self.open_at(0, sender);
        } else if self.has_hits() && (self.shown.n_items() == 0 || self.open != self.first()) {
            let _ = self.results.sender().send(ResultsMsg::Step(step));
        } else if self.shown.n_items() > 0 {
            self.open_at(0, sender);
        }
    }

    fn first(&self) -> Option<ConversationId> {
        let item = self.shown.item(0).and_downcast::<ConversationItem>()?;
        Some(item.id())
    }

    /// Ends the search, and goes back to the chat that was open before it.
    pub(super) fn end_search(&mut self, sender: &ComponentSender<Self>) {
        let before = self.before.take();
        self.search.set_text("");
        let Some(Before { open: before }) = before else {
            return;
        };
        tell(sender, SidebarOutput::SearchEnded);
        if before == self.open {
            return;
        }
        match before.and_then(|id| self.all().into_iter().find(|item| item.id() == id)) {
            Some(item) => tell_opened(&item, sender),
            None => tell(sender, SidebarOutput::Left),
        }
    }

    pub(super) fn results_say(&mut self, output: ResultsOutput, sender: &ComponentSender<Self>) {
        match output {
            ResultsOutput::Hit {
                row,
                message,
                wanted,
            } => tell(
                sender,
                SidebarOutput::Hit {
                    row,
                    message,
                    wanted,
                    typed: self.search.text().into(),
                },
            ),
            // While it is being looked, what was found before stays in sight.
            ResultsOutput::Count(None) => {
                self.hits = self.hits.filter(|hits| *hits > 0);
            }
            ResultsOutput::Count(hits) => self.hits = hits,
            ResultsOutput::Trouble(error) => tell(sender, SidebarOutput::Trouble(error)),
        }
    }

    /// Returns whether messages are found.
    pub(super) fn has_hits(&self) -> bool {
        self.before.is_some() && self.hits.is_some_and(|hits| hits > 0)
    }

    /// Returns whether not all chats are to be seen.
    pub(super) fn is_narrowed(&self) -> bool {
        self.before.is_some() || self.shows.borrow().only_unread
    }

    /// Returns how many chats are put away.
    pub(super) fn archived(&self) -> usize {
        let all = self.all();
        all.iter()
            .filter(|item| item.line().row.is_archived)
            .count()
    }

    pub(super) fn archived_words(&self) -> String {
        let number = u32::try_from(self.archived()).unwrap_or(u32::MAX);
        if self.shows.borrow().archived {
            count(
                "Hide {count} archived chat",
                "Hide {count} archived chats",
                number,
            )
        } else {
            count("{count} archived chat", "{count} archived chats", number)
        }
    }

    /// Returns whether more may be found without the filters.
    pub(super) fn filters_narrow_it(&self) -> bool {
        self.before.is_some() && Wanted::without_filters(&self.search.text()).is_some()
    }

    pub(super) fn nothing_words(&self) -> String {
        if self.before.is_some() {
            gettext("No name, address or message holds this.")
        } else {
            gettext("Everything is read.")
        }
    }
}

fn tell(sender: &ComponentSender<Sidebar>, output: SidebarOutput) {
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}
