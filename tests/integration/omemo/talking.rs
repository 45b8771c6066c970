//! Texts go both ways, whatever happens between them.

use stonechat::engine::api::Command;
use stonechat::engine::model::{Direction, Readiness};

use super::{BLIND, Pair, counter, devices, hears_keys, reads};
use crate::support::accounts::people;
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_message_to_a_contact_is_encrypted_without_a_question() {
    let mut pair = Pair::meet().await;

    pair.he_writes("But soft!");

    assert_eq!(counter(&mut pair.peer).await, 0);
    pair.peer.hears_text("But soft!").await;
    let row = pair
        .ours
        .wait_for_text(pair.chat, Direction::Outgoing, "But soft!")
        .await;
    assert_eq!(row.protection, BLIND);
    let details = pair.ours.engine.message_protection(row.id).await.unwrap();
    assert_eq!(details.to.len(), 1, "{details:?}");
    pair.she_writes("Ay me!");
    pair.reads("Ay me!", BLIND).await;
    let encryption = pair
        .ours
        .engine
        .chat_encryption(pair.chat)
        .await
        .unwrap()
        .unwrap();
    assert!(encryption.is_on && encryption.readiness == Readiness::Ready);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_written_to_first_reads_and_answers_and_the_used_key_is_replaced() {
    let mut pair = Pair::meet().await;

    pair.she_writes("What man art thou?");

    pair.reads("What man art thou?", BLIND).await;
    // The session is complete: she need not begin it with each message.
    hears_keys(&mut pair.peer).await;
    pair.talk("By a name").await;
    let device = pair.own_device().await;
    assert_eq!(pair.own_keys(device).await.unwrap().pre_keys, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_messages_out_of_order_with_losses_and_kills_are_read() {
    let mut pair = Pair::meet().await;
    pair.talk("At first").await;

    let texts: Vec<String> = (0..50).map(|number| format!("line {number}")).collect();
    for text in &texts {
        pair.peer.order(Order::SendEncrypted {
            to: pair.romeo.address.clone(),
            body: text.clone(),
            id: text.clone(),
            hold: true,
        });
    }
    // Every seventh is lost, the rest comes in leaps.
    let kept: Vec<String> = (0..50)
        .map(|place| place * 23 % 50)
        .filter(|place| place % 7 != 3)
        .map(|place| texts[place].clone())
        .collect();
    let (before, after) = kept.split_at(kept.len() / 2);
    pair.peer.order(Order::Release {
        ids: before.to_vec(),
    });
    pair.ours
        .wait_for_text(pair.chat, Direction::Incoming, before.last().unwrap())
        .await;
    let mut pair = pair.restart().await;
    pair.peer.order(Order::Release {
        ids: after.to_vec(),
    });
    pair.ours
        .wait_for_text(pair.chat, Direction::Incoming, after.last().unwrap())
        .await;
    let mut pair = pair.her_program_restarts().await;
    pair.talk("At last").await;

    for number in 0..50 {
        pair.he_writes(&format!("answer {number}"));
    }
    for number in 0..50 {
        pair.peer.hears_text(&format!("answer {number}")).await;
    }
    let mut read: Vec<String> = pair.ours.texts(pair.chat).await;
    read.retain(|text| text.starts_with("line"));
    assert_eq!(read, kept);
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_go_on_one_by_one_over_restarts() {
    let mut pair = Pair::meet().await;
    pair.talk("To begin").await;
    while pair
        .peer
        .rest()
        .iter()
        .any(|heard| matches!(heard, Heard::Counter { .. }))
    {}

    let mut counters = Vec::new();
    for number in 0..4 {
        pair.he_writes(&format!("step {number}"));
        counters.push(counter(&mut pair.peer).await);
        pair = pair.restart().await;
    }

    assert_eq!(counters, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_begin_at_once_understand_each_other() {
    let mut pair = Pair::meet().await;
    pair.she_holds("hers 0").await;
    pair.she_holds("hers 1").await;

    pair.ours.engine.command(Command::Prepare(pair.chat));
    pair.ours
        .wait_for("a session", async |engine| {
            let encryption = engine.chat_encryption(pair.chat).await.unwrap().unwrap();
            (encryption.readiness == Readiness::Ready).then_some(())
        })
        .await;
    // Both are on their way at once, each with what a session begins with.
    pair.she_releases(&["hers 0", "hers 1"]);
    pair.he_writes("his");

    pair.peer.hears_text("his").await;
    pair.reads("hers 1", BLIND).await;
    // Each side may now go on with the other's session. We keep both; her program
    // keeps one for each device, so it is she who tells which it is.
    pair.she_writes("hers again");
    pair.reads("hers again", BLIND).await;
    pair.talk("In the end").await;
    pair.talk("And again").await;
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a45_the_same_key_exchange_from_the_archive_is_read_once() {
    let mut pair = Pair::meet().await;
    let away = pair.ours.leave().await;
    // Each carries the key exchange: nobody has answered.
    let texts = ["Romeo?", "Romeo!", "Wherefore art thou Romeo?"];
    for text in texts {
        pair.peer.encrypt(&pair.romeo.address, text);
    }
    devices(&mut pair.peer, &pair.romeo.address).await;

    pair.ours = away.come_back();
    pair.ours.wait_until_online().await;
    pair.reads(texts[2], BLIND).await;
    pair.talk("Here").await;
    let mut pair = pair.restart().await;

    pair.talk("Again").await;
    pair.ours
        .assert_texts(
            pair.chat,
            &[
                texts[0],
                texts[1],
                texts[2],
                "Here, said",
                "Here, answered",
                "Again, said",
                "Again, answered",
            ],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_lost_its_sessions_begins_anew() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    pair.peer.order(Order::ForgetSessions);
    pair.own_devices().await;
    let mut pair = pair.her_program_restarts().await;

    pair.he_writes("lost");
    pair.peer
        .hears("what it cannot read", |heard| {
            matches!(heard, Heard::Unreadable { .. }).then_some(())
        })
        .await;
    pair.she_writes("once more");

    pair.reads("once more", BLIND).await;
    pair.talk("After").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_device_of_both_sides_reads_what_any_of_them_writes() {
    let server = Prosody::shared();
    let [romeo, juliet] = people(&server, ["romeo", "juliet"]);
    let mut phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    phone.enable_carbons().await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let copy = |text: &'static str| {
        move |heard: &Heard| match heard {
            Heard::Message {
                body,
                is_copy: true,
                ..
            } if body == text => Some(()),
            _ => None,
        }
    };

    ours.write(chat, "From the computer.");
    peer.hears_text("From the computer.").await;
    phone.hears("a copy", copy("From the computer.")).await;
    phone.encrypt(&juliet.address, "From the telephone.");
    peer.hears_text("From the telephone.").await;
    let row = ours
        .wait_for_text(chat, Direction::Outgoing, "From the telephone.")
        .await;
    assert_eq!(row.protection, BLIND);
    peer.encrypt(&romeo.address, "To both.");
    phone.hears_text("To both.").await;
    reads(&mut ours, chat, "To both.", BLIND).await;

    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    ours.assert_texts(
        chat,
        &["From the computer.", "From the telephone.", "To both."],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_messages_that_come_late_do_not_end_what_goes_on_by_then() {
    let mut pair = Pair::meet().await;
    pair.she_holds("hers, first").await;
    pair.she_holds("hers, second").await;
    // He knows nothing of her session, and begins his own; hers is forgotten there.
    pair.talk("His").await;
    pair.talk("Still his").await;

    pair.she_releases(&["hers, second", "hers, first"]);

    pair.reads("hers, first", BLIND).await;
    pair.reads("hers, second", BLIND).await;
    pair.she_writes("hers, now");
    pair.reads("hers, now", BLIND).await;
    pair.talk("Theirs").await;
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_listens_gives_one_sign_of_life_to_who_writes_much() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    pair.peer.rest();

    for number in 0..70 {
        pair.she_writes(&format!("hers {number}"));
    }
    pair.reads("hers 69", BLIND).await;
    hears_keys(&mut pair.peer).await;

    pair.talk("After").await;
    let again = |heard: &&Heard| matches!(heard, Heard::Keys { .. });
    assert_eq!(pair.peer.rest().iter().filter(again).count(), 0);
    pair.assert_all_read().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_of_life_of_who_listens_begins_a_new_chain() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let mut number = 0;

    // What was on its way meanwhile still goes on in the old one.
    let longest = loop {
        pair.he_writes(&format!("his {number}"));
        pair.peer.hears_text(&format!("his {number}")).await;
        let place = counter_of_last(&mut pair.peer);
        if number > 50 && place < 50 {
            break number;
        }
        number += 1;
        assert!(number < 100, "she never answers");
    };

    assert!(longest > 52, "{longest}");
    pair.talk("After").await;
    pair.assert_all_read().await;
}

/// Returns the place in its chain of the encrypted message that was heard last.
fn counter_of_last(peer: &mut Peer) -> u32 {
    let heard = peer.rest();
    let number = heard.iter().rev().find_map(|heard| match heard {
        Heard::Counter { number, .. } => Some(*number),
        _ => None,
    });
    number.expect("each has one")
}
