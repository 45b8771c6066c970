//! Messages of the outbox on their way into sealed stanzas.
//!
//! A row whose keys are not here holds back its chat, and no other. Sealing
//! turns ratchets, so it happens in the transaction that notes the row as
//! written: after a crash the row is in doubt and may be sealed again, but no
//! step of a ratchet is ever taken twice.

use std::collections::BTreeMap;

use jid::BareJid;
use minidom::Element;
use rusqlite::Transaction;

use super::super::actions;
use super::super::outgoing::{with_signs, words};
use super::super::session::Session;
use crate::engine::error::StoreError;
use crate::engine::link::bytes_on_wire;
use crate::engine::model::{AccountId, Delivery, MessageId, Protection, SendFailure};
use crate::engine::omemo::{self, OmemoError, SealTrouble};
use crate::engine::store::outbox::{self, OutboxId, Owed};
use crate::engine::store::owing::Waiting;
use crate::engine::store::{Changes, conversations, messages, protection, reactions};
use crate::engine::xmpp::message;

/// A row of the outbox that may leave now.
#[derive(Clone, Debug)]
pub(in crate::engine::account) enum Leaving {
    /// As this stanza.
    Plain(OutboxId, Element),
    /// Sealed.
    Sealed(Waiting),
}

/// What sealing needs to know besides the rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine::account) struct Seal {
    /// Whose messages.
    pub account: AccountId,
    /// No stanza of more bytes may leave.
    pub most_bytes: Option<usize>,
}

impl Session {
    /// Returns those of the rows that need no keys, or whose keys are here. The
    /// others' chats are held until keys come, or do not.
    pub(in crate::engine::account) async fn with_keys(
        &mut self,
        rows: Vec<Waiting>,
    ) -> Result<Vec<Waiting>, StoreError> {
        let mut ready = Vec::with_capacity(rows.len());
        let mut asked = BTreeMap::new();
        for row in rows {
            let is_ready = match asked.get(&row.conversation) {
                _ if !row.is_sealed => true,
                Some(is_ready) => *is_ready,
                None => match BareJid::new(&row.to) {
                    Ok(other) => self.has_keys_for(&other).await?,
                    // Sealing fails, which is told.
                    Err(_) => true,
                },
            };
            if row.is_sealed {
                asked.insert(row.conversation, is_ready);
            }
            if is_ready {
                ready.push(row);
            }
        }
        if let Some(stream) = &mut self.stream {
            let held = asked.into_iter().filter(|(_, is_ready)| !is_ready);
            stream.keys.held.extend(held.map(|(chat, _)| chat));
        }
        Ok(ready)
    }
}

/// Makes the stanzas of rows that leave, in order. What cannot be sealed fails
/// and is told; it never leaves as it is (attack A49).
pub(in crate::engine::account) fn seal(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    rows: Vec<Leaving>,
    how: Seal,
) -> Result<Vec<(OutboxId, Element)>, StoreError> {
    let mut stanzas = Vec::with_capacity(rows.len());
    for leaving in rows {
        match leaving {
            Leaving::Plain(id, stanza) => stanzas.push((id, stanza)),
            Leaving::Sealed(row) => match seal_one(tx, changes, &row, how)? {
                Ok(stanza) => stanzas.push((row.id, stanza)),
                Err(failure) => give_up(tx, changes, &row, failure)?,
            },
        }
    }
    Ok(stanzas)
}

fn seal_one(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    row: &Waiting,
    how: Seal,
) -> Result<Result<Element, SendFailure>, StoreError> {
    let Ok(to) = BareJid::new(&row.to) else {
        return Ok(Err(SendFailure::NoSuchAddress));
    };
    let sealed = match omemo::seal(tx, how.account, &[to], Some(&words(row))) {
        Ok(sealed) => sealed,
        Err(SealTrouble::NotConfirmed(_)) => return Ok(Err(SendFailure::NotConfirmed)),
        // All that could be had was asked for before.
        Err(
            SealTrouble::NoKeys
            | SealTrouble::BundlesMissing(_)
            | SealTrouble::Failed(OmemoError::NoIdentity),
        ) => return Ok(Err(SendFailure::NoKeys)),
        Err(SealTrouble::Failed(error)) => return Err(error.into()),
    };
    let element = sealed.encrypted.write();
    let stanza = message::sealed(&row.to, &row.stanza_id, element, row.tells_typing);
    let stanza = with_signs(stanza, row);
    if how
        .most_bytes
        .is_some_and(|most| bytes_on_wire(&stanza) > most)
    {
        return Ok(Err(SendFailure::TooLarge));
    }
    omemo::note_parts(tx, changes, row.message, &sealed)?;
    Ok(Ok(stanza))
}

/// Notes that something owed cannot leave. What was written fails and is told;
/// the rest is of no use later.
pub(in crate::engine::account) fn give_up(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    row: &Waiting,
    why: SendFailure,
) -> Result<(), StoreError> {
    match row.owed {
        Owed::Message => messages::fail(tx, changes, row.message, why)?,
        Owed::Correction => messages::fail_correction(tx, changes, row.message, why)?,
        Owed::Reactions => {
            reactions::revert(tx, changes, row.conversation, &row.stanza_id, why)?;
        }
        Owed::Retraction => messages::fail_retraction(tx, changes, row.message, why)?,
        Owed::Receipt | Owed::Marker | Owed::CorrectionReceipt => {}
    }
    outbox::drop_row(tx, row.id)
}

/// Returns whether a text that is owed is to be sealed: its chat is encrypted,
/// and the user did not choose otherwise for it alone. What corrects a message
/// that was sealed is sealed even where the chat is not any more: it may say
/// the same.
pub(in crate::engine::account) fn is_to_be_sealed(
    connection: &rusqlite::Connection,
    row: &Waiting,
) -> Result<bool, StoreError> {
    if !matches!(row.owed, Owed::Message | Owed::Correction) {
        return Ok(false);
    }
    match protection::get(connection, row.message)? {
        Protection::PlainAmongEncrypted => return Ok(false),
        Protection::Omemo { .. } if row.owed == Owed::Correction => return Ok(true),
        Protection::Omemo { .. } | Protection::None => {}
    }
    Ok(protection::chosen(connection, row.conversation)?.is_some_and(|chosen| chosen.is_on))
}

/// Puts a message that was stopped back into the outbox, to leave as it is.
/// Returns the account that owes it.
pub(in crate::engine::account) fn send_plain(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    let stopped = [SendFailure::NoKeys, SendFailure::NotConfirmed].map(Delivery::Failed);
    let Some((conversation, delivery)) = messages::state(tx, message)? else {
        return Ok(None);
    };
    let Some(row) = conversations::row(tx, conversation)?.filter(|_| stopped.contains(&delivery))
    else {
        return Ok(None);
    };
    protection::set(tx, changes, message, Protection::PlainAmongEncrypted)?;
    actions::owe_again(tx, changes, row.account, conversation, message)?;
    Ok(Some(row.account))
}
