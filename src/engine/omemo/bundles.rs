//! Who has which devices, and opening sessions with them.
//!
//! A session is opened when something is to be encrypted, and only with a
//! device that may be used: two sides that open one for each device they hear
//! of would use up each other's one-time keys for nothing.

use rusqlite::Transaction;

use super::OmemoError;
use super::encrypt::ends;
use super::key_store::meet_key;
use super::ratchet::{self, RatchetError};
use crate::engine::model::{AccountId, CannotRead, Fingerprint, Timestamp, Trust};
use crate::engine::store::devices::{self, DeviceId, ListState};
use crate::engine::store::ratchet::{self as keys, SessionRow};
use crate::engine::store::{Changes, accounts, protection};
use crate::engine::xmpp::omemo_wire::{Bundle, DeviceList, ListedDevice};

/// What a list of devices asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChange {
    /// Numbers of devices that were not known before.
    pub new: Vec<u32>,
    /// The list to publish, because the account's own did not have us: what
    /// came, and this device. How often is the account's to bound (attack A44).
    pub repair: Option<DeviceList>,
}

/// Takes an address's list of devices as it is now; an empty one where the
/// server has none. Never call it for a list that could not be fetched.
///
/// Devices that left it are not used any more, but stay. Those of the first
/// list are no news; each later one is told to the user (attack A43).
pub fn take_list(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address): (AccountId, &str),
    list: &DeviceList,
    now: Timestamp,
) -> Result<ListChange, OmemoError> {
    let is_own = accounts::by_id(tx, account)?.is_some_and(|account| account.address == address);
    let known = devices::of_address(tx, account, address)?;
    // A list that was emptied and comes back is no first one.
    let is_first = match devices::list_state(tx, account, address)? {
        ListState::Unknown => true,
        ListState::None | ListState::NotSupported => known.is_empty(),
        ListState::Read => false,
    };
    let mut change = ListChange::default();
    let mut is_changed = false;
    for listed in &list.devices {
        let found = known.iter().find(|known| known.device.id == listed.id);
        let row = if let Some(known) = found {
            known.row
        } else {
            change.new.push(listed.id);
            let row = devices::ensure(tx, changes, account, address, listed.id, now)?;
            if is_first {
                devices::set_told(tx, row)?;
            }
            row
        };
        let label = listed.label.as_deref().unwrap_or_default();
        is_changed |= devices::set_active(tx, row, true, Some(label))?;
    }
    for gone in known.iter().filter(|known| !list.has(known.device.id)) {
        if !gone.device.is_this && !list.is_cut {
            is_changed |= devices::set_active(tx, gone.row, false, None)?;
        }
    }
    let state = if list.devices.is_empty() && !is_own {
        ListState::None
    } else {
        ListState::Read
    };
    devices::set_list_state(tx, changes, account, address, state)?;
    if is_changed {
        devices::changed(tx, changes, account, address)?;
    }
    if is_own
        && !list.is_cut
        && let Some(identity) = keys::identity(tx, account)?
        && !list.has(identity.device)
    {
        let mut repaired = list.clone();
        repaired.devices.push(ListedDevice {
            id: identity.device,
            label: None,
        });
        change.repair = Some(repaired);
    }
    Ok(change)
}

/// Takes the keys of a device: keeps who it is, and opens a session when it
/// may be used and has none. Returns how far it is trusted; `None` when it is
/// known by another key, which stays, or when the keys are not signed by it.
pub fn take_bundle(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address, device): (AccountId, &str, u32),
    bundle: &Bundle,
    now: Timestamp,
) -> Result<Option<Trust>, OmemoError> {
    let row = devices::ensure(tx, changes, account, address, device, now)?;
    let known = devices::get(tx, account, address, device)?;
    let key = Fingerprint(bundle.identity_key);
    let is_known_by_other = known
        .as_ref()
        .and_then(|known| known.device.fingerprint)
        .is_some_and(|known| known != key);
    // A bundle that nobody signed tells nothing about whose it is.
    let record = match session_by(tx, account, address, device, row, bundle) {
        Ok(record) => record,
        Err(OmemoError::Ratchet(error)) if !matches!(error, RatchetError::NoRandom) => {
            tracing::debug!(%error, device, "The keys of a device cannot be used.");
            bundle_failed(tx, changes, (account, address, device))?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let Some(trust) = meet_key(tx, changes, (account, address), row, &key)? else {
        debug_assert!(is_known_by_other);
        bundle_failed(tx, changes, (account, address, device))?;
        return Ok(None);
    };
    if devices::set_lacks_keys(tx, row, false)? {
        devices::changed(tx, changes, account, address)?;
    }
    let has_session = known.is_some_and(|known| known.has_session);
    if trust.is_used() && !has_session {
        keys::set_session(tx, row, &record)?;
        devices::changed(tx, changes, account, address)?;
    }
    Ok(Some(trust))
}

/// Notes that the keys of a device could not be read: it is left out until
/// they can be.
pub fn bundle_failed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address, device): (AccountId, &str, u32),
) -> Result<(), OmemoError> {
    if let Some(known) = devices::get(tx, account, address, device)?
        && devices::set_lacks_keys(tx, known.row, true)?
    {
        devices::changed(tx, changes, account, address)?;
    }
    Ok(())
}

/// Notes that keys which could not be read may be there by now: the next
/// message asks for them again.
pub fn ask_again(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
) -> Result<(), OmemoError> {
    for address in devices::forget_lacking(tx, account)? {
        devices::changed(tx, changes, account, &address)?;
    }
    Ok(())
}

/// Opens a new session with a device whose old one is broken; what comes late
/// to the old one can still be read. Marks what could not be read as mended.
/// An empty message is to follow, see [`super::seal_for`]. Returns false when
/// its keys cannot be used, or the user does not trust it.
pub fn mend(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address, device): (AccountId, &str, u32),
    bundle: &Bundle,
    now: Timestamp,
) -> Result<bool, OmemoError> {
    let trust = take_bundle(tx, changes, (account, address, device), bundle, now)?;
    let Some(known) = devices::get(tx, account, address, device)? else {
        return Ok(false);
    };
    if trust.is_none_or(|trust| trust == Trust::Distrusted) {
        return Ok(false);
    }
    let record = session_by(tx, account, address, device, known.row, bundle)?;
    keys::set_session(tx, known.row, &record)?;
    for message in protection::broken_by(tx, known.row)? {
        let why = CannotRead::SessionBroken { is_repaired: true };
        protection::set_cannot_read(tx, changes, message, why)?;
    }
    Ok(true)
}

/// Returns a session opened by a bundle, with the earlier ones behind it.
fn session_by(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    device: u32,
    row: DeviceId,
    bundle: &Bundle,
) -> Result<SessionRow, OmemoError> {
    let identity = keys::identity(tx, account)?.ok_or(OmemoError::NoIdentity)?;
    let before = keys::session(tx, row)?;
    let record = before.as_ref().map(|session| session.record.as_slice());
    let record = ratchet::open_session(ends(&identity, address, device), bundle, record);
    let record = match record {
        // A damaged record is no reason to never write again.
        Err(RatchetError::BadRecord) => {
            ratchet::open_session(ends(&identity, address, device), bundle, None)?
        }
        other => other?,
    };
    Ok(SessionRow {
        record,
        answered_chain: Vec::new(),
    })
}
