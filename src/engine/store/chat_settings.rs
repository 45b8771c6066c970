//! What the user sets for one chat.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Changes, preferences};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{ChatSetting, ChatSettings, ConversationId, Keep};

/// Days are counted up to a hundred years.
pub(super) const MOST_DAYS: u32 = 36_500;

/// Returns what is set for a chat; of one that is gone, nothing.
pub fn read(connection: &Connection, id: ConversationId) -> Result<ChatSettings, StoreError> {
    let settings = connection
        .prepare_cached(
            "SELECT tells_typing, sends_read_markers, keeps_days
             FROM conversations
             WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            Ok(ChatSettings {
                tells_typing: choice(row.get(0)?),
                sends_read_markers: choice(row.get(1)?),
                keep: keep(row.get(2)?),
            })
        })
        .optional()?;
    Ok(settings.unwrap_or_default())
}

/// Sets one thing of a chat.
pub fn set(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
    setting: ChatSetting,
) -> Result<(), StoreError> {
    let (query, value) = match setting {
        ChatSetting::Pinned(is_pinned) => (
            "UPDATE conversations SET is_pinned = ?2 WHERE id = ?1",
            i64::from(is_pinned),
        ),
        ChatSetting::Archived(is_archived) => (
            "UPDATE conversations SET is_archived = ?2 WHERE id = ?1",
            i64::from(is_archived),
        ),
        ChatSetting::MarkedUnread(is_marked) => (
            "UPDATE conversations SET is_marked_unread = ?2 WHERE id = ?1",
            i64::from(is_marked),
        ),
        ChatSetting::TellsTyping(tells) => (
            "UPDATE conversations SET tells_typing = ?2 WHERE id = ?1",
            choice_code(tells),
        ),
        ChatSetting::SendsReadMarkers(sends) => (
            "UPDATE conversations SET sends_read_markers = ?2 WHERE id = ?1",
            choice_code(sends),
        ),
        ChatSetting::Keep(keep) => (
            "UPDATE conversations SET keeps_days = ?2 WHERE id = ?1",
            keep_code(keep),
        ),
    };
    tx.prepare_cached(query)?.execute((id.0, value))?;
    if let ChatSetting::SendsReadMarkers(_) = setting {
        drop_unwanted_markers(tx)?;
    }
    match setting {
        ChatSetting::Pinned(_) | ChatSetting::Archived(_) => {
            changes.add(Change::ConversationList);
        }
        _ => {}
    }
    changes.add(Change::Conversation(id));
    Ok(())
}

/// Returns whether the other side of a chat may see when the user writes.
pub fn tells_typing(connection: &Connection, id: ConversationId) -> Result<bool, StoreError> {
    match read(connection, id)?.tells_typing {
        Some(tells) => Ok(tells),
        None => preferences::tells_typing(connection),
    }
}

/// Returns whether the other side of a chat may see what was read.
pub fn sends_read_markers(connection: &Connection, id: ConversationId) -> Result<bool, StoreError> {
    match read(connection, id)?.sends_read_markers {
        Some(sends) => Ok(sends),
        None => preferences::sends_read_markers(connection),
    }
}

/// Drops the read markers that are owed and not wanted any more, those whose
/// stream was lost among them: each chat has the last word on its own.
pub fn drop_unwanted_markers(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let are_sent = preferences::sends_read_markers(tx)?;
    tx.prepare_cached(
        "DELETE FROM outbox WHERE kind = 2 AND (
             SELECT sends_read_markers = 2 OR (sends_read_markers = 0 AND NOT ?1)
             FROM conversations
             WHERE id = outbox.conversation_id
         )",
    )?
    .execute([are_sent])?;
    Ok(())
}

fn choice(code: i64) -> Option<bool> {
    match code {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

fn choice_code(choice: Option<bool>) -> i64 {
    match choice {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

fn keep(code: i64) -> Keep {
    match u32::try_from(code) {
        Err(_) => Keep::ForEver,
        Ok(0) => Keep::AsAccount,
        Ok(days) => Keep::Days(days.min(MOST_DAYS)),
    }
}

fn keep_code(keep: Keep) -> i64 {
    match keep {
        Keep::AsAccount => 0,
        Keep::ForEver => -1,
        Keep::Days(days) => i64::from(days.clamp(1, MOST_DAYS)),
    }
}
