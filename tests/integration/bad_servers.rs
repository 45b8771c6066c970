//! Servers that cannot be reached, cannot be trusted, or can do little.

use stonechat::engine::error::SignInError;
use stonechat::engine::model::{ConnectionProblem, Delivery, Direction};

use crate::support::accounts::romeo_and_juliet;
use crate::support::ours::{Ours, form, try_to_sign_in};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

/// Signs in to a server with this fault and returns the problem, having made
/// sure that no password went out.
async fn problem_with(options: &[&str]) -> ConnectionProblem {
    let server = Prosody::start(options);
    let (romeo, _) = romeo_and_juliet(&server);
    let result = try_to_sign_in(form(&romeo, server.port), &server.ca).await;
    assert!(
        !server.log().contains("<auth "),
        "nothing was sent to sign in with"
    );
    match result {
        Err(SignInError::Connection(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_is_refused() {
    let problem = problem_with(&["--certificate", "expired"]).await;
    assert_eq!(problem, ConnectionProblem::CertificateExpired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_name_is_refused() {
    let problem = problem_with(&["--certificate", "other-name"]).await;
    assert_eq!(problem, ConnectionProblem::CertificateOtherName);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_by_an_unknown_issuer_is_refused() {
    let problem = problem_with(&["--certificate", "unknown-issuer"]).await;
    assert_eq!(problem, ConnectionProblem::CertificateUnknownIssuer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_password_is_sent_only_with_consent() {
    assert_eq!(
        problem_with(&["--plain-only"]).await,
        ConnectionProblem::NeedsPlainConsent
    );

    let server = Prosody::start(&["--plain-only"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let mut sign_in = form(&romeo, server.port);
    sign_in.allows_plain = true;
    try_to_sign_in(sign_in, &server.ca).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_to_an_open_password_does_not_weaken_a_better_server() {
    let server = Prosody::start(&[]);
    let (romeo, _) = romeo_and_juliet(&server);
    let mut sign_in = form(&romeo, server.port);
    sign_in.allows_plain = true;

    try_to_sign_in(sign_in, &server.ca).await.unwrap();

    let log = server.log();
    assert!(
        log.contains("mechanism='SCRAM-SHA-256"),
        "it signed in by SCRAM"
    );
    assert!(!log.contains("mechanism='PLAIN'"), "and not by PLAIN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_does_not_answer_is_named() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    // Bound and let go: nobody listens there now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();

    let result = try_to_sign_in(form(&romeo, port), &server.ca).await;

    let Err(SignInError::Connection(problem)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        problem,
        ConnectionProblem::Unreachable {
            host: "127.0.0.1".into(),
            port
        }
    );
}

/// Chats both ways, is cut off, and chats again.
async fn chats_and_survives_an_outage(options: &[&str]) {
    let server = Prosody::start(options);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;

    ours.write(chat, "But soft!");
    let (from, id) = peer.hears_text("But soft!").await;
    peer.send(&from, "Ay me.", "ay");
    ours.wait_for_text(chat, Direction::Incoming, "Ay me.")
        .await;
    peer.order(crate::support::heard::Order::Receipt { to: from, id });
    ours.wait_for_delivery(chat, "But soft!", Delivery::Delivered)
        .await;

    drop(peer);
    server.kill();
    ours.wait_for_connection("that the connection is gone", |state| !state.is_online())
        .await;
    ours.write(chat, "Speak again!");
    server.start_again();
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    peer.hears_text("Speak again!").await;

    let texts = ours.texts(chat).await;
    assert_eq!(texts, ["But soft!", "Ay me.", "Speak again!"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_stream_management_is_good_enough() {
    chats_and_survives_an_outage(&["--without", "smacks"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_an_archive_is_good_enough() {
    chats_and_survives_an_outage(&["--without", "mam"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_carbons_is_good_enough() {
    chats_and_survives_an_outage(&["--without", "carbons"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_none_of_the_three_is_good_enough() {
    chats_and_survives_an_outage(&[
        "--without",
        "smacks",
        "--without",
        "mam",
        "--without",
        "carbons",
    ])
    .await;
}
