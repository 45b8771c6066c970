//! Attacks A43 to A48 against keys and messages.

use super::*;
use crate::engine::model::{Fingerprint, LeftOut};
use crate::engine::omemo::verifying::verify;
use crate::engine::text::VerificationLink;
use crate::engine::xmpp::omemo_wire::HeaderKey;

fn verifies(side: &mut Side, other: &Side) {
    let account = side.account;
    let key = side.device(other).device.fingerprint.unwrap();
    let link = VerificationLink {
        address: other.address.clone(),
        devices: vec![(other.id, key)],
    };
    let verified = side
        .write(|tx, changes| verify(tx, changes, account, &link))
        .unwrap();
    assert_eq!(verified.devices, 1);
}

#[test]
fn a43_a_device_that_appears_after_a_verification_is_not_used() {
    let (mut romeo, mut juliet) = acquainted();
    verifies(&mut romeo, &juliet);
    let mut listener = side("juliet");
    let to = juliet.address.clone();
    let change = romeo.hears_list(&to, &[juliet.id, listener.id]);
    assert_eq!(change.new, [listener.id]);

    let trust = romeo.takes_bundle(&to, listener.id, &listener.bundle());
    let sealed = romeo.seals(&to, Some("To Juliet alone")).unwrap();

    assert_eq!(trust, Some(Trust::Undecided));
    assert!(!romeo.device(&listener).is_told, "the user is told of it");
    assert_eq!(sealed.encrypted.keys.len(), 1);
    assert_eq!(sealed.trust, Trust::Verified);
    assert_eq!(sealed.left_out[0].1, LeftOut::NotConfirmed);
    // What it writes is read, with its mark.
    listener.meets(&mut romeo);
    let word = listener.writes(&romeo, "I am Juliet too");
    assert_eq!(romeo.opens(&listener, &word).unwrap().1, Trust::Undecided);
    assert_eq!(juliet.reads(&romeo, &sealed.encrypted), "To Juliet alone");
}

#[test]
fn a43_a_device_that_appears_before_is_used_and_told() {
    let (mut romeo, mut juliet) = acquainted();
    let mut phone = side("juliet");
    let to = juliet.address.clone();
    romeo.hears_list(&to, &[juliet.id, phone.id]);

    assert_eq!(
        romeo.takes_bundle(&to, phone.id, &phone.bundle()),
        Some(Trust::Blind)
    );
    assert!(romeo.device(&juliet).is_told);
    assert!(!romeo.device(&phone).is_told);
    assert_eq!(romeo.writes(&juliet, "Both").keys.len(), 2);
    juliet.bundle();
}

#[test]
fn a43_a_list_that_is_emptied_and_comes_back_is_no_first_one() {
    let (mut romeo, juliet) = acquainted();
    let to = juliet.address.clone();
    romeo.hears_list(&to, &[]);
    assert!(matches!(
        romeo.seals(&to, Some("Hello")),
        Err(SealTrouble::NoKeys)
    ));

    romeo.hears_list(&to, &[juliet.id, 99]);

    let new = devices::get(&romeo.connection, romeo.account, &to, 99).unwrap();
    assert!(!new.unwrap().is_told);
}

#[test]
fn a44_our_own_list_without_us_is_mended_by_what_came() {
    let mut romeo = side("romeo");
    let own = romeo.address.clone();
    let ids = |change: ListChange| -> Option<Vec<u32>> {
        let repaired = change.repair?.devices;
        Some(repaired.iter().map(|device| device.id).collect())
    };

    let change = romeo.hears_list(&own, &[5, 6]);
    assert_eq!(ids(change), Some(vec![5, 6, romeo.id]));
    let change = romeo.hears_list(&own, &[]);
    assert_eq!(ids(change), Some(vec![romeo.id]));
    let change = romeo.hears_list(&own, &[romeo.id, 5]);
    assert_eq!(ids(change), None);
    // Of a list that went on nobody knows whether we are in it.
    let account = romeo.account;
    let cut = DeviceList {
        devices: vec![ListedDevice { id: 5, label: None }],
        is_cut: true,
    };
    let change = romeo
        .write(|tx, changes| take_list(tx, changes, (account, &own), &cut, NOW))
        .unwrap();
    assert_eq!(ids(change), None);
}

