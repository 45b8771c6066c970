//! Pure work on text, shared by the engine and the window.

mod preview;

pub use preview::preview;
