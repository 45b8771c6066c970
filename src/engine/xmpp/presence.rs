//! Who is around, and who may know it (RFC 6121 §3, §4).
//!
//! # Source
//! RFC 6121 §3.1 (asking to see somebody), §3.4 (letting somebody before they
//! ask), §4.7; an unknown `<show/>` counts as plain presence. XEP-0379 v0.1.1
//! §3.4 for asking with the token of an invitation; a token that comes is not
//! looked at, as we make no invitations. XEP-0319 v1.0 for since when nobody
//! used a program, read only: when we do not use ours is nobody's business.

use jid::{BareJid, Jid};
use minidom::Element;

use super::namespaces::{CLIENT, IDLE, PRE_AUTHENTICATION};
use super::stanza::element;
use super::{capabilities, delay, stanza};
use crate::engine::model::{Presence, Timestamp};

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

/// An older time says no more than that somebody is away.
const LONGEST_IDLE: Timestamp = 30 * 24 * 60 * 60 * 1000;

/// Reads since when nobody used the program of an available presence; `None`:
/// somebody does, or it does not say, or says what cannot be (attack A57).
pub fn idle_since(presence: &Element, now: Timestamp) -> Option<Timestamp> {
    if presence.attr("type").is_some() {
        return None;
    }
    let since = presence.get_child("idle", IDLE)?.attr("since")?;
    let since = delay::read_time(since)?;
    (since <= now && now - since <= LONGEST_IDLE).then_some(since)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn idle(attributes: &str, since: &str) -> Option<Timestamp> {
        let presence: Element = format!(
            "<presence xmlns='jabber:client'{attributes} from='juliet@example.org/a'>\
             <idle xmlns='urn:xmpp:idle:1' since='{since}'/></presence>"
        )
        .parse()
        .unwrap();
        idle_since(&presence, 1_800_000_000_000)
    }

    #[test]
    fn since_when_a_program_is_idle_is_read() {
        assert_eq!(
            idle("", "2027-01-15T07:55:00Z"),
            Some(1_800_000_000_000 - 300_000)
        );
        assert_eq!(idle(" type='unavailable'", "2027-01-15T07:55:00Z"), None);
    }

    #[test]
    fn a57_an_idle_time_that_cannot_be_is_none() {
        for since in [
            "",
            "soon",
            "2027-01-15T08:00:01Z",
            "9999-12-31T23:59:59Z",
            "1969-07-21T02:56:15Z",
            "2001-01-01T00:00:00Z",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(idle("", since), None, "{since}");
        }
    }
}
