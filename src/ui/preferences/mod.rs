//! The preferences: a dialog with a list of pages, a search, and the pages.
//!
//! What is set goes up as a [`Setting`], takes effect at once and comes back
//! down as [`PreferencesMsg::Preferences`]; there is nothing to confirm. Changes
//! of an account are commands, and come back with the accounts.

mod account;
mod account_profile;
mod account_way;
mod accounts;
mod appearance;
mod blocked;
mod encryption;
mod find;
mod notifications;
mod others;
mod page;
mod privacy;
mod remove;
mod setting;
mod shell;

use std::collections::BTreeMap;

use relm4::adw::prelude::*;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, Sender, adw, gtk,
};

use self::account::AccountPage;
use self::accounts::AccountsPage;
use self::appearance::AppearancePage;
use self::encryption::EncryptionPage;
use self::find::{Entry, find};
use self::notifications::NotificationsPage;
use self::others::WritingPage;
use self::page::{Built, Page};
use self::privacy::PrivacyPage;
use self::setting::Setter;
pub use self::shell::Widgets;
use super::i18n::gettext;
use crate::engine::api::{Command, Engine};
use crate::engine::model::{Account, AccountId, Blocked, ConnectionState, Preferences, Setting};
use crate::ui::encryption::devices::{self, Devices, DevicesOutput};
use crate::ui::format;
use crate::ui::security::{self, Security};

/// What the dialog begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The user's accounts.
    pub accounts: Vec<Account>,
    /// How they are connected.
    pub connections: BTreeMap<AccountId, ConnectionState>,
    /// What is set.
    pub preferences: Preferences,
}

/// The dialog's state.
pub struct PreferencesDialog {
    engine: Engine,
    input: Sender<PreferencesMsg>,
    accounts: Vec<Account>,
    connections: BTreeMap<AccountId, ConnectionState>,
    preferences: Preferences,
    setter: Setter,
    pages: Pages,
    entries: Vec<Entry>,
    /// Places in `entries`, in the order of the list.
    found: Vec<usize>,
    shown: Page,
    account: Option<AccountPage>,
    security: Option<Controller<Security>>,
    devices: Option<Controller<Devices>>,
}

/// What stands on the pages and changes.
struct Pages {
    accounts: AccountsPage,
    appearance: AppearancePage,
    notifications: NotificationsPage,
    privacy: PrivacyPage,
    encryption: EncryptionPage,
    writing: WritingPage,
    widgets: BTreeMap<u8, adw::NavigationPage>,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum PreferencesMsg {
    /// The accounts are these.
    Accounts(Vec<Account>),
    /// They are connected like this.
    Connections(BTreeMap<AccountId, ConnectionState>),
    /// This is set.
    Preferences(Preferences),
    /// A second passed.
    Tick,
    /// Show a page.
    Show(Page),
    /// The search field holds this.
    Search(String),
    /// Enter in the search field, or a click: show what was found.
    Found(usize),
    /// A switch was moved, or something chosen.
    Set(Setting),
    /// Sign in to another account.
    Add,
    /// Switch an account on or off.
    Enable(AccountId, bool),
    /// Show the page of an account.
    ShowAccount(AccountId),
    /// Show what protects an account.
    ShowSecurity(AccountId),
    /// Show the devices of an account.
    ShowDevices(AccountId),
    /// Compare the keys of an account's own devices.
    VerifyOwn(AccountId),
    /// Encrypt the chats of an account unless something else is chosen, or not.
    EncryptByDefault(AccountId, bool),
    /// These are blocked.
    Blocked(Vec<Blocked>),
    /// Let somebody in again.
    Unblock(Blocked),
    /// Show the XML console.
    Console,
    /// A page was left.
    Popped(adw::NavigationPage),
    /// Call an account so.
    Label(AccountId, String),
    /// Mark an account with this colour.
    Colour(AccountId, u8),
    /// Find an account's server here.
    Server(AccountId, Option<String>, Option<u16>),
    /// An account goes through this proxy; empty: none.
    Proxy(AccountId, String),
    /// An account's server must have this key; empty: any certified one.
    PinnedKey(AccountId, String),
    /// An account signs in with this file; empty: none.
    ClientCertificate(AccountId, String),
}

/// What the dialog tells.
#[derive(Debug)]
pub enum PreferencesOutput {
    /// The user set this.
    Set(Setting),
    /// Sign in to another account.
    Add,
    /// Show the XML console.
    Console,
    /// Compare the keys of an account's own devices.
    VerifyOwn(AccountId),
}

impl Component for PreferencesDialog {
    type Init = Init;
    type Input = PreferencesMsg;
    type Output = PreferencesOutput;
    type CommandOutput = ();
    type Root = adw::Dialog;
    type Widgets = Widgets;

