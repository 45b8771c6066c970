//! The link against a server that does what the test says, over real TLS.
//!
//! Nothing here waits for time to pass to let something happen: a test waits
//! for what it hears, and only deadlines that are under test are made short.

#![allow(clippy::unwrap_used, clippy::format_collect)]

mod acknowledging;
pub(super) mod certificates;
mod dialling;
mod downgrade;
mod ending;
pub(in crate::engine) mod friendly;
mod hostile;
mod liveness;
mod moving;
mod name_server;
mod own_certificate;
mod proxies;
mod quick;
mod secrets;
mod server;
mod signing_in;
mod socks_server;
mod trust;

use std::time::Duration;

use super::*;
use crate::engine::model::Secret;
use server::{Peer, Server};

/// Longer than anything that works takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settings for Romeo at a server of the test.
fn settings(server: &Server) -> LinkSettings {
    let address = "romeo@example.org".parse().unwrap();
    let tls = certificates::trusting_the_test_authority();
    let mut settings = LinkSettings::new(address, Secret::new("pencil"), tls);
    settings.host = Some(("127.0.0.1".to_owned(), server.port));
    settings.allows_plain = true;
    settings
}

/// Returns the next event.
async fn next(link: &mut Link) -> LinkEvent {
    let event = tokio::time::timeout(PATIENCE, link.events.recv()).await;
    event
        .expect("an event in time")
        .expect("an event before the end")
}

/// Returns the next event, which must be `Online`.
async fn online(link: &mut Link) -> Online {
    match next(link).await {
        LinkEvent::Online(online) => *online,
        other => panic!("not online but {other:?}"),
    }
}

/// Returns the next event, which must be a stanza; its id.
async fn stanza_id(link: &mut Link) -> String {
    match next(link).await {
        LinkEvent::Stanza(stanza) => stanza.attr("id").unwrap_or_default().to_owned(),
        other => panic!("no stanza but {other:?}"),
    }
}

/// Reads to the end; returns the problem and whether resuming is pointless.
async fn end(link: &mut Link) -> (ConnectionProblem, bool) {
    let mut is_resumption_dead = false;
    loop {
        match next(link).await {
            LinkEvent::ResumptionDead => is_resumption_dead = true,
            LinkEvent::Closed(problem) => {
                assert_eq!(link.events.recv().await, None, "Closed comes last");
                return (problem, is_resumption_dead);
            }
            _ => assert!(!is_resumption_dead, "only Closed follows ResumptionDead"),
        }
    }
}

/// Sends a command.
async fn command(link: &Link, command: LinkCommand) {
    link.commands.send(command).await.unwrap();
}

/// Returns a message with an id.
fn message(id: &str) -> Element {
    format!("<message xmlns='jabber:client' id='{id}'/>")
        .parse()
        .unwrap()
}

/// Brings a link online, with stream management or without.
async fn connected(settings: LinkSettings, server: &Server, has_management: bool) -> (Link, Peer) {
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.sign_in(has_management).await;
    peer.bind().await;
    if has_management {
        peer.enable().await;
    }
    online(&mut link).await;
    (link, peer)
}
