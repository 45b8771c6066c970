//! The user's accounts.
//!
//! A removed account whose history was kept leaves its row here: nothing lists
//! it, and signing in with its address again brings it back.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::columns::{password_place_code, password_place_from};
use super::{Changes, clearing, migrate, profiles, sign_ins};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{Account, AccountEdit, AccountId, PasswordPlace};
use crate::engine::text;

/// How many accent colours there are.
const COLOURS: u8 = 9;

pub(super) const COLUMNS: &str = "
    id, address, is_enabled, host, port, allows_plain, label, colour, password_place, proxy,
    pinned_key, client_certificate, encrypts_by_default, keeps_days,
    coalesce((
        SELECT f.nickname FROM profiles f
        WHERE f.account_id = accounts.id AND f.address = accounts.address
    ), '') AS nickname,
    coalesce((
        SELECT f.picture FROM profiles f
        WHERE f.account_id = accounts.id AND f.address = accounts.address
    ), '') AS picture";

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
    /// SOCKS5 proxy as `host:port`; empty: none.
    pub proxy: String,
}

/// Adds an account, or brings a removed one back with its chats; `None` when
/// the address is here already.
pub fn insert(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: &NewAccount,
) -> Result<Option<AccountId>, StoreError> {
    let id = tx
        .prepare_cached(
            "INSERT INTO accounts (address, host, port, allows_plain, proxy)
             VALUES (:address, :host, :port, :allows_plain, :proxy)
             ON CONFLICT (address) DO UPDATE
             SET is_removed = 0, is_enabled = 1, password_place = 0, host = excluded.host,
                 port = excluded.port, allows_plain = excluded.allows_plain,
                 proxy = excluded.proxy, pinned_key = '', client_certificate = ''
             WHERE is_removed = 1
             RETURNING id",
        )?
        .query_row(
            named_params! {
                ":address": account.address,
                ":host": account.host.as_deref().unwrap_or_default(),
                ":port": account.port.unwrap_or_default(),
                ":allows_plain": account.allows_plain,
                ":proxy": account.proxy.trim(),
            },
            |row| row.get(0).map(AccountId),
        )
        .optional()?;
    if id.is_some() {
        changes.add(Change::Accounts);
        // Those of one that came back.
        changes.add(Change::ConversationList);
    }
    Ok(id)
}

/// Returns all accounts, the oldest first.
pub fn all(connection: &Connection) -> Result<Vec<Account>, StoreError> {
    let accounts = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM accounts WHERE is_removed = 0 ORDER BY id"
        ))?
        .query_map([], account)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(accounts)
}

/// Returns one account.
pub fn by_id(connection: &Connection, id: AccountId) -> Result<Option<Account>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM accounts WHERE id = ?1 AND is_removed = 0"
        ))?
        .query_row([id.0], account)
        .optional()?)
}

/// Changes an account. Returns the new one when it is reached in another way
/// than before.
pub fn edit(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
    edit: &AccountEdit,
) -> Result<Option<Account>, StoreError> {
    let Some(before) = by_id(tx, id)? else {
        return Ok(None);
    };
    let host = edit.host.as_deref().unwrap_or_default().trim();
    let port = edit.port.filter(|_| !host.is_empty()).unwrap_or_default();
    let label = text::name(&edit.label);
    tx.prepare_cached(
        "UPDATE accounts
         SET host = :host, port = :port, label = :label, colour = :colour,
             proxy = :proxy, pinned_key = :pinned_key, client_certificate = :client_certificate
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id.0,
        ":host": host,
        ":port": port,
        ":label": label,
        ":colour": known_colour(edit.colour),
        ":proxy": edit.proxy.trim(),
        ":pinned_key": edit.pinned_key.trim().to_lowercase(),
        ":client_certificate": edit.client_certificate.trim(),
    })?;
    changes.add(Change::Accounts);
    let way = |account: &Account| {
        (
            account.host.clone(),
            account.port,
            account.proxy.clone(),
            account.pinned_key.clone(),
            account.client_certificate.clone(),
        )
    };
    let is_elsewhere = |now: &Account| way(now) != way(&before);
    let now = by_id(tx, id)?.filter(is_elsewhere);
    if now.is_some() {
        // Where the server answered last was found in the other way.
        tx.prepare_cached(
            "UPDATE sign_ins SET host = '', port = 0, is_direct = 0 WHERE account_id = ?1",
        )?
        .execute([id.0])?;
    }
    if now
        .as_ref()
        .is_some_and(|now| now.client_certificate != before.client_certificate)
    {
        sign_ins::own_certificate_changed(tx, id)?;
    }
    Ok(now)
}

