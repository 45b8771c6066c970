//! The engine against a scripted link: what comes in, what goes out, what is shown.
#![allow(clippy::unwrap_used)]

mod archive;
mod attacks;
mod outbox;
mod sign_in;
mod stage;
