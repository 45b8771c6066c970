//! A message as the history shows it.

use super::{CannotRead, ConversationId, MessageId, Protection, Timestamp};

/// One row of a chat's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// The row.
    pub id: MessageId,
    /// Chat it belongs to.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub direction: Direction,
    /// Whether it is a text, or something that only says what came.
    pub kind: MessageKind,
    /// The text, as it was sent; empty for what cannot be read here.
    pub body: String,
    /// When it was written, as far as a server we trust says (never the sender).
    pub time: Timestamp,
    /// How far one of our messages got; for received ones always `Delivered`.
    pub delivery: Delivery,
    /// How it was protected on its way.
    pub protection: Protection,
    /// The signs in its text style it: neither who wrote it nor the user wants
    /// it shown as it was typed.
    pub is_styled: bool,
    /// What it answers.
    pub reply: Option<Reply>,
    /// With what people react to it, in the order in which they began.
    pub reactions: Vec<Reaction>,
    /// Why the user's last change of their reactions was not accepted; it is
    /// as it was before.
    pub reaction_refused: Option<SendFailure>,
    /// When it got the text it has; `None`: it had no other. What corrects a
    /// message that is not here stands by itself and has this time, too.
    pub edited: Option<Timestamp>,
}

/// What a message answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The message; `None` when it is not here.
    pub target: Option<MessageId>,
    /// Who wrote it, if that is known.
    pub by: Option<Direction>,
    /// What it is; a text where that is not known.
    pub kind: MessageKind,
    /// Its words as they are now, in one line of at most 200 characters; of
    /// what is not here, the words that the reply quotes. May be empty.
    pub words: String,
}

/// One emoji on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// The user reacts with it.
    pub by_me: bool,
    /// Who else does, by bare address.
    pub by: Vec<String>,
}

/// One of the texts that a corrected message had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// When it was written.
    pub time: Timestamp,
    /// The text.
    pub body: String,
}

/// What a message is. All but `Text` is shown by a sentence of ours: it came,
/// and this version cannot do more with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MessageKind {
    /// A text.
    #[default]
    Text,
    /// Encrypted, and not to be read here.
    Unreadable {
        /// Why not.
        why: CannotRead,
    },
    /// A link to an encrypted file. The link holds the key, so it stays in the store.
    EncryptedFile,
    /// A link to a file, and nothing else.
    File {
        /// Where it is; always `https`.
        url: String,
    },
    /// An invitation to a group; the body is what was said with it.
    GroupInvitation {
        /// Address of the group.
        address: String,
        /// Who invites, in the words of the group that delivered it; empty when
        /// the other side of the chat invites.
        inviter: String,
    },
    /// The other side called, and nobody answered on another device.
    MissedCall,
    /// More than is read at once; only its size is known.
    TooLarge {
        /// Its size on the wire.
        bytes: u64,
    },
    /// Who wrote it took it back: nothing of it is here any more. Others may
    /// still have it.
    Retracted,
}

/// Who wrote a message: the user, on any device, or the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Written by the other side.
    Incoming,
    /// Written by the user.
    Outgoing,
}

/// How far a message got. It only moves forward, but for the arrows in
/// `ARCHITECTURE.md`: a lost stream and a retry lead back to `Pending`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On disk, not sent.
    Pending,
    /// Given to the connection, nobody has confirmed it.
    Sending,
    /// The user's server has it.
    Sent,
    /// A device of the other side has it.
    Delivered,
    /// The other side has seen it.
    Displayed,
    /// It will not arrive unless the user tries again.
    Failed(SendFailure),
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// There is no such address.
    NoSuchAddress,
    /// The other side's server cannot be reached.
    ServerUnreachable,
    /// The other side, or its server, does not take messages from us.
    NotAllowed,
    /// The message is larger than a server on the way takes.
    TooLarge,
    /// A server on the way refused it for another reason.
    Refused,
    /// The chat is encrypted, and there is nobody to encrypt to.
    NoKeys,
    /// The chat is encrypted, and all devices there wait for the user or are
    /// not trusted.
    NotConfirmed,
}
