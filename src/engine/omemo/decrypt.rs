//! What came encrypted, and why it cannot be read.
//!
//! The order matters: who it claims to be is looked at before the ratchet
//! turns, the text is decrypted before anything is written. So what is refused
//! changes nothing, and a good message can still follow a bad one.
//!
//! The session is the one with the address that delivered the message: what
//! somebody copies into their own message is not taken for its first writer's
//! (attack A48).

use rusqlite::Transaction;

use super::encrypt::ends;
use super::key_store::meet_key;
use super::ratchet::{OwnKeys, RatchetError, Received, Turned};
use super::{OmemoError, payload};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, CannotRead, Timestamp, Trust};
use crate::engine::store::Changes;
use crate::engine::store::devices::{self, DeviceId, Known, ListState};
use crate::engine::store::ratchet::{self as keys, Identity, SessionRow};
use crate::engine::xmpp::omemo_wire::{Encrypted, HeaderKey};

/// How many keys for our number are tried: devices of several people may have
/// the same.
const MOST_TRIES: usize = 8;
/// How many messages of one chain go by before we answer, so that the sender
/// gets a new one.
///
/// # Source
/// XEP-0384 v0.8 §4.6.
const LONG_CHAIN: u32 = 53;

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By the stream, or as a copy of what went by it.
    Live,
    /// From the archive, which may bring what came before.
    Archive,
}

/// A message that could be read. Its transaction has to be on disk before it
/// is shown.
#[derive(Debug)]
pub struct Opened {
    /// The text; `None`: it only brought keys.
    pub text: Option<String>,
    /// The device that wrote it.
    pub device: DeviceId,
    /// How far its key is trusted.
    pub trust: Trust,
    /// What the sender waits for.
    pub answer: Answer,
}

/// What the writer of a message waits for. While the archive is read nothing
/// is answered (attack A45); it does no harm to answer later, or once for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    None,
    /// An empty message, because it opened a session with one of our one-time keys.
    KeyTransport,
    /// An empty message, because we have been silent for long.
    Heartbeat,
}

/// Why a message was not read; nothing was changed by it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is to be shown as a row that says so.
    #[error("cannot be read: {why:?}")]
    Unreadable {
        /// Why.
        why: CannotRead,
        /// The device it names as its writer, when that is known.
        device: Option<DeviceId>,
    },
    /// It was read before: nothing is to be shown.
    #[error("read before")]
    Duplicate,
    /// It failed for a reason of our own; it may be tried again.
    #[error(transparent)]
    Failed(#[from] OmemoError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// A message, and how it came.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Bare address of the person who delivered it: the stanza's, never one
    /// from inside.
    pub sender: &'a str,
    /// What came.
    pub encrypted: &'a Encrypted,
    /// From where.
    pub origin: Origin,
    /// When it was written, as far as a server of ours says.
    pub written_at: Timestamp,
}

/// Decrypts a message, and takes the step of the ratchet.
pub fn open(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    letter: Letter<'_>,
    now: Timestamp,
) -> Result<Opened, Refusal> {
    let Letter {
        sender, encrypted, ..
    } = letter;
    let refuse = |why, known: Option<&Known>| Refusal::Unreadable {
        why,
        device: known.map(|known| known.row),
    };
    let known = devices::get(tx, account, sender, encrypted.sender)?;
    let known = known.as_ref();
    let Some(identity) = keys::identity(tx, account)? else {
        return Err(refuse(CannotRead::BeforeThisDevice, known));
    };
    let mut ours = encrypted
        .keys
        .iter()
        .filter(|key| key.device == identity.device)
        .take(MOST_TRIES)
        .peekable();
    if ours.peek().is_none() {
        let why = if letter.written_at < identity.created_at {
            CannotRead::BeforeThisDevice
        } else {
            CannotRead::NotForThisDevice
        };
        return Err(refuse(why, known));
    }
    if known.is_some_and(|known| known.device.is_this) {
        // Nobody else has our number and our key; we write nothing to ourselves.
        return Err(refuse(CannotRead::Damaged, known));
    }
    if known.is_some_and(|known| known.device.trust == Trust::Distrusted) {
        return Err(refuse(CannotRead::NotTrusted, known));
    }
    // Whatever its stamp says, which servers round and clocks that are wrong
    // shift: nobody could encrypt to our number before it was there.
    let mut why = CannotRead::Damaged;
    for key in ours {
        match turn(tx, account, &identity, letter, known, key)? {
            Ok(step) => return take(tx, changes, account, letter, step, known, now),
            Err(Trouble::Duplicate) => return Err(Refusal::Duplicate),
            Err(Trouble::Why(other)) => why = other,
        }
    }
    if why == CannotRead::NotTrusted
        && let Some(known) = known
        && devices::offered_other_key(tx, known.row)?
    {
        // The one thing a refused message leaves: a warning.
        devices::changed(tx, changes, account, sender)?;
    }
    Err(refuse(why, known))
}

/// Why one of the keys for us did not help.
enum Trouble {
    Duplicate,
    Why(CannotRead),
}