    fn init_root() -> adw::Dialog {
        adw::Dialog::builder()
            .title(gettext("Preferences"))
            .content_width(760)
            .content_height(600)
            .width_request(280)
            .height_request(200)
            .build()
    }

    fn init(init: Init, root: adw::Dialog, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let input = sender.input_sender();
        let setter = Setter::new(input);
        let (accounts, accounts_page) = AccountsPage::new(input, &setter);
        let (appearance, appearance_page) = AppearancePage::new(&setter);
        let (notifications, notifications_page) = NotificationsPage::new(&setter);
        let (privacy, privacy_page) = PrivacyPage::new(&setter);
        let (encryption, encryption_page) = EncryptionPage::new();
        let (writing, writing_page) = WritingPage::new(&setter);
        let built = [
            accounts_page,
            appearance_page,
            notifications_page,
            privacy_page,
            encryption_page,
            writing_page,
            others::advanced(&crate::ui::data_folder(), input),
        ];
        let mut widgets_of_pages = BTreeMap::new();
        let mut entries = Vec::new();
        for (
            page,
            Built {
                page: widget,
                entries: found,
            },
        ) in Page::ALL.into_iter().zip(built)
        {
            widgets_of_pages.insert(page as u8, widget);
            entries.extend(found);
        }
        let mut model = Self {
            engine: init.engine,
            input: input.clone(),
            accounts: init.accounts,
            connections: init.connections,
            preferences: init.preferences,
            setter,
            pages: Pages {
                accounts,
                appearance,
                notifications,
                privacy,
                encryption,
                writing,
                widgets: widgets_of_pages,
            },
            entries,
            found: Vec::new(),
            shown: Page::Accounts,
            account: None,
            security: None,
            devices: None,
        };
        let widgets = shell::build(&root, input);
        model.show_preferences();
        model.show_accounts();
        model.show_page(&widgets, Page::Accounts);
        shell::tick(&root, input);
        model.read_blocked(input);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Widgets,
        message: PreferencesMsg,
        sender: ComponentSender<Self>,
        root: &adw::Dialog,
    ) {
        match message {
            PreferencesMsg::Accounts(accounts) => {
                self.accounts = accounts;
                self.show_accounts();
                if let Some(page) = &self.account
                    && self.account(page.id).is_none()
                {
                    self.show_page(widgets, self.shown);
                }
            }
            PreferencesMsg::Connections(connections) => {
                self.connections = connections;
                self.show_accounts();
            }
            PreferencesMsg::Preferences(preferences) => {
                self.preferences = preferences;
                self.show_preferences();
            }
            PreferencesMsg::Tick => {
                let waits =
                    |state: &ConnectionState| matches!(state, ConnectionState::Waiting { .. });
                if self.connections.values().any(waits) {
                    self.show_accounts();
                }
            }
            PreferencesMsg::Show(page) => {
                self.show_page(widgets, page);
                widgets.split.set_show_content(true);
            }
            PreferencesMsg::Search(typed) => self.search(widgets, &typed),
            PreferencesMsg::Found(place) => self.show_found(widgets, place),
            PreferencesMsg::Set(setting) => {
                let old = self.preferences.clone();
                setting.apply(&mut self.preferences);
                if self.preferences != old {
                    // Nobody listens while the window closes.
                    let _ = sender.output(PreferencesOutput::Set(setting));
                }
            }
            PreferencesMsg::Add => {
                root.close();
                let _ = sender.output(PreferencesOutput::Add);
            }
            PreferencesMsg::Enable(account, is_enabled) => {
                let known = self.accounts.iter_mut().find(|known| known.id == account);
                // What is only shown was known before.
                if let Some(known) = known.filter(|known| known.is_enabled != is_enabled) {
                    known.is_enabled = is_enabled;
                    self.engine.command(Command::EnableAccount {
                        account,
                        is_enabled,
                    });
                }
            }
            PreferencesMsg::ShowAccount(id) => {
                if let Some(account) = self.account(id).cloned() {
                    let page = AccountPage::new(&account, &self.engine, sender.input_sender());
                    widgets.view.push(&page.page);
                    self.account = Some(page);
                    self.show_accounts();
                }
            }
            PreferencesMsg::Console => {
                root.close();
                let _ = sender.output(PreferencesOutput::Console);
            }
            PreferencesMsg::ShowSecurity(id) => {
                if let Some(account) = self.account(id).cloned() {
                    let engine = self.engine.clone();
                    let security = Security::builder()
                        .launch(security::Init { engine, account })
                        .detach();
                    widgets.view.push(security.widget());
                    self.security = Some(security);
                }
            }
            PreferencesMsg::ShowDevices(id) => self.show_devices(id, widgets, &sender),
            PreferencesMsg::VerifyOwn(id) => {
                // Nobody listens while the window closes.
                let _ = sender.output(PreferencesOutput::VerifyOwn(id));
            }
            PreferencesMsg::EncryptByDefault(account, is_on) => {
                let known = self.accounts.iter_mut().find(|known| known.id == account);
                // What is only shown was known before.
                if let Some(known) = known.filter(|known| known.encrypts_by_default != is_on) {
                    known.encrypts_by_default = is_on;
                    self.engine
                        .command(Command::EncryptByDefault { account, is_on });
                }
            }
            PreferencesMsg::Popped(page) => {
                let is = |known: &adw::NavigationPage| *known == page;
                if self
                    .security
                    .as_ref()
                    .is_some_and(|security| is(security.widget()))
                {
                    self.security = None;
                } else if self
                    .devices
                    .as_ref()
                    .is_some_and(|devices| is(devices.widget()))
                {
                    self.devices = None;
                } else if self
                    .account
                    .as_ref()
                    .is_some_and(|account| is(&account.page))
                {
                    self.account = None;
                }
            }
            PreferencesMsg::Blocked(blocked) => {
                let (accounts, input) = (&self.accounts, &self.input);
                self.pages.privacy.blocked.show(&blocked, accounts, input);
            }
            PreferencesMsg::Unblock(Blocked { account, address }) => {
                self.engine.command(Command::Unblock { account, address });
            }
            PreferencesMsg::Label(id, label) => self.edit(id, |account| account.label = label),
            PreferencesMsg::Colour(id, colour) => {
                self.edit(id, |account| account.colour = colour);
            }
            PreferencesMsg::Server(id, host, port) => {
                self.edit(id, |account| (account.host, account.port) = (host, port));
            }
            PreferencesMsg::Proxy(id, proxy) => self.edit(id, |account| account.proxy = proxy),
            PreferencesMsg::PinnedKey(id, key) => self.edit(id, |account| account.pinned_key = key),
            PreferencesMsg::ClientCertificate(id, path) => {
                self.edit(id, |account| account.client_certificate = path);
            }
        }
    }
}

impl PreferencesDialog {
    /// Reads who is blocked; changes come from the window.
    fn read_blocked(&self, input: &Sender<PreferencesMsg>) {
        let (engine, input) = (self.engine.clone(), input.clone());
        relm4::spawn_local(async move {
            match engine.blocked().await {
                // The dialog may be closed by now.
                Ok(blocked) => drop(input.send(PreferencesMsg::Blocked(blocked))),
                Err(error) => tracing::warn!(%error, "who is blocked cannot be read"),
            }
        });
    }

    fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn show_devices(&mut self, id: AccountId, widgets: &Widgets, sender: &ComponentSender<Self>) {
        let Some(account) = self.account(id).cloned() else {
            return;
        };
        let init = devices::Init {
            engine: self.engine.clone(),
            account: id,
            name: account.address.clone(),
            address: account.address,
            is_own: true,
        };
        let page = Devices::builder()
            .launch(init)
            .forward(sender.input_sender(), move |DevicesOutput::Verify| {
                PreferencesMsg::VerifyOwn(id)
            });
        widgets.view.push(page.widget());
        self.devices = Some(page);
    }

    /// Changes an account; what stays as it was is not told to the engine.
    fn edit(&mut self, id: AccountId, change: impl FnOnce(&mut Account)) {
        let Some(account) = self.accounts.iter_mut().find(|account| account.id == id) else {
            return;
        };
        let old = account.clone();
        change(account);
        if *account == old {
            return;
        }
        let account = account.clone();
        self.engine.command(Command::EditAccount {
            account: id,
            edit: account.unchanged(),
        });
    }

    fn show_accounts(&mut self) {
        let now = format::now().to_unix() * 1000;
        self.pages
            .accounts
            .show(&self.accounts, &self.connections, now);
        self.pages.encryption.show(&self.accounts, &self.input);
        self.setter.while_showing(|| {
            self.pages
                .accounts
                .show_write_from(&self.accounts, &self.preferences);
        });
        if let Some(page) = &self.account
            && let Some(account) = self.account(page.id)
        {
            let words = accounts::words(account, self.connections.get(&account.id), now);
            let state = self.connections.get(&account.id);
            let is_online = state.is_some_and(ConnectionState::is_online);
            page.show(account, &words, is_online);
        }
    }

