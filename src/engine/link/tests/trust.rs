//! Whom a connection trusts, and what is told of it.

use super::certificates::Kind;
use super::server::*;
use super::*;
use crate::engine::link::certificates::{hex, key_sha256};

/// Settings that take this server's key and no other.
fn pinned(server: &Server) -> LinkSettings {
    LinkSettings {
        pinned_key: key_sha256(&server.certificate),
        ..settings(server)
    }
}

#[tokio::test]
async fn what_protects_the_connection_is_told() {
    let server = Server::new().await;

    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], "").await;
    peer.scram(Lie::No).await;
    peer.open(BIND).await;
    peer.bind().await;
    let report = online(&mut link).await.report;

    let certificate = &report.certificates[0];
    assert_eq!(report.tls_version, "TLS 1.3");
    assert!(!report.cipher.is_empty());
    assert!(!report.cipher.contains('_'), "{}", report.cipher);
    assert_eq!(certificate.names, ["example.org"]);
    assert_eq!(certificate.issuer, "Stonechat tests");
    assert_eq!(
        Some(&certificate.key_sha256),
        key_sha256(&server.certificate)
            .map(|key| hex(&key))
            .as_ref()
    );
    assert!(!report.is_key_pinned);
}

#[tokio::test]
async fn a20_a_pinned_key_stands_for_what_nobody_certified() {
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let server = Server::speaking(Kind::UnknownIssuer, versions).await;

        let (mut link, peer) = {
            let mut link = connect(pinned(&server), None);
            let mut peer = server.accept().await;
            peer.sign_in(false).await;
            peer.bind().await;
            assert!(online(&mut link).await.report.is_key_pinned);
            (link, peer)
        };

        drop(peer);
        end(&mut link).await;
    }
}

#[tokio::test]
async fn a20_with_a_pinned_key_a_good_certificate_for_another_key_is_refused() {
    let server = Server::new().await;
    let other = Server::new().await;
    let settings = LinkSettings {
        pinned_key: key_sha256(&other.certificate),
        ..settings(&server)
    };

    let mut link = connect(settings, None);
    assert!(server.try_accept().await.is_err());

    let (problem, _) = end(&mut link).await;
    assert_eq!(problem, ConnectionProblem::CertificateOtherKey);
    assert!(problem.is_fatal());
}
