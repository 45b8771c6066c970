//! Who can be chosen: chats, and contacts who have none.

use relm4::gtk::{self, prelude::*};

use super::rank::Candidate;
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{Account, AccountId, Blocked, Contact, ConversationRow};
use crate::ui::widgets::account_mark::AccountMark;
use crate::ui::widgets::person_line;

/// Accounts, contacts and chats of one moment.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The user's accounts.
    pub accounts: Vec<Account>,
    /// The contacts of all accounts.
    pub contacts: Vec<Contact>,
    /// The chats of all accounts. Of people who are blocked there are none.
    pub chats: Vec<ConversationRow>,
    /// Who is blocked.
    pub blocked: Vec<Blocked>,
}

impl People {
    /// Reads them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub async fn read(engine: &Engine) -> Result<Self, StoreError> {
        Ok(Self {
            accounts: engine.accounts().await?,
            contacts: engine.contacts().await?,
            chats: engine.conversations().await?,
            blocked: engine.blocked().await?,
        })
    }

    /// Returns the address by which somebody is blocked: theirs, or their whole
    /// server's.
    pub fn blocked_as(&self, account: AccountId, address: &str) -> Option<&str> {
        let server = address
            .split_once('@')
            .map_or(address, |(_, server)| server);
        let is_meant = |blocked: &&Blocked| {
            blocked.account == account && [address, server].contains(&blocked.address.as_str())
        };
        let found = self.blocked.iter().filter(is_meant);
        // Who is blocked twice is so until their server is let in again.
        found
            .min_by_key(|blocked| blocked.address == address)
            .map(|blocked| blocked.address.as_str())
    }
}

/// Returns chats, and those contacts who have none. Who is blocked is left out.
pub fn candidates(mut people: People) -> Vec<Candidate> {
    let contacts = std::mem::take(&mut people.contacts);
    let contacts: Vec<Contact> = contacts
        .into_iter()
        .filter(|contact| {
            people
                .blocked_as(contact.account, &contact.address)
                .is_none()
        })
        .collect();
    let accounts = &people.accounts;
    let chats = &people.chats;
    let address_of = |id: AccountId| {
        let account = accounts.iter().find(|account| account.id == id);
        account
            .filter(|_| accounts.len() > 1)
            .map_or_else(String::new, |account| account.address.clone())
    };
    let without_chat: Vec<Candidate> = contacts
        .into_iter()
        .filter(|contact| {
            !chats
                .iter()
                .any(|chat| chat.account == contact.account && chat.address == contact.address)
        })
        .map(|contact| Candidate {
            account: contact.account,
            mark: AccountMark::of(accounts, contact.account),
            account_address: address_of(contact.account),
            name: contact.shown_name().to_owned(),
            picture: contact.picture.clone(),
            address: contact.address,
            chat: None,
            time: 0,
        })
        .collect();
    people
        .chats
        .into_iter()
        .map(|chat| Candidate {
            account: chat.account,
            mark: AccountMark::of(accounts, chat.account),
            account_address: address_of(chat.account),
            name: chat.name,
            picture: chat.picture,
            address: chat.address,
            chat: Some(chat.id),
            time: chat.last_time,
        })
        .chain(without_chat)
        .collect()
}

/// Returns the line of somebody. The dialog adds what stands at its end.
pub fn line(candidate: &Candidate) -> (gtk::ListBoxRow, gtk::Box) {
    let content = person_line::new(
        32,
        (&candidate.name, &candidate.address, &candidate.picture),
        &candidate.name,
        &below(candidate),
        candidate.mark.as_ref(),
    );
    content.set_margin_top(6);
    content.set_margin_bottom(6);
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .focusable(false)
        .build();
    super::name(&row, &words(candidate));
    (row, content)
}

/// Returns what a screen reader says of somebody's line.
pub fn words(candidate: &Candidate) -> String {
    match below(candidate).as_str() {
        "" => candidate.name.clone(),
        below => format!("{}, {below}", candidate.name),
    }
}

fn below(candidate: &Candidate) -> String {
    let mut below = Vec::new();
    if candidate.name != candidate.address {
        below.push(candidate.address.as_str());
    }
    if let Some(mark) = &candidate.mark {
        below.push(&mark.name);
    }
    below.join(" · ")
}
