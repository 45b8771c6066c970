//! Calls offered by message (XEP-0353 v0.7, `urn:xmpp:jingle-message:0`).
//!
//! Read so far only to say that somebody called, and written only to decline.
//! Left out: ringing and everything after it; offers of something else than
//! sound or pictures.
//!
//! # Source
//! XEP-0353 §3; XEP-0166 §7.4 for the reasons; RFC 6120 §8.2.3 answers the
//! requests of XEP-0166 itself, which we do not announce.

use minidom::Element;

use super::hints;
use super::namespaces::{CALL_MEDIA, CALL_OFFERS, CALLS, CLIENT};
use super::stanza::element;

/// The longest id of a call that is remembered.
const LONGEST_ID: usize = 256;

/// Why this program declines: it is not a person who does.
const CANNOT: &str = "unsupported-applications";

/// Returns the id of the call that a message offers.
pub fn offered(message: &Element) -> Option<&str> {
    let offer = sign(message, "propose")?;
    offer
        .children()
        .any(|child| child.is("description", CALL_MEDIA))
        .then(|| id(offer))?
}

/// Returns the id of the call that the sender of a message took or declined,
/// unless it was a program without calls that declined.
pub fn answered(message: &Element) -> Option<&str> {
    let by_person = |reject: &&Element| {
        reject
            .get_child("reason", CALLS)
            .is_none_or(|reason| !reason.has_child(CANNOT, CALLS))
    };
    ["accept", "proceed", "finish"]
        .iter()
        .find_map(|name| sign(message, name))
        .or_else(|| sign(message, "reject").filter(by_person))
        .and_then(id)
}

/// Builds the answer that there is no program here that takes calls.
pub fn decline(to: &str, id: &str, call: &str) -> Element {
    let mut reason = element("reason", CALLS, &[]);
    reason.append_child(element(CANNOT, CALLS, &[]));
    let mut reject = element("reject", CALL_OFFERS, &[("id", call)]);
    reject.append_child(reason);
    let mut message = element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(reject);
    message.append_child(hints::store());
    message
}

fn sign<'a>(message: &'a Element, name: &str) -> Option<&'a Element> {
    message.get_child(name, CALL_OFFERS)
}

fn id(sign: &Element) -> Option<&str> {
    sign.attr("id")
        .filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(inside: &str) -> Element {
        format!("<message xmlns='jabber:client' type='chat'>{inside}</message>")
            .parse()
            .unwrap()
    }

    #[test]
    fn an_offer_of_sound_or_pictures_is_a_call() {
        let offer = |description: &str| {
            parsed(&format!(
                "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>{description}</propose>"
            ))
        };

        let call = offer("<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>");
        let file = offer("<description xmlns='urn:xmpp:jingle:apps:file-transfer:5'/>");

        assert_eq!(offered(&call), Some("c1"));
        assert_eq!(offered(&file), None);
        assert_eq!(answered(&call), None);
    }

    #[test]
    fn a_call_is_answered_by_taking_or_declining_it() {
        for name in ["accept", "proceed", "reject", "finish"] {
            let sign = parsed(&format!(
                "<{name} xmlns='urn:xmpp:jingle-message:0' id='c1'/>"
            ));

            assert_eq!(answered(&sign), Some("c1"), "{name}");
        }
        for name in ["ringing", "retract"] {
            let sign = parsed(&format!(
                "<{name} xmlns='urn:xmpp:jingle-message:0' id='c1'/>"
            ));

            assert_eq!(answered(&sign), None, "{name}");
        }
    }

    #[test]
    fn what_this_program_declines_is_not_answered() {
        let declined = decline("juliet@example.org", "m1", "c1");

        assert!(declined.has_child("reject", CALL_OFFERS));
        assert_eq!(answered(&declined), None);
    }
}
