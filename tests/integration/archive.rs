//! The archive (XEP-0313): what was missed, and what was before.

use std::time::{SystemTime, UNIX_EPOCH};

use stonechat::engine::api::Command;
use stonechat::engine::model::{Direction, MessageRow};

use crate::support::accounts::romeo_and_juliet;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

fn now() -> i64 {
    i64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs(),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_received_while_away_appear_once_and_in_order() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    peer.send(&romeo.address, "before", "before");
    ours.wait_for_text(chat, Direction::Incoming, "before")
        .await;

    let texts: Vec<String> = (1..=1000)
        .map(|number| format!("message {number}"))
        .collect();
    let restarted = {
        let home = ours.leave().await;
        let watcher = Peer::sign_in(Client::Slixmpp, &romeo, &server).await;
        for (number, text) in texts.iter().enumerate() {
            peer.send(&romeo.address, text, &format!("away-{number}"));
        }
        // Another device of Romeo's tells when the server has them all.
        let mut watcher = watcher;
        watcher.hears_text("message 1000").await;
        watcher.leave().await;
        home
    };
    let mut ours = restarted.come_back();
    peer.send(&romeo.address, "after", "after");

    ours.wait_until_online().await;
    ours.wait_for_text(chat, Direction::Incoming, "after").await;
    let mut expected = vec!["before".to_owned()];
    expected.extend(texts);
    expected.push("after".to_owned());
    ours.assert_texts(chat, &expected).await;
    let row = ours.engine.conversation(chat).await.unwrap().unwrap();
    assert_eq!(row.unread, 1002);
    assert_eq!(row.last_body, "after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_device_finds_the_conversations_there_were() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let then = now() - 5 * 86_400;
    server.history(&[
        (
            romeo.address.clone(),
            juliet.address.clone(),
            "But soft!".into(),
            then,
        ),
        (
            juliet.address.clone(),
            romeo.address.clone(),
            "Ay me.".into(),
            then + 60,
        ),
    ]);

    let mut ours = Ours::sign_in(&romeo, &server).await;

    let chat = ours.chat_with(&juliet).await;
    ours.wait_for_text(chat, Direction::Incoming, "Ay me.")
        .await;
    let rows = ours.messages(chat).await;
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.direction, row.body.as_str(), row.time / 1000))
        .collect();
    assert_eq!(
        seen,
        [
            (Direction::Outgoing, "But soft!", then),
            (Direction::Incoming, "Ay me.", then + 60)
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrolling_up_reaches_the_first_message_of_the_archive() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let then = now() - 30 * 86_400;
    let history: Vec<_> = (0..400)
        .map(|number| {
            let (from, to) = if number % 3 == 0 {
                (&romeo, &juliet)
            } else {
                (&juliet, &romeo)
            };
            (
                from.address.clone(),
                to.address.clone(),
                format!("line {number}"),
                then + number * 60,
            )
        })
        .collect();
    server.history(&history);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;

    let mut asked = 0;
    while !ours
        .engine
        .conversation(chat)
        .await
        .unwrap()
        .unwrap()
        .is_history_complete
    {
        let before = ours.messages(chat).await.len();
        ours.engine.command(Command::LoadEarlier(chat));
        ours.wait_for("earlier messages", async |engine| {
            let row = engine.conversation(chat).await.unwrap().unwrap();
            let count = engine.message_ids(chat).await.unwrap().len();
            (row.is_history_complete || count > before).then_some(())
        })
        .await;
        asked += 1;
        assert!(asked < 50, "the top is never reached");
    }

    let expected: Vec<String> = (0..400).map(|number| format!("line {number}")).collect();
    ours.assert_texts(chat, &expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_missed_message_is_when_it_was_sent() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut home = Ours::sign_in(&romeo, &server)
        .await
        .leave()
        .await
        .come_back();
    home.wait_until_online().await;
    let then = now() - 3600;
    let away = home.leave().await;
    server.history(&[(
        juliet.address.clone(),
        romeo.address.clone(),
        "An hour ago.".into(),
        then,
    )]);

    let mut ours = away.come_back();

    let chat = ours.chat_with(&juliet).await;
    let MessageRow { time, .. } = ours
        .wait_for_text(chat, Direction::Incoming, "An hour ago.")
        .await;
    assert_eq!(time / 1000, then);
}
