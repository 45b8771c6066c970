//! Whether somebody sees the window, as the server is told: while nobody does,
//! it may hold back what can wait, and the computer sleeps more deeply.
//!
//! A fresh connection counts as looked at, a resumed one too, so on each the
//! server is told anew. These elements are no stanzas: nobody counts them.
//!
//! # Source
//! XEP-0352 v1.0.0 §4 and §5.

use minidom::Element;

use super::session::Session;
use crate::engine::link::{LinkCommand, Offers};
use crate::engine::xmpp::namespaces::CLIENT_STATE;

/// Why the server is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It assumes that somebody looks.
    NewConnection,
    /// Somebody looks now, or nobody any more.
    Changed,
}

impl Session {
    /// Notes whether somebody sees the window.
    pub(super) async fn seen(&mut self, is_seen: bool) {
        if std::mem::replace(&mut self.is_seen, is_seen) != is_seen {
            self.tell_client_state(Reason::Changed).await;
        }
    }

    /// Takes what the server offers, where it said so late.
    pub(super) async fn offered(&mut self, offers: Offers) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let knew = std::mem::replace(&mut stream.offers, offers);
        if offers.client_state && !knew.client_state {
            self.tell_client_state(Reason::NewConnection).await;
        }
    }

    /// Tells the server whether somebody looks, if it wants to know.
    pub(super) async fn tell_client_state(&self, reason: Reason) {
        let Some(stream) = self.stream.as_ref().filter(|s| s.offers.client_state) else {
            return;
        };
        let state = match (reason, self.is_seen) {
            (Reason::NewConnection, true) => return,
            (Reason::Changed, true) => "active",
            (_, false) => "inactive",
        };
        // A link that is gone is noticed by its last event.
        let state = Element::bare(state, CLIENT_STATE);
        let _ = stream.link.send(LinkCommand::Send(state)).await;
    }
}
