//! Whether the chats of each account are encrypted, and the way to its devices.

use std::cell::RefCell;

use relm4::adw::prelude::*;
use relm4::{Sender, adw};

use super::PreferencesMsg;
use super::page::{Builder, Built, Page, as_title};
use crate::engine::model::{Account, AccountId};
use crate::ui::i18n::gettext;
use crate::ui::widgets::way::way;

/// The page's rows, which come and go with the accounts.
pub struct EncryptionPage {
    place: adw::PreferencesGroup,
    groups: RefCell<Vec<OfAccount>>,
}

struct OfAccount {
    id: AccountId,
    address: String,
    group: adw::PreferencesGroup,
    default: adw::SwitchRow,
}

impl EncryptionPage {
    /// Builds the page.
    pub fn new() -> (Self, Built) {
        let mut page = Builder::new(Page::Encryption);
        let place = adw::PreferencesGroup::builder()
            .title(gettext("Encryption"))
            .description(gettext(
                "With encryption only you and the other person can read a message; the servers see who writes to whom, and when. Each chat can differ: its lock stands beside the field one writes in.",
            ))
            .build();
        page.add(&place);
        page.findable(
            gettext("Encrypt by Default"),
            gettext("OMEMO, lock, devices, fingerprints, keys"),
            &place,
        );
        let built = page.build();
        let page = Self {
            place,
            groups: RefCell::default(),
        };
        (page, built)
    }

    /// Shows the accounts.
    pub fn show(&self, accounts: &[Account], input: &Sender<PreferencesMsg>) {
        let mut groups = self.groups.borrow_mut();
        let is_same = groups.len() == accounts.len()
            && groups
                .iter()
                .zip(accounts)
                .all(|(group, account)| group.id == account.id && group.address == account.address);
        if !is_same {
            for old in groups.drain(..) {
                self.place.remove(&old.group);
            }
            for account in accounts {
                let group = of_account(account, input);
                self.place.add(&group.group);
                groups.push(group);
            }
        }
        for (group, account) in groups.iter().zip(accounts) {
            group.default.set_active(account.encrypts_by_default);
        }
    }
}

fn of_account(account: &Account, input: &Sender<PreferencesMsg>) -> OfAccount {
    let group = adw::PreferencesGroup::builder()
        .title(as_title(&account.address))
        .margin_top(12)
        .build();
    let default = adw::SwitchRow::builder()
        .title(gettext("Encrypt by Default"))
        .subtitle(gettext(
            "Chats in which you have chosen nothing else. Without it, the servers can read them",
        ))
        .active(account.encrypts_by_default)
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    let (sender, id) = (input.clone(), account.id);
    default.connect_active_notify(move |row| {
        sender.emit(PreferencesMsg::EncryptByDefault(id, row.is_active()));
    });
    group.add(&default);
    group.add(&devices_row(account.id, input));
    OfAccount {
        id,
        address: account.address.clone(),
        group,
        default,
    }
}

/// Returns the way to the devices of an account.
pub(super) fn devices_row(id: AccountId, input: &Sender<PreferencesMsg>) -> adw::ActionRow {
    let row = way(
        &gettext("Devices"),
        &gettext("Which can read your messages, and their fingerprints"),
    );
    let sender = input.clone();
    row.connect_activated(move |_| sender.emit(PreferencesMsg::ShowDevices(id)));
    row
}
