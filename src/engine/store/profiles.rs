//! What people publish about themselves: a picture and a name.
//!
//! A picture is kept by the hash of what was published, once for all who have
//! it. Its bytes are those of our own small copy of it.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Changes, accounts, conversations};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::AccountId;

/// Where a picture came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The account publishes it (XEP-0084). It counts more.
    Account,
    /// It is in their card (XEP-0153).
    Card,
}

/// Whose profile it is: known by which account, and the bare address.
pub type Whose<'a> = (AccountId, &'a str);

/// Returns which picture somebody has, and from where; `None`: none.
pub fn picture_of(
    connection: &Connection,
    (account, address): Whose<'_>,
) -> Result<Option<(String, Source)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT picture, picture_source
             FROM profiles
             WHERE account_id = ?1 AND address = ?2 AND picture <> ''",
        )?
        .query_row((account.0, address), |row| {
            let source = match row.get::<_, i64>(1)? {
                0 => Source::Account,
                _ => Source::Card,
            };
            Ok((row.get(0)?, source))
        })
        .optional()?)
}

/// Returns what somebody calls themselves; empty: nothing.
pub fn nickname_of(
    connection: &Connection,
    (account, address): Whose<'_>,
) -> Result<String, StoreError> {
    let nickname = connection
        .prepare_cached("SELECT nickname FROM profiles WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| row.get(0))
        .optional()?;
    Ok(nickname.unwrap_or_default())
}

/// Returns a picture, a small square PNG file, by its hash.
pub fn picture(connection: &Connection, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT bytes FROM pictures WHERE hash = ?1")?
        .query_row([hash], |row| row.get(0))
        .optional()?)
}

/// Returns whether a picture is here.
pub fn has_picture(connection: &Connection, hash: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM pictures WHERE hash = ?1)")?
        .query_row([hash], |row| row.get(0))?)
}

/// Keeps a picture by its hash.
pub fn keep_picture(tx: &Transaction<'_>, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO pictures (hash, bytes) VALUES (?1, ?2)")?
        .execute((hash, bytes))?;
    Ok(())
}

/// Gives somebody a picture that is here, or none (an empty hash).
pub fn set_picture(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address): Whose<'_>,
    hash: &str,
    source: Source,
) -> Result<(), StoreError> {
    let source = match source {
        Source::Account => 0,
        Source::Card => 1,
    };
    let changed = tx
        .prepare_cached(
            "INSERT INTO profiles (account_id, address, picture, picture_source)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account_id, address) DO UPDATE
             SET picture = excluded.picture, picture_source = excluded.picture_source
             WHERE (picture, picture_source) <> (excluded.picture, excluded.picture_source)",
        )?
        .execute((account.0, address, hash, source))?;
    if changed > 0 {
        remove_unused(tx)?;
        tell(tx, changes, (account, address))?;
    }
    Ok(())
}

/// Notes what somebody calls themselves; empty: nothing.
pub fn set_nickname(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address): Whose<'_>,
    nickname: &str,
) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO profiles (account_id, address, nickname)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (account_id, address) DO UPDATE
             SET nickname = excluded.nickname
             WHERE nickname <> excluded.nickname",
        )?
        .execute((account.0, address, nickname))?;
    if changed > 0 {
        tell(tx, changes, (account, address))?;
    }
    Ok(())
}

/// Removes the pictures that nobody has any more.
pub fn remove_unused(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM pictures
         WHERE NOT EXISTS (
             SELECT 1 FROM profiles p WHERE p.picture = pictures.hash AND p.picture <> ''
         )",
    )?
    .execute([])?;
    Ok(())
}

fn tell(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address): Whose<'_>,
) -> Result<(), StoreError> {
    if let Some(conversation) = conversations::find(tx, account, address)? {
        changes.add(Change::Conversation(conversation));
    }
    if accounts::by_id(tx, account)?.is_some_and(|own| own.address == address) {
        changes.add(Change::Accounts);
    }
    Ok(())
}
