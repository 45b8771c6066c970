//! "Take that message back" (XEP-0424 v0.4.2, `urn:xmpp:message-retract:1`).
//!
//! Also what an archive leaves in a message's place, by whoever was asked to
//! remove it: its writer, or somebody who watches over a group (XEP-0425
//! v0.3.0), who is not told apart here. Left out: groups.
//!
//! # Source
//! XEP-0424 §3, §4 (tombstones), §5.

use minidom::Element;

use super::namespaces::RETRACTIONS;
use super::stanza::{self, element};

/// What programs show that do not know what is asked of them.
pub const INSTEAD: &str = "/me took back an earlier message, which your program cannot remove.";

/// Returns the id of the message that its sender takes back.
pub fn retracted_id(message: &Element) -> Option<&str> {
    stanza::reference(message.get_child("retract", RETRACTIONS)?)
}

/// Returns whether a message is only what an archive leaves of one that was
/// taken back. Whoever delivers it decides what that is worth.
pub fn is_tombstone(message: &Element) -> bool {
    message.has_child("retracted", RETRACTIONS)
}

/// Builds the request.
pub fn retract(id: &str) -> Element {
    element("retract", RETRACTIONS, &[("id", id)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_example_of_the_xep_is_read() {
        let message: Element = "<message xmlns='jabber:client' id='retract-message-1'>\
            <retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>\
            <store xmlns='urn:xmpp:hints'/></message>"
            .parse()
            .unwrap();

        assert_eq!(retracted_id(&message), Some("wrong-recipient-1"));
        assert!(!is_tombstone(&message));
    }

    #[test]
    fn what_is_left_of_a_message_is_known_also_where_a_moderator_removed_it() {
        for inside in [
            "",
            "<moderated xmlns='urn:xmpp:message-moderate:1' by='room@muc.example.org/boss'/>",
        ] {
            let message: Element = format!(
                "<message xmlns='jabber:client' id='wrong-recipient-1'>\
                 <retracted stamp='2019-09-20T23:09:32Z' id='retract-message-1' \
                 xmlns='urn:xmpp:message-retract:1'>{inside}</retracted></message>"
            )
            .parse()
            .unwrap();

            assert!(is_tombstone(&message));
            assert_eq!(retracted_id(&message), None);
        }
    }
}
