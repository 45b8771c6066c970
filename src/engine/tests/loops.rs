//! The defects `d2` to `d5` and `d8` of other clients' connections: tight
//! loops, sends that hang, ends that nobody is told of. The others stand
//! where they would be: `d1`, `d6`, `d7`, `d9` and `d10` in the link.

use std::time::Duration;

use minidom::Element;
use tokio::time::timeout;

use super::stage::{Stage, shutdown, stream_error};
use crate::engine::api::Command;
use crate::engine::model::{ConnectionProblem, ConnectionState, Delivery, Direction, Secret};

const SM: &str = "urn:xmpp:sm:3";

/// How long a server is watched, and the most connections a client may make
/// meanwhile that waits anything up to 1, 2, 4, 8 … seconds between them.
const WATCHED: Duration = Duration::from_secs(4);
const FEW: u32 = 9;

/// Has every connection answered so, and asserts that the engine does not
/// loop: it tries a few times, or stops.
async fn does_not_loop(answer: impl Fn(&Element) -> Option<String> + Send + Sync + 'static) {
    let mut stage = Stage::answering(move |connection, said| {
        if connection == 1 {
            return (said.name() == "presence").then(shutdown);
        }
        answer(said)
    })
    .await;

    let tried = stage.server.connections_within(WATCHED, FEW).await;

    assert!((2..=FEW).contains(&tried), "{tried} connections");
    // It is alive, and lets go at once.
    timeout(WATCHED, stage.engine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d2_what_kills_every_stream_is_not_met_in_a_tight_loop() {
    let endless = format!("<message><x a='{}", "a".repeat(5_000_000));

    does_not_loop(move |said| (said.name() == "presence").then(|| endless.clone())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d3_a_resumption_that_is_refused_without_a_number_is_no_loop() {
    does_not_loop(|said| match said.name() {
        "presence" => Some(shutdown()),
        "resume" => Some(format!("<failed xmlns='{SM}'/>")),
        _ => None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_stream_management_that_is_refused_every_time_is_no_loop() {
    does_not_loop(|said| match said.name() {
        "presence" => Some(shutdown()),
        "enable" => Some(format!("<failed xmlns='{SM}'/>")),
        _ => None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_a_binding_that_is_refused_every_time_is_no_loop() {
    does_not_loop(|said| {
        let id = said.attr("id").unwrap_or_default();
        said.has_child("bind", "urn:ietf:params:xml:ns:xmpp-bind")
            .then(|| {
                format!(
                    "<iq type='error' id='{id}'><error type='cancel'>\
                     <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                )
            })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_a_conflict_every_time_is_no_fight() {
    does_not_loop(|said| {
        (said.name() == "presence")
            .then(|| stream_error("<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_an_acknowledgement_that_is_too_high_every_time_is_no_loop() {
    does_not_loop(|said| {
        (said.name() == "presence").then(|| format!("<a xmlns='{SM}' h='100000'/>"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d5_sending_and_receiving_at_once_never_hangs() {
    const MANY: usize = 200;
    let mut stage = Stage::new().await;
    let juliet = "juliet@example.org".to_owned();
    let chat = stage.engine.open_chat(stage.account, juliet).await.unwrap();

    for number in 0..MANY {
        stage.engine.command(Command::SendText {
            conversation: chat,
            body: format!("out {number}"),
            reply_to: None,
        });
        stage.brings(&format!("in {number}"));
    }

    stage
        .until("all are there and confirmed", async |engine| {
            let rows = engine.latest_messages(chat, 3 * MANY).await.unwrap();
            let (out, into): (Vec<_>, Vec<_>) = rows
                .into_iter()
                .partition(|row| row.direction == Direction::Outgoing);
            let are_sent = out.iter().all(|row| row.delivery == Delivery::Sent);
            are_sent && (out.len(), into.len()) == (MANY, MANY)
        })
        .await;
    assert_eq!(stage.server.state().connections, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d8_a_refused_password_is_told_and_does_not_keep_the_program_from_ending() {
    let mut stage = Stage::answering(|connection, said| {
        if connection == 1 {
            return (said.name() == "presence").then(shutdown);
        }
        (said.name() == "auth").then(|| {
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"
                .to_owned()
        })
    })
    .await;

    stage.ended().await;

    assert_eq!(stage.ended().await, ConnectionProblem::WrongPassword);
    let state = stage.engine.connections().remove(&stage.account);
    assert_eq!(
        state,
        Some(ConnectionState::Stopped(ConnectionProblem::WrongPassword))
    );
    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("guessed"),
    });
    timeout(WATCHED, stage.engine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d8_a_server_that_is_gone_is_told_and_does_not_keep_the_program_from_ending() {
    let mut stage = Stage::answering(|_, said| (said.name() == "presence").then(shutdown)).await;

    stage.server.leave();
    stage.ended().await;

    assert!(matches!(
        stage.ended().await,
        ConnectionProblem::Unreachable { .. } | ConnectionProblem::ConnectionLost
    ));
    timeout(WATCHED, stage.engine.stop()).await.unwrap();
}
