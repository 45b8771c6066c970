//! Between the chat and how it is encrypted: what the lock and its bar say,
//! and what they have to know.

use relm4::{ComponentController, ComponentSender};

use super::chat_menu::ChatWish;
use super::{ConversationMsg, ConversationOutput, ConversationView};
use crate::ui::composer::ComposerMsg;
use crate::ui::encryption::chat::{ChatEncryptionMsg, ChatEncryptionOutput, OpenChat};
use crate::ui::timeline::TimelineOutput;

impl ConversationView {
    /// The open chat as its encryption knows it.
    pub(super) fn open_chat(&self) -> Option<OpenChat> {
        let open = self.open.as_ref()?;
        let account = self
            .accounts
            .iter()
            .find(|account| account.id == open.account);
        Some(OpenChat {
            id: open.id,
            account: open.account,
            own_address: account.map_or_else(String::new, |account| account.address.clone()),
            address: open.address.clone(),
            name: open.name.clone(),
        })
    }

    pub(super) fn encryption_says(
        &mut self,
        said: ChatEncryptionOutput,
        sender: &ComponentSender<Self>,
    ) {
        let wish = match said {
            ChatEncryptionOutput::Blocked(is_blocked) => {
                self.tell_composer(ComposerMsg::Blocked(is_blocked));
                return;
            }
            ChatEncryptionOutput::Verified(is_verified) => {
                if std::mem::replace(&mut self.is_verified, is_verified) != is_verified {
                    self.show_header();
                }
                return;
            }
            ChatEncryptionOutput::SendPlain => {
                self.tell_composer(ComposerMsg::SendPlain);
                return;
            }
            ChatEncryptionOutput::Verify => ChatWish::Verify,
            ChatEncryptionOutput::Devices => ChatWish::Devices,
        };
        sender.input(ConversationMsg::Wish(wish));
    }

    pub(super) fn timeline_says(&self, said: TimelineOutput, sender: &ComponentSender<Self>) {
        let output = match said {
            TimelineOutput::Trouble(error) => ConversationOutput::Trouble(error),
            TimelineOutput::Devices { is_own } => {
                let wish = if is_own {
                    ChatWish::OwnDevices
                } else {
                    ChatWish::Devices
                };
                sender.input(ConversationMsg::Wish(wish));
                return;
            }
            TimelineOutput::Reply(quoted) => {
                self.tell_composer(ComposerMsg::Reply(quoted));
                return;
            }
            TimelineOutput::Edit(edit) => {
                self.tell_composer(ComposerMsg::Edit(edit));
                return;
            }
            TimelineOutput::Notice(words) => ConversationOutput::Notice(words),
            TimelineOutput::Details(message) => {
                let Some(open) = self.open.clone() else {
                    return;
                };
                ConversationOutput::MessageDetails(message, Box::new(open))
            }
        };
        // Nobody listens while the window closes.
        let _ = sender.output(output);
    }

    pub(super) fn tell_encryption(&self, message: ChatEncryptionMsg) {
        // While the window closes, a part may be gone before the whole.
        let _ = self.encryption.sender().send(message);
    }
}
