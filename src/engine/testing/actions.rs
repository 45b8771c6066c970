//! What was done with the messages of a fixture, or is done while one looks.

use rusqlite::Transaction;

use super::Commands;
use crate::engine::error::StoreError;
use crate::engine::model::{Direction, MessageId, Protection, Timestamp};
use crate::engine::store::reactions::{self, ME, Set};
use crate::engine::store::versions::{self, NewVersion};
use crate::engine::store::{Changes, deletion, messages};

/// Lets a message of a fixture answer another of its chat.
///
/// # Panics
/// When that cannot be written.
#[allow(clippy::expect_used)]
pub fn answers(tx: &Transaction<'_>, message: MessageId, target: MessageId) {
    tx.execute(
        "UPDATE messages
         SET stanza_id = 'fixture-' || id
         WHERE id = ?1 AND stanza_id = ''",
        [target.0],
    )
    .expect("a message can be named");
    tx.execute(
        "UPDATE messages
         SET reply_id = (SELECT stanza_id FROM messages WHERE id = ?2)
         WHERE id = ?1",
        (message.0, target.0),
    )
    .expect("a message can answer");
}

/// Lets a message of a fixture answer one that is not here, quoting its words.
///
/// # Panics
/// When that cannot be written.
#[allow(clippy::expect_used)]
pub fn answers_unknown(tx: &Transaction<'_>, message: MessageId, by: Direction, words: &str) {
    let by = match by {
        Direction::Incoming => 1,
        Direction::Outgoing => 2,
    };
    tx.execute(
        "UPDATE messages
         SET reply_id = 'not-here', reply_by = ?2, reply_words = ?3
         WHERE id = ?1",
        (message.0, by, words),
    )
    .expect("a message can answer");
}

/// Lets somebody react to a message of a fixture: a bare address, or nothing
/// for the user.
///
/// # Panics
/// When that cannot be written.
pub fn reacts(tx: &Transaction<'_>, message: MessageId, sender: &str, emoji: &[&str]) {
    written(|changes| react(tx, changes, message, &set_of(sender, emoji)));
}

/// Corrects a message of a fixture.
///
/// # Panics
/// When that cannot be written.
pub fn corrects(tx: &Transaction<'_>, message: MessageId, time: Timestamp, body: &str) {
    let new = NewVersion {
        time,
        body: body.to_owned(),
        is_unstyled: false,
        stanza_id: format!("fixture-{}-{time}", message.0),
        mark: String::new(),
        protection: Protection::None,
    };
    written(|changes| versions::add(tx, changes, message, &new));
}

/// Lets the writer of a message of a fixture take it back.
///
/// # Panics
/// When that cannot be written.
pub fn retracts(tx: &Transaction<'_>, message: MessageId) {
    written(|changes| deletion::retract(tx, changes, message));
}

impl Commands {
    /// Plays that somebody reacts to a message with these emoji and no others: a
    /// bare address, or nothing for the user.
    pub async fn reacts(
        &self,
        message: MessageId,
        sender: &str,
        emoji: &[&str],
    ) -> Result<(), StoreError> {
        let set = set_of(sender, emoji);
        self.store
            .write(move |tx, changes| react(tx, changes, message, &set))
            .await
    }

    /// Plays that who wrote a message takes it back.
    pub async fn takes_back(&self, message: MessageId) -> Result<(), StoreError> {
        self.store
            .write(move |tx, changes| deletion::retract(tx, changes, message))
            .await
    }
}

fn set_of(sender: &str, emoji: &[&str]) -> Set {
    Set {
        sender: if sender.is_empty() { ME } else { sender }.to_owned(),
        emoji: emoji.iter().map(ToString::to_string).collect(),
        time: 1,
        is_past: false,
        stanza_id: String::new(),
    }
}

#[allow(clippy::expect_used)]
fn react(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    set: &Set,
) -> Result<(), StoreError> {
    let (chat, _) = messages::state(tx, message)?.expect("the message is there");
    reactions::set(tx, changes, chat, message, set)
}

#[allow(clippy::expect_used)]
fn written(job: impl FnOnce(&mut Changes) -> Result<(), StoreError>) {
    job(&mut Changes::default()).expect("a fixture can be written");
}
