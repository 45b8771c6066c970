//! Finding the server by name.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::certificates::Kind;
use super::name_server::{A, AAAA, Names, SRV};
use super::server::*;
use super::*;

const DIRECT: &str = "_xmpps-client._tcp.example.org";
const STARTTLS_SERVICE: &str = "_xmpp-client._tcp.example.org";
const HOST: &str = "xmpp.hosting.example";

async fn by_name(server: &Server, names: Names) -> LinkSettings {
    let names = names.address(HOST, Ipv4Addr::LOCALHOST).serve().await;
    LinkSettings {
        host: None,
        name_servers: Some(vec![names]),
        ..settings(server)
    }
}

/// A port that nothing listens on.
async fn closed_port() -> u16 {
    Server::new().await.port
}

#[tokio::test]
async fn a_service_with_tls_at_once_is_used_and_told_the_protocol() {
    let server = Server::new().await;
    let names = Names::default()
        .service(DIRECT, 0, server.port, HOST)
        .service(STARTTLS_SERVICE, 10, closed_port().await, HOST);
    let mut link = connect(by_name(&server, names).await, None);

    let mut peer = server.try_accept_direct().await.unwrap();
    assert_eq!(peer.alpn.as_deref(), Some(&b"xmpp-client"[..]));
    peer.sign_in(true).await;
    peer.bind().await;
    peer.enable().await;

    online(&mut link).await;
}

#[tokio::test]
async fn the_next_service_is_tried_when_the_better_one_is_closed() {
    let server = Server::new().await;
    let names = Names::default()
        .service(DIRECT, 0, closed_port().await, HOST)
        .service(STARTTLS_SERVICE, 10, server.port, HOST);
    let mut link = connect(by_name(&server, names).await, None);

    let mut peer = server.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;

    online(&mut link).await;
}

#[tokio::test]
async fn a_place_that_answers_and_says_nothing_does_not_hold_up_the_next() {
    let server = Server::new().await;
    let mut names = Names::default().service(STARTTLS_SERVICE, 0, server.port, HOST);
    // Among equals chance decides who is first.
    let mut silent = vec![];
    for _ in 0..5 {
        silent.push(Server::new().await);
        let port = silent.last().unwrap().port;
        names = names.service(STARTTLS_SERVICE, 0, port, HOST);
    }
    let mut settings = by_name(&server, names).await;
    settings.timing.stagger = Duration::from_millis(10);
    settings.timing.one_try = PATIENCE * 2;
    let mut link = connect(settings, None);

    let mut peer = server.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;

    online(&mut link).await;
}

#[tokio::test]
async fn a20_the_name_that_the_dns_gave_does_not_count_for_the_certificate() {
    let server = Server::with(Kind::OtherName).await;
    let names = Names::default()
        .service(STARTTLS_SERVICE, 0, server.port, "other.example")
        .address("other.example", Ipv4Addr::LOCALHOST);
    let mut link = connect(by_name(&server, names).await, None);

    assert!(server.try_accept().await.is_err());

    assert_eq!(
        end(&mut link).await.0,
        ConnectionProblem::CertificateOtherName
    );
}

