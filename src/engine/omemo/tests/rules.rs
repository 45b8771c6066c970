//! The rules that keep a ratchet whole, one test each.

use super::*;
use crate::engine::model::LeftOut;
use crate::engine::store::Store;

#[test]
fn what_is_not_committed_can_be_read_again() {
    let (mut romeo, mut juliet) = acquainted();
    let message = romeo.writes(&juliet, "Twice");
    let before = juliet.state();

    let account = juliet.account;
    let tx = juliet.connection.transaction().unwrap();
    let letter = Letter {
        sender: &romeo.address,
        encrypted: &message,
        origin: Origin::Live,
        written_at: NOW,
    };
    let first = open(&tx, &mut Changes::default(), account, letter, NOW).unwrap();
    assert_eq!(first.text.as_deref(), Some("Twice"));
    tx.rollback().unwrap();

    assert_eq!(juliet.state(), before);
    assert_eq!(juliet.reads(&romeo, &message), "Twice");
}

#[test]
fn what_was_sealed_and_not_committed_gets_the_same_place_again() {
    let (mut romeo, juliet) = acquainted();
    let account = romeo.account;
    let to = [BareJid::new(&juliet.address).unwrap()];
    let tx = romeo.connection.transaction().unwrap();
    let first = seal(&tx, account, &to, Some("Never sent")).unwrap();
    tx.rollback().unwrap();

    let second = romeo.writes(&juliet, "Sent");

    assert_eq!(place(&first.encrypted), place(&second));
}

#[tokio::test]
async fn counters_go_on_without_a_gap_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut juliet = side("juliet");
    let (bundle, id) = (juliet.bundle(), juliet.id);
    let mut places = Vec::new();
    let mut texts = Vec::new();
    for restart in 0..4 {
        let (events, _) = tokio::sync::broadcast::channel(8);
        let store = Store::open(&path, None, events).unwrap();
        let bundle = bundle.clone();
        let encrypted = store
            .write(move |tx, changes| {
                let known = accounts::all(tx)?.first().map(|account| account.id);
                let account = if let Some(account) = known {
                    account
                } else {
                    let account = NewAccount {
                        address: "romeo@example.org".into(),
                        host: None,
                        port: None,
                        allows_plain: false,
                        proxy: String::new(),
                    };
                    accounts::insert(tx, changes, &account)?.unwrap()
                };
                ensure_identity(tx, changes, account, &[], NOW)?;
                let address = "juliet@example.org";
                let list = DeviceList {
                    devices: vec![ListedDevice { id, label: None }],
                    is_cut: false,
                };
                take_list(tx, changes, (account, address), &list, NOW)?;
                take_bundle(tx, changes, (account, address, id), &bundle, NOW)?;
                let to = [BareJid::new(address).unwrap()];
                let text = format!("after restart {restart}");
                Ok(seal(tx, account, &to, Some(&text)).unwrap().encrypted)
            })
            .await
            .unwrap();
        store.close().await;
        places.push(place(&encrypted));
        texts.push(
            juliet
                .opens_from("romeo@example.org", &encrypted, Origin::Live)
                .unwrap()
                .0
                .unwrap(),
        );
    }

    assert_eq!(places, [0, 1, 2, 3]);
    assert_eq!(texts.last().unwrap(), "after restart 3");
}

#[test]
fn a_refused_message_changes_nothing_and_the_good_one_still_opens() {
    let (mut romeo, mut juliet) = acquainted();
    let message = romeo.writes(&juliet, "Good");
    let before = juliet.state();

    let mut damaged = message.clone();
    damaged.payload.as_mut().unwrap()[0] ^= 1;
    assert_eq!(why(juliet.opens(&romeo, &damaged)), CannotRead::Damaged);
    let mut turned = message.clone();
    let last = turned.keys[0].data.len() - 1;
    turned.keys[0].data[last] ^= 1;
    assert!(juliet.opens(&romeo, &turned).is_err());
    let mut elsewhere = message.clone();
    elsewhere.keys[0].device ^= 1;
    assert_eq!(
        why(juliet.opens(&romeo, &elsewhere)),
        CannotRead::NotForThisDevice
    );

    assert_eq!(juliet.state(), before);
    assert_eq!(juliet.reads(&romeo, &message), "Good");
}

