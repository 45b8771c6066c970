//! What is written goes to the engine, or comes back.

use relm4::ComponentSender;

use super::{Composer, ComposerOutput};
use crate::engine::api::Command;
use crate::engine::model::ConversationId;

impl Composer {
    /// Sends what is written, or keeps it where it is and says why.
    pub(super) fn send(&mut self, sender: &ComponentSender<Self>) {
        if self.is_blocked && self.has_text {
            // Nobody listens while the window closes.
            let _ = sender.output(ComposerOutput::Stopped);
            return;
        }
        self.hand_over(false, sender);
    }

    /// Hands what is written to the engine. `is_plain`: the user was asked, and
    /// this once it may leave without encryption.
    pub(super) fn hand_over(&mut self, is_plain: bool, sender: &ComponentSender<Self>) {
        let (Some(conversation), body) = (self.open, self.text()) else {
            return;
        };
        if body.trim().is_empty() {
            return;
        }
        self.end_typing();
        self.engine.command(if is_plain {
            Command::SendPlainText {
                conversation,
                body,
                reply_to: None,
            }
        } else {
            Command::SendText {
                conversation,
                body,
                reply_to: None,
            }
        });
        self.drafts.sent(conversation);
        self.set_text("");
        // Nobody listens while the window closes.
        let _ = sender.output(ComposerOutput::Sent);
    }

    /// Tells whether there is something to send, when that is news.
    pub(super) fn tell_has_text(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.had_text, self.has_text) != self.has_text {
            // Nobody listens while the window closes.
            let _ = sender.output(ComposerOutput::HasText(self.has_text));
        }
    }

    /// Puts a text back that was not sent, above what was written since.
    pub(super) fn give_back(&mut self, chat: ConversationId, mut text: String) {
        self.note();
        let since = self.drafts.of(chat).unwrap_or_default();
        if !since.trim().is_empty() {
            text.push('\n');
            text.push_str(since);
        }
        self.drafts.written(chat, text.clone());
        if self.open == Some(chat) {
            self.set_text(&text);
        }
    }
}
