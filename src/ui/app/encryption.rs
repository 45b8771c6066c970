//! The pages about encryption over the window: devices, the details of a
//! message, the news that this device has other keys.

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentSender};

use super::message::{AppMsg, AppRead};
use super::pages::show_toast;
use super::{App, AppWidgets};
use crate::engine::api::Command;
use crate::engine::model::{AccountId, ConversationRow, MessageRow};
use crate::ui::encryption::devices::{self, DevicesOutput};
use crate::ui::encryption::identity;
use crate::ui::encryption::message_details::{self, MessageDetails};

impl App {
    /// Shows the devices of somebody, or of the account itself.
    pub(super) fn show_devices(
        &mut self,
        account: AccountId,
        address: String,
        name: String,
        sender: &ComponentSender<Self>,
    ) {
        let Some(parts) = &self.parts else { return };
        // What is behind a dialog is out of reach.
        if self.window.visible_dialog().is_some() {
            return;
        }
        let init = devices::Init {
            engine: parts.engine.clone(),
            account,
            is_own: address == self.own_address(account),
            address: address.clone(),
            name: name.clone(),
        };
        let input = sender.input_sender().clone();
        let page = devices::open(&self.window, init, move |DevicesOutput::Verify| {
            input.emit(AppMsg::Verify {
                account,
                address: address.clone(),
                name: name.clone(),
            });
        });
        self.devices = Some(page);
    }

    /// Shows the devices of an account itself.
    pub(super) fn show_own_devices(&mut self, account: AccountId, sender: &ComponentSender<Self>) {
        if self.window.visible_dialog().is_some() {
            return;
        }
        let address = self.own_address(account);
        self.show_devices(account, address.clone(), address.clone(), sender);
        if let Some(parts) = &self.parts {
            // All of them stand there.
            let seen = Command::SeenNewDevices { account, address };
            parts.engine.command(seen);
        }
    }

    /// Shows what protected a message of a chat.
    pub(super) fn show_message_details(&mut self, message: MessageRow, row: ConversationRow) {
        let Some(parts) = &self.parts else { return };
        if self.window.visible_dialog().is_some() {
            return;
        }
        let init = message_details::Init {
            engine: parts.engine.clone(),
            message,
            account: row.account,
            own_address: self.own_address(row.account),
            address: row.address,
            name: row.name,
        };
        let details = MessageDetails::builder().launch(init).detach();
        details.widget().present(Some(&self.window));
        self.message_details = Some(details);
    }

    /// Says which accounts have new keys here, once it is known what they are
    /// called.
    pub(super) fn tell_new_identities(&mut self, widgets: &AppWidgets) {
        if !self.has_read_accounts {
            return;
        }
        for (account, why) in std::mem::take(&mut self.identities) {
            match identity::in_passing(why) {
                Some(text) => show_toast(widgets, &text),
                None => identity::tell_copied(&self.window, &self.own_address(account)),
            }
        }
    }

    /// Reads whether devices were added to the user's accounts.
    pub(super) fn read_new_devices(&self, sender: &ComponentSender<Self>) {
        if let Some(parts) = &self.parts {
            let engine = parts.engine.clone();
            sender.oneshot_command(
                async move { AppRead::NewDevices(engine.new_own_devices().await) },
            );
        }
    }

    pub(super) fn own_address(&self, account: AccountId) -> String {
        self.account(account)
            .map_or_else(String::new, |account| account.address.clone())
    }
}
