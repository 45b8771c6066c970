//! Showing the user's own certificate to a server that asks for one.

use super::certificates::{Kind, own_certificate};
use super::server::*;
use super::*;

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
