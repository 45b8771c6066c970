//! A message that came in → what it changes in the store, in one transaction.
//!
//! By the time a message gets here the gate (`xmpp/origin.rs`) has decided
//! how it was delivered; [`Delivered`] carries that, and it decides what the
//! message may do. Groups are left alone until they come.

use jid::BareJid;
use rusqlite::Transaction;

use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, MessageId, MessageKind, SendFailure, Timestamp,
};
use crate::engine::store::messages::{self, End, MessageIds, NewMessage};
use crate::engine::store::outbox::{self, Owed};
use crate::engine::store::{Changes, contacts, conversations, deletion, preferences};
use crate::engine::xmpp::message::{Kind, Message};
use crate::engine::xmpp::stanza::StanzaError;

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
    /// How it came.
    pub delivered: Delivered,
    /// Its id in our archive, by somebody who may say so.
    pub archive_id: Option<String>,
    /// When our server says it was sent; `None`: just now.
    pub stamp: Option<Timestamp>,
    /// The time here.
    pub now: Timestamp,
}

/// What an arrival means beyond the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// The row it became, if it is new here.
    pub added: Option<(ConversationId, MessageId)>,
    /// A new message worth telling the user about.
    pub notify: Option<(ConversationId, MessageId)>,
    /// The other side began or stopped writing.
    pub typing: Option<(ConversationId, bool)>,
    /// Something was added to the outbox.
    pub owes: bool,
}

