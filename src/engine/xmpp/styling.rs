//! "Show it as it was typed" (XEP-0393 v1.1.1, `urn:xmpp:styling:0`).
//!
//! What a text looks like otherwise is read by [`crate::engine::text`].
//!
//! # Source
//! XEP-0393 §7.

use minidom::Element;

use super::namespaces::STYLING;

/// Returns whether the sender wants the signs in a text left alone.
pub fn is_unwanted(message: &Element) -> bool {
    message.has_child("unstyled", STYLING)
}

/// Builds that wish.
pub fn unwanted() -> Element {
    Element::bare("unstyled", STYLING)
}
