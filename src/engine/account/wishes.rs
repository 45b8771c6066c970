//! What the user wishes, as changes of the store. Works the same offline.

mod people;

use rusqlite::Transaction;

pub(super) use people::{accept, block, decline, unblock};

use super::encryption::sending;
use super::{Context, actions, incoming};
use crate::engine::api::Command;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ChatSetting, ConversationId, ConversationRow, Delivery, Direction, MessageId,
    MessageKind, Protection, Setting, Timestamp,
};
use crate::engine::omemo;
use crate::engine::store::messages::{self, End, MessageIds, NewMessage};
use crate::engine::store::outbox::{self, Owed};
use crate::engine::store::{
    Changes, chat_settings, conversations, deletion, preferences, protection, reactions, requests,
    retention, settings,
};

/// Returns the account of a chat.
pub(super) async fn account_of(
    context: &Context,
    conversation: ConversationId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .read(move |connection| {
            Ok(conversations::row(connection, conversation)?.map(|row| row.account))
        })
        .await
}

/// Returns the account of a message.
pub(super) async fn account_of_message(
    context: &Context,
    message: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .read(move |connection| {
            let Some((conversation, _)) = messages::state(connection, message)? else {
                return Ok(None);
            };
            Ok(conversations::row(connection, conversation)?.map(|row| row.account))
        })
        .await
}

/// Asks whoever wrote a message that cannot be read to send it again, by a
/// message in their chat.
pub(super) async fn ask_again(
    context: &Context,
    message: MessageId,
    words: String,
    id: String,
) -> Result<Option<AccountId>, StoreError> {
    let conversation = context
        .store
        .read(move |connection| messages::state(connection, message))
        .await?
        .map(|(conversation, _)| conversation);
    match conversation {
        Some(conversation) => {
            let text = Text {
                body: words,
                id,
                protection: Protection::None,
                reply_to: None,
                keeps_draft: false,
            };
            send_text(context, conversation, text).await
        }
        None => Ok(None),
    }
}

/// Puts a message that was stopped back into the outbox, to leave unencrypted.
pub(super) async fn send_plain(
    context: &Context,
    message: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| sending::send_plain(tx, changes, message))
        .await
}

/// A text to be sent.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// What; empty texts are ignored.
    pub body: String,
    /// The id it is sent under.
    pub id: String,
    /// Says whether it may leave unencrypted.
    pub protection: Protection,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// It is not what was being written in the chat.
    pub keeps_draft: bool,
}

/// Puts a text on disk, to be sent. Returns the account that owes it.
pub(super) async fn send_text(
    context: &Context,
    conversation: ConversationId,
    text: Text,
) -> Result<Option<AccountId>, StoreError> {
    let now = context.clock.now();
    context
        .store
        .write(move |tx, changes| add_text(tx, changes, conversation, text, now))
        .await
}

/// Adds a text to a chat, to be sent. Returns the account that owes it.
pub(super) fn add_text(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    text: Text,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    if text.body.trim().is_empty() {
        return Ok(None);
    }
    let Some(row) = conversations::row(tx, conversation)? else {
        return Ok(None);
    };
    let reply = match text.reply_to {
        Some(message) => actions::answered(tx, conversation, message)?,
        None => None,
    };
    let new = NewMessage {
        direction: Direction::Outgoing,
        kind: MessageKind::Text,
        hidden: String::new(),
        body: text.body,
        time: now.max(messages::newest_time(tx, conversation)?),
        delivery: Delivery::Pending,
        ids: MessageIds {
            archive: String::new(),
            origin: text.id.clone(),
            stanza: text.id,
        },
        is_markable: false,
        protection: text.protection,
        is_unstyled: !preferences::styles_messages(tx)?,
        reply,
        replaces: String::new(),
    };
    let message = messages::insert(tx, changes, conversation, &new, End::New)?;
    outbox::add(tx, row.account, conversation, message, Owed::Message)?;
    if !text.keeps_draft {
        conversations::set_draft(tx, changes, conversation, "")?;
    }
    // Who is written to is no stranger.
    requests::is_known(tx, changes, conversation)?;
    // Who writes has read what is above.
    mark(tx, changes, &row, message)?;
    Ok(Some(row.account))
}

/// Finds out whether anything can be kept again, by keeping when that was tried.
pub(super) async fn try_to_keep(context: &Context) {
    let now = context.clock.now().to_string();
    let kept = context
        .store
        .write(move |tx, _| settings::set(tx, "tried-to-keep", &now));
    if let Err(error) = kept.await {
        tracing::info!(%error, "Still nothing can be kept.");
    }
}

