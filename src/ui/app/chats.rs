//! What the user wishes for a chat as a whole: details, mute, delete.

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Component, ComponentController, ComponentSender};
use tokio::sync::oneshot;

use super::message::AppMsg;
use super::{App, AppWidgets};
use crate::engine::api::Command;
use crate::engine::model::{ConversationId, ConversationRow};
use crate::ui::conversation::ConversationMsg;
use crate::ui::conversation::chat_menu::{ChatWish, now};
use crate::ui::details::{self, Details, DetailsMsg, DetailsOutput};
use crate::ui::i18n::{fill, gettext};
use crate::ui::sidebar::SidebarMsg;
use crate::ui::widgets::question::dangerous;

impl App {
    pub(super) fn wish(
        &mut self,
        wish: ChatWish,
        row: ConversationRow,
        sender: &ComponentSender<Self>,
    ) {
        match wish {
            ChatWish::Details => self.show_details(row, sender),
            ChatWish::Mute(mute) => self.command(Command::Mute {
                conversation: row.id,
                until: mute.until(now()),
            }),
            ChatWish::Delete => self.ask_to_delete(&row, sender),
            ChatWish::Block => {
                self.ask_to_block(row.account, &row.address, &row.name, false, sender);
            }
            ChatWish::Set(setting) => self.command(Command::SetChat {
                conversation: row.id,
                setting,
            }),
            ChatWish::Export => self.export(row, sender.input_sender()),
            ChatWish::Devices => {
                self.show_devices(row.account, row.address, row.name, sender);
            }
            ChatWish::OwnDevices => self.show_own_devices(row.account, sender),
            ChatWish::Verify => self.verify(row.account, row.address, row.name),
        }
    }

    fn show_details(&mut self, row: ConversationRow, sender: &ComponentSender<Self>) {
        // What is behind a dialog is out of reach.
        let Some(parts) = &self.parts else { return };
        if self.window.visible_dialog().is_some() {
            return;
        }
        let init = details::Init {
            engine: parts.engine.clone(),
            account: self
                .account(row.account)
                .filter(|_| self.accounts.len() > 1)
                .cloned(),
            row,
        };
        let details = Details::builder()
            .launch(init)
            .forward(sender.input_sender(), |output| match output {
                DetailsOutput::Wish(wish, row) => AppMsg::Wish(wish, row),
            });
        details.widget().present(Some(&self.window));
        self.details = Some(details);
    }

    fn ask_to_delete(&self, row: &ConversationRow, sender: &ComponentSender<Self>) {
        let title = fill(
            // Translators: name is a contact's name.
            &gettext("Delete the chat with {name}?"),
            &[("name", &row.name)],
        );
        let text = gettext(
            "Its messages are removed from this computer, also those that wait to be sent and what you have begun to write. Your server, your other devices and the other person keep theirs.",
        );
        let question = dangerous(&title, &text, "delete", &gettext("_Delete"));
        let (input, id) = (sender.input_sender().clone(), row.id);
        question.connect_response(Some("delete"), move |_, _| input.emit(AppMsg::Delete(id)));
        question.present(Some(&self.window));
    }

    /// Deletes a chat after the question; then nothing is chosen in the list.
    pub(super) fn delete(&mut self, id: ConversationId, widgets: &AppWidgets) {
        if let Some(details) = self.details.take() {
            details.widget().close();
        }
        let (forgetting, forgotten) = oneshot::channel();
        self.tell_chat(ConversationMsg::Forget(id, forgetting));
        if self.open.as_ref().is_some_and(|open| open.id == id) {
            self.close_chat(widgets);
        }
        if let Some(parts) = &self.parts {
            let engine = parts.engine.clone();
            glib::spawn_future_local(async move {
                // Not earlier, or what is written would be kept once more.
                // Without an answer there is nobody who has a draft.
                let _ = forgotten.await;
                engine.command(Command::DeleteChat(id));
            });
        }
        self.tell_list(SidebarMsg::Focus);
    }

    /// Tells the details, when they are shown.
    pub(super) fn tell_details(&self, message: DetailsMsg) {
        if let Some(details) = &self.details {
            // Closed, but not taken away yet.
            let _ = details.sender().send(message);
        }
    }

    pub(super) fn command(&self, command: Command) {
        if let Some(parts) = &self.parts {
            parts.engine.command(command);
        }
    }
}
