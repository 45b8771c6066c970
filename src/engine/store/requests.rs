//! Strangers: chats that somebody unknown began, and wishes to see when the
//! user is around. Both wait for the user's word.
//!
//! Known is who is in the contact list, to whom the user has written, and the
//! account's own server. A stranger becomes known by being accepted, by
//! becoming a contact on any device, or by an answer of the user's.

use std::collections::BTreeSet;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Changes, approvals, contacts, conversations, deletion};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, Timestamp};

/// How many wishes to see the user are remembered for an account (attack A56).
const MOST_WISHES: u32 = 1_000;

/// What the column `answer` says of a wish that is to be granted.
const GRANTED: i64 = 1;
/// What it says of one that is to be refused.
const REFUSED: i64 = 2;

/// What is answered to somebody who wants to see when the user is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They may. Where the user cannot see them yet, they are asked the same.
    Granted {
        /// The user sees them already.
        sees_them: bool,
    },
    /// They may not.
    Refused,
}

/// Returns whether an address is unknown to the user of an account.
pub fn is_stranger(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    let is_known = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM contacts WHERE account_id = ?1 AND address = ?2)
                 OR EXISTS (
                     SELECT 1
                     FROM accounts
                     WHERE id = ?1 AND ?2 IN (address, substr(address, instr(address, '@') + 1))
                 )",
        )?
        .query_row((account.0, address), |row| row.get::<_, bool>(0))?;
    Ok(!is_known)
}

