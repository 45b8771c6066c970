//! What a person sets, for fixtures and offline engines: preferences, drafts,
//! muted and deleted chats, accounts.

use rusqlite::Transaction;

use super::Commands;
use crate::engine::api::Command;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountEdit, AccountId, Contact, ConversationId, GapReason, Preferences, Subscription,
    Timestamp,
};
use crate::engine::omemo;
use crate::engine::pictures;
use crate::engine::store::{
    Changes, accounts, archive::Cursor, blocked, chat_settings, contacts, conversations, deletion,
    gaps, preferences as settings, profiles, requests, retention,
};
use crate::engine::xmpp::avatars::Hash;

impl Commands {
    /// Does in the store what the accounts do for a wish about what is stored
    /// only: drafts, muted and deleted chats, deleted messages, accounts, preferences, keys and
    /// how chats are encrypted. Other wishes are left alone.
    pub async fn obeys(&self, command: Command) -> Result<(), StoreError> {
        self.store
            .write(move |tx, changes| match command {
                Command::SaveDraft { conversation, text } => {
                    conversations::set_draft(tx, changes, conversation, &text)
                }
                Command::Mute {
                    conversation,
                    until,
                } => conversations::mute(tx, changes, conversation, until),
                Command::DeleteMessages(messages) => {
                    deletion::delete_messages(tx, changes, &messages)
                }
                Command::DeleteChat(conversation) => {
                    deletion::delete_chat(tx, changes, conversation)
                }
                Command::SetChat {
                    conversation,
                    setting,
                } => chat_settings::set(tx, changes, conversation, setting),
                Command::Keep { account, days } => retention::keep_for(tx, changes, account, days),
                Command::DeleteHistory(account) => retention::chats(tx, account)?
                    .into_iter()
                    .try_for_each(|chat| deletion::delete_chat(tx, changes, chat)),
                Command::EditAccount { account, edit } => {
                    accounts::edit(tx, changes, account, &edit).map(drop)
                }
                Command::EnableAccount {
                    account,
                    is_enabled,
                } => accounts::set_enabled(tx, changes, account, is_enabled),
                Command::RemoveAccount {
                    account,
                    keeps_history: true,
                } => accounts::put_away(tx, changes, account),
                Command::RemoveAccount { account, .. } => accounts::remove(tx, changes, account),
                Command::PasswordPlace { account, place } => {
                    accounts::set_password_place(tx, changes, account, place)
                }
                Command::AcceptRequest(chat) => requests::accept(tx, changes, chat).map(drop),
                Command::DeclineRequests(chats) => chats
                    .into_iter()
                    .try_for_each(|chat| requests::decline(tx, changes, chat).map(drop)),
                Command::Block {
                    account, address, ..
                } => blocked::block(tx, changes, account, &address, None),
                Command::Unblock { account, address } => {
                    blocked::unblock(tx, changes, account, &address)
                }
                Command::Set(wanted) => settings::change(tx, changes, &wanted).map(drop),
                command => omemo::chat::choose(tx, changes, &command),
            })
            .await
    }
}

/// Gives an account of a fixture a name of the user's own and a colour.
///
/// # Panics
/// When it cannot be changed.
#[allow(clippy::expect_used)]
pub fn account_look(tx: &Transaction<'_>, account: AccountId, label: &str, colour: u8) {
    let edit = AccountEdit {
        label: label.to_owned(),
        colour,
        ..AccountEdit::default()
    };
    accounts::edit(tx, &mut Changes::default(), account, &edit).expect("an account can be changed");
}

/// Adds a contact with labels to a fixture.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn labelled_contact(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    name: &str,
    labels: &[&str],
) {
    let contact = Contact {
        nickname: String::new(),
        picture: String::new(),
        account,
        address: address.to_owned(),
        name: name.to_owned(),
        subscription: Subscription::Both,
        labels: labels.iter().copied().map(str::to_owned).collect(),
    };
    contacts::put(tx, &mut Changes::default(), &contact).expect("a contact can be added");
}

/// Gives a chat of a fixture a draft.
///
/// # Panics
/// When it cannot be kept.
#[allow(clippy::expect_used)]
pub fn draft(tx: &Transaction<'_>, conversation: ConversationId, text: &str) {
    conversations::set_draft(tx, &mut Changes::default(), conversation, text)
        .expect("a draft can be kept");
}

/// Mutes a chat of a fixture.
///
/// # Panics
/// When it cannot be muted.
#[allow(clippy::expect_used)]
pub fn mute(tx: &Transaction<'_>, conversation: ConversationId, until: Timestamp) {
    conversations::mute(tx, &mut Changes::default(), conversation, until)
        .expect("a chat can be muted");
}

/// Sets the preferences of a fixture.
///
/// # Panics
/// When they cannot be kept.
#[allow(clippy::expect_used)]
pub fn preferences(tx: &Transaction<'_>, wanted: &Preferences) {
    settings::write(tx, &mut Changes::default(), wanted).expect("preferences can be kept");
}

/// Notes in a fixture that what came after a moment could not be had.
///
/// # Panics
/// When it cannot be noted.
#[allow(clippy::expect_used)]
pub fn gap(tx: &Transaction<'_>, account: AccountId, after: Timestamp, reason: GapReason) {
    let after = Cursor {
        newest_id: "the last one".to_owned(),
        newest_time: after,
    };
    let changes = &mut Changes::default();
    match reason {
        GapReason::Expired => gaps::expired(tx, changes, account, &after, None),
        _ => gaps::open(tx, changes, account, &after, reason),
    }
    .expect("it can be noted");
}

/// Notes of a chat of a fixture that the archive holds nothing older.
///
/// # Panics
/// When it cannot be noted.
#[allow(clippy::expect_used)]
pub fn whole_history(tx: &Transaction<'_>, conversation: ConversationId) {
    conversations::set_history_complete(tx, &mut Changes::default(), conversation, true)
        .expect("it can be noted");
}

/// Gives somebody a picture that they published, a file of a kind that is read.
///
/// # Panics
/// When the store refuses it, or it is no picture.
#[allow(clippy::expect_used)]
pub fn picture(tx: &Transaction<'_>, account: AccountId, address: &str, file: &[u8]) {
    let face = pictures::face(file).expect("a picture");
    let hash = Hash::of(file);
    profiles::keep_picture(tx, hash.as_str(), &face).expect("a picture");
    profiles::set_picture(
        tx,
        &mut Changes::default(),
        (account, address),
        hash.as_str(),
        profiles::Source::Account,
    )
    .expect("a picture");
}
