//! What the user can wish for.

use crate::engine::model::{
    AccountEdit, AccountId, ChatSetting, ConversationId, EncryptionChoice, Fingerprint, MessageId,
    PasswordPlace, ReportReason, Secret, Setting, Timestamp, Trust,
};

/// One wish of the user. Commands do not answer: their effect shows in the
/// store. The few that a form waits for are methods on the engine instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send a text. It is on disk before it is on the wire, and the chat's
    /// draft is gone in the same moment.
    SendText {
        /// Where to.
        conversation: ConversationId,
        /// What; empty texts are ignored.
        body: String,
        /// What it answers, in the same chat.
        reply_to: Option<MessageId>,
    },
    /// Send a text unencrypted in a chat that is encrypted, this once: the user
    /// was asked. Otherwise as [`Command::SendText`].
    SendPlainText {
        /// Where to.
        conversation: ConversationId,
        /// What; empty texts are ignored.
        body: String,
        /// What it answers, in the same chat.
        reply_to: Option<MessageId>,
    },
    /// Try a failed message again.
    Retry(MessageId),
    /// Give a failed message up and remove it.
    Discard(MessageId),
    /// React to a message with these emoji and no others; none takes back those
    /// before. What is no emoji is left out, and what is more than 20.
    React {
        /// Which message.
        message: MessageId,
        /// All emoji of the user's on it.
        emoji: Vec<String>,
    },
    /// Give a text of the user's own other words. One that has not left yet
    /// leaves with these; one that failed is tried again.
    Correct {
        /// Which message.
        message: MessageId,
        /// All of its new text; an empty one is ignored.
        body: String,
    },
    /// Take a message of the user's own back: its text goes here, and others
    /// are asked to remove it, who may not. One that has not left yet is removed.
    Retract(MessageId),
    /// Remove messages from this computer for good, and what of them still
    /// waits to be sent. Others keep them.
    DeleteMessages(Vec<MessageId>),
    /// Send the texts of messages, and links of files, as new messages, in the
    /// order in which they were written. What has no text is left out.
    Forward {
        /// Which messages.
        messages: Vec<MessageId>,
        /// To which chats.
        to: Vec<ConversationId>,
    },
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
    /// Fetch what an account's archive has and could not be fetched before.
    FetchMissing(AccountId),
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
        /// The password; used for this run and kept in the account's place.
        password: Secret,
    },
    /// Keep what was written and not sent; empty: nothing.
    SaveDraft {
        /// Which chat.
        conversation: ConversationId,
        /// The whole text; of more than 1 MB the beginning is kept.
        text: String,
    },
    /// Tell nothing of new messages of a chat.
    Mute {
        /// Which chat.
        conversation: ConversationId,
        /// Until when; 0: tell again, [`Timestamp::MAX`]: until the user says so.
        until: Timestamp,
    },
    /// Let somebody unknown in: from now on their chat is like any other. Where
    /// they asked to see when the user is around, they may, and are asked the same.
    AcceptRequest(ConversationId),
    /// Remove what people unknown have written. Where one asked to see when the
    /// user is around, they may not; the next thing they write is a request again.
    DeclineRequests(Vec<ConversationId>),
    /// Have the server keep somebody away. Their chat is hidden; while the
    /// account is offline the server learns of it later.
    Block {
        /// By which account.
        account: AccountId,
        /// A bare address, or a whole server's.
        address: String,
        /// Tell the server that they are to be looked at, and for what.
        report: Option<ReportReason>,
    },
    /// Let somebody in again.
    Unblock {
        /// By which account.
        account: AccountId,
        /// As it stands in the list.
        address: String,
    },
    /// Remove a chat's messages from this computer, what still waits to be
    /// sent and its draft among them, and hide the chat. The next message, or
    /// opening it by its address, shows it again, without what was removed.
    DeleteChat(ConversationId),
    /// Set this for a chat; all else of it stays as it is.
    SetChat {
        /// Which chat.
        conversation: ConversationId,
        /// What, and how.
        setting: ChatSetting,
    },
    /// Keep the messages of an account's chats for so long, where the chat has
    /// no choice of its own. Older ones are deleted from this computer, and
    /// never what still waits to be sent.
    Keep {
        /// Which account.
        account: AccountId,
        /// For how many days; 0: for ever.
        days: u32,
    },
    /// Remove the messages of all chats of an account from this computer, as
    /// [`Self::DeleteChat`] does.
    DeleteHistory(AccountId),
    /// Change an account. Reached in another way, it connects anew at once.
    EditAccount {
        /// Which account.
        account: AccountId,
        /// All that may be changed of it, as it shall be.
        edit: AccountEdit,
    },
    /// Believe what an account's server offers now, however weak: forget what
    /// it offered before, and connect again.
    TrustAnew(AccountId),
    /// The window can be seen, or not: hidden, or behind others. While nobody
    /// looks, servers hold back what can wait (XEP-0352).
    Seen(bool),
    /// The screen is locked, or not any more: nobody looks at the window.
    Locked(bool),
    /// The computer goes to sleep (true) or wakes up.
    Sleeping(bool),
    /// Send a stanza that was typed into the XML console, as it is; checked
    /// by [`Engine::send_xml`](super::Engine::send_xml).
    SendXml {
        /// By which account.
        account: AccountId,
        /// The stanza.
        xml: String,
    },
    /// Switch an account on or off. While it is off its chats stay, and what
    /// is written in them waits.
    EnableAccount {
        /// Which account.
        account: AccountId,
        /// True to connect.
        is_enabled: bool,
    },
    /// Sign an account out and forget it and its password. Where it is online,
    /// this device also leaves the account's published list of devices, so that
    /// nobody encrypts to it any more; that is tried once and not waited for,
    /// and another device of the user can do it later ([`Self::RemoveDevice`]).
    RemoveAccount {
        /// Which account.
        account: AccountId,
        /// True to keep its chats, out of sight, until somebody signs in with
        /// its address again. Messages still waiting are kept with them and
        /// leave then.
        keeps_history: bool,
    },
    /// Keep an account's password elsewhere.
    PasswordPlace {
        /// Which account.
        account: AccountId,
        /// Where.
        place: PasswordPlace,
    },
    /// Trust a key of somebody, or of the user's own other devices, this far.
    SetTrust {
        /// By which account.
        account: AccountId,
        /// Whose key: a bare address; the account's own for own devices.
        address: String,
        /// Which key.
        fingerprint: Fingerprint,
        /// How far.
        trust: Trust,
    },
    /// Choose how a chat is encrypted.
    Encrypt {
        /// Which chat.
        conversation: ConversationId,
        /// How; it stays until the user chooses again.
        choice: EncryptionChoice,
    },
    /// Choose how the chats of an account are encrypted that have no choice of
    /// their own.
    EncryptByDefault {
        /// Which account.
        account: AccountId,
        /// True: they are.
        is_on: bool,
    },
    /// The user looks at a chat and may write: get the keys that are missing
    /// for it.
    Prepare(ConversationId),
    /// Agree on new keys with the device that wrote a message which could not
    /// be read, so that its next one can be.
    Repair(MessageId),
    /// Ask the writer of a message which could not be read to send it again, by
    /// a message in their chat.
    AskAgain {
        /// The message that could not be read.
        message: MessageId,
        /// What to say, in the user's language; without any nothing is sent.
        words: String,
    },
    /// Send a message that was stopped because it could not be encrypted as it
    /// is, unencrypted, this once.
    SendPlain(MessageId),
    /// The user has seen which devices are new.
    SeenNewDevices {
        /// By which account.
        account: AccountId,
        /// Whose devices: a bare address; the account's own for own devices.
        address: String,
    },
    /// Take one of the user's own other devices out of the published list; while
    /// the account is offline, as soon as it is online in this run.
    RemoveDevice {
        /// Of which account.
        account: AccountId,
        /// Its number.
        device: u32,
    },
    /// Publish a picture of the user for their contacts, or that there is none
    /// any more. While the account is offline nothing happens but an
    /// [`Event::NotTaken`](super::Event::NotTaken).
    PublishPicture {
        /// Of which account.
        account: AccountId,
        /// A picture file: PNG, JPEG, WebP or GIF. A small square is made of it.
        file: Option<Vec<u8>>,
    },
    /// Publish what the user calls themselves; otherwise as a picture.
    PublishNickname {
        /// Of which account.
        account: AccountId,
        /// The name; empty: none.
        nickname: String,
    },
    /// Put somebody into the contact list, or change what it says of them. Who
    /// was not in it is asked whether the user may see when they are around.
    /// While the account is offline nothing happens but an
    /// [`Event::NotTaken`](super::Event::NotTaken).
    PutContact {
        /// Whose list.
        account: AccountId,
        /// A bare address.
        address: String,
        /// What the user calls them; empty: what they call themselves.
        name: String,
        /// The user's labels for them.
        labels: Vec<String>,
        /// From an invitation of theirs, which makes their program agree by
        /// itself; empty: there is none. Of somebody in the list already it is
        /// not used.
        token: String,
        /// Somebody new may see when the user is around, as soon as they ask.
        lets_see: bool,
    },
    /// Take somebody out of the contact list: neither side sees any more when
    /// the other is around. The chat stays. Otherwise as [`Self::PutContact`].
    RemoveContact {
        /// Whose list.
        account: AccountId,
        /// A bare address.
        address: String,
    },
    /// Make new keys for this device, under a new number. What was written to
    /// the old ones and has not come yet cannot be read any more.
    NewIdentity(AccountId),
    /// Set these for the program as a whole; all others stay as they are.
    Set(Vec<Setting>),
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
    /// SOCKS5 proxy as `host:port`; empty: none.
    pub proxy: String,
}
