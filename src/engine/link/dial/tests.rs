//! Whom to try, in which order, and what each failure is called.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_location_is_read_in_all_its_forms() {
    let read = |text| read_location(text).map(|(host, port)| format!("{host} {port}"));

    assert_eq!(read("a.example.org").as_deref(), Some("a.example.org 5222"));
    assert_eq!(
        read("a.example.org:5223").as_deref(),
        Some("a.example.org 5223")
    );
    assert_eq!(read("192.0.2.1:1").as_deref(), Some("192.0.2.1 1"));
    assert_eq!(
        read("[2001:db8::1]:9999").as_deref(),
        Some("2001:db8::1 9999")
    );
    assert_eq!(read("2001:db8::1").as_deref(), Some("2001:db8::1 5222"));
    assert_eq!(read("[2001:db8::1]").as_deref(), Some("2001:db8::1 5222"));
    assert_eq!(read("[a]"), None);
    assert_eq!(read("a:b:c"), None);
    assert_eq!(read("a:99999"), None);
    assert_eq!(read(" "), None);
}

#[test]
fn a_port_known_for_tls_is_tried_that_way_first() {
    let tries = |port| {
        Endpoint::of_host("a", port)
            .iter()
            .map(|e| e.is_direct)
            .collect::<Vec<_>>()
    };

    assert_eq!(tries(5223), [true, false]);
    assert_eq!(tries(443), [true, false]);
    assert_eq!(tries(5222), [false, true]);
}

#[test]
fn a_certificate_problem_is_told_rather_than_a_dead_port() {
    let mut worst = None;
    let unreachable = |port| Endpoint::new("a", port, false).unreachable();
    remember(&mut worst, unreachable(1));
    remember(&mut worst, ConnectionProblem::CertificateExpired);
    remember(&mut worst, unreachable(2));
    assert_eq!(worst, Some(ConnectionProblem::CertificateExpired));

    let mut worst = None;
    remember(&mut worst, unreachable(1));
    remember(&mut worst, unreachable(2));
    assert_eq!(worst, Some(unreachable(2)));
}

#[tokio::test]
async fn a_second_address_is_used_when_the_first_refuses() {
    let listener = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let addresses = ["127.0.0.3", "127.0.0.2"].map(|address| address.parse().unwrap());

    let socket =
        reach::connect_first(&addresses, port, std::time::Duration::from_millis(250)).await;

    assert_eq!(
        socket.unwrap().peer_addr().unwrap().ip().to_string(),
        "127.0.0.2"
    );
}