/// Applies one arrival. Call it in the transaction that also moves the archive cursor.
pub(super) fn apply(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
) -> Result<Effect, StoreError> {
    let message = &arrival.message;
    if message.kind == Kind::Group || message.is_from_group {
        tracing::debug!("A message of a group is left alone.");
        return Ok(Effect::default());
    }
    let mut effect = Effect::default();
    if let Some(error) = &message.error {
        bounced(tx, changes, arrival, error)?;
        return Ok(effect);
    }
    if message.body.is_some() {
        text(tx, changes, arrival, &mut effect)?;
    }
    if arrival.delivered != Delivered::Earlier {
        effect.typing = confirm(tx, changes, arrival)?
            .filter(|_| arrival.delivered == Delivered::Live && !is_ours(arrival))
            .and_then(|conversation| {
                // A message ends the writing of it.
                let is_composing = message.is_composing.filter(|_| message.body.is_none());
                is_composing
                    .or(message.body.is_some().then_some(false))
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
    if message.kind == Kind::Group || message.is_from_group {
        return Ok(None);
    }
    let Some(conversation) =
        conversations::find(tx, arrival.account, other_side(arrival).as_str())?
    else {
        return Ok(None);
    };
    if is_ours(arrival) {
        read_elsewhere(tx, changes, conversation, message)?;
    } else {
        confirmed(tx, changes, conversation, message)?;
    }
    Ok(Some(conversation))
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

fn text(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    effect: &mut Effect,
) -> Result<(), StoreError> {
    let message = &arrival.message;
    let other = other_side(arrival);
    let direction = if is_ours(arrival) {
        Direction::Outgoing
    } else {
        Direction::Incoming
    };
    let conversation =
        conversations::ensure(tx, changes, arrival.account, other.as_str(), arrival.now)?;
    let ids = MessageIds {
        archive: arrival.archive_id.clone().unwrap_or_default(),
        origin: message.origin_id.clone().unwrap_or_default(),
        stanza: message.id.clone().unwrap_or_default(),
    };
    let body = message.body.as_deref().unwrap_or_default();
    if let Some(known) = messages::find(tx, conversation, direction, &ids, body)? {
        if !ids.archive.is_empty() {
            messages::set_archive_id(tx, known.id, &ids.archive)?;
        }
        if let (Delivered::CatchUp | Delivered::Earlier, Some(stamp)) =
            (arrival.delivered, arrival.stamp)
        {
            messages::sharpen_time(tx, changes, conversation, known.id, stamp)?;
        }
        if direction == Direction::Outgoing
            && matches!(known.delivery, Delivery::Pending | Delivery::Sending)
        {
            // The server has it: that is all an acknowledgement could say.
            messages::advance(tx, changes, known.id, Delivery::Sent)?;
            outbox::settle(tx, known.id)?;
        }
        return Ok(());
    }
    let is_past = arrival.delivered == Delivered::Earlier && deletion::is_hidden(tx, conversation)?;
    if is_past || deletion::was_deleted(tx, conversation, direction, &ids)? {
        return Ok(());
    }
    // No time may lie ahead (attack A57); what arrives now stands at the end.
    let newest = messages::newest_time(tx, conversation)?;
    let is_live = matches!(arrival.delivered, Delivered::Live | Delivered::Copy);
    let time = match arrival.stamp {
        // Only a stream tells by its order: a page may be read while something
        // newer has come already.
        Some(stamp) if is_live => behind(stamp, newest).min(arrival.now),
        Some(stamp) => stamp.min(arrival.now),
        None => arrival.now.max(newest),
    };
    let new = NewMessage {
        direction,
        kind: MessageKind::Text,
        body: body.to_owned(),
        hidden: String::new(),
        time,
        delivery: match direction {
            Direction::Incoming => Delivery::Delivered,
            Direction::Outgoing
                if arrival.delivered == Delivered::Earlier
                    && messages::is_seen(tx, conversation)? =>
            {
                Delivery::Displayed
            }
            Direction::Outgoing => Delivery::Sent,
        },
        ids,
        is_markable: message.is_markable,
    };
    let end = if arrival.delivered == Delivered::Earlier {
        End::Old
    } else {
        End::New
    };
    let id = messages::insert(tx, changes, conversation, &new, end)?;
    effect.added = Some((conversation, id));
    if arrival.delivered == Delivered::Earlier {
        return Ok(());
    }
    match direction {
        // Who answers on another device has read what is above.
        Direction::Outgoing => {
            conversations::mark_read(tx, changes, conversation, id)?;
        }
        Direction::Incoming => {
            let is_muted = arrival.now < conversations::muted_until(tx, conversation)?;
            if matches!(arrival.delivered, Delivered::Live | Delivered::Copy) && !is_muted {
                effect.notify = Some((conversation, id));
            }
            let wants_receipt = message.wants_receipt && arrival.delivered != Delivered::Copy;
            // A receipt tells that we are here (attack A18).
            if wants_receipt
                && message.id.is_some()
                && preferences::sends_receipts(tx)?
                && may_see_us(tx, arrival.account, &other)?
            {
                outbox::add(tx, arrival.account, conversation, id, Owed::Receipt)?;
                effect.owes = true;
            }
        }
    }
    Ok(())
}

/// Returns the time of a stamp, given the newest time before it. Many servers
/// stamp by whole seconds, rounded down: then what came first in that second
/// stays first.
fn behind(stamp: Timestamp, newest: Timestamp) -> Timestamp {
    let is_whole_second = stamp % 1000 == 0;
    if is_whole_second && (stamp..stamp + messages::ROUGHNESS).contains(&newest) {
        newest
    } else {
        stamp
    }
}

/// Returns whether a contact may learn from receipts, markers and typing that we are here.
pub(super) fn may_see_us(
    connection: &rusqlite::Connection,
    account: AccountId,
    other: &BareJid,
) -> Result<bool, StoreError> {
    Ok(contacts::get(connection, account, other.as_str())?
        .is_some_and(|contact| contact.subscription.shows_us()))
}

/// The other side says that a message arrived, or was read.
fn confirmed(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    message: &Message,
) -> Result<(), StoreError> {
    if let Some(id) = &message.receipt_for
        && let Some(known) = messages::outgoing(tx, conversation, id)?
    {
        messages::arrived(tx, changes, known.id)?;
        outbox::settle(tx, known.id)?;
    }
    if let Some(id) = &message.displayed
        && let Some(known) = messages::outgoing(tx, conversation, id)?
    {
        messages::displayed_up_to(tx, changes, conversation, known.id)?;
        outbox::settle(tx, known.id)?;
    }
    Ok(())
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
        return Ok(());
    };
    if known.is_archived {
        return Ok(());
    }
    messages::fail(tx, changes, known.id, failure(&error.condition))?;
    outbox::settle(tx, known.id)
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
