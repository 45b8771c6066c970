//! What is written goes to the engine, or comes back.

use relm4::ComponentSender;

use super::purpose::Purpose;
use super::{Composer, ComposerOutput};
use crate::engine::api::Command;
use crate::engine::model::{ConversationId, MessageId};

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
        let purpose = self.purposes.end(conversation);
        self.show_purpose();
        match purpose {
            Purpose::Edit(edit) => {
                // The chat's draft is no part of it.
                self.show_text();
                let message = edit.message;
                if body != edit.body {
                    self.engine.command(Command::Correct { message, body });
                }
                return;
            }
            Purpose::Reply(quoted) => {
                self.send_text(conversation, body, is_plain, Some(quoted.message));
            }
            Purpose::New => self.send_text(conversation, body, is_plain, None),
        }
        self.drafts.sent(conversation);
        self.set_text("");
        // Nobody listens while the window closes.
        let _ = sender.output(ComposerOutput::Sent);
    }

    fn send_text(
        &self,
        conversation: ConversationId,
        body: String,
        is_plain: bool,
        reply_to: Option<MessageId>,
    ) {
        self.engine.command(if is_plain {
            Command::SendPlainText {
                conversation,
                body,
                reply_to,
            }
        } else {
            Command::SendText {
                conversation,
                body,
                reply_to,
            }
        });
    }

    /// Tells whether there is something to send, when that is news.
    pub(super) fn tell_has_text(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.had_text, self.has_text) != self.has_text {
            // Nobody listens while the window closes.
            let _ = sender.output(ComposerOutput::HasText(self.has_text));
        }
    }
}
