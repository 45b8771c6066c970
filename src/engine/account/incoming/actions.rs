//! What a message does with other messages: corrects them, takes them back,
//! reacts to them.
//!
//! It may name any message of its chat, and does something only with those it
//! may (attack A7): anybody there reacts to any; only who wrote a message, by
//! the address a server stamped, corrects it or takes it back. A message that
//! is not here yet gets its due when it comes ([`came`]).
//!
//! None of these references is sealed by OMEMO as everybody speaks it, so a
//! server can make them up, as it can drop messages. What it cannot do with
//! them: give a sealed message words of its own, or hide what a message said
//! before, which its history shows.
//!
//! # Source
//! XEP-0308 §4, XEP-0424 §5, XEP-0444 §4.1.

use rusqlite::Transaction;

use super::rows::is_among_encrypted;
use super::{Arrival, Delivered, Effect, direction, is_ours, may_see_us, other_side};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId, Protection, Timestamp, Trust};
use crate::engine::store::columns::Part;
use crate::engine::store::outbox::{self, Owed};
use crate::engine::store::reactions::{self, ME, Set};
use crate::engine::store::targets::{self, Target};
use crate::engine::store::versions::{self, NewVersion};
use crate::engine::store::waiting::{self, Action, Deed};
use crate::engine::store::{
    Changes, conversations, deletion, preferences, protection, replies, requests,
};
use crate::engine::xmpp::content::Content;

/// What becomes of a text that corrects another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is a version of that one, or is of no use any more.
    Done,
    /// It stands by itself, until the message with this id comes; empty: for good.
    StandsAlone {
        /// The id.
        replaces: String,
        /// It came with less protection than what it corrects.
        is_weaker: bool,
    },
}

/// Takes a text in place of the one it corrects.
pub(super) fn correct(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    content: &Content,
    effect: &mut Effect,
) -> Result<Fate, StoreError> {
    let alone = |replaces: &str| Fate::StandsAlone {
        replaces: replaces.to_owned(),
        is_weaker: false,
    };
    let message = &arrival.message;
    let Some(id) = &message.corrects else {
        return Ok(alone(""));
    };
    let own_id = message.id.as_deref().unwrap_or_default();
    let Some(chat) = chat(tx, arrival)? else {
        return Ok(alone(id));
    };
    if came_before(tx, arrival, content)? {
        return Ok(Fate::Done);
    }
    let Content::Text(body) = content else {
        return Ok(alone(""));
    };
    if deletion::is_deleted(tx, chat, own_id)? {
        return Ok(Fate::Done);
    }
    let writer = direction(arrival);
    let Some(target) = target(tx, chat, id, Some(writer))? else {
        return Ok(if deletion::is_deleted(tx, chat, id)? {
            Fate::Done
        } else {
            alone(id)
        });
    };
    if target.is_retracted {
        return Ok(Fate::Done);
    }
    let mut new = NewVersion {
        time: time_of(arrival),
        body: body.clone(),
        is_unstyled: message.is_unstyled,
        stanza_id: own_id.to_owned(),
        mark: mark(arrival).to_owned(),
        protection: arrival
            .opening
            .as_ref()
            .map_or(Protection::None, |opening| opening.protection),
    };
    if new.protection == Protection::None && is_among_encrypted(tx, arrival, chat)? {
        new.protection = Protection::PlainAmongEncrypted;
    }
    if !target.is_text || is_weaker(writer, new.protection, target.protection) {
        // Words that anybody on the way could have written do not take the
        // place of sealed ones; they are shown, and marked, beside them.
        return Ok(Fate::StandsAlone {
            replaces: String::new(),
            is_weaker: true,
        });
    }
    versions::add(tx, changes, target.id, &new)?;
    if let Some(device) = arrival.opening.as_ref().and_then(|opening| opening.device) {
        protection::add_part(tx, target.id, device, Part::From)?;
    }
    let wants_receipt = message.wants_receipt
        && writer == Direction::Incoming
        && matches!(arrival.delivered, Delivered::Live | Delivered::CatchUp);
    if wants_receipt
        && !own_id.is_empty()
        && preferences::sends_receipts(tx)?
        && may_see_us(tx, arrival.account, &other_side(arrival))?
    {
        let owed = Owed::CorrectionReceipt;
        outbox::add_action(tx, arrival.account, chat, target.id, owed, own_id)?;
        effect.owes = true;
    }
    // It has one name more, and something may have waited for that.
    came(tx, changes, arrival, chat, target.id)?;
    Ok(Fate::Done)
}

