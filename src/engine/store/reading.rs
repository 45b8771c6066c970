//! Who has read up to where: the others, as their markers tell, and the user's
//! own other devices.
//!
//! Both only move forward. A message that is not here yet is waited for: what
//! another device has read may come in only later.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Changes, conversations};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, MessageId, Reader};

/// Of how many chats of an account it is remembered what other devices have
/// read: the node is ours, but a program of ours may have filled it with anything.
const MOST_CHATS: u32 = 10_000;

/// How far a chat was read, to be told to the user's other devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadUpTo {
    /// The chat.
    pub conversation: ConversationId,
    /// Its bare address.
    pub address: String,
    /// The last message seen, by its id in the own archive.
    pub archive_id: String,
}

/// Notes that somebody has seen everything up to a message of their chat.
pub fn seen_by(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    reader: &str,
    up_to: MessageId,
) -> Result<(), StoreError> {
    let moved = tx
        .prepare_cached(
            "INSERT INTO readers (conversation_id, reader, message_id)
             SELECT ?1, ?2, m.id
             FROM messages m
             WHERE m.id = ?3 AND m.conversation_id = ?1
             ON CONFLICT DO UPDATE SET message_id = excluded.message_id
             WHERE (SELECT time, place FROM messages WHERE id = excluded.message_id)
                 > (SELECT time, place FROM messages WHERE id = readers.message_id)",
        )?
        .execute((conversation.0, reader, up_to.0))?;
    if moved > 0 {
        changes.message(conversation, up_to);
    }
    Ok(())
}

