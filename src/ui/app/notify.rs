//! Telling the desktop of new messages, and taking it back.
//!
//! Nothing is told of the chat that is being looked at. What is muted, or by a
//! stranger, the engine does not tell of in the first place.

use std::collections::BTreeSet;

use relm4::ComponentSender;

use super::App;
use super::message::{AppMsg, AppRead};
use crate::engine::api::Command;
use crate::engine::model::{ConversationId, ConversationRow, MessageId, MessageRow};
use crate::ui::notify::{Answer, Notifier, offer_actions, show_count};
use crate::ui::sidebar::SidebarMsg;

impl App {
    /// Makes what tells the desktop; its answers come back as messages.
    pub(super) fn notifier(sender: &ComponentSender<Self>) -> Notifier {
        let application = relm4::main_application();
        let input = sender.input_sender().clone();
        let answered = move |answer| {
            // The window may be closing.
            let _ = input.send(AppMsg::Answered(answer));
        };
        offer_actions(&application, answered.clone());
        Notifier::new(&application, answered)
    }

    /// Tells the desktop of new messages.
    pub(super) fn tell_desktop(
        &mut self,
        new: Vec<(ConversationId, MessageId)>,
        sender: &ComponentSender<Self>,
    ) {
        let looked_at = self.looked_at();
        let Some(parts) = &mut self.parts else { return };
        let mut chats = BTreeSet::new();
        for (chat, message) in new {
            if looked_at != Some(chat) {
                parts.notifier.add(chat, message);
                chats.insert(chat);
            }
        }
        for chat in chats {
            let messages = parts.notifier.messages(chat);
            let engine = parts.engine.clone();
            sender.oneshot_command(async move {
                let row = engine.conversation(chat).await;
                let messages = engine.messages(messages).await;
                AppRead::New(chat, row.and_then(|row| Ok((row, messages?))))
            });
        }
    }

    /// Shows what is new in a chat, now that it was read from the store.
    pub(super) fn show_new(
        &mut self,
        chat: ConversationId,
        row: Option<ConversationRow>,
        messages: &[MessageRow],
    ) {
        let shows_content = self.preferences.shows_content;
        let looked_at = self.looked_at();
        let Some(parts) = &mut self.parts else { return };
        match row.filter(|_| looked_at != Some(chat)) {
            Some(row) => parts.notifier.show(&row, messages, shows_content),
            None => parts.notifier.withdraw(chat),
        }
    }

    /// Takes back what was told of a chat that is read by now, or gone.
    pub(super) fn told_is(&mut self, chat: ConversationId, row: Option<ConversationRow>) {
        if row.is_none_or(|row| row.unread == 0)
            && let Some(parts) = &mut self.parts
        {
            parts.notifier.withdraw(chat);
        }
    }

    /// Looks which of the chats that the desktop was told of are read by now.
    pub(super) fn look_after_notifications(
        &self,
        changed: &BTreeSet<ConversationId>,
        is_all: bool,
        sender: &ComponentSender<Self>,
    ) {
        let Some(parts) = &self.parts else { return };
        for chat in parts.notifier.told() {
            if is_all || changed.contains(&chat) {
                let engine = parts.engine.clone();
                sender.oneshot_command(async move {
                    AppRead::Told(chat, engine.conversation(chat).await)
                });
            }
        }
    }

    /// Returns the chat that somebody looks at, if anybody does.
    fn looked_at(&self) -> Option<ConversationId> {
        let is_seen = self.is_active && (!self.is_narrow || self.shows_chat);
        self.open.as_ref().filter(|_| is_seen).map(|open| open.id)
    }

    /// Does what the user wants by a notification.
    pub(super) fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Open(chat) => {
                self.come_to_the_front();
                self.tell_list(SidebarMsg::OpenSoon(chat));
            }
            Answer::MarkRead(chat) => self.read_by_notification(chat),
            Answer::Send(chat, text) => {
                self.read_by_notification(chat);
                self.command(Command::SendText {
                    conversation: chat,
                    body: text,
                    reply_to: None,
                });
            }
        }
    }

    /// What the notification told of counts as read: somebody has read it there.
    fn read_by_notification(&mut self, chat: ConversationId) {
        let Some(parts) = &mut self.parts else { return };
        let newest = parts.notifier.messages(chat).last().copied();
        parts.notifier.withdraw(chat);
        if let Some(up_to) = newest {
            parts.engine.command(Command::MarkRead {
                conversation: chat,
                up_to,
            });
        }
    }

    /// Shows the number of unread messages where the desktop has a place for it.
    pub(super) fn unread_is(&mut self, unread: u32) {
        if std::mem::replace(&mut self.unread, unread) != unread {
            show_count(&relm4::main_application(), unread);
        }
    }
}
