//! Stonechat, a native XMPP messenger for the Linux desktop.

pub mod engine;
#[cfg(feature = "ui")]
pub mod ui;
