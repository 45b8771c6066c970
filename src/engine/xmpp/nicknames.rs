//! What people call themselves (XEP-0172 v1.1, `http://jabber.org/protocol/nick`),
//! as their account publishes it.
//!
//! Left out: names in messages and requests, which anybody may write anything into.
//!
//! # Source
//! XEP-0172 §4.2, §5.

use minidom::Element;

use super::namespaces::NICKNAME;
use super::stanza::text_element;
use crate::engine::text;

/// Reads a name, made fit to be shown; empty when there is none.
pub fn read(payload: &Element) -> String {
    if payload.is("nick", NICKNAME) {
        text::name(&payload.text())
    } else {
        String::new()
    }
}

/// What is published as one's name.
pub fn nickname(name: &str) -> Element {
    text_element("nick", NICKNAME, name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_read_and_made_fit_to_be_shown() {
        let read = |text: &str| {
            let payload = format!("<nick xmlns='{NICKNAME}'>{text}</nick>");
            read(&payload.parse().unwrap())
        };

        assert_eq!(read("  Juliet "), "Juliet");
        assert_eq!(read(""), "");
        assert!(!read("Ju\u{202e}liet").contains('\u{202e}'));
        assert!(read(&"x".repeat(100_000)).chars().count() < 1_000);
    }

    #[test]
    fn something_else_is_no_name() {
        assert_eq!(read(&Element::bare("tune", NICKNAME)), "");
        assert_eq!(read(&nickname("Juliet")), "Juliet");
    }
}
