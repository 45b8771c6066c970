//! Searching, as far as the whole window has to do with it.

use relm4::ComponentSender;

use super::message::AppMsg;
use super::{App, AppWidgets};
use crate::engine::api::Command;
use crate::engine::model::{ChatSetting, ConversationRow, MessageId};
use crate::engine::text::Term;
use crate::ui::conversation::{ConversationMsg, Find};

impl App {
    /// Begins a search in the open chat; without one, in all chats.
    pub(super) fn search(&self, sender: &ComponentSender<Self>) {
        if self.open.is_some() && (!self.is_narrow || self.shows_chat) {
            self.tell_chat(ConversationMsg::Find(Find::Here));
        } else {
            sender.input(AppMsg::SearchChats);
        }
    }

    /// Shows a message that a search in all chats found. In a narrow window the
    /// search goes on in the chat, as the list is out of sight.
    pub(super) fn show_hit(
        &mut self,
        row: ConversationRow,
        message: MessageId,
        (wanted, typed): (Vec<Term>, String),
        widgets: &AppWidgets,
    ) {
        if self.open.as_ref().is_none_or(|open| open.id != row.id) {
            self.show_chat(row, widgets);
        }
        self.tell_chat(ConversationMsg::Find(if self.is_narrow {
            Find::HereAt(typed, message)
        } else {
            Find::Everywhere(wanted, message)
        }));
    }

    /// The user came back to a chat that was marked as unread.
    pub(super) fn came_back_to(&self, row: &ConversationRow) {
        if row.is_marked_unread {
            self.command(Command::SetChat {
                conversation: row.id,
                setting: ChatSetting::MarkedUnread(false),
            });
        }
    }
}
