//! "Read up to here" (XEP-0333 v1.0, `urn:xmpp:chat-markers:0`).
//!
//! Of the markers only `displayed` is read and written, as version 1.0 has it;
//! groups come later.
//!
//! # Source
//! XEP-0333 §3, §4.

use minidom::Element;

use super::namespaces::MARKERS;
use super::stanza::element;

/// Returns whether the sender asks for read markers.
pub fn is_markable(message: &Element) -> bool {
    message.has_child("markable", MARKERS)
}

/// Returns the id of the message up to which the sender has read.
pub fn displayed_id(message: &Element) -> Option<&str> {
    message
        .get_child("displayed", MARKERS)?
        .attr("id")
        .filter(|id| !id.is_empty())
}

/// Builds the wish to be told.
pub fn markable() -> Element {
    element("markable", MARKERS, &[])
}

/// Builds the marker for everything up to this id.
pub fn displayed(id: &str) -> Element {
    element("displayed", MARKERS, &[("id", id)])
}