    fn show_preferences(&self) {
        let (pages, preferences) = (&self.pages, &self.preferences);
        self.setter.while_showing(|| {
            pages.appearance.show(preferences);
            pages.notifications.show(preferences);
            pages.privacy.show(preferences);
            pages.writing.show(preferences);
            pages.accounts.show_write_from(&self.accounts, preferences);
        });
    }

    fn show_page(&mut self, widgets: &Widgets, page: Page) {
        if let Some(row) = widgets.list.row_at_index(page as i32) {
            widgets.list.select_row(Some(&row));
        }
        self.shown = page;
        self.account = None;
        self.security = None;
        self.devices = None;
        widgets.content.set_title(&page.title());
        if let Some(widget) = self.pages.widgets.get(&(page as u8)) {
            widgets.view.replace(std::slice::from_ref(widget));
        }
    }

    fn search(&mut self, widgets: &Widgets, typed: &str) {
        if typed.trim().is_empty() {
            self.found.clear();
            widgets.stack.set_visible_child_name("pages");
            return;
        }
        self.found = find(
            typed,
            self.entries.iter().map(|entry| {
                (
                    entry.title.as_str(),
                    entry.words.as_str(),
                    entry.page.title(),
                )
            }),
        );
        // What is not shown cannot be gone to.
        let has_several = self.accounts.len() > 1;
        self.found
            .retain(|place| has_several || !self.entries[*place].widget.is::<adw::ComboRow>());
        while let Some(row) = widgets.results.row_at_index(0) {
            widgets.results.remove(&row);
        }
        for place in &self.found {
            let entry = &self.entries[*place];
            widgets
                .results
                .append(&shell::result_row(&entry.title, &entry.page.title()));
        }
        widgets
            .stack
            .set_visible_child_name(if self.found.is_empty() {
                "nothing"
            } else {
                "found"
            });
    }

    fn show_found(&mut self, widgets: &Widgets, place: usize) {
        let Some(entry) = self
            .found
            .get(place)
            .and_then(|place| self.entries.get(*place))
            .cloned()
        else {
            return;
        };
        self.show_page(widgets, entry.page);
        widgets.split.set_show_content(true);
        // A group has no keyboard of its own: its first row takes it.
        if !entry.widget.grab_focus() {
            entry.widget.child_focus(gtk::DirectionType::TabForward);
        }
    }
}
