//! Copies of what our other devices send and receive (XEP-0280 v1.0, `urn:xmpp:carbons:2`).
//!
//! Who may send a copy is decided in [`super::origin`], not here.
//!
//! # Source
//! XEP-0280 §4, §6, §7.

use minidom::Element;

use super::namespaces::{CARBONS, CLIENT, FORWARD};

/// Which way the copied message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Another device of ours received it.
    Received,
    /// Another device of ours sent it.
    Sent,
}

/// Returns the wrapper of a copy, if the message is one, and which way it went.
pub fn wrapper(message: &Element) -> Option<(Copied, &Element)> {
    message.children().find_map(|child| {
        if child.is("received", CARBONS) {
            Some((Copied::Received, child))
        } else if child.is("sent", CARBONS) {
            Some((Copied::Sent, child))
        } else {
            None
        }
    })
}

/// Returns the one message inside a wrapper, nested exactly as the XEP has it.
pub fn copied_message(wrapper: &Element) -> Option<&Element> {
    wrapper
        .get_child("forwarded", FORWARD)?
        .get_child("message", CLIENT)
}

/// Builds the request to get copies from now on.
pub fn enable() -> Element {
    Element::bare("enable", CARBONS)
}
