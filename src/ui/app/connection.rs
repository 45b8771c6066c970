//! How the accounts are connected, and the banner that says so.

use relm4::ComponentSender;
use relm4::adw::prelude::*;

use super::message::AppRead;
use super::pages::show_toast;
use super::{App, AppWidgets, password};
use crate::engine::api::Command;
use crate::engine::error::StoreTrouble;
use crate::engine::model::{
    AccountId, ConnectionProblem, ConnectionState, PasswordTrouble, ServerLacks,
};
use crate::ui::conversation::ConversationMsg;
use crate::ui::conversation::banner::{self, Action};
use crate::ui::i18n::{fill, gettext};
use crate::ui::preferences::PreferencesMsg;
use crate::ui::security;
use crate::ui::sidebar::SidebarMsg;

impl App {
    pub(super) fn connection_changed(&mut self, account: AccountId, state: ConnectionState) {
        if !state.is_online()
            && self
                .connections
                .get(&account)
                .is_some_and(ConnectionState::is_online)
        {
            self.tell_list(SidebarMsg::Gone(account));
        }
        if state.is_online() {
            self.tell_list(SidebarMsg::Back(account));
        }
        if let ConnectionState::Stopped(problem @ ConnectionProblem::PasswordMissing(_)) = &state
            && let Some((parts, account)) = self.parts.as_ref().zip(self.account(account))
            && self.window.visible_dialog().is_none()
        {
            password::ask(&self.window, &parts.engine, account, problem);
        }
        // While it is being tried again, the banner stays and does not blink.
        let was_offline = self.connections.get(&account).is_some_and(|old| {
            matches!(
                old,
                ConnectionState::Waiting { .. }
                    | ConnectionState::Offline
                    | ConnectionState::Stopped(_)
            )
        });
        if state == ConnectionState::Connecting && was_offline {
            return;
        }
        self.connections.insert(account, state);
        self.tell_preferences(PreferencesMsg::Connections(self.connections.clone()));
        self.tell_online();
    }

    pub(super) fn tell_online(&self) {
        let state = self
            .open
            .as_ref()
            .and_then(|open| self.connections.get(&open.account));
        self.tell_chat(ConversationMsg::Online(
            state.is_some_and(ConnectionState::is_online),
        ));
        // Else it is tried already, or will be as soon as it can be.
        let may_fetch = state == Some(&ConnectionState::Online);
        self.tell_chat(ConversationMsg::MayFetch(may_fetch));
    }

    pub(super) fn answer_banner(&mut self, sender: &ComponentSender<Self>) {
        let (Some(parts), Some(banner)) = (&self.parts, &self.banner) else {
            return;
        };
        let id = banner.account;
        match (banner.action, self.connections.get(&id), self.account(id)) {
            (Action::EnterPassword, Some(ConnectionState::Stopped(problem)), Some(account)) => {
                password::ask(&self.window, &parts.engine, account, problem);
            }
            (Action::Security, _, Some(account)) => {
                let init = security::Init {
                    engine: parts.engine.clone(),
                    account: account.clone(),
                };
                self.security = Some(security::open(&self.window, init));
            }
            (Action::Devices, _, Some(_)) => self.show_own_devices(id, sender),
            (Action::Dismiss, _, _) => {
                let engine = parts.engine.clone();
                if let Some(lacks) = self.lacks.remove(&id) {
                    sender.oneshot_command(async move {
                        AppRead::Kept(engine.set_setting(&lacks_key(id), &lacks_code(lacks)).await)
                    });
                }
            }
            _ => parts.engine.command(Command::TryNow),
        }
        self.show_banner();
    }

    pub(super) fn show_banner(&mut self) {
        let trouble = self.store_trouble.map(banner::store);
        let banner = trouble
            .or_else(|| banner::banner(&self.accounts, &self.connections, &self.waiting))
            .or_else(|| banner::new_devices(&self.accounts, &self.new_devices))
            .or_else(|| banner::lacks(&self.accounts, &self.lacks));
        if banner != self.banner {
            self.banner.clone_from(&banner);
            self.tell_list(SidebarMsg::Banner(banner.clone()));
            self.tell_chat(ConversationMsg::Banner(banner));
        }
    }

    /// Asks about passwords that could not be kept, once their accounts are known.
    pub(super) fn ask_where_passwords_go(&mut self, widgets: &AppWidgets) {
        let Some(parts) = &self.parts else { return };
        for account in &self.accounts {
            let Some(trouble) = self.passwords.remove(&account.id) else {
                continue;
            };
            if trouble == PasswordTrouble::KeyringLocked {
                // Who left it locked knows why, and is asked at the next start.
                let sentence = gettext(
                    "The keyring stays locked. The password of {address} is known until Stonechat is closed.",
                );
                show_toast(widgets, &fill(&sentence, &[("address", &account.address)]));
            } else {
                password::ask_where_to_keep(&self.window, &parts.engine, account, trouble);
            }
        }
    }

    pub(super) fn engine_trouble(&self) -> Option<StoreTrouble> {
        self.parts.as_ref()?.engine.store_trouble()
    }

    pub(super) fn read_lacks(
        &mut self,
        account: AccountId,
        lacks: ServerLacks,
        sender: &ComponentSender<Self>,
    ) {
        self.lacks.remove(&account);
        let Some(parts) = self.parts.as_ref().filter(|_| lacks.is_anything()) else {
            return;
        };
        let engine = parts.engine.clone();
        sender.oneshot_command(async move {
            AppRead::Lacks(account, lacks, engine.setting(&lacks_key(account)).await)
        });
    }
}

/// The setting that holds what the user was told of a server.
fn lacks_key(account: AccountId) -> String {
    format!("told-server-lacks-{}", account.0)
}

pub(super) fn lacks_code(lacks: ServerLacks) -> String {
    format!("{lacks:?}")
}
