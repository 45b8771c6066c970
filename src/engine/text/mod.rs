//! Pure work on text, shared by the engine and the window.

mod links;
mod names;
mod preview;

pub use links::{links, may_open};
pub use names::{address, isolated, mixes_alphabets, name};
pub use preview::preview;
