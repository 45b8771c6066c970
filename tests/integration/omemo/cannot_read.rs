//! Each reason why a message cannot be read, made on purpose, and what helps.

use stonechat::engine::api::Command;
use stonechat::engine::model::{CannotRead, Device, Direction, MessageKind, Protection, Trust};

use super::{BLIND, Pair, devices, hears_keys, hold, talk, trusts};
use crate::support::accounts::{Person, people, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

const ASKING: &str = "Could you send that again?";

/// Asks her for a message again, which she writes then.
async fn asks_again(pair: &mut Pair, why: CannotRead) {
    let row = pair.cannot_read(why).await;
    assert_eq!((row.direction, &*row.body), (Direction::Incoming, ""));
    pair.ours.engine.command(Command::AskAgain {
        message: row.id,
        words: ASKING.into(),
    });
    pair.peer.hears_text(ASKING).await;
    pair.she_writes("Once more.");
    pair.reads("Once more.", BLIND).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_encrypted_for_this_device_is_asked_for_again() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    let text = "For the phone.";
    let holds = async |peer: &mut Peer, romeo: &Person| hold(peer, &romeo.address, text).await;
    let mut pair = Pair::after(server, romeo, juliet, holds).await;

    pair.she_releases(&[text]);

    phone.hears_text(text).await;
    asks_again(&mut pair, CannotRead::NotForThisDevice).await;
    phone.hears_text("Once more.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_on_its_way_is_asked_for_again() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    pair.she_holds("The east.").await;
    pair.peer.order(Order::Damage {
        id: "The east.".into(),
    });

    pair.she_releases(&["The east."]);

    asks_again(&mut pair, CannotRead::Damaged).await;
    pair.talk("After").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_wrote_that_is_not_trusted_is_read_once_it_is() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    assert_eq!(trusts(&pair, Trust::Distrusted).await.len(), 1);

    pair.she_writes("Trust me.");
    let row = pair.cannot_read(CannotRead::NotTrusted).await;
    assert_eq!(row.body, "");
    trusts(&pair, Trust::Verified).await;

    pair.she_writes("Thank you.");
    let verified = Protection::Omemo {
        trust: Trust::Verified,
    };
    pair.reads("Thank you.", verified).await;
    pair.he_writes("Forgive me.");
    pair.peer.hears_text("Forgive me.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a43_a_known_device_that_shows_another_key_is_not_believed() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let known = her_device(&pair).await;
    pair.peer.order(Order::ForgetIdentity);
    pair.own_devices().await;
    let mut pair = pair.her_program_restarts().await;

    pair.she_writes("It is me.");

    let row = pair.cannot_read(CannotRead::NotTrusted).await;
    assert_eq!(row.body, "");
    let warned = her_device(&pair).await;
    assert!(!known.has_other_key && warned.has_other_key);
    assert_eq!(warned.fingerprint, known.fingerprint);
    // What is written to her is for the key that is known.
    pair.he_writes("Is it?");
    pair.peer
        .hears("what is not for it", |heard| {
            matches!(heard, Heard::Unreadable { .. }).then_some(())
        })
        .await;
}

/// Returns her only device, as our program knows it.
async fn her_device(pair: &Pair) -> Device {
    let (engine, account) = (&pair.ours.engine, pair.ours.account);
    let mut known = engine.devices(account, &pair.juliet.address).await.unwrap();
    assert_eq!(known.len(), 1, "{known:?}");
    known.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_encrypted_in_another_way_is_a_row_and_gets_no_answer() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    for inside in [
        "<body>An OpenPGP message.</body><openpgp xmlns='urn:xmpp:openpgp:0'>AAA=</openpgp>",
        "<body>?OTRv23? Juliet wants a private conversation.</body>",
    ] {
        let rows = pair.ours.messages(pair.chat).await.len();
        let to = &pair.romeo.address;
        pair.peer.order(Order::Raw(format!(
            "<message type='chat' to='{to}' id='{rows}'>{inside}\
             <request xmlns='urn:xmpp:receipts'/></message>"
        )));
        let chat = pair.chat;
        let row = pair
            .ours
            .wait_for("another row", async |engine| {
                let ids = engine.message_ids(chat).await.unwrap();
                engine.messages(ids).await.unwrap().into_iter().nth(rows)
            })
            .await;
        let why = CannotRead::OtherMethod;
        assert_eq!(row.kind, MessageKind::Unreadable { why });
        assert_eq!((&*row.body, row.protection), ("", Protection::None));
    }

    pair.peer.rest();
    pair.he_writes("Next.");

    let heard = pair.peer.texts_until("Next.").await;
    assert!(heard.is_empty(), "{heard:?}");
    let answered = |heard: &Heard| matches!(heard, Heard::Receipt { .. } | Heard::Keys { .. });
    assert!(!pair.peer.rest().iter().any(answered));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_broken_session_is_mended_when_the_user_wants_it() {
    let server = Prosody::shared();
    // Neither is in the other's list of contacts.
    let [romeo] = people(&server, ["romeo"]);
    let [juliet] = people(&server, ["juliet"]);
    let mut pair = Pair::of(server, romeo, juliet).await;
    pair.she_writes("A stranger.");
    pair.reads("A stranger.", BLIND).await;
    let away = pair.ours.leave().await;
    // As after a crash of the disk: neither the session, nor what began it.
    away.change_history("DELETE FROM ratchet_sessions; DELETE FROM pre_keys WHERE is_used");
    pair.ours = away.come_back();
    pair.ours.wait_until_online().await;

    pair.she_writes("Do you hear?");
    let broken = pair
        .cannot_read(CannotRead::SessionBroken { is_repaired: false })
        .await;
    // Who may not know that he is here hears nothing by itself.
    let answered = |heard: &Heard| matches!(heard, Heard::Keys { .. });
    pair.own_devices().await;
    assert!(!pair.peer.rest().iter().any(answered));
    pair.ours.engine.command(Command::Repair(broken.id));

    hears_keys(&mut pair.peer).await;
    let row = pair
        .cannot_read(CannotRead::SessionBroken { is_repaired: true })
        .await;
    assert_eq!(row.id, broken.id);
    pair.she_writes("And now?");
    pair.reads("And now?", BLIND).await;
    pair.talk("After").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_broken_here_is_mended_by_itself() {
    let mut pair = Pair::meet().await;
    pair.talk("Before").await;
    let away = pair.ours.leave().await;
    away.change_history("DELETE FROM ratchet_sessions");
    pair.peer.encrypt(&pair.romeo.address, "lost");
    devices(&mut pair.peer, &pair.romeo.address).await;

    pair.ours = away.come_back();
    pair.ours.wait_until_online().await;

    let repaired = CannotRead::SessionBroken { is_repaired: true };
    pair.cannot_read(repaired).await;
    hears_keys(&mut pair.peer).await;
    pair.talk("After").await;
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
