//! When a stanza was really sent (XEP-0203 v2.0, `urn:xmpp:delay`).
//!
//! A stamp says what its writer wants it to say, so only those by our own
//! server count (attack A58), and none may lie in the future (attack A57), which
//! who knows the time sees to. A server does not always take out what a sender
//! put in its name, so of several stamps the latest counts: nobody can hide a
//! message in the past that the server itself has stamped.
//!
//! # Source
//! XEP-0203 §4, XEP-0082 for the format.

use jid::BareJid;
use minidom::Element;

use super::namespaces::DELAY;
use crate::engine::model::Timestamp;

/// Returns the stamp that our own server, or our own account's archive, put on a stanza.
pub fn trusted_stamp(stanza: &Element, own: &BareJid) -> Option<Timestamp> {
    stanza
        .children()
        .filter(|child| child.is("delay", DELAY))
        .filter(|delay| {
            delay
                .attr("from")
                .and_then(|from| BareJid::new(from).ok())
                .is_some_and(|from| from == *own || from.as_str() == own.domain().as_str())
        })
        .filter_map(stamp)
        .max()
}

/// Reads the stamp of one `<delay/>`: milliseconds since 1970.
pub fn stamp(delay: &Element) -> Option<Timestamp> {
    read_time(delay.attr("stamp")?)
}

/// Reads a time as XEP-0082 writes it; a missing zone is taken as UTC, as some
/// servers leave it out.
pub fn read_time(text: &str) -> Option<Timestamp> {
    let parse = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    parse(text)
        .or_else(|| parse(&format!("{text}Z")))
        .map(|time| time.timestamp_millis())
        .filter(|time| *time >= 0)
}

/// Writes a time as XEP-0082 wants it.
pub fn write_time(time: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(time)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn own() -> BareJid {
        BareJid::new("romeo@example.org").unwrap()
    }

    #[test]
    fn a57_senseless_times_are_no_times() {
        for text in [
            "",
            "yesterday",
            "-0001-01-01T00:00:00Z",
            "1969-07-20T20:17:40Z",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
        assert_eq!(read_time("1970-01-01T00:00:01"), Some(1_000));
        assert_eq!(read_time("1970-01-01T01:00:01.5+01:00"), Some(1_500));
    }

    #[test]
    fn a58_a_stamp_by_the_sender_does_not_count() {
        let stanza: Element = "<message xmlns='jabber:client'>\
            <delay xmlns='urn:xmpp:delay' from='juliet@example.org' stamp='2001-01-01T00:00:00Z'/>\
            <delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/>\
            <delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-01-01T00:00:00Z'/>\
            </message>"
            .parse()
            .unwrap();

        assert_eq!(
            trusted_stamp(&stanza, &own()),
            read_time("2026-01-01T00:00:00Z")
        );
    }

    #[test]
    fn a58_a_stamp_in_the_servers_name_does_not_hide_what_the_server_stamped() {
        for (first, second) in [("2001", "2026"), ("2026", "2001")] {
            let stanza: Element = format!(
                "<message xmlns='jabber:client'>\
                 <delay xmlns='urn:xmpp:delay' from='example.org' stamp='{first}-01-01T00:00:00Z'/>\
                 <delay xmlns='urn:xmpp:delay' from='example.org' stamp='{second}-01-01T00:00:00Z'/>\
                 </message>"
            )
            .parse()
            .unwrap();

            assert_eq!(
                trusted_stamp(&stanza, &own()),
                read_time("2026-01-01T00:00:00Z")
            );
        }
    }

    proptest! {
        #[test]
        fn a57_no_text_is_a_time_outside_our_years(text in "[-+0-9TZ:. ]{0,40}|\\PC{0,40}") {
            if let Some(time) = read_time(&text) {
                prop_assert!((0..253_402_300_800_000).contains(&time));
                prop_assert_eq!(read_time(&write_time(time)), Some(time));
            }
        }

        #[test]
        fn a57_whatever_time_is_kept_can_be_written(time: Timestamp) {
            write_time(time);
        }
    }

    #[test]
    fn times_survive_writing_and_reading() {
        assert_eq!(
            read_time(&write_time(1_767_225_600_123)),
            Some(1_767_225_600_123)
        );
    }
}
