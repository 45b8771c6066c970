//! The line is cut, goes silent, or the server dies: nothing is lost, nothing
//! comes twice.

use stonechat::engine::api::Command;
use stonechat::engine::model::{Delivery, Direction, MessageRow};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::link_cutter::{LinkCutter, Way};
use crate::support::ours::{Ours, assert_same};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

/// Larger than several TLS records, so that a cut after some of its bytes is
/// inside the stanza.
fn long_text(first: &str) -> String {
    format!("{first} {}", "and so on, ".repeat(6000))
}

struct Scene {
    server: Prosody,
    juliet: Person,
    cutter: LinkCutter,
    ours: Ours,
    peer: Peer,
    romeo: Person,
}

/// Romeo is signed in by us through a line that can be cut, Juliet directly.
async fn scene(options: &[&str]) -> Scene {
    let server = Prosody::start(options);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let cutter = LinkCutter::start(server.port).await;
    let ours = Ours::sign_in_at(&romeo, &server, cutter.port).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    Scene {
        server,
        juliet,
        cutter,
        ours,
        peer,
        romeo,
    }
}

async fn cut_inside_what_we_send(options: &[&str]) {
    let Scene {
        juliet,
        cutter,
        mut ours,
        mut peer,
        server: _server,
        ..
    } = scene(options).await;
    let chat = ours.chat_with(&juliet).await;
    let long = long_text("long");

    cutter.cut_after(30_000, Way::ToServer);
    for text in ["before", &long, "after"] {
        ours.write(chat, text);
    }

    ours.wait_for_delivery(chat, "after", Delivery::Sent).await;
    ours.write(chat, "fence");
    assert_same(
        &peer.texts_until("fence").await,
        &["before", &long, "after"],
    );
    assert!(cutter.connections() >= 2, "the line was cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_inside_a_message_we_send_loses_and_doubles_nothing() {
    cut_inside_what_we_send(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_inside_a_message_we_send_loses_nothing_without_stream_management() {
    cut_inside_what_we_send(&["--without", "smacks"]).await;
}

async fn cut_inside_what_we_receive(options: &[&str]) {
    let Scene {
        romeo,
        juliet,
        cutter,
        mut ours,
        peer,
        server: _server,
    } = scene(options).await;
    let chat = ours.chat_with(&juliet).await;
    let long = long_text("long");

    cutter.cut_after(30_000, Way::ToClient);
    for (id, text) in ["before", &long, "after"].into_iter().enumerate() {
        peer.send(&romeo.address, text, &format!("cut-{id}"));
    }

    ours.wait_for_text(chat, Direction::Incoming, "after").await;
    ours.wait_for_text(chat, Direction::Incoming, &long).await;
    peer.send(&romeo.address, "fence", "cut-fence");
    ours.wait_for_text(chat, Direction::Incoming, "fence").await;
    ours.assert_texts(chat, &["before", &long, "after", "fence"])
        .await;
    assert!(cutter.connections() >= 2, "the line was cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_inside_a_message_we_receive_loses_and_doubles_nothing() {
    cut_inside_what_we_receive(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_inside_a_message_we_receive_loses_nothing_without_stream_management() {
    cut_inside_what_we_receive(&["--without", "smacks"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_again_and_again_in_a_conversation_everything_arrives_once_and_in_order() {
    let Scene {
        romeo,
        juliet,
        cutter,
        mut ours,
        mut peer,
        server: _server,
    } = scene(&[]).await;
    let chat = ours.chat_with(&juliet).await;
    let mut said = Vec::new();
    let mut answered = Vec::new();

    for round in 0..5 {
        // A different place each time, sometimes in one direction, sometimes in both.
        cutter.cut_after(300 + 700 * round, Way::ToServer);
        cutter.cut_after(900 + 500 * round, Way::ToClient);
        for number in 0..10 {
            let text = format!("{round}.{number}");
            ours.write(chat, &text);
            peer.send(&romeo.address, &format!("re {text}"), &format!("re-{text}"));
            answered.push(format!("re {text}"));
            said.push(text);
        }
        let (last, answer) = (format!("{round}.9"), format!("re {round}.9"));
        ours.wait_through_outages("the end of the round", async |engine| {
            let rows = engine.latest_messages(chat, 200).await.unwrap();
            let is_sent = rows
                .iter()
                .any(|row| row.body == last && row.delivery == Delivery::Sent);
            (is_sent && rows.iter().any(|row| row.body == answer)).then_some(())
        })
        .await;
    }
    ours.write(chat, "fence");
    let heard = peer.texts_until("fence").await;

    assert_same(&heard, &said);
    let rows = ours.messages(chat).await;
    let incoming = rows
        .iter()
        .filter(|row| row.direction == Direction::Incoming);
    assert_same(
        &incoming.map(|row| &row.body).collect::<Vec<_>>(),
        &answered,
    );
    assert!(
        cutter.connections() >= 6,
        "{} connections",
        cutter.connections()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_loses_and_doubles_nothing() {
    let Scene {
        server,
        juliet,
        mut ours,
        peer,
        cutter: _cutter,
        ..
    } = scene(&[]).await;
    let chat = ours.chat_with(&juliet).await;
    peer.leave().await;
    ours.write(chat, "before");
    ours.wait_for_delivery(chat, "before", Delivery::Sent).await;

    server.stop();
    ours.write(chat, "while it is down");
    server.start_again();
    ours.engine.command(Command::TryNow);

    ours.wait_for_delivery(chat, "while it is down", Delivery::Sent)
        .await;
    ours.write(chat, "fence");
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    assert_eq!(
        peer.texts_until("fence").await,
        ["before", "while it is down"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_messages_are_on_their_way_loses_and_doubles_nothing() {
    let Scene {
        server,
        juliet,
        cutter,
        mut ours,
        peer,
        ..
    } = scene(&[]).await;
    let chat = ours.chat_with(&juliet).await;
    let texts: Vec<_> = (1..=30).map(|number: u32| number.to_string()).collect();
    for text in &texts[..5] {
        ours.write(chat, text);
    }
    ours.wait_for_delivery(chat, "5", Delivery::Sent).await;
    peer.leave().await;
    // Written and unconfirmed, and not in the server's hands either: halfway
    // through one message a server's own archives may disagree, which no
    // client can know.
    cutter.hold_silent();
    for text in &texts[5..] {
        ours.write(chat, text);
    }
    ours.wait_for_delivery(chat, "30", Delivery::Sending).await;

    server.kill();
    cutter.cut();
    cutter.let_pass();
    server.start_again();

    ours.wait_through_outages("everything to be sent", async |engine| {
        let rows = engine.latest_messages(chat, 1).await.unwrap();
        (rows[0].delivery == Delivery::Sent).then_some(())
    })
    .await;
    ours.assert_texts(chat, &texts).await;
    // Another program of Juliet's finds each once, in her archive.
    let mut hers = Ours::sign_in(&juliet, &server).await;
    let romeos = hers
        .wait_for("Romeo's chat", async |engine| {
            engine.conversations().await.unwrap().pop()
        })
        .await;
    hers.wait_for_text(romeos.id, Direction::Incoming, "30")
        .await;
    hers.assert_texts(romeos.id, &texts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_while_the_line_is_down_is_there_afterwards_once() {
    let Scene {
        romeo,
        juliet,
        mut cutter,
        mut ours,
        peer,
        server: _server,
    } = scene(&[]).await;
    let chat = ours.chat_with(&juliet).await;
    peer.send(&romeo.address, "before", "before");
    ours.wait_for_text(chat, Direction::Incoming, "before")
        .await;
    cutter.refuse().await;
    ours.wait_for_connection("that the connection is gone", |state| !state.is_online())
        .await;

    for number in 1..=20 {
        peer.send(
            &romeo.address,
            &number.to_string(),
            &format!("down-{number}"),
        );
    }
    cutter.accept_again().await;
    ours.engine.command(Command::TryNow);

    ours.wait_for_text(chat, Direction::Incoming, "20").await;
    let mut expected = vec!["before".to_owned()];
    expected.extend((1..=20).map(|number: u32| number.to_string()));
    ours.assert_texts(chat, &expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_not_hammered() {
    let Scene {
        mut ours,
        mut cutter,
        server,
        ..
    } = scene(&[]).await;
    server.kill();
    // The relay still accepts and hangs up at once: the worst kind of down.
    cutter.cut();
    for _ in 0..3 {
        ours.wait_for_event("a waiting time", |event| match event {
            stonechat::engine::api::Event::Connection {
                state: stonechat::engine::model::ConnectionState::Waiting { .. },
                ..
            } => Some(()),
            _ => None,
        })
        .await;
    }

    assert!(
        cutter.connections() <= 8,
        "{} connections",
        cutter.connections()
    );
    cutter.refuse().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_went_silent_is_noticed_and_nothing_is_lost_or_doubled() {
    let Scene {
        romeo,
        juliet,
        cutter,
        mut ours,
        mut peer,
        server: _server,
    } = scene(&[]).await;
    let chat = ours.chat_with(&juliet).await;

    cutter.hold_silent();
    ours.write(chat, "Can you hear me?");
    peer.send(&romeo.address, "Romeo?", "unheard");
    // The user asks; so does the link by itself after a minute of silence.
    ours.engine.command(Command::TryNow);
    ours.wait_for_connection("that the silence is noticed", |state| !state.is_online())
        .await;
    cutter.let_pass();

    ours.wait_through_outages("both messages", async |engine| {
        let rows = engine.latest_messages(chat, 2).await.unwrap();
        let is_sent = |row: &MessageRow| row.delivery == Delivery::Sent;
        (rows.len() == 2 && rows.iter().any(is_sent)).then_some(())
    })
    .await;
    ours.write(chat, "fence");
    assert_eq!(peer.texts_until("fence").await, ["Can you hear me?"]);
    assert_eq!(ours.texts(chat).await.len(), 3);
}
