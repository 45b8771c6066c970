//! "I meant this instead" (XEP-0308 v1.2.1, `urn:xmpp:message-correct:0`).
//!
//! Read of any older message, as most programs do by now; the XEP only knows
//! the last one. Left out: groups.
//!
//! # Source
//! XEP-0308 §3, §4.

use minidom::Element;

use super::namespaces::CORRECTIONS;
use super::stanza::{self, element};
use super::stanza_ids;

/// Returns the id of the message that this one corrects; never its own (attack A8).
pub fn corrected_id(message: &Element) -> Option<&str> {
    let id = stanza::reference(message.get_child("replace", CORRECTIONS)?)?;
    let is_itself = message.attr("id") == Some(id) || stanza_ids::origin_id(message) == Some(id);
    Some(id).filter(|_| !is_itself)
}

/// Builds the reference to the message that is corrected.
pub fn replace(id: &str) -> Element {
    element("replace", CORRECTIONS, &[("id", id)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn corrected(attributes: &str, inside: &str) -> Option<String> {
        let xml = format!(
            "<message xmlns='jabber:client' {attributes}><body>Hark</body>{inside}\
             <replace xmlns='urn:xmpp:message-correct:0' id='bad1'/></message>"
        );
        corrected_id(&xml.parse().unwrap()).map(str::to_owned)
    }

    #[test]
    fn a_correction_names_what_it_corrects() {
        assert_eq!(corrected("id='good1'", "").as_deref(), Some("bad1"));
    }

    #[test]
    fn a8_nothing_corrects_itself() {
        let origin = "<origin-id xmlns='urn:xmpp:sid:0' id='bad1'/>";

        assert_eq!(corrected("id='bad1'", ""), None);
        assert_eq!(corrected("id='good1'", origin), None);
    }
}
