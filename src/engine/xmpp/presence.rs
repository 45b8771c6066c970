//! Who is around, and who may know it (RFC 6121 §3, §4).
//!
//! # Source
//! RFC 6121 §3.1 (asking to see somebody), §3.4 (letting somebody before they
//! ask), §4.7; an unknown `<show/>` counts as plain presence. XEP-0379 v0.1.1
//! §3.4 for asking with the token of an invitation; a token that comes is not
//! looked at, as we make no invitations.

use jid::{BareJid, Jid};
use minidom::Element;

use super::namespaces::{CLIENT, PRE_AUTHENTICATION};
use super::stanza::element;
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

/// What somebody wants about the user's own presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To see it.
    ToSee,
    /// To see it no more.
    NotToSee,
}

/// Reads who wants what about the user's own presence.
pub fn wish(presence: &Element) -> Option<(BareJid, Wish)> {
    let wish = match presence.attr("type")? {
        "subscribe" => Wish::ToSee,
        "unsubscribe" => Wish::NotToSee,
        _ => return None,
    };
    Some((stanza::from(presence).ok().flatten()?.into_bare(), wish))
}

/// Asks somebody whether we may see when they are around. `token` is from an
/// invitation of theirs, by which their program knows that it made it; empty:
/// none.
///
/// # Source
/// RFC 6121 §3.1, XEP-0379 §3.4.
pub fn ask(to: &str, token: &str) -> Element {
    let mut asking = element("presence", CLIENT, &[("type", "subscribe"), ("to", to)]);
    if !token.is_empty() {
        let token = element("preauth", PRE_AUTHENTICATION, &[("token", token)]);
        asking.append_child(token);
    }
    asking
}

/// Lets somebody see our presence, also before they ask.
pub fn grant(to: &str) -> Element {
    element("presence", CLIENT, &[("type", "subscribed"), ("to", to)])
}

/// Does not, or no longer, let somebody see it.
pub fn refuse(to: &str) -> Element {
    element("presence", CLIENT, &[("type", "unsubscribed"), ("to", to)])
}

/// Our own presence: here, with what we can do.
pub fn here() -> Element {
    let mut presence = Element::bare("presence", CLIENT);
    presence.append_child(capabilities::ours());
    presence
}
