//! "Is writing" (XEP-0085 v2.1, `http://jabber.org/protocol/chatstates`).
//!
//! `inactive` and `gone` are read as "not writing" and never written: they
//! tell more about the user than the other side needs.
//!
//! # Source
//! XEP-0085 §2, §5.

use minidom::Element;

use super::namespaces::CHAT_STATES;

/// Returns whether the sender is writing, or `None` when the message says nothing about it.
pub fn is_composing(message: &Element) -> Option<bool> {
    message
        .children()
        .find(|child| child.has_ns(CHAT_STATES))
        .map(|state| state.name() == "composing")
}

/// Builds "is writing" or "has paused".
pub fn state(is_composing: bool) -> Element {
    Element::bare(
        if is_composing { "composing" } else { "paused" },
        CHAT_STATES,
    )
}

/// Builds the state that goes with a message: it has been written.
pub fn active() -> Element {
    Element::bare("active", CHAT_STATES)
}
