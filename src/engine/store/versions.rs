//! The texts that a corrected message had.
//!
//! A message that was never corrected has none here. With its first correction
//! the text it had becomes the first version; from then on the message shows
//! the newest, by when they were written: an archive that is read backwards
//! brings the last correction first.
//!
//! # Source
//! XEP-0308 §4: a second correction names the first text's message again.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::columns::{direction_code, protection_code};
use super::{Changes, messages, replies};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId, Protection, Timestamp, Version};
use crate::engine::text::without_keys;

/// So many texts of one message are kept: the first, and the newest (attack A56).
const MOST: i64 = 50;

/// A text that takes the place of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// When it was written.
    pub time: Timestamp,
    /// The text.
    pub body: String,
    /// Its sender wants it shown as it was typed.
    pub is_unstyled: bool,
    /// Id of the stanza that brings it.
    pub stanza_id: String,
    /// Tells what was sealed from others of the same id; empty: it was not.
    pub mark: String,
    /// How it was protected on its way.
    pub protection: Protection,
}

/// Adds a text to those of a message, and shows the newest of them.
pub fn add(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    new: &NewVersion,
) -> Result<(), StoreError> {
    keep_first(tx, message)?;
    // No correction is older than what it corrects, whatever the clocks say.
    tx.prepare_cached(
        "INSERT INTO versions (message_id, time, body, is_unstyled, stanza_id, mark, protection)
         SELECT id, max(time, :time), :body, :is_unstyled, :stanza_id, :mark, :protection
         FROM messages
         WHERE id = :message",
    )?
    .execute(named_params! {
        ":message": message.0,
        ":time": new.time,
        ":body": new.body,
        ":is_unstyled": new.is_unstyled,
        ":stanza_id": new.stanza_id,
        ":mark": new.mark,
        ":protection": protection_code(new.protection),
    })?;
    drop_surplus(tx, message)?;
    show_newest(tx, changes, message)
}

/// Makes the text of a message its first version, if it has none yet.
fn keep_first(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO versions (message_id, time, body, is_unstyled, protection)
         SELECT id, time, body, is_unstyled, protection
         FROM messages
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM versions WHERE message_id = ?1)",
    )?
    .execute([message.0])?;
    Ok(())
}

fn drop_surplus(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM versions
         WHERE id = (
             SELECT id
             FROM versions
             WHERE message_id = ?1
             ORDER BY time, id
             LIMIT 1 OFFSET 1
         ) AND (SELECT count(*) FROM versions WHERE message_id = ?1) > ?2",
    )?
    .execute((message.0, MOST))?;
    Ok(())
}

fn show_newest(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE messages AS m
         SET body = v.body, is_unstyled = v.is_unstyled, protection = v.protection,
             edited_at = v.time
         FROM (
             SELECT body, is_unstyled, protection, time
             FROM versions
             WHERE message_id = ?1
             ORDER BY time DESC, id DESC
             LIMIT 1
         ) AS v
         WHERE m.id = ?1",
    )?
    .execute([message.0])?;
    announce(tx, changes, message)
}

/// Gives a text that has not left yet other words.
pub fn replace_waiting(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    body: &str,
    is_unstyled: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET body = ?2, is_unstyled = ?3 WHERE id = ?1")?
        .execute((message.0, body, is_unstyled))?;
    announce(tx, changes, message)
}

/// Takes the newest text of a message away again, so that it shows the one
/// before. Returns whether there was one.
pub fn revert(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<bool, StoreError> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM versions
             WHERE id = (
                 SELECT id
                 FROM versions
                 WHERE message_id = ?1
                 ORDER BY time DESC, id DESC
                 LIMIT 1
             )",
        )?
        .execute([message.0])?;
    if removed == 0 {
        return Ok(false);
    }
    show_newest(tx, changes, message)?;
    let left: i64 = tx
        .prepare_cached("SELECT count(*) FROM versions WHERE message_id = ?1")?
        .query_row([message.0], |row| row.get(0))?;
    if left <= 1 {
        forget(tx, message)?;
        tx.prepare_cached("UPDATE messages SET edited_at = 0 WHERE id = ?1")?
            .execute([message.0])?;
    }
    Ok(true)
}

