//! What the window is told, by its children, its keys and the engine.

use std::collections::BTreeMap;

use super::route::Batch;
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{
    Account, AccountId, Blocked, Contact, ConversationId, ConversationRow, MessageId, MessageRow,
    OnClose, Preferences, ReportReason, ServerLacks, Setting,
};
use crate::engine::text::{ChatLink, Invitation, Term, VerificationLink};
use crate::ui::conversation::chat_menu::ChatWish;
use crate::ui::notify::Answer;
use crate::ui::widgets::contact_question::Decision;

/// What the window is told.
#[derive(Debug)]
pub enum AppMsg {
    /// The engine has news.
    Engine(Box<Batch>),
    /// A chat was chosen.
    Opened(Box<ConversationRow>),
    /// The open chat is gone.
    Closed,
    /// The list has chats, or none.
    HasChats(bool),
    /// Find somebody to write to.
    NewChat,
    /// Go to a chat by a few letters.
    SwitchChat,
    /// Search names and messages of all chats.
    SearchChats,
    /// Search the open chat, or without one all chats.
    Search,
    /// A search in all chats found this message.
    Hit {
        /// Its chat.
        row: Box<ConversationRow>,
        /// The message.
        message: MessageId,
        /// What was looked for.
        wanted: Vec<Term>,
        /// As it was typed.
        typed: String,
    },
    /// Nothing is looked for in all chats any more.
    SearchEnded,
    /// An `xmpp:` link was opened, in a message or by another program.
    OpenLink(String),
    /// The user chose to write to the address of a link.
    WriteTo {
        /// From here.
        account: AccountId,
        /// To whom.
        address: String,
        /// What the link suggests to write, or nothing.
        text: String,
    },
    /// Ask how somebody is to stand among the contacts of an account.
    AskToAdd(AccountId, String, Invitation),
    /// Add somebody to the contacts; the user was asked.
    AddContact {
        /// To whose.
        account: AccountId,
        /// Whom.
        address: String,
        /// From an invitation of theirs, or nothing.
        token: String,
        /// How they are to stand there.
        decision: Decision,
    },
    /// Remove somebody from the contacts; the user was asked.
    RemoveContact(AccountId, String),
    /// The user wants the keys of this link to be verified.
    VerifyLink(AccountId, Box<VerificationLink>),
    /// A dialog found somebody, and perhaps a text to write to them.
    Found(ConversationId, String),
    /// Somebody signed in.
    SignedIn,
    /// The history could not be read.
    Trouble(StoreError),
    /// The user is to know this.
    Notice(String),
    /// The user wishes something for this chat.
    Wish(ChatWish, Box<ConversationRow>),
    /// Compare the keys of somebody's devices, or of an account's own.
    Verify {
        /// Known by this account.
        account: AccountId,
        /// Whose: a bare address.
        address: String,
        /// What they are called.
        name: String,
    },
    /// Compare the keys of an account's own devices.
    VerifyOwn(AccountId),
    /// Show what protected this message of this chat.
    MessageDetails(Box<MessageRow>, Box<ConversationRow>),
    /// Show who asks to be let in.
    Requests,
    /// Let somebody in.
    AcceptRequest(ConversationId),
    /// Decline these, unless the user undoes it.
    Decline(Vec<ConversationId>),
    /// Do not decline these after all.
    Undecline(Vec<ConversationId>),
    /// Ask whether to block somebody, or a server.
    AskToBlock {
        /// By which account.
        account: AccountId,
        /// Whom.
        address: String,
        /// What they are called.
        name: String,
        /// Reporting them is what the user had in mind.
        is_report: bool,
    },
    /// Block this address; the user was asked.
    Block(AccountId, String, Option<ReportReason>),
    /// The user did something with a notification.
    Answered(Answer),
    /// So many messages are unread.
    Unread(u32),
    /// The window was closed: hide it, or end.
    WindowClosed,
    /// What closing the window does from now on; and do it.
    Closing(OnClose),
    /// Delete this chat; the user was asked.
    Delete(ConversationId),
    /// Show the menu of the open chat.
    ChatMenu,
    /// Show who the open chat is with.
    Details,
    /// The banner's button.
    MendConnection,
    /// The window came into use, or went out of it.
    Active(bool),
    /// The window became narrow, or wide.
    Narrow(bool),
    /// In a narrow window the chat is visible, or the list.
    ShowsChat(bool),
    /// Open the next chat, or the one before.
    Step(i32),
    /// Give the keyboard to the next part of the window, or the one before.
    Region(i32),
    /// Go to the newest message.
    JumpToEnd,
    /// Escape: in a narrow window back to the list.
    Back,
    /// Show the preferences.
    Preferences,
    /// Show the XML console.
    Console,
    /// The XML console was closed.
    ConsoleClosed,
    /// The user set something.
    Set(Setting),
    /// Show every key.
    Shortcuts,
    /// Sign in to another account.
    AddAccount,
    /// The sign-in page was left.
    LeftSignIn,
    /// Say what this program is.
    About,
    /// Come to the front, as soon as it is known how the window is to look.
    Show,
    /// Close the window.
    Close,
    /// End the program.
    Quit,
    /// The engine has stopped.
    Stopped,
    /// Midnight passed.
    NewDay,
}

/// An answer of the engine.
#[derive(Debug)]
pub enum AppRead {
    /// The accounts.
    Accounts(Result<Vec<Account>, StoreError>),
    /// What is set, and how often the engine had been told before.
    Preferences(Result<Box<Preferences>, StoreError>, u32),
    /// How many messages wait.
    Waiting(Result<BTreeMap<AccountId, u32>, StoreError>),
    /// How many devices of the user's own nobody was told of.
    NewDevices(Result<BTreeMap<AccountId, u32>, StoreError>),
    /// What a server lacks, and what the user was told of it before.
    Lacks(AccountId, ServerLacks, Result<Option<String>, StoreError>),
    /// The chat with the address of a link, and what the link suggests to write.
    Chat(Result<ConversationId, OpenChatError>, String),
    /// The contacts with the address of a link.
    Contacts(Box<ChatLink>, Result<Vec<Contact>, StoreError>),
    /// What the owner of a link's keys is called, if they are a contact.
    Verify(
        AccountId,
        Box<VerificationLink>,
        Result<Option<String>, StoreError>,
    ),
    /// A chat with new messages, and those that the desktop is to be told of.
    New(
        ConversationId,
        Result<(Option<ConversationRow>, Vec<MessageRow>), StoreError>,
    ),
    /// Who is blocked.
    Blocked(Result<Vec<Blocked>, StoreError>),
    /// A chat that the desktop was told of.
    Told(ConversationId, Result<Option<ConversationRow>, StoreError>),
    /// What the user was told is kept.
    Kept(Result<(), StoreError>),
}
