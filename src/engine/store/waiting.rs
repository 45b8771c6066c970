//! What was done with messages that are not here yet.
//!
//! An archive that is read backwards brings a reaction before the message it
//! is on, and may bring it before anything else of its chat. Nobody knows
//! whether that message ever comes, so what waits is bounded, and the oldest
//! goes first (attack A56). Corrections do not wait here: they have words, and
//! stand by themselves until then.

use rusqlite::{Transaction, named_params};

use super::columns::{direction_code, direction_from};
use super::reactions;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Direction, Timestamp};

/// So much waits for one chat.
const MOST: i64 = 1000;
/// So much waits in an account for chats that are not here either.
const MOST_WITHOUT_CHAT: i64 = 2000;
/// After so many more it is looked whether they are too many.
const BETWEEN: i64 = 64;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody reacted, with all of these.
    Reacted(Vec<String>),
    /// Somebody took it back.
    Retracted,
}

/// Something that waits for its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Who did it.
    pub by: Direction,
    /// What was done.
    pub deed: Deed,
    /// When.
    pub time: Timestamp,
    /// It was fetched backwards: of two at the same time it is the older.
    pub is_past: bool,
    /// Id of the stanza.
    pub stanza_id: String,
}

/// Keeps an action until the message comes that `target` names, in the chat
/// with the bare address `other`. Of the same person's on the same message only
/// the newest counts.
pub fn keep(
    tx: &Transaction<'_>,
    (account, other): (AccountId, &str),
    target: &str,
    action: &Action,
) -> Result<(), StoreError> {
    let (kind, emoji) = match &action.deed {
        Deed::Reacted(emoji) => (0, reactions::joined(emoji)),
        Deed::Retracted => (1, String::new()),
    };
    tx.prepare_cached(
        "INSERT INTO waiting_actions AS w (account_id, address, target, direction, kind, emoji,
                                           time, stanza_id)
         VALUES (:account, :other, :target, :by, :kind, :emoji, :time, :stanza_id)
         ON CONFLICT (account_id, address, target, direction, kind) DO UPDATE
         SET emoji = excluded.emoji, time = excluded.time, stanza_id = excluded.stanza_id
         WHERE excluded.time > w.time OR excluded.time = w.time AND :is_past = 0",
    )?
    .execute(named_params! {
        ":account": account.0,
        ":other": other,
        ":target": target,
        ":by": direction_code(action.by),
        ":kind": kind,
        ":emoji": emoji,
        ":time": action.time,
        ":is_past": action.is_past,
        ":stanza_id": action.stanza_id,
    })?;
    tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE id = (
             SELECT id
             FROM waiting_actions
             WHERE account_id = ?1 AND address = ?2
             ORDER BY time
             LIMIT 1
         ) AND (SELECT count(*) FROM waiting_actions WHERE account_id = ?1 AND address = ?2) > ?3",
    )?
    .execute((account.0, other, MOST))?;
    if tx.last_insert_rowid() % BETWEEN == 0 {
        drop_oldest_without_chat(tx, account)?;
    }
    Ok(())
}

/// Anybody can have an address: what they do does not drive out what waits in
/// the chats that are here.
fn drop_oldest_without_chat(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE id IN (
             SELECT w.id
             FROM waiting_actions w
             WHERE w.account_id = ?1
               AND NOT EXISTS (
                   SELECT 1
                   FROM conversations c
                   WHERE c.account_id = w.account_id AND c.address = w.address
               )
             ORDER BY w.time DESC
             LIMIT -1 OFFSET ?2
         )",
    )?
    .execute((account.0, MOST_WITHOUT_CHAT - BETWEEN))?;
    Ok(())
}

/// Takes what waits for a message that has one of these names and this writer:
/// anybody may react to it, and only who wrote it takes it back (attack A7).
pub fn take(
    tx: &Transaction<'_>,
    (account, other): (AccountId, &str),
    names: &[String],
    writer: Direction,
) -> Result<Vec<Action>, StoreError> {
    let mut taken = Vec::new();
    let mut query = tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE account_id = ?1 AND address = ?2 AND target = ?3
           AND (kind = 0 OR direction = ?4)
         RETURNING direction, kind, emoji, time, stanza_id",
    )?;
    for name in names {
        let of_name = (account.0, other, name, direction_code(writer));
        let rows = query.query_map(of_name, |row| {
            let kind: i64 = row.get(1)?;
            Ok(Action {
                by: direction_from(row.get(0)?)?,
                deed: if kind == 0 {
                    Deed::Reacted(reactions::split(row.get_ref(2)?.as_str()?))
                } else {
                    Deed::Retracted
                },
                time: row.get(3)?,
                is_past: false,
                stanza_id: row.get(4)?,
            })
        })?;
        for action in rows {
            taken.push(action?);
        }
    }
    Ok(taken)
}
