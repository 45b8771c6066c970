//! Ids that stay (XEP-0359 v0.7, `urn:xmpp:sid:0`).
//!
//! A `stanza-id` counts only when it is by our own account: anybody can write
//! one in any name, and our server strips only those in its own (attack A9).
//!
//! # Source
//! XEP-0359 §3, §6.

use jid::BareJid;
use minidom::Element;

use super::namespaces::STANZA_IDS;
use super::stanza::element;

/// Returns the id under which our own archive keeps this message.
pub fn archive_id<'a>(message: &'a Element, own: &BareJid) -> Option<&'a str> {
    message
        .children()
        .filter(|child| child.is("stanza-id", STANZA_IDS))
        .find(|id| {
            id.attr("by")
                .and_then(|by| BareJid::new(by).ok())
                .is_some_and(|by| by == *own)
        })?
        .attr("id")
        .filter(|id| !id.is_empty())
}

/// Returns the id the sender gave the message for good.
pub fn origin_id(message: &Element) -> Option<&str> {
    message
        .get_child("origin-id", STANZA_IDS)?
        .attr("id")
        .filter(|id| !id.is_empty())
}

/// Builds our own lasting id.
pub fn origin(id: &str) -> Element {
    element("origin-id", STANZA_IDS, &[("id", id)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a9_only_an_id_by_our_own_account_counts() {
        let message: Element = "<message xmlns='jabber:client' from='juliet@example.org/balcony'>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.org' id='theirs'/>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='example.org' id='servers'/>\
            <stanza-id xmlns='urn:xmpp:sid:0' id='nobodys'/>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='ours'/>\
            </message>"
            .parse()
            .unwrap();
        let own = BareJid::new("romeo@example.org").unwrap();
        let other = BareJid::new("mercutio@example.org").unwrap();

        assert_eq!(archive_id(&message, &own), Some("ours"));
        assert_eq!(archive_id(&message, &other), None);
    }
}
