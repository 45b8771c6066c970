//! What goes over the wire, for the log: target `xml`, level trace.
//!
//! Off unless asked for by that name. Passwords, proofs and challenges are
//! masked; message texts are not, which is why nobody gets this by accident.

use minidom::Element;
use tracing::{enabled, trace};

use super::xml::{self, Item};

/// Namespace of everything that carries passwords or proofs.
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// Logs an item that arrived.
pub(super) fn received(item: &Item) {
    if !enabled!(target: "xml", tracing::Level::TRACE) {
        return;
    }
    match item {
        Item::Element(element) => trace!(target: "xml", "<- {}", visible(element)),
        Item::Header(header) => trace!(target: "xml", ?header, "<- stream opened"),
        Item::Skipped(skipped) => trace!(target: "xml", ?skipped, "<- skipped"),
        Item::End => trace!(target: "xml", "<- stream closed"),
    }
}

/// Logs an element that is sent.
pub(super) fn sent(element: &Element) {
    if enabled!(target: "xml", tracing::Level::TRACE) {
        trace!(target: "xml", "-> {}", visible(element));
    }
}

/// Logs text that is sent and is no element, such as the stream's header.
pub(super) fn sent_text(text: &str) {
    trace!(target: "xml", "-> {text}");
}

fn visible(element: &Element) -> String {
    if !element.has_ns(SASL) {
        return xml::element_text(element);
    }
    let mut masked = Element::bare(element.name(), SASL);
    *masked.attrs_mut() = element.attrs().clone();
    for condition in element.children() {
        masked.append_child(Element::bare(condition.name(), SASL));
    }
    if !element.text().is_empty() {
        masked.append_text("…");
    }
    xml::element_text(&masked)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn passwords_and_proofs_are_masked() {
        for name in ["auth", "response", "challenge", "success"] {
            let mut element = Element::bare(name, SASL);
            element.append_text("AHJvbWVvAHNlY3JldA==");

            assert_eq!(
                visible(&element),
                format!("<{name} xmlns='{SASL}'>…</{name}>")
            );
        }
    }

    #[test]
    fn the_cause_of_a_failure_stays_visible() {
        let failure: Element = format!("<failure xmlns='{SASL}'><not-authorized/></failure>")
            .parse()
            .unwrap();

        assert!(visible(&failure).contains("not-authorized"));
    }
}
