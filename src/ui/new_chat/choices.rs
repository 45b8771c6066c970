//! Whom the typed or pasted text may mean, and what could be done with them.
//!
//! Pure. People who are known come first, then what can be done with somebody
//! new, once for each account that is switched on.

use crate::engine::model::AccountId;
use crate::engine::text::{ChatLink, Invitation, LinkWish, Whom, whom};
use crate::ui::chooser::people::People;

/// More matches than this are no help.
const MOST_MATCHES: usize = 50;

/// How servers usually begin the names of the places where groups are.
const GROUP_SERVERS: [&str; 3] = ["conference.", "muc.", "rooms."];

/// A line of the dialog: what Enter does, and with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// From which account.
    pub account: AccountId,
    /// Bare address.
    pub address: String,
    /// The name that is shown; the address for somebody new.
    pub name: String,
    /// Hash of their picture; empty: none.
    pub picture: String,
    /// What Enter does.
    pub deed: Deed,
}

/// What Enter does with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// There is a chat: it opens, with what a link suggests to write.
    Open(String),
    /// Opens a chat with a contact who has none, otherwise the same.
    Write(String),
    /// Opens a chat with somebody new, otherwise the same.
    WriteToStranger(String),
    /// Asks how somebody new is to stand among the contacts.
    Add(Invitation),
    /// Asks whether a contact is to go.
    Remove,
    /// Asks what the link itself asks.
    Ask,
    /// Lets somebody in again who is blocked, and opens their chat.
    Unblock,
    /// Nothing: their whole server is blocked.
    ServerIsBlocked,
}

impl Choice {
    /// Returns whether the address looks like one of a group, and not of a person.
    pub fn may_be_group(&self) -> bool {
        self.address.split_once('@').is_some_and(|(_, server)| {
            GROUP_SERVERS
                .iter()
                .any(|beginning| server.starts_with(beginning))
        })
    }
}

/// Returns what may be meant. `people` begins with the account that a new chat
/// begins with.
pub fn choices(typed: &str, people: &People) -> Vec<Choice> {
    let mut choices = meant(typed, people);
    for choice in &mut choices {
        if matches!(choice.deed, Deed::Remove | Deed::Ask) {
            continue;
        }
        // With somebody who is blocked nothing else can be done.
        if let Some(blocked) = people.blocked_as(choice.account, &choice.address) {
            choice.deed = if blocked == choice.address {
                Deed::Unblock
            } else {
                Deed::ServerIsBlocked
            };
        }
    }
    let mut unique: Vec<Choice> = Vec::with_capacity(choices.len());
    for choice in choices {
        if !unique.contains(&choice) {
            unique.push(choice);
        }
    }
    unique
}

fn meant(typed: &str, people: &People) -> Vec<Choice> {
    match whom(typed) {
        Whom::Words => known(typed, people),
        Whom::Address(address) => {
            let mut choices = known(&address, people);
            let new = with(&address, "", people);
            let is_listed =
                |choice: &Choice| !matches!(choice.deed, Deed::Open(_) | Deed::Write(_));
            choices.extend(new.into_iter().filter(is_listed));
            choices
        }
        Whom::Link(link) => of_link(&link, people),
        Whom::Damaged(_) | Whom::WebPage => Vec::new(),
    }
}

