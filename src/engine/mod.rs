//! The engine: accounts, connections and history, without a window.
//!
//! Only [`api`], [`model`], the errors, and the pure work on [`text`], [`export`] and
//! [`codes`] are open to the window.
//! Everything else is a private module, so that a stanza, a socket or a query
//! cannot leak into it.

mod account;
pub mod api;
mod clock;
pub mod codes;
mod desktop;
pub mod error;
pub mod export;
mod instance;
mod link;
pub mod model;
mod omemo;
mod pictures;
mod private;
mod secrets;
mod start;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
mod upkeep;
mod xmpp;

pub use private::keep_memory_private;
pub use start::Options;

#[cfg(test)]
mod tests;
