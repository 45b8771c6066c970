//! What the chat is told, and what it tells.

use tokio::sync::oneshot;

use super::banner::Banner;
use super::chat_menu::ChatWish;
use super::find_bar::FindBarOutput;
use super::finding::Find;
use crate::engine::error::StoreError;
use crate::engine::model::{
    Account, ConversationId, ConversationRow, MessageId, MessageRow, Presence,
};
use crate::ui::encryption::chat::ChatEncryptionOutput;
use crate::ui::timeline::TimelineOutput;

/// What the chat is told.
#[derive(Debug)]
pub enum ConversationMsg {
    /// Show this chat, or none.
    Open(Option<Box<ConversationRow>>),
    /// The open chat's line changed in the store.
    LineChanged,
    /// The user let the other side see when they are around, or did not.
    Asked(bool),
    /// Devices of the other side, or of the user, changed.
    Devices,
    /// The composer may not send.
    Stopped,
    /// Something is written in the composer, or nothing.
    HasText(bool),
    /// What the chat's encryption says.
    Encryption(ChatEncryptionOutput),
    /// What the history says.
    Timeline(TimelineOutput),
    /// Messages of the open chat changed.
    Changed(Vec<MessageId>),
    /// What is missing of the account's messages changed.
    Gaps,
    /// Everything may have changed.
    Reload,
    /// The other side writes, or stopped.
    Typing(bool),
    /// The other side came, or left.
    Presence(Presence),
    /// A minute passed since it was said how long ago they were there.
    Minute,
    /// The account came online, or went offline.
    Online(bool),
    /// What is missing could be fetched now, or could not.
    MayFetch(bool),
    /// The accounts are these.
    Accounts(Vec<Account>),
    /// The banner says this.
    Banner(Option<Banner>),
    /// There is at least one chat in the list.
    HasChats(bool),
    /// The window came into use, or went out of it.
    Active(bool),
    /// The window became narrow, or wide.
    Narrow(bool),
    /// Give the keyboard to a part.
    Focus(Part),
    /// Go to the newest message.
    JumpToEnd,
    /// A letter was typed on the history.
    Typed(String),
    /// The user is to know this.
    Notice(String),
    /// The preferences changed.
    Preferences,
    /// Keep the draft now; the answer is that it was handed over.
    Keep(oneshot::Sender<()>),
    /// A chat is to be deleted, with what was written in it; the answer is that
    /// nothing of it is kept from now on.
    Forget(ConversationId, oneshot::Sender<()>),
    /// The user wishes something for the open chat.
    Wish(ChatWish),
    /// Show the chat's menu.
    Menu,
    /// Search, or show what was found.
    Find(Find),
    /// What the search in the open chat says.
    FindBar(FindBarOutput),
    /// What was sent in a chat could not be kept: the field gets it back.
    GiveBack(ConversationId, String),
}

/// A part that can have the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The button with the name.
    Header,
    /// The messages.
    History,
    /// The field to write in.
    Composer,
}

/// What the chat tells.
#[derive(Debug)]
pub enum ConversationOutput {
    /// The history could not be read.
    Trouble(StoreError),
    /// The user is to know this.
    Notice(String),
    /// The user wishes something for this chat.
    Wish(ChatWish, Box<ConversationRow>),
    /// Show what protected this message of this chat.
    MessageDetails(Box<MessageRow>, Box<ConversationRow>),
}
