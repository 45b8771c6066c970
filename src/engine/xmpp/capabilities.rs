//! What we can do, in short form on every presence (XEP-0115 v1.6, `http://jabber.org/protocol/caps`).
//!
//! Written only; reading others' comes when something depends on it, and then
//! with the hash checked (attack A42).
//!
//! # Source
//! XEP-0115 §4, §5.1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;
use sha1::{Digest, Sha1};

use super::namespaces::{ANNOUNCED, CAPABILITIES};
use super::stanza::element;

/// Where our program lives; the node of our answers is this with `#` and the hash.
pub const NODE: &str = "https://stonechat.im";

/// The hash over our identity and features.
pub fn hash() -> String {
    let mut text = String::from("client/pc//Stonechat<");
    for feature in ANNOUNCED {
        text.push_str(feature);
        text.push('<');
    }
    STANDARD.encode(Sha1::digest(text.as_bytes()))
}

/// Builds the element for our presence.
pub fn ours() -> Element {
    element(
        "c",
        CAPABILITIES,
        &[("hash", "sha-1"), ("node", NODE), ("ver", &hash())],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announced_features_are_in_the_order_of_the_hash() {
        assert!(ANNOUNCED.is_sorted());
    }
}
