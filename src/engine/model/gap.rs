//! What of a chat is known to be missing here.

use super::MessageId;

/// Messages of a chat that are not here, in one place of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// They belong above this message; `None`: below all.
    pub above: Option<MessageId>,
    /// Why they are not here.
    pub reason: GapReason,
}

/// Why messages are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// They could not be fetched yet; that is tried again.
    NotFetched,
    /// The server does not keep messages for so long.
    Expired,
    /// The server refuses to give them.
    Refused,
}
