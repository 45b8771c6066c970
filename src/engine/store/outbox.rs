//! What we owe the network, kept until the server has confirmed it: messages,
//! and what is said about them.
//!
//! A row is *waiting* until it was written to a stream; from then on it carries
//! that stream's number and its own number there. When the stream ends without
//! being resumed, its rows are *in doubt*: the archive is asked first, and what
//! it does not know goes back to waiting, with the same ids. A stream that is
//! resumed tells itself what it has, even to another process than began it.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Changes, messages};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, Delivery, MessageId, SendFailure};

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxId(pub i64);

/// What is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// The message itself.
    Message,
    /// A receipt for it.
    Receipt,
    /// A read marker up to it.
    Marker,
    /// With what the user reacts to it, as it is when it leaves.
    Reactions,
    /// Its newest text.
    Correction,
    /// Taking it back.
    Retraction,
    /// A receipt for a correction of it.
    CorrectionReceipt,
}

/// Adds something owed; owing the same twice is owing it once. A read marker
/// replaces the one for the same chat that is still waiting.
pub fn add(
    tx: &Transaction<'_>,
    account: AccountId,
    conversation: ConversationId,
    message: MessageId,
    owed: Owed,
) -> Result<(), StoreError> {
    if owed == Owed::Marker {
        tx.prepare_cached(
            "DELETE FROM outbox
             WHERE conversation_id = ?1 AND kind = 2 AND session IS NULL",
        )?
        .execute([conversation.0])?;
    }
    tx.prepare_cached(
        "INSERT INTO outbox (account_id, conversation_id, message_id, kind)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (message_id, kind) DO NOTHING",
    )?
    .execute((account.0, conversation.0, message.0, code(owed)))?;
    Ok(())
}

/// Adds a stanza of its own that is owed about a message, under `stanza_id`. It
/// takes the place of one of its kind that is owed already, sent or not: the
/// newest says all that those before it did.
pub fn add_action(
    tx: &Transaction<'_>,
    account: AccountId,
    conversation: ConversationId,
    message: MessageId,
    owed: Owed,
    stanza_id: &str,
) -> Result<(), StoreError> {
    // A new row: what confirms the one before must not settle this one.
    tx.prepare_cached("DELETE FROM outbox WHERE message_id = ?1 AND kind = ?2")?
        .execute((message.0, code(owed)))?;
    tx.prepare_cached(
        "INSERT INTO outbox (account_id, conversation_id, message_id, kind, stanza_id)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((account.0, conversation.0, message.0, code(owed), stanza_id))?;
    Ok(())
}

/// Returns whether something of a kind is owed about a message.
pub fn is_owed(
    connection: &Connection,
    message: MessageId,
    owed: Owed,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM outbox WHERE message_id = ?1 AND kind = ?2")?
        .exists((message.0, code(owed)))?)
}

/// Returns whether something of a kind is owed about a message that was never
/// written to a stream, so that nobody can have it.
pub fn is_unwritten(
    connection: &Connection,
    message: MessageId,
    owed: Owed,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1
             FROM outbox
             WHERE message_id = ?1 AND kind = ?2 AND was_written = 0",
        )?
        .exists((message.0, code(owed)))?)
}

/// Notes that the archive, or another device, has what was owed under an id.
pub fn settle_action(
    tx: &Transaction<'_>,
    conversation: ConversationId,
    stanza_id: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM outbox
         WHERE conversation_id = ?1 AND stanza_id = ?2 AND stanza_id <> ''
           AND kind IN (3, 4, 5)",
    )?
    .execute((conversation.0, stanza_id))?;
    Ok(())
}

/// Removes one row: it will not be sent.
pub fn drop_row(tx: &Transaction<'_>, row: OutboxId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM outbox WHERE id = ?1")?
        .execute([row.0])?;
    Ok(())
}

/// Notes that rows are being written to a stream, before they are, under the
/// numbers after `last`. Returns those that are still owed, numbered.
pub fn written(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    session: i64,
    last: u32,
    rows: &[OutboxId],
) -> Result<Vec<(OutboxId, u32)>, StoreError> {
    let mut sequence = last;
    let mut numbered = Vec::with_capacity(rows.len());
    for id in rows {
        let next = sequence.wrapping_add(1);
        let owed: Option<(i64, i64)> = tx
            .prepare_cached(
                "UPDATE outbox AS o
                 SET session = ?2, sequence = ?3, was_written = 1,
                     archive_from = (SELECT newest_id
                                     FROM archive_cursors
                                     WHERE account_id = o.account_id)
                 WHERE id = ?1
                 RETURNING message_id, kind",
            )?
            .query_row((id.0, session, next), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((message, kind)) = owed else {
            // The user changed their mind since it was read.
            continue;
        };
        if kind == 0 {
            messages::advance(tx, changes, MessageId(message), Delivery::Sending)?;
        }
        numbered.push((*id, next));
        sequence = next;
    }
    Ok(numbered)
}

/// Notes that nothing of one kind is owed to anybody any more.
pub fn drop_all(tx: &Transaction<'_>, owed: Owed) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM outbox WHERE kind = ?1")?
        .execute([code(owed)])?;
    Ok(())
}

/// Notes that the server has these rows: messages are sent, nothing is owed any more.
pub fn confirmed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    rows: &[OutboxId],
) -> Result<(), StoreError> {
    for id in rows {
        let message: Option<(i64, i64)> = tx
            .prepare_cached("DELETE FROM outbox WHERE id = ?1 RETURNING message_id, kind")?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((message, 0)) = message {
            messages::advance(tx, changes, MessageId(message), Delivery::Sent)?;
        }
    }
    Ok(())
}