#[test]
fn a45_the_same_exchange_from_the_archive_uses_no_second_key() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let first = romeo.writes(&juliet, "One");
    let second = romeo.writes(&juliet, "Two");
    juliet.reads(&romeo, &first);
    let before = juliet.state();

    for _ in 0..3 {
        let again = juliet.opens_from(&romeo.address, &first, Origin::Archive);
        assert!(matches!(again, Err(Refusal::Duplicate)));
    }

    assert_eq!(juliet.state(), before);
    // Another message by the same key, which comes only now.
    let read = juliet.opens_from(&romeo.address, &second, Origin::Archive);
    assert_eq!(read.unwrap().0.as_deref(), Some("Two"));
    assert_eq!(juliet.unused_keys(), 99);
}

#[test]
fn a45_keys_that_were_used_up_are_filled_again() {
    let mut juliet = side("juliet");
    let bundle = juliet.bundle();
    for number in 0..20 {
        let mut stranger = side(&format!("stranger{number}"));
        stranger.hears_list(&juliet.address, &[juliet.id]);
        stranger.takes_bundle(&juliet.address, juliet.id, &bundle);
        let word = stranger.writes(&juliet, "Hello");
        juliet.reads(&stranger, &word);
    }
    let account = juliet.account;
    assert!(juliet.unused_keys() < 100);

    juliet.write(|tx, _| refill(tx, account)).unwrap();

    assert_eq!(juliet.unused_keys(), 100);
    let ids: std::collections::BTreeSet<_> =
        juliet.bundle().pre_keys.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), 100);
}

/// Encrypts `content` as the key of a message, whatever it is.
fn by_hand(from: &mut Side, to: &Side, content: &[u8], text: Option<Vec<u8>>) -> Encrypted {
    let identity = keys::identity(&from.connection, from.account)
        .unwrap()
        .unwrap();
    let row = from.device(to).row;
    let session = keys::session(&from.connection, row).unwrap().unwrap();
    let ends = encrypt::ends(&identity, &to.address, to.id);
    let written = ratchet::encrypt(ends, &session.record, content).unwrap();
    Encrypted {
        sender: from.id,
        keys: vec![HeaderKey {
            device: to.id,
            is_pre_key: written.is_pre_key,
            data: written.data,
        }],
        iv: vec![0; 12],
        payload: text,
    }
}

#[test]
fn a46_a_text_whose_tag_is_not_with_the_key_is_refused() {
    let (mut romeo, mut juliet) = acquainted();
    let payload = payload::encrypt(Some("Hark")).unwrap();
    let (key, tag) = payload.content.split_at(payload::KEY);
    let old = [payload.text.clone().unwrap().as_slice(), tag].concat();
    let before = juliet.state();

    let tag_outside = by_hand(&mut romeo, &juliet, key, Some(old));
    assert_eq!(why(juliet.opens(&romeo, &tag_outside)), CannotRead::Damaged);
    let short = by_hand(&mut romeo, &juliet, &key[..9], None);
    assert_eq!(why(juliet.opens(&romeo, &short)), CannotRead::Damaged);

    assert_eq!(juliet.state(), before);
    for length in [16, 32] {
        let keys_only = by_hand(&mut romeo, &juliet, &[7; 32][..length], None);
        assert_eq!(juliet.opens(&romeo, &keys_only).unwrap().0, None);
        // The same place is not taken twice.
        romeo.writes(&juliet, "On");
    }
}

