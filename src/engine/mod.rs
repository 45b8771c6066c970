//! The engine: accounts, connections and history, without a window.
//!
//! Only [`api`] and [`model`] are open to the window. Everything else is a
//! private module, so that a stanza, a socket or a query cannot leak into it.

pub mod api;
// Until the account's session drives it.
mod clock;
#[allow(dead_code, unused_imports)]
mod link;
pub mod model;
mod xmpp;
