//! What the composer is told, and what it tells.

use tokio::sync::oneshot;

use super::formatting::Format;
use super::purpose::{Edit, Quoted};
use super::spelling::Chosen;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageRow};

/// What the composer is told.
#[derive(Debug)]
pub enum ComposerMsg {
    /// Write in this chat, with this name, or in none.
    Open(Option<(ConversationId, String)>),
    /// Send what is written.
    Send,
    /// Send it without encryption, this once: the user was asked.
    SendPlain,
    /// Nothing may be sent, because nothing can be encrypted; or it may again.
    Blocked(bool),
    /// The text changed.
    Changed,
    /// Nothing was typed for a while.
    Paused,
    /// Give the keyboard to the field.
    Focus,
    /// The field has the keyboard.
    Focused,
    /// A letter typed elsewhere in the chat belongs here.
    Insert(String),
    /// What was sent in this chat could not be kept.
    GiveBack(ConversationId, String),
    /// Put the text of the clipboard here.
    Paste,
    /// The clipboard held this, for this chat.
    Pasted(Option<ConversationId>, Option<String>),
    /// Something did not fit.
    Cut,
    /// Put signs that style round what is selected, or take them away.
    Format(Format),
    /// Write an answer to this message.
    Reply(Quoted),
    /// Edit this message.
    Edit(Edit),
    /// Edit the last message of the user's own in this chat.
    EditLast,
    /// Write a new message, and neither answer nor edit one.
    EndPurpose,
    /// Offer emoji.
    ChooseEmoji,
    /// The context menu changed the spelling.
    Spelling(Chosen),
    /// The preferences changed.
    Preferences,
    /// Keep the draft now; the answer is that it was handed over.
    Keep(Option<oneshot::Sender<()>>),
    /// A chat is to be deleted, with what was written in it; the answer is that
    /// nothing of it is kept from now on.
    Forget(ConversationId, oneshot::Sender<()>),
}

/// What the composer tells.
#[derive(Debug)]
pub enum ComposerOutput {
    /// A message was sent.
    Sent,
    /// The user wanted to send, and nothing may be sent now.
    Stopped,
    /// Something is written now, or nothing any more.
    HasText(bool),
    /// The user is to know this.
    Notice(String),
}

/// An answer of the engine.
#[derive(Debug)]
pub enum ComposerRead {
    /// Whether the spelling is checked, and the language chosen in an earlier run.
    Spelling(bool, Option<String>),
    /// What was written in a chat in an earlier run.
    Draft(ConversationId, Result<String, StoreError>),
    /// The last message of the user's own in a chat, if there is one.
    Last(ConversationId, Result<Option<Box<MessageRow>>, StoreError>),
}
