//! What is known of the other side of the open chat: how they are around, and
//! what they ask.

use relm4::ComponentSender;
use relm4::gtk::glib;

use super::{ConversationMsg, ConversationView};
use crate::engine::api::Command;
use crate::ui::widgets::account_mark::AccountMark;

impl ConversationView {
    /// Says whether the other side may see when the user is around.
    pub(super) fn answer(&self, may: bool) {
        if let Some(open) = &self.open {
            self.engine.command(if may {
                Command::AcceptRequest(open.id)
            } else {
                Command::DeclineRequests(vec![open.id])
            });
        }
    }

    /// Shows what is known of them, and what they ask.
    pub(super) fn show_header(&mut self) {
        self.asking.show(self.open.as_ref());
        if let Some(open) = &self.open {
            let account = AccountMark::of(&self.accounts, open.account);
            self.header
                .show(open, self.doing, self.is_verified, account.as_ref());
        }
    }

    /// Looks how the other side is around. How long ago they were there is
    /// another number in a minute.
    pub(super) fn read_presence(&mut self, sender: &ComponentSender<Self>) {
        if let Some(open) = &self.open {
            self.doing.around = self.engine.around(open.account, &open.address);
        }
        if let Some(minute) = self.minute.take() {
            minute.remove();
        }
        if self.doing.around.idle_since.is_some() {
            let input = sender.input_sender().clone();
            let minute = glib::timeout_add_seconds_local_once(60, move || {
                // The window may be closed by then.
                let _ = input.send(ConversationMsg::Minute);
            });
            self.minute = Some(minute);
        }
    }

    /// Reads the line of the chat anew.
    pub(super) fn read_line(&self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let (engine, id) = (self.engine.clone(), open.id);
        sender.oneshot_command(async move { (id, engine.conversation(id).await) });
    }
}
