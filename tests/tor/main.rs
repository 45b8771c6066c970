//! The engine where the only way out is a SOCKS5 proxy, as with Tor.
//!
//! Runs inside `build-aux/alone`, by itself if need be: no network but
//! loopback, and every question about a name comes to the test, which counts.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code, reason = "the tests of the link use the rest")]
#[path = "../../src/engine/link/tests/socks_server.rs"]
mod socks_server;

mod name_server;

use std::process::Command;

use stonechat::engine::api::{self, SignIn};
use stonechat::engine::model::{ConnectionProblem, Delivery, Direction, Secret};

use name_server::NameServer;
use socks_server::{Door, Proxy};
use support::accounts::{Person, romeo_and_juliet};
use support::ours::{Ours, try_to_sign_in};
use support::prosody::Prosody;

const ONION: &str = "stonechatqvnz2u5dqkrmjxlc4tqh6tw3xgrx7fjv6yipzb2o5nmkldad.onion";

/// Runs a test anew where it is alone. Returns whether that was done.
fn went_alone(name: &str) -> bool {
    if std::env::var_os("STONECHAT_ALONE").is_some() {
        let interfaces = std::fs::read_to_string("/proc/net/dev").unwrap();
        let others = interfaces.lines().skip(2);
        let others = others.filter(|line| !line.trim_start().starts_with("lo:"));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new(), "not alone");
        return false;
    }
    let alone = support::prosody::project().join("build-aux/alone");
    let ended = Command::new(alone)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .output()
        .expect("build-aux/alone starts");
    for text in [&ended.stdout, &ended.stderr] {
        print!("{}", String::from_utf8_lossy(text));
    }
    assert!(ended.status.success(), "{name} failed where it was alone");
    true
}

/// The form of somebody who knows nothing but an address and a proxy.
fn form(person: &Person, proxy_port: u16) -> SignIn {
    SignIn {
        address: person.address.clone(),
        password: Secret::new(&person.password),
        host: None,
        port: None,
        allows_plain: false,
        proxy: format!("127.0.0.1:{proxy_port}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proxy_sees_the_name_and_nobody_is_asked_for_it() {
    if went_alone("the_proxy_sees_the_name_and_nobody_is_asked_for_it") {
        return;
    }
    let names = NameServer::start();
    let server = Prosody::start(&["--domain", ONION]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let proxy = Proxy::leading(Door::Names, &[(5222, server.port)]).await;

    // Two people chat through it, the line breaks, and one starts again.
    let mut ours = Ours::sign_in_with(form(&romeo, proxy.port), &server).await;
    let mut hers = Ours::sign_in_with(form(&juliet, proxy.port), &server).await;
    let chat = ours.chat_with(&juliet).await;
    let back = hers.chat_with(&romeo).await;
    ours.write(chat, "By a name I know not how to tell thee who I am");
    hers.wait_for_text(
        back,
        Direction::Incoming,
        "By a name I know not how to tell thee who I am",
    )
    .await;
    ours.engine.command(api::Command::Network { is_up: false });
    ours.wait_for_connection("that the line is cut", |state| !state.is_online())
        .await;
    ours.write(chat, "It is enough I may but call her mine");
    ours.engine.command(api::Command::Network { is_up: true });
    ours.wait_for_delivery(
        chat,
        "It is enough I may but call her mine",
        Delivery::Delivered,
    )
    .await;
    let mut hers = hers.restart().await;
    hers.wait_until_online().await;

    let heard = proxy.heard();
    assert!(heard.places.len() >= 4, "{heard:?}");
    let place = format!("{ONION}:5222");
    assert!(
        heard.places.iter().all(|asked| *asked == place),
        "{heard:?}"
    );
    assert_eq!(names.asked(), Vec::<String>::new());
    println!(
        "the proxy was asked {} times, always for {place}; names asked for elsewhere: {}",
        heard.places.len(),
        names.asked().len()
    );

    // That silence means something: without the proxy the same is heard.
    let answer = try_to_sign_in(
        SignIn {
            address: "romeo@example.org".to_owned(),
            proxy: String::new(),
            ..form(&romeo, 0)
        },
        &server.ca,
    )
    .await;
    assert!(answer.is_err());
    let asked = names.asked();
    for name in [
        "_xmpp-client._tcp.example.org",
        "_xmpps-client._tcp.example.org",
    ] {
        assert!(asked.iter().any(|asked| asked == name), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_around_a_proxy_that_is_down() {
    if went_alone("nothing_goes_around_a_proxy_that_is_down") {
        return;
    }
    let names = NameServer::start();
    let server = Prosody::start(&[]);
    let (romeo, _) = romeo_and_juliet(&server);

    let answer = try_to_sign_in(form(&romeo, 9), &server.ca).await;

    let problem = ConnectionProblem::ProxyFailed {
        host: "127.0.0.1".to_owned(),
        port: 9,
    };
    assert_eq!(answer.unwrap_err().to_string(), problem.to_string());
    assert_eq!(names.asked(), Vec::<String>::new());
}
