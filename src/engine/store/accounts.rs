//! The user's accounts.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::Changes;
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{Account, AccountId};

/// An account to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Bare XMPP address, normalised.
    pub address: String,
    /// Host to connect to instead of what the domain's DNS says.
    pub host: Option<String>,
    /// Port that goes with `host`.
    pub port: Option<u16>,
    /// The user agreed to send the password itself, over TLS.
    pub allows_plain: bool,
}

/// Adds an account; `None` when the address is here already.
pub fn insert(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: &NewAccount,
) -> Result<Option<AccountId>, StoreError> {
    let id = tx
        .prepare_cached(
            "INSERT INTO accounts (address, host, port, allows_plain)
             VALUES (:address, :host, :port, :allows_plain)
             ON CONFLICT (address) DO NOTHING
             RETURNING id",
        )?
        .query_row(
            named_params! {
                ":address": account.address,
                ":host": account.host.as_deref().unwrap_or_default(),
                ":port": account.port.unwrap_or_default(),
                ":allows_plain": account.allows_plain,
            },
            |row| row.get(0).map(AccountId),
        )
        .optional()?;
    if id.is_some() {
        changes.add(Change::Accounts);
    }
    Ok(id)
}

/// Returns all accounts, the oldest first.
pub fn all(connection: &Connection) -> Result<Vec<Account>, StoreError> {
    let accounts = connection
        .prepare_cached(
            "SELECT id, address, is_enabled, host, port, allows_plain
             FROM accounts
             ORDER BY id",
        )?
        .query_map([], account)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(accounts)
}

/// Returns one account.
pub fn by_id(connection: &Connection, id: AccountId) -> Result<Option<Account>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id, address, is_enabled, host, port, allows_plain
             FROM accounts
             WHERE id = ?1",
        )?
        .query_row([id.0], account)
        .optional()?)
}

/// Removes an account with its contacts, chats and messages.
pub fn remove(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
) -> Result<(), StoreError> {
    let removed = tx.execute("DELETE FROM accounts WHERE id = ?1", [id.0])?;
    if removed > 0 {
        changes.add(Change::Accounts);
        changes.add(Change::Contacts(id));
        changes.add(Change::ConversationList);
    }
    Ok(())
}

/// Returns the version of the contact list we hold; empty when there is none.
///
/// # Source
/// RFC 6121 §2.6.
pub fn roster_version(connection: &Connection, id: AccountId) -> Result<String, StoreError> {
    let version = connection
        .prepare_cached("SELECT roster_version FROM accounts WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(version.unwrap_or_default())
}

/// Sets the version of the contact list, in the transaction that changes the list.
pub fn set_roster_version(
    tx: &Transaction<'_>,
    id: AccountId,
    version: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET roster_version = ?2 WHERE id = ?1")?
        .execute((id.0, version))?;
    Ok(())
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let host: String = row.get("host")?;
    let port: u16 = row.get("port")?;
    Ok(Account {
        id: AccountId(row.get("id")?),
        address: row.get("address")?,
        is_enabled: row.get("is_enabled")?,
        host: (!host.is_empty()).then_some(host),
        port: (port != 0).then_some(port),
        allows_plain: row.get("allows_plain")?,
    })
}
