//! Devices of contacts and of the accounts themselves, and how far their keys
//! are trusted.
//!
//! Trust hangs on the key, so that it is there before the device is (a key
//! that was verified by a code) and stays when the device comes back under
//! another number.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::columns::{trust_code, trust_from};
use super::{Changes, conversations};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Device, Fingerprint, Timestamp, Trust};

/// A device's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceId(pub i64);

/// What is known of somebody's list of devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListState {
    /// Not asked, or no answer yet.
    #[default]
    Unknown,
    /// It was read.
    Read,
    /// There is none.
    None,
    /// Their server keeps no such lists.
    NotSupported,
}

/// A device, with what only the engine needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The row.
    pub row: DeviceId,
    /// What the window may know.
    pub device: Device,
    /// There is a session with it.
    pub has_session: bool,
    /// Its keys were asked for, and could not be read.
    pub lacks_keys: bool,
    /// The user was told of it.
    pub is_told: bool,
}

/// A device; the query adds its condition and order.
pub(super) const DEVICE: &str = "
    SELECT d.id, d.device_id, d.label, d.identity_key, d.is_active, d.first_seen, d.last_seen,
           d.has_other_key, d.is_told, d.lacks_keys,
           coalesce(t.trust, 0) AS trust,
           s.device IS NOT NULL AS has_session,
           i.device_id IS NOT NULL AS is_this
    FROM devices d
    LEFT JOIN key_trust t ON t.account_id = d.account_id AND t.address = d.address
                         AND t.identity_key = d.identity_key
    LEFT JOIN ratchet_sessions s ON s.device = d.id
    LEFT JOIN accounts a ON a.id = d.account_id AND a.address = d.address
    LEFT JOIN identities i ON i.account_id = a.id AND i.device_id = d.device_id";

/// Returns the devices of an address by their numbers.
pub fn of_address(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Vec<Known>, StoreError> {
    let devices = connection
        .prepare_cached(&format!(
            "{DEVICE} WHERE d.account_id = ?1 AND d.address = ?2 ORDER BY d.device_id"
        ))?
        .query_map((account.0, address), known)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(devices)
}

/// Returns one device of an address.
pub fn get(
    connection: &Connection,
    account: AccountId,
    address: &str,
    device: u32,
) -> Result<Option<Known>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "{DEVICE} WHERE d.account_id = ?1 AND d.address = ?2 AND d.device_id = ?3"
        ))?
        .query_row((account.0, address, device), known)
        .optional()?)
}

/// Returns the device of a row, and its owner's address.
pub fn by_row(
    connection: &Connection,
    row: DeviceId,
) -> Result<Option<(String, Known)>, StoreError> {
    let found = connection
        .prepare_cached(&format!("{DEVICE} WHERE d.id = ?1"))?
        .query_row([row.0], known)
        .optional()?;
    match found {
        Some(known) => Ok(Some((address_of(connection, row)?, known))),
        None => Ok(None),
    }
}

fn address_of(connection: &Connection, row: DeviceId) -> Result<String, StoreError> {
    Ok(connection
        .prepare_cached("SELECT address FROM devices WHERE id = ?1")?
        .query_row([row.0], |row| row.get(0))?)
}

/// Adds a device, or finds it. One that is new is inactive and has no key.
pub fn ensure(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    device: u32,
    now: Timestamp,
) -> Result<DeviceId, StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT id
             FROM devices
             WHERE account_id = ?1 AND address = ?2 AND device_id = ?3",
        )?
        .query_row((account.0, address, device), |row| row.get(0))
        .optional()?;
    if let Some(row) = found {
        return Ok(DeviceId(row));
    }
    tx.prepare_cached(
        "INSERT INTO devices (account_id, address, device_id, first_seen)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((account.0, address, device, now))?;
    let row = DeviceId(tx.last_insert_rowid());
    changed(tx, changes, account, address)?;
    Ok(row)
}

/// Sets the key of a device that has none yet; a key is never changed. Returns
/// false when it has another.
pub fn set_key(tx: &Transaction<'_>, row: DeviceId, key: &Fingerprint) -> Result<bool, StoreError> {
    tx.prepare_cached("UPDATE devices SET identity_key = ?2 WHERE id = ?1 AND identity_key = x''")?
        .execute((row.0, key.0))?;
    Ok(tx
        .prepare_cached("SELECT identity_key = ?2 FROM devices WHERE id = ?1")?
        .query_row((row.0, key.0), |row| row.get(0))?)
}

/// Notes that a device offered another key than it is known by.
pub fn offered_other_key(tx: &Transaction<'_>, row: DeviceId) -> Result<bool, StoreError> {
    let noted = tx
        .prepare_cached("UPDATE devices SET has_other_key = 1 WHERE id = ?1 AND has_other_key = 0")?
        .execute([row.0])?;
    Ok(noted > 0)
}

/// Sets whether a device is in its owner's list, and its name there. Returns
/// whether that is new.
pub fn set_active(
    tx: &Transaction<'_>,
    row: DeviceId,
    is_active: bool,
    label: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE devices
             SET is_active = :is_active, label = coalesce(:label, label)
             WHERE id = :row
               AND (is_active <> :is_active OR label <> coalesce(:label, label))",
        )?
        .execute(named_params! { ":row": row.0, ":is_active": is_active, ":label": label })?;
    Ok(changed > 0)
}

