//! Showing the user's own certificate to a server that asks for one, and
//! signing in by it.

use super::certificates::{Kind, own_certificate};
use super::server::*;
use super::*;

/// `romeo@example.org`, in Base64.
const ROMEO: &str = "cm9tZW9AZXhhbXBsZS5vcmc=";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// What a server of today offers to somebody whose certificate it has seen.
const OFFER: &str = "<authentication xmlns='urn:xmpp:sasl:2'>\
    <mechanism>EXTERNAL</mechanism><mechanism>SCRAM-SHA-1</mechanism><inline>\
    <bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind>\
    </inline></authentication><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>EXTERNAL</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";
const SUCCESS: &str = "<success xmlns='urn:xmpp:sasl:2'>\
    <authorization-identifier>romeo@example.org/Stonechat~1</authorization-identifier>\
    <bound xmlns='urn:xmpp:bind:0'>\
    <enabled xmlns='urn:xmpp:sm:3' id='session-2' resume='1'/></bound></success>";

fn with_own(server: &Server, pem: &str) -> (LinkSettings, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    let settings = LinkSettings {
        client_certificate: Some(file.path().to_owned()),
        ..settings(server)
    };
    (settings, file)
}

#[tokio::test]
async fn the_own_certificate_is_shown_to_a_server_that_asks() {
    let server = Server::with(Kind::AsksForOwn).await;
    let own = own_certificate("romeo");
    let (settings, _file) = with_own(&server, &own.pem);
    let mut link = connect(settings, None);

    let mut peer = server.accept().await;
    assert_eq!(peer.own_certificate.as_ref(), Some(&own.der));
    peer.sign_in(false).await;
    peer.bind().await;

    online(&mut link).await;
}

#[tokio::test]
async fn the_own_certificate_signs_in_without_a_word_of_the_password() {
    for versions in [&[&rustls::version::TLS12], &[&rustls::version::TLS13]] {
        let server = Server::speaking(Kind::AsksForOwn, versions).await;
        let own = own_certificate("romeo");
        let (settings, _file) = with_own(&server, &own.pem);
        let mut link = connect(settings, None);

        let mut peer = server.accept().await;
        let offered = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "EXTERNAL", "PLAIN"];
        peer.offer(&offered, "").await;
        let auth = peer.until("</auth>").await;
        peer.say(&format!("<success xmlns='{SASL}'/>")).await;
        peer.open(&format!("{BIND}{MANAGEMENT}")).await;
        peer.bind().await;
        peer.enable().await;
        let online = online(&mut link).await;

        assert_eq!(peer.own_certificate, Some(own.der));
        let expected = format!("<auth xmlns='{SASL}' mechanism='EXTERNAL'>{ROMEO}</auth>");
        assert_eq!(auth, expected);
        assert_eq!(online.bound.to_string(), "romeo@example.org/orchard");
        assert!(online.stream_management.is_some());
        assert_eq!(online.report.mechanism, "EXTERNAL");
        assert_eq!(online.report.channel_binding, None);
        assert_eq!(online.memory.strongest.unwrap().mechanism, "EXTERNAL");
    }
}

#[tokio::test]
async fn the_own_certificate_signs_in_and_binds_in_one_element_and_then_in_one_flight() {
    let server = Server::with(Kind::AsksForOwn).await;
    let own = own_certificate("romeo");
    let (settings, _file) = with_own(&server, &own.pem);
    let mut link = connect(settings.clone(), None);

    let mut peer = server.accept().await;
    peer.open(OFFER).await;
    let wish = peer.until("</authenticate>").await;
    peer.say(&format!("{SUCCESS}<stream:features/>")).await;
    let first = online(&mut link).await;

    let begins = format!(
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='EXTERNAL'>\
         <initial-response>{ROMEO}</initial-response>"
    );
    assert!(wish.starts_with(&begins), "{wish}");
    assert!(wish.contains("<bind xmlns='urn:xmpp:bind:0'>"), "{wish}");
    assert_eq!(first.bound.to_string(), "romeo@example.org/Stonechat~1");
    assert_eq!(first.report.mechanism, "EXTERNAL");

    let settings = LinkSettings {
        memory: first.memory,
        ..settings
    };
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    let flight = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{HEADER}<stream:features>{OFFER}</stream:features>{SUCCESS}<stream:features/>"
    ))
    .await;
    let second = online(&mut link).await;

    // Asked for anew: a ticket would bring back what an older certificate was.
    assert_eq!(peer.own_certificate, Some(own.der));
    assert!(!peer.is_tls_resumed);
    assert!(flight.contains(&begins), "{flight}");
    assert_eq!(second.report.round_trips + 1, first.report.round_trips);
}

#[tokio::test]
async fn an_own_certificate_that_is_refused_is_told_and_the_password_stays_here() {
    let server = Server::with(Kind::AsksForOwn).await;
    let own = own_certificate("romeo");
    let (settings, _file) = with_own(&server, &own.pem);
    let refused = format!("<not-authorized xmlns='{SASL}'/>");

    let mut link = connect(settings.clone(), None);
    let mut peer = server.accept().await;
    peer.offer(&["EXTERNAL", "SCRAM-SHA-1", "PLAIN"], "").await;
    peer.refuse("not-authorized").await;
    let (problem, _) = end(&mut link).await;
    assert_eq!(problem, ConnectionProblem::ClientCertificateRefused);
    assert!(problem.is_fatal());
    let said = peer.until_closed().await;
    assert!(!said.contains("auth"), "{said}");

    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.open(OFFER).await;
    peer.until("</authenticate>").await;
    peer.say(&format!(
        "<failure xmlns='urn:xmpp:sasl:2'>{refused}</failure>"
    ))
    .await;
    let (problem, _) = end(&mut link).await;
    assert_eq!(problem, ConnectionProblem::ClientCertificateRefused);
    let said = peer.until_closed().await;
    assert!(!said.contains("auth"), "{said}");
}

#[tokio::test]
async fn an_account_without_one_shows_nothing() {
    let server = Server::with(Kind::AsksForOwn).await;
    let _link = connect(settings(&server), None);

    assert_eq!(server.accept().await.own_certificate, None);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_before_anybody_is_asked() {
    let server = Server::new().await;
    let own = own_certificate("romeo");
    let (certificate, _) = own.pem.split_once("-----BEGIN PRIVATE").unwrap();
    let other = own_certificate("paris");
    let (_, key) = other.pem.split_once("-----BEGIN PRIVATE").unwrap();
    let of_two = format!("{certificate}-----BEGIN PRIVATE{key}");

    for pem in ["", certificate, "no certificate", &of_two] {
        let (settings, _file) = with_own(&server, pem);
        let mut link = connect(settings, None);

        let (problem, _) = end(&mut link).await;

        assert_eq!(problem, ConnectionProblem::OwnCertificateUnusable, "{pem}");
        assert!(problem.is_fatal());
    }
    let (mut settings, file) = with_own(&server, &own.pem);
    settings.client_certificate = Some(file.path().with_extension("gone"));
    let (problem, _) = end(&mut connect(settings, None)).await;
    assert_eq!(problem, ConnectionProblem::OwnCertificateUnusable);
    assert!(server.has_no_visitor().await);
}
