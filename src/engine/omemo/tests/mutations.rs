//! What is changed by chance never makes us panic, and never changes anything
//! when it is refused.
//!
//! `STONECHAT_FUZZ_CASES` says how many changes are tried of each kind.

use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::*;
use crate::engine::store::devices::DeviceId;
use crate::engine::store::ratchet::SessionRow;

fn tries() -> u64 {
    let wanted = std::env::var("STONECHAT_FUZZ_CASES").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(2_000)
}

/// Changes some bytes: flips, cuts, doubles, overwrites.
fn mutate(bytes: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.random_range(1..4) {
        if bytes.is_empty() {
            bytes.push(random.random());
            continue;
        }
        let place = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 | 1 => bytes[place] ^= 1 << random.random_range(0..8),
            2 => bytes[place] = random.random(),
            3 => bytes.truncate(place),
            4 => bytes.insert(place, random.random()),
            _ => {
                let part = bytes[place..].to_vec();
                bytes.extend(&part[..part.len().min(40)]);
            }
        }
    }
}

/// Opens changed messages; none may be read as another text, and what is
/// refused leaves everything as it was.
fn opens_changed(romeo: &Side, juliet: &mut Side, message: &Encrypted, seed: u64) {
    let before = juliet.state();
    let mut random = random(seed);
    let mut read = 0;
    for _ in 0..tries() {
        let mut changed = message.clone();
        match random.random_range(0..8) {
            0 => mutate(changed.payload.as_mut().unwrap(), &mut random),
            1 => mutate(&mut changed.iv, &mut random),
            2 => changed.keys[0].is_pre_key ^= true,
            _ => mutate(&mut changed.keys[0].data, &mut random),
        }
        if changed == *message {
            continue;
        }
        let account = juliet.account;
        let tx = juliet.connection.transaction().unwrap();
        let letter = Letter {
            sender: &romeo.address,
            encrypted: &changed,
            origin: Origin::Live,
            written_at: NOW,
        };
        match open(&tx, &mut Changes::default(), account, letter, NOW) {
            // A few bits mean nothing to the format (the largest version, the
            // top bit of a point, fields nobody knows).
            Ok(opened) => {
                assert_eq!(opened.text.as_deref(), Some("Good"));
                read += 1;
                tx.rollback().unwrap();
            }
            Err(Refusal::Failed(error)) => panic!("{error}"),
            Err(Refusal::Unreadable {
                why: CannotRead::NotTrusted,
                ..
            }) => {
                // That another key was offered is noted, and nothing else.
                tx.rollback().unwrap();
            }
            Err(_) => {
                tx.commit().unwrap();
            }
        }
    }
    assert_eq!(juliet.state(), before);
    assert!(read < tries() / 10, "{read} changed messages were read");
    assert_eq!(juliet.reads(romeo, message), "Good");
}

#[test]
fn changed_key_exchanges_change_nothing() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let message = romeo.writes(&juliet, "Good");

    opens_changed(&romeo, &mut juliet, &message, 1);
}

#[test]
fn changed_messages_change_nothing() {
    let (mut romeo, mut juliet) = acquainted();
    let message = romeo.writes(&juliet, "Good");

    opens_changed(&romeo, &mut juliet, &message, 2);
}

#[test]
fn changed_sessions_never_panic() {
    let (mut romeo, mut juliet) = acquainted();
    let message = romeo.writes(&juliet, "Good");
    let row: DeviceId = juliet.device(&romeo).row;
    let good = keys::session(&juliet.connection, row).unwrap().unwrap();
    let mut random = random(3);
    let (account, to) = (juliet.account, [BareJid::new(&romeo.address).unwrap()]);
    for _ in 0..tries() {
        let mut record = good.record.to_vec();
        mutate(&mut record, &mut random);
        let tx = juliet.connection.transaction().unwrap();
        let session = SessionRow {
            record: record.into(),
            answered_chain: Vec::new(),
        };
        keys::set_session(&tx, row, &session).unwrap();
        let letter = Letter {
            sender: &romeo.address,
            encrypted: &message,
            origin: Origin::Live,
            written_at: NOW,
        };
        if let Ok(opened) = open(&tx, &mut Changes::default(), account, letter, NOW) {
            assert_eq!(opened.text.as_deref(), Some("Good"));
        }
        // An error is all that may come of it.
        drop(seal(&tx, account, &to, Some("Answer")));
        tx.rollback().unwrap();
    }
    assert_eq!(juliet.reads(&romeo, &message), "Good");
}

