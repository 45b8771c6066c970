//! Chats and messages the user deleted, and messages their writers took back.
//!
//! The archive still has what was deleted. What it may bring once more is
//! remembered by its ids: of a chat what the cursor has not passed for certain,
//! as older messages are never asked for again; of single messages all. What
//! was taken back leaves an empty row, which is known when it comes again.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::messages::{self, MessageIds};
use super::{Changes, archive, clearing, migrate, reactions, replies, search, targets, versions};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId};

/// So many messages of a deleted chat are remembered, the newest: a day's, or,
/// where no archive was ever read to its end, more than its beginning brings.
const MOST_REMEMBERED: i64 = 5_000;

/// Removes all messages of a chat with its draft and what it owes the network,
/// and hides the chat. Of a very long one the rest goes soon, out of sight
/// ([`clearing`]); an empty chat has its place and its settings from then on.
pub fn delete_chat(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
) -> Result<(), StoreError> {
    migrate::remove_copies(tx)?;
    remember(tx, id)?;
    tx.prepare_cached(
        "DELETE FROM waiting_actions
         WHERE account_id = (SELECT account_id FROM conversations WHERE id = ?1)
           AND address = (SELECT address FROM conversations WHERE id = ?1)",
    )?
    .execute([id.0])?;
    tx.prepare_cached("DELETE FROM archive_gaps WHERE conversation_id = ?1")?
        .execute([id.0])?;
    tx.prepare_cached(
        "UPDATE conversations
         SET draft = '', is_hidden = 1, is_history_complete = 1, last_message_id = NULL,
             unread = 0, read_time = 0, read_place = 0
         WHERE id = ?1",
    )?
    .execute([id.0])?;
    let (removed, has_more) = clearing::clear(tx, id, clearing::AT_ONCE)?;
    if has_more {
        clearing::bury(tx, id)?;
    }
    changes.add(Change::ConversationList);
    changes.add(Change::Conversation(id));
    if !removed.is_empty() {
        changes.add(Change::Messages {
            conversation: id,
            ids: removed,
        });
    }
    Ok(())
}

/// Remembers what of a chat the archive may bring once more. What is further
/// back than it is ever read again needs no memory.
fn remember(tx: &Transaction<'_>, id: ConversationId) -> Result<(), StoreError> {
    let since: i64 = tx
        .prepare_cached(
            "SELECT coalesce(max(r.newest_time), 0)
             FROM conversations c
             JOIN archive_cursors r ON r.account_id = c.account_id
             WHERE c.id = ?1",
        )?
        .query_row([id.0], |row| row.get(0))?;
    let since = since - archive::CLOCK_DOUBT;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO deleted_messages (conversation_id, id)
         SELECT m.conversation_id,
                CASE WHEN m.archive_id <> '' THEN m.archive_id
                     WHEN m.origin_id <> '' THEN m.origin_id
                     ELSE m.stanza_id
                END
         FROM messages m
         WHERE m.conversation_id = ?1
           AND m.time >= ?2
           AND (m.archive_id <> '' OR m.origin_id <> '' OR m.direction = 1)
         ORDER BY m.time DESC, m.place DESC
         LIMIT ?3",
    )?
    .execute((id.0, since, MOST_REMEMBERED))?;
    // What corrects them may come again without them.
    tx.prepare_cached(
        "INSERT OR IGNORE INTO deleted_messages (conversation_id, id)
         SELECT m.conversation_id, v.stanza_id
         FROM versions v
         CROSS JOIN messages m ON m.id = v.message_id
         WHERE v.time >= ?2 AND v.stanza_id <> '' AND m.conversation_id = ?1
         ORDER BY v.time DESC
         LIMIT ?3",
    )?
    .execute((id.0, since, MOST_REMEMBERED))?;
    Ok(())
}

