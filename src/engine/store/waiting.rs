//! What was done with messages that are not here yet.
//!
//! An archive that is read backwards brings a reaction before the message it
//! is on. Nobody knows whether that message ever comes, so what waits is
//! bounded, and the oldest goes first (attack A56). Corrections do not wait
//! here: they have words, and stand by themselves until then.

use rusqlite::{Transaction, named_params};

use super::columns::{direction_code, direction_from};
use super::reactions;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, Timestamp};

/// So much waits in one chat.
const MOST: i64 = 1000;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody reacted, with all of these.
    Reacted(Vec<String>),
    /// Somebody took it back.
    Retracted,
}

/// Something that waits for its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Who did it.
    pub by: Direction,
    /// What was done.
    pub deed: Deed,
    /// When.
    pub time: Timestamp,
    /// It was fetched backwards: of two at the same time it is the older.
    pub is_past: bool,
    /// Id of the stanza.
    pub stanza_id: String,
}

/// Keeps an action until the message comes that `target` names. Of the same
/// person's on the same message only the newest counts.
pub fn keep(
    tx: &Transaction<'_>,
    conversation: ConversationId,
    target: &str,
    action: &Action,
) -> Result<(), StoreError> {
    let (kind, emoji) = match &action.deed {
        Deed::Reacted(emoji) => (0, reactions::joined(emoji)),
        Deed::Retracted => (1, String::new()),
    };
    tx.prepare_cached(
        "INSERT INTO waiting_actions AS w (conversation_id, target, direction, kind, emoji, time,
                                           stanza_id)
         VALUES (:conversation, :target, :by, :kind, :emoji, :time, :stanza_id)
         ON CONFLICT (conversation_id, target, direction, kind) DO UPDATE
         SET emoji = excluded.emoji, time = excluded.time, stanza_id = excluded.stanza_id
         WHERE excluded.time > w.time OR excluded.time = w.time AND :is_past = 0",
    )?
    .execute(named_params! {
        ":conversation": conversation.0,
        ":target": target,
        ":by": direction_code(action.by),
        ":kind": kind,
        ":emoji": emoji,
        ":time": action.time,
        ":is_past": action.is_past,
        ":stanza_id": action.stanza_id,
    })?;
    tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE id = (
             SELECT id
             FROM waiting_actions
             WHERE conversation_id = ?1
             ORDER BY time
             LIMIT 1
         ) AND (SELECT count(*) FROM waiting_actions WHERE conversation_id = ?1) > ?2",
    )?
    .execute((conversation.0, MOST))?;
    Ok(())
}

/// Takes what waits for a message that has one of these names and this writer:
/// anybody may react to it, and only who wrote it takes it back (attack A7).
pub fn take(
    tx: &Transaction<'_>,
    conversation: ConversationId,
    names: &[String],
    writer: Direction,
) -> Result<Vec<Action>, StoreError> {
    let mut taken = Vec::new();
    let mut query = tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE conversation_id = ?1 AND target = ?2 AND (kind = 0 OR direction = ?3)
         RETURNING direction, kind, emoji, time, stanza_id",
    )?;
    for name in names {
        let rows = query.query_map((conversation.0, name, direction_code(writer)), |row| {
            let kind: i64 = row.get(1)?;
            Ok(Action {
                by: direction_from(row.get(0)?)?,
                deed: if kind == 0 {
                    Deed::Reacted(reactions::split(row.get_ref(2)?.as_str()?))
                } else {
                    Deed::Retracted
                },
                time: row.get(3)?,
                is_past: false,
                stanza_id: row.get(4)?,
            })
        })?;
        for action in rows {
            taken.push(action?);
        }
    }
    Ok(taken)
}
