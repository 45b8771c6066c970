//! What protects a connection to a real server, as it is told.

use stonechat::engine::model::SecurityReport;

use crate::support::accounts::romeo_and_juliet;
use crate::support::ours::Ours;
use crate::support::prosody::Prosody;

/// Signs in to a server and returns what protects the connection.
async fn report_of(options: &[&str]) -> SecurityReport {
    let server = Prosody::start(options);
    let (romeo, _) = romeo_and_juliet(&server);
    let ours = Ours::sign_in(&romeo, &server).await;
    let report = ours.engine.security(ours.account).unwrap();
    ours.leave().await;
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a22_a_sign_in_is_tied_to_the_connection_and_all_of_it_is_told() {
    let report = report_of(&[]).await;

    assert_eq!(report.tls_version, "TLS 1.3");
    assert!(report.mechanism.ends_with("-PLUS"), "{}", report.mechanism);
    assert_eq!(report.channel_binding.as_deref(), Some("tls-exporter"));
    assert!(!report.certificates.is_empty());
    assert!(report.round_trips > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a23_a_server_confirms_what_it_offered() {
    let report = report_of(&["--sasl2"]).await;

    assert!(report.is_list_confirmed, "{report:?}");
    assert_eq!(report.channel_binding.as_deref(), Some("tls-exporter"));
}
