//! Chats the user deleted: the messages go, the chat is hidden.
//!
//! The archive still has the messages. Those it may bring once more, because
//! the cursor has not passed them for certain, are remembered by their ids;
//! older ones are never asked for again.

use rusqlite::{Connection, Transaction};

use super::messages::MessageIds;
use super::{Changes, archive, migrate};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, MessageId};

/// Removes all messages of a chat with its draft and what it owes the network,
/// and hides the chat.
pub fn delete_chat(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
) -> Result<(), StoreError> {
    migrate::remove_copies(tx)?;
    // What is further back than the archive is ever read again needs no memory.
    tx.prepare_cached(
        "INSERT OR IGNORE INTO deleted_messages (conversation_id, id)
         SELECT m.conversation_id,
                CASE WHEN m.archive_id <> '' THEN m.archive_id
                     WHEN m.origin_id <> '' THEN m.origin_id
                     ELSE m.stanza_id
                END
         FROM messages m
         WHERE m.conversation_id = :id
           AND m.time >= :doubt + coalesce((
               SELECT r.newest_time
               FROM conversations c
               JOIN archive_cursors r ON r.account_id = c.account_id
               WHERE c.id = :id
           ), 0)
           AND (m.archive_id <> '' OR m.origin_id <> '' OR m.direction = 1)",
    )?
    .execute(rusqlite::named_params! { ":id": id.0, ":doubt": -archive::CLOCK_DOUBT })?;
    tx.prepare_cached("DELETE FROM archive_gaps WHERE conversation_id = ?1")?
        .execute([id.0])?;
    let removed: Vec<i64> = tx
        .prepare_cached("DELETE FROM messages WHERE conversation_id = ?1 RETURNING id")?
        .query_map([id.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached(
        "UPDATE conversations
         SET draft = '', is_hidden = 1, is_history_complete = 1, last_message_id = NULL,
             unread = 0, read_time = 0, read_place = 0
         WHERE id = ?1",
    )?
    .execute([id.0])?;
    changes.add(Change::ConversationList);
    changes.add(Change::Conversation(id));
    if !removed.is_empty() {
        changes.add(Change::Messages {
            conversation: id,
            ids: removed.into_iter().map(MessageId).collect(),
        });
    }
    Ok(())
}

/// Returns whether a message that seems new was removed with its chat.
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
