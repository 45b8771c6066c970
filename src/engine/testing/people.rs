//! Strangers, readers and blocked people, for fixtures.

use rusqlite::Transaction;

use super::NewMessage;
use crate::engine::model::{AccountId, ConversationId, MessageId, Timestamp};
use crate::engine::store::{Changes, blocked as list, messages, reading, requests};

/// Adds somebody unknown who wrote to the user; with no words they only want
/// to become a contact.
///
/// # Panics
/// When it cannot be written.
#[allow(clippy::expect_used)]
pub fn request(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    time: Timestamp,
    words: &str,
) -> ConversationId {
    let changes = &mut Changes::default();
    let chat = requests::ensure(tx, changes, account, address, time).expect("a request");
    if words.is_empty() {
        requests::asks(tx, changes, account, address, time).expect("a wish can be kept");
    } else {
        super::message(tx, &NewMessage::incoming(chat, time, words));
    }
    chat
}

/// Notes in a fixture that somebody has read up to a message.
///
/// # Panics
/// When it cannot be noted.
#[allow(clippy::expect_used)]
pub fn reader(tx: &Transaction<'_>, reader: &str, up_to: MessageId) {
    let (chat, _) = messages::state(tx, up_to)
        .expect("the history can be read")
        .expect("the message is there");
    reading::seen_by(tx, &mut Changes::default(), chat, reader, up_to).expect("it can be noted");
}

/// Blocks somebody in a fixture, as their server has it.
///
/// # Panics
/// When it cannot be noted.
#[allow(clippy::expect_used)]
pub fn blocked(tx: &Transaction<'_>, account: AccountId, address: &str) {
    list::added(tx, &mut Changes::default(), account, &[address.to_owned()])
        .expect("it can be noted");
}
