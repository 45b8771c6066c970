//! What may differ on the other large server.

use stonechat::engine::api::Command;
use stonechat::engine::model::Direction;

use crate::support::accounts::romeo_and_juliet;
use crate::support::link_cutter::LinkCutter;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_ejabberd_a_second_sign_in_needs_no_password_and_one_flight() {
    let server = Prosody::ejabberd(&["--quiet"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let ours = Ours::sign_in_at(&romeo, &server, server.tls_port).await;

    let mut ours = ours.restart().await;
    ours.wait_until_online().await;

    let report = ours.engine.security(ours.account).unwrap();
    assert!(report.mechanism.starts_with("HT-SHA-256"), "{report:?}");
    // TCP, TLS, and all the rest.
    assert_eq!(report.round_trips, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_ejabberd_what_was_missed_is_there_once_and_in_order() {
    let server = Prosody::ejabberd(&["--quiet"]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    peer.send(&romeo.address, "before", "before");
    ours.wait_for_text(chat, Direction::Incoming, "before")
        .await;
    ours.write(chat, "hello");
    peer.hears_text("hello").await;

    let away = ours.leave().await;
    for number in 1..=150 {
        peer.send(
            &romeo.address,
            &number.to_string(),
            &format!("away-{number}"),
        );
    }
    let mut ours = away.come_back();
    ours.wait_until_online().await;
    peer.send(&romeo.address, "after", "after");

    ours.wait_for_text(chat, Direction::Incoming, "after").await;
    let mut expected = vec!["before".to_owned(), "hello".to_owned()];
    expected.extend((1..=150).map(|number: u32| number.to_string()));
    expected.push("after".to_owned());
    ours.assert_texts(chat, &expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_ejabberd_a_cut_line_loses_doubles_and_mixes_up_nothing() {
    let server = Prosody::ejabberd(&["--quiet"]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let cutter = LinkCutter::start(server.port).await;
    let mut ours = Ours::sign_in_at(&romeo, &server, cutter.port).await;
    let chat = ours.chat_with(&juliet).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;

    for round in 0..3 {
        for number in 0..20 {
            let text = format!("{round}.{number}");
            peer.send(&romeo.address, &text, &text);
            if number == 7 {
                cutter.cut();
                ours.engine.command(Command::TryNow);
            }
        }
        let last = format!("{round}.19");
        ours.wait_through_outages("the end of the round", async |engine| {
            let rows = engine.latest_messages(chat, 200).await.unwrap();
            rows.iter().any(|row| row.body == last).then_some(())
        })
        .await;
    }

    let expected: Vec<String> = (0..3)
        .flat_map(|round| (0..20).map(move |number| format!("{round}.{number}")))
        .collect();
    // What a broken connection mixed up, the archive puts right a moment later.
    ours.wait_for("their order", async |engine| {
        let rows = engine.latest_messages(chat, 200).await.unwrap();
        (rows.iter().map(|row| &row.body).eq(&expected)).then_some(())
    })
    .await;
}
