//! How a chat stands: what the lock and the composer tell.

use super::*;
use crate::engine::api::Command;
use crate::engine::model::{ChatEncryption, ConversationId, EncryptionChoice, Readiness};
use crate::engine::omemo::verifying::own_code;
use crate::engine::store::devices::ListState;
use crate::engine::store::{accounts, conversations};

const JULIET: &str = "juliet@example.org";

fn chat(side: &mut Side, address: &str) -> ConversationId {
    let account = side.account;
    side.write(|tx, changes| conversations::ensure(tx, changes, account, address, NOW))
        .unwrap()
}

fn stands(side: &mut Side, chat: ConversationId) -> ChatEncryption {
    chat::encryption_of(&side.connection, chat)
        .unwrap()
        .unwrap()
}

fn wishes(side: &mut Side, command: Command) {
    side.write(|tx, changes| chat::choose(tx, changes, &command))
        .unwrap();
}

fn trusts(side: &mut Side, other: &Side, trust: Trust) {
    let command = Command::SetTrust {
        account: side.account,
        address: other.address.clone(),
        fingerprint: side.device(other).device.fingerprint.unwrap(),
        trust,
    };
    wishes(side, command);
}

#[test]
fn a_chat_tells_why_it_cannot_be_encrypted_and_when_it_can() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    let chat = chat(&mut romeo, JULIET);
    let account = romeo.account;
    let mut seen = Vec::new();
    let mut look = |romeo: &mut Side| seen.push(stands(romeo, chat).readiness);

    look(&mut romeo);
    romeo.hears_list(JULIET, &[]);
    look(&mut romeo);
    romeo.hears_list(JULIET, &[juliet.id]);
    look(&mut romeo);
    romeo
        .write(|tx, changes| bundle_failed(tx, changes, (account, JULIET, juliet.id)))
        .unwrap();
    look(&mut romeo);
    romeo.meets(&mut juliet);
    look(&mut romeo);
    trusts(&mut romeo, &juliet, Trust::Distrusted);
    look(&mut romeo);
    let own = romeo.address.clone();
    romeo
        .write(|tx, changes| {
            devices::set_list_state(tx, changes, account, &own, ListState::NotSupported)
        })
        .unwrap();
    look(&mut romeo);
    let choice = EncryptionChoice::Off;
    let conversation = chat;
    wishes(
        &mut romeo,
        Command::Encrypt {
            conversation,
            choice,
        },
    );
    look(&mut romeo);

    assert_eq!(
        seen,
        [
            Readiness::Unknown,
            Readiness::NoDevices,
            Readiness::Unknown,
            Readiness::KeysMissing,
            Readiness::Ready,
            Readiness::NotConfirmed,
            Readiness::NoServerSupport,
            Readiness::Off,
        ]
    );
}

#[test]
fn a_chat_is_verified_when_every_device_in_use_is() {
    let (mut romeo, mut juliet) = acquainted();
    let chat = chat(&mut romeo, JULIET);
    assert!(!stands(&mut romeo, chat).is_verified);
    trusts(&mut romeo, &juliet, Trust::Verified);
    assert!(stands(&mut romeo, chat).is_verified);

    // One that waits for the user is not in use, so nothing changes but that.
    let mut phone = side("juliet");
    romeo.hears_list(JULIET, &[juliet.id, phone.id]);
    romeo.takes_bundle(JULIET, phone.id, &phone.bundle());
    let now = stands(&mut romeo, chat);
    assert!(now.is_verified);
    assert_eq!(now.unconfirmed.len(), 1);
    assert_eq!(now.new_devices.len(), 1);
    let account = romeo.account;
    let address = JULIET.to_owned();
    wishes(&mut romeo, Command::SeenNewDevices { account, address });
    let now = stands(&mut romeo, chat);
    assert_eq!((now.unconfirmed.len(), now.new_devices.len()), (1, 0));

    trusts(&mut romeo, &phone, Trust::Blind);
    let now = stands(&mut romeo, chat);
    assert!(!now.is_verified && now.unconfirmed.is_empty());
    assert_eq!(now.readiness, Readiness::Ready);
    juliet.bundle();
}

#[test]
fn a_new_device_of_ones_own_is_told_in_every_chat() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let own = romeo.address.clone();
    let chat = chat(&mut romeo, JULIET);
    romeo.hears_list(&own, &[romeo.id]);
    assert!(stands(&mut romeo, chat).new_devices.is_empty());

    romeo.hears_list(&own, &[romeo.id, 12]);

    let told = stands(&mut romeo, chat).new_devices;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), told[0].1.id), (own.as_str(), 12));
}

#[test]
fn a43_a_new_device_of_ones_own_is_counted_until_it_was_told() {
    let mut romeo = side("romeo");
    let (own, account) = (romeo.address.clone(), romeo.account);
    let new = |romeo: &Side| accounts::new_devices(&romeo.connection).unwrap();
    romeo.hears_list(&own, &[romeo.id]);
    assert!(new(&romeo).is_empty(), "this one is no news");

    romeo.hears_list(&own, &[romeo.id, 12, 13]);
    assert_eq!(new(&romeo), [(account, 2)].into());

    // One left the list again.
    romeo.hears_list(&own, &[romeo.id, 12]);
    assert_eq!(new(&romeo), [(account, 1)].into());
    let address = own;
    wishes(&mut romeo, Command::SeenNewDevices { account, address });
    assert!(new(&romeo).is_empty());
}

#[test]
fn the_own_code_shows_this_device_first_and_then_verified_ones() {
    let mut romeo = side("romeo");
    let (mut phone, mut tablet) = (side("romeo"), side("romeo"));
    let own = romeo.address.clone();
    romeo.hears_list(&own, &[phone.id, tablet.id, romeo.id]);
    romeo.takes_bundle(&own, phone.id, &phone.bundle());
    romeo.takes_bundle(&own, tablet.id, &tablet.bundle());
    trusts(&mut romeo, &phone, Trust::Verified);

    let code = own_code(&romeo.connection, romeo.account).unwrap().unwrap();

    let ids: Vec<u32> = code.devices.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [romeo.id, phone.id]);
    assert_eq!(code.address, own);
    assert_eq!(code.devices[0].1.0, romeo.bundle().identity_key);
}

#[test]
fn what_was_wished_for_a_chat_stays() {
    let mut romeo = side("romeo");
    let chat = chat(&mut romeo, JULIET);
    let account = romeo.account;
    assert!(stands(&mut romeo, chat).is_on);
    wishes(
        &mut romeo,
        Command::EncryptByDefault {
            account,
            is_on: false,
        },
    );
    assert!(!stands(&mut romeo, chat).is_on);
    wishes(
        &mut romeo,
        Command::Encrypt {
            conversation: chat,
            choice: EncryptionChoice::On,
        },
    );

    let now = stands(&mut romeo, chat);

    assert!(now.is_on);
    assert_eq!(now.choice, EncryptionChoice::On);
}
