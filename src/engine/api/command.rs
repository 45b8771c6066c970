//! What the user can wish for.

use crate::engine::model::{AccountId, ConversationId, MessageId, Secret};

/// One wish of the user. Commands do not answer: their effect shows in the
/// store. The few that a form waits for are methods on the engine instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send a text. It is on disk before it is on the wire.
    SendText {
        /// Where to.
        conversation: ConversationId,
        /// What; empty texts are ignored.
        body: String,
    },
    /// Try a failed message again.
    Retry(MessageId),
    /// Give a failed message up and remove it.
    Discard(MessageId),
    /// The user has seen everything up to this message, in a focused window.
    MarkRead {
        /// Which chat.
        conversation: ConversationId,
        /// The last message seen.
        up_to: MessageId,
    },
    /// The user began or stopped writing (XEP-0085).
    Typing {
        /// Which chat.
        conversation: ConversationId,
        /// True while the user writes.
        is_composing: bool,
    },
    /// The top of the history is near: fetch what the archive has before it.
    LoadEarlier(ConversationId),
    /// Connect now instead of when the waiting time is over.
    TryNow,
    /// The desktop says that the network came or went.
    Network {
        /// True when there is one.
        is_up: bool,
    },
    /// The password for an account whose keyring gave none.
    Password {
        /// Which account.
        account: AccountId,
        /// The password; used for this run and offered to the keyring.
        password: Secret,
    },
    /// Sign an account out and forget it with its history.
    RemoveAccount(AccountId),
}

/// What the sign-in form holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Bare XMPP address as typed; checked by the engine.
    pub address: String,
    /// The password.
    pub password: Secret,
    /// Manual host; `None`: as the domain's DNS says.
    pub host: Option<String>,
    /// Port that goes with `host`.
    pub port: Option<u16>,
    /// The user agreed to send the password itself, over TLS.
    pub allows_plain: bool,
}
