//! From the first byte to the bound stream, with servers that lie.

use super::certificates::Kind;
use super::server::*;
use super::*;

/// Connects to a server whose certificate is of a kind; returns the end.
async fn end_with(kind: Kind) -> ConnectionProblem {
    let server = Server::with(kind).await;
    let mut link = connect(settings(&server), None);
    assert!(
        server.try_accept().await.is_err(),
        "the handshake must break off"
    );
    end(&mut link).await.0
}

#[tokio::test]
async fn a20_a_certificate_that_is_bad_ends_the_connection_with_its_own_problem() {
    for (kind, expected) in [
        (Kind::Expired, ConnectionProblem::CertificateExpired),
        (Kind::NotYet, ConnectionProblem::CertificateExpired),
        (Kind::OtherName, ConnectionProblem::CertificateOtherName),
        (
            Kind::UnknownIssuer,
            ConnectionProblem::CertificateUnknownIssuer,
        ),
    ] {
        let problem = end_with(kind).await;

        assert_eq!(problem, expected);
        assert!(problem.is_fatal());
    }
}

#[tokio::test]
async fn a19_a_server_without_encryption_gets_nothing() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept_plain().await;
    let header = peer.open("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>").await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::NoEncryption);
    assert!(!header.contains("from="), "{header}");
    assert_eq!(peer.until_closed().await, "");
}

#[tokio::test]
async fn a19_data_injected_behind_proceed_is_refused() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept_plain().await;
    peer.open(STARTTLS).await;
    peer.until("<starttls").await;
    peer.say(&format!(
        "{PROCEED}<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
    ))
    .await;

    let (problem, _) = end(&mut link).await;

    assert!(
        matches!(problem, ConnectionProblem::NotUnderstood { .. }),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a19_an_error_before_tls_never_stops_the_account_for_good() {
    for condition in ["conflict", "not-authorized", "see-other-host"] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept_plain().await;
        peer.until(">").await;
        peer.say(&format!(
            "{HEADER}<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        ))
        .await;

        let (problem, _) = end(&mut link).await;

        assert_eq!(
            problem,
            ConnectionProblem::ClosedByServer {
                condition: condition.to_owned()
            }
        );
        assert!(!problem.is_fatal());
    }
}

#[tokio::test]
async fn signing_in_proves_both_sides_and_binds_a_resource_of_our_own() {
    for lie in [Lie::No, Lie::SignatureInChallenge] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.offer(&["PLAIN", "SCRAM-SHA-1"], "").await;
        let (first, _) = peer.scram(lie).await;
        peer.open(&format!("{BIND}{MANAGEMENT}")).await;
        peer.bind().await;
        peer.enable().await;

        let online = online(&mut link).await;

        // D6: TLS 1.3 and no -PLUS on offer must lead to SCRAM, not to PLAIN.
        assert!(first.starts_with("y,,n=romeo,r="), "{first}");
        assert_eq!(online.bound.to_string(), "romeo@example.org/orchard");
        assert_eq!(online.resumed, None);
        let session = SmSession {
            id: Some("session-1".to_owned()),
            location: None,
        };
        assert_eq!(online.stream_management, Some(session));
        assert_eq!(online.report.tls_version, "TLS 1.3");
        assert_eq!(online.report.mechanism, "SCRAM-SHA-1");
        assert_eq!(online.report.channel_binding, None);
    }
}

#[tokio::test]
async fn a22_sign_in_is_tied_to_this_very_connection_where_the_server_can() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], "").await;
    let (first, response) = peer.scram(Lie::No).await;
    peer.open(BIND).await;
    peer.bind().await;

    let online = online(&mut link).await;

    assert!(first.starts_with("p=tls-exporter,,"));
    let mut bound = b"p=tls-exporter,,".to_vec();
    bound.extend_from_slice(&peer.exporter);
    let expected = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bound);
    assert!(response.starts_with(&format!("c={expected},")));
    assert_eq!(online.report.mechanism, "SCRAM-SHA-1-PLUS");
    assert_eq!(
        online.report.channel_binding.as_deref(),
        Some("tls-exporter")
    );
}

#[tokio::test]
async fn on_tls_12_sign_in_is_not_tied_and_says_so() {
    let server = Server::speaking(Kind::Good, &[&rustls::version::TLS12]).await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-1"], "").await;
    let (first, _) = peer.scram(Lie::No).await;
    peer.open(BIND).await;
    peer.bind().await;

    // "We could tie it": the server knows whether that was taken out.
    assert!(first.starts_with("y,,"));
    assert_eq!(online(&mut link).await.report.tls_version, "TLS 1.2");
}

#[tokio::test]
async fn a24_d7_a_server_that_does_not_prove_itself_is_left() {
    for lie in [
        Lie::NoSignature,
        Lie::WrongSignature,
        Lie::Nonce,
        Lie::Iterations(1),
        Lie::Iterations(4095),
        Lie::Iterations(10_000_001),
    ] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.offer(&["SCRAM-SHA-1"], "").await;
        peer.scram(lie).await;

        assert_eq!(end(&mut link).await.0, ConnectionProblem::ServerNotGenuine);
        assert!(
            !peer.until_closed().await.contains("<response"),
            "no proof for a liar"
        );
    }
}

#[tokio::test]
async fn d7_a_success_without_an_exchange_is_no_success() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-256"], "").await;
    peer.until("</auth>").await;
    peer.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        .await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::ServerNotGenuine);
}

