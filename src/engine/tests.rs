//! The whole engine over real sockets, against a server that the test plays.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod inputs;
mod loops;
mod stage;
