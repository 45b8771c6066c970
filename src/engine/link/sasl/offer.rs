//! What a server offers to sign in by, as it stands in its features.
//!
//! # Source
//! RFC 6120 §6.3.3, XEP-0440 v0.4.1 §3, XEP-0474 v0.5.0 §5.1 (its hash).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;

use crate::engine::link::scram::Hash;

pub(super) const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// What stands between two names in the text that is hashed.
const BETWEEN: &str = "\u{1e}";
/// And what between the mechanisms and the channel binding types.
const NEXT_LIST: &str = "\u{1f}";

/// What a server offers to sign in by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine::link) struct Offer {
    /// Names of mechanisms.
    pub mechanisms: Vec<String>,
    /// Channel binding types; `None`: it does not say.
    pub bindings: Option<Vec<String>>,
    /// Some SCRAM is offered, in this list of mechanisms or in another one of
    /// the same features.
    pub knows_scram: bool,
}

impl Offer {
    /// Reads the offer in stream features; the mechanisms are the children of
    /// `list`, wherever that stands.
    pub fn read(features: &Element, list: Option<&Element>) -> Self {
        let mechanisms = list
            .into_iter()
            .flat_map(Element::children)
            .filter(|child| child.name() == "mechanism")
            .map(|child| child.text().trim().to_owned())
            .collect();
        let bindings = features
            .get_child("sasl-channel-binding", CHANNEL_BINDING)
            .map(|types| {
                types
                    .children()
                    .filter(|kind| kind.name() == "channel-binding")
                    .filter_map(|kind| kind.attr("type"))
                    .map(str::to_owned)
                    .collect()
            });
        // The list of RFC 6120 and that of SASL2.
        let knows_scram = features
            .children()
            .flat_map(Element::children)
            .filter(|child| child.name() == "mechanism")
            .any(|child| child.text().trim().starts_with("SCRAM-"));
        Self {
            mechanisms,
            bindings,
            knows_scram,
        }
    }

    pub(super) fn offers(&self, name: &str) -> bool {
        self.mechanisms.iter().any(|offered| offered == name)
    }

    /// Returns whether sign-in can be tied to the connection by some mechanism.
    pub(super) fn offers_binding(&self) -> bool {
        self.mechanisms.iter().any(|name| name.ends_with("-PLUS"))
    }

    /// Returns the hash of the offer as XEP-0474 §5.1 wants it.
    pub(super) fn digest(&self, hash: Hash) -> String {
        // Sorting by bytes, which `str` does.
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names.join(BETWEEN)
        };
        let mut text = sorted(&self.mechanisms);
        if let Some(types) = &self.bindings {
            text += NEXT_LIST;
            text += &sorted(types);
        }
        BASE64.encode(hash.digest(text.as_bytes()))
    }
}
