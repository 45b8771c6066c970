//! What a message leaves becomes a row of its chat, once however often it comes.

use rusqlite::Transaction;

use super::{Arrival, Delivered, Effect, actions, direction, may_see_us, other_side};
use crate::engine::error::StoreError;
use crate::engine::model::{
    CannotRead, ConversationId, Delivery, Direction, MessageKind, Protection, SendFailure,
    Timestamp,
};
use crate::engine::store::columns::Part;
use crate::engine::store::messages::{self, End, MessageIds, NewMessage};
use crate::engine::store::outbox::{self, Owed};
use crate::engine::store::replies::Answered;
use crate::engine::store::{
    Changes, blocked, conversations, deletion, devices, preferences, protection, ratchet, reading,
    requests, targets,
};
use crate::engine::xmpp::content::Content;

/// How long a message may be on its way before its connection counts as dead,
/// in milliseconds.
const ON_ITS_WAY: Timestamp = 2 * 60 * 1000;

/// Returns whether what a message leaves is here already, or was deleted. What
/// leaves nothing never is.
pub(in crate::engine::account) fn is_here(
    tx: &Transaction<'_>,
    arrival: &Arrival,
) -> Result<bool, StoreError> {
    let Some(content) = &arrival.message.content else {
        return Ok(false);
    };
    if actions::came_before(tx, arrival, content)? {
        return Ok(true);
    }
    let other = other_side(arrival);
    let Some(conversation) = conversations::find(tx, arrival.account, other.as_str())? else {
        return Ok(false);
    };
    let direction = direction(arrival);
    let new = new_message(arrival, content, direction);
    Ok(messages::find(tx, conversation, &new)?.is_some()
        || deletion::was_deleted(tx, conversation, direction, &new.ids)?)
}

/// What the row of a correction is that has no message to correct.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Id of that message; empty: it stands by itself for good.
    pub replaces: String,
    /// It came with less protection than that one.
    pub is_weaker: bool,
}