/// Returns contacts and open chats whose name or address holds `typed`.
fn known(typed: &str, people: &People) -> Vec<Choice> {
    let wanted = typed.trim().to_lowercase();
    let fits = |name: &str, address: &str| {
        wanted.is_empty() || name.to_lowercase().contains(&wanted) || address.contains(&wanted)
    };
    let contacts = people.contacts.iter();
    let mut choices: Vec<Choice> = contacts
        .filter(|contact| fits(contact.shown_name(), &contact.address))
        .map(|contact| Choice {
            account: contact.account,
            address: contact.address.clone(),
            name: contact.shown_name().to_owned(),
            picture: contact.picture.clone(),
            deed: if has_chat(people, contact.account, &contact.address) {
                Deed::Open(String::new())
            } else {
                Deed::Write(String::new())
            },
        })
        .collect();
    for chat in people
        .chats
        .iter()
        .filter(|chat| fits(&chat.name, &chat.address))
    {
        let is_listed = choices
            .iter()
            .any(|choice| choice.account == chat.account && choice.address == chat.address);
        if !is_listed {
            choices.push(Choice {
                account: chat.account,
                address: chat.address.clone(),
                name: chat.name.clone(),
                picture: chat.picture.clone(),
                deed: Deed::Open(String::new()),
            });
        }
    }
    // Somebody in several contact lists is first offered from the account that
    // new chats begin with.
    for same in choices.chunk_by_mut(|one, other| one.address == other.address) {
        same.sort_by_key(|choice| place_of(people, choice.account));
    }
    choices.truncate(MOST_MATCHES);
    choices
}

fn of_link(link: &ChatLink, people: &People) -> Vec<Choice> {
    let address = link.address.as_str();
    if !link.is_person() {
        return Vec::new();
    }
    match &link.wish {
        LinkWish::Chat => with(address, "", people),
        LinkWish::Message(text) => with(address, text, people),
        LinkWish::AddContact(invitation) => {
            let mut choices = with(address, "", people);
            // Adding is what the link is for.
            choices.sort_by_key(|choice| !matches!(choice.deed, Deed::Add(_)));
            for choice in &mut choices {
                if let Deed::Add(of_link) = &mut choice.deed {
                    of_link.clone_from(invitation);
                }
            }
            choices
        }
        LinkWish::RemoveContact => known(address, people)
            .into_iter()
            .filter(|choice| {
                choice.address == address && is_contact(people, choice.account, address)
            })
            // The question lets one choose the account.
            .take(1)
            .map(|choice| Choice {
                deed: Deed::Remove,
                ..choice
            })
            .collect(),
        LinkWish::TrustKeys => people
            .accounts
            .first()
            .map(|account| new(account.id, address, Deed::Ask))
            .into_iter()
            .collect(),
        LinkWish::EnterGroup | LinkWish::MakeAccount | LinkWish::Other(_) => Vec::new(),
    }
}

/// Returns what can be done with one address: its chats or the contacts with it,
/// then writing to it, then adding it, each once for an account.
fn with(address: &str, text: &str, people: &People) -> Vec<Choice> {
    let mut choices: Vec<Choice> = known(address, people)
        .into_iter()
        .filter(|choice| choice.address == address)
        .collect();
    for choice in &mut choices {
        if let Deed::Open(suggested) | Deed::Write(suggested) = &mut choice.deed {
            text.clone_into(suggested);
        }
    }
    let from: Vec<AccountId> = people
        .accounts
        .iter()
        .filter(|account| account.is_enabled)
        .map(|account| account.id)
        .collect();
    let is_own = people.accounts.iter().any(|own| own.address == address);
    let mut others = Vec::new();
    for account in &from {
        if !choices.iter().any(|choice| choice.account == *account) {
            let deed = Deed::WriteToStranger(text.to_owned());
            others.push(new(*account, address, deed));
        }
    }
    for account in &from {
        let add = new(*account, address, Deed::Add(Invitation::default()));
        if !is_own && !is_contact(people, *account, address) && !add.may_be_group() {
            others.push(add);
        }
    }
    choices.extend(others);
    choices
}

fn new(account: AccountId, address: &str, deed: Deed) -> Choice {
    Choice {
        account,
        address: address.to_owned(),
        name: address.to_owned(),
        picture: String::new(),
        deed,
    }
}

fn has_chat(people: &People, account: AccountId, address: &str) -> bool {
    let mut chats = people.chats.iter();
    chats.any(|chat| chat.account == account && chat.address == address)
}

fn is_contact(people: &People, account: AccountId, address: &str) -> bool {
    let mut contacts = people.contacts.iter();
    contacts.any(|contact| contact.account == account && contact.address == address)
}

fn place_of(people: &People, id: AccountId) -> Option<usize> {
    people.accounts.iter().position(|account| account.id == id)
}

#[cfg(test)]
pub mod tests;
