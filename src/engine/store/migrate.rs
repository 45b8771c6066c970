//! Brings a history to the newest version of its schema.
//!
//! The version is SQLite's `user_version`: the number of steps taken. Each
//! step is one transaction. A step that was released never changes, and
//! history is never dropped. Before an existing history is changed a copy of
//! it is kept beside it, until the user deletes something: what is deleted
//! must not live on there.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use crate::engine::error::StoreError;

/// All steps, the first makes the schema.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_preferences.sql"),
    include_str!("migrations/0003_connection.sql"),
    include_str!("migrations/0004_encryption.sql"),
    include_str!("migrations/0005_doubts.sql"),
    include_str!("migrations/0006_styling.sql"),
    include_str!("migrations/0007_search.sql"),
    include_str!("migrations/0008_profiles.sql"),
    include_str!("migrations/0009_actions.sql"),
    include_str!("migrations/0010_people.sql"),
    include_str!("migrations/0011_beginnings.sql"),
    include_str!("migrations/0012_refused.sql"),
    include_str!("migrations/0013_approvals.sql"),
];

/// Runs the steps that are missing.
pub fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let found = version(connection)?;
    let known = migrations.len();
    if found as usize > known {
        return Err(StoreError::Newer {
            found,
            known: known as u32,
        });
    }
    if found > 0 && (found as usize) < known {
        keep_copy(connection, &copy_path(path, found))?;
    }
    for (index, step) in migrations.iter().enumerate().skip(found as usize) {
        run(connection, index + 1, step)?;
    }
    Ok(())
}

/// Where the copy of a history of version `version` is kept.
pub fn copy_path(path: &Path, version: u32) -> PathBuf {
    path.with_extension(format!("v{version}.db"))
}

/// Removes the copies that migrations left, which hold what is being deleted.
/// To be called in the transaction that deletes: when a copy cannot go, nothing does.
pub(super) fn remove_copies(connection: &Connection) -> Result<(), StoreError> {
    let Some(path) = connection.path().map(Path::new) else {
        return Ok(());
    };
    for version in 1..MIGRATIONS.len() as u32 {
        match fs::remove_file(copy_path(path, version)) {
            Ok(()) => tracing::info!(version, "Removed the copy of the history from before."),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // Reads the schema as well, so that a damaged one is met here.
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version < 0 || (version == 0) != (tables == 0) {
        tracing::error!(
            version,
            tables,
            "The file is a database, but not a history."
        );
        return Err(StoreError::Damaged);
    }
    Ok(version as u32)
}

/// Copies the whole history, log included, under another name first: a copy
/// that was interrupted is not taken for a good one.
fn keep_copy(connection: &Connection, copy: &Path) -> Result<(), StoreError> {
    let unfinished = copy.with_extension("unfinished");
    if let Err(error) = write_copy(connection, &unfinished) {
        // On a full disk, half a copy is all that is in the way.
        if let Err(error) = fs::remove_file(&unfinished) {
            tracing::debug!(%error, "No half copy was removed.");
        }
        return Err(error);
    }
    fs::rename(&unfinished, copy)?;
    tracing::info!(copy = %copy.display(), "Kept a copy of the history before migrating it.");
    Ok(())
}

fn write_copy(connection: &Connection, target: &Path) -> Result<(), StoreError> {
    // It must be empty for SQLite, and closed to other users for the person.
    OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(target)?;
    let target = target
        .to_str()
        .ok_or_else(|| StoreError::other("the path of the history is not UTF-8"))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

fn run(connection: &mut Connection, version: usize, step: &str) -> Result<(), StoreError> {
    // A step may rebuild a table, which must not cascade; what it leaves is
    // checked before the commit. Inside a transaction this pragma does nothing.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", version as u32)?;
    if transaction
        .prepare("PRAGMA foreign_key_check")?
        .exists([])?
    {
        return Err(StoreError::other(
            "a migration left rows without their owner",
        ));
    }
    transaction.commit()?;
    tracing::info!(version, "The history has a new version.");
    Ok(())
}
