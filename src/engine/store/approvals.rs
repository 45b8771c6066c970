//! Whom the user lets see when they are around before they have asked, where
//! the server does not keep that itself.
//!
//! Only what the user said of one person stands here, for a while and for one
//! answer.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Timestamp};

/// Lets somebody see the user as soon as they ask, if they do before `until`.
pub fn approve(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO approvals (account_id, address, until)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id, address) DO UPDATE
         SET until = excluded.until",
    )?
    .execute((account.0, address, until))?;
    Ok(())
}

/// Returns whether somebody may see the user now that they ask.
pub fn is_approved(
    connection: &Connection,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let until: Option<Timestamp> = connection
        .prepare_cached("SELECT until FROM approvals WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| row.get(0))
        .optional()?;
    Ok(until.is_some_and(|until| now < until))
}

/// Forgets what was said of somebody: it was used, or is not meant any more.
pub fn forget(tx: &Transaction<'_>, account: AccountId, address: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM approvals WHERE account_id = ?1 AND address = ?2")?
        .execute((account.0, address))?;
    Ok(())
}
