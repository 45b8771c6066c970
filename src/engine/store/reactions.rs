//! With what people react to messages.
//!
//! Everybody has one set of emoji on a message, and the newest takes the place
//! of the one before. An empty set stays as a row, so that an older one, which
//! an archive may bring later, does not come back.
//!
//! # Source
//! XEP-0444 §3.2, §4.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::columns::{failure_code, failure_from};
use super::{Changes, messages};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageId, Reaction, SendFailure, Timestamp};

/// Parts the emoji of a set; none has a line end in it.
const PART: &str = "\n";

/// The sender of the user's own.
pub const ME: &str = "";

/// All with which somebody reacts to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Bare address, or [`ME`].
    pub sender: String,
    /// The emoji, checked; none: they take back what they had.
    pub emoji: Vec<String>,
    /// When.
    pub time: Timestamp,
    /// It was fetched backwards: of two at the same time it is the older.
    pub is_past: bool,
    /// Id of the stanza.
    pub stanza_id: String,
}

/// Writes the emoji of a set into a column.
pub fn joined(emoji: &[String]) -> String {
    emoji.join(PART)
}

/// Reads the emoji of a set from a column.
pub fn split(emoji: &str) -> Vec<String> {
    emoji
        .split(PART)
        .filter(|emoji| !emoji.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Takes a set in place of an older one by the same sender; a newer one stays.
/// One that comes a second time may only tell better when it was.
pub fn set(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    message: MessageId,
    set: &Set,
) -> Result<(), StoreError> {
    let was_here = tx
        .prepare_cached(
            "UPDATE reactions
             SET time = ?4
             WHERE message_id = ?1 AND sender = ?2 AND stanza_id = ?3 AND stanza_id <> ''",
        )?
        .execute((message.0, &set.sender, &set.stanza_id, set.time))?;
    if was_here > 0 {
        return Ok(());
    }
    let changed = tx
        .prepare_cached(
            "INSERT INTO reactions AS r (message_id, sender, emoji, time, stanza_id)
             VALUES (:message, :sender, :emoji, :time, :stanza_id)
             ON CONFLICT (message_id, sender) DO UPDATE
             SET emoji = excluded.emoji, before = r.emoji, time = excluded.time,
                 stanza_id = excluded.stanza_id, failure = 0
             WHERE excluded.time > r.time OR excluded.time = r.time AND :is_past = 0",
        )?
        .execute(named_params! {
            ":message": message.0,
            ":sender": set.sender,
            ":emoji": joined(&set.emoji),
            ":time": set.time,
            ":is_past": set.is_past,
            ":stanza_id": set.stanza_id,
        })?;
    if changed > 0 {
        changes.message(conversation, message);
    }
    Ok(())
}

/// Gives the user's own reactions back as they were, as the set with this id
/// was refused, and keeps why. Returns whether there is such a set.
pub fn revert(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    stanza_id: &str,
    why: SendFailure,
) -> Result<bool, StoreError> {
    let message: Option<i64> = tx
        .prepare_cached(
            "UPDATE reactions
             SET emoji = before, failure = ?3
             WHERE sender = '' AND stanza_id = ?1
               AND EXISTS (
                   SELECT 1
                   FROM messages
                   WHERE id = message_id AND conversation_id = ?2
               )
             RETURNING message_id",
        )?
        .query_row((stanza_id, conversation.0, failure_code(why)), |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(message) = message {
        changes.message(conversation, MessageId(message));
    }
    Ok(message.is_some())
}

/// Returns the user's own emoji on a message, and since when.
pub fn mine(
    connection: &Connection,
    message: MessageId,
) -> Result<(Vec<String>, Timestamp), StoreError> {
    let mine = connection
        .prepare_cached("SELECT emoji, time FROM reactions WHERE message_id = ?1 AND sender = ''")?
        .query_row([message.0], |row| {
            Ok((split(row.get_ref(0)?.as_str()?), row.get(1)?))
        })
        .optional()?;
    Ok(mine.unwrap_or_default())
}

/// Says no more of a refused change.
pub fn forget_refusal(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE reactions
             SET failure = 0
             WHERE message_id = ?1 AND sender = '' AND failure > 0",
        )?
        .execute([message.0])?;
    if changed > 0
        && let Some((conversation, _)) = messages::state(tx, message)?
    {
        changes.message(conversation, message);
    }
    Ok(())
}

/// Removes what anybody reacted with.
pub fn forget(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM reactions WHERE message_id = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// Returns with what people react to a message, in the order in which they
/// began, and why the user's last change was not accepted, if that is so.
pub fn of_message(
    connection: &Connection,
    message: MessageId,
) -> Result<(Vec<Reaction>, Option<SendFailure>), StoreError> {
    let mut sets = connection
        .prepare_cached(
            "SELECT time, sender, emoji, failure
             FROM reactions
             WHERE message_id = ?1",
        )?
        .query_map([message.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<Vec<(Timestamp, String, String, i64)>>>()?;
    sets.sort_unstable();
    let mut refused = None;
    let mut places = BTreeMap::new();
    let mut reactions: Vec<Reaction> = Vec::new();
    for (_, sender, emoji, failure) in sets {
        if failure > 0 {
            refused = Some(failure_from(failure)?);
        }
        for emoji in split(&emoji) {
            let place = *places.entry(emoji.clone()).or_insert(reactions.len());
            if place == reactions.len() {
                reactions.push(Reaction {
                    emoji,
                    by_me: false,
                    by: Vec::new(),
                });
            }
            let reaction = &mut reactions[place];
            if sender == ME {
                reaction.by_me = true;
            } else {
                reaction.by.push(sender.clone());
            }
        }
    }
    Ok((reactions, refused))
}
