//! What a search found.

use std::ops::Range;

use super::{ConversationId, Direction, MessageId, MessageKind, Timestamp};

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub message: MessageId,
    /// Chat it belongs to.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// When it was written.
    pub time: Timestamp,
    /// Its text around what was found first, in one line.
    pub excerpt: String,
    /// Where the excerpt holds what was looked for, in bytes.
    pub marks: Vec<Range<usize>>,
}

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Some messages, the newest first.
    pub hits: Vec<Hit>,
    /// From where to go on; `None`: there is no more.
    pub more: Option<FoundUpTo>,
    /// False while some older messages are not in the index yet.
    pub is_complete: bool,
}

/// All that was found in one chat, without its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundInChat {
    /// The messages, the oldest first; of very many the newest.
    pub messages: Vec<MessageId>,
    /// There are more.
    pub has_more: bool,
    /// As of [`Found::is_complete`].
    pub is_complete: bool,
}

/// Up to where a search came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundUpTo(pub(in crate::engine) i64);
