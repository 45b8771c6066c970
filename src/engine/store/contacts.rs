//! Contact lists, as the servers last told them.
//!
//! A contact's name is also the name of the chat with them, so a change of
//! names changes lines of the chat list.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::columns::{subscription_code, subscription_from};
use super::{Changes, approvals, requests};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Contact, Subscription};
use crate::engine::text;

/// Replaces an account's whole contact list.
pub fn replace_all(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    contacts: &[Contact],
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM contacts WHERE account_id = ?1")?
        .execute([account.0])?;
    for contact in contacts {
        upsert(tx, contact)?;
    }
    requests::contacts_changed(tx, changes, account)?;
    changes.add(Change::Contacts(account));
    changes.add(Change::ConversationList);
    Ok(())
}

/// Adds or changes one contact.
pub fn put(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    contact: &Contact,
) -> Result<(), StoreError> {
    upsert(tx, contact)?;
    requests::contacts_changed(tx, changes, contact.account)?;
    changed(changes, contact.account);
    Ok(())
}

/// Removes one contact; the chat with them stays.
pub fn remove(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM contacts WHERE account_id = ?1 AND address = ?2")?
        .execute((account.0, address))?;
    approvals::forget(tx, account, address)?;
    changed(changes, account);
    Ok(())
}

/// Returns all contacts of all accounts by their shown name, whatever its case.
pub fn all(connection: &Connection) -> Result<Vec<Contact>, StoreError> {
    let mut contacts: Vec<Contact> = connection
        .prepare_cached(
            "SELECT p.account_id, p.address, p.name, p.subscription,
                    coalesce(f.nickname, '') AS nickname, coalesce(f.picture, '') AS picture
             FROM contacts p
             JOIN accounts a ON a.id = p.account_id
             LEFT JOIN profiles f ON f.account_id = p.account_id AND f.address = p.address
             WHERE a.is_removed = 0",
        )?
        .query_map([], contact)?
        .collect::<rusqlite::Result<_>>()?;
    for contact in &mut contacts {
        contact.labels = labels(connection, contact.account, &contact.address)?;
    }
    contacts.sort_by_cached_key(|contact| {
        (
            contact.shown_name().to_lowercase(),
            contact.address.clone(),
            contact.account,
        )
    });
    Ok(contacts)
}

/// Returns one contact.
pub fn get(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Option<Contact>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT p.account_id, p.address, p.name, p.subscription,
                    coalesce(f.nickname, '') AS nickname, coalesce(f.picture, '') AS picture
             FROM contacts p
             LEFT JOIN profiles f ON f.account_id = p.account_id AND f.address = p.address
             WHERE p.account_id = ?1 AND p.address = ?2",
        )?
        .query_row((account.0, address), contact)
        .optional()?;
    let Some(mut contact) = found else {
        return Ok(None);
    };
    contact.labels = labels(connection, account, address)?;
    Ok(Some(contact))
}

/// Returns who sees whose presence; with somebody outside the list, nobody.
pub fn subscription(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Subscription, StoreError> {
    let found = connection
        .prepare_cached("SELECT subscription FROM contacts WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| {
            subscription_from(row.get("subscription")?)
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn labels(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Vec<String>, StoreError> {
    let labels = connection
        .prepare_cached(
            "SELECT label
             FROM contact_labels
             WHERE account_id = ?1 AND address = ?2
             ORDER BY label",
        )?
        .query_map((account.0, address), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(labels)
}

fn upsert(tx: &Transaction<'_>, contact: &Contact) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO contacts (account_id, address, name, subscription)
         VALUES (:account, :address, :name, :subscription)
         ON CONFLICT (account_id, address) DO UPDATE
         SET name = excluded.name, subscription = excluded.subscription",
    )?
    .execute(named_params! {
        ":account": contact.account.0,
        ":address": contact.address,
        ":name": contact.name,
        ":subscription": subscription_code(contact.subscription),
    })?;
    tx.prepare_cached("DELETE FROM contact_labels WHERE account_id = ?1 AND address = ?2")?
        .execute((contact.account.0, &contact.address))?;
    for label in &contact.labels {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO contact_labels (account_id, address, label)
             VALUES (?1, ?2, ?3)",
        )?
        .execute((contact.account.0, &contact.address, label))?;
    }
    Ok(())
}

fn changed(changes: &mut Changes, account: AccountId) {
    changes.add(Change::Contacts(account));
    changes.add(Change::ConversationList);
}

fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    Ok(Contact {
        account: AccountId(row.get("account_id")?),
        address: row.get("address")?,
        name: text::name(&row.get::<_, String>("name")?),
        subscription: subscription_from(row.get("subscription")?)?,
        nickname: row.get("nickname")?,
        picture: row.get("picture")?,
        labels: Vec::new(),
    })
}
