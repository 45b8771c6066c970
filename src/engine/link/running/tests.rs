//! A stream that is up, against a server played by the test.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::engine::link::{Memory, Offers, SmSession, TlsSettings};
use crate::engine::model::{Secret, SecurityReport};

fn settings() -> LinkSettings {
    let tls = Arc::new(TlsSettings::load(None).unwrap());
    let address = "romeo@example.org".parse().unwrap();
    LinkSettings::new(address, Secret::new("pencil"), tls)
}

fn online() -> Online {
    Online {
        bound: "romeo@example.org/orchard".parse().unwrap(),
        resumed: Some(0),
        refused_h: None,
        stream_management: Some(SmSession {
            id: None,
            location: None,
        }),
        offers: Offers::default(),
        has_copies: false,
        report: SecurityReport::default(),
        memory: Memory::default(),
    }
}

#[tokio::test]
async fn the_time_in_which_nobody_read_is_not_held_against_the_server() {
    let (settings, online) = (settings(), online());
    let (socket, _peer) = tokio::io::duplex(16);
    let stream = XmlStream::new(socket, &settings.limits);
    let mut running = Running::new(stream, &settings, &online, (0, 0), vec![]);
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

#[tokio::test]
async fn a_server_that_allows_no_long_silence_hears_a_space() {
    let settings = settings();
    let mut online = online();
    online.offers.idle = Some(Duration::from_secs(20));
    let (socket, _peer) = tokio::io::duplex(16);
    let stream = XmlStream::new(socket, &settings.limits);
    let mut running = Running::new(stream, &settings, &online, (0, 0), vec![]);
    running.unwritten.clear();
    running.stuck_since = None;

    assert!(running.check_deadlines().is_ok());
    assert_eq!(running.unwritten, b"");
    running.silent_since = Instant::now().checked_sub(Duration::from_secs(15)).unwrap();
    assert!(running.next_deadline() <= Instant::now());
    assert!(running.check_deadlines().is_ok());

    assert_eq!(running.unwritten, b" ");
    assert!(running.next_deadline() > Instant::now(), "said once");
}

#[tokio::test]
async fn a_question_that_waits_on_a_slow_network_has_its_whole_time_from_when_it_is_out() {
    for has_management in [true, false] {
        let (settings, mut online) = (settings(), online());
        online.resumed = None;
        online.stream_management = online.stream_management.filter(|_| has_management);
        let (socket, _peer) = tokio::io::duplex(16);
        let stream = XmlStream::new(socket, &settings.limits);
        let mut running = Running::new(stream, &settings, &online, (0, 0), vec![]);
        running.write_text("much that waits");

        // While it waits, neither it nor the silence before it counts.
        assert!(running.prove_life().is_ok());
        assert_eq!((running.asked_since, running.proving_since), (None, None));
        let long_ago = Instant::now().checked_sub(Duration::from_mins(10)).unwrap();
        running.reader.received_at(long_ago);
        let waiting = running.unwritten.len();
        assert!(running.check_deadlines().is_ok());
        assert_eq!(running.unwritten.len(), waiting, "it is asked once");
        assert!(running.next_deadline() > Instant::now());

        running.note_written(Ok(Wrote::Everything));
        assert!(running.asked_since.is_some() && running.proving_since.is_some());
        running.proving_since = Some(long_ago);
        assert!(running.check_deadlines().is_err());
    }
}
