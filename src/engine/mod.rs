//! The engine: accounts, connections and history, without a window.
//!
//! Only [`api`] and [`model`] are open to the window. Everything else is a
//! private module, so that a stanza, a socket or a query cannot leak into it.

pub mod api;
mod clock;
pub mod model;
mod xmpp;
