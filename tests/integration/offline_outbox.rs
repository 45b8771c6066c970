//! What was written while nothing could be sent, or was being sent when the
//! program died: it arrives, and once.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, Delivery, Direction};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::killable::Killable;
use crate::support::link_cutter::LinkCutter;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_written_offline_arrives_once_after_reconnecting() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.engine.command(Command::Network { is_up: false });
    ours.wait_for_connection("that we are offline", |state| {
        *state == ConnectionState::Offline
    })
    .await;

    for text in ["one", "two", "three"] {
        ours.write(chat, text);
    }
    ours.wait_for("three waiting messages", async |engine| {
        let waiting = engine.waiting_messages().await.unwrap();
        (waiting.values().sum::<u32>() == 3).then_some(())
    })
    .await;
    ours.wait_for_delivery(chat, "three", Delivery::Pending)
        .await;
    ours.engine.command(Command::Network { is_up: true });
    ours.wait_for_delivery(chat, "three", Delivery::Sent).await;
    ours.write(chat, "fence");

    assert_eq!(peer.texts_until("fence").await, ["one", "two", "three"]);
    assert!(
        ours.engine
            .waiting_messages()
            .await
            .unwrap()
            .values()
            .sum::<u32>()
            <= 1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_written_before_the_server_can_be_reached_waits_for_it() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut cutter = LinkCutter::start(server.port).await;
    let mut ours = Ours::sign_in_at(&romeo, &server, cutter.port).await;
    let mut peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    cutter.refuse().await;
    ours.wait_for_connection("that we wait", |state| {
        matches!(state, ConnectionState::Waiting { .. })
    })
    .await;

    ours.write(chat, "Later, then.");
    ours.wait_for_delivery(chat, "Later, then.", Delivery::Pending)
        .await;
    let mut ours = ours.restart().await;
    cutter.accept_again().await;
    ours.engine.command(Command::TryNow);

    ours.wait_for_delivery(chat, "Later, then.", Delivery::Sent)
        .await;
    ours.write(chat, "fence");
    assert_eq!(peer.texts_until("fence").await, ["Later, then."]);
}

fn numbers(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

/// Starts the program again where it was killed, and returns what Juliet hears
/// until a last message, written afterwards, came through.
async fn heard_after_a_restart(
    folder: &std::path::Path,
    server: &Prosody,
    romeo: &Person,
    juliet: &Person,
    peer: &mut Peer,
) -> Vec<String> {
    let mut program = Killable::start(folder, &server.ca);
    program.order(&format!("password {}", romeo.password));
    program.order(&format!("open {}", juliet.address));
    program.order("write 99 99");
    peer.texts_until("99").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_messages_queued_when_the_program_is_killed_arrive_once_each() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut program = Killable::start(&data, &server.ca);
    program.sign_in(&romeo, server.port);
    program.order(&format!("open {}", juliet.address));
    program.order("offline");
    program.order("write 1 50");

    program.kill();

    let heard = heard_after_a_restart(&data, &server, &romeo, &juliet, &mut peer).await;
    assert_eq!(heard, numbers(1..=50));
}

/// Kills the program when Juliet has heard so many of fifty messages: then
/// some are confirmed, some on their way and some not sent.
async fn killed_after(heard: u32, options: &[&str]) {
    let server = if options.is_empty() {
        Prosody::shared()
    } else {
        std::sync::Arc::new(Prosody::start(options))
    };
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut program = Killable::start(&data, &server.ca);
    program.sign_in(&romeo, server.port);
    program.order(&format!("open {}", juliet.address));
    program.order("write 1 50");
    let mut before = peer.texts_until(&heard.to_string()).await;
    before.push(heard.to_string());

    program.kill();

    before.extend(heard_after_a_restart(&data, &server, &romeo, &juliet, &mut peer).await);
    assert_eq!(before, numbers(1..=50), "killed after {heard}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_sending_sends_each_message_once() {
    for heard in [1, 7, 20, 35, 50] {
        killed_after(heard, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_sending_without_stream_management_sends_each_message_once() {
    killed_after(20, &["--without", "smacks"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_receiving_has_each_message_once() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut program = Killable::start(&data, &server.ca);
    program.sign_in(&romeo, server.port);
    for number in 1..=300 {
        peer.send(
            &romeo.address,
            &number.to_string(),
            &format!("flood-{number}"),
        );
    }
    // A receipt leaves after its message is on disk: many are, many are not.
    peer.hears_receipt("flood-100").await;

    program.kill();

    let mut ours = Ours::inherit(&data, &romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.wait_for_text(chat, Direction::Incoming, "300").await;
    ours.assert_texts(chat, &numbers(1..=300)).await;
    let row = ours.engine.conversation(chat).await.unwrap().unwrap();
    assert_eq!(row.unread, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_there_after_the_program_was_killed() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = Killable::start(&data, &server.ca);
    program.sign_in(&romeo, server.port);
    program.order(&format!("open {}", juliet.address));
    program.order("draft But soft! What light through yonder window breaks?");

    program.kill();

    let ours = Ours::inherit(&data, &romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    assert_eq!(
        ours.engine.draft(chat).await.unwrap(),
        "But soft! What light through yonder window breaks?"
    );
}
