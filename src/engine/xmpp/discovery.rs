//! What an entity can do (XEP-0030 v2.5, `disco#info`).
//!
//! # Source
//! XEP-0030 §3; features without a name are skipped.

use std::collections::BTreeSet;

use minidom::Element;

use super::namespaces::{ANNOUNCED, DISCO_INFO};
use super::stanza::{element, set};

/// Asks what an entity can do.
pub fn query() -> Element {
    Element::bare("query", DISCO_INFO)
}

/// Reads the features of an answer.
pub fn features(answer: &Element) -> BTreeSet<String> {
    answer
        .get_child("query", DISCO_INFO)
        .into_iter()
        .flat_map(Element::children)
        .filter(|child| child.is("feature", DISCO_INFO))
        .filter_map(|feature| feature.attr("var"))
        .map(str::to_owned)
        .collect()
}

/// Returns whether an account may publish things about itself.
///
/// # Source
/// XEP-0163 §6.
pub fn publishes(answer: &Element) -> bool {
    answer
        .get_child("query", DISCO_INFO)
        .into_iter()
        .flat_map(Element::children)
        .filter(|child| child.is("identity", DISCO_INFO))
        .any(|identity| {
            identity.attr("category") == Some("pubsub") && identity.attr("type") == Some("pep")
        })
}

/// Our own answer, for the node that was asked for.
pub fn ours(node: Option<&str>) -> Element {
    let mut query = Element::bare("query", DISCO_INFO);
    if let Some(node) = node {
        set(&mut query, "node", node);
    }
    query.append_child(element(
        "identity",
        DISCO_INFO,
        &[
            ("category", "client"),
            ("type", "pc"),
            ("name", "Stonechat"),
        ],
    ));
    for feature in ANNOUNCED {
        query.append_child(element("feature", DISCO_INFO, &[("var", feature)]));
    }
    query
}