#[test]
fn changed_keys_of_our_own_never_panic() {
    let mut random = random(4);
    let identity = ratchet::new_identity().unwrap();
    let pre_key = ratchet::new_pre_key(7).unwrap();
    let signed = ratchet::new_signed_pre_key(&identity, 8, NOW).unwrap();
    for _ in 0..tries() {
        for (record, is_signed) in [(&pre_key, false), (&signed, true)] {
            let mut record = record.to_vec();
            mutate(&mut record, &mut random);
            if is_signed {
                drop(ratchet::signed_pre_key_public(&record));
            } else {
                drop(ratchet::pre_key_public(&record));
            }
        }
    }
}

#[test]
fn changed_bundles_open_no_session_that_is_not_signed() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.hears_list(&juliet.address, &[juliet.id]);
    let good = juliet.bundle();
    let mut xml = Vec::new();
    good.write().write_to(&mut xml).unwrap();
    let mut random = random(6);
    for _ in 0..tries() {
        let mut changed = xml.clone();
        // Somewhere in the first keys: the hundred others look alike.
        let place = random.random_range(0..600);
        changed[place] = b"<>'/= AaZz09+&;"[random.random_range(0..15)];
        let Ok(text) = String::from_utf8(changed) else {
            continue;
        };
        let Ok(Ok(bundle)) = text.parse().map(|element| Bundle::read(&element)) else {
            continue;
        };
        let account = romeo.account;
        let tx = romeo.connection.transaction().unwrap();
        let changes = &mut Changes::default();
        let ends = (account, juliet.address.as_str(), juliet.id);
        if take_bundle(&tx, changes, ends, &bundle, NOW)
            .unwrap()
            .is_some()
        {
            assert_eq!(bundle.identity_key, good.identity_key);
            assert_eq!(bundle.signed_pre_key.key, good.signed_pre_key.key);
        }
        tx.rollback().unwrap();
    }
}

#[test]
fn changed_elements_never_panic() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let list = DeviceList {
        devices: (1..9)
            .map(|id| ListedDevice {
                id,
                label: Some("Balcony".into()),
            })
            .collect(),
        is_cut: false,
    };
    let mut random = random(7);
    for element in [list.write(), romeo.writes(&juliet, "Good").write()] {
        let mut xml = Vec::new();
        element.write_to(&mut xml).unwrap();
        for _ in 0..tries() {
            let mut changed = xml.clone();
            mutate(&mut changed, &mut random);
            let Ok(Ok(element)) = String::from_utf8(changed).map(|text| text.parse()) else {
                continue;
            };
            drop(DeviceList::read(&element));
            if let Ok(encrypted) = Encrypted::read(&element) {
                let tx = juliet.connection.transaction().unwrap();
                let letter = Letter {
                    sender: &romeo.address,
                    encrypted: &encrypted,
                    origin: Origin::Live,
                    written_at: NOW,
                };
                let account = juliet.account;
                if let Ok(opened) = open(&tx, &mut Changes::default(), account, letter, NOW) {
                    assert!(opened.text.is_none_or(|text| text == "Good"));
                }
                tx.rollback().unwrap();
            }
        }
    }
    let mut noise = vec![0; 200];
    for _ in 0..tries() {
        random.fill_bytes(&mut noise);
        drop(ratchet::Received::read(&noise, random.random()));
    }
}
