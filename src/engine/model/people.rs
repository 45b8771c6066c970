//! Who has read up to where, and who is kept out.

use super::{AccountId, MessageId};

/// Somebody and the last message of a chat they have seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Bare address.
    pub address: String,
    /// Everything up to here; also what they wrote themselves.
    pub up_to: MessageId,
}

/// Somebody whom a server keeps away from an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blocked {
    /// Whose list it stands in.
    pub account: AccountId,
    /// An address, or a whole server's.
    pub address: String,
}

/// What somebody is reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportReason {
    /// Advertising, or messages to everybody.
    Spam,
    /// Anything that hurts.
    Abuse,
}
