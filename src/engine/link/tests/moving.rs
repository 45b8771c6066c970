//! Servers that send us elsewhere (attack A29).

use super::certificates::Kind;
use super::server::*;
use super::*;

/// Answers the first stream inside TLS by sending the client elsewhere.
async fn sends_to(peer: &mut Peer, port: u16) {
    peer.until("<stream:stream").await;
    peer.until(">").await;
    peer.say(&format!(
        "{HEADER}<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\
         127.0.0.1:{port}</see-other-host></stream:error></stream:stream>"
    ))
    .await;
}

#[tokio::test]
async fn a29_a_server_that_was_verified_may_send_us_elsewhere() {
    let (first, second) = (Server::new().await, Server::new().await);
    let mut link = connect(settings(&first), None);
    sends_to(&mut first.accept().await, second.port).await;

    let mut peer = second.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;

    assert_eq!(online(&mut link).await.report.port, second.port);
}

#[tokio::test]
async fn a29_the_other_place_must_be_the_same_domain() {
    let first = Server::new().await;
    let second = Server::with(Kind::OtherName).await;
    let mut link = connect(settings(&first), None);
    // What fails there is asked for again here, and only so often.
    for _ in 0..MOVES_AT_MOST {
        sends_to(&mut first.accept().await, second.port).await;
        assert!(second.try_accept().await.is_err(), "no word to a stranger");
    }
    sends_to(&mut first.accept().await, second.port).await;

    let (problem, _) = end(&mut link).await;
    assert!(!problem.is_fatal());
}

#[tokio::test]
async fn a29_two_servers_that_send_us_to_and_fro_are_given_up() {
    let (first, second) = (Server::new().await, Server::new().await);
    let mut link = connect(settings(&first), None);
    for number in 0..=MOVES_AT_MOST {
        let (here, there) = if number % 2 == 0 {
            (&first, &second)
        } else {
            (&second, &first)
        };
        sends_to(&mut here.accept().await, there.port).await;
    }

    let expected = ConnectionProblem::ClosedByServer {
        condition: "see-other-host".to_owned(),
    };
    assert_eq!(end(&mut link).await.0, expected);
}

#[tokio::test]
async fn a29_once_signed_in_nobody_sends_us_elsewhere() {
    let (first, second) = (Server::new().await, Server::new().await);
    let mut link = connect(settings(&first), None);
    let mut peer = first.accept().await;
    peer.sign_in_plain().await;
    sends_to(&mut peer, second.port).await;

    let expected = ConnectionProblem::ClosedByServer {
        condition: "see-other-host".to_owned(),
    };
    assert_eq!(end(&mut link).await.0, expected);
}
