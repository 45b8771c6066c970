//! How servers should treat a message (XEP-0334 v0.4, `urn:xmpp:hints`). Written only.
//!
//! # Source
//! XEP-0334 §4.

use minidom::Element;

use super::namespaces::HINTS;

/// Asks the servers to archive a message without a body, such as a receipt.
pub fn store() -> Element {
    Element::bare("store", HINTS)
}

/// Asks the servers to keep no copy of it, in the archive or offline.
pub fn no_store() -> Element {
    Element::bare("no-store", HINTS)
}
