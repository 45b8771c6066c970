//! The history of the open chat.

mod body;
mod bubble;
pub mod delivery;
pub mod history_view;
pub mod layout;
pub mod message;
