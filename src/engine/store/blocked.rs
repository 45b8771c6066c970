//! Who is blocked: as the server last told it, with what the user wished since
//! and the server has not confirmed.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::Changes;
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Blocked, ReportReason};

/// How long the list may be.
const MOST: usize = 20_000;
/// How many messages a report names.
const MOST_REPORTED: u32 = 20;

/// A wish that the server does not know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whom it is about.
    pub address: String,
    /// True: block them; false: let them in again.
    pub is_block: bool,
    /// What they are reported for with it.
    pub report: Option<ReportReason>,
    /// Ids of what they wrote, in the own archive, for the report.
    pub messages: Vec<String>,
}

/// Returns who is blocked, by account and address.
pub fn all(connection: &Connection) -> Result<Vec<Blocked>, StoreError> {
    let rows = connection
        .prepare_cached(
            "SELECT b.account_id, b.address
             FROM blocked b
             WHERE b.wish < 2
             ORDER BY b.account_id, b.address",
        )?
        .query_map([], |row| {
            Ok(Blocked {
                account: AccountId(row.get(0)?),
                address: row.get(1)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(rows)
}

/// Returns whether an address, or its whole server, is blocked.
pub fn is_blocked(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1
             FROM blocked
             WHERE account_id = ?1 AND wish < 2
               AND address IN (?2, substr(?2, instr(?2, '@') + 1))",
        )?
        .exists((account.0, address))?)
}

/// Takes the whole list of an account, as the server has it. What the user
/// wished and it does not know yet stays.
pub fn replace_all(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    addresses: &[String],
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM blocked WHERE account_id = ?1 AND wish = 0")?
        .execute([account.0])?;
    for address in addresses.iter().take(MOST) {
        put(tx, account, address)?;
    }
    changed(changes);
    Ok(())
}

/// Takes what was blocked by any device, or what the server confirmed.
pub fn added(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    addresses: &[String],
) -> Result<(), StoreError> {
    for address in addresses.iter().take(MOST) {
        put(tx, account, address)?;
        tx.prepare_cached(
            "UPDATE blocked SET wish = 0 WHERE account_id = ?1 AND address = ?2 AND wish = 1",
        )?
        .execute((account.0, address))?;
    }
    changed(changes);
    Ok(())
}

/// Takes what was let in again by any device; `None`: everybody.
pub fn removed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    addresses: Option<&[String]>,
) -> Result<(), StoreError> {
    match addresses {
        None => {
            tx.prepare_cached("DELETE FROM blocked WHERE account_id = ?1 AND wish <> 1")?
                .execute([account.0])?;
        }
        Some(addresses) => {
            for address in addresses {
                tx.prepare_cached(
                    "DELETE FROM blocked WHERE account_id = ?1 AND address = ?2 AND wish <> 1",
                )?
                .execute((account.0, address))?;
            }
        }
    }
    changed(changes);
    Ok(())
}

/// Notes that the user wants somebody blocked.
pub fn block(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    report: Option<ReportReason>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO blocked (account_id, address, wish, report)
         VALUES (?1, ?2, 1, ?3)
         ON CONFLICT DO UPDATE SET wish = 1, report = excluded.report",
    )?
    .execute((account.0, address, code(report)))?;
    changed(changes);
    Ok(())
}

/// Notes that the user wants somebody let in again.
pub fn unblock(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE blocked SET wish = 2 WHERE account_id = ?1 AND address = ?2")?
        .execute((account.0, address))?;
    changed(changes);
    Ok(())
}

/// Returns what the server is still to be told.
pub fn wishes(connection: &Connection, account: AccountId) -> Result<Vec<Wish>, StoreError> {
    let rows: Vec<(String, i64, i64)> = connection
        .prepare_cached(
            "SELECT address, wish, report
             FROM blocked
             WHERE account_id = ?1 AND wish > 0
             ORDER BY address",
        )?
        .query_map([account.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut wishes = Vec::with_capacity(rows.len());
    for (address, wish, report) in rows {
        let report = reason_from(report);
        let messages = match report {
            Some(_) => newest_received(connection, account, &address)?,
            None => Vec::new(),
        };
        wishes.push(Wish {
            address,
            is_block: wish == 1,
            report,
            messages,
        });
    }
    Ok(wishes)
}

/// A wish that the server refused is given up: as things were before.
pub fn refused(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    let wish: Option<i64> = tx
        .prepare_cached("SELECT wish FROM blocked WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| row.get(0))
        .optional()?;
    let statement = match wish {
        Some(1) => "DELETE FROM blocked WHERE account_id = ?1 AND address = ?2",
        _ => "UPDATE blocked SET wish = 0 WHERE account_id = ?1 AND address = ?2",
    };
    tx.prepare_cached(statement)?
        .execute((account.0, address))?;
    changed(changes);
    Ok(())
}

fn newest_received(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Vec<String>, StoreError> {
    let ids = connection
        .prepare_cached(
            "SELECT m.archive_id
             FROM conversations c
             JOIN messages m ON m.conversation_id = c.id
             WHERE c.account_id = ?1 AND c.address = ?2
               AND m.direction = 0 AND m.archive_id <> ''
             ORDER BY m.time DESC, m.place DESC
             LIMIT ?3",
        )?
        .query_map((account.0, address, MOST_REPORTED), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

fn put(tx: &Transaction<'_>, account: AccountId, address: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO blocked (account_id, address) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?
    .execute((account.0, address))?;
    Ok(())
}

fn changed(changes: &mut Changes) {
    changes.add(Change::Blocked);
    // Their chats are hidden, or shown again.
    changes.add(Change::ConversationList);
}

fn code(report: Option<ReportReason>) -> i64 {
    match report {
        None => 0,
        Some(ReportReason::Spam) => 1,
        Some(ReportReason::Abuse) => 2,
    }
}

fn reason_from(code: i64) -> Option<ReportReason> {
    match code {
        1 => Some(ReportReason::Spam),
        2 => Some(ReportReason::Abuse),
        _ => None,
    }
}