/// Puts a failed message back into the outbox.
pub(super) async fn retry(
    context: &Context,
    message: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| {
            let Some((conversation, Delivery::Failed(_))) = messages::state(tx, message)? else {
                return Ok(None);
            };
            let Some(row) = conversations::row(tx, conversation)? else {
                return Ok(None);
            };
            // "Unencrypted" was said of one try only.
            protection::set(tx, changes, message, Protection::None)?;
            actions::owe_again(tx, changes, row.account, conversation, message)?;
            Ok(Some(row.account))
        })
        .await
}

/// Removes a failed message, or the failed correction of one; of a refused
/// reaction no more is said.
pub(super) async fn discard(context: &Context, message: MessageId) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| match messages::state(tx, message)? {
            Some((_, Delivery::Failed(_))) => actions::give_up(tx, changes, message),
            Some(_) => reactions::forget_refusal(tx, changes, message),
            None => Ok(()),
        })
        .await
}

/// Keeps what was written and not sent.
pub(super) async fn save_draft(
    context: &Context,
    conversation: ConversationId,
    text: String,
) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| conversations::set_draft(tx, changes, conversation, &text))
        .await
}

/// Tells nothing of new messages of a chat until a moment.
pub(super) async fn mute(
    context: &Context,
    conversation: ConversationId,
    until: Timestamp,
) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| conversations::mute(tx, changes, conversation, until))
        .await
}

/// Removes a chat's messages and hides it.
pub(super) async fn delete_chat(
    context: &Context,
    conversation: ConversationId,
) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| deletion::delete_chat(tx, changes, conversation))
        .await?;
    context.upkeep.notify_one();
    Ok(())
}

/// Removes the messages of all chats of an account, chat by chat, and hides these.
pub(super) async fn delete_history(
    context: &Context,
    account: AccountId,
) -> Result<(), StoreError> {
    let chats = context
        .store
        .read(move |connection| retention::chats(connection, account));
    for chat in chats.await? {
        delete_chat(context, chat).await?;
    }
    Ok(())
}

/// Sets one thing of a chat.
pub(super) async fn set_chat(
    context: &Context,
    conversation: ConversationId,
    setting: ChatSetting,
) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| chat_settings::set(tx, changes, conversation, setting))
        .await?;
    if matches!(setting, ChatSetting::Keep(_)) {
        context.upkeep.notify_one();
    }
    Ok(())
}

/// Sets for how long messages are kept; too old ones go soon.
pub(super) async fn keep(
    context: &Context,
    account: AccountId,
    days: u32,
) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| retention::keep_for(tx, changes, account, days))
        .await?;
    context.upkeep.notify_one();
    Ok(())
}

/// Keeps what the user chose about encryption: of a key, a chat or an account.
pub(super) async fn protect(context: &Context, command: Command) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| omemo::chat::choose(tx, changes, &command))
        .await
}

/// Sets some of what the user can set. What is owed already and not wanted any
/// more does not leave.
pub(super) async fn set(context: &Context, settings: Vec<Setting>) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| {
            let wanted = preferences::change(tx, changes, &settings)?;
            if !wanted.sends_receipts {
                outbox::drop_all(tx, Owed::Receipt)?;
                outbox::drop_all(tx, Owed::CorrectionReceipt)?;
            }
            if !wanted.sends_read_markers {
                chat_settings::drop_unwanted_markers(tx)?;
            }
            Ok(())
        })
        .await
}

/// Marks a chat as read. Returns the account that owes a read marker, if one is due.
pub(super) async fn mark_read(
    context: &Context,
    conversation: ConversationId,
    up_to: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| {
            let Some(row) = conversations::row(tx, conversation)? else {
                return Ok(None);
            };
            Ok(mark(tx, changes, &row, up_to)?.then_some(row.account))
        })
        .await
}

/// Moves the read position; a marker goes out only where one was asked for,
/// when the user wants it, and only to somebody who may know that we are here
/// (attack A18).
fn mark(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    chat: &ConversationRow,
    up_to: MessageId,
) -> Result<bool, StoreError> {
    let (account, conversation) = (chat.account, chat.id);
    // Not up to a message of the user's own: one written offline stands below
    // what others wrote before it, which comes in only later.
    let Some(up_to) = messages::newest_received(tx, conversation, up_to)? else {
        return Ok(false);
    };
    if !conversations::mark_read(tx, changes, conversation, up_to)? || chat.unread == 0 {
        return Ok(false);
    }
    if !chat_settings::sends_read_markers(tx, conversation)? {
        return Ok(false);
    }
    let Some(marked) = messages::newest_markable(tx, conversation, up_to)? else {
        return Ok(false);
    };
    let Ok(other) = jid::BareJid::new(&chat.address) else {
        return Ok(false);
    };
    if !incoming::may_see_us(tx, account, &other)? {
        return Ok(false);
    }
    outbox::add(tx, account, conversation, marked, Owed::Marker)?;
    Ok(true)
}