/// Adds the row for what a message leaves, or finds that it is there already.
pub(super) fn add(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    content: &Content,
    standing: Standing,
    effect: &mut Effect,
) -> Result<(), StoreError> {
    let message = &arrival.message;
    let other = other_side(arrival);
    let direction = direction(arrival);
    if direction == Direction::Outgoing && matches!(content, Content::Call { .. }) {
        // Who called knows it.
        return Ok(());
    }
    let (account, now) = (arrival.account, arrival.now);
    let conversation = match direction {
        Direction::Incoming => requests::ensure(tx, changes, account, other.as_str(), now)?,
        // To whom the user writes, on any device, is no stranger.
        Direction::Outgoing => {
            let chat = conversations::ensure(tx, changes, account, other.as_str(), now)?;
            requests::is_known(tx, changes, chat)?;
            chat
        }
    };
    let mut new = new_message(arrival, content, direction);
    new.replaces = standing.replaces;
    if let Some(known) = messages::find(tx, conversation, &new)? {
        // When the user wrote something says nothing of when it was taken.
        if direction == Direction::Incoming {
            effect.time = Some(known.time);
            effect.received = Some((conversation, known.id));
        }
        let ids = new.ids;
        if arrival.may_be_renamed {
            messages::rename_in_archive(tx, known.id, &ids.archive)?;
        } else if !ids.archive.is_empty() {
            messages::set_archive_id(tx, known.id, &ids.archive)?;
        }
        reading::message_came(tx, changes, conversation, known.id, &ids.archive)?;
        if let (Delivered::CatchUp | Delivered::Earlier, Some(stamp)) =
            (arrival.delivered, arrival.stamp)
        {
            let is_sharper = messages::sharpen_time(tx, changes, conversation, known.id, stamp)?;
            if is_sharper {
                effect.time = Some(stamp);
            }
        }
        if direction == Direction::Outgoing
            && matches!(known.delivery, Delivery::Pending | Delivery::Sending)
        {
            // The server has it: that is all an acknowledgement could say.
            messages::advance(tx, changes, known.id, Delivery::Sent)?;
            outbox::settle(tx, known.id)?;
        }
        if direction == Direction::Outgoing
            && known.delivery == Delivery::Failed(SendFailure::TooLarge)
        {
            // It was only guessed that the server would not take it.
            messages::was_taken(tx, changes, known.id)?;
        }
        return Ok(());
    }
    if matches!(content, Content::TakenBack)
        && targets::find(tx, conversation, &new.ids.stanza, Some(direction))?.is_some()
    {
        // The message is here by another name. Its writer's request, which the
        // archive has as well, empties it, and nobody else's word does.
        return Ok(());
    }
    let is_past =
        arrival.delivered == Delivered::Earlier && deletion::has_no_past(tx, conversation)?;
    if is_past || deletion::was_deleted(tx, conversation, direction, &new.ids)? {
        return Ok(());
    }
    let is_once = matches!(content, Content::Invitation(_) | Content::Call { .. });
    if let Some(stamp) = arrival.stamp {
        new.time = stamp.min(arrival.now);
    }
    if is_once && messages::find_alike(tx, conversation, &new)?.is_some() {
        return Ok(());
    }
    // No time may lie ahead (attack A57); what arrives now stands at the end.
    let newest = messages::newest_time(tx, conversation)?;
    let is_live = matches!(arrival.delivered, Delivered::Live | Delivered::Copy);
    let time = match arrival.stamp {
        // Only a stream tells by its order: a page may be read while something
        // newer has come already.
        Some(stamp) if is_live => {
            let received = messages::newest_received_time(tx, conversation)?;
            behind(stamp, newest, received).min(arrival.now)
        }
        Some(stamp) => stamp.max(arrival.not_before).min(arrival.now),
        None => arrival.now.max(newest),
    };
    new.time = time;
    if direction == Direction::Outgoing
        && arrival.delivered == Delivered::Earlier
        && messages::is_seen(tx, conversation)?
    {
        new.delivery = Delivery::Displayed;
    }
    let end = if arrival.delivered == Delivered::Earlier {
        End::Old
    } else {
        End::New
    };
    if new.protection == Protection::None
        && (standing.is_weaker || is_among_encrypted(tx, arrival, conversation)?)
    {
        new.protection = Protection::PlainAmongEncrypted;
    }
    let id = messages::insert(tx, changes, conversation, &new, end)?;
    if let Some(device) = arrival.opening.as_ref().and_then(|opening| opening.device) {
        protection::add_part(tx, id, device, Part::From)?;
    }
    if is_live && arrival.stamp.is_some_and(is_rough) {
        messages::mark_rough(tx, id)?;
    }
    let is_retracted = actions::came(tx, changes, arrival, conversation, id)?;
    effect.added = Some((conversation, id));
    effect.time = Some(time);
    effect.received = effect.added.filter(|_| direction == Direction::Incoming);
    let is_read = reading::message_came(tx, changes, conversation, id, &new.ids.archive)?;
    if arrival.delivered == Delivered::Earlier {
        return Ok(());
    }
    match direction {
        // Who answers on another device has read what is above.
        Direction::Outgoing => {
            conversations::mark_read(tx, changes, conversation, id)?;
        }
        Direction::Incoming => {
            if is_live
                && !is_retracted
                && !is_read
                && arrival.now >= conversations::muted_until(tx, conversation)?
                && !requests::is_request(tx, conversation)?
                && !blocked::is_blocked(tx, account, other.as_str())?
            {
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
            // A call that is ringing now, by somebody who may know that we are here.
            if let Content::Call { id } = content
                && arrival.delivered == Delivered::Live
                && arrival.stamp.is_none()
                && may_see_us(tx, arrival.account, &other)?
            {
                effect.declines = Some((other, id.clone()));
            }
        }
    }
    Ok(())
}

/// Returns whether a message that came as it is should have been encrypted, as
/// far as one can know (attack A47): the chat is, both sides can, and it was
/// written since.
pub(super) fn is_among_encrypted(
    tx: &Transaction<'_>,
    arrival: &Arrival,
    conversation: ConversationId,
) -> Result<bool, StoreError> {
    let says_nothing = matches!(
        arrival.message.content,
        Some(Content::Unreadable { .. } | Content::TakenBack)
    );
    if arrival.opening.is_some() || says_nothing {
        // It says itself why it cannot be read.
        return Ok(false);
    }
    let Some(chosen) = protection::chosen(tx, conversation)?.filter(|chosen| chosen.is_on) else {
        return Ok(false);
    };
    let Some(identity) = ratchet::identity(tx, arrival.account)? else {
        return Ok(false);
    };
    if arrival
        .stamp
        .is_some_and(|stamp| stamp < identity.created_at)
    {
        return Ok(false);
    }
    let theirs = devices::of_address(tx, arrival.account, &chosen.address)?;
    Ok(theirs.iter().any(|known| known.device.is_active))
}

/// Returns the row for what a message leaves, but for its time.
fn new_message(arrival: &Arrival, content: &Content, direction: Direction) -> NewMessage {
    let message = &arrival.message;
    let opening = arrival.opening.as_ref();
    let (kind, body, hidden) = match content {
        Content::Text(text) => {
            let mark = opening.map_or("", |opening| opening.mark.as_str());
            (MessageKind::Text, text.as_str(), mark)
        }
        Content::Unreadable { mark } => {
            let why = opening.map_or(CannotRead::OtherMethod, |opening| opening.why);
            (MessageKind::Unreadable { why }, "", mark.as_str())
        }
        Content::EncryptedFile { links } => (MessageKind::EncryptedFile, "", links.as_str()),
        Content::File { url } => (MessageKind::File { url: url.clone() }, url.as_str(), ""),
        Content::Invitation(invitation) => {
            let inviter = invitation.inviter.as_ref();
            let kind = MessageKind::GroupInvitation {
                address: invitation.group.to_string(),
                inviter: inviter.map(ToString::to_string).unwrap_or_default(),
            };
            (kind, invitation.reason.as_str(), "")
        }
        Content::Call { id } => (MessageKind::MissedCall, "", id.as_str()),
        Content::TooLarge { bytes } => (MessageKind::TooLarge { bytes: *bytes }, "", ""),
        Content::TakenBack => (MessageKind::Retracted, "", ""),
    };
    NewMessage {
        direction,
        kind,
        body: body.to_owned(),
        hidden: hidden.to_owned(),
        time: arrival.now,
        delivery: match direction {
            Direction::Incoming => Delivery::Delivered,
            Direction::Outgoing => Delivery::Sent,
        },
        ids: MessageIds {
            archive: arrival.archive_id.clone().unwrap_or_default(),
            origin: message.origin_id.clone().unwrap_or_default(),
            stanza: message.id.clone().unwrap_or_default(),
        },
        is_markable: message.is_markable,
        protection: opening.map_or(Protection::None, |opening| opening.protection),
        is_unstyled: message.is_unstyled,
        reply: message.reply.as_ref().map(|reply| Answered {
            id: reply.id.clone(),
            by: reply.to.as_ref().and_then(|to| {
                let other = other_side(arrival);
                [
                    (&other, Direction::Incoming),
                    (&arrival.own, Direction::Outgoing),
                ]
                .into_iter()
                .find(|(address, _)| *address == to)
                .map(|(_, by)| by)
            }),
            words: reply.words.clone(),
        }),
        replaces: String::new(),
    }
}

/// Returns the time of a stamp, given the newest time before it, and that of
/// what was received. Many servers stamp by whole seconds, rounded down: then
/// what came first in that second stays first. And what came without a stamp
/// has the time it took to come; what follows it on the stream stays behind it.
fn behind(stamp: Timestamp, newest: Timestamp, received: Timestamp) -> Timestamp {
    if is_rough(stamp) && (stamp..stamp + messages::ROUGHNESS).contains(&newest) {
        newest
    } else if (stamp..stamp + ON_ITS_WAY).contains(&received) {
        received
    } else {
        stamp
    }
}

/// Returns whether a stamp may be one of whole seconds, rounded down.
fn is_rough(stamp: Timestamp) -> bool {
    stamp % 1_000 == 0
}
