//! Which devices and keys others read of us.

use stonechat::engine::api::{Command, Event, NewIdentity};
use stonechat::engine::model::CannotRead;

use super::{BLIND, Pair, devices, hold};
use crate::support::accounts::romeo_and_juliet;
use crate::support::heard::Order;
use crate::support::ours::{Ours, form};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

const A_MONTH_AGO: &str =
    "UPDATE signed_pre_keys SET created_at = created_at - 31 * 24 * 60 * 60 * 1000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_the_month_changes_and_the_one_before_still_opens() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let device = pair.own_device().await;
    let before = pair.own_keys(device).await.unwrap();
    let mut late = Peer::sign_in(Client::SlixmppOmemo, &pair.juliet, &pair.server).await;
    hold(&mut late, &pair.romeo.address, "To the old key.").await;

    let away = pair.ours.leave().await;
    away.change_history(A_MONTH_AGO);
    pair.ours = away.come_back();
    pair.ours.wait_until_online().await;
    let after = pair
        .until("another key of the month", async |pair| {
            let keys = pair.own_keys(device).await;
            keys.filter(|keys| keys.signed != before.signed)
        })
        .await;

    assert_eq!(after.identity, before.identity);
    pair.talk("After").await;
    late.order(Order::Release {
        ids: vec!["To the old key.".into()],
    });
    pair.reads("To the old key.", BLIND).await;
    let new = Peer::sign_in(Client::SlixmppOmemo, &pair.juliet, &pair.server).await;
    new.encrypt(&pair.romeo.address, "To the new key.");
    pair.reads("To the new key.", BLIND).await;
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_of_ours_that_is_removed_is_written_to_no_more() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    let mut pair = Pair::of(server, romeo, juliet).await;
    let ours = pair.this_device().await;
    let both = pair.own_devices_other_than(&[ours]).await;
    let [gone] = both.iter().filter(|id| **id != ours).collect::<Vec<_>>()[..] else {
        panic!("not two devices: {both:?}");
    };
    assert!(pair.own_keys(*gone).await.is_some());
    // One that is online would put itself back.
    phone.kill().await;

    pair.ours.engine.command(Command::RemoveDevice {
        account: pair.ours.account,
        device: *gone,
    });

    assert_eq!(pair.own_devices_other_than(&both).await, [ours]);
    assert_eq!(pair.own_keys(*gone).await, None);
    pair.talk("After").await;
    let row = pair.ours.messages(pair.chat).await.remove(0);
    let details = pair.ours.engine.message_protection(row.id).await.unwrap();
    assert_eq!(details.to.len(), 1, "{details:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_identity_is_another_device_and_the_old_one_is_gone() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let old = pair.own_device().await;
    let keys = pair.own_keys(old).await.unwrap();
    pair.she_holds("To the old one.").await;

    pair.ours
        .engine
        .command(Command::NewIdentity(pair.ours.account));
    let why = pair
        .ours
        .wait_for_event("new keys", |event| match event {
            Event::NewIdentity { why, .. } => Some(*why),
            _ => None,
        })
        .await;
    assert_eq!(why, NewIdentity::Asked);

    let new = pair
        .until("one other device", async |pair| {
            match pair.own_devices().await[..] {
                [device] if device != old => Some(device),
                _ => None,
            }
        })
        .await;
    assert_eq!(new, pair.this_device().await);
    assert_ne!(pair.own_keys(new).await.unwrap().identity, keys.identity);
    assert_eq!(pair.own_keys(old).await, None);
    pair.she_releases(&["To the old one."]);
    pair.cannot_read(CannotRead::NotForThisDevice).await;
    pair.talk("After").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_removed_leaves_no_device_behind() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let _phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    let mut pair = Pair::of(server, romeo, juliet).await;
    let ours = pair.this_device().await;
    let both = pair.own_devices_other_than(&[ours]).await;

    pair.ours.engine.command(Command::RemoveAccount {
        account: pair.ours.account,
        keeps_history: false,
    });

    let left = pair.own_devices_other_than(&both).await;
    assert!(left.len() == 1 && left[0] != ours, "{left:?}");
    assert_eq!(pair.own_keys(ours).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_comes_back_to_its_history_has_its_device_again() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let device = pair.own_device().await;
    let keys = pair.own_keys(device).await.unwrap();

    pair.ours.engine.command(Command::RemoveAccount {
        account: pair.ours.account,
        keeps_history: true,
    });
    assert!(pair.own_devices_other_than(&[device]).await.is_empty());
    let again = form(&pair.romeo, pair.server.port);
    pair.ours.engine.sign_in(again).await.unwrap();

    assert_eq!(pair.own_devices_other_than(&[]).await, [device]);
    let identity = pair.own_keys(device).await.unwrap().identity;
    assert_eq!(identity, keys.identity);
    pair.talk("After").await;
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a44_a_device_that_is_taken_off_the_list_comes_back() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let phone = Peer::sign_in(Client::Slixmpp, &romeo, &server).await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let device = loop {
        if let [device] = devices(&mut peer, &romeo.address).await[..] {
            break device;
        }
    };

    phone.order(Order::Raw(
        "<iq type='set' id='empty'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
         <publish node='eu.siacs.conversations.axolotl.devicelist'><item id='current'>\
         <list xmlns='eu.siacs.conversations.axolotl'/></item></publish></pubsub></iq>"
            .into(),
    ));

    loop {
        if devices(&mut peer, &romeo.address).await == [device] {
            break;
        }
    }
    drop(ours);
}
