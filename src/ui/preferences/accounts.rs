//! The page with all accounts: who they are, how they are connected, a switch
//! for each, and which one a new chat begins with.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Sender, adw, gtk};

use super::PreferencesMsg;
use super::page::{Builder, Built, Page, as_title};
use super::setting::Setter;
use crate::engine::model::{
    Account, AccountId, ConnectionProblem, ConnectionState, Preferences, Setting, Timestamp,
};
use crate::ui::errors;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::widgets::way::leads_on;
use crate::ui::widgets::{account_mark, avatar};

/// The page's widgets.
pub struct AccountsPage {
    group: adw::PreferencesGroup,
    rows: Vec<Row>,
    write_from: adw::ComboRow,
    new_chats: adw::PreferencesGroup,
    ids: Rc<RefCell<Vec<AccountId>>>,
    names: RefCell<Vec<String>>,
    input: Sender<PreferencesMsg>,
}

struct Row {
    id: AccountId,
    widget: adw::ActionRow,
    avatar: adw::Avatar,
    dot: gtk::Box,
    switch: gtk::Switch,
}

impl AccountsPage {
    /// Builds the page.
    pub fn new(input: &Sender<PreferencesMsg>, setter: &Setter) -> (Self, Built) {
        let mut page = Builder::new(Page::Accounts);
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Accounts"))
            .build();
        let add = gtk::Button::builder()
            .child(
                &adw::ButtonContent::builder()
                    .icon_name("list-add-symbolic")
                    .label(gettext("Add"))
                    .build(),
            )
            .tooltip_text(gettext("Add another account"))
            .css_classes(["flat"])
            .valign(gtk::Align::Center)
            .build();
        let sender = input.clone();
        add.connect_clicked(move |_| sender.emit(PreferencesMsg::Add));
        group.set_header_suffix(Some(&add));
        page.add(&group);
        page.findable(
            gettext("Add an Account"),
            gettext("Sign in, another address"),
            &add,
        );
        page.findable(
            gettext("Your Accounts"),
            gettext("Server, host, port, label, colour, password, switch off, remove an account"),
            &group,
        );

        let new_chats = adw::PreferencesGroup::builder()
            .title(gettext("New Chats"))
            .build();
        let write_from = adw::ComboRow::builder()
            .title(gettext("Write From"))
            .subtitle(gettext("When a chat could use several accounts"))
            .title_lines(0)
            .subtitle_lines(0)
            .build();
        new_chats.add(&write_from);
        page.add(&new_chats);
        page.findable_row(&write_from);
        let ids = Rc::new(RefCell::new(Vec::<AccountId>::new()));
        let (setter, known) = (setter.clone(), ids.clone());
        write_from.connect_selected_notify(move |row| {
            if let Some(id) = known.borrow().get(row.selected() as usize) {
                setter.set(Setting::WriteFrom(*id));
            }
        });
        let accounts = Self {
            group,
            rows: Vec::new(),
            write_from,
            new_chats,
            ids,
            names: RefCell::default(),
            input: input.clone(),
        };
        (accounts, page.build())
    }

    /// Shows the accounts; lines that stay keep their widget.
    pub fn show(
        &mut self,
        accounts: &[Account],
        connections: &BTreeMap<AccountId, ConnectionState>,
        now: Timestamp,
    ) {
        let is_same = self.rows.len() == accounts.len()
            && self
                .rows
                .iter()
                .zip(accounts)
                .all(|(row, account)| row.id == account.id);
        if !is_same {
            for row in self.rows.drain(..) {
                self.group.remove(&row.widget);
            }
            for account in accounts {
                let row = row(account, &self.input);
                self.group.add(&row.widget);
                self.rows.push(row);
            }
        }
        for (row, account) in self.rows.iter().zip(accounts) {
            row.show(account, connections.get(&account.id), now);
        }
        let hint = if accounts.is_empty() {
            Some(gettext("There is no account yet."))
        } else {
            None
        };
        self.group.set_description(hint.as_deref());
    }

    /// Shows with which account a new chat begins.
    pub fn show_write_from(&self, accounts: &[Account], preferences: &Preferences) {
        self.new_chats.set_visible(accounts.len() > 1);
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        let chosen = preferences
            .write_from
            .and_then(|wanted| ids.iter().position(|id| *id == wanted))
            .unwrap_or(0);
        let names: Vec<String> = accounts
            .iter()
            .map(|account| account_mark::name(account).to_owned())
            .collect();
        // A list that is open keeps its place while nothing changed.
        if *self.ids.borrow() != ids || *self.names.borrow() != names {
            let model: Vec<&str> = names.iter().map(String::as_str).collect();
            self.write_from
                .set_model(Some(&gtk::StringList::new(&model)));
            self.ids.replace(ids);
            self.names.replace(names);
        }
        self.write_from.set_selected(chosen as u32);
    }
}