#[tokio::test]
async fn a23_without_consent_nothing_of_the_password_is_sent() {
    let server = Server::new().await;
    let settings = LinkSettings {
        allows_plain: false,
        ..settings(&server)
    };
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.offer(&["PLAIN"], "").await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::NeedsPlainConsent);
    assert_eq!(peer.until_closed().await, "");
}

#[tokio::test]
async fn a_refusal_of_the_server_is_told() {
    for (condition, expected) in [
        ("not-authorized", ConnectionProblem::WrongPassword),
        ("account-disabled", ConnectionProblem::AccountDisabled),
        (
            "temporary-auth-failure",
            ConnectionProblem::ClosedByServer {
                condition: "temporary-auth-failure".to_owned(),
            },
        ),
    ] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.offer(&["SCRAM-SHA-1"], "").await;
        peer.refuse(condition).await;

        assert_eq!(end(&mut link).await.0, expected);
    }
}

#[tokio::test]
async fn d9_features_without_bind_end_the_connection_typed() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in_plain().await;
    peer.open(MANAGEMENT).await;

    let (problem, _) = end(&mut link).await;

    assert!(
        matches!(problem, ConnectionProblem::NotUnderstood { .. }),
        "{problem:?}"
    );
}

#[tokio::test]
async fn d4_a_refused_bind_ends_the_connection_with_its_reason() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    let id = value_of(&peer.until("</iq>").await, "id");
    peer.say(&format!(
        "<iq type='error' id='{id}'><error type='wait'>\
         <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    ))
    .await;

    let expected = ConnectionProblem::ClosedByServer {
        condition: "resource-constraint".to_owned(),
    };
    assert_eq!(end(&mut link).await.0, expected);
}

#[tokio::test]
async fn a_bound_address_of_another_account_is_refused() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    let id = value_of(&peer.until("</iq>").await, "id");
    peer.say(&format!(
        "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <jid>mallory@example.org/x</jid></bind></iq>"
    ))
    .await;

    let (problem, _) = end(&mut link).await;

    assert!(matches!(problem, ConnectionProblem::NotUnderstood { .. }));
}

#[tokio::test]
async fn d4_a_refused_enable_leaves_a_session_without_stream_management() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    peer.bind().await;
    peer.until("<enable").await;
    peer.say("<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>").await;
    peer.say("<message id='1'/>").await;

    assert_eq!(online(&mut link).await.stream_management, None);
    assert_eq!(stanza_id(&mut link).await, "1");
}

#[tokio::test]
async fn a_session_that_cannot_be_resumed_has_no_id() {
    for answer in [
        "<enabled xmlns='urn:xmpp:sm:3'/>",
        "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='false'/>",
        "<enabled xmlns='urn:xmpp:sm:3' resume='true'/>",
    ] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.sign_in(true).await;
        peer.bind().await;
        peer.until("<enable").await;
        peer.say(answer).await;

        let session = online(&mut link).await.stream_management.unwrap();

        assert_eq!(session.id, None);
    }
}

#[tokio::test]
async fn a_stanza_before_stream_management_is_delivered_but_not_counted() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    peer.bind().await;
    peer.until("<enable").await;
    peer.say("<message id='early'/><enabled xmlns='urn:xmpp:sm:3'/><message id='1'/>")
        .await;

    online(&mut link).await;
    let first = next(&mut link).await;
    assert!(matches!(first, LinkEvent::Early(stanza) if stanza.attr("id") == Some("early")));
    assert_eq!(stanza_id(&mut link).await, "1");
    command(&link, LinkCommand::Handled(1)).await;
    peer.say("<r xmlns='urn:xmpp:sm:3'/>").await;
    peer.until("<a xmlns='urn:xmpp:sm:3' h='1'/>").await;
}

#[tokio::test]
async fn a6_many_bytes_instead_of_an_answer_end_the_sign_in() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    peer.bind().await;
    peer.until("<enable").await;
    let body = "a".repeat(3 * 1024 * 1024);
    let large = format!("<message><body>{body}</body></message>");
    // The client may hang up before all of it is out.
    let _ = tokio::time::timeout(PATIENCE, async {
        for _ in 0..3 {
            peer.say(&large).await;
        }
        peer.say("<enabled xmlns='urn:xmpp:sm:3'/>").await;
    })
    .await;

    let (problem, _) = end(&mut link).await;
    assert!(matches!(problem, ConnectionProblem::NotUnderstood { .. }));
}

#[tokio::test]
async fn an_old_server_gets_the_session_it_asks_for() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in_plain().await;
    peer.open(&format!(
        "{BIND}<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
    ))
    .await;
    peer.bind().await;
    let wish = peer.until("</iq>").await;
    assert!(wish.contains("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"));
    peer.say(&format!(
        "<iq type='result' id='{}'/>",
        value_of(&wish, "id")
    ))
    .await;

    online(&mut link).await;
}

#[tokio::test]
async fn a_server_that_stops_answering_while_signing_in_is_given_up() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.login = Duration::from_millis(1500);
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.offer(&["PLAIN"], "").await;
    peer.until("</auth>").await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::TimedOut);
}

#[tokio::test]
async fn closing_while_connecting_ends_at_once() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.until("<stream:stream").await;

    command(&link, LinkCommand::Close).await;

    end(&mut link).await;
    peer.until_closed().await;
}

#[tokio::test]
async fn before_signing_in_nothing_longer_than_every_server_takes_is_said() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.password = Secret::new("p".repeat(10_000));
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;

    peer.offer(&["PLAIN"], "").await;

    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::WrongPassword, false)
    );
}
