//! Chats and accounts that are deleted and too long to go at once.
//!
//! A message has its words in the index, and both are overwritten, so that a
//! very long chat takes seconds: nothing could be received meanwhile. It is
//! buried instead: its rows go to an account that nobody can have, which no
//! list shows and no search looks into, and an empty chat takes its place. From
//! there they go step by step, each a transaction of its own; after a restart
//! it goes on.
//!
//! The surprise: a buried chat has another id from then on, the empty one. A
//! removed account is its own grave: its address becomes one that nobody has.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, MessageId};

/// So many messages go at once; a chat that has no more is gone then.
pub const AT_ONCE: usize = 500;
/// How long a later step takes.
const STEP: Duration = Duration::from_millis(40);
/// After so many messages it looks at the time.
const BETWEEN: i64 = 100;
/// Begins the addresses that nobody has; by itself the account of buried chats.
const GRAVE: &str = "/";
/// What is kept for an account and can go with it at once: first what is
/// secret. Its devices stay until no message names them.
pub(super) const OF_ACCOUNT: &[&str] = &[
    "identities",
    "key_trust",
    "sign_ins",
    "streams",
    "device_lists",
    "outbox",
    "contacts",
    "profiles",
    "approvals",
    "blocked",
    "presence_requests",
    "read_elsewhere",
    "waiting_actions",
    "archive_gaps",
    "archive_cursors",
];

/// Deletes some messages of a chat, at most so many. Returns them, and whether
/// there are more.
pub fn clear(
    tx: &Transaction<'_>,
    chat: ConversationId,
    most: usize,
) -> Result<(Vec<MessageId>, bool), StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut removed: Vec<MessageId> = tx
        .prepare_cached(
            "DELETE FROM messages
             WHERE id IN (SELECT id FROM messages WHERE conversation_id = ?1 LIMIT ?2)
             RETURNING id",
        )?
        .query_map((chat.0, most), |row| row.get(0).map(MessageId))?
        .collect::<rusqlite::Result<_>>()?;
    removed.sort_unstable();
    let has_more = tx
        .prepare_cached("SELECT 1 FROM messages WHERE conversation_id = ?1")?
        .exists([chat.0])?;
    Ok((removed, has_more))
}

/// Puts a chat with all that is left of it out of sight for good, and an empty
/// one in its place, hidden, with its settings.
pub fn bury(tx: &Transaction<'_>, chat: ConversationId) -> Result<(), StoreError> {
    let place: Option<(i64, String)> = tx
        .prepare_cached("SELECT account_id, address FROM conversations WHERE id = ?1")?
        .query_row([chat.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, address)) = place else {
        return Ok(());
    };
    tx.prepare_cached(
        "INSERT OR IGNORE INTO accounts (address, is_enabled, is_removed)
         VALUES (?1, 0, 1)",
    )?
    .execute([GRAVE])?;
    tx.prepare_cached(
        "UPDATE conversations
         SET account_id = (SELECT id FROM accounts WHERE address = ?2), address = ?2 || id,
             is_hidden = 1, keeps_days = -1, is_read_due = 0
         WHERE id = ?1",
    )?
    .execute((chat.0, GRAVE))?;
    for table in ["outbox", "archive_gaps", "readers"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE conversation_id = ?1"))?
            .execute([chat.0])?;
    }
    tx.prepare_cached(
        "INSERT INTO conversations
             (account_id, address, last_time, is_history_complete, muted_until, is_hidden,
              encryption, is_pinned, is_archived, is_marked_unread, tells_typing,
              sends_read_markers, keeps_days, is_request)
         SELECT ?2, ?3, last_time, is_history_complete, muted_until, 1,
                encryption, is_pinned, is_archived, is_marked_unread, tells_typing,
                sends_read_markers, keeps_days, is_request
         FROM conversations
         WHERE id = ?1",
    )?
    .execute((chat.0, account, address))?;
    tx.prepare_cached(
        "UPDATE deleted_messages SET conversation_id = ?2 WHERE conversation_id = ?1",
    )?
    .execute((chat.0, tx.last_insert_rowid()))?;
    Ok(())
}

/// Puts an account with all its chats out of sight for good, and clears some of
/// it away. What is secret of it goes at once. Returns whether it was there.
pub fn bury_account(tx: &Transaction<'_>, account: AccountId) -> Result<bool, StoreError> {
    let buried = tx
        .prepare_cached(
            "UPDATE accounts
         SET address = ?2 || id, is_enabled = 0, is_removed = 1, label = '', proxy = '',
             host = '', keeps_days = 0, roster_version = '', client_certificate = ''
         WHERE id = ?1",
        )?
        .execute((account.0, GRAVE))?;
    if buried == 0 {
        return Ok(false);
    }
    tx.prepare_cached(
        "DELETE FROM ratchet_sessions
         WHERE device IN (SELECT id FROM devices WHERE account_id = ?1)",
    )?
    .execute([account.0])?;
    for table in OF_ACCOUNT {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE account_id = ?1"))?
            .execute([account.0])?;
    }
    tx.prepare_cached(
        "UPDATE conversations
         SET address = ?2 || id, is_hidden = 1, draft = '', keeps_days = -1
         WHERE account_id = ?1",
    )?
    .execute((account.0, GRAVE))?;
    for _ in 0..AT_ONCE as i64 / BETWEEN {
        step(tx, BETWEEN)?;
    }
    Ok(true)
}

/// Returns whether a chat is buried: whoever still shows it sees nothing.
pub fn is_buried(connection: &Connection, chat: ConversationId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM conversations WHERE id = ?1 AND substr(address, 1, 1) = ?2")?
        .exists((chat.0, GRAVE))?)
}

/// Clears away some of what is buried, for a few hundredths of a second.
/// Returns whether there is more.
pub fn go_on(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    let began = Instant::now();
    loop {
        if !step(tx, BETWEEN)? {
            return Ok(false);
        }
        if began.elapsed() >= STEP {
            return Ok(true);
        }
    }
}

/// Clears away at most so many rows of what is buried. Returns whether there
/// is more.
pub fn step(tx: &Transaction<'_>, most: i64) -> Result<bool, StoreError> {
    // All addresses that begin like this.
    let account: Option<i64> = tx
        .prepare_cached("SELECT id FROM accounts WHERE address >= '/' AND address < '0' LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(account) = account else {
        return Ok(false);
    };
    let chat: Option<i64> = tx
        .prepare_cached("SELECT id FROM conversations WHERE account_id = ?1 LIMIT 1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    if let Some(chat) = chat {
        let removed = tx
            .prepare_cached(
                "DELETE FROM messages
                 WHERE id IN (SELECT id FROM messages WHERE conversation_id = ?1 LIMIT ?2)",
            )?
            .execute((chat, most))?;
        if removed < most as usize {
            tx.prepare_cached("DELETE FROM conversations WHERE id = ?1")?
                .execute([chat])?;
        }
        return Ok(true);
    }
    let removed = tx
        .prepare_cached(
            "DELETE FROM kept_stanzas
             WHERE id IN (SELECT id FROM kept_stanzas WHERE account_id = ?1 LIMIT ?2)",
        )?
        .execute((account, most))?;
    if removed == 0 {
        tx.prepare_cached("DELETE FROM accounts WHERE id = ?1")?
            .execute([account])?;
    }
    Ok(true)
}
