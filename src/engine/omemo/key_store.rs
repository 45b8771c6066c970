//! Our own keys: the identity, the key of the month, the one-time keys.
//!
//! A one-time key that was used stays until the archive was read, because the
//! archive may bring the same message once more; then it goes, and new ones
//! fill its place.

use rusqlite::Transaction;

use super::OmemoError;
use super::ratchet;
use crate::engine::model::{AccountId, Fingerprint, Timestamp, Trust};
use crate::engine::store::ratchet::{self as keys, Identity};
use crate::engine::store::{Changes, accounts, devices};
use crate::engine::xmpp::omemo_wire::Bundle;

/// How many unused one-time keys are published.
const PRE_KEYS: usize = 100;
/// Numbers of keys go up to here, then from 1 again: what every program takes.
const LARGEST_KEY: u32 = (1 << 24) - 2;
/// How long a key of the month is offered, in milliseconds.
const MONTH: Timestamp = 30 * 24 * 60 * 60 * 1_000;
/// How many keys of the month are kept: the one that is offered, and the one
/// before it for what is on its way.
const SIGNED_PRE_KEYS: usize = 2;

/// Returns an account's identity, making one with all its keys when there is
/// none. `taken` are the numbers that the account's devices have already.
pub fn ensure_identity(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    taken: &[u32],
    now: Timestamp,
) -> Result<Identity, OmemoError> {
    match keys::identity(tx, account)? {
        Some(identity) => Ok(identity),
        None => new_identity(tx, changes, account, taken, now),
    }
}

/// Makes a new identity with all its keys, under a number that neither `taken`
/// nor any known device of the account has. All sessions end; the device that
/// this program was is one of the account's old ones from now on.
pub fn new_identity(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    taken: &[u32],
    now: Timestamp,
) -> Result<Identity, OmemoError> {
    let Some(row) = accounts::by_id(tx, account)? else {
        return Err(OmemoError::NoIdentity);
    };
    let known = devices::of_address(tx, account, &row.address)?;
    if let Some(old) = known.iter().find(|known| known.device.is_this) {
        devices::set_active(tx, old.row, false, None)?;
        devices::set_told(tx, old.row)?;
    }
    let is_taken = |id: u32| taken.contains(&id) || known.iter().any(|known| known.device.id == id);
    let device = loop {
        let mut bytes = [0; 4];
        ratchet::fill(&mut bytes)?;
        let id = u32::from_be_bytes(bytes) & i32::MAX as u32;
        if id != 0 && !is_taken(id) {
            break id;
        }
    };
    let identity = Identity {
        device,
        private_key: ratchet::new_identity()?,
        created_at: now,
        generation: String::new(),
        next_pre_key: 1,
        is_bundle_due: true,
    };
    keys::set_identity(tx, account, &identity)?;
    let own = devices::ensure(tx, changes, account, &row.address, device, now)?;
    devices::set_key(tx, own, &ratchet::public_key(&identity.private_key)?)?;
    devices::set_active(tx, own, true, None)?;
    devices::set_told(tx, own)?;
    add_signed_pre_key(tx, account, &identity, 1, now)?;
    refill(tx, account)?;
    tracing::info!(account = account.0, device, "This device has new keys.");
    Ok(keys::identity(tx, account)?.unwrap_or(identity))
}

/// Removes the one-time keys that were used, and fills up to a hundred. To be
/// called when the archive was read. Returns whether the bundle is to be
/// published anew.
pub fn refill(tx: &Transaction<'_>, account: AccountId) -> Result<bool, OmemoError> {
    let Some(identity) = keys::identity(tx, account)? else {
        return Ok(false);
    };
    let removed = keys::remove_used_pre_keys(tx, account)?;
    let have = keys::pre_keys(tx, account)?;
    let mut next = identity.next_pre_key;
    for _ in have.len()..PRE_KEYS {
        while have.iter().any(|(id, _)| *id == next) {
            next = following(next);
        }
        let record = ratchet::new_pre_key(next)?;
        let id = next;
        next = following(next);
        keys::add_pre_key(tx, account, id, &record, next)?;
    }
    let is_changed = removed > 0 || have.len() < PRE_KEYS;
    if is_changed {
        keys::set_bundle_due(tx, account, true)?;
    }
    Ok(is_changed || identity.is_bundle_due)
}