#[tokio::test]
async fn a21_only_services_and_addresses_are_asked_for() {
    let server = Server::new().await;
    let names = Names::default().service(STARTTLS_SERVICE, 0, server.port, HOST);
    let asked = names.asked();
    let mut link = connect(by_name(&server, names).await, None);

    let mut peer = server.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;
    online(&mut link).await;

    // What a TXT record says of other ways to the server is never read.
    let kinds: BTreeSet<u16> = asked.lock().unwrap().iter().copied().collect();
    assert!(
        kinds.is_subset(&BTreeSet::from([A, AAAA, SRV])),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn a_domain_that_offers_no_service_is_told() {
    let server = Server::new().await;
    let names = Names::default()
        .service(DIRECT, 0, 0, ".")
        .service(STARTTLS_SERVICE, 0, 0, ".");
    let mut link = connect(by_name(&server, names).await, None);

    let domain = "example.org".to_owned();
    assert_eq!(
        end(&mut link).await.0,
        ConnectionProblem::ServerNotFound { domain }
    );
}

#[tokio::test]
async fn a_domain_that_does_not_exist_is_told() {
    let server = Server::new().await;
    let mut link = connect(by_name(&server, Names::default()).await, None);

    let domain = "example.org".to_owned();
    assert_eq!(
        end(&mut link).await.0,
        ConnectionProblem::ServerNotFound { domain }
    );
}

#[tokio::test]
async fn without_an_answer_of_the_dns_nothing_is_said_about_the_domain() {
    let server = Server::new().await;
    let mut settings = by_name(&server, Names::default()).await;
    // Nobody listens there.
    settings.name_servers = Some(vec!["127.0.0.1:9".parse().unwrap()]);
    settings.timing.one_try = Duration::from_millis(500);
    let mut link = connect(settings, None);

    let (problem, _) = end(&mut link).await;
    let ConnectionProblem::Unreachable { host, .. } = problem else {
        panic!("{problem:?}");
    };
    assert_eq!(host, "example.org");
}

#[tokio::test]
async fn a_closed_port_is_told_with_its_number() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    let port = closed_port().await;
    settings.host = Some(("127.0.0.1".to_owned(), port));
    let mut link = connect(settings, None);

    let host = "127.0.0.1".to_owned();
    assert_eq!(
        end(&mut link).await.0,
        ConnectionProblem::Unreachable { host, port }
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_then_says_nothing_is_given_up() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.one_try = Duration::from_millis(200);
    let mut link = connect(settings, None);
    let mut peer = server.accept_plain().await;
    peer.until("<stream:stream").await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::TimedOut);
}

#[tokio::test]
async fn a_session_is_continued_where_the_server_prefers_it() {
    let preferred = Server::new().await;
    let ordinary = Server::new().await;
    let resume = Resume {
        id: "session-1".to_owned(),
        h: 0,
        location: Some(format!("127.0.0.1:{}", preferred.port)),
        bound: "romeo@example.org/orchard".parse().unwrap(),
    };
    let mut link = connect(settings(&ordinary), Some(resume));

    let mut peer = preferred.accept().await;
    peer.sign_in(true).await;
    peer.until("<resume").await;
    peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='session-1' h='0'/>")
        .await;

    assert_eq!(online(&mut link).await.resumed, Some(0));
}

#[tokio::test]
async fn a_host_given_by_hand_may_speak_tls_at_once_on_any_port() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);

    // It takes our stream for a broken handshake, and says so.
    assert!(server.try_accept_direct().await.is_err());
    let mut peer = server.try_accept_direct().await.unwrap();
    peer.sign_in(false).await;
    peer.bind().await;

    let endpoint = online(&mut link).await.memory.endpoint.unwrap();
    assert_eq!((endpoint.port, endpoint.is_direct), (server.port, true));
}

#[tokio::test]
async fn the_kind_that_worked_last_is_tried_first() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.memory.endpoint = Some(Endpoint {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        is_direct: true,
    });
    let mut link = connect(settings, None);

    let mut peer = server.try_accept_direct().await.unwrap();
    peer.sign_in(false).await;
    peer.bind().await;

    online(&mut link).await;
}

#[tokio::test]
async fn where_the_server_answered_last_is_tried_before_anything_is_looked_up() {
    let server = Server::new().await;
    let elsewhere = Server::new().await;
    let names = Names::default().service(STARTTLS_SERVICE, 0, elsewhere.port, HOST);
    let mut settings = by_name(&server, names).await;
    settings.memory.endpoint = Some(Endpoint {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        is_direct: true,
    });
    let mut link = connect(settings, None);

    let mut peer = server.try_accept_direct().await.unwrap();
    peer.sign_in(false).await;
    peer.bind().await;

    online(&mut link).await;
    assert!(elsewhere.has_no_visitor().await);
}

#[tokio::test]
async fn a20_what_is_wrong_where_the_server_was_last_does_not_stop_the_account() {
    let server = Server::new().await;
    let taken_over = Server::with(Kind::OtherName).await;
    let names = Names::default().service(STARTTLS_SERVICE, 0, server.port, HOST);
    let mut settings = by_name(&server, names).await;
    settings.memory.endpoint = Some(Endpoint {
        host: "127.0.0.1".to_owned(),
        port: taken_over.port,
        is_direct: true,
    });
    let mut link = connect(settings, None);

    assert!(taken_over.try_accept_direct().await.is_err());
    let mut peer = server.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;

    let endpoint = online(&mut link).await.memory.endpoint.unwrap();
    assert_eq!((endpoint.host.as_str(), endpoint.port), (HOST, server.port));
}