impl Row {
    fn show(&self, account: &Account, state: Option<&ConnectionState>, now: Timestamp) {
        let name = account_mark::name(account);
        avatar::show(&self.avatar, name, &account.address, &account.picture);
        account_mark::show_dot(&self.dot, account.colour);
        self.dot.set_visible(account.colour != 0);
        let words = words(account, state, now);
        let below = if account.label.is_empty() {
            words
        } else {
            format!("{} · {words}", account.address)
        };
        self.widget.set_title(&as_title(name));
        self.widget.set_subtitle(&glib::markup_escape_text(&below));
        self.switch.set_active(account.is_enabled);
        let spoken = fill(&gettext("Use {address}"), &[("address", &account.address)]);
        self.switch
            .update_property(&[gtk::accessible::Property::Label(&spoken)]);
    }
}

fn row(account: &Account, input: &Sender<PreferencesMsg>) -> Row {
    let picture = avatar::new(36);
    let dot = account_mark::dot();
    dot.set_halign(gtk::Align::End);
    dot.set_valign(gtk::Align::End);
    dot.set_can_target(false);
    let overlay = gtk::Overlay::builder()
        .child(&picture)
        .valign(gtk::Align::Center)
        .build();
    overlay.add_overlay(&dot);
    let switch = gtk::Switch::builder()
        .valign(gtk::Align::Center)
        .active(account.is_enabled)
        .build();
    let (sender, id) = (input.clone(), account.id);
    switch.connect_active_notify(move |switch| {
        sender.emit(PreferencesMsg::Enable(id, switch.is_active()));
    });
    let row = adw::ActionRow::builder()
        .activatable(true)
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    row.add_prefix(&overlay);
    row.add_suffix(&switch);
    leads_on(&row);
    let sender = input.clone();
    row.connect_activated(move |_| sender.emit(PreferencesMsg::ShowAccount(id)));
    Row {
        id,
        widget: row,
        avatar: picture,
        dot,
        switch,
    }
}

/// Says how an account is connected: "Offline. Trying again in 40 seconds".
pub fn words(account: &Account, state: Option<&ConnectionState>, now: Timestamp) -> String {
    if !account.is_enabled {
        return gettext("Switched off");
    }
    match state {
        None | Some(ConnectionState::Offline) => gettext("Offline"),
        Some(ConnectionState::Connecting) => gettext("Connecting…"),
        Some(ConnectionState::CatchingUp) => gettext("Catching up…"),
        Some(ConnectionState::Online) => gettext("Online"),
        Some(ConnectionState::Stopped(problem)) => {
            errors::connection(problem, &account.address).title
        }
        Some(ConnectionState::Waiting { problem, retry_at }) => {
            let reason = match problem {
                ConnectionProblem::ConnectionLost | ConnectionProblem::TimedOut => {
                    gettext("Offline")
                }
                problem => errors::connection(problem, &account.address).title,
            };
            let seconds = u32::try_from((retry_at - now + 999) / 1000).unwrap_or(0);
            if seconds == 0 {
                return reason;
            }
            let again = if seconds < 100 {
                count(
                    "Trying again in {count} second",
                    "Trying again in {count} seconds",
                    seconds,
                )
            } else {
                count(
                    "Trying again in {count} minute",
                    "Trying again in {count} minutes",
                    seconds.div_ceil(60),
                )
            };
            format!("{reason}. {again}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::PasswordPlace;

    fn account(is_enabled: bool) -> Account {
        Account {
            nickname: String::new(),
            picture: String::new(),
            id: AccountId(1),
            address: "romeo@example.org".to_owned(),
            is_enabled,
            host: None,
            port: None,
            allows_plain: false,
            label: String::new(),
            colour: 0,
            password_place: PasswordPlace::Keyring,
            proxy: String::new(),
            pinned_key: String::new(),
            client_certificate: String::new(),
            encrypts_by_default: true,
            keeps_days: 0,
        }
    }

    #[test]
    fn the_time_until_the_next_try_is_told_in_words() {
        let waiting = |milliseconds: Timestamp| {
            let state = ConnectionState::Waiting {
                problem: ConnectionProblem::ConnectionLost,
                retry_at: 1_000_000 + milliseconds,
            };
            words(&account(true), Some(&state), 1_000_000)
        };

        assert_eq!(waiting(40_000), "Offline. Trying again in 40 seconds");
        assert_eq!(waiting(900), "Offline. Trying again in 1 second");
        assert_eq!(waiting(150_000), "Offline. Trying again in 3 minutes");
        assert_eq!(waiting(-5), "Offline");
    }

    #[test]
    fn an_account_that_is_switched_off_says_so_whatever_it_was() {
        let state = ConnectionState::Stopped(ConnectionProblem::WrongPassword);

        assert_eq!(words(&account(false), Some(&state), 0), "Switched off");
    }
}
