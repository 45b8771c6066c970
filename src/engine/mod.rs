//! The engine: accounts, connections and history, without a window.
//!
//! Only [`api`], [`model`], [`text`] and the errors are open to the window.
//! Everything else is a private module, so that a stanza, a socket or a query
//! cannot leak into it.

pub mod api;
mod clock;
pub mod error;
mod instance;
// Until the account's session drives it.
#[allow(dead_code, unused_imports)]
mod link;
pub mod model;
#[allow(dead_code)] // As the store, below.
mod secrets;
// The account sessions, which use all of it, are still on their way.
#[allow(dead_code)]
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
mod xmpp;
