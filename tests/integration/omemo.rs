//! Encrypted chats with slixmpp-omemo, whose OMEMO is not ours in any part.

use stonechat::engine::api::Command;
use stonechat::engine::model::{
    CannotRead, ConversationId, Delivery, Direction, MessageKind, Protection, Readiness,
    SendFailure, Trust,
};

use crate::support::accounts::{Person, people, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

const BLIND: Protection = Protection::Omemo {
    trust: Trust::Blind,
};

/// Waits until a message came that is protected like this.
async fn reads(ours: &mut Ours, chat: ConversationId, text: &str, protection: Protection) {
    let row = ours.wait_for_text(chat, Direction::Incoming, text).await;
    assert_eq!(row.protection, protection, "{text}");
}

/// Both write and both read.
async fn talk(ours: &mut Ours, chat: ConversationId, romeo: &Person, peer: &mut Peer, about: &str) {
    let (said, answered) = (format!("{about}, said"), format!("{about}, answered"));
    ours.write(chat, &said);
    peer.hears_text(&said).await;
    peer.encrypt(&romeo.address, &answered);
    reads(ours, chat, &answered, BLIND).await;
}

/// Asserts that nothing in the chat could not be read.
async fn assert_all_read(ours: &Ours, chat: ConversationId) {
    let rows = ours.messages(chat).await;
    let unread: Vec<_> = rows
        .iter()
        .filter(|row| row.kind != MessageKind::Text)
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
}

/// Waits for the number of an encrypted message in its chain.
async fn counter(peer: &mut Peer) -> u32 {
    peer.hears("a counter", |heard| match heard {
        Heard::Counter { number, .. } => Some(*number),
        _ => None,
    })
    .await
}

/// Returns the numbers of somebody's devices, as the peer reads them.
async fn devices(peer: &mut Peer, of: &str) -> Vec<u32> {
    peer.order(Order::Devices { of: of.into() });
    peer.hears("a list of devices", |heard| match heard {
        Heard::Devices { devices, .. } => Some(devices.clone()),
        _ => None,
    })
    .await
}

/// Returns how many one-time keys a device offers, as the peer reads them.
async fn pre_keys(peer: &mut Peer, of: &str, device: u32) -> usize {
    peer.order(Order::Bundle {
        of: of.into(),
        device,
    });
    peer.hears("the keys of a device", |heard| match heard {
        Heard::Bundle { pre_keys, .. } => Some(*pre_keys),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_message_to_a_contact_is_encrypted_without_a_question() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;

    ours.write(chat, "But soft!");

    assert_eq!(counter(&mut peer).await, 0);
    peer.hears_text("But soft!").await;
    let row = ours
        .wait_for_text(chat, Direction::Outgoing, "But soft!")
        .await;
    assert_eq!(row.protection, BLIND);
    let details = ours.engine.message_protection(row.id).await.unwrap();
    assert_eq!(details.to.len(), 1, "{details:?}");
    peer.encrypt(&romeo.address, "Ay me!");
    reads(&mut ours, chat, "Ay me!", BLIND).await;
    let encryption = ours.engine.chat_encryption(chat).await.unwrap().unwrap();
    assert!(encryption.is_on && encryption.readiness == Readiness::Ready);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_written_to_first_reads_and_answers_and_the_used_key_is_replaced() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    while devices(&mut peer, &romeo.address).await.is_empty() {}

    peer.encrypt(&romeo.address, "What man art thou?");

    reads(&mut ours, chat, "What man art thou?", BLIND).await;
    // The session is complete: she need not begin it with each message.
    peer.hears("keys", |heard| {
        matches!(heard, Heard::Keys { .. }).then_some(())
    })
    .await;
    talk(&mut ours, chat, &romeo, &mut peer, "By a name").await;
    let [device] = devices(&mut peer, &romeo.address).await[..] else {
        panic!("not one device");
    };
    assert_eq!(pre_keys(&mut peer, &romeo.address, device).await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_messages_out_of_order_with_losses_and_kills_are_read() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let mut peer = Peer::with_keys(&keys, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    talk(&mut ours, chat, &romeo, &mut peer, "At first").await;

    let texts: Vec<String> = (0..50).map(|number| format!("line {number}")).collect();
    for text in &texts {
        peer.order(Order::SendEncrypted {
            to: romeo.address.clone(),
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
    peer.order(Order::Release {
        ids: before.to_vec(),
    });
    ours.wait_for_text(chat, Direction::Incoming, before.last().unwrap())
        .await;
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    peer.order(Order::Release {
        ids: after.to_vec(),
    });
    ours.wait_for_text(chat, Direction::Incoming, after.last().unwrap())
        .await;
    peer.kill().await;
    let mut peer = Peer::with_keys(&keys, &juliet, &server).await;
    talk(&mut ours, chat, &romeo, &mut peer, "At last").await;

    for number in 0..50 {
        ours.write(chat, &format!("answer {number}"));
    }
    peer.hears_text("answer 49").await;
    let mut read: Vec<String> = ours.texts(chat).await;
    read.retain(|text| text.starts_with("line"));
    assert_eq!(read, kept);
    assert_all_read(&ours, chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_go_on_one_by_one_over_restarts() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    talk(&mut ours, chat, &romeo, &mut peer, "To begin").await;
    while peer
        .rest()
        .iter()
        .any(|heard| matches!(heard, Heard::Counter { .. }))
    {}

    let mut counters = Vec::new();
    for number in 0..4 {
        ours.write(chat, &format!("step {number}"));
        counters.push(counter(&mut peer).await);
        ours = ours.restart().await;
        ours.wait_until_online().await;
    }

    assert_eq!(counters, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_begin_at_once_understand_each_other() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    while devices(&mut peer, &romeo.address).await.is_empty() {}
    for number in 0..2 {
        peer.order(Order::SendEncrypted {
            to: romeo.address.clone(),
            body: format!("hers {number}"),
            id: format!("hers {number}"),
            hold: true,
        });
    }
    // What follows is encrypted after both of hers were, as she obeys in order.
    devices(&mut peer, &romeo.address).await;

    ours.engine.command(Command::Prepare(chat));
    ours.wait_for("a session", async |engine| {
        let encryption = engine.chat_encryption(chat).await.unwrap().unwrap();
        (encryption.readiness == Readiness::Ready).then_some(())
    })
    .await;
    // Both are on their way at once, each with what a session begins with.
    peer.order(Order::Release {
        ids: vec!["hers 0".into(), "hers 1".into()],
    });
    ours.write(chat, "his");

    peer.hears_text("his").await;
    reads(&mut ours, chat, "hers 1", BLIND).await;
    // Each side may now go on with the other's session. We keep both; her program
    // keeps one for each device, so it is she who tells which it is.
    peer.encrypt(&romeo.address, "hers again");
    reads(&mut ours, chat, "hers again", BLIND).await;
    talk(&mut ours, chat, &romeo, &mut peer, "In the end").await;
    talk(&mut ours, chat, &romeo, &mut peer, "And again").await;
    assert_all_read(&ours, chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a45_the_same_key_exchange_from_the_archive_is_read_once() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    while devices(&mut peer, &romeo.address).await.is_empty() {}
    let away = ours.leave().await;
    // Each carries the key exchange: nobody has answered.
    let texts = ["Romeo?", "Romeo!", "Wherefore art thou Romeo?"];
    for text in texts {
        peer.encrypt(&romeo.address, text);
    }
    devices(&mut peer, &romeo.address).await;

    let mut ours = away.come_back();
    ours.wait_until_online().await;
    reads(&mut ours, chat, texts[2], BLIND).await;
    talk(&mut ours, chat, &romeo, &mut peer, "Here").await;
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;

    talk(&mut ours, chat, &romeo, &mut peer, "Again").await;
    ours.assert_texts(
        chat,
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
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let mut peer = Peer::with_keys(&keys, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    talk(&mut ours, chat, &romeo, &mut peer, "Before").await;
    peer.order(Order::ForgetSessions);
    devices(&mut peer, &romeo.address).await;
    peer.kill().await;
    let mut peer = Peer::with_keys(&keys, &juliet, &server).await;

    ours.write(chat, "lost");
    peer.hears("what it cannot read", |heard| {
        matches!(heard, Heard::Unreadable { .. }).then_some(())
    })
    .await;
    peer.encrypt(&romeo.address, "once more");

    reads(&mut ours, chat, "once more", BLIND).await;
    talk(&mut ours, chat, &romeo, &mut peer, "After").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_broken_here_is_mended_by_itself() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    talk(&mut ours, chat, &romeo, &mut peer, "Before").await;
    let away = ours.leave().await;
    away.change_history("DELETE FROM ratchet_sessions");
    peer.encrypt(&romeo.address, "lost");
    devices(&mut peer, &romeo.address).await;

    let mut ours = away.come_back();
    ours.wait_until_online().await;

    let repaired = CannotRead::SessionBroken { is_repaired: true };
    ours.wait_for("a row that says it was mended", async |engine| {
        let ids = engine.message_ids(chat).await.unwrap();
        let rows = engine.messages(ids).await.unwrap();
        let mended = MessageKind::Unreadable { why: repaired };
        rows.into_iter().find(|row| row.kind == mended).map(|_| ())
    })
    .await;
    peer.hears("keys", |heard| {
        matches!(heard, Heard::Keys { .. }).then_some(())
    })
    .await;
    talk(&mut ours, chat, &romeo, &mut peer, "After").await;
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
async fn a43_after_a_verification_a_new_device_waits_until_it_is_confirmed() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    talk(&mut ours, chat, &romeo, &mut peer, "First").await;
    let account = ours.account;
    let set_trust = |fingerprint, trust| Command::SetTrust {
        account,
        address: juliet.address.clone(),
        fingerprint,
        trust,
    };
    let known = ours.engine.devices(account, &juliet.address).await.unwrap();
    let first = known[0].fingerprint.unwrap();
    ours.engine.command(set_trust(first, Trust::Verified));

    let mut second = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    second.encrypt(&romeo.address, "It is me, too.");
    let undecided = Protection::Omemo {
        trust: Trust::Undecided,
    };
    reads(&mut ours, chat, "It is me, too.", undecided).await;
    ours.write(chat, "For one.");
    peer.hears_text("For one.").await;
    second
        .hears("what is not for it", |heard| {
            matches!(heard, Heard::Unreadable { why, .. } if why.contains("MessageNotForUs"))
                .then_some(())
        })
        .await;
    let encryption = ours.engine.chat_encryption(chat).await.unwrap().unwrap();
    let [new] = &encryption.unconfirmed[..] else {
        panic!("{encryption:?}");
    };

    let confirmed = new.fingerprint.unwrap();
    ours.engine.command(set_trust(confirmed, Trust::Verified));
    ours.write(chat, "For both.");

    peer.hears_text("For both.").await;
    second.hears_text("For both.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a49_without_keys_nothing_leaves_until_the_user_says_so() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;

    ours.write(chat, "A secret.");
    let stopped = Delivery::Failed(SendFailure::NoKeys);
    ours.wait_for_delivery(chat, "A secret.", stopped).await;
    let encryption = ours.engine.chat_encryption(chat).await.unwrap().unwrap();
    assert_eq!(encryption.readiness, Readiness::NoDevices);
    let row = ours.messages(chat).await.remove(0);
    ours.engine.command(Command::SendPlain(row.id));

    peer.hears_text("A secret.").await;
    let row = ours.messages(chat).await.remove(0);
    assert_eq!(row.protection, Protection::PlainAmongEncrypted);
    ours.write(chat, "Another.");
    ours.wait_for_delivery(chat, "Another.", stopped).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a44_a_device_that_is_taken_off_the_list_comes_back() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let phone = Peer::sign_in(Client::Slixmpp, &romeo, &server).await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    while devices(&mut peer, &romeo.address).await.is_empty() {}
    let [device] = devices(&mut peer, &romeo.address).await[..] else {
        panic!("not one device");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_device_says_of_what_is_older_that_it_is() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    peer.encrypt(&romeo.address, "secret");
    phone.hears_text("secret").await;
    phone.encrypt(&juliet.address, "answer");
    peer.hears_text("answer").await;

    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let rows = ours
        .wait_for("two rows", async |engine| {
            let ids = engine.message_ids(chat).await.unwrap();
            let rows = engine.messages(ids).await.unwrap();
            (rows.len() == 2).then_some(rows)
        })
        .await;

    let why = CannotRead::BeforeThisDevice;
    for row in rows {
        assert_eq!(row.kind, MessageKind::Unreadable { why });
    }
    talk(&mut ours, chat, &romeo, &mut peer, "From now on").await;
}