/// Returns whether a chat is a request.
pub fn is_request(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT is_request FROM conversations WHERE id = ?1")?
        .query_row([conversation.0], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

/// Returns whether nothing of ours may go to an address: they are unknown, and
/// the user has not answered.
pub fn is_unanswered(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    match conversations::find(connection, account, address)? {
        Some(conversation) => is_request(connection, conversation),
        None => Ok(false),
    }
}

/// Makes the chat that somebody began; a request, if they are a stranger.
pub fn ensure(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<ConversationId, StoreError> {
    if let Some(known) = conversations::find(tx, account, address)? {
        return Ok(known);
    }
    let made = conversations::ensure(tx, changes, account, address, now)?;
    if is_stranger(tx, account, address)? {
        tx.prepare_cached("UPDATE conversations SET is_request = 1 WHERE id = ?1")?
            .execute([made.0])?;
    }
    Ok(made)
}

/// The user knows somebody: they were accepted, or written to.
pub fn is_known(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached("UPDATE conversations SET is_request = 0 WHERE id = ?1 AND is_request = 1")?
        .execute([conversation.0])?;
    if changed > 0 {
        changes.add(Change::ConversationList);
        changes.add(Change::Conversation(conversation));
    }
    Ok(())
}

/// Requests of people who are contacts by now are none any more; and who sees
/// the user needs not ask.
pub fn contacts_changed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
) -> Result<(), StoreError> {
    let known = tx
        .prepare_cached(
            "UPDATE conversations AS c
             SET is_request = 0
             WHERE c.account_id = ?1 AND c.is_request = 1
               AND EXISTS (
                   SELECT 1
                   FROM contacts p
                   WHERE p.account_id = c.account_id AND p.address = c.address
               )",
        )?
        .execute([account.0])?;
    let seen = tx
        .prepare_cached(
            "DELETE FROM presence_requests AS r
             WHERE r.account_id = ?1 AND r.answer = 0
               AND EXISTS (
                   SELECT 1
                   FROM contacts p
                   WHERE p.account_id = r.account_id AND p.address = r.address
                     AND p.subscription IN (2, 3)
               )",
        )?
        .execute([account.0])?;
    if known + seen > 0 {
        changes.add(Change::ConversationList);
    }
    Ok(())
}

/// Somebody wants to see when the user is around. Returns whether the user has
/// answered already, before or after they asked: then that is to be said.
pub fn asks(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let answer: Option<i64> = tx
        .prepare_cached(
            "SELECT answer FROM presence_requests WHERE account_id = ?1 AND address = ?2",
        )?
        .query_row((account.0, address), |row| row.get(0))
        .optional()?;
    if let Some(answer) = answer {
        return Ok(answer > 0);
    }
    if approvals::is_approved(tx, account, address, now)? {
        approvals::forget(tx, account, address)?;
        tx.prepare_cached(
            "INSERT INTO presence_requests (account_id, address, answer) VALUES (?1, ?2, 1)",
        )?
        .execute((account.0, address))?;
        return Ok(true);
    }
    let kept = tx
        .prepare_cached(
            "INSERT INTO presence_requests (account_id, address)
             SELECT ?1, ?2
             WHERE (SELECT count(*) FROM presence_requests WHERE account_id = ?1) < ?3",
        )?
        .execute((account.0, address, MOST_WISHES))?;
    if kept == 0 {
        tracing::debug!("Too many ask to see when the user is around.");
        return Ok(false);
    }
    let chat = ensure(tx, changes, account, address, now)?;
    if is_request(tx, chat)? {
        // One that was declined before is shown again.
        tx.prepare_cached(
            "UPDATE conversations SET is_hidden = 0, last_time = ?2 WHERE id = ?1 AND is_hidden = 1",
        )?
        .execute((chat.0, now))?;
    }
    changes.add(Change::ConversationList);
    changes.add(Change::Conversation(chat));
    Ok(false)
}

/// Somebody no longer wants to see when the user is around. A chat without a
/// message that was begun by that goes with it.
pub fn asks_no_more(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM presence_requests
         WHERE account_id = ?1 AND address = ?2 AND answer = 0",
    )?
    .execute((account.0, address))?;
    tx.prepare_cached(
        "DELETE FROM conversations
         WHERE account_id = ?1 AND address = ?2 AND is_request = 1 AND last_message_id IS NULL",
    )?
    .execute((account.0, address))?;
    changes.add(Change::ConversationList);
    Ok(())
}

/// Forgets the wishes that the server no longer holds: another device of the
/// user's answered them. `held` are the addresses it told of on this stream.
pub fn only_these_ask(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    held: &BTreeSet<BareJid>,
) -> Result<(), StoreError> {
    let open: Vec<String> = tx
        .prepare_cached(
            "SELECT address FROM presence_requests WHERE account_id = ?1 AND answer = 0",
        )?
        .query_map([account.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for address in open {
        if !held.iter().any(|who| who.as_str() == address) {
            asks_no_more(tx, changes, account, &address)?;
        }
    }
    Ok(())
}

/// The user lets somebody see when they are around, whether or not they have
/// asked. Returns whether they have.
pub fn granted(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    let asked = tx
        .prepare_cached("DELETE FROM presence_requests WHERE account_id = ?1 AND address = ?2")?
        .execute((account.0, address))?;
    if asked > 0 {
        changes.add(Change::ConversationList);
    }
    Ok(asked > 0)
}

/// Accepts whoever began a chat. Returns the account that has something to say.
pub fn accept(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
) -> Result<Option<AccountId>, StoreError> {
    is_known(tx, changes, conversation)?;
    answer(tx, changes, conversation, GRANTED)
}

/// Declines whoever began a chat: what they wrote is removed. Returns the
/// account that has something to say. Somebody known keeps their chat.
pub fn decline(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
) -> Result<Option<AccountId>, StoreError> {
    let account = answer(tx, changes, conversation, REFUSED)?;
    if is_request(tx, conversation)? {
        deletion::delete_chat(tx, changes, conversation)?;
    }
    Ok(account)
}

fn answer(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    answer: i64,
) -> Result<Option<AccountId>, StoreError> {
    let account: Option<i64> = tx
        .prepare_cached(
            "UPDATE presence_requests AS r
             SET answer = ?2
             FROM conversations c
             WHERE c.id = ?1 AND r.account_id = c.account_id AND r.address = c.address
             RETURNING account_id",
        )?
        .query_row((conversation.0, answer), |row| row.get(0))
        .optional()?;
    changes.add(Change::Conversation(conversation));
    Ok(account.map(AccountId))
}

/// Takes the answers that were not given to the server yet.
pub fn take_answers(
    tx: &Transaction<'_>,
    account: AccountId,
) -> Result<Vec<(String, Answer)>, StoreError> {
    let answers: Vec<(String, i64)> = tx
        .prepare_cached(
            "DELETE FROM presence_requests
             WHERE account_id = ?1 AND answer > 0
             RETURNING address, answer",
        )?
        .query_map([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    answers
        .into_iter()
        .map(|(address, answer)| {
            let answer = if answer == GRANTED {
                let subscription = contacts::subscription(tx, account, &address)?;
                Answer::Granted {
                    sees_them: subscription.shows_them(),
                }
            } else {
                Answer::Refused
            };
            Ok((address, answer))
        })
        .collect()
}
