//! Encryption as a person meets it: the lock of a chat and the bar above its
//! composer, the devices of somebody, what protected one message.
//!
//! The sentences are in [`words`]; what a key is worth and whether something
//! may be sent is decided by the engine, never here.

pub mod bar;
pub mod chat;
pub mod device_row;
pub mod devices;
pub mod identity;
pub mod lock;
pub mod message_details;
pub mod words;
