//! The window on a chat's history: which messages there are, in order, and
//! the rows that are shown.

use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::{delivery_from, direction_from, kind_from, protection_from};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageId, MessageRow};
use crate::engine::text::without_keys;

pub(super) const IDS: &str = "
    SELECT id
    FROM messages
    WHERE conversation_id = ?1
    ORDER BY time, place, id";

pub(super) const LATEST: &str = "
    SELECT id, conversation_id, direction, body, time, delivery, failure, kind,
           iif(kind IN (3, 4, 6), detail, '') AS detail, cannot_read, protection,
           is_unstyled = 0 AND NOT EXISTS (
               SELECT 1 FROM settings WHERE key = 'styles-messages' AND value = 'off'
           ) AS is_styled
    FROM messages
    WHERE conversation_id = ?1
    ORDER BY time DESC, place DESC, id DESC
    LIMIT ?2";

/// Returns the ids of all messages of a chat, the oldest first.
pub fn message_ids(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<MessageId>, StoreError> {
    let ids = connection
        .prepare_cached(IDS)?
        .query_map([conversation.0], |row| row.get(0).map(MessageId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

/// Returns the newest `count` messages of a chat, the oldest of them first.
pub fn latest(
    connection: &Connection,
    conversation: ConversationId,
    count: usize,
) -> Result<Vec<MessageRow>, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows: Vec<MessageRow> = connection
        .prepare_cached(LATEST)?
        .query_map((conversation.0, count), message)?
        .collect::<rusqlite::Result<_>>()?;
    rows.reverse();
    Ok(rows)
}

/// Returns messages in the order of `ids`, without those that do not exist.
pub fn by_ids(connection: &Connection, ids: &[MessageId]) -> Result<Vec<MessageRow>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT id, conversation_id, direction, body, time, delivery, failure, kind,
                iif(kind IN (3, 4, 6), detail, '') AS detail, cannot_read, protection,
                is_unstyled = 0 AND NOT EXISTS (
                    SELECT 1 FROM settings WHERE key = 'styles-messages' AND value = 'off'
                ) AS is_styled
         FROM messages
         WHERE id = ?1",
    )?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(query.query_row([id.0], message).optional()?);
    }
    Ok(rows)
}

fn message(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: MessageId(row.get("id")?),
        conversation: ConversationId(row.get("conversation_id")?),
        direction: direction_from(row.get("direction")?)?,
        kind: kind_from(
            row.get("kind")?,
            row.get("detail")?,
            row.get("cannot_read")?,
        )?,
        // The window never gets a key (attack A35).
        body: without_keys(row.get_ref("body")?.as_str()?).into_owned(),
        time: row.get("time")?,
        delivery: delivery_from(row.get("delivery")?, row.get("failure")?)?,
        protection: protection_from(row.get("protection")?)?,
        is_styled: row.get("is_styled")?,
    })
}
