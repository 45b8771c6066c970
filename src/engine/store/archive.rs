//! How far each account's archive was read, forwards and backwards.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, MessageId, Timestamp};

/// How far our clock may be ahead of the server's when the archive is read by
/// time; what comes twice is recognised. In milliseconds.
pub const CLOCK_DOUBT: Timestamp = 24 * 60 * 60 * 1_000;

/// The newest archived message that took effect here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its id in the archive; empty when the archive was read and held nothing.
    pub newest_id: String,
    /// When the server archived it.
    pub newest_time: Timestamp,
}

impl Cursor {
    /// When the newest message came, as far as that can be true: our clock may
    /// once have been ahead. Then nothing is known of it.
    pub fn time_before(&self, now: Timestamp) -> Timestamp {
        if self.newest_time > now {
            0
        } else {
            self.newest_time
        }
    }
}

/// Returns whether the user's archive is known to hold a message.
pub fn holds(connection: &Connection, message: MessageId) -> Result<bool, StoreError> {
    let holds = connection
        .prepare_cached("SELECT archive_id <> '' FROM messages WHERE id = ?1")?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    Ok(holds.unwrap_or_default())
}

/// Returns how far the archive was read; `None` when it never was.
pub fn cursor(connection: &Connection, account: AccountId) -> Result<Option<Cursor>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT newest_id, newest_time
             FROM archive_cursors
             WHERE account_id = ?1",
        )?
        .query_row([account.0], |row| {
            Ok(Cursor {
                newest_id: row.get(0)?,
                newest_time: row.get(1)?,
            })
        })
        .optional()?)
}

/// Returns where to read on: at the cursor, or further back where it stood when
/// the oldest message in doubt was written. What was received since has moved
/// it, and our own message may stand before that.
pub fn to_read_on_from(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<Cursor>, StoreError> {
    let Some(cursor) = cursor(connection, account)? else {
        return Ok(None);
    };
    let before_doubts = connection
        .prepare_cached(
            "SELECT archive_from
             FROM outbox
             WHERE account_id = ?1 AND session IS NOT NULL AND kind IN (0, 3, 4, 5)
               AND archive_from IS NOT NULL
             ORDER BY id
             LIMIT 1",
        )?
        .query_row([account.0], |row| row.get(0))
        .optional()?;
    Ok(Some(Cursor {
        newest_id: before_doubts.unwrap_or(cursor.newest_id),
        ..cursor
    }))
}

/// Moves the cursor, in the transaction in which the messages take effect.
pub fn set_cursor(
    tx: &Transaction<'_>,
    account: AccountId,
    cursor: &Cursor,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO archive_cursors (account_id, newest_id, newest_time)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id) DO UPDATE
         SET newest_id = excluded.newest_id, newest_time = excluded.newest_time",
    )?
    .execute((account.0, &cursor.newest_id, cursor.newest_time))?;
    Ok(())
}

/// Returns the archive id and the time of the oldest archived message we have
/// of a chat.
pub fn oldest(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<(String, Timestamp)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT archive_id, time
             FROM messages
             WHERE conversation_id = ?1 AND archive_id <> ''
             ORDER BY time, place
             LIMIT 1",
        )?
        .query_row([conversation.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Returns whether an account has an archived message from before a time.
pub fn has_older(
    connection: &Connection,
    account: AccountId,
    time: Timestamp,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (
                 SELECT 1
                 FROM conversations c
                 JOIN messages m ON m.conversation_id = c.id
                 WHERE c.account_id = ?1
                   AND m.time < ?2
                   AND m.archive_id <> ''
             )",
        )?
        .query_row((account.0, time), |row| row.get(0))?)
}

/// Keeps what is about to be added above the oldest message from counting as
/// unread: the read position moves up to just before that message.
pub fn read_up_to_oldest(
    tx: &Transaction<'_>,
    conversation: ConversationId,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE conversations AS c
         SET read_time = m.time, read_place = m.place - 1
         FROM (
             SELECT time, place
             FROM messages
             WHERE conversation_id = ?1
             ORDER BY time, place
             LIMIT 1
         ) AS m
         WHERE c.id = ?1 AND (c.read_time, c.read_place) < (m.time, m.place - 1)",
    )?
    .execute([conversation.0])?;
    Ok(())
}