/// A step of the ratchet that was taken in memory, and is to be written.
struct Step {
    received: Received,
    turned: Turned,
    text: Option<String>,
    /// The chain of theirs that we answered last.
    answered_chain: Vec<u8>,
}

/// What turning the ratchet gave; the outer error is one of our own.
type Turn = Result<Result<Step, Trouble>, Refusal>;

/// Turns the ratchet in memory and decrypts the text; writes nothing.
fn turn(
    tx: &Transaction<'_>,
    account: AccountId,
    identity: &Identity,
    letter: Letter<'_>,
    known: Option<&Known>,
    key: &HeaderKey,
) -> Turn {
    let because = |why| Ok(Err(Trouble::Why(why)));
    let Ok(received) = Received::read(&key.data, key.is_pre_key) else {
        return because(CannotRead::Damaged);
    };
    let claims = received.identity();
    if let Some(claimed) = &claims {
        let is_other = known
            .and_then(|known| known.device.fingerprint)
            .is_some_and(|known| known != *claimed);
        let is_distrusted =
            devices::trust(tx, account, letter.sender, claimed)? == Some(Trust::Distrusted);
        if is_other || is_distrusted {
            return because(CannotRead::NotTrusted);
        }
    }
    let session = match known {
        Some(known) => keys::session(tx, known.row)?,
        None => None,
    };
    let (mut pre_key, mut signed) = (None, None);
    if let Some((pre_key_id, signed_id)) = received.own_keys() {
        pre_key = keys::pre_key(tx, account, pre_key_id)?;
        let all = keys::signed_pre_keys(tx, account)?;
        signed = all.into_iter().find(|(id, _, _)| *id == signed_id);
    }
    let turned = received.decrypt(
        ends(identity, letter.sender, letter.encrypted.sender),
        session.as_ref().map(|session| session.record.as_slice()),
        OwnKeys {
            pre_key: pre_key.as_ref().map(|record| record.as_slice()),
            signed_pre_key: signed.as_ref().map(|(_, record, _)| record.as_slice()),
        },
    );
    let turned = match turned {
        Ok(turned) => turned,
        Err(RatchetError::Duplicate) => return Ok(Err(Trouble::Duplicate)),
        Err(error @ RatchetError::NoRandom) => return Err(OmemoError::from(error).into()),
        Err(RatchetError::NotUnderstood | RatchetError::BadSignature) => {
            return because(CannotRead::Damaged);
        }
        Err(RatchetError::NoSession | RatchetError::NoKey | RatchetError::BadRecord) => {
            return because(CannotRead::SessionBroken { is_repaired: false });
        }
    };
    let text = match &letter.encrypted.payload {
        None if matches!(turned.content.len(), payload::KEY | 32) => None,
        None => return because(CannotRead::Damaged),
        Some(bytes) => match payload::decrypt(&turned.content, &letter.encrypted.iv, bytes) {
            Some(text) => Some(text),
            None => return because(CannotRead::Damaged),
        },
    };
    Ok(Ok(Step {
        received,
        turned,
        text,
        answered_chain: session
            .map(|session| session.answered_chain)
            .unwrap_or_default(),
    }))
}

/// Writes what a good message changes.
fn take(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    letter: Letter<'_>,
    step: Step,
    known: Option<&Known>,
    now: Timestamp,
) -> Result<Opened, Refusal> {
    let (sender, device) = (letter.sender, letter.encrypted.sender);
    let Step {
        received,
        turned,
        text,
        answered_chain,
    } = step;
    let row = devices::ensure(tx, changes, account, sender, device, now)?;
    if known.is_none() && devices::list_state(tx, account, sender)? == ListState::Unknown {
        // Somebody's first word is no news about their devices.
        devices::set_told(tx, row)?;
    }
    let trust = match received.identity() {
        Some(key) => {
            meet_key(tx, changes, (account, sender), row, &key)?.ok_or(Refusal::Unreadable {
                why: CannotRead::NotTrusted,
                device: Some(row),
            })?
        }
        None => known.map(|known| known.device.trust).unwrap_or_default(),
    };
    let (chain, place) = received.place();
    let is_answered = answered_chain == chain;
    let session = SessionRow {
        record: turned.record,
        answered_chain,
    };
    keys::set_session(tx, row, &session)?;
    let mut answer = Answer::None;
    if let Some(id) = turned.used_pre_key {
        if keys::use_pre_key(tx, account, id)? {
            keys::set_bundle_due(tx, account, true)?;
        }
        answer = Answer::KeyTransport;
    } else if place >= LONG_CHAIN && !is_answered {
        answer = Answer::Heartbeat;
    }
    devices::set_last_seen(tx, row, letter.written_at.min(now))?;
    // A device that writes now is there, whatever the list says.
    if letter.origin == Origin::Live && devices::set_active(tx, row, true, None)? {
        devices::changed(tx, changes, account, sender)?;
    }
    Ok(Opened {
        text,
        device: row,
        trust,
        answer,
    })
}
