//! The user's settings: text by key.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::engine::error::StoreError;

/// Returns a setting, when it was ever set. Bytes that are no text do not keep
/// the others from being read.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT value FROM settings WHERE key = ?1")?
        .query_row([key], |row| {
            Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes()?).into_owned())
        })
        .optional()?)
}

/// Sets a setting. Returns whether that changed it.
pub fn set(tx: &Transaction<'_>, key: &str, value: &str) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO settings (key, value)
             VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value
             WHERE value <> excluded.value",
        )?
        .execute([key, value])?;
    Ok(changed > 0)
}

/// Forgets a setting.
pub fn unset(tx: &Transaction<'_>, key: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM settings WHERE key = ?1")?
        .execute([key])?;
    Ok(())
}
