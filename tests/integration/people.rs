//! What was read goes to the user's other devices (XEP-0490), and strangers and
//! blocked people stay outside (XEP-0191, 0377), on a real server.

use std::time::{Duration, Instant};

use stonechat::engine::api::{Command, Engine, Event};
use stonechat::engine::model::{Blocked, ConversationId, Direction, ReportReason};

use crate::support::accounts::{Person, people, romeo_and_juliet};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

/// How soon another device knows what was read.
const SOON: Duration = Duration::from_secs(2);

async fn until_unread(ours: &mut Ours, chat: ConversationId, count: u32) {
    ours.wait_for("the count of unread messages", async |engine| {
        let row = engine.conversation(chat).await.unwrap();
        (row.unwrap().unread == count).then_some(())
    })
    .await;
}

/// Two devices of Romeo, both with one unread message of Juliet's that asks
/// for no marker.
async fn two_devices(server: &Prosody) -> (Ours, Ours, Peer, Person, Person) {
    let (romeo, juliet) = romeo_and_juliet(server);
    let desk = Ours::sign_in(&romeo, server).await;
    let mut desk = online(desk).await;
    let mut lap = online(Ours::sign_in(&romeo, server).await).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, server).await;
    peer.send(&romeo.address, "Good night.", "night");
    for ours in [&mut desk, &mut lap] {
        let chat = ours.chat_with(&juliet).await;
        ours.wait_for_text(chat, Direction::Incoming, "Good night.")
            .await;
        until_unread(ours, chat, 1).await;
    }
    (desk, lap, peer, romeo, juliet)
}

async fn online(mut ours: Ours) -> Ours {
    ours.wait_until_online().await;
    ours
}

async fn read_all(ours: &Ours, chat: ConversationId) {
    let up_to = ours.messages(chat).await.last().unwrap().id;
    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to,
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_on_one_device_is_read_on_the_other_within_two_seconds() {
    let server = Prosody::shared();
    let (desk, mut lap, _peer, _, juliet) = two_devices(&server).await;
    let (here, there) = (desk.chat_with(&juliet).await, lap.chat_with(&juliet).await);
    let began = Instant::now();

    read_all(&desk, here).await;

    until_unread(&mut lap, there, 0).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_on_one_device_clears_the_other() {
    let server = Prosody::shared();
    let (desk, mut lap, _peer, _, juliet) = two_devices(&server).await;
    let (here, there) = (desk.chat_with(&juliet).await, lap.chat_with(&juliet).await);
    let began = Instant::now();

    desk.write(here, "A thousand times good night.");

    until_unread(&mut lap, there, 0).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_while_a_device_was_away_is_read_when_it_comes_back() {
    let server = Prosody::shared();
    let (mut desk, lap, peer, romeo, juliet) = two_devices(&server).await;
    let here = desk.chat_with(&juliet).await;
    let there = lap.chat_with(&juliet).await;
    let away = lap.leave().await;
    peer.send(&romeo.address, "Parting is such sweet sorrow.", "sorrow");
    desk.wait_for_text(here, Direction::Incoming, "Parting is such sweet sorrow.")
        .await;

    read_all(&desk, here).await;
    until_unread(&mut desk, here, 0).await;
    let mut lap = online(away.come_back()).await;

    lap.wait_for_text(there, Direction::Incoming, "Parting is such sweet sorrow.")
        .await;
    until_unread(&mut lap, there, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_a_request_until_they_are_accepted() {
    let server = Prosody::shared();
    let [romeo, _] = people(&server, ["romeo", "juliet"]);
    let [tybalt] = people(&server, ["tybalt"]);
    let mut ours = online(Ours::sign_in(&romeo, &server).await).await;
    let mut events = ours.engine.subscribe();
    let peer = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;

    peer.send(&romeo.address, "Turn thee, villain.", "turn");

    let request = ours
        .wait_for("the request", async |engine| {
            let chats = engine.conversations().await.unwrap();
            chats
                .into_iter()
                .find(|row| row.is_request && row.address == tybalt.address)
        })
        .await;
    while let Ok(event) = events.try_recv() {
        assert!(!matches!(event, Event::Notify { .. }), "{event:?}");
    }
    ours.engine.command(Command::AcceptRequest(request.id));
    ours.wait_for("an ordinary chat", async |engine| {
        let row = engine.conversation(request.id).await.unwrap().unwrap();
        (!row.is_request).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_blocked_does_not_get_through_and_is_hidden_on_all_devices() {
    let server = Prosody::shared();
    let [romeo, _] = people(&server, ["romeo", "juliet"]);
    let [tybalt] = people(&server, ["tybalt"]);
    let mut desk = online(Ours::sign_in(&romeo, &server).await).await;
    let mut lap = online(Ours::sign_in(&romeo, &server).await).await;
    let peer = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;
    peer.send(&romeo.address, "Villain.", "villain");
    let is_listed = async |engine: &Engine| {
        let chats = engine.conversations().await.unwrap();
        chats.iter().any(|row| row.address == tybalt.address)
    };
    for ours in [&mut desk, &mut lap] {
        ours.wait_for("the request", async |engine| {
            is_listed(engine).await.then_some(())
        })
        .await;
    }

    desk.engine.command(Command::Block {
        account: desk.account,
        address: tybalt.address.clone(),
        report: Some(ReportReason::Spam),
    });

    let expected = Blocked {
        account: lap.account,
        address: tybalt.address.clone(),
    };
    lap.wait_for("the block on the other device", async |engine| {
        let blocked = engine.blocked().await.unwrap();
        blocked.contains(&expected).then_some(())
    })
    .await;
    assert!(!is_listed(&lap.engine).await && !is_listed(&desk.engine).await);
    peer.send(&romeo.address, "Thou art a villain.", "again");
    lap.engine.command(Command::Unblock {
        account: lap.account,
        address: tybalt.address.clone(),
    });
    desk.wait_for("nobody blocked", async |engine| {
        engine.blocked().await.unwrap().is_empty().then_some(())
    })
    .await;
    peer.send(&romeo.address, "Farewell.", "farewell");
    let chat = desk.chat_with(&tybalt).await;
    desk.wait_for_text(chat, Direction::Incoming, "Farewell.")
        .await;
    let texts = desk.texts(chat).await;
    assert!(
        !texts.contains(&"Thou art a villain.".to_owned()),
        "{texts:?}"
    );
}