/// Settles what an earlier process wrote to a stream, now that the server says
/// up to which number it has it: the rows up to `h` are confirmed. Numbers
/// begin anew after 2^32, so what lies less than half of that behind counts as
/// before: also what was confirmed once and could not be written down.
pub fn confirmed_up_to(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    session: i64,
    h: u32,
) -> Result<(), StoreError> {
    let rows: Vec<(OutboxId, u32)> = tx
        .prepare_cached(
            "SELECT id, sequence
             FROM outbox
             WHERE account_id = ?1 AND session = ?2
             ORDER BY id",
        )?
        .query_map((account.0, session), |row| {
            Ok((OutboxId(row.get(0)?), row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let confirmed_rows: Vec<OutboxId> = rows
        .into_iter()
        .filter(|(_, sequence)| h.wrapping_sub(*sequence) <= u32::MAX / 2)
        .map(|(id, _)| id)
        .collect();
    confirmed(tx, changes, &confirmed_rows)
}

/// Notes that a message is settled some other way: found in the archive,
/// received, or refused. It is not sent again.
pub fn settle(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM outbox WHERE message_id = ?1 AND kind = 0")?
        .execute([message.0])?;
    Ok(())
}

/// Returns whether an account has rows of another stream than the current one.
pub fn has_doubts(
    connection: &Connection,
    account: AccountId,
    current: i64,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (
                 SELECT 1
                 FROM outbox
                 WHERE account_id = ?1 AND session IS NOT NULL AND session <> ?2
             )",
        )?
        .query_row((account.0, current), |row| row.get(0))?)
}

/// Puts what other streams than the current one left in doubt back to waiting,
/// to be sent again with the same ids.
pub fn requeue(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    current: i64,
) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64)> = tx
        .prepare_cached(
            "UPDATE outbox
             SET session = NULL, sequence = NULL
             WHERE account_id = ?1 AND session IS NOT NULL AND session <> ?2
             RETURNING message_id, kind",
        )?
        .query_map((account.0, current), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    back_to_pending(tx, changes, rows)
}

/// Puts what was written to one stream and did not arrive back to waiting.
pub fn requeue_stream(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    session: i64,
) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64)> = tx
        .prepare_cached(
            "UPDATE outbox
             SET session = NULL, sequence = NULL
             WHERE account_id = ?1 AND session = ?2
             RETURNING message_id, kind",
        )?
        .query_map((account.0, session), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    back_to_pending(tx, changes, rows)
}

fn back_to_pending(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    rows: Vec<(i64, i64)>,
) -> Result<(), StoreError> {
    for (message, kind) in rows {
        if kind == 0 {
            messages::back_to_pending(tx, changes, MessageId(message))?;
        }
    }
    Ok(())
}

/// Gives up the largest message among these rows, if it is larger than every
/// server takes: it is what a server closed the stream for, and would be again.
///
/// # Source
/// RFC 6120 §13.12: servers take stanzas of 10 000 bytes at least.
pub fn give_up_largest(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    rows: &[OutboxId],
) -> Result<(), StoreError> {
    let mut largest = None;
    for row in rows {
        let message: Option<(i64, i64)> = tx
            .prepare_cached(
                "SELECT octet_length(m.body), m.id
                 FROM outbox o
                 JOIN messages m ON m.id = o.message_id
                 WHERE o.id = ?1 AND o.kind = 0",
            )?
            .query_row([row.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        largest = largest.max(message.filter(|(bytes, _)| *bytes > 9000));
    }
    if let Some((_, message)) = largest {
        messages::fail(tx, changes, MessageId(message), SendFailure::TooLarge)?;
        settle(tx, MessageId(message))?;
    }
    Ok(())
}

fn code(owed: Owed) -> i64 {
    match owed {
        Owed::Message => 0,
        Owed::Receipt => 1,
        Owed::Marker => 2,
        Owed::Reactions => 3,
        Owed::Correction => 4,
        Owed::Retraction => 5,
        Owed::CorrectionReceipt => 6,
    }
}

pub(super) fn owed(code: i64) -> rusqlite::Result<Owed> {
    match code {
        0 => Ok(Owed::Message),
        1 => Ok(Owed::Receipt),
        2 => Ok(Owed::Marker),
        3 => Ok(Owed::Reactions),
        4 => Ok(Owed::Correction),
        5 => Ok(Owed::Retraction),
        6 => Ok(Owed::CorrectionReceipt),
        unknown => Err(rusqlite::Error::IntegralValueOutOfRange(1, unknown)),
    }
}
