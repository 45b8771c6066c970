//! Who is around (RFC 6121 §4).
//!
//! Subscription requests are read and left alone so far; they come with the
//! contacts page.
//!
//! # Source
//! RFC 6121 §4.7; an unknown `<show/>` counts as plain presence.

use jid::Jid;
use minidom::Element;

use super::namespaces::CLIENT;
use super::{capabilities, stanza};
use crate::engine::model::Presence;

/// Reads a presence: whose program it is, and how they are. `None` for
/// requests, errors and anything without a sender.
pub fn read(presence: &Element) -> Option<(Jid, Presence)> {
    let from = stanza::from(presence).ok().flatten()?;
    let how = match presence.attr("type") {
        None => match stanza::chosen_text(presence, "show")
            .as_deref()
            .map(str::trim)
        {
            Some("away") => Presence::Away,
            Some("xa") => Presence::LongAway,
            Some("dnd") => Presence::Busy,
            _ => Presence::Here,
        },
        Some("unavailable") => Presence::Offline,
        Some(_) => return None,
    };
    Some((from, how))
}

/// Asks somebody whether we may see when they are around.
///
/// # Source
/// RFC 6121 §3.1.
pub fn ask(to: &str) -> Element {
    stanza::element("presence", CLIENT, &[("type", "subscribe"), ("to", to)])
}

/// Our own presence: here, with what we can do.
pub fn here() -> Element {
    let mut presence = Element::bare("presence", CLIENT);
    presence.append_child(capabilities::ours());
    presence
}
