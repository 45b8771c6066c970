//! What of an account's archive is known to be missing here, and where that
//! shows in a chat.
//!
//! Everything up to the cursor is here, or is one of these gaps. One of them
//! may be open, without an end: what lies after the cursor and could not be
//! fetched, while newer messages came live.

use rusqlite::{Connection, Transaction, named_params};

use super::Changes;
use super::archive::Cursor;
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, Gap, GapReason, MessageId, Timestamp};

/// Notes that what follows the cursor could not be fetched.
pub fn open(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    after: &Cursor,
    reason: GapReason,
) -> Result<(), StoreError> {
    let is_known: bool = tx
        .prepare_cached(
            "SELECT EXISTS (
                 SELECT 1
                 FROM archive_gaps
                 WHERE account_id = ?1 AND after_id = ?2 AND before_id = '' AND reason = ?3
                   AND conversation_id IS NULL
             )",
        )?
        .query_row((account.0, &after.newest_id, code(reason)), |row| {
            row.get(0)
        })?;
    if is_known {
        return Ok(());
    }
    close(tx, changes, account)?;
    let before = (String::new(), after.newest_time + 1);
    add(tx, changes, account, None, (after, before), reason)
}

/// Notes that nothing is missing after the cursor any more.
pub fn close(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
) -> Result<(), StoreError> {
    let closed = tx
        .prepare_cached(
            "DELETE FROM archive_gaps
             WHERE account_id = ?1 AND before_id = '' AND conversation_id IS NULL
               AND reason <> 1",
        )?
        .execute([account.0])?;
    if closed > 0 {
        changes.add(Change::Gaps(account));
    }
    Ok(())
}

/// Notes that the server no longer has what lies between the cursor and the
/// message `before`, of which the archive id and the time are known; `None`:
/// it has nothing since, and what comes next is the other side.
pub fn expired(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    after: &Cursor,
    before: Option<(String, Timestamp)>,
) -> Result<(), StoreError> {
    // Noted before, when the server had nothing since.
    tx.prepare_cached(
        "DELETE FROM archive_gaps
         WHERE account_id = ?1 AND after_id = ?2 AND reason = 1 AND conversation_id IS NULL",
    )?
    .execute((account.0, &after.newest_id))?;
    let before = before.unwrap_or_else(|| (String::new(), after.newest_time + 1));
    let sides = (after, before);
    add(tx, changes, account, None, sides, GapReason::Expired)
}

/// Notes that the server no longer has what lies before the oldest message of
/// a chat, of which the archive id and the time are known.
pub fn expired_before(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    conversation: ConversationId,
    oldest: (String, Timestamp),
) -> Result<(), StoreError> {
    let nothing = Cursor {
        newest_id: String::new(),
        newest_time: 0,
    };
    let chat = Some(conversation);
    let sides = (&nothing, oldest);
    add(tx, changes, account, chat, sides, GapReason::Expired)
}

fn add(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    conversation: Option<ConversationId>,
    (after, before): (&Cursor, (String, Timestamp)),
    reason: GapReason,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO archive_gaps (account_id, conversation_id, after_id, before_id,
                                   after_time, before_time, reason)
         VALUES (:account, :conversation, :after_id, :before_id,
                 :after_time, :before_time, :reason)",
    )?
    .execute(named_params! {
        ":account": account.0,
        ":conversation": conversation.map(|conversation| conversation.0),
        ":after_id": after.newest_id,
        ":before_id": before.0,
        ":after_time": after.newest_time,
        ":before_time": before.1,
        ":reason": code(reason),
    })?;
    changes.add(Change::Gaps(account));
    Ok(())
}

/// Returns the gaps that show in a chat, the oldest first. What expired shows
/// only between two messages, or above a chat of which that is known: a chat
/// may simply have begun later.
pub fn of_chat(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<Gap>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT g.reason, g.conversation_id IS NOT NULL,
                (SELECT m.id
                 FROM messages m
                 WHERE m.conversation_id = ?1
                   AND m.time >= iif(g.conversation_id IS NULL, g.before_time, 0)
                 ORDER BY m.time, m.place
                 LIMIT 1),
                EXISTS (
                    SELECT 1
                    FROM messages m
                    WHERE m.conversation_id = ?1 AND m.time <= g.after_time
                )
         FROM archive_gaps g
         WHERE g.account_id = (SELECT c.account_id FROM conversations c WHERE c.id = ?1)
           AND (g.conversation_id IS NULL OR g.conversation_id = ?1)
         ORDER BY g.before_time",
    )?;
    let gaps = query
        .query_map([conversation.0], |row| {
            let reason = reason_from(row.get(0)?)?;
            let (is_of_chat, has_older): (bool, bool) = (row.get(1)?, row.get(3)?);
            let above: Option<i64> = row.get(2)?;
            let shows = match reason {
                GapReason::Expired => above.is_some() && (is_of_chat || has_older),
                GapReason::NotFetched | GapReason::Refused => above.is_some() || has_older,
            };
            let above = above.map(MessageId);
            Ok(shows.then_some(Gap { above, reason }))
        })?
        .filter_map(Result::transpose)
        .collect::<rusqlite::Result<_>>()?;
    Ok(gaps)
}

fn code(reason: GapReason) -> i64 {
    match reason {
        GapReason::NotFetched => 0,
        GapReason::Expired => 1,
        GapReason::Refused => 2,
    }
}

fn reason_from(code: i64) -> rusqlite::Result<GapReason> {
    Ok(match code {
        0 => GapReason::NotFetched,
        1 => GapReason::Expired,
        2 => GapReason::Refused,
        unknown => return Err(rusqlite::Error::IntegralValueOutOfRange(0, unknown)),
    })
}