/// Removes messages for good, with the texts they had and what they owe the
/// network. Those that are gone already are left out.
pub fn delete_messages(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    ids: &[MessageId],
) -> Result<(), StoreError> {
    migrate::remove_copies(tx)?;
    for id in ids {
        // All its names: its archive may know it by one that we do not know
        // yet, and what corrects it may come again without it.
        let mut names = targets::names(tx, *id)?;
        let archive_id: Option<String> = tx
            .prepare_cached("SELECT archive_id FROM messages WHERE id = ?1 AND archive_id <> ''")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        names.extend(archive_id);
        for name in names {
            tx.prepare_cached(
                "INSERT OR IGNORE INTO deleted_messages (conversation_id, id)
                 SELECT conversation_id, ?2
                 FROM messages
                 WHERE id = ?1",
            )?
            .execute((id.0, name))?;
        }
        replies::announce(tx, changes, *id)?;
        replies::forget_words(tx, *id)?;
        messages::remove(tx, changes, *id)?;
    }
    Ok(())
}

/// Empties a message that the user takes back, here and in the copies that
/// migrations left.
pub fn retract_own(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    migrate::remove_copies(tx)?;
    retract(tx, changes, id)
}

/// Empties a message that its writer took back: its text and those before it,
/// reactions, and its words where others quote them. The row stays.
pub fn retract(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    replies::announce(tx, changes, id)?;
    replies::forget_words(tx, id)?;
    search::holds_deleted(tx)?;
    versions::forget(tx, id)?;
    reactions::forget(tx, id)?;
    tx.prepare_cached("DELETE FROM outbox WHERE message_id = ?1 AND kind IN (3, 4, 6)")?
        .execute([id.0])?;
    let conversation: Option<i64> = tx
        .prepare_cached(
            "UPDATE messages
             SET kind = 7, body = '', detail = '', cannot_read = 0, is_unstyled = 0,
                 reply_id = '', reply_by = 0, reply_words = '', replaces = '', edited_at = 0
             WHERE id = ?1
             RETURNING conversation_id",
        )?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    if let Some(conversation) = conversation.map(ConversationId) {
        changes.message(conversation, id);
        changes.add(Change::Conversation(conversation));
    }
    Ok(())
}

/// Notes with which request the user takes a message back, for what may be
/// answered to it.
pub fn set_request(tx: &Transaction<'_>, id: MessageId, stanza_id: &str) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET detail = ?2 WHERE id = ?1 AND kind = 7")?
        .execute((id.0, stanza_id))?;
    Ok(())
}

/// Finds the message that the user takes back with this request.
pub fn requested_by(
    connection: &Connection,
    conversation: ConversationId,
    stanza_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE conversation_id = ?1 AND detail = ?2 AND detail <> ''
               AND kind = 7 AND direction = 1",
        )?
        .query_row((conversation.0, stanza_id), |row| row.get(0).map(MessageId))
        .optional()?)
}

/// Returns whether an id names a message that the user deleted.
pub fn is_deleted(
    connection: &Connection,
    conversation: ConversationId,
    name: &str,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1
             FROM deleted_messages
             WHERE conversation_id = ?1 AND id = ?2",
        )?
        .exists((conversation.0, name))?)
}

/// Returns whether a message that seems new was removed by the user.
pub fn was_deleted(
    connection: &Connection,
    conversation: ConversationId,
    direction: Direction,
    ids: &MessageIds,
) -> Result<bool, StoreError> {
    // Others may use their ids again; ours are random.
    let stanza_id = match direction {
        Direction::Incoming => "",
        Direction::Outgoing => &ids.stanza,
    };
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (
                 SELECT 1
                 FROM deleted_messages
                 WHERE conversation_id = ?1 AND id IN (?2, ?3, ?4) AND id <> ''
             )",
        )?
        .query_row(
            (conversation.0, &ids.archive, &ids.origin, stanza_id),
            |row| row.get(0),
        )?)
}

/// Returns whether nothing older than what is here belongs into a chat: the
/// archive holds nothing, or the user deleted it.
pub fn has_no_past(connection: &Connection, id: ConversationId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT is_history_complete FROM conversations WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?)
}
