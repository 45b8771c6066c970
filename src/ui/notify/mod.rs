//! Notifications of the desktop: one for each chat, taken back as soon as its
//! messages are read, here or on another device.
//!
//! The desktop calls back by actions of the application, which it may start for
//! that. `gio::Notification` finds the right way by itself; where a portal takes
//! an answer in the notification itself, `portal` is used instead.

mod actions;
mod count;
mod portal;
mod words;

use std::collections::BTreeMap;

use relm4::gtk::gio::{self, prelude::*};

pub use self::actions::{Answer, offer_actions};
pub use self::count::show_count;
use self::portal::Portal;
pub use self::words::{Said, said};
use crate::engine::model::{ConversationId, ConversationRow, MessageId, MessageRow};
use crate::ui::i18n::gettext;

/// How many messages of a chat are remembered to be said.
const MOST: usize = 3;

/// What the desktop was told of.
pub struct Notifier {
    application: gio::Application,
    portal: Option<Portal>,
    /// The newest messages of each chat that a notification tells of.
    told: BTreeMap<ConversationId, Vec<MessageId>>,
}

impl Notifier {
    /// Makes one that speaks for `application`. `answered` hears what is
    /// written into a notification itself.
    pub fn new(
        application: &impl IsA<gio::Application>,
        answered: impl Fn(Answer) + 'static,
    ) -> Self {
        let application = application.clone().upcast();
        Self {
            portal: Portal::find(&application, answered),
            application,
            told: BTreeMap::new(),
        }
    }

    /// Takes note of a message that is worth telling.
    pub fn add(&mut self, chat: ConversationId, message: MessageId) {
        let messages = self.told.entry(chat).or_default();
        messages.push(message);
        if messages.len() > MOST {
            messages.remove(0);
        }
    }

    /// Returns the newest messages of a chat that a notification tells of.
    pub fn messages(&self, chat: ConversationId) -> Vec<MessageId> {
        self.told.get(&chat).cloned().unwrap_or_default()
    }

    /// Returns the chats that a notification tells of.
    pub fn told(&self) -> impl Iterator<Item = ConversationId> {
        self.told.keys().copied()
    }

    /// Shows what is new in a chat; takes it back when nothing is.
    pub fn show(&mut self, chat: &ConversationRow, messages: &[MessageRow], shows_content: bool) {
        if chat.unread == 0 || chat.is_request || messages.is_empty() {
            self.withdraw(chat.id);
            return;
        }
        // Without a bus there is nobody to tell.
        if self.application.dbus_connection().is_none() {
            return;
        }
        let said = said(chat, messages, shows_content);
        match &self.portal {
            Some(portal) if portal.takes_answers() => portal.show(chat.id, &said),
            _ => self.send(chat.id, &said),
        }
    }

    /// Takes back what was told of a chat.
    pub fn withdraw(&mut self, chat: ConversationId) {
        if self.told.remove(&chat).is_none() || self.application.dbus_connection().is_none() {
            return;
        }
        match &self.portal {
            Some(portal) if portal.takes_answers() => portal.withdraw(chat),
            _ => self.application.withdraw_notification(&name(chat)),
        }
    }

    fn send(&self, chat: ConversationId, said: &Said) {
        let notification = gio::Notification::new(&said.title);
        if !said.body.is_empty() {
            notification.set_body(Some(&said.body));
        }
        let target = chat.0.to_variant();
        notification.set_default_action_and_target_value(actions::OPEN, Some(&target));
        notification.add_button_with_target_value(&gettext("Reply"), actions::REPLY, Some(&target));
        notification.add_button_with_target_value(
            &gettext("Mark as Read"),
            actions::MARK_READ,
            Some(&target),
        );
        self.application
            .send_notification(Some(&name(chat)), &notification);
    }
}

/// What the desktop knows a chat's notification by.
fn name(chat: ConversationId) -> String {
    format!("chat-{}", chat.0)
}
