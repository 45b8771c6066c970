//! End-to-end encryption by OMEMO (XEP-0384 v0.3, `eu.siacs.conversations.axolotl`).
//!
//! Everything here works on an open transaction and waits for nothing: the
//! account commits before anything leaves or is shown, so that no step of a
//! ratchet is taken twice. What is fetched and published is the account's.

pub mod chat;
pub mod trust;
pub mod verifying;
