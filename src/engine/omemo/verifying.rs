//! What a code, or a link, does to the keys it names.

use rusqlite::{Connection, Transaction};

use crate::engine::error::{StoreError, VerifyError};
use crate::engine::model::{AccountId, Trust, Verified};
use crate::engine::store::devices;
use crate::engine::store::{Changes, accounts};
use crate::engine::text::VerificationLink;

use super::trust::{TrustEvent, after};

/// Marks the keys in a code as verified, all or none. Keys of devices that
/// were not seen yet are kept, so that such a device is verified when it appears.
///
/// # Errors
/// [`VerifyError::DifferentKey`] when a device of a number in the code is
/// known by another key; [`VerifyError::Nothing`] for a code without keys.
pub fn verify(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    link: &VerificationLink,
) -> Result<Verified, VerifyError> {
    if link.devices.is_empty() {
        return Err(VerifyError::Nothing);
    }
    let known = devices::of_address(tx, account, &link.address)?;
    for (id, shown) in &link.devices {
        let other = known
            .iter()
            .filter(|known| known.device.id == *id)
            .find_map(|known| known.device.fingerprint.filter(|key| key != shown));
        if let Some(other) = other {
            return Err(VerifyError::DifferentKey {
                device: *id,
                known: other,
                shown: *shown,
            });
        }
    }
    let mut verified = Verified::default();
    for (place, (_, key)) in link.devices.iter().enumerate() {
        if link.devices[..place].iter().any(|(_, seen)| seen == key) {
            continue;
        }
        let same = || {
            let key = Some(*key);
            known
                .iter()
                .filter(move |known| known.device.fingerprint == key)
        };
        if same().next().is_some() {
            verified.devices += 1;
        } else {
            verified.waiting += 1;
        }
        if same().any(|known| known.device.is_this) {
            continue;
        }
        let before = devices::trust(tx, account, &link.address, key)?;
        let trust = after(before, TrustEvent::Compared);
        devices::set_trust(tx, changes, account, &link.address, key, trust)?;
    }
    Ok(verified)
}

/// Returns what an account's own code says: this device first, then the user's
/// other devices that are verified; `None` while the account has no keys.
pub fn own_code(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<VerificationLink>, StoreError> {
    let Some(account) = accounts::by_id(connection, account)? else {
        return Ok(None);
    };
    let mut own = devices::of_address(connection, account.id, &account.address)?;
    own.sort_by_key(|known| !known.device.is_this);
    let devices: Vec<_> = own
        .iter()
        .map(|known| &known.device)
        .filter(|device| device.is_this || (device.is_active && device.trust == Trust::Verified))
        .filter_map(|device| Some((device.id, device.fingerprint?)))
        .collect();
    let has_this = own
        .first()
        .is_some_and(|known| known.device.is_this && known.device.fingerprint.is_some());
    if !has_this {
        return Ok(None);
    }
    Ok(Some(VerificationLink {
        address: account.address,
        devices,
    }))
}
