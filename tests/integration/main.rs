//! The engine against a real Prosody and clients that are not ours.
//!
//! Runs inside `build-aux/dev-root`, where both are installed. One file per
//! topic; every test has accounts of its own.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod actions;
mod archive;
mod bad_servers;
mod carbons;
mod chat;
mod console;
mod contacts;
mod ejabberd;
mod killed;
mod login;
mod markers;
mod offline_outbox;
mod omemo;
mod outage;
mod people;
mod privacy;
mod profiles;
mod protected;
mod quick;
mod surroundings;
