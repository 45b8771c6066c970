//! The window on a chat's history: which messages there are, in order, and
//! the rows that are shown.

use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::{delivery_from, direction_from, kind_from, protection_from, said_by_from};
use super::replies::{self, Answered};
use super::{clearing, reactions};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageId, MessageRow, Timestamp};
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
           ) AS is_styled,
           reply_id, reply_by, reply_words, edited_at
    FROM messages
    WHERE conversation_id = ?1
    ORDER BY time DESC, place DESC, id DESC
    LIMIT ?2";

/// Returns the ids of all messages of a chat, the oldest first.
pub fn message_ids(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<MessageId>, StoreError> {
    if clearing::is_buried(connection, conversation)? {
        return Ok(vec![]);
    }
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
    if clearing::is_buried(connection, conversation)? {
        return Ok(vec![]);
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows: Vec<_> = connection
        .prepare_cached(LATEST)?
        .query_map((conversation.0, count), message)?
        .collect::<rusqlite::Result<_>>()?;
    rows.into_iter()
        .rev()
        .map(|(row, answered)| completed(connection, row, &answered))
        .collect()
}

/// Returns messages in the order of `ids`, without those that do not exist.
pub fn by_ids(connection: &Connection, ids: &[MessageId]) -> Result<Vec<MessageRow>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT id, conversation_id, direction, body, time, delivery, failure, kind,
                iif(kind IN (3, 4, 6), detail, '') AS detail, cannot_read, protection,
                is_unstyled = 0 AND NOT EXISTS (
                    SELECT 1 FROM settings WHERE key = 'styles-messages' AND value = 'off'
                ) AS is_styled,
                reply_id, reply_by, reply_words, edited_at
         FROM messages
         WHERE id = ?1",
    )?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some((row, answered)) = query.query_row([id.0], message).optional()? {
            rows.push(completed(connection, row, &answered)?);
        }
    }
    Ok(rows)
}

/// Returns the texts of messages and the links of files, whole, in the order in
/// which they were written; what has none is left out.
pub fn texts(connection: &Connection, ids: &[MessageId]) -> Result<Vec<String>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT time, place, body
         FROM messages
         WHERE id = ?1 AND kind IN (0, 3)",
    )?;
    let mut texts: Vec<(Timestamp, i64, String)> = Vec::new();
    for id in ids {
        let text = query
            .query_row([id.0], |row| {
                let body = without_keys(row.get_ref(2)?.as_str()?).into_owned();
                Ok((row.get(0)?, row.get(1)?, body))
            })
            .optional()?;
        texts.extend(text);
    }
    texts.sort_unstable();
    Ok(texts.into_iter().map(|(_, _, body)| body).collect())
}

/// Returns the newest text by the user in a chat.
pub fn last_own_text(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE conversation_id = ?1
               AND direction = 1 AND kind = 0
             ORDER BY time DESC, place DESC
             LIMIT 1",
        )?
        .query_row([conversation.0], |row| row.get(0).map(MessageId))
        .optional()?)
}

/// Adds what does not stand in the row itself.
fn completed(
    connection: &Connection,
    mut row: MessageRow,
    answered: &Answered,
) -> Result<MessageRow, StoreError> {
    (row.reactions, row.reaction_refused) = reactions::of_message(connection, row.id)?;
    if !answered.id.is_empty() {
        let reply = replies::resolved(connection, row.conversation, row.id, answered)?;
        row.reply = Some(reply);
    }
    Ok(row)
}

fn message(row: &Row<'_>) -> rusqlite::Result<(MessageRow, Answered)> {
    let edited: Timestamp = row.get("edited_at")?;
    let answered = Answered {
        id: row.get("reply_id")?,
        by: said_by_from(row.get("reply_by")?)?,
        words: row.get("reply_words")?,
    };
    let message = MessageRow {
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
        reply: None,
        reactions: Vec::new(),
        reaction_refused: None,
        edited: (edited > 0).then_some(edited),
    };
    Ok((message, answered))
}
