//! What one can do from a notification, as actions of the application.

use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use crate::engine::model::ConversationId;

/// Show the chat.
pub(super) const OPEN: &str = "app.open-chat";
/// Show the chat, ready to write.
pub(super) const REPLY: &str = "app.reply-to-chat";
/// Count its messages as read.
pub(super) const MARK_READ: &str = "app.mark-chat-read";

/// What the user did with a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Show the chat.
    Open(ConversationId),
    /// Its messages are read.
    MarkRead(ConversationId),
    /// Send this there; the messages are read.
    Send(ConversationId, String),
}

/// Gives the application the actions that notifications call; `answered` hears
/// what the user did.
pub fn offer_actions(
    application: &impl IsA<gio::ActionMap>,
    answered: impl Fn(Answer) + Clone + 'static,
) {
    for (name, wish) in [
        (OPEN, Answer::Open as fn(ConversationId) -> Answer),
        (REPLY, Answer::Open),
        (MARK_READ, Answer::MarkRead),
    ] {
        let name = name.strip_prefix("app.").unwrap_or(name);
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::INT64));
        let answered = answered.clone();
        action.connect_activate(move |_, chat| {
            if let Some(chat) = chat.and_then(|chat| chat.get::<i64>()) {
                answered(wish(ConversationId(chat)));
            }
        });
        application.add_action(&action);
    }
}
