//! A stretch of the archive takes effect in the archive's order, whatever time
//! what it lists has here.

use std::collections::BTreeSet;

use rusqlite::Transaction;

use super::super::encryption::{self, Answers};
use super::{Arrival, apply};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageId, Timestamp};
use crate::engine::store::{Changes, messages};

/// How many of those listed last are remembered, so that what is listed in the
/// next stretch and was here before finds its place among them.
const REMEMBERED: usize = 500;

/// What an archive listed so far while it is read on, the newest last.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::account) struct Listed {
    /// What was received of it; a bounded number.
    received: Vec<(ConversationId, MessageId)>,
    /// Where the last of it stands.
    floor: Timestamp,
}

/// What a stretch of the archive did.
#[derive(Debug)]
pub(in crate::engine::account) struct Applied {
    /// Something was added to the outbox.
    pub owes: bool,
    /// What is to be answered.
    pub answers: Answers,
    /// Where the last of it stands.
    pub floor: Timestamp,
    /// What was listed so far.
    pub listed: Listed,
}

/// Applies what an archive lists, oldest first, and nothing new of it before
/// `floor`.
///
/// What was here already may have come with a stamp of whole seconds, rounded
/// down, or after what was sent later, when a connection broke and was taken up
/// again. The archive's order is the one that every device of the user has.
pub(in crate::engine::account) fn apply_stretch(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrivals: &mut [Arrival],
    mut floor: Timestamp,
    mut listed: Listed,
) -> Result<Applied, StoreError> {
    let mut owes = false;
    let mut answers = Answers::default();
    let mut were_here = BTreeSet::new();
    for arrival in arrivals {
        arrival.not_before = floor;
        answers.merge(encryption::open(tx, changes, arrival)?);
        let effect = apply(tx, changes, arrival)?;
        owes |= effect.owes;
        if let Some(received) = effect.received {
            // What is listed twice, as it was sent twice, stands where it was first.
            if !listed.received.contains(&received) {
                listed.received.push(received);
            }
            if effect.added.is_none() {
                were_here.insert(received.0);
            }
        }
        // What came live before the page was read has our time, too.
        // A time that is yet to come is a mistake of a clock.
        let time = effect.time.filter(|time| *time <= arrival.now);
        floor = floor.max(time.unwrap_or_default());
    }
    for chat in were_here {
        let of_chat: Vec<_> = listed
            .received
            .iter()
            .filter(|(conversation, _)| *conversation == chat)
            .map(|(_, id)| *id)
            .collect();
        messages::put_in_order(tx, changes, chat, &of_chat)?;
    }
    let too_many = listed.received.len().saturating_sub(REMEMBERED);
    listed.received.drain(..too_many);
    listed.floor = floor;
    Ok(Applied {
        owes,
        answers,
        floor,
        listed,
    })
}
