//! Our own keys, and the sessions with other devices, as the ratchet writes
//! them. What stands in a record is the ratchet's; here it is only kept.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use zeroize::Zeroizing;

use super::devices::DeviceId;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Timestamp};

/// Bytes that are wiped from memory when they are no longer needed.
pub type SecretBytes = Zeroizing<Vec<u8>>;

/// Who we are for others.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Our number in the own device list.
    pub device: u32,
    /// The private key.
    pub private_key: SecretBytes,
    /// When it was made: what was written before is not for us.
    pub created_at: Timestamp,
    /// Also in the secret store; empty: not there yet.
    pub generation: String,
    /// The next one-time key gets this number.
    pub next_pre_key: u32,
    /// The published keys are not those that are here.
    pub is_bundle_due: bool,
}

/// A session with a device.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// As the ratchet wrote it.
    pub record: SecretBytes,
    /// The sender's chain whose length we have answered; empty: none.
    pub answered_chain: Vec<u8>,
}

/// Returns an account's identity.
pub fn identity(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<Identity>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT device_id, private_key, created_at, generation, next_pre_key, is_bundle_due
             FROM identities
             WHERE account_id = ?1",
        )?
        .query_row([account.0], |row| {
            Ok(Identity {
                device: row.get(0)?,
                private_key: secret(row, 1)?,
                created_at: row.get(2)?,
                generation: row.get(3)?,
                next_pre_key: row.get(4)?,
                is_bundle_due: row.get(5)?,
            })
        })
        .optional()?)
}

/// Sets an account's identity; all keys and sessions of an earlier one go.
pub fn set_identity(
    tx: &Transaction<'_>,
    account: AccountId,
    identity: &Identity,
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM identities WHERE account_id = ?1", [account.0])?;
    tx.execute(
        "DELETE FROM ratchet_sessions
         WHERE device IN (SELECT id FROM devices WHERE account_id = ?1)",
        [account.0],
    )?;
    tx.execute(
        "INSERT INTO identities (account_id, device_id, private_key, created_at, generation,
                                 next_pre_key, is_bundle_due)
         VALUES (:account, :device, :private_key, :created_at, :generation, :next, :is_due)",
        named_params! {
            ":account": account.0,
            ":device": identity.device,
            ":private_key": identity.private_key.as_slice(),
            ":created_at": identity.created_at,
            ":generation": identity.generation,
            ":next": identity.next_pre_key,
            ":is_due": identity.is_bundle_due,
        },
    )?;
    Ok(())
}

/// Sets the token that tells this file from a copy of it.
pub fn set_generation(
    tx: &Transaction<'_>,
    account: AccountId,
    generation: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE identities SET generation = ?2 WHERE account_id = ?1")?
        .execute((account.0, generation))?;
    Ok(())
}

/// Notes whether the published keys are those that are here.
pub fn set_bundle_due(
    tx: &Transaction<'_>,
    account: AccountId,
    is_due: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE identities SET is_bundle_due = ?2 WHERE account_id = ?1")?
        .execute((account.0, is_due))?;
    Ok(())
}

/// Adds a one-time key under the next number, which is set with it.
pub fn add_pre_key(
    tx: &Transaction<'_>,
    account: AccountId,
    id: u32,
    record: &[u8],
    next: u32,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO pre_keys (account_id, id, record)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id, id) DO UPDATE
         SET record = excluded.record, is_used = 0",
    )?
    .execute((account.0, id, record))?;
    tx.prepare_cached("UPDATE identities SET next_pre_key = ?2 WHERE account_id = ?1")?
        .execute((account.0, next))?;
    Ok(())
}

/// Returns a one-time key, used or not.
pub fn pre_key(
    connection: &Connection,
    account: AccountId,
    id: u32,
) -> Result<Option<SecretBytes>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT record FROM pre_keys WHERE account_id = ?1 AND id = ?2")?
        .query_row((account.0, id), |row| secret(row, 0))
        .optional()?)
}

/// Returns the one-time keys that were not used, with their numbers.
pub fn pre_keys(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<(u32, SecretBytes)>, StoreError> {
    let keys = connection
        .prepare_cached(
            "SELECT id, record
             FROM pre_keys
             WHERE account_id = ?1 AND is_used = 0
             ORDER BY id",
        )?
        .query_map([account.0], |row| Ok((row.get(0)?, secret(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(keys)
}

/// Notes that a one-time key was used. Returns false when it was so already.
pub fn use_pre_key(tx: &Transaction<'_>, account: AccountId, id: u32) -> Result<bool, StoreError> {
    let used = tx
        .prepare_cached(
            "UPDATE pre_keys
             SET is_used = 1
             WHERE account_id = ?1 AND id = ?2 AND is_used = 0",
        )?
        .execute((account.0, id))?;
    Ok(used > 0)
}

/// Removes the one-time keys that were used. Returns how many.
pub fn remove_used_pre_keys(tx: &Transaction<'_>, account: AccountId) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached("DELETE FROM pre_keys WHERE account_id = ?1 AND is_used = 1")?
        .execute([account.0])?)
}

/// Adds a key of the month.
pub fn add_signed_pre_key(
    tx: &Transaction<'_>,
    account: AccountId,
    id: u32,
    record: &[u8],
    created_at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO signed_pre_keys (account_id, id, record, created_at)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((account.0, id, record, created_at))?;
    Ok(())
}

/// Returns the keys of the month: number, record, when made; the newest first.
pub fn signed_pre_keys(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<(u32, SecretBytes, Timestamp)>, StoreError> {
    let keys = connection
        .prepare_cached(
            "SELECT id, record, created_at
             FROM signed_pre_keys
             WHERE account_id = ?1
             ORDER BY id DESC",
        )?
        .query_map([account.0], |row| {
            Ok((row.get(0)?, secret(row, 1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(keys)
}

/// Removes a key of the month.
pub fn remove_signed_pre_key(
    tx: &Transaction<'_>,
    account: AccountId,
    id: u32,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM signed_pre_keys WHERE account_id = ?1 AND id = ?2")?
        .execute((account.0, id))?;
    Ok(())
}

/// Returns the session with a device.
pub fn session(
    connection: &Connection,
    device: DeviceId,
) -> Result<Option<SessionRow>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT record, answered_chain FROM ratchet_sessions WHERE device = ?1")?
        .query_row([device.0], |row| {
            Ok(SessionRow {
                record: secret(row, 0)?,
                answered_chain: row.get(1)?,
            })
        })
        .optional()?)
}

/// Sets the session with a device.
pub fn set_session(
    tx: &Transaction<'_>,
    device: DeviceId,
    session: &SessionRow,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO ratchet_sessions (device, record, answered_chain)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (device) DO UPDATE
         SET record = excluded.record, answered_chain = excluded.answered_chain",
    )?
    .execute((
        device.0,
        session.record.as_slice(),
        session.answered_chain.as_slice(),
    ))?;
    Ok(())
}

fn secret(row: &Row<'_>, column: usize) -> rusqlite::Result<SecretBytes> {
    Ok(Zeroizing::new(row.get(column)?))
}