/// Switches an account on or off.
pub fn set_enabled(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
    is_enabled: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET is_enabled = ?2 WHERE id = ?1")?
        .execute((id.0, is_enabled))?;
    changes.add(Change::Accounts);
    Ok(())
}

/// Chooses whether chats of an account are encrypted that have no choice of
/// their own.
pub fn set_encrypts_by_default(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
    is_on: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET encrypts_by_default = ?2 WHERE id = ?1")?
        .execute((id.0, is_on))?;
    changes.add(Change::Accounts);
    changes.add(Change::ConversationList);
    Ok(())
}

/// Notes where an account's password is kept.
pub fn set_password_place(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
    place: PasswordPlace,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET password_place = ?2 WHERE id = ?1")?
        .execute((id.0, password_place_code(place)))?;
    changes.add(Change::Accounts);
    Ok(())
}

/// Removes an account with its contacts, chats and messages. Where there are
/// very many, the rest goes soon, out of sight ([`clearing`]).
pub fn remove(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
) -> Result<(), StoreError> {
    migrate::remove_copies(tx)?;
    if clearing::bury_account(tx, id)? {
        profiles::remove_unused(tx)?;
        removal(changes, id);
    }
    Ok(())
}

/// Puts an account out of sight with all that is its own. Its messages keep
/// waiting; what would only tell that we are here does not.
pub fn put_away(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: AccountId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE accounts SET is_removed = 1, roster_version = '' WHERE id = ?1",
        [id.0],
    )?;
    tx.execute(
        "DELETE FROM outbox WHERE account_id = ?1 AND kind IN (1, 2)",
        [id.0],
    )?;
    removal(changes, id);
    Ok(())
}

/// Returns how many devices of the user's own the user was not told of yet, by
/// account; accounts without any are left out.
pub fn new_devices(connection: &Connection) -> Result<BTreeMap<AccountId, u32>, StoreError> {
    let mut count = connection.prepare_cached(
        "SELECT count(*)
         FROM devices d
         LEFT JOIN identities i ON i.account_id = d.account_id AND i.device_id = d.device_id
         WHERE d.account_id = ?1 AND d.address = ?2
               AND d.is_active = 1 AND d.is_told = 0 AND i.device_id IS NULL",
    )?;
    let mut new = BTreeMap::new();
    for account in all(connection)? {
        let devices = count.query_row((account.id.0, &account.address), |row| row.get(0))?;
        if devices > 0 {
            new.insert(account.id, devices);
        }
    }
    Ok(new)
}

fn removal(changes: &mut Changes, id: AccountId) {
    changes.add(Change::Accounts);
    changes.add(Change::Contacts(id));
    changes.add(Change::ConversationList);
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
        label: row.get("label")?,
        colour: u8::try_from(row.get::<_, i64>("colour")?).map_or(0, known_colour),
        password_place: password_place_from(row.get("password_place")?)?,
        proxy: row.get("proxy")?,
        pinned_key: row.get("pinned_key")?,
        client_certificate: row.get("client_certificate")?,
        encrypts_by_default: row.get("encrypts_by_default")?,
        keeps_days: row.get("keeps_days")?,
        nickname: row.get("nickname")?,
        picture: row.get("picture")?,
    })
}

/// Returns the colour, or none for a number that names none.
fn known_colour(colour: u8) -> u8 {
    if colour > COLOURS { 0 } else { colour }
}
