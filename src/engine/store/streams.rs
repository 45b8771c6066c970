//! The last stream of each account, so that the next process can take it up.
//!
//! What a stanza changes and that it was handled are one transaction; so the
//! number we tell the server is never ahead of what we have, nor behind it.
//! The server does not repeat who is there, so that is kept here too.
//!
//! # Source
//! XEP-0198 v1.6.1 §5.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Presence, ServerLacks, Timestamp};

/// A stream as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptStream {
    /// Our number for it, as in the outbox.
    pub number: i64,
    /// What to resume it by; empty: it cannot be.
    pub resume_id: String,
    /// Where the server prefers that; empty: anywhere.
    pub location: String,
    /// Our full address on it.
    pub bound: String,
    /// How many stanzas took effect here.
    pub handled: u32,
    /// How many of ours the server has confirmed.
    pub acknowledged: u32,
    /// Our stanzas were numbered up to here at most.
    pub sent: u32,
    /// All that a fresh stream asks for was answered, and nothing is missing.
    pub is_settled: bool,
    /// What the server does not have for us.
    pub lacks: ServerLacks,
}

/// What has changed on a stream since it was last written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Our number for the stream.
    pub number: i64,
    /// [`KeptStream::handled`] by now.
    pub handled: u32,
    /// Who came, went or changed: address, program, and how they are now.
    pub presences: Vec<(String, String, Presence)>,
}

/// Notes that a fresh stream begins, instead of the one before, and returns
/// our number for it: the time, and never one that was used.
pub fn begin(
    tx: &Transaction<'_>,
    account: AccountId,
    fresh: &KeptStream,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let used: i64 = tx
        .prepare_cached(
            "SELECT max(
                 coalesce((SELECT max(session) FROM outbox WHERE account_id = ?1), 0),
                 coalesce((SELECT number FROM streams WHERE account_id = ?1), 0)
             )",
        )?
        .query_row([account.0], |row| row.get(0))?;
    let number = now.max(used + 1);
    forget(tx, account)?;
    tx.prepare_cached(
        "INSERT INTO streams (account_id, number, resume_id, location, bound, sent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        account.0,
        number,
        &fresh.resume_id,
        &fresh.location,
        &fresh.bound,
        fresh.sent,
    ))?;
    Ok(number)
}

/// Forgets the stream of an account: it is closed, or cannot be taken up.
pub fn forget(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    // Who was there goes with it.
    tx.prepare_cached("DELETE FROM streams WHERE account_id = ?1")?
        .execute([account.0])?;
    Ok(())
}

/// Returns the stream an account was left with, if any.
pub fn left(connection: &Connection, account: AccountId) -> Result<Option<KeptStream>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT number, resume_id, location, bound, handled, acknowledged, sent,
                    is_settled, lacks_archive, lacks_copies
             FROM streams
             WHERE account_id = ?1",
        )?
        .query_row([account.0], |row| {
            Ok(KeptStream {
                number: row.get(0)?,
                resume_id: row.get(1)?,
                location: row.get(2)?,
                bound: row.get(3)?,
                handled: row.get(4)?,
                acknowledged: row.get(5)?,
                sent: row.get(6)?,
                is_settled: row.get(7)?,
                lacks: ServerLacks {
                    archive: row.get(8)?,
                    copies: row.get(9)?,
                    ..ServerLacks::default()
                },
            })
        })
        .optional()?)
}

/// Returns who was there on that stream: address, program, how.
pub fn presences(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<(String, String, Presence)>, StoreError> {
    let presences = connection
        .prepare_cached(
            "SELECT address, program, presence
             FROM stream_presences
             WHERE account_id = ?1",
        )?
        .query_map([account.0], |row| {
            Ok((row.get(0)?, row.get(1)?, presence(row.get(2)?)))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(presences)
}

/// Notes how far a stream has come, with the effect of what came in on it.
pub fn keep(
    tx: &Transaction<'_>,
    account: AccountId,
    progress: &Progress,
) -> Result<(), StoreError> {
    let is_known = tx
        .prepare_cached("UPDATE streams SET handled = ?3 WHERE account_id = ?1 AND number = ?2")?
        .execute((account.0, progress.number, progress.handled))?;
    if is_known == 0 {
        return Ok(());
    }
    for (address, program, how) in &progress.presences {
        if *how == Presence::Offline {
            tx.prepare_cached(
                "DELETE FROM stream_presences
                 WHERE account_id = ?1 AND address = ?2 AND program = ?3",
            )?
            .execute((account.0, address, program))?;
            continue;
        }
        tx.prepare_cached(
            "INSERT INTO stream_presences (account_id, address, program, presence)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET presence = excluded.presence",
        )?
        .execute((account.0, address, program, code(*how)))?;
    }
    Ok(())
}

/// Notes up to which number our stanzas may be numbered from now on.
pub fn reserve(
    tx: &Transaction<'_>,
    account: AccountId,
    number: i64,
    sent: u32,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE streams SET sent = ?3 WHERE account_id = ?1 AND number = ?2")?
        .execute((account.0, number, sent))?;
    Ok(())
}

/// Notes up to which number the server has confirmed our stanzas.
pub fn acknowledged(
    tx: &Transaction<'_>,
    account: AccountId,
    number: i64,
    h: u32,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE streams SET acknowledged = ?3 WHERE account_id = ?1 AND number = ?2",
    )?
    .execute((account.0, number, h))?;
    Ok(())
}

/// Notes whether anything is still to be asked on the stream, and what its server lacks.
pub fn settled(
    tx: &Transaction<'_>,
    account: AccountId,
    number: i64,
    is_settled: bool,
    lacks: ServerLacks,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE streams
         SET is_settled = ?3, lacks_archive = ?4, lacks_copies = ?5
         WHERE account_id = ?1 AND number = ?2",
    )?
    .execute((account.0, number, is_settled, lacks.archive, lacks.copies))?;
    Ok(())
}

fn code(presence: Presence) -> i64 {
    match presence {
        Presence::Offline => 0,
        Presence::LongAway => 1,
        Presence::Away => 2,
        Presence::Busy => 3,
        Presence::Here => 4,
    }
}

fn presence(code: i64) -> Presence {
    match code {
        1 => Presence::LongAway,
        2 => Presence::Away,
        3 => Presence::Busy,
        4 => Presence::Here,
        _ => Presence::Offline,
    }
}
