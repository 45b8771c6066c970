//! What the engine tells the window.

use crate::engine::error::StoreTrouble;
use crate::engine::model::{
    AccountId, ConnectionState, ConversationId, MessageId, PasswordTrouble, Presence, ServerLacks,
};

/// Something happened. A receiver that lagged behind re-reads everything it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Stored things changed: re-read what is shown of them.
    Changed(Vec<Change>),
    /// An account's connection changed.
    Connection {
        /// Which account.
        account: AccountId,
        /// Its new state.
        state: ConnectionState,
    },
    /// The other side of a chat began or stopped writing.
    Typing {
        /// Which chat.
        conversation: ConversationId,
        /// True while they write.
        is_composing: bool,
    },
    /// A contact came, left or changed how they are.
    Presence {
        /// Which account.
        account: AccountId,
        /// Bare address of the contact.
        address: String,
        /// The best presence among their programs.
        presence: Presence,
    },
    /// It became known what an account's server lacks.
    ServerLacks {
        /// Which account.
        account: AccountId,
        /// What is lacking.
        lacks: ServerLacks,
    },
    /// An account signed in, so it is known anew what protects its connection:
    /// [`super::Engine::security`] tells.
    Security {
        /// Which account.
        account: AccountId,
    },
    /// A message worth telling the user about arrived live.
    Notify {
        /// Which chat.
        conversation: ConversationId,
        /// Which message.
        message: MessageId,
    },
    /// Nothing can be kept from now on (full disk, say), or everything again.
    StoreTrouble(Option<StoreTrouble>),
    /// A password could not be kept where it should be; it is known until the
    /// program ends.
    PasswordNotKept {
        /// Whose.
        account: AccountId,
        /// Why.
        trouble: PasswordTrouble,
    },
    /// This device has new keys: who verified it has to do so again.
    NewIdentity {
        /// For which account.
        account: AccountId,
        /// Why.
        why: NewIdentity,
    },
    /// What the user wanted their server to take (a picture, a name, a contact)
    /// was not taken.
    NotTaken {
        /// Of which account.
        account: AccountId,
        /// Why.
        why: NotTaken,
    },
    /// A server did not keep somebody away, or did not let them in again.
    NotBlocked {
        /// Of which account.
        account: AccountId,
        /// Whom.
        address: String,
    },
    /// Somebody is blocked without the report that the user wanted to go with
    /// it: the server takes none.
    NotReported {
        /// Of which account.
        account: AccountId,
        /// Whom.
        address: String,
    },
    /// A message the user sent could not be kept, so it was not sent.
    NotKept {
        /// Which chat it was for.
        conversation: ConversationId,
        /// Its text, which is nowhere else now.
        body: String,
    },
}

/// Why something was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The account is not online.
    Offline,
    /// The file is no picture of a kind that is read here.
    NotAPicture,
    /// The picture is larger than is read.
    TooLarge,
    /// The server refused, or did not answer.
    Refused,
}

/// Why a device has new keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewIdentity {
    /// The history is a copy, or an older state came back: with the same keys
    /// two programs would spoil each other's messages (attack A61).
    Copied,
    /// The user wanted them.
    Asked,
}

/// Which stored thing changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The list of accounts.
    Accounts,
    /// The order or the set of chats.
    ConversationList,
    /// One chat's line: preview, unread count, name.
    Conversation(ConversationId),
    /// Messages were added, changed or removed.
    Messages {
        /// In which chat.
        conversation: ConversationId,
        /// Which ones; in no order.
        ids: Vec<MessageId>,
    },
    /// What of an account's messages is known to be missing here.
    Gaps(AccountId),
    /// The devices of somebody, or how far they are trusted.
    Devices {
        /// Known by which account.
        account: AccountId,
        /// Whose: a bare address; the account's own for own devices.
        address: String,
    },
    /// An account's contact list.
    Contacts(AccountId),
    /// What the user set for the program as a whole.
    Preferences,
    /// Who is blocked.
    Blocked,
    /// Too much to name: everything.
    Everything,
}