/// Returns who has read a chat up to which message.
///
/// What somebody wrote after the last message they told to have seen they know
/// as well, so their place is the last before the next message of the user's.
pub fn readers(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<Reader>, StoreError> {
    let marked: Vec<(String, i64)> = connection
        .prepare_cached(
            "SELECT reader, message_id
             FROM readers
             WHERE conversation_id = ?1
             ORDER BY reader",
        )?
        .query_map([conversation.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut readers = Vec::with_capacity(marked.len());
    for (address, marked) in marked {
        let next: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT time, place
                 FROM messages
                 WHERE conversation_id = ?1
                   AND (time, place) > (SELECT time, place FROM messages WHERE id = ?2)
                   AND direction = 1
                 ORDER BY time, place
                 LIMIT 1",
            )?
            .query_row((conversation.0, marked), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (time, place) = next.unwrap_or((i64::MAX, i64::MAX));
        let up_to = connection
            .prepare_cached(
                "SELECT id
                 FROM messages
                 WHERE conversation_id = ?1 AND (time, place) < (?2, ?3)
                 ORDER BY time DESC, place DESC
                 LIMIT 1",
            )?
            .query_row((conversation.0, time, place), |row| row.get(0))?;
        readers.push(Reader {
            address,
            up_to: MessageId(up_to),
        });
    }
    Ok(readers)
}

/// Takes how far another device of the user's has read a chat, as the account
/// keeps it. Returns whether that moved anything here.
pub fn take(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    archive_id: &str,
) -> Result<bool, StoreError> {
    let kept = tx
        .prepare_cached(
            "INSERT INTO read_elsewhere (account_id, address, archive_id)
             SELECT ?1, ?2, ?3
             WHERE (SELECT count(*) FROM read_elsewhere WHERE account_id = ?1) < ?4
                OR EXISTS (SELECT 1 FROM read_elsewhere WHERE account_id = ?1 AND address = ?2)
             ON CONFLICT DO UPDATE SET archive_id = excluded.archive_id",
        )?
        .execute((account.0, address, archive_id, MOST_CHATS))?;
    if kept == 0 {
        return Ok(false);
    }
    let Some(conversation) = conversations::find(tx, account, address)? else {
        return Ok(false);
    };
    match by_archive_id(tx, conversation, archive_id)? {
        Some(message) => conversations::mark_read(tx, changes, conversation, message),
        None => Ok(false),
    }
}

/// Marks a chat as read up to a message that came in, if another device of the
/// user's had read up to it. Returns whether it had.
pub fn message_came(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    message: MessageId,
    archive_id: &str,
) -> Result<bool, StoreError> {
    if archive_id.is_empty() {
        return Ok(false);
    }
    let is_read_elsewhere = tx
        .prepare_cached(
            "SELECT 1
             FROM conversations c
             JOIN read_elsewhere r ON r.account_id = c.account_id AND r.address = c.address
             WHERE c.id = ?1 AND r.archive_id = ?2",
        )?
        .exists((conversation.0, archive_id))?;
    if is_read_elsewhere {
        conversations::mark_read(tx, changes, conversation, message)?;
    }
    Ok(is_read_elsewhere)
}

/// Returns what the user's other devices are still to learn, of at most `limit`
/// chats. What is to be told of no more is crossed off.
///
/// Only what was received is named, as XEP-0490 wants it; and nothing where
/// the account holds something newer already (it only moves forward). Of
/// requests nothing is told.
pub fn due(
    tx: &Transaction<'_>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<ReadUpTo>, StoreError> {
    let chats: Vec<(i64, String, Option<String>)> = tx
        .prepare_cached(
            "SELECT c.id, c.address, (
                 SELECT r.archive_id
                 FROM read_elsewhere r
                 WHERE r.account_id = c.account_id AND r.address = c.address
             )
             FROM conversations c
             WHERE c.account_id = ?1 AND c.is_read_due = 1 AND c.is_request = 0
             LIMIT ?2",
        )?
        .query_map((account.0, limit), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut due = Vec::new();
    for (id, address, told) in chats {
        let conversation = ConversationId(id);
        let seen: Option<(i64, String)> = tx
            .prepare_cached(
                "SELECT m.id, m.archive_id
                 FROM conversations c
                 JOIN messages m ON m.conversation_id = c.id
                  AND (m.time, m.place) <= (c.read_time, c.read_place)
                 WHERE c.id = ?1 AND m.direction = 0 AND m.archive_id <> ''
                 ORDER BY m.time DESC, m.place DESC
                 LIMIT 1",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let told = match told {
            Some(told) => by_archive_id(tx, conversation, &told)?,
            None => None,
        };
        match seen {
            Some((seen, archive_id)) if !is_up_to(tx, MessageId(seen), told)? => {
                due.push(ReadUpTo {
                    conversation,
                    address,
                    archive_id,
                });
            }
            _ => is_told(tx, conversation)?,
        }
    }
    Ok(due)
}

/// Notes that the account holds how far a chat was read. Whether more was read
/// meanwhile shows the next time.
pub fn told(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    archive_id: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO read_elsewhere (account_id, address, archive_id)
         VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET archive_id = excluded.archive_id",
    )?
    .execute((account.0, address, archive_id))?;
    Ok(())
}

fn is_told(tx: &Transaction<'_>, conversation: ConversationId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE conversations SET is_read_due = 0 WHERE id = ?1")?
        .execute([conversation.0])?;
    Ok(())
}

/// Returns whether a message is the told one, or stands before it.
fn is_up_to(
    connection: &Connection,
    seen: MessageId,
    told: Option<MessageId>,
) -> Result<bool, StoreError> {
    let Some(told) = told else { return Ok(false) };
    Ok(connection
        .prepare_cached(
            "SELECT (SELECT time, place FROM messages WHERE id = ?1)
                 <= (SELECT time, place FROM messages WHERE id = ?2)",
        )?
        .query_row((seen.0, told.0), |row| row.get(0))?)
}

fn by_archive_id(
    connection: &Connection,
    conversation: ConversationId,
    archive_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE conversation_id = ?1 AND archive_id = ?2 AND archive_id <> ''",
        )?
        .query_row((conversation.0, archive_id), |row| {
            row.get(0).map(MessageId)
        })
        .optional()?)
}
