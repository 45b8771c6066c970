//! Which message an action means: its target.
//!
//! Others name a message by the id of its stanza, some by the lasting id its
//! sender gave it, and some name the correction where they mean what it
//! corrects. Whoever may act on it decides which messages are looked at
//! (attack A7); ids are only ever looked for within one chat.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::columns::{direction_code, direction_from, protection_from};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId, Protection};

/// What deciding about an action needs to know of its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The message.
    pub id: MessageId,
    /// Who wrote it.
    pub writer: Direction,
    /// It is a text.
    pub is_text: bool,
    /// It was taken back.
    pub is_retracted: bool,
    /// How it was protected on its way.
    pub protection: Protection,
    /// Id of its stanza; empty: none.
    pub stanza_id: String,
    /// Lasting id by its sender; empty: none.
    pub origin_id: String,
}

/// Finds the message that an id names, by this writer or by anybody. Where
/// several have the same id, as some programs count from one at every start,
/// it is the newest.
pub fn find(
    connection: &Connection,
    conversation: ConversationId,
    id: &str,
    writer: Option<Direction>,
) -> Result<Option<MessageId>, StoreError> {
    if id.is_empty() {
        return Ok(None);
    }
    let writer = writer.map(direction_code);
    // By name: SQLite would walk back in time for the newest, through the whole
    // chat where there is none.
    for query in [
        "SELECT id, max(time)
         FROM messages INDEXED BY messages_by_stanza_id
         WHERE conversation_id = :conversation
           AND stanza_id = :id AND stanza_id <> ''
           AND (:writer IS NULL OR direction = :writer)",
        "SELECT id, max(time)
         FROM messages INDEXED BY messages_by_origin_id
         WHERE conversation_id = :conversation
           AND origin_id = :id AND origin_id <> ''
           AND (:writer IS NULL OR direction = :writer)",
        "SELECT m.id, max(m.time)
         FROM versions v
         JOIN messages m ON m.id = v.message_id
         WHERE v.stanza_id = :id AND v.stanza_id <> ''
           AND m.conversation_id = :conversation
           AND (:writer IS NULL OR m.direction = :writer)",
    ] {
        let found: Option<i64> = connection.prepare_cached(query)?.query_row(
            named_params! { ":conversation": conversation.0, ":id": id, ":writer": writer },
            |row| row.get(0),
        )?;
        if found.is_some() {
            return Ok(found.map(MessageId));
        }
    }
    Ok(None)
}

/// Returns what is to be known of a target.
pub fn get(connection: &Connection, id: MessageId) -> Result<Option<Target>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT direction, kind, protection, stanza_id, origin_id
             FROM messages
             WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            let kind: i64 = row.get(1)?;
            Ok(Target {
                id,
                writer: direction_from(row.get(0)?)?,
                is_text: kind == 0,
                is_retracted: kind == 7,
                protection: protection_from(row.get(2)?)?,
                stanza_id: row.get(3)?,
                origin_id: row.get(4)?,
            })
        })
        .optional()?)
}

/// Returns the ids by which others name a message: its own, and those of what
/// corrected it.
pub fn names(connection: &Connection, id: MessageId) -> Result<Vec<String>, StoreError> {
    let Some(target) = get(connection, id)? else {
        return Ok(vec![]);
    };
    let corrections = connection
        .prepare_cached("SELECT stanza_id FROM versions WHERE message_id = ?1")?
        .query_map([id.0], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    let mut names = vec![target.stanza_id, target.origin_id];
    names.extend(corrections);
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