/// Notes that something readable came from a device.
pub fn set_last_seen(
    tx: &Transaction<'_>,
    row: DeviceId,
    time: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE devices SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2")?
        .execute((row.0, time))?;
    Ok(())
}

/// Notes whether a device's keys could not be read.
pub fn set_lacks_keys(
    tx: &Transaction<'_>,
    row: DeviceId,
    lacks_keys: bool,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached("UPDATE devices SET lacks_keys = ?2 WHERE id = ?1 AND lacks_keys <> ?2")?
        .execute((row.0, lacks_keys))?;
    Ok(changed > 0)
}

/// Forgets which devices' keys could not be read. Returns their owners'
/// addresses.
pub fn forget_lacking(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<String>, StoreError> {
    let addresses = tx
        .prepare_cached(
            "UPDATE devices
             SET lacks_keys = 0
             WHERE account_id = ?1 AND lacks_keys = 1
             RETURNING address",
        )?
        .query_map([account.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(addresses)
}

/// Notes that the user need not be told of one device.
pub fn set_told(tx: &Transaction<'_>, row: DeviceId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE devices SET is_told = 1 WHERE id = ?1")?
        .execute([row.0])?;
    Ok(())
}

/// Notes that the user was told of all devices of an address.
pub fn told_all(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    let told = tx
        .prepare_cached(
            "UPDATE devices
             SET is_told = 1
             WHERE account_id = ?1 AND address = ?2 AND is_told = 0",
        )?
        .execute((account.0, address))?;
    if told > 0 {
        changed(tx, changes, account, address)?;
    }
    Ok(())
}

/// Returns how far a key of an address is trusted; `None` when nothing is known of it.
pub fn trust(
    connection: &Connection,
    account: AccountId,
    address: &str,
    key: &Fingerprint,
) -> Result<Option<Trust>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT trust
             FROM key_trust
             WHERE account_id = ?1 AND address = ?2 AND identity_key = ?3",
        )?
        .query_row((account.0, address, key.0), |row| trust_from(row.get(0)?))
        .optional()?)
}

/// Returns whether any key of an address is verified, seen on a device or not.
pub fn has_verified(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1
             FROM key_trust
             WHERE account_id = ?1 AND address = ?2 AND trust = 2",
        )?
        .exists((account.0, address))?)
}

/// Sets how far a key of an address is trusted, seen on a device or not.
pub fn set_trust(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    key: &Fingerprint,
    trust: Trust,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO key_trust (account_id, address, identity_key, trust)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account_id, address, identity_key) DO UPDATE
         SET trust = excluded.trust",
    )?
    .execute((account.0, address, key.0, trust_code(trust)))?;
    changed(tx, changes, account, address)
}

/// Returns what is known of an address's list of devices.
pub fn list_state(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<ListState, StoreError> {
    let state: Option<i64> = connection
        .prepare_cached("SELECT state FROM device_lists WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| row.get(0))
        .optional()?;
    Ok(match state {
        Some(1) => ListState::Read,
        Some(2) => ListState::None,
        Some(3) => ListState::NotSupported,
        _ => ListState::Unknown,
    })
}

/// Notes what is known of an address's list of devices.
pub fn set_list_state(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    state: ListState,
) -> Result<(), StoreError> {
    if list_state(tx, account, address)? == state {
        return Ok(());
    }
    let code = match state {
        ListState::Unknown => 0,
        ListState::Read => 1,
        ListState::None => 2,
        ListState::NotSupported => 3,
    };
    tx.prepare_cached(
        "INSERT INTO device_lists (account_id, address, state)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id, address) DO UPDATE
         SET state = excluded.state",
    )?
    .execute((account.0, address, code))?;
    changed(tx, changes, account, address)
}

/// Announces that something about an address's devices changed: their page,
/// and the chat, whose lock may look different now.
pub fn changed(
    connection: &Connection,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    changes.add(Change::Devices {
        account,
        address: address.to_owned(),
    });
    if let Some(chat) = conversations::find(connection, account, address)? {
        changes.add(Change::Conversation(chat));
    }
    Ok(())
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let key: Vec<u8> = row.get("identity_key")?;
    let last_seen: Timestamp = row.get("last_seen")?;
    let is_this: bool = row.get("is_this")?;
    Ok(Known {
        row: DeviceId(row.get("id")?),
        device: Device {
            id: row.get("device_id")?,
            label: row.get("label")?,
            fingerprint: key.try_into().ok().map(Fingerprint),
            // Nobody has to verify themselves.
            trust: if is_this {
                Trust::Verified
            } else {
                trust_from(row.get("trust")?)?
            },
            is_active: row.get("is_active")?,
            first_seen: row.get("first_seen")?,
            last_seen: (last_seen > 0).then_some(last_seen),
            is_this,
            has_other_key: row.get("has_other_key")?,
        },
        has_session: row.get("has_session")?,
        lacks_keys: row.get("lacks_keys")?,
        is_told: row.get("is_told")?,
    })
}
