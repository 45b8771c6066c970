//! One-to-one chats with clients that are not ours, both ways.

use stonechat::engine::api::{Command, Event};
use stonechat::engine::model::{Delivery, Direction, Presence};

use crate::support::accounts::{Person, people, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

async fn is_understood_both_ways(client: Client) {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(client, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;

    // There: text, receipt, marker.
    let text = "But soft, what light?\n  <&> \"quoted\" 🌹 ליל טוב";
    ours.write(chat, text);
    let (from, id) = peer
        .hears(
            "our message, asking for receipt and marker",
            |heard| match heard {
                Heard::Message {
                    from,
                    id,
                    body,
                    wants_receipt: true,
                    markable: true,
                    ..
                } if body == text => Some((from.clone(), id.clone())),
                _ => None,
            },
        )
        .await;
    ours.wait_for_delivery(chat, text, Delivery::Sent).await;
    peer.order(Order::Receipt {
        to: from.clone(),
        id: id.clone(),
    });
    ours.wait_for_delivery(chat, text, Delivery::Delivered)
        .await;
    peer.order(Order::Displayed {
        to: from.clone(),
        id,
    });
    ours.wait_for_delivery(chat, text, Delivery::Displayed)
        .await;

    // And back: text, receipt, marker.
    let answer = "Ay me.\n\tSecond line & <third>.";
    peer.send(&from, answer, "ay-me");
    let heard = ours.wait_for_text(chat, Direction::Incoming, answer).await;
    peer.hears_receipt("ay-me").await;
    let row = ours.engine.conversation(chat).await.unwrap().unwrap();
    assert_eq!((row.unread, row.first_unread), (1, Some(heard.id)));
    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to: heard.id,
    });
    peer.hears_displayed("ay-me").await;
    let row = ours.engine.conversation(chat).await.unwrap().unwrap();
    assert_eq!((row.unread, row.first_unread), (0, None));

    ours.assert_texts(chat, &[text, answer]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_xmpp_and_we_understand_each_other() {
    is_understood_both_ways(Client::TokioXmpp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slixmpp_and_we_understand_each_other() {
    is_understood_both_ways(Client::Slixmpp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sees_the_other_side_write_and_is_seen_writing() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.write(chat, "Are you there?");
    let (from, _) = peer.hears_text("Are you there?").await;

    for (state, is_composing) in [("composing", true), ("paused", false)] {
        peer.order(Order::Typing {
            to: from.clone(),
            state: state.into(),
        });
        ours.wait_for_event(state, |event| {
            (*event
                == Event::Typing {
                    conversation: chat,
                    is_composing,
                })
            .then_some(())
        })
        .await;
    }

    ours.engine.command(Command::Typing {
        conversation: chat,
        is_composing: true,
    });
    peer.hears("that we write", |heard| {
        matches!(heard, Heard::Typing { state, .. } if state == "composing").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_comes_and_goes() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let account = ours.account;
    let address = juliet.address.clone();

    let peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    ours.wait_for("Juliet to be here", async |engine| {
        (engine.presence(account, &address) == Presence::Here).then_some(())
    })
    .await;
    peer.leave().await;
    ours.wait_for("Juliet to be gone", async |engine| {
        (engine.presence(account, &address) == Presence::Offline).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_nobody_fails_visibly_and_can_be_tried_again() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let late = Person {
        name: format!("late-{}", romeo.name),
        address: format!("late-{}@{}", romeo.name, server.domain),
        password: "later".into(),
    };
    let chat = ours.chat_with(&late).await;

    ours.write(chat, "Is anybody there?");
    let failed = ours
        .wait_for("a failure", async |engine| {
            let rows = engine.latest_messages(chat, 1).await.unwrap();
            rows.into_iter()
                .find(|row| matches!(row.delivery, Delivery::Failed(_)))
        })
        .await;

    server.account(&late.name, &late.password, &[]);
    let mut peer = Peer::sign_in(Client::Slixmpp, &late, &server).await;
    ours.engine.command(Command::Retry(failed.id));
    peer.hears_text("Is anybody there?").await;
    ours.wait_for_delivery(chat, "Is anybody there?", Delivery::Sent)
        .await;
    assert_eq!(ours.texts(chat).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chats_do_not_mix() {
    let server = Prosody::shared();
    let [romeo, juliet, mercutio] = people(&server, ["romeo", "juliet", "mercutio"]);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let one = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    let other = Peer::sign_in(Client::Slixmpp, &mercutio, &server).await;
    // The same id on purpose: an id says nothing without its sender.
    one.send(&romeo.address, "Ay me.", "the-same");
    other.send(&romeo.address, "A plague!", "the-same");

    let juliets = ours.chat_with(&juliet).await;
    let mercutios = ours.chat_with(&mercutio).await;
    ours.wait_for_text(juliets, Direction::Incoming, "Ay me.")
        .await;
    ours.wait_for_text(mercutios, Direction::Incoming, "A plague!")
        .await;

    ours.assert_texts(juliets, &["Ay me."]).await;
    ours.assert_texts(mercutios, &["A plague!"]).await;
}
