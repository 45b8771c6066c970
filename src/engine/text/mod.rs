//! Pure work on text, shared by the engine and the window.

mod links;
mod preview;

pub use links::{links, may_open};
pub use preview::preview;
