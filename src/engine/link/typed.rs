//! A stanza that a person typed into the XML console.
//!
//! It is read by the parser, and under the limits, of what comes from the
//! network. Only stanzas go through: the stream itself belongs to us.
//!
//! # Source
//! RFC 6120 §8 (what a stanza is).

use minidom::Element;

use super::Limits;
use super::login::is_stanza;
use super::xml::{Item, Parser, XmlProblem, stream_header};
use crate::engine::error::NotSent;

/// Reads one stanza. Without an `xmlns` it is in `jabber:client`, as inside a
/// stream.
///
/// # Errors
/// Why it cannot be sent.
pub fn typed_stanza(text: &str) -> Result<Element, NotSent> {
    let mut parser = Parser::new(&Limits::default());
    let header = stream_header("typed", None);
    let mut bytes = header.as_bytes();
    parser.feed(&mut bytes).map_err(refusal)?;
    let mut bytes = text.trim().as_bytes();
    let stanza = match parser.feed(&mut bytes).map_err(refusal)? {
        Some(Item::Element(element)) => element,
        Some(Item::Skipped(_)) => return Err(NotSent::TooLarge),
        Some(Item::End) => return Err(NotSent::NoStanza),
        Some(Item::Header(_)) | None => return Err(NotSent::NotWellFormed),
    };
    if !bytes.is_empty() {
        return Err(NotSent::NotOne);
    }
    if !is_stanza(&stanza.ns(), stanza.name()) {
        return Err(NotSent::NoStanza);
    }
    Ok(stanza)
}

fn refusal(problem: XmlProblem) -> NotSent {
    match problem {
        XmlProblem::TooLarge => NotSent::TooLarge,
        XmlProblem::NotWellFormed(_) => NotSent::NotWellFormed,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_stanza_needs_no_namespace_of_its_own() {
        let stanza =
            typed_stanza(" <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>\n").unwrap();

        assert!(stanza.is("iq", "jabber:client"));
        assert!(stanza.has_child("ping", "urn:xmpp:ping"));
    }

    #[test]
    fn nothing_but_one_stanza_goes_through() {
        for (typed, refusal) in [
            ("", NotSent::NotWellFormed),
            ("hello", NotSent::NotWellFormed),
            ("<message>", NotSent::NotWellFormed),
            ("<message></iq>", NotSent::NotWellFormed),
            ("<message>&nbsp;</message>", NotSent::NotWellFormed),
            ("<presence/><presence/>", NotSent::NotOne),
            ("<presence/> and more", NotSent::NotOne),
            ("</stream:stream>", NotSent::NoStanza),
            ("<r xmlns='urn:xmpp:sm:3'/>", NotSent::NoStanza),
            ("<message xmlns='jabber:server'/>", NotSent::NoStanza),
        ] {
            assert_eq!(typed_stanza(typed), Err(refusal), "{typed}");
        }
    }

    #[test]
    fn a_very_deep_or_large_stanza_is_refused_without_being_built() {
        let deep = format!(
            "<message>{}{}</message>",
            "<x>".repeat(9_999),
            "</x>".repeat(9_999)
        );
        let large = format!("<message><body>{}</body></message>", "x".repeat(5_000_000));

        assert_eq!(typed_stanza(&deep), Err(NotSent::TooLarge));
        assert_eq!(typed_stanza(&large), Err(NotSent::TooLarge));
    }
}
