//! A message that came in → what it changes in the store, in one transaction.
//!
//! By the time a message gets here the gate (`xmpp/origin.rs`) has decided
//! how it was delivered; [`Delivered`] carries that, and it decides what the
//! message may do. What is said in groups is kept as it came until they come.

mod actions;
mod rows;
mod stretch;

use jid::BareJid;
use rusqlite::Transaction;

use super::encryption::{Answers, Opening};
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, Direction, MessageId, SendFailure, Timestamp,
};
use crate::engine::store::{
    Changes, contacts, conversations, deletion,
    kept::{self, Kept},
};
use crate::engine::store::{messages, outbox, reactions, reading, versions};
use crate::engine::xmpp::message::Message;
use crate::engine::xmpp::stanza::StanzaError;

use actions::Fate;
pub(super) use actions::act;
pub(super) use rows::is_here;
pub(super) use stretch::{Listed, apply_stretch};

/// How a message was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivered {
    /// To this program.
    Live,
    /// As a copy of what another device of ours sent or received.
    Copy,
    /// From the archive, reading on from what we have.
    CatchUp,
    /// From the archive, reading back from what we have.
    Earlier,
}

/// A message with all that is known about its delivery.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// Whose account it came to.
    pub account: AccountId,
    /// That account's address.
    pub own: BareJid,
    /// The message.
    pub message: Message,
    /// The stanza, of a message of a group.
    pub kept: Option<String>,
    /// How it came.
    pub delivered: Delivered,
    /// Its id in our archive, by somebody who may say so.
    pub archive_id: Option<String>,
    /// How it was sealed, once that was opened, or could not be.
    pub opening: Option<Opening>,
    /// When our server says it was sent; `None`: just now.
    pub stamp: Option<Timestamp>,
    /// The archive may have given it another id since it came: it no longer
    /// knows the one that we know.
    pub may_be_renamed: bool,
    /// Where it stands at least, if it is new here; what the archive lists
    /// before it stands there.
    pub not_before: Timestamp,
    /// The time here.
    pub now: Timestamp,
}

/// What an arrival means beyond the store.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// The row it became, if it is new here.
    pub added: Option<(ConversationId, MessageId)>,
    /// Its row if it was received, new or not.
    pub received: Option<(ConversationId, MessageId)>,
    /// Where it stands in its chat, now or since it came before.
    pub time: Option<Timestamp>,
    /// A new message worth telling the user about.
    pub notify: Option<(ConversationId, MessageId)>,
    /// A call to decline: whose, and its id.
    pub declines: Option<(BareJid, String)>,
    /// The other side began or stopped writing.
    pub typing: Option<(ConversationId, bool)>,
    /// Something was added to the outbox.
    pub owes: bool,
    /// What a device is owed for what came sealed.
    pub answers: Answers,
}

/// Applies one arrival. Call it in the transaction that also moves the archive cursor.
pub(super) fn apply(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
) -> Result<Effect, StoreError> {
    let message = &arrival.message;
    if let Some(xml) = &arrival.kept {
        let group = other_side(arrival);
        let kept = Kept {
            account: arrival.account,
            address: group.as_str(),
            archive_id: arrival.archive_id.as_deref().unwrap_or_default(),
            time: arrival.stamp.unwrap_or(arrival.now).min(arrival.now),
            xml,
        };
        kept::keep(tx, &kept)?;
    }
    let mut effect = Effect::default();
    if let Some(error) = &message.error {
        bounced(tx, changes, arrival, error)?;
        return Ok(effect);
    }
    if let Some(content) = &message.content {
        let fate = actions::correct(tx, changes, arrival, content, &mut effect)?;
        if let Fate::StandsAlone {
            replaces,
            is_weaker,
        } = fate
        {
            let standing = rows::Standing {
                replaces,
                is_weaker,
            };
            rows::add(tx, changes, arrival, content, standing, &mut effect)?;
        }
    }
    act(tx, changes, arrival)?;
    if arrival.delivered != Delivered::Earlier {
        effect.typing = confirm(tx, changes, arrival)?
            .filter(|_| arrival.delivered == Delivered::Live && !is_ours(arrival))
            .and_then(|conversation| {
                // A message ends the writing of it.
                let is_composing = message.is_composing.filter(|_| message.content.is_none());
                is_composing
                    .or(message.content.is_some().then_some(false))
                    .map(|is_composing| (conversation, is_composing))
            });
    }
    Ok(effect)
}

/// Takes what an arrival says about other messages: received, seen, read
/// elsewhere. Returns the chat, if there is one.
pub(super) fn confirm(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
) -> Result<Option<ConversationId>, StoreError> {
    let message = &arrival.message;
    if message.is_of_group {
        return Ok(None);
    }
    if is_ours(arrival)
        && let Some(call) = &message.answered_call
    {
        // Another device of ours took or declined it: nobody missed it.
        for missed in messages::calls(tx, arrival.account, call)? {
            messages::remove(tx, changes, missed)?;
        }
    }
    let Some(conversation) =
        conversations::find(tx, arrival.account, other_side(arrival).as_str())?
    else {
        return Ok(None);
    };
    if is_ours(arrival) {
        read_elsewhere(tx, changes, conversation, message)?;
    } else {
        let reader = message.from.to_bare();
        confirmed(tx, changes, conversation, &reader, message)?;
    }
    Ok(Some(conversation))
}

