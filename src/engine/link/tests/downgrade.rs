//! A server, or somebody in between, that offers less than once was.

use super::server::*;
use super::*;
use crate::engine::link::memory::Strongest;
use crate::engine::model::Weaker;

/// Settings of an account that once signed in by a mechanism.
fn after(server: &Server, mechanism: &str, channel_binding: Option<&str>) -> LinkSettings {
    let strongest = Some(Strongest {
        mechanism: mechanism.to_owned(),
        channel_binding: channel_binding.map(str::to_owned),
        seen_at: 7,
    });
    LinkSettings {
        memory: Memory {
            strongest,
            ..Memory::default()
        },
        ..settings(server)
    }
}

/// Offers mechanisms to an account; returns how it ended and what was sent.
async fn end_after_offer(
    settings: LinkSettings,
    server: &Server,
    offered: &[&str],
) -> (ConnectionProblem, String) {
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.offer(offered, "").await;
    let (problem, _) = end(&mut link).await;
    assert!(problem.is_fatal(), "it would be tried again");
    (problem, peer.until_closed().await)
}

#[tokio::test]
async fn a23_nothing_but_the_open_password_after_scram_gets_nothing() {
    let server = Server::new().await;
    let settings = after(&server, "SCRAM-SHA-256", None);

    let (problem, sent) = end_after_offer(settings, &server, &["PLAIN"]).await;

    let weaker = Weaker::Password {
        before: "SCRAM-SHA-256".to_owned(),
        since: 7,
    };
    assert_eq!(problem, ConnectionProblem::WeakerThanBefore(weaker));
    assert_eq!(sent, "");
}

#[tokio::test]
async fn a23_sha_1_after_sha_256_gets_nothing() {
    let server = Server::new().await;
    let settings = after(&server, "SCRAM-SHA-256", None);

    let (problem, sent) = end_after_offer(settings, &server, &["PLAIN", "SCRAM-SHA-1"]).await;

    let weaker = Weaker::Mechanism {
        before: "SCRAM-SHA-256".to_owned(),
        now: "SCRAM-SHA-1".to_owned(),
        since: 7,
    };
    assert_eq!(problem, ConnectionProblem::WeakerThanBefore(weaker));
    assert_eq!(sent, "");
}

#[tokio::test]
async fn a22_channel_binding_that_vanished_gets_nothing() {
    let server = Server::new().await;
    let settings = after(&server, "SCRAM-SHA-1-PLUS", Some("tls-exporter"));

    let (problem, sent) = end_after_offer(settings, &server, &["SCRAM-SHA-1"]).await;

    let weaker = Weaker::ChannelBinding {
        before: "tls-exporter".to_owned(),
        now: None,
        since: 7,
    };
    assert_eq!(problem, ConnectionProblem::WeakerThanBefore(weaker));
    assert_eq!(sent, "");
}

#[tokio::test]
async fn a23_a_list_of_mechanisms_that_was_altered_gets_no_proof() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    // The server offered SCRAM-SHA-1-PLUS too; somebody took it out.
    peer.offer(&["SCRAM-SHA-1"], "").await;
    peer.scram_saying(Lie::Nothing, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=")
        .await;

    let (problem, _) = end(&mut link).await;

    assert_eq!(
        problem,
        ConnectionProblem::WeakerThanBefore(Weaker::ListAltered)
    );
    assert!(!peer.until_closed().await.contains("<response"));
}

#[tokio::test]
async fn a23_a_tls_version_that_was_altered_gets_no_proof() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-1"], "").await;
    peer.scram_saying(Lie::Nothing, ",t=0303").await;

    let (problem, _) = end(&mut link).await;

    assert_eq!(
        problem,
        ConnectionProblem::WeakerThanBefore(Weaker::OtherTls)
    );
    assert!(!peer.until_closed().await.contains("<response"));
}