/// Removes all texts that a message had.
pub fn forget(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM versions WHERE message_id = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// Finds the message whose correction came before: one by the same writer with
/// the same id, and the same text or the same seal. Our own ids are never used
/// twice.
pub fn find(
    connection: &Connection,
    conversation: ConversationId,
    writer: Direction,
    stanza_id: &str,
    body: &str,
    mark: &str,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT m.id
             FROM versions v
             JOIN messages m ON m.id = v.message_id
             WHERE v.stanza_id = :stanza_id AND v.stanza_id <> ''
               AND m.conversation_id = :conversation
               AND m.direction = :writer
               AND (m.direction = 1
                    OR (v.mark = :mark AND (v.mark <> '' OR v.body = :body)))
             LIMIT 1",
        )?
        .query_row(
            named_params! {
                ":conversation": conversation.0,
                ":writer": direction_code(writer),
                ":stanza_id": stanza_id,
                ":body": body,
                ":mark": mark,
            },
            |row| row.get(0).map(MessageId),
        )
        .optional()?)
}

/// Finds what corrects one of these ids and stands by itself, because that
/// was not here, by its writer; the oldest first, as many archives stamp by
/// whole seconds.
pub fn waiting_for(
    connection: &Connection,
    conversation: ConversationId,
    writer: Direction,
    names: &[String],
) -> Result<Vec<MessageId>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT time, place, id
         FROM messages
         WHERE conversation_id = ?1 AND replaces = ?2 AND replaces <> ''
           AND direction = ?3",
    )?;
    let mut waiting: Vec<(Timestamp, i64, i64)> = Vec::new();
    for name in names {
        let rows = query.query_map((conversation.0, name, direction_code(writer)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        for row in rows {
            waiting.push(row?);
        }
    }
    waiting.sort_unstable();
    Ok(waiting
        .into_iter()
        .map(|(_, _, id)| MessageId(id))
        .collect())
}

/// Lets a message stand by itself for good, whatever it corrects.
pub fn stands_alone(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET replaces = '' WHERE id = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// Makes a correction that stood by itself, with what corrected it in turn,
/// texts of the message it corrects. What is owed for it, and how people react
/// to it, goes over to that one.
pub fn merge(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    correction: MessageId,
) -> Result<(), StoreError> {
    keep_first(tx, message)?;
    keep_first(tx, correction)?;
    tx.prepare_cached(
        "UPDATE versions AS v
         SET stanza_id = m.stanza_id, mark = m.detail
         FROM messages m
         WHERE v.message_id = ?1 AND v.stanza_id = '' AND m.id = ?1",
    )?
    .execute([correction.0])?;
    tx.prepare_cached(
        "UPDATE versions
         SET message_id = ?1, time = max(time, (SELECT time FROM messages WHERE id = ?1))
         WHERE message_id = ?2",
    )?
    .execute((message.0, correction.0))?;
    tx.prepare_cached("UPDATE OR IGNORE reactions SET message_id = ?1 WHERE message_id = ?2")?
        .execute((message.0, correction.0))?;
    tx.prepare_cached(
        "UPDATE OR IGNORE outbox
         SET message_id = ?1, kind = 6,
             stanza_id = (SELECT stanza_id FROM messages WHERE id = ?2)
         WHERE message_id = ?2 AND kind = 1",
    )?
    .execute((message.0, correction.0))?;
    drop_surplus(tx, message)?;
    messages::remove(tx, changes, correction)?;
    show_newest(tx, changes, message)
}

/// Returns the id of the stanza with the newest text of a corrected message.
pub fn newest_id(
    connection: &Connection,
    message: MessageId,
) -> Result<Option<String>, StoreError> {
    let newest: Option<String> = connection
        .prepare_cached(
            "SELECT stanza_id
             FROM versions
             WHERE message_id = ?1
             ORDER BY time DESC, id DESC
             LIMIT 1",
        )?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    Ok(newest.filter(|id| !id.is_empty()))
}

/// Returns the texts that a message had, the oldest first.
pub fn of_message(connection: &Connection, message: MessageId) -> Result<Vec<Version>, StoreError> {
    let versions = connection
        .prepare_cached(
            "SELECT time, body
             FROM versions
             WHERE message_id = ?1
             ORDER BY time, id",
        )?
        .query_map([message.0], |row| {
            Ok(Version {
                time: row.get(0)?,
                // The window never gets a key (attack A35).
                body: without_keys(row.get_ref(1)?.as_str()?).into_owned(),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(versions)
}

fn announce(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    let Some((conversation, _)) = messages::state(tx, message)? else {
        return Ok(());
    };
    changes.message(conversation, message);
    // The chat list shows the newest message's words.
    changes.add(Change::Conversation(conversation));
    replies::announce(tx, changes, message)
}
