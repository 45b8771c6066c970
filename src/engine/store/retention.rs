//! Messages that are kept for so many days only, and histories that the user
//! deletes as a whole.
//!
//! What still waits to be sent stays however old it is. What was deleted does
//! not come back from the archive: the chat counts as having nothing older.

use rusqlite::{Connection, Transaction};

use super::{Changes, conversations, migrate};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, MessageId, Timestamp};

use super::chat_settings::MOST_DAYS;

/// So many messages go in one step.
const STEP: i64 = 200;
const DAY: Timestamp = 24 * 60 * 60 * 1000;

/// Sets for how many days the messages of an account's chats are kept, where
/// the chat has no choice of its own; 0: for ever.
pub fn keep_for(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    days: u32,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET keeps_days = ?2 WHERE id = ?1")?
        .execute((account.0, days.min(MOST_DAYS)))?;
    changes.add(Change::Accounts);
    Ok(())
}

/// Deletes some of the messages that are too old. Returns whether there may be more.
pub fn expire(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for (chat, days) in limited(tx)? {
        let end = now - days * DAY;
        let removed: Vec<i64> = tx
            .prepare_cached(
                "DELETE FROM messages
                 WHERE id IN (SELECT m.id
                              FROM messages m
                              WHERE m.conversation_id = ?1
                                AND m.time < ?2
                                AND NOT EXISTS (
                                    SELECT 1
                                    FROM outbox o
                                    WHERE o.message_id = m.id AND o.kind IN (0, 3, 4, 5)
                                )
                              ORDER BY m.time, m.place
                              LIMIT ?3)
                 RETURNING id",
            )?
            .query_map((chat.0, end, STEP), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if removed.is_empty() {
            continue;
        }
        migrate::remove_copies(tx)?;
        tx.prepare_cached(
            "DELETE FROM archive_gaps WHERE conversation_id = ?1 AND before_time < ?2",
        )?
        .execute((chat.0, end))?;
        conversations::set_history_complete(tx, changes, chat, true)?;
        conversations::recompute(tx, changes, chat)?;
        changes.add(Change::Messages {
            conversation: chat,
            ids: removed.into_iter().map(MessageId).collect(),
        });
        return Ok(true);
    }
    Ok(false)
}

/// Returns the chats whose messages are kept for some days only.
fn limited(connection: &Connection) -> Result<Vec<(ConversationId, i64)>, StoreError> {
    let chats = connection
        .prepare_cached(
            "SELECT c.id, iif(c.keeps_days = 0, a.keeps_days, c.keeps_days) AS days
             FROM accounts a
             JOIN conversations c ON c.account_id = a.id
             WHERE days > 0",
        )?
        .query_map([], |row| Ok((ConversationId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chats)
}

/// Returns the chats of an account that have messages or are shown.
pub fn chats(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<ConversationId>, StoreError> {
    let chats = connection
        .prepare_cached("SELECT id FROM conversations WHERE account_id = ?1")?
        .query_map([account.0], |row| row.get(0).map(ConversationId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chats)
}
