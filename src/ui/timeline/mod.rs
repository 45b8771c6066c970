//! The history of the open chat.

pub mod history_view;
