//! "Take that message back" (XEP-0424 v0.4.2, `urn:xmpp:message-retract:1`).
//!
//! Left out: groups, and what an archive leaves in a message's place.
//!
//! # Source
//! XEP-0424 §3, §5.

use minidom::Element;

use super::namespaces::RETRACTIONS;
use super::stanza::{self, element};

/// What programs show that do not know what is asked of them.
pub const INSTEAD: &str = "/me took back an earlier message, which your program cannot remove.";

/// Returns the id of the message that its sender takes back.
pub fn retracted_id(message: &Element) -> Option<&str> {
    stanza::reference(message.get_child("retract", RETRACTIONS)?)
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
    }
}
