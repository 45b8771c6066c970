//! A chat as the chat list shows it.

use super::{AccountId, ConversationId, Delivery, Direction, MessageId, MessageKind, Timestamp};

/// One line of the chat list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Facts, each with a column of its own.
pub struct ConversationRow {
    /// The row.
    pub id: ConversationId,
    /// Account through which one talks here.
    pub account: AccountId,
    /// Bare address of the other side.
    pub address: String,
    /// Name to show: the contact's name, else what they call themselves, else
    /// the address.
    pub name: String,
    /// Hash of the picture they published, see `Engine::picture`; empty: none.
    pub picture: String,
    /// What the user is called by the account's address: its part before the @.
    pub own_name: String,
    /// What the newest message is; `Text` when there is none.
    pub last_kind: MessageKind,
    /// Body of the newest message, first lines only; empty when there is none.
    pub last_body: String,
    /// When the newest message was written, or when the chat was opened.
    pub last_time: Timestamp,
    /// Who wrote the newest message; `None` in an empty chat.
    pub last_direction: Option<Direction>,
    /// State of the newest message when it is ours.
    pub last_delivery: Option<Delivery>,
    /// How many received messages were not seen yet.
    pub unread: u32,
    /// The oldest message not seen yet: the unread line stands above it.
    pub first_unread: Option<MessageId>,
    /// True when the archive holds nothing older than what is here.
    pub is_history_complete: bool,
    /// What was written and not sent, in one line of at most 200 characters;
    /// `Engine::draft` gives the whole. Empty: nothing.
    pub draft: String,
    /// Until when nothing is told of new messages; 0: not muted,
    /// [`Timestamp::MAX`]: until the user says so.
    pub muted_until: Timestamp,
    /// It stands above the others.
    pub is_pinned: bool,
    /// It is put away at the end of the list.
    pub is_archived: bool,
    /// The user wants to come back to it, though all of it may be read.
    pub is_marked_unread: bool,
    /// Somebody unknown began it, and the user has not answered: nothing is
    /// told of it, and nothing of ours goes there.
    pub is_request: bool,
    /// They ask to see when the user is around.
    pub asks_for_presence: bool,
}

impl ConversationRow {
    /// Returns whether there is something to come back for.
    pub fn is_unread(&self) -> bool {
        self.unread > 0 || self.is_marked_unread
    }

    /// Returns whether nothing is told of new messages at this moment.
    pub fn is_muted(&self, now: Timestamp) -> bool {
        now < self.muted_until
    }
}
