//! What the user does with messages that are there, as changes of the store.
//!
//! Works the same offline: what is owed to the other side waits in the outbox
//! under an id of its own, and takes the place of what was owed of its kind
//! before. What has not left yet is changed itself, and nothing is said of it.

use rusqlite::Transaction;

use super::Context;
use super::requests::random_id;
use super::wishes::{self, Text};
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, ConversationRow, Delivery, Direction, MessageId, Protection,
    Timestamp,
};
use crate::engine::store::outbox::{self, Owed};
use crate::engine::store::reactions::{self, ME, Set};
use crate::engine::store::replies::Answered;
use crate::engine::store::targets::{self, Target};
use crate::engine::store::versions::{self, NewVersion};
use crate::engine::store::{
    Changes, conversations, deletion, messages, preferences, protection, window,
};
use crate::engine::text::chosen_emoji;
use crate::engine::xmpp::replies::quoted;

/// Makes these all of the user's reactions to a message. Returns the account
/// that owes them.
pub(super) async fn react(
    context: &Context,
    message: MessageId,
    emoji: Vec<String>,
) -> Result<Option<AccountId>, StoreError> {
    let (emoji, now) = (chosen_emoji(emoji), context.clock.now());
    context
        .store
        .write(move |tx, changes| {
            let Some((chat, target, _)) = known(tx, message)? else {
                return Ok(None);
            };
            let (mine, since) = reactions::mine(tx, message)?;
            if target.is_retracted || target.stanza_id.is_empty() || mine == emoji {
                return Ok(None);
            }
            let set = Set {
                sender: ME.into(),
                emoji,
                // The newest, whatever the clock says.
                time: now.max(since),
                is_past: false,
                stanza_id: random_id(),
            };
            reactions::set(tx, changes, chat.id, message, &set)?;
            let (account, id) = (chat.account, set.stanza_id);
            outbox::add_action(tx, account, chat.id, message, Owed::Reactions, &id)?;
            Ok(Some(account))
        })
        .await
}

/// Gives a text of the user's own other words. Returns the account that owes it.
pub(super) async fn correct(
    context: &Context,
    message: MessageId,
    body: String,
) -> Result<Option<AccountId>, StoreError> {
    let now = context.clock.now();
    context
        .store
        .write(move |tx, changes| {
            let Some((chat, target, delivery)) = known(tx, message)? else {
                return Ok(None);
            };
            let is_own_text = target.is_text && target.writer == Direction::Outgoing;
            if !is_own_text || target.stanza_id.is_empty() || body.trim().is_empty() {
                return Ok(None);
            }
            change_text(tx, changes, &chat, &target, delivery, (body, now))?;
            Ok(Some(chat.account))
        })
        .await
}

fn change_text(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    chat: &ConversationRow,
    target: &Target,
    delivery: Delivery,
    (body, now): (String, Timestamp),
) -> Result<(), StoreError> {
    let message = target.id;
    let is_unstyled = !preferences::styles_messages(tx)?;
    let has_failed = matches!(delivery, Delivery::Failed(_));
    let is_corrected = versions::newest_id(tx, message)?.is_some();
    if target.protection == Protection::PlainAmongEncrypted {
        // "Unencrypted" was said of those words only.
        protection::set(tx, changes, message, Protection::None)?;
    }
    if outbox::is_unwritten(tx, message, Owed::Message)? || has_failed && !is_corrected {
        versions::replace_waiting(tx, changes, message, &body, is_unstyled)?;
        if has_failed {
            messages::back_to_pending(tx, changes, message)?;
            outbox::add(tx, chat.account, chat.id, message, Owed::Message)?;
        }
        return Ok(());
    }
    if has_failed || outbox::is_unwritten(tx, message, Owed::Correction)? {
        // Nobody has seen the words before these.
        versions::revert(tx, changes, message)?;
        messages::was_taken(tx, changes, message)?;
    }
    let new = NewVersion {
        time: now,
        body,
        is_unstyled,
        stanza_id: random_id(),
        mark: String::new(),
        protection: protection::get(tx, message)?,
    };
    versions::add(tx, changes, message, &new)?;
    let id = &new.stanza_id;
    outbox::add_action(tx, chat.account, chat.id, message, Owed::Correction, id)
}