/// Makes a new key of the month when the one that is offered is thirty days
/// old, and keeps the one before it. Returns whether it did.
///
/// # Source
/// XEP-0384 v0.8 §4.8: weekly to monthly.
pub fn rotate(
    tx: &Transaction<'_>,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, OmemoError> {
    let Some(identity) = keys::identity(tx, account)? else {
        return Ok(false);
    };
    let have = keys::signed_pre_keys(tx, account)?;
    let newest = have.iter().max_by_key(|(_, _, created_at)| *created_at);
    if newest.is_some_and(|(_, _, created_at)| (0..MONTH).contains(&(now - created_at))) {
        return Ok(false);
    }
    let id = newest.map_or(1, |(id, _, _)| following(*id));
    add_signed_pre_key(tx, account, &identity, id, now)?;
    let mut old: Vec<_> = have.iter().map(|(id, _, time)| (*time, *id)).collect();
    old.sort_unstable();
    let surplus = (old.len() + 1).saturating_sub(SIGNED_PRE_KEYS);
    for (_, id) in &old[..surplus] {
        keys::remove_signed_pre_key(tx, account, *id)?;
    }
    keys::set_bundle_due(tx, account, true)?;
    Ok(true)
}

/// Returns what is to be published of our keys; `None` without an identity.
pub fn own_bundle(tx: &Transaction<'_>, account: AccountId) -> Result<Option<Bundle>, OmemoError> {
    let Some(identity) = keys::identity(tx, account)? else {
        return Ok(None);
    };
    let signed = keys::signed_pre_keys(tx, account)?;
    let Some((_, signed, _)) = signed.iter().max_by_key(|(_, _, time)| *time) else {
        return Err(OmemoError::Ratchet(ratchet::RatchetError::BadRecord));
    };
    let pre_keys = keys::pre_keys(tx, account)?;
    let pre_keys = pre_keys
        .iter()
        .map(|(id, record)| Ok((*id, ratchet::pre_key_public(record)?)))
        .collect::<Result<_, OmemoError>>()?;
    Ok(Some(Bundle {
        identity_key: ratchet::public_key(&identity.private_key)?.0,
        signed_pre_key: ratchet::signed_pre_key_public(signed)?,
        pre_keys,
    }))
}

/// Notes that `published` is what the server has. Returns whether those are
/// the keys that are here; where not, they are to be published.
pub fn self_check(
    tx: &Transaction<'_>,
    account: AccountId,
    published: Option<&Bundle>,
) -> Result<bool, OmemoError> {
    let Some(own) = own_bundle(tx, account)? else {
        return Ok(true);
    };
    let fits = published.is_some_and(|published| {
        // What was used since stays published until the archive was read.
        published.identity_key == own.identity_key
            && published.signed_pre_key == own.signed_pre_key
            && own
                .pre_keys
                .iter()
                .all(|key| published.pre_keys.contains(key))
    });
    keys::set_bundle_due(tx, account, !fits)?;
    Ok(fits)
}

/// Takes note of a key that was met with a device. Returns how far it is
/// trusted; `None` when the device is known by another key, which stays.
pub fn meet_key(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (account, address): (AccountId, &str),
    row: devices::DeviceId,
    key: &Fingerprint,
) -> Result<Option<Trust>, OmemoError> {
    use super::trust::{TrustEvent, after};
    if !devices::set_key(tx, row, key)? {
        if devices::offered_other_key(tx, row)? {
            devices::changed(tx, changes, account, address)?;
        }
        return Ok(None);
    }
    let before = devices::trust(tx, account, address, key)?;
    let has_verified = devices::has_verified(tx, account, address)?;
    let trust = after(before, TrustEvent::Met { has_verified });
    if before.is_none() {
        devices::set_trust(tx, changes, account, address, key, trust)?;
    }
    Ok(Some(trust))
}

fn add_signed_pre_key(
    tx: &Transaction<'_>,
    account: AccountId,
    identity: &Identity,
    id: u32,
    now: Timestamp,
) -> Result<(), OmemoError> {
    let record = ratchet::new_signed_pre_key(&identity.private_key, id, now)?;
    Ok(keys::add_signed_pre_key(tx, account, id, &record, now)?)
}

fn following(id: u32) -> u32 {
    if id >= LARGEST_KEY { 1 } else { id + 1 }
}
