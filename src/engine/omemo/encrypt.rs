//! A text, or keys alone, to all devices it is for.

use jid::BareJid;
use rusqlite::Transaction;

use super::ratchet::Ends;
use super::{OmemoError, payload, ratchet};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Device, LeftOut, MessageId, Protection, Trust};
use crate::engine::store::columns::Part;
use crate::engine::store::devices::{self, DeviceId, Known};
use crate::engine::store::ratchet::{self as keys, Identity, SessionRow};
use crate::engine::store::{Changes, accounts, protection};
use crate::engine::xmpp::omemo_wire::{Encrypted, HeaderKey};

/// An encrypted message, which may leave when its transaction is on disk.
#[derive(Debug)]
pub struct Sealed {
    /// For the wire.
    pub encrypted: Encrypted,
    /// The devices it was encrypted to.
    pub to: Vec<DeviceId>,
    /// The devices that were left out.
    pub left_out: Vec<(DeviceId, LeftOut)>,
    /// The least trusted key it was encrypted to.
    pub trust: Trust,
}

/// Why a message cannot be encrypted now; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SealTrouble {
    /// Somebody it is for has no device that can read it.
    #[error("no device can read it")]
    NoKeys,
    /// All devices of somebody wait for the user, or are not trusted.
    #[error("no device is confirmed")]
    NotConfirmed(Vec<(String, Device)>),
    /// The keys of these devices are to be fetched first: address and number.
    /// Then comes [`super::take_bundle`] or [`super::bundle_failed`] for each,
    /// and another try.
    #[error("keys have to be fetched")]
    BundlesMissing(Vec<(BareJid, u32)>),
    /// It failed for a reason of our own.
    #[error(transparent)]
    Failed(#[from] OmemoError),
}

