//! A stream that is up, against a server played by the test.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::engine::link::{Memory, SmSession, TlsSettings};
use crate::engine::model::{Secret, SecurityReport};

#[tokio::test]
async fn the_time_in_which_nobody_read_is_not_held_against_the_server() {
    let tls = Arc::new(TlsSettings::load(None).unwrap());
    let address = "romeo@example.org".parse().unwrap();
    let settings = LinkSettings::new(address, Secret::new("pencil"), tls);
    let online = Online {
        bound: "romeo@example.org/orchard".parse().unwrap(),
        resumed: Some(0),
        refused_h: None,
        stream_management: Some(SmSession {
            id: None,
            location: None,
        }),
        report: SecurityReport::default(),
        memory: Memory::default(),
    };
    let (socket, _peer) = tokio::io::duplex(16);
    let stream = XmlStream::new(socket, &settings.limits);
    let mut running = Running::new(stream, &settings, &online, 0, vec![]);
    let long_ago = Instant::now().checked_sub(Duration::from_mins(5)).unwrap();
    running.asked_since = Some(long_ago);
    running.resumed_at = Some(long_ago);
    running.reader.received_at(long_ago);
    running.untaken = vec![LinkEvent::Acknowledged(0); UNTAKEN_EVENTS].into();

    // While the session is slow, no question about life is due …
    assert!(!running.can_read());
    assert!(running.check_deadlines().is_ok());
    assert!(running.next_deadline() > Instant::now());

    // … and when it is not any more, the server gets its whole time.
    running.untaken.clear();
    assert!(running.can_read());
    assert!(running.check_deadlines().is_ok());
    running.asked_since = Some(long_ago);
    assert!(running.check_deadlines().is_err());
}
