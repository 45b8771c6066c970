//! Signing in with one flight, on a real server that can.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, SecurityReport};

use crate::support::accounts::romeo_and_juliet;
use crate::support::link_cutter::LinkCutter;
use crate::support::ours::Ours;
use crate::support::prosody::Prosody;

fn report(ours: &Ours) -> SecurityReport {
    ours.engine
        .security(ours.account)
        .expect("it has signed in")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sign_in_needs_no_password_and_one_round_trip_inside_tls() {
    let server = Prosody::start(&["--sasl2", "--without", "smacks"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in_at(&romeo, &server, server.tls_port).await;
    let first = report(&ours);

    for _ in 0..2 {
        ours = ours.restart().await;
        ours.wait_until_online().await;
        let next = report(&ours);

        assert_eq!(first.mechanism, "SCRAM-SHA-256-PLUS");
        assert_eq!(next.mechanism, "HT-SHA-256-EXPR");
        assert_eq!(next.channel_binding.as_deref(), Some("tls-exporter"));
        // TCP, TLS, and all the rest.
        assert_eq!(next.round_trips, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_was_cut_is_taken_up_inside_the_sign_in() {
    let server = Prosody::start(&["--sasl2"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let cutter = LinkCutter::start(server.tls_port).await;
    let mut ours = Ours::sign_in_at(&romeo, &server, cutter.port).await;

    for _ in 0..3 {
        cutter.cut();
        ours.wait_for_connection("the cut", |state| *state != ConnectionState::Online)
            .await;
        ours.engine.command(Command::TryNow);
        ours.wait_until_online().await;
        let next = report(&ours);

        assert!(next.is_resumed, "{next:?}");
        assert_eq!(next.mechanism, "HT-SHA-256-EXPR");
        assert_eq!(next.round_trips, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_the_server_lost_costs_one_try() {
    let server = Prosody::start(&["--sasl2"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let ours = Ours::sign_in_at(&romeo, &server, server.tls_port).await;
    let away = ours.leave().await;
    server.forget_tokens();

    let mut ours = away.come_back();
    ours.wait_until_online().await;

    assert_eq!(report(&ours).mechanism, "SCRAM-SHA-256-PLUS");
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    assert_eq!(report(&ours).mechanism, "HT-SHA-256-EXPR");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_an_account_that_signed_out_signs_in_by_password_again() {
    let server = Prosody::start(&["--sasl2"]);
    let (romeo, _) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in_at(&romeo, &server, server.tls_port).await;
    let account = ours.account;
    let enable = |is_enabled| Command::EnableAccount {
        account,
        is_enabled,
    };

    ours.engine.command(enable(false));
    ours.wait_for_connection("the end", |state| *state == ConnectionState::Offline)
        .await;
    ours.engine.command(enable(true));
    ours.wait_until_online().await;

    assert_eq!(report(&ours).mechanism, "SCRAM-SHA-256-PLUS");
}
