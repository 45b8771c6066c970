//! How a chat is encrypted: what the user chose, whether it works, what waits.

use rusqlite::{Connection, Transaction};

use crate::engine::api::Command;
use crate::engine::error::StoreError;
use crate::engine::model::{ChatEncryption, ConversationId, Readiness, Trust};
use crate::engine::store::devices::{self, Known, ListState};
use crate::engine::store::{Changes, accounts, protection};

use super::trust::{TrustEvent, after};

/// Returns how a chat is encrypted; `None` when there is no such chat.
pub fn encryption_of(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<ChatEncryption>, StoreError> {
    let Some(chosen) = protection::chosen(connection, conversation)? else {
        return Ok(None);
    };
    let (account, own) = (chosen.account, &chosen.own);
    let theirs = devices::of_address(connection, account, &chosen.address)?;
    let ours = if *own == chosen.address {
        Vec::new()
    } else {
        devices::of_address(connection, account, own)?
    };
    let readiness = if chosen.is_on {
        readiness(
            devices::list_state(connection, account, own)?,
            devices::list_state(connection, account, &chosen.address)?,
            &theirs,
        )
    } else {
        Readiness::Off
    };
    let used = |known: &&Known| is_usable(known) && !known.device.is_this;
    let is_verified = theirs.iter().any(|known| used(&known))
        && theirs
            .iter()
            .chain(&ours)
            .filter(used)
            .all(|known| known.device.trust == Trust::Verified);
    let new = |known: &&Known| known.device.is_active && !known.is_told && !known.device.is_this;
    let named = |address: &String, known: &Known| (address.clone(), known.device.clone());
    let new_theirs = theirs.iter().filter(new);
    let new_ours = ours.iter().filter(new);
    Ok(Some(ChatEncryption {
        choice: chosen.choice,
        is_on: chosen.is_on,
        readiness,
        is_verified,
        new_devices: new_theirs
            .map(|known| named(&chosen.address, known))
            .chain(new_ours.map(|known| named(own, known)))
            .collect(),
        unconfirmed: theirs
            .iter()
            .filter(|known| waits(known))
            .map(|known| known.device.clone())
            .collect(),
    }))
}

/// Does what a wish of the user says about keys, chats and accounts; other
/// wishes are left alone.
pub fn choose(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    command: &Command,
) -> Result<(), StoreError> {
    match command {
        Command::SetTrust {
            account,
            address,
            fingerprint,
            trust,
        } => {
            let before = devices::trust(tx, *account, address, fingerprint)?;
            let trust = after(before, TrustEvent::Chosen(*trust));
            devices::set_trust(tx, changes, *account, address, fingerprint, trust)
        }
        Command::Encrypt {
            conversation,
            choice,
        } => protection::choose(tx, changes, *conversation, *choice),
        Command::EncryptByDefault { account, is_on } => {
            accounts::set_encrypts_by_default(tx, changes, *account, *is_on)
        }
        Command::SeenNewDevices { account, address } => {
            devices::told_all(tx, changes, *account, address)
        }
        _ => Ok(()),
    }
}

/// Returns whether a message could be encrypted, given what is known of the
/// user's own list, of the other side's, and of their devices.
fn readiness(own: ListState, theirs: ListState, devices: &[Known]) -> Readiness {
    let mut active = devices
        .iter()
        .filter(|known| known.device.is_active && !known.device.is_this)
        .peekable();
    if own == ListState::NotSupported {
        return Readiness::NoServerSupport;
    }
    if active.peek().is_none() {
        return match theirs {
            ListState::Unknown => Readiness::Unknown,
            ListState::Read | ListState::None | ListState::NotSupported => Readiness::NoDevices,
        };
    }
    let (mut may_come, mut waits) = (false, false);
    for known in active {
        match &known.device.fingerprint {
            _ if is_usable(known) => return Readiness::Ready,
            Some(_) if !known.device.trust.is_used() => waits = true,
            _ => may_come |= !known.lacks_keys,
        }
    }
    match (may_come, waits) {
        (true, _) => Readiness::Unknown,
        (false, true) => Readiness::NotConfirmed,
        (false, false) => Readiness::KeysMissing,
    }
}

/// Returns whether messages are encrypted to a device.
fn is_usable(known: &Known) -> bool {
    known.device.is_active
        && known.device.fingerprint.is_some()
        && known.device.trust.is_used()
        && (known.has_session || !known.lacks_keys)
}

/// Returns whether a device waits for the user.
fn waits(known: &Known) -> bool {
    let device = &known.device;
    device.is_active && device.fingerprint.is_some() && device.trust == Trust::Undecided
}