/// Returns whether a correction took effect before, or can have none. What is sealed is opened
/// only once, so this is asked of it before that.
pub(super) fn came_before(
    tx: &Transaction<'_>,
    arrival: &Arrival,
    content: &Content,
) -> Result<bool, StoreError> {
    let message = &arrival.message;
    let (Some(corrected), Some(id)) = (&message.corrects, &message.id) else {
        return Ok(false);
    };
    let Some(chat) = chat(tx, arrival)? else {
        return Ok(false);
    };
    let (body, mark) = match content {
        Content::Text(body) => (body.as_str(), mark(arrival)),
        Content::Unreadable { mark } => ("", mark.as_str()),
        _ => return Ok(false),
    };
    let writer = direction(arrival);
    if versions::find(tx, chat, writer, id, body, mark)?.is_some() {
        return Ok(true);
    }
    // Its versions went with what was taken back, and it is of no use.
    let target = target(tx, chat, corrected, Some(writer))?;
    Ok(target.is_some_and(|target| target.is_retracted))
}

/// Does with other messages what an arrival asks for beside its own text.
pub(in crate::engine::account) fn act(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
) -> Result<(), StoreError> {
    let message = &arrival.message;
    if message.reactions.is_none() && message.retracts.is_none() && !is_ours(arrival) {
        return Ok(());
    }
    let chat = chat(tx, arrival)?;
    let stanza_id = message.id.clone().unwrap_or_default();
    if let Some(chat) = chat.filter(|_| is_ours(arrival)) {
        // It arrived: it is not sent again.
        outbox::settle_action(tx, chat, &stanza_id)?;
    }
    let reacted = message
        .reactions
        .as_ref()
        .map(|reactions| (&reactions.id, Deed::Reacted(reactions.emoji.clone())));
    let retracted = message.retracts.as_ref().map(|id| (id, Deed::Retracted));
    for (id, deed) in reacted.into_iter().chain(retracted) {
        let action = Action {
            by: direction(arrival),
            deed,
            time: time_of(arrival),
            is_past: arrival.delivered == Delivered::Earlier,
            stanza_id: stanza_id.clone(),
        };
        let writer = match action.deed {
            Deed::Reacted(_) => None,
            Deed::Retracted => Some(action.by),
        };
        let other = other_side(arrival);
        let Some(chat) = chat else {
            // Nothing of the sort begins a chat; its message may.
            if may_wait_for_chat(tx, arrival)? {
                waiting::keep(tx, (arrival.account, other.as_str()), id, &action)?;
            }
            continue;
        };
        match target(tx, chat, id, writer)? {
            Some(target) => do_to(tx, changes, (chat, other.as_str()), &target, &action)?,
            None if deletion::is_deleted(tx, chat, id)? => {}
            None => waiting::keep(tx, (arrival.account, other.as_str()), id, &action)?,
        }
    }
    Ok(())
}

/// Returns whether something done is remembered although no chat is here that
/// it could be about. An archive may have one; of strangers nothing else is
/// believed to.
fn may_wait_for_chat(tx: &Transaction<'_>, arrival: &Arrival) -> Result<bool, StoreError> {
    if is_ours(arrival) || matches!(arrival.delivered, Delivered::CatchUp | Delivered::Earlier) {
        return Ok(true);
    }
    let is_stranger = requests::is_stranger(tx, arrival.account, other_side(arrival).as_str())?;
    Ok(!is_stranger)
}

