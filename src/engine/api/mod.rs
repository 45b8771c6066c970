//! The only door between the window and the engine.
//!
//! The window says what the user wishes ([`Command`]), hears what changed
//! ([`Event`]) and reads what it shows (the queries on [`Engine`]). What is
//! shown comes from the store; events carry ids, not data, except for what is
//! not stored: connection, presence and typing.

mod command;
mod event;

pub use command::{Command, SignIn};
pub use event::{Change, Event};
