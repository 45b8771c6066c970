//! Messages of groups, kept as they came for the version that can show them.
//!
//! Anybody can send such messages, and nobody sees these yet, so they may not
//! fill the disk: each is of bounded size, and of each account only the newest
//! stay, so many of them and so many bytes (attack A56).

use rusqlite::{OptionalExtension, Transaction, named_params};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Timestamp};

/// A longer one is not kept.
const MOST_BYTES: usize = 64 * 1024;
/// So many of each account are kept.
const MOST: i64 = 10_000;
/// So many bytes of each account are kept.
const MOST_BYTES_TOGETHER: i64 = 32 * 1024 * 1024;
/// The oldest go after so many new ones, of whatever account.
const BETWEEN: i64 = 64;

/// A message of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    /// Whose account it came to.
    pub account: AccountId,
    /// Bare address of the group.
    pub address: &'a str,
    /// Its id in our archive; empty when that is not known.
    pub archive_id: &'a str,
    /// When it was sent, by our own server or this machine.
    pub time: Timestamp,
    /// The stanza.
    pub xml: &'a str,
}

/// Keeps a message, unless it is here already or too large.
pub fn keep(tx: &Transaction<'_>, message: &Kept<'_>) -> Result<(), StoreError> {
    if message.xml.len() > MOST_BYTES {
        tracing::debug!(
            bytes = message.xml.len(),
            "A message of a group was too large to keep."
        );
        return Ok(());
    }
    if is_here(tx, message)? {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO kept_stanzas (account_id, address, archive_id, time, xml)
         VALUES (:account, :address, :archive_id, :time, :xml)",
    )?
    .execute(named_params! {
        ":account": message.account.0,
        ":address": message.address,
        ":archive_id": message.archive_id,
        ":time": message.time,
        ":xml": message.xml,
    })?;
    // Every id is used, so each account's surplus goes in time.
    if tx.last_insert_rowid() % BETWEEN == 0 {
        drop_oldest(tx)?;
    }
    Ok(())
}

fn is_here(tx: &Transaction<'_>, message: &Kept<'_>) -> Result<bool, StoreError> {
    if message.archive_id.is_empty() {
        return Ok(false);
    }
    Ok(tx
        .prepare_cached(
            "SELECT 1
             FROM kept_stanzas
             WHERE account_id = ?1 AND archive_id = ?2 AND archive_id <> ''",
        )?
        .query_row((message.account.0, message.archive_id), |_| Ok(()))
        .optional()?
        .is_some())
}

/// Leaves only the newest of each account, and room for those that come next.
fn drop_oldest(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let accounts: Vec<i64> = tx
        .prepare_cached(
            "SELECT id
             FROM accounts
             ORDER BY id",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for account in accounts {
        if let Some((time, id)) = newest_surplus(tx, account)? {
            tx.prepare_cached(
                "DELETE FROM kept_stanzas
                 WHERE account_id = ?1 AND (time, id) <= (?2, ?3)",
            )?
            .execute((account, time, id))?;
        }
    }
    Ok(())
}

/// Finds the newest of an account that has no room beside those after it.
fn newest_surplus(
    tx: &Transaction<'_>,
    account: i64,
) -> Result<Option<(Timestamp, i64)>, StoreError> {
    let most_bytes = MOST_BYTES_TOGETHER - BETWEEN * MOST_BYTES as i64;
    let (mut number, mut bytes) = (0, 0);
    let mut newest_first = tx.prepare_cached(
        "SELECT time, id, octet_length(xml)
         FROM kept_stanzas
         WHERE account_id = ?1
         ORDER BY time DESC, id DESC",
    )?;
    let mut rows = newest_first.query([account])?;
    while let Some(row) = rows.next()? {
        number += 1;
        bytes += row.get::<_, i64>(2)?;
        if number > MOST - BETWEEN || bytes > most_bytes {
            return Ok(Some((row.get(0)?, row.get(1)?)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::store::accounts::{self, NewAccount};
    use crate::engine::store::{Changes, tests::in_memory};

    fn account(tx: &Transaction<'_>, address: &str) -> AccountId {
        let new = NewAccount {
            address: address.into(),
            host: None,
            port: None,
            allows_plain: false,
            proxy: String::new(),
        };
        accounts::insert(tx, &mut Changes::default(), &new)
            .unwrap()
            .unwrap()
    }

    fn count(tx: &Transaction<'_>, account: AccountId) -> i64 {
        tx.query_row(
            "SELECT count(*) FROM kept_stanzas WHERE account_id = ?1",
            [account.0],
            |row| row.get(0),
        )
        .unwrap()
    }

    fn kept<'a>(account: AccountId, archive_id: &'a str, xml: &'a str) -> Kept<'a> {
        Kept {
            account,
            address: "ball@rooms.example.org",
            archive_id,
            time: 1,
            xml,
        }
    }

    #[test]
    fn what_came_before_is_kept_once() {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let romeo = account(&tx, "romeo@example.org");
        for archive_id in ["a1", "a1", "a2", "", ""] {
            keep(&tx, &kept(romeo, archive_id, "<message/>")).unwrap();
        }

        assert_eq!(count(&tx, romeo), 4);
    }

    #[test]
    fn a56_what_is_too_large_is_not_kept() {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let romeo = account(&tx, "romeo@example.org");
        for bytes in [MOST_BYTES, MOST_BYTES + 1] {
            keep(&tx, &kept(romeo, "", &"x".repeat(bytes))).unwrap();
        }

        assert_eq!(count(&tx, romeo), 1);
    }

    #[test]
    fn a56_large_messages_do_not_fill_the_disk() {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let romeo = account(&tx, "romeo@example.org");
        let large = "x".repeat(MOST_BYTES);
        let several = 700;
        for time in 0..several {
            let archive_id = time.to_string();
            let message = Kept {
                time,
                ..kept(romeo, &archive_id, &large)
            };
            keep(&tx, &message).unwrap();
        }

        let (bytes, newest): (i64, i64) = tx
            .query_row(
                "SELECT sum(octet_length(xml)), max(time) FROM kept_stanzas WHERE account_id = ?1",
                [romeo.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert!(bytes <= MOST_BYTES_TOGETHER, "{bytes}");
        assert!(bytes >= MOST_BYTES_TOGETHER * 3 / 4, "{bytes}");
        assert_eq!(newest, several - 1);
    }

    #[test]
    fn a56_only_the_newest_of_each_account_are_kept() {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let romeo = account(&tx, "romeo@example.org");
        let juliet = account(&tx, "juliet@example.org");
        keep(&tx, &kept(juliet, "j", "<message/>")).unwrap();
        // As a page is read that goes back.
        for time in (0..MOST + 500).rev() {
            let archive_id = time.to_string();
            let message = Kept {
                time,
                ..kept(romeo, &archive_id, "<message/>")
            };
            keep(&tx, &message).unwrap();
        }

        assert!((MOST - BETWEEN..=MOST).contains(&count(&tx, romeo)));
        assert_eq!(count(&tx, juliet), 1);
        let newest: String = tx
            .query_row(
                "SELECT archive_id FROM kept_stanzas WHERE account_id = ?1 ORDER BY time DESC LIMIT 1",
                [romeo.0],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(newest, (MOST + 499).to_string());
    }
}
