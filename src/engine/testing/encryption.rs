//! Keys and devices for fixtures.

use rusqlite::Transaction;

use crate::engine::model::{AccountId, Device, LeftOut, MessageId, Trust};
use crate::engine::store::columns::Part;
use crate::engine::store::devices::{self, ListState};
use crate::engine::store::{Changes, accounts, protection, ratchet};

/// Gives an account of a fixture an identity: `device` is this program's own.
/// The private key is not a working one.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn identity(tx: &Transaction<'_>, account: AccountId, own: &Device) {
    let identity = ratchet::Identity {
        device: own.id,
        private_key: vec![0; 32].into(),
        created_at: own.first_seen,
        generation: String::new(),
        next_pre_key: 1,
        is_bundle_due: false,
    };
    ratchet::set_identity(tx, account, &identity).expect("an identity can be set");
    let row = accounts::by_id(tx, account)
        .expect("accounts can be read")
        .expect("the account is there");
    device(tx, account, &row.address, own);
}

/// Adds a device to a fixture, as it is: key, trust, times. One that is not
/// [`Trust::Undecided`] counts as told to the user.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn device(tx: &Transaction<'_>, account: AccountId, address: &str, device: &Device) {
    let changes = &mut Changes::default();
    let row = devices::ensure(tx, changes, account, address, device.id, device.first_seen)
        .expect("a device can be added");
    devices::set_active(tx, row, device.is_active, Some(&device.label))
        .expect("a device can be active");
    if let Some(key) = &device.fingerprint {
        devices::set_key(tx, row, key).expect("a device can have a key");
        if !device.is_this {
            devices::set_trust(tx, changes, account, address, key, device.trust)
                .expect("a key can be trusted");
        }
    }
    if let Some(time) = device.last_seen {
        devices::set_last_seen(tx, row, time).expect("a device can be seen");
    }
    if device.has_other_key {
        devices::offered_other_key(tx, row).expect("another key can be noted");
    }
    if device.trust != Trust::Undecided {
        devices::set_told(tx, row).expect("a device can be told of");
    }
    devices::set_list_state(tx, changes, account, address, ListState::Read)
        .expect("a list can be read");
}

/// Sets how far the key of a device of a fixture is trusted.
///
/// # Panics
/// When it cannot be set.
#[allow(clippy::expect_used)]
pub fn trust(tx: &Transaction<'_>, account: AccountId, address: &str, device: &Device) {
    if let Some(key) = &device.fingerprint {
        let changes = &mut Changes::default();
        devices::set_trust(tx, changes, account, address, key, device.trust)
            .expect("a key can be trusted");
    }
}

/// Sets whether an address of a fixture has a list of devices; `None`: not known yet.
///
/// # Panics
/// When it cannot be set.
#[allow(clippy::expect_used)]
pub fn device_list(tx: &Transaction<'_>, account: AccountId, address: &str, exists: Option<bool>) {
    let state = match exists {
        Some(true) => ListState::Read,
        Some(false) => ListState::None,
        None => ListState::Unknown,
    };
    devices::set_list_state(tx, &mut Changes::default(), account, address, state)
        .expect("a list can be set");
}

/// Notes in a fixture that a device wrote a message (`left_out` and `to`
/// false), that it was encrypted to it, or why it was left out.
///
/// # Panics
/// When the device is not there.
#[allow(clippy::expect_used)]
pub fn part_of(
    tx: &Transaction<'_>,
    message: MessageId,
    (account, address, device): (AccountId, &str, u32),
    to: bool,
    left_out: Option<LeftOut>,
) {
    let known = devices::get(tx, account, address, device)
        .expect("devices can be read")
        .expect("the device is there");
    let part = match (left_out, to) {
        (Some(why), _) => Part::LeftOut(why),
        (None, true) => Part::To,
        (None, false) => Part::From,
    };
    protection::add_part(tx, message, known.row, part).expect("a part can be added");
}