/// Returns who wrote it.
fn direction(arrival: &Arrival) -> Direction {
    if is_ours(arrival) {
        Direction::Outgoing
    } else {
        Direction::Incoming
    }
}

/// Returns whether the user wrote it, on any device.
fn is_ours(arrival: &Arrival) -> bool {
    arrival.message.from.to_bare() == arrival.own
}

/// Returns the address of the other side.
pub(super) fn other_side(arrival: &Arrival) -> BareJid {
    if is_ours(arrival) {
        arrival.message.to.clone()
    } else {
        arrival.message.from.to_bare()
    }
}

/// Returns whether a contact may learn from receipts, markers and typing that we are here.
pub(super) fn may_see_us(
    connection: &rusqlite::Connection,
    account: AccountId,
    other: &BareJid,
) -> Result<bool, StoreError> {
    Ok(contacts::subscription(connection, account, other.as_str())?.shows_us())
}

/// The other side says that a message arrived, or was read.
fn confirmed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    reader: &BareJid,
    message: &Message,
) -> Result<(), StoreError> {
    if let Some(id) = &message.receipt_for
        && let Some(known) = ours_by_id(tx, conversation, id)?
    {
        messages::arrived(tx, changes, known)?;
        outbox::settle(tx, known)?;
        outbox::settle_action(tx, conversation, id)?;
    }
    if let Some(id) = &message.displayed
        && let Some(known) = ours_by_id(tx, conversation, id)?
    {
        messages::displayed_up_to(tx, changes, conversation, known)?;
        reading::seen_by(tx, changes, conversation, reader.as_str(), known)?;
        outbox::settle(tx, known)?;
        outbox::settle_action(tx, conversation, id)?;
    }
    Ok(())
}

/// Finds a message of ours by its id, or by that of what corrected it.
fn ours_by_id(
    tx: &Transaction<'_>,
    conversation: ConversationId,
    id: &str,
) -> Result<Option<MessageId>, StoreError> {
    match messages::outgoing(tx, conversation, id)? {
        Some(known) => Ok(Some(known.id)),
        None => versions::find(tx, conversation, Direction::Outgoing, id, "", ""),
    }
}

/// Another device of ours has read up to a message.
fn read_elsewhere(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    message: &Message,
) -> Result<(), StoreError> {
    if let Some(id) = &message.displayed
        && let Some(known) = messages::incoming(tx, conversation, id)?
    {
        conversations::mark_read(tx, changes, conversation, known.id)?;
    }
    Ok(())
}

/// A message of ours came back. That is no failure when it is in the archive
/// or the other side has it: then only some device's stream was torn down.
fn bounced(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    error: &StanzaError,
) -> Result<(), StoreError> {
    let Some(id) = &arrival.message.id else {
        return Ok(());
    };
    let Some(conversation) =
        conversations::find(tx, arrival.account, other_side(arrival).as_str())?
    else {
        return Ok(());
    };
    let Some(known) = messages::outgoing(tx, conversation, id)? else {
        return action_bounced(tx, changes, conversation, id, error);
    };
    if known.is_archived {
        return Ok(());
    }
    messages::fail(tx, changes, known.id, failure(&error.condition))?;
    outbox::settle(tx, known.id)
}

/// What was done with a message came back: reactions are as they were before,
/// and a correction has failed. What was taken back stays so here, where its
/// words are gone. The user is told of each.
///
/// # Source
/// XEP-0444 §3.3.
fn action_bounced(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    id: &str,
    error: &StanzaError,
) -> Result<(), StoreError> {
    outbox::settle_action(tx, conversation, id)?;
    let why = failure(&error.condition);
    if reactions::revert(tx, changes, conversation, id, why)? {
        return Ok(());
    }
    if let Some(message) = deletion::requested_by(tx, conversation, id)? {
        return messages::fail_retraction(tx, changes, message, why);
    }
    match versions::find(tx, conversation, Direction::Outgoing, id, "", "")? {
        // What was corrected again since is told by that one.
        Some(message) if versions::newest_id(tx, message)?.as_deref() == Some(id) => {
            messages::fail_correction(tx, changes, message, why)
        }
        _ => Ok(()),
    }
}

/// # Source
/// RFC 6120 §8.3.3.
fn failure(condition: &str) -> SendFailure {
    match condition {
        "item-not-found" | "gone" | "jid-malformed" => SendFailure::NoSuchAddress,
        "remote-server-not-found" | "remote-server-timeout" => SendFailure::ServerUnreachable,
        "forbidden"
        | "not-allowed"
        | "not-authorized"
        | "registration-required"
        | "subscription-required"
        | "not-acceptable" => SendFailure::NotAllowed,
        "policy-violation" => SendFailure::TooLarge,
        _ => SendFailure::Refused,
    }
}

#[cfg(test)]
mod tests;
