//! Messages that are encrypted for programs that can read them (XEP-0380 v0.4, `urn:xmpp:eme:0`).
//!
//! Recognised, not read: by the mark of XEP-0380, and by the payloads
//! themselves, or a body of OTR, where the mark is missing. The body beside them is the sender's
//! words for "cannot be read"; ours stand in their place (attack A51).
//!
//! # Source
//! XEP-0380 §3, §5; XEP-0384 v0.3 §4.6 and v0.8 §5.5 (messages that only carry
//! keys); XEP-0373 §3; XEP-0027 §2.2; XEP-0364 §2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;
use sha1::{Digest, Sha1};

use super::namespaces::{ENCRYPTION_MARK, OLD_OPENPGP, OMEMO, OMEMO_1, OMEMO_2, OPENPGP};
use super::otr::{self, Otr};
use super::stanza::element;

/// What stands beside something sealed for programs that cannot read it.
pub const INSTEAD: &str = "This message is encrypted (OMEMO), and your program could not read it.";

/// The mark of what we seal.
pub fn mark() -> Element {
    let attributes = [("namespace", OMEMO), ("name", "OMEMO")];
    element("encryption", ENCRYPTION_MARK, &attributes)
}

/// An encrypted message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encrypted {
    /// Somebody wrote something. `mark` tells it from others of the same id.
    Message {
        /// A hash of what is inside.
        mark: String,
    },
    /// It brings keys or a later piece of a message, and nothing to be read.
    KeysOnly,
}

/// Returns whether a message is encrypted, and whether there is anything to be read in it.
pub fn read(message: &Element, body: Option<&str>) -> Option<Encrypted> {
    // The one that can be read here is the one that counts.
    let omemo = [OMEMO, OMEMO_1, OMEMO_2]
        .iter()
        .find_map(|namespace| message.get_child("encrypted", *namespace));
    if let Some(omemo) = omemo {
        let payload = omemo.children().find(|child| child.name() == "payload");
        return Some(payload.map_or(Encrypted::KeysOnly, |payload| marked(&payload.text())));
    }
    let openpgp = message
        .children()
        .find(|child| child.is("openpgp", OPENPGP) || child.is("x", OLD_OPENPGP));
    if let Some(openpgp) = openpgp {
        return Some(marked(&openpgp.text()));
    }
    let body = body.unwrap_or_default();
    match otr::read(body) {
        Some(Otr::Message) => return Some(marked(body)),
        Some(Otr::Piece) => return Some(Encrypted::KeysOnly),
        None => {}
    }
    message
        .has_child("encryption", ENCRYPTION_MARK)
        .then(|| marked(body))
}

fn marked(inside: &str) -> Encrypted {
    Encrypted::Message {
        mark: STANDARD.encode(Sha1::digest(inside.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(inside: &str) -> Option<Encrypted> {
        let xml = format!("<message xmlns='jabber:client'>{inside}</message>");
        read(
            &xml.parse().unwrap(),
            Some("sent in a form you cannot read"),
        )
    }

    #[test]
    fn every_encrypted_message_is_known_by_its_mark_or_its_payload() {
        for inside in [
            "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>AAA=</payload></encrypted>",
            "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/><payload>AAA=</payload></encrypted>",
            "<openpgp xmlns='urn:xmpp:openpgp:0'>AAA=</openpgp>",
            "<x xmlns='jabber:x:encrypted'>AAA=</x>",
            "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>",
            "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:tomorrow' name='Tomorrow'/>",
        ] {
            assert!(
                matches!(parsed(inside), Some(Encrypted::Message { .. })),
                "{inside}"
            );
        }
        assert_eq!(parsed("<body>Hark</body>"), None);
    }

    #[test]
    fn keys_without_a_message_bring_nothing() {
        for namespace in ["eu.siacs.conversations.axolotl", "urn:xmpp:omemo:2"] {
            let inside = format!(
                "<encrypted xmlns='{namespace}'><header sid='1'><key rid='2'>AAA=</key></header></encrypted>\
                 <encryption xmlns='urn:xmpp:eme:0' namespace='{namespace}'/>"
            );

            assert_eq!(parsed(&inside), Some(Encrypted::KeysOnly));
        }
    }

    #[test]
    fn a_message_of_otr_is_one_however_many_pieces_it_comes_in() {
        let message = "<message xmlns='jabber:client'/>".parse().unwrap();
        let parsed = |body| read(&message, Some(body));

        assert!(matches!(
            parsed("?OTRv23? Juliet wants a private conversation."),
            Some(Encrypted::Message { .. })
        ));
        assert!(matches!(
            parsed("?OTR,1,2,AAEC,"),
            Some(Encrypted::Message { .. })
        ));
        assert_eq!(parsed("?OTR,2,2,AwQ=,"), Some(Encrypted::KeysOnly));
        assert_eq!(parsed("What is ?OTR?"), None);
    }

    #[test]
    fn two_messages_have_two_marks() {
        let message = |payload: &str| {
            parsed(&format!(
                "<encrypted xmlns='eu.siacs.conversations.axolotl'><payload>{payload}</payload></encrypted>"
            ))
        };

        assert_eq!(message("AAA="), message("AAA="));
        assert_ne!(message("AAA="), message("AAE="));
    }
}
