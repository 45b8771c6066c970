//! "It has arrived" (XEP-0184 v1.4, `urn:xmpp:receipts`).
//!
//! Left out: receipts in groups, which the XEP advises against.
//!
//! # Source
//! XEP-0184 §5.

use minidom::Element;

use super::namespaces::RECEIPTS;
use super::stanza::element;

/// Returns whether the sender wants to know that the message arrived.
pub fn is_requested(message: &Element) -> bool {
    message.has_child("request", RECEIPTS)
}

/// Returns the id of the message that this one says has arrived.
pub fn confirmed_id(message: &Element) -> Option<&str> {
    message
        .get_child("received", RECEIPTS)?
        .attr("id")
        .filter(|id| !id.is_empty())
}

/// Builds the request.
pub fn request() -> Element {
    element("request", RECEIPTS, &[])
}

/// Builds the confirmation that the message with this id arrived.
pub fn received(id: &str) -> Element {
    element("received", RECEIPTS, &[("id", id)])
}
