//! The program is killed at random moments, again and again, while messages
//! go both ways: each is there once, in order, on both sides.
//!
//! What counts as sent is what the killed program left in its history.

use std::time::Duration;

use stonechat::engine::model::{Delivery, Direction};

use crate::support::accounts::romeo_and_juliet;
use crate::support::killable::Killable;
use crate::support::ours::{Ours, assert_same};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

/// How often it is killed.
const KILLS: u32 = 25;
/// How many messages each side writes before each.
const MESSAGES: u32 = 20;
/// The longest it lives after it was told to write, in milliseconds: from
/// signing in to having sent and received everything.
const LIFE: u32 = 900;

async fn killed_again_and_again(options: &[&str], keeps_order: bool) {
    let server = Prosody::start(options);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut answered = Vec::new();
    let mut lives = Vec::new();
    for kill in 0..KILLS {
        let mut program = Killable::start(&data, &server.ca);
        if kill == 0 {
            program.sign_in(&romeo, server.port);
        } else {
            program.order(&format!("password {}", romeo.password));
        }
        program.order(&format!("open {}", juliet.address));
        for number in 0..MESSAGES {
            let text = format!("re {kill}.{number}");
            peer.send(&romeo.address, &text, &format!("re-{kill}-{number}"));
            answered.push(text);
        }
        let first = kill * MESSAGES;
        program.tell(&format!("write {first} {}", first + MESSAGES - 1));
        let life = getrandom::u32().unwrap() % LIFE;
        lives.push(life);
        tokio::time::sleep(Duration::from_millis(life.into())).await;
        program.kill();
    }

    let mut ours = Ours::inherit(&data, &romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.write(chat, "fence");
    peer.send(&romeo.address, "re fence", "re-fence");
    answered.push("re fence".to_owned());
    ours.wait_for_text(chat, Direction::Incoming, "re fence")
        .await;
    ours.wait_for_delivery(chat, "fence", Delivery::Sent).await;

    let heard = peer.texts_until("fence").await;
    let rows = ours.messages(chat).await;
    let said = |direction| {
        let rows = rows.iter().filter(move |row| row.direction == direction);
        rows.map(|row| row.body.clone()).collect::<Vec<_>>()
    };
    let mut written = said(Direction::Outgoing);
    assert_eq!(written.pop().as_deref(), Some("fence"));
    assert!(!written.is_empty(), "it was killed too early: {lives:?}");
    eprintln!(
        "{} sent, {} received, {lives:?}",
        written.len(),
        answered.len()
    );
    assert_same(&heard, &written);
    let mut received = said(Direction::Incoming);
    if !keeps_order {
        received.sort();
        answered.sort();
    }
    assert_same(&received, &answered);
    let unsent: Vec<_> = rows
        .iter()
        .filter(|row| row.direction == Direction::Outgoing)
        .filter(|row| matches!(row.delivery, Delivery::Pending | Delivery::Sending))
        .collect();
    assert!(unsent.is_empty(), "{unsent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_it_loses_doubles_and_reorders_nothing() {
    killed_again_and_again(&[], true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_without_stream_management_it_loses_and_doubles_nothing() {
    // The server delivers what was lost with a connection only from its
    // archive, and what it stored meanwhile first, with a stamp of whole
    // seconds: within one second these may change places.
    killed_again_and_again(&["--without", "smacks"], false).await;
}
