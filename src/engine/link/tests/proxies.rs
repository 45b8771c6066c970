//! Reaching the server by way of a proxy, and nothing else.

use std::net::UdpSocket;

use super::certificates::Kind;
use super::server::*;
use super::socks_server::{Door, Proxy};
use super::*;

/// Settings that know nothing of the server but its name; all questions about
/// names go to a socket that the test looks into.
fn by_proxy(proxy: &Proxy, server: &Server) -> (LinkSettings, UdpSocket) {
    let name_server = UdpSocket::bind("127.0.0.1:0").unwrap();
    name_server.set_nonblocking(true).unwrap();
    let settings = LinkSettings {
        host: None,
        proxy: Some(("127.0.0.1".to_owned(), proxy.port)),
        name_servers: Some(vec![name_server.local_addr().unwrap()]),
        ..settings(server)
    };
    (settings, name_server)
}

/// Fails when anything was asked.
fn asked_nothing(name_server: &UdpSocket) {
    let mut packet = [0; 512];
    let asked = name_server.recv(&mut packet);
    assert_eq!(
        asked.unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "a name was looked up"
    );
}

async fn signs_in(mut peer: Peer, link: &mut Link) -> Online {
    peer.sign_in(false).await;
    peer.bind().await;
    online(link).await
}

#[tokio::test]
async fn the_proxy_is_told_the_name_and_nothing_is_looked_up() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Names, &[(5222, server.port)]).await;
    let (settings, name_server) = by_proxy(&proxy, &server);
    let mut link = connect(settings, None);

    let report = signs_in(server.accept().await, &mut link).await.report;

    assert_eq!(proxy.heard().places, ["example.org:5222"]);
    assert_eq!((report.host.as_str(), report.port), ("example.org", 5222));
    assert!(report.is_by_proxy);
    asked_nothing(&name_server);
}

#[tokio::test]
async fn a_host_given_by_hand_is_also_named_to_the_proxy() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Open, &[(1234, server.port)]).await;
    let (mut settings, name_server) = by_proxy(&proxy, &server);
    settings.host = Some(("abcdef.onion".to_owned(), 1234));
    let mut link = connect(settings, None);

    signs_in(server.accept().await, &mut link).await;

    assert_eq!(proxy.heard().places, ["abcdef.onion:1234"]);
    asked_nothing(&name_server);
}

#[tokio::test]
async fn two_connections_have_different_names_at_the_proxy() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Names, &[(5222, server.port)]).await;
    let (settings, _name_server) = by_proxy(&proxy, &server);

    for _ in 0..2 {
        let mut link = connect(settings.clone(), None);
        signs_in(server.accept().await, &mut link).await;
    }

    let names = proxy.heard().names;
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
    assert!(!names[0].contains("romeo"));
}

#[tokio::test]
async fn two_connections_are_not_tied_together_by_tls_either() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Names, &[(5222, server.port)]).await;
    let (mut settings, _name_server) = by_proxy(&proxy, &server);
    settings.tls = certificates::fresh_settings();

    for _ in 0..2 {
        let mut link = connect(settings.clone(), None);
        let peer = server.accept().await;
        let is_resumed = peer.is_tls_resumed;
        signs_in(peer, &mut link).await;
        assert!(!is_resumed, "a ticket came along");
    }
}

#[tokio::test]
async fn a_proxy_that_knows_no_name_is_asked_without() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::NamesItDoesNotKnow, &[(5222, server.port)]).await;
    let (settings, _name_server) = by_proxy(&proxy, &server);
    let mut link = connect(settings, None);

    signs_in(server.accept().await, &mut link).await;

    assert_eq!(proxy.heard().places, ["example.org:5222"]);
}

#[tokio::test]
async fn nothing_goes_around_a_proxy_that_fails() {
    let server = Server::new().await;
    let is_down = Server::new().await.port;
    let is_none = Proxy::leading(Door::NoProxy, &[]).await;
    let (settings, name_server) = by_proxy(&is_none, &server);

    for port in [is_down, is_none.port] {
        let host = "127.0.0.1".to_owned();
        let mut settings = settings.clone();
        settings.proxy = Some((host.clone(), port));
        // Not even to where the server was once, without a proxy.
        settings.memory.endpoint = Some(Endpoint {
            host: "127.0.0.1".to_owned(),
            port: server.port,
            is_direct: false,
        });
        let mut link = connect(settings, None);

        let (problem, _) = end(&mut link).await;

        assert_eq!(problem, ConnectionProblem::ProxyFailed { host, port });
        assert!(!problem.is_fatal());
    }
    assert!(
        server.has_no_visitor().await,
        "something went around the proxy"
    );
    asked_nothing(&name_server);
}

#[tokio::test]
async fn the_port_of_the_web_is_the_last_that_is_tried() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Open, &[(443, server.port)]).await;
    let (settings, _name_server) = by_proxy(&proxy, &server);
    let mut link = connect(settings, None);

    let peer = server.try_accept_direct().await.unwrap();
    let online = signs_in(peer, &mut link).await;

    let endpoint = online.memory.endpoint.unwrap();
    assert_eq!((endpoint.port, endpoint.is_direct), (443, true));
    let tried = ["example.org:5222", "example.org:5223", "example.org:443"];
    assert_eq!(proxy.heard().places, tried);
}

#[tokio::test]
async fn a_web_server_is_not_taken_for_ours() {
    let server = Server::with(Kind::Web).await;
    let proxy = Proxy::leading(Door::Open, &[(443, server.port)]).await;
    let (settings, _name_server) = by_proxy(&proxy, &server);
    let mut link = connect(settings, None);

    let mut peer = server.try_accept_direct().await.unwrap();

    let (problem, _) = end(&mut link).await;
    assert!(
        matches!(problem, ConnectionProblem::Unreachable { port: 5223, .. }),
        "{problem:?}"
    );
    assert_eq!(
        peer.until_closed().await,
        "",
        "the web server was told something"
    );
}

#[tokio::test]
async fn the_name_of_a_hidden_service_is_never_looked_up() {
    let server = Server::new().await;
    let proxy = Proxy::leading(Door::Open, &[]).await;
    let (settings, name_server) = by_proxy(&proxy, &server);
    let by_hand = Some(("hidden.onion".to_owned(), 5222));
    for (address, host) in [("romeo@abc.onion", None), ("romeo@example.org", by_hand)] {
        let mut settings = settings.clone();
        settings.proxy = None;
        settings.address = address.parse().unwrap();
        settings.host = host;
        let mut link = connect(settings, None);

        let (problem, _) = end(&mut link).await;

        assert!(
            matches!(problem, ConnectionProblem::ServerNotFound { .. }),
            "{problem:?}"
        );
    }
    asked_nothing(&name_server);
}
