//! What messages answer.
//!
//! A reply keeps the id it names, and what that is is looked up when it is
//! read: what comes later, as when an archive is read backwards, is found from
//! then on, and a reply always shows the words as they are now.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::columns::{direction_from, kind_from};
use super::{Changes, targets};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId, MessageKind, Reply};
use crate::engine::text::preview;

/// What a reply says of what it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The id by which it names it.
    pub id: String,
    /// Who wrote it, if that is said.
    pub by: Option<Direction>,
    /// Its words as they are quoted; may be empty.
    pub words: String,
}

/// Returns what a message answers, as it is now.
pub fn resolved(
    connection: &Connection,
    conversation: ConversationId,
    message: MessageId,
    answered: &Answered,
) -> Result<Reply, StoreError> {
    let mut target = targets::find(connection, conversation, &answered.id, answered.by)?;
    if target.is_none() && answered.by.is_some() {
        target = targets::find(connection, conversation, &answered.id, None)?;
    }
    if let Some(target) = target.filter(|target| *target != message)
        && let Some(reply) = reply_to(connection, target)?
    {
        return Ok(reply);
    }
    Ok(Reply {
        target: None,
        by: answered.by,
        kind: MessageKind::Text,
        words: preview(&answered.words, false),
    })
}

fn reply_to(connection: &Connection, target: MessageId) -> Result<Option<Reply>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT direction, substr(body, 1, 1000), kind, iif(kind IN (3, 4, 6), detail, ''),
                    cannot_read,
                    is_unstyled = 0 AND NOT EXISTS (
                        SELECT 1 FROM settings WHERE key = 'styles-messages' AND value = 'off'
                    )
             FROM messages
             WHERE id = ?1",
        )?
        .query_row([target.0], |row| {
            Ok(Reply {
                target: Some(target),
                by: Some(direction_from(row.get(0)?)?),
                kind: kind_from(row.get(2)?, row.get(3)?, row.get(4)?)?,
                words: preview(row.get_ref(1)?.as_str()?, row.get(5)?),
            })
        })
        .optional()?)
}

/// Notes that what answers a message shows other words now.
pub fn announce(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT r.id, r.conversation_id
         FROM messages m
         JOIN messages r ON r.conversation_id = m.conversation_id
         WHERE m.id = ?1 AND r.reply_id = ?2 AND r.reply_id <> ''",
    )?;
    for name in targets::names(tx, message)? {
        let rows = query.query_map((message.0, name), |row| {
            Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?)))
        })?;
        for row in rows {
            let (reply, conversation) = row?;
            changes.message(conversation, reply);
        }
    }
    Ok(())
}

/// Removes the words of a message that those who answer it quote.
pub fn forget_words(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    let mut update = tx.prepare_cached(
        "UPDATE messages
         SET reply_words = ''
         WHERE conversation_id = (SELECT conversation_id FROM messages WHERE id = ?1)
           AND reply_id = ?2 AND reply_id <> ''",
    )?;
    for name in targets::names(tx, message)? {
        update.execute((message.0, name))?;
    }
    Ok(())
}
