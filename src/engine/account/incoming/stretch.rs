//! A stretch of the archive takes effect in the archive's order, whatever time
//! what it lists has here.

use std::collections::BTreeMap;

use jid::BareJid;
use rusqlite::Transaction;

use super::{Arrival, apply, other_side};
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, MessageId, Timestamp};
use crate::engine::store::{Changes, messages};

/// Applies what an archive lists, oldest first, and nothing of it before
/// `floor`. Returns whether something was added to the outbox, and where the
/// last of it stands.
///
/// What is new stands below what is listed before it, and above what is listed
/// after it and was here already: that may have come live with a stamp of whole
/// seconds, rounded down, and been seen since.
pub(in crate::engine::account) fn apply_stretch(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrivals: &mut [Arrival],
    mut floor: Timestamp,
) -> Result<(bool, Timestamp), StoreError> {
    let mut owes = false;
    let mut new: BTreeMap<BareJid, Vec<(ConversationId, MessageId)>> = BTreeMap::new();
    for arrival in arrivals {
        arrival.not_before = floor;
        let effect = apply(tx, changes, arrival)?;
        owes |= effect.owes;
        match (effect.added, effect.time) {
            (Some(added), _) => new.entry(other_side(arrival)).or_default().push(added),
            (None, Some(before)) => {
                for (conversation, id) in new.remove(&other_side(arrival)).unwrap_or_default() {
                    messages::put_above(tx, changes, conversation, id, before)?;
                }
            }
            (None, None) => {}
        }
        // What came live before the page was read has our time, too.
        // A time that is yet to come is a mistake of a clock.
        let time = effect.time.filter(|time| *time <= arrival.now);
        floor = floor.max(time.unwrap_or_default());
    }
    Ok((owes, floor))
}