/// Takes a message of the user's own back. Returns the account that owes the
/// request to the other side.
pub(super) async fn retract(
    context: &Context,
    message: MessageId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| {
            let Some((chat, target, delivery)) = known(tx, message)? else {
                return Ok(None);
            };
            if target.writer == Direction::Incoming || target.is_retracted {
                return Ok(None);
            }
            let never_arrived = matches!(delivery, Delivery::Failed(_))
                && versions::newest_id(tx, message)?.is_none();
            if outbox::is_unwritten(tx, message, Owed::Message)? || never_arrived {
                deletion::delete_messages(tx, changes, &[message])?;
                return Ok(None);
            }
            deletion::retract_own(tx, changes, message)?;
            // What is on its way is not sent again.
            outbox::settle(tx, message)?;
            messages::advance(tx, changes, message, Delivery::Sent)?;
            if target.stanza_id.is_empty() {
                return Ok(None);
            }
            let (account, id) = (chat.account, random_id());
            deletion::set_request(tx, message, &id)?;
            outbox::add_action(tx, account, chat.id, message, Owed::Retraction, &id)?;
            Ok(Some(account))
        })
        .await
}

/// Removes messages here, and nowhere else.
pub(super) async fn delete(context: &Context, messages: Vec<MessageId>) -> Result<(), StoreError> {
    context
        .store
        .write(move |tx, changes| deletion::delete_messages(tx, changes, &messages))
        .await
}

/// Sends the texts of messages to chats, in the order in which they were
/// written. Returns the accounts that owe them.
pub(super) async fn forward(
    context: &Context,
    messages: Vec<MessageId>,
    to: Vec<ConversationId>,
) -> Result<Vec<AccountId>, StoreError> {
    let now = context.clock.now();
    context
        .store
        .write(move |tx, changes| {
            let texts = window::texts(tx, &messages)?;
            let mut owing = Vec::new();
            for chat in to {
                for body in &texts {
                    let text = Text {
                        body: body.clone(),
                        id: random_id(),
                        protection: Protection::None,
                        reply_to: None,
                        keeps_draft: true,
                    };
                    owing.extend(wishes::add_text(tx, changes, chat, text, now)?);
                }
            }
            owing.sort_unstable();
            owing.dedup();
            Ok(owing)
        })
        .await
}

/// Owes what failed once more: a message, the newest text of one that the other
/// side has, or the wish that it goes.
pub(super) fn owe_again(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    conversation: ConversationId,
    message: MessageId,
) -> Result<(), StoreError> {
    if is_taken_back(tx, message)? {
        messages::was_taken(tx, changes, message)?;
        let id = random_id();
        deletion::set_request(tx, message, &id)?;
        outbox::add_action(tx, account, conversation, message, Owed::Retraction, &id)
    } else if let Some(id) = versions::newest_id(tx, message)? {
        messages::was_taken(tx, changes, message)?;
        outbox::add_action(tx, account, conversation, message, Owed::Correction, &id)
    } else {
        messages::back_to_pending(tx, changes, message)?;
        outbox::add(tx, account, conversation, message, Owed::Message)
    }
}

/// Gives up what failed: a message goes, one whose newest text failed has the
/// one before again, and of one that could not be taken back no more is said.
pub(super) fn give_up(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    if is_taken_back(tx, message)? || versions::revert(tx, changes, message)? {
        messages::was_taken(tx, changes, message)
    } else {
        messages::remove(tx, changes, message)
    }
}

fn is_taken_back(tx: &Transaction<'_>, message: MessageId) -> Result<bool, StoreError> {
    Ok(targets::get(tx, message)?.is_some_and(|target| target.is_retracted))
}

/// Returns what a text says of the message it answers; `None` when that cannot
/// be named, or is in another chat.
pub(super) fn answered(
    tx: &Transaction<'_>,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Option<Answered>, StoreError> {
    let Some((chat, target, _)) = known(tx, message)? else {
        return Ok(None);
    };
    if chat.id != conversation || target.stanza_id.is_empty() {
        return Ok(None);
    }
    let words = window::texts(tx, &[message])?.concat();
    Ok(Some(Answered {
        id: target.stanza_id,
        by: Some(target.writer),
        words: quoted(&words),
    }))
}

fn known(
    tx: &Transaction<'_>,
    message: MessageId,
) -> Result<Option<(ConversationRow, Target, Delivery)>, StoreError> {
    let Some((conversation, delivery)) = messages::state(tx, message)? else {
        return Ok(None);
    };
    let chat = conversations::row(tx, conversation)?;
    Ok(chat
        .zip(targets::get(tx, message)?)
        .map(|(chat, target)| (chat, target, delivery)))
}