#[test]
fn another_version_and_an_exchange_without_a_one_time_key_are_refused() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let hello = romeo.writes(&juliet, "Hello");
    let before = juliet.state();

    for version in [0x23, 0x43, 0x03, 0x13] {
        let mut other = hello.clone();
        other.keys[0].data[0] = version;
        assert_eq!(why(juliet.opens(&romeo, &other)), CannotRead::Damaged);
    }
    // Its first field is the number of the one-time key: tag 0x08, then it.
    let mut without = hello.clone();
    let data = &mut without.keys[0].data;
    assert_eq!(data[1], 0x08);
    let length = 2 + data[2..].iter().take_while(|byte| **byte >= 0x80).count();
    data.drain(1..=length);
    assert_eq!(why(juliet.opens(&romeo, &without)), CannotRead::Damaged);

    assert_eq!(juliet.state(), before);
    assert_eq!(juliet.reads(&romeo, &hello), "Hello");
}

#[test]
fn the_key_of_a_known_device_never_changes() {
    let (mut romeo, mut juliet) = acquainted();
    // Somebody else under her number.
    let mut impostor = side("juliet");
    impostor.hears_list(&romeo.address, &[romeo.id]);
    let number = impostor.id;
    let his = romeo.bundle();
    impostor.takes_bundle(&romeo.address, romeo.id, &his);
    let mut forged = impostor.writes(&romeo, "Trust me");
    forged.sender = juliet.id;
    let known = romeo.device(&juliet);

    assert_eq!(why(romeo.opens(&juliet, &forged)), CannotRead::NotTrusted);
    let by_bundle = romeo.takes_bundle(&juliet.address, juliet.id, &impostor.bundle());

    assert_eq!(by_bundle, None);
    let now = romeo.device(&juliet);
    assert_eq!(now.device.fingerprint, known.device.fingerprint);
    assert!(now.device.has_other_key && !known.device.has_other_key);
    assert_ne!(number, juliet.id);
    // The session was not touched.
    let next = juliet.writes(&romeo, "It is me");
    assert_eq!(romeo.reads(&juliet, &next), "It is me");
}

#[test]
fn nobody_is_left_out_in_silence() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    let to = juliet.address.clone();
    assert!(matches!(
        romeo.seals(&to, Some("Hello")),
        Err(SealTrouble::NoKeys)
    ));

    romeo.hears_list(&to, &[juliet.id]);
    match romeo.seals(&to, Some("Hello")) {
        Err(SealTrouble::BundlesMissing(missing)) => assert_eq!(missing[0].1, juliet.id),
        other => panic!("{other:?}"),
    }
    let (account, id) = (romeo.account, juliet.id);
    romeo
        .write(|tx, changes| bundle_failed(tx, changes, (account, &to, id)))
        .unwrap();
    assert!(matches!(
        romeo.seals(&to, Some("Hello")),
        Err(SealTrouble::NoKeys)
    ));
    romeo
        .write(|tx, changes| ask_again(tx, changes, account))
        .unwrap();
    romeo.meets(&mut juliet);
    assert!(romeo.seals(&to, Some("Hello")).is_ok());

    let key = romeo.device(&juliet).device.fingerprint.unwrap();
    for trust in [Trust::Undecided, Trust::Distrusted] {
        romeo
            .write(|tx, changes| devices::set_trust(tx, changes, account, &to, &key, trust))
            .unwrap();
        match romeo.seals(&to, Some("Hello")) {
            Err(SealTrouble::NotConfirmed(devices)) => assert_eq!(devices[0].1.trust, trust),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_device_whose_keys_cannot_be_read_does_not_stop_the_others() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let to = juliet.address.clone();
    romeo.hears_list(&to, &[juliet.id, 77]);
    let account = romeo.account;
    romeo
        .write(|tx, changes| bundle_failed(tx, changes, (account, &to, 77)))
        .unwrap();

    let sealed = romeo.seals(&to, Some("Hello")).unwrap();

    assert_eq!(sealed.to.len(), 1);
    assert_eq!(sealed.left_out[0].1, LeftOut::NoKeys);
}

#[test]
fn what_a_distrusted_device_writes_is_not_read() {
    let (mut romeo, mut juliet) = acquainted();
    let key = juliet.device(&romeo).device.fingerprint.unwrap();
    let (account, address) = (juliet.account, romeo.address.clone());
    juliet
        .write(|tx, changes| {
            devices::set_trust(tx, changes, account, &address, &key, Trust::Distrusted)
        })
        .unwrap();
    let message = romeo.writes(&juliet, "Hear me");
    let before = juliet.state();

    assert_eq!(why(juliet.opens(&romeo, &message)), CannotRead::NotTrusted);

    assert_eq!(juliet.state(), before);
}
