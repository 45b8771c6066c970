//! Read markers (XEP-0333): only where asked for and allowed.

use stonechat::engine::api::Command;
use stonechat::engine::model::{Delivery, Direction};

use crate::support::accounts::{people, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_marker_is_sent_for_a_message_that_asked_for_none() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    peer.order(Order::Send {
        to: romeo.address.clone(),
        body: "Do not say that you saw this.".into(),
        id: "secret".into(),
        markable: false,
    });
    let heard = ours
        .wait_for_text(chat, Direction::Incoming, "Do not say that you saw this.")
        .await;

    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to: heard.id,
    });
    ours.write(chat, "fence");

    peer.hears_text("fence").await;
    let rest = peer.rest();
    assert!(
        !rest
            .iter()
            .any(|heard| matches!(heard, Heard::Displayed { .. })),
        "{rest:?}"
    );
    assert_eq!(
        ours.engine
            .conversation(chat)
            .await
            .unwrap()
            .unwrap()
            .unread,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_nothing_from_receipts_and_markers() {
    let server = Prosody::shared();
    let [romeo, _] = people(&server, ["romeo", "juliet"]);
    let [tybalt] = people(&server, ["tybalt"]);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;
    let chat = ours.chat_with(&tybalt).await;
    peer.send(&romeo.address, "Are you at home?", "spying");
    let heard = ours
        .wait_for_text(chat, Direction::Incoming, "Are you at home?")
        .await;

    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to: heard.id,
    });
    ours.write(chat, "fence");

    peer.hears_text("fence").await;
    let rest = peer.rest();
    assert!(
        !rest
            .iter()
            .any(|heard| matches!(heard, Heard::Displayed { .. } | Heard::Receipt { .. })),
        "{rest:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marker_covers_the_messages_before_it_and_none_after() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    for text in ["one", "two", "three"] {
        ours.write(chat, text);
    }
    peer.hears_text("one").await;
    let (from, second) = peer.hears_text("two").await;
    let (_, third) = peer.hears_text("three").await;

    peer.order(Order::Receipt {
        to: from.clone(),
        id: third,
    });
    peer.order(Order::Displayed {
        to: from,
        id: second,
    });

    ours.wait_for_delivery(chat, "two", Delivery::Displayed)
        .await;
    ours.wait_for_delivery(chat, "one", Delivery::Displayed)
        .await;
    ours.wait_for_delivery(chat, "three", Delivery::Delivered)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_can_mark_our_messages_as_read() {
    let server = Prosody::shared();
    let [romeo, juliet, tybalt] = people(&server, ["romeo", "juliet", "tybalt"]);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    let intruder = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.write(chat, "For your eyes only.");
    let (_, id) = peer.hears_text("For your eyes only.").await;
    ours.wait_for_delivery(chat, "For your eyes only.", Delivery::Sent)
        .await;

    intruder.order(Order::Receipt {
        to: romeo.address.clone(),
        id: id.clone(),
    });
    intruder.order(Order::Displayed {
        to: romeo.address.clone(),
        id,
    });
    intruder.send(&romeo.address, "fence", "fence");

    let tybalts = ours.chat_with(&tybalt).await;
    ours.wait_for_text(tybalts, Direction::Incoming, "fence")
        .await;
    ours.wait_for_delivery(chat, "For your eyes only.", Delivery::Sent)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marker_that_could_not_be_sent_is_sent_after_a_restart() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    peer.send(&romeo.address, "Read me.", "read-me");
    let heard = ours
        .wait_for_text(chat, Direction::Incoming, "Read me.")
        .await;
    drop(peer);
    server.stop();
    ours.wait_for_connection("that the connection is gone", |state| !state.is_online())
        .await;
    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to: heard.id,
    });
    ours.wait_for("no unread message", async |engine| {
        (engine.conversation(chat).await.unwrap().unwrap().unread == 0).then_some(())
    })
    .await;

    let restarted = ours.restart().await;
    server.start_again();
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    restarted.engine.command(Command::TryNow);

    peer.hears_displayed("read-me").await;
}
