//! Stonechat, a native XMPP messenger for the Linux desktop.
//!
//! Two halves. [`engine`] knows accounts, connections and history and no
//! window; `ui` (feature `ui`) knows the window and neither stanza nor query.
//! Between them stands one door, [`engine::api`]: wishes go in as commands,
//! ids come out as events, and what is shown is read from the store.
//!
//! # How a message travels
//!
//! **Out.** Enter in the composer is [`SendText`]. The supervisor writes the
//! message and a row of the outbox in one transaction, and the bubble appears.
//! The session of its account reads the outbox, notes in one transaction for a
//! burst which stream and number each row gets, and only then hands the
//! stanzas to the link. The server's acknowledgement, the other side's receipt
//! and marker move it on: pending, sending, sent, delivered, displayed. When
//! the stream is lost, what was not acknowledged is in doubt: the archive is
//! asked first, and what it does not know is sent again under the same id.
//!
//! **In.** The link reads one stanza at a time into an element of bounded
//! size. A gate decides by who delivered it what it may do: be a message,
//! carry a copy from another device, be a page of the archive. What it says
//! is applied to the store in one transaction, which also knows whether the
//! message came before and moves the archive's cursor. After the commit the
//! store tells the window which rows changed, and only then may the link
//! acknowledge the stanza. Receipt and notification come last.
//!
//! [`SendText`]: engine::api::Command::SendText

pub mod engine;
#[cfg(feature = "ui")]
pub mod ui;