/// Does with a message that has just come, or got another name, what was asked
/// for before. Returns whether it was taken back.
pub(super) fn came(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    chat: ConversationId,
    message: MessageId,
) -> Result<bool, StoreError> {
    let Some(mut new) = targets::get(tx, message)? else {
        return Ok(false);
    };
    let names = targets::names(tx, message)?;
    for correction in versions::waiting_for(tx, chat, new.writer, &names)? {
        // Of two that name each other one comes second, and is a version of
        // the first by now (attack A8).
        let Some(correction) = targets::get(tx, correction)? else {
            continue;
        };
        let is_weaker = is_weaker(new.writer, correction.protection, new.protection);
        if correction.id != message && correction.is_text && new.is_text && !is_weaker {
            versions::merge(tx, changes, message, correction.id)?;
            continue;
        }
        versions::stands_alone(tx, correction.id)?;
        if is_weaker && correction.protection == Protection::None {
            protection::set(tx, changes, correction.id, Protection::PlainAmongEncrypted)?;
        }
    }
    let names = targets::names(tx, message)?;
    let (account, other) = (arrival.account, other_side(arrival));
    for action in waiting::take(tx, (account, other.as_str()), &names, new.writer)? {
        do_to(tx, changes, (chat, other.as_str()), &new, &action)?;
        new.is_retracted |= action.deed == Deed::Retracted;
    }
    replies::announce(tx, changes, message)?;
    Ok(new.is_retracted)
}

/// Does something with a message that is here.
fn do_to(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (chat, other): (ConversationId, &str),
    target: &Target,
    action: &Action,
) -> Result<(), StoreError> {
    if target.is_retracted {
        return Ok(());
    }
    match &action.deed {
        Deed::Retracted => {
            deletion::retract(tx, changes, target.id)?;
            outbox::settle(tx, target.id)
        }
        // What the user chose here leaves later than what came, and counts.
        Deed::Reacted(_)
            if action.by == Direction::Outgoing
                && outbox::is_owed(tx, target.id, Owed::Reactions)? =>
        {
            Ok(())
        }
        Deed::Reacted(emoji) => {
            let set = Set {
                sender: match action.by {
                    Direction::Outgoing => ME.to_owned(),
                    Direction::Incoming => other.to_owned(),
                },
                emoji: emoji.clone(),
                time: action.time,
                is_past: action.is_past,
                stanza_id: action.stanza_id.clone(),
            };
            reactions::set(tx, changes, chat, target.id, &set)
        }
    }
}

fn chat(tx: &Transaction<'_>, arrival: &Arrival) -> Result<Option<ConversationId>, StoreError> {
    conversations::find(tx, arrival.account, other_side(arrival).as_str())
}

fn target(
    tx: &Transaction<'_>,
    chat: ConversationId,
    id: &str,
    writer: Option<Direction>,
) -> Result<Option<Target>, StoreError> {
    match targets::find(tx, chat, id, writer)? {
        Some(message) => targets::get(tx, message),
        None => Ok(None),
    }
}

fn mark(arrival: &Arrival) -> &str {
    let opening = arrival.opening.as_ref();
    opening.map_or("", |opening| opening.mark.as_str())
}

/// When something was done, as far as the order of such things goes: the
/// archive's own, whatever our clock says.
fn time_of(arrival: &Arrival) -> Timestamp {
    let is_live = matches!(arrival.delivered, Delivered::Live | Delivered::Copy);
    match arrival.stamp {
        // Rounded down, it may lie before what came first in its second.
        Some(stamp) if is_live && stamp % 1_000 == 0 => (stamp + 999).min(arrival.now),
        Some(stamp) => stamp.max(arrival.not_before).min(arrival.now),
        None => arrival.now,
    }
}

/// Returns whether a new text is less protected than the one it would replace.
/// Of the user's own, whose keys differ from device to device, only whether
/// they were sealed is compared.
fn is_weaker(writer: Direction, new: Protection, old: Protection) -> bool {
    let strength = |protection| match protection {
        Protection::None | Protection::PlainAmongEncrypted => 0,
        Protection::Omemo {
            trust: Trust::Undecided | Trust::Distrusted,
        } => 1,
        Protection::Omemo {
            trust: Trust::Blind,
        } => 2,
        Protection::Omemo {
            trust: Trust::Verified,
        } => 3,
    };
    match writer {
        Direction::Incoming => strength(new) < strength(old),
        Direction::Outgoing => strength(new).min(1) < strength(old).min(1),
    }
}