#[tokio::test]
async fn a23_what_the_server_confirms_is_told_and_remembered() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    let types = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>\
        <channel-binding type='tls-server-end-point'/><channel-binding type='tls-exporter'/>\
        </sasl-channel-binding>";
    peer.offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], types)
        .await;
    peer.scram_saying(Lie::No, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,t=0304")
        .await;
    peer.open(BIND).await;
    peer.bind().await;

    let online = online(&mut link).await;

    let strongest = online.memory.strongest.unwrap();
    assert!(online.report.is_list_confirmed);
    assert_eq!(strongest.mechanism, "SCRAM-SHA-1-PLUS");
    assert_eq!(strongest.channel_binding.as_deref(), Some("tls-exporter"));
    assert!(strongest.seen_at > 7);
}

#[tokio::test]
async fn a22_the_certificate_ties_a_sign_in_on_tls_12() {
    let server = Server::speaking(certificates::Kind::Good, &[&rustls::version::TLS12]).await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    let types = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>\
        <channel-binding type='tls-server-end-point'/><channel-binding type='tls-unique'/>\
        </sasl-channel-binding>";
    peer.offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], types)
        .await;
    let (first, response) = peer.scram(Lie::No).await;
    peer.open(BIND).await;
    peer.bind().await;

    let online = online(&mut link).await;

    let mut bound = b"p=tls-server-end-point,,".to_vec();
    // The certificate is signed by ECDSA with SHA-256.
    bound.extend(<sha2::Sha256 as sha2::Digest>::digest(&server.certificate));
    let expected = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bound);
    assert!(first.starts_with("p=tls-server-end-point,,"), "{first}");
    assert!(response.starts_with(&format!("c={expected},")));
    assert_eq!(
        online.report.channel_binding.as_deref(),
        Some("tls-server-end-point")
    );
}

#[tokio::test]
async fn d10_only_keys_that_the_server_proved_to_have_are_kept() {
    for (lie, are_kept) in [(Lie::WrongSignature, false), (Lie::No, true)] {
        let server = Server::new().await;
        let settings = settings(&server);
        let mut link = connect(settings.clone(), None);
        let mut peer = server.accept().await;
        peer.offer(&["SCRAM-SHA-1"], "").await;
        peer.scram(lie).await;
        drop(peer);
        end(&mut link).await;

        assert_eq!(settings.keys.of(&settings.password).is_some(), are_kept);
    }
}

#[tokio::test]
async fn a23_the_quick_way_in_is_held_to_the_same() {
    let server = Server::new().await;
    let mut link = connect(after(&server, "SCRAM-SHA-256", None), None);
    let mut peer = server.accept().await;
    peer.open(
        "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism></authentication>",
    )
    .await;

    let (problem, _) = end(&mut link).await;

    assert!(matches!(
        problem,
        ConnectionProblem::WeakerThanBefore(Weaker::Password { .. })
    ));
    assert_eq!(peer.until_closed().await, "");
}

#[tokio::test]
async fn a23_what_is_remembered_of_an_offer_never_stands_for_the_offer() {
    let server = Server::new().await;
    let mut settings = after(&server, "SCRAM-SHA-256", None);
    settings.memory.features = "<features xmlns='http://etherx.jabber.org/streams'>\
        <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>\
        </mechanisms></features>"
        .to_owned();
    let mut link = connect(settings, None);
    let mut sent = String::new();
    // The first step goes out by what is remembered; then it is asked again.
    for _ in 0..2 {
        let mut peer = server.accept().await;
        peer.offer(&["SCRAM-SHA-1"], "").await;
        sent += &peer.until_closed().await;
    }

    let (problem, _) = end(&mut link).await;

    assert!(matches!(
        problem,
        ConnectionProblem::WeakerThanBefore(Weaker::Mechanism { .. })
    ));
    assert_eq!(sent.matches("<auth ").count(), 1, "{sent}");
    assert!(!sent.contains("<response"), "{sent}");
}