impl From<StoreError> for SealTrouble {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ratchet::RatchetError> for SealTrouble {
    fn from(error: ratchet::RatchetError) -> Self {
        Self::Failed(error.into())
    }
}

/// A device that is written to.
struct Reader {
    address: String,
    row: DeviceId,
    device: u32,
    trust: Trust,
}

/// Encrypts a text to the devices of all recipients and to the account's own
/// other devices. Never to fewer people than asked for: each recipient has at
/// least one device that can read it, or nothing is encrypted.
pub fn seal(
    tx: &Transaction<'_>,
    account: AccountId,
    recipients: &[BareJid],
    text: Option<&str>,
) -> Result<Sealed, SealTrouble> {
    let identity = keys::identity(tx, account)?.ok_or(OmemoError::NoIdentity)?;
    let own = accounts::by_id(tx, account)?.ok_or(OmemoError::NoIdentity)?;
    let mut readers = Vec::new();
    let mut left_out = Vec::new();
    let mut missing = Vec::new();
    let mut waiting = Vec::new();
    let mut is_alone = false;
    let mut seen: Vec<&str> = Vec::new();
    for address in recipients
        .iter()
        .map(|jid| jid.as_str())
        .chain([own.address.as_str()])
    {
        if seen.contains(&address) {
            continue;
        }
        seen.push(address);
        let (before, missed) = (readers.len(), missing.len());
        let mut unconfirmed = Vec::new();
        for known in devices::of_address(tx, account, address)? {
            if known.device.is_this || !known.device.is_active {
                continue;
            }
            match standing(&known) {
                Standing::Use => readers.push(Reader {
                    address: address.to_owned(),
                    row: known.row,
                    device: known.device.id,
                    trust: known.device.trust,
                }),
                Standing::Fetch => missing.extend(
                    BareJid::new(address)
                        .ok()
                        .map(|address| (address, known.device.id)),
                ),
                Standing::LeaveOut(why) => {
                    left_out.push((known.row, why));
                    if why != LeftOut::NoKeys {
                        unconfirmed.push((address.to_owned(), known.device));
                    }
                }
            }
        }
        let is_recipient = recipients.iter().any(|jid| jid.as_str() == address);
        if is_recipient && readers.len() == before && missing.len() == missed {
            is_alone = true;
            waiting.append(&mut unconfirmed);
        }
    }
    if !missing.is_empty() {
        return Err(SealTrouble::BundlesMissing(missing));
    }
    if !waiting.is_empty() {
        return Err(SealTrouble::NotConfirmed(waiting));
    }
    if is_alone {
        return Err(SealTrouble::NoKeys);
    }
    let encrypted = write(tx, &identity, &readers, text)?;
    let all_verified = readers.iter().all(|reader| reader.trust == Trust::Verified);
    Ok(Sealed {
        encrypted,
        to: readers.iter().map(|reader| reader.row).collect(),
        left_out,
        trust: if all_verified {
            Trust::Verified
        } else {
            Trust::Blind
        },
    })
}

/// Writes an empty message to one device: an answer to a session it opened, or
/// to a long silence of ours, or the first word of a mended session. `None`
/// when there is no session with it, or the user does not trust it.
pub fn seal_for(
    tx: &Transaction<'_>,
    account: AccountId,
    row: DeviceId,
) -> Result<Option<Encrypted>, OmemoError> {
    let identity = keys::identity(tx, account)?.ok_or(OmemoError::NoIdentity)?;
    let Some((address, known)) = devices::by_row(tx, row)? else {
        return Ok(None);
    };
    let trust = known.device.trust;
    if known.device.is_this || !known.has_session || trust == Trust::Distrusted {
        return Ok(None);
    }
    let reader = Reader {
        address,
        row,
        device: known.device.id,
        trust,
    };
    write(tx, &identity, &[reader], None).map(Some)
}

/// Notes at a message to which devices it went and which were left out.
pub fn note_parts(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    sealed: &Sealed,
) -> Result<(), StoreError> {
    protection::forget_parts(tx, message)?;
    for row in &sealed.to {
        protection::add_part(tx, message, *row, Part::To)?;
    }
    for (row, why) in &sealed.left_out {
        protection::add_part(tx, message, *row, Part::LeftOut(*why))?;
    }
    let trust = sealed.trust;
    protection::set(tx, changes, message, Protection::Omemo { trust })
}

/// What is to be done with a device that should get a message.
enum Standing {
    Use,
    Fetch,
    LeaveOut(LeftOut),
}

fn standing(known: &Known) -> Standing {
    let is_met = known.device.fingerprint.is_some();
    match known.device.trust {
        Trust::Undecided if is_met => Standing::LeaveOut(LeftOut::NotConfirmed),
        Trust::Distrusted => Standing::LeaveOut(LeftOut::Distrusted),
        _ if is_met && known.has_session => Standing::Use,
        _ if known.lacks_keys => Standing::LeaveOut(LeftOut::NoKeys),
        _ => Standing::Fetch,
    }
}

fn write(
    tx: &Transaction<'_>,
    identity: &Identity,
    readers: &[Reader],
    text: Option<&str>,
) -> Result<Encrypted, OmemoError> {
    let payload = payload::encrypt(text)?;
    let mut header = Vec::with_capacity(readers.len());
    for reader in readers {
        let session = keys::session(tx, reader.row)?
            .ok_or(OmemoError::Ratchet(ratchet::RatchetError::NoSession))?;
        let written = ratchet::encrypt(
            ends(identity, &reader.address, reader.device),
            &session.record,
            &payload.content,
        )?;
        header.push(HeaderKey {
            device: reader.device,
            is_pre_key: written.is_pre_key,
            data: written.data,
        });
        let session = SessionRow {
            record: written.record,
            answered_chain: written.answers_chain,
        };
        keys::set_session(tx, reader.row, &session)?;
    }
    Ok(Encrypted {
        sender: identity.device,
        keys: header,
        iv: payload.iv,
        payload: payload.text,
    })
}

/// Returns who we are and to whom a session leads.
pub(super) fn ends<'a>(identity: &'a Identity, address: &'a str, device: u32) -> Ends<'a> {
    Ends {
        own_key: &identity.private_key,
        own_device: identity.device,
        address,
        device,
    }
}
