//! What passes over an account's connection, for those who want to see it.

use super::Timestamp;

/// One line of the XML console: an element, or a part of the stream itself.
/// Secrets are masked before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLine {
    /// When it passed.
    pub time: Timestamp,
    /// Which way.
    pub way: ConsoleWay,
    /// The XML; of something very long the beginning.
    pub text: String,
    /// How many bytes more it had.
    pub left_out: usize,
}

/// Which way a line of the XML console went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleWay {
    /// From us to the server.
    Sent,
    /// From the server to us.
    Received,
}