#[test]
fn a47_a_readable_message_does_not_change_what_was_chosen() {
    use crate::engine::model::EncryptionChoice;
    use crate::engine::store::{conversations, protection};
    let mut romeo = side("romeo");
    let account = romeo.account;
    let chosen = romeo.write(|tx, changes| {
        let chat = conversations::ensure(tx, changes, account, "juliet@example.org", NOW).unwrap();
        let server = conversations::ensure(tx, changes, account, "example.org", NOW).unwrap();
        let is_on = |chat| protection::chosen(tx, chat).unwrap().unwrap().is_on;
        let mut seen = vec![is_on(chat), is_on(server)];
        for (choice, by_default) in [
            (EncryptionChoice::Off, true),
            (EncryptionChoice::On, false),
            (EncryptionChoice::Default, false),
        ] {
            protection::choose(tx, changes, chat, choice).unwrap();
            accounts::set_encrypts_by_default(tx, changes, account, by_default).unwrap();
            seen.push(is_on(chat));
        }
        seen
    });

    assert_eq!(chosen, [true, false, false, true, false]);
}

#[test]
fn a48_what_somebody_copied_is_not_taken_for_its_first_writers() {
    let (mut romeo, mut juliet) = acquainted();
    let message = romeo.writes(&juliet, "For you alone");
    let before = juliet.state();

    let copied = juliet.opens_from("tybalt@example.org", &message, Origin::Live);

    assert!(copied.is_err());
    assert_eq!(juliet.state(), before);
    assert_eq!(juliet.reads(&romeo, &message), "For you alone");
}

#[test]
fn devices_of_two_people_may_have_the_same_number() {
    let (mut romeo, mut juliet) = acquainted();
    let mut message = romeo.writes(&juliet, "Which of them?");
    // Somebody else's key, under her number, stands before hers.
    let foreign = HeaderKey {
        data: vec![0x33; 60],
        ..message.keys[0].clone()
    };
    message.keys.insert(0, foreign);

    assert_eq!(juliet.reads(&romeo, &message), "Which of them?");
}

#[test]
fn a_key_that_was_verified_before_its_device_appeared_is_used_at_once() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    let mut phone = side("juliet");
    let account = romeo.account;
    let key = |side: &mut Side| Fingerprint(side.bundle().identity_key);
    let link = VerificationLink {
        address: juliet.address.clone(),
        devices: vec![(juliet.id, key(&mut juliet)), (phone.id, key(&mut phone))],
    };
    romeo.meets(&mut juliet);

    let verified = romeo
        .write(|tx, changes| verify(tx, changes, account, &link))
        .unwrap();
    romeo.hears_list(&juliet.address, &[juliet.id, phone.id]);
    let trust = romeo.takes_bundle(&juliet.address, phone.id, &phone.bundle());

    assert_eq!((verified.devices, verified.waiting), (1, 1));
    assert_eq!(trust, Some(Trust::Verified));
}

#[test]
fn a_code_with_another_key_for_a_known_device_verifies_nothing() {
    use crate::engine::error::VerifyError;
    let (mut romeo, juliet) = acquainted();
    let account = romeo.account;
    let link = VerificationLink {
        address: juliet.address.clone(),
        devices: vec![(9, Fingerprint([1; 32])), (juliet.id, Fingerprint([2; 32]))],
    };
    let before = romeo.state();

    let refused = romeo.write(|tx, changes| verify(tx, changes, account, &link));

    assert!(matches!(
        refused,
        Err(VerifyError::DifferentKey { device, .. }) if device == juliet.id
    ));
    assert_eq!(romeo.state(), before);
}

#[test]
fn keys_that_their_owner_did_not_sign_are_not_used() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.hears_list(&juliet.address, &[juliet.id]);
    let mut forged = juliet.bundle();
    forged.signed_pre_key.key = side("tybalt").bundle().signed_pre_key.key;

    assert_eq!(
        romeo.takes_bundle(&juliet.address, juliet.id, &forged),
        None
    );

    let known = romeo.device(&juliet);
    assert_eq!(known.device.fingerprint, None);
    assert!(known.lacks_keys && !known.has_session);
}
