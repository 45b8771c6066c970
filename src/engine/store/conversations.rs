//! Chats: the lines of the chat list, and how far each was read.
//!
//! The position of a message is `(time, place)`. A chat was read up to a
//! position; received messages after it are unread. Their number is kept in
//! the chat's row, in the transaction that changes it, because counting them
//! for the whole list takes too long.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::columns::{delivery_from, direction_from, kind_from};
use super::{Changes, requests};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, ConversationRow, Delivery, Direction, MessageId, MessageKind,
    Timestamp,
};
use crate::engine::text::{self, preview};

/// One line of the chat list; the query adds its condition and order.
///
/// A long message is cut by SQLite already, with room for what the preview
/// removes.
pub(super) const ROW: &str = "
    SELECT c.id, c.account_id, c.address, c.last_time, c.unread, c.is_history_complete,
           coalesce(nullif(p.name, ''), nullif(f.nickname, ''), c.address) AS name,
           coalesce(f.picture, '') AS picture,
           substr(m.body, 1, 1000) AS body, m.direction, m.delivery, m.failure,
           m.kind, iif(m.kind IN (3, 4, 6), m.detail, '') AS detail, m.cannot_read,
           m.is_unstyled IS 0 AND NOT EXISTS (
               SELECT 1 FROM settings WHERE key = 'styles-messages' AND value = 'off'
           ) AS is_styled,
           (SELECT substr(a.address, 1, instr(a.address, '@') - 1)
            FROM accounts a
            WHERE a.id = c.account_id) AS own_name,
           substr(c.draft, 1, 1000) AS draft, c.muted_until,
           c.is_pinned, c.is_archived, c.is_marked_unread, c.is_request,
           EXISTS (
               SELECT 1
               FROM presence_requests q
               WHERE q.account_id = c.account_id AND q.address = c.address AND q.answer = 0
           ) AS asks_for_presence,
           CASE WHEN c.unread > 0 THEN (
               SELECT u.id
               FROM messages u
               WHERE u.conversation_id = c.id
                 AND (u.time, u.place) > (c.read_time, c.read_place)
                 AND u.direction = 0
               ORDER BY u.time, u.place
               LIMIT 1
           ) END AS first_unread
    FROM conversations c
    LEFT JOIN contacts p ON p.account_id = c.account_id AND p.address = c.address
    LEFT JOIN profiles f ON f.account_id = c.account_id AND f.address = c.address
    LEFT JOIN messages m ON m.id = c.last_message_id";

/// Of a chat that the list shows.
pub(super) const IS_SHOWN: &str = "
    c.is_hidden = 0
    AND (SELECT a.is_removed FROM accounts a WHERE a.id = c.account_id) = 0
    AND NOT EXISTS (
        SELECT 1
        FROM blocked b
        WHERE b.account_id = c.account_id AND b.wish < 2
          AND b.address IN (c.address, substr(c.address, instr(c.address, '@') + 1))
    )";

/// How much of a draft is kept, in bytes.
const LONGEST_DRAFT_BYTES: usize = 1_000_000;

/// Returns the chat with an address, making it when it is new. One that is
/// hidden stays so.
pub fn ensure(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<ConversationId, StoreError> {
    if let Some(id) = find(tx, account, address)? {
        return Ok(id);
    }
    tx.prepare_cached(
        "INSERT INTO conversations (account_id, address, last_time)
         VALUES (?1, ?2, ?3)",
    )?
    .execute((account.0, address, now))?;
    changes.add(Change::ConversationList);
    Ok(ConversationId(tx.last_insert_rowid()))
}

/// Opens the chat with an address: makes it when it is new, shows it when it
/// is hidden. Whom the user wants to write to is no stranger.
pub fn open(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<ConversationId, StoreError> {
    let id = ensure(tx, changes, account, address, now)?;
    requests::is_known(tx, changes, id)?;
    let shown = tx
        .prepare_cached(
            "UPDATE conversations
             SET is_hidden = 0, last_time = ?2
             WHERE id = ?1 AND is_hidden = 1",
        )?
        .execute((id.0, now))?;
    if shown > 0 {
        changes.add(Change::ConversationList);
    }
    Ok(id)
}

/// Returns the chat with an address.
pub fn find(
    connection: &Connection,
    account: AccountId,
    address: &str,
) -> Result<Option<ConversationId>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id FROM conversations WHERE account_id = ?1 AND address = ?2")?
        .query_row((account.0, address), |row| row.get(0).map(ConversationId))
        .optional()?)
}

/// Returns what is known of a chat, also of one that the list does not show;
/// `None` for one that is being cleared away.
pub fn row(
    connection: &Connection,
    id: ConversationId,
) -> Result<Option<ConversationRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "{ROW} WHERE c.id = ?1 AND substr(c.address, 1, 1) <> '/'"
        ))?
        .query_row([id.0], conversation)
        .optional()?)
}

/// Returns one line of the chat list.
pub fn shown(
    connection: &Connection,
    id: ConversationId,
) -> Result<Option<ConversationRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("{ROW} WHERE c.id = ?1 AND {IS_SHOWN}"))?
        .query_row([id.0], conversation)
        .optional()?)
}

/// Returns the chat list: what is pinned, then the newest first, then what is
/// put away.
pub fn rows(connection: &Connection) -> Result<Vec<ConversationRow>, StoreError> {
    let mut rows: Vec<ConversationRow> = connection
        .prepare_cached(&format!(
            "{ROW} WHERE {IS_SHOWN} ORDER BY c.last_time DESC, c.id DESC"
        ))?
        .query_map([], conversation)?
        .collect::<rusqlite::Result<_>>()?;
    rows.sort_by_key(|row| (row.is_archived, !row.is_pinned));
    Ok(rows)
}

/// Returns the whole of what was written and not sent.
pub fn draft(connection: &Connection, id: ConversationId) -> Result<String, StoreError> {
    let draft = connection
        .prepare_cached("SELECT draft FROM conversations WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(draft.unwrap_or_default())
}

/// Keeps what was written and not sent; of very much only the beginning, and
/// of nothing but white space nothing. A chat that was deleted takes none.
pub fn set_draft(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
    text: &str,
) -> Result<(), StoreError> {
    let kept = if text.trim().is_empty() {
        ""
    } else {
        &text[..text.floor_char_boundary(LONGEST_DRAFT_BYTES)]
    };
    let changed = tx
        .prepare_cached(
            "UPDATE conversations
             SET draft = ?2
             WHERE id = ?1 AND is_hidden = 0 AND draft <> ?2",
        )?
        .execute((id.0, kept))?;
    if changed > 0 {
        changes.add(Change::Conversation(id));
    }
    Ok(())
}

/// Notes until when nothing is told of new messages.
pub fn mute(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE conversations SET muted_until = ?2 WHERE id = ?1")?
        .execute((id.0, until.max(0)))?;
    changes.add(Change::Conversation(id));
    Ok(())
}

/// Returns until when nothing is told of new messages.
pub fn muted_until(connection: &Connection, id: ConversationId) -> Result<Timestamp, StoreError> {
    let until = connection
        .prepare_cached("SELECT muted_until FROM conversations WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(until.unwrap_or(0))
}

/// Marks everything up to a message as read. Returns whether the read
/// position moved; it never moves back, and a message of another chat does
/// not move it.
pub fn mark_read(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
    up_to: MessageId,
) -> Result<bool, StoreError> {
    let moved = tx
        .prepare_cached(
            "UPDATE conversations AS c
             SET read_time = m.time, read_place = m.place, is_read_due = 1
             FROM messages m
             WHERE c.id = ?1
               AND m.id = ?2
               AND m.conversation_id = c.id
               AND (m.time, m.place) > (c.read_time, c.read_place)",
        )?
        .execute((id.0, up_to.0))?;
    if moved == 0 {
        return Ok(false);
    }
    recount_unread(tx, id)?;
    changes.add(Change::Conversation(id));
    Ok(true)
}

/// Brings a chat's line up to date after a message was added to it: counts it
/// when it is received and after the read position, and shows it when it is
/// the newest. A hidden chat is shown again, and one that was put away comes
/// back unless it is muted. Call it once for each new row, in
/// the transaction that adds it.
pub fn message_added(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    let added: Option<(i64, bool, bool, bool)> = tx
        .prepare_cached(
            "SELECT m.conversation_id,
                    m.direction = 0 AND (m.time, m.place) > (c.read_time, c.read_place),
                    n.id IS NULL OR (m.time, m.place) > (n.time, n.place),
                    c.is_hidden
             FROM messages m
             JOIN conversations c ON c.id = m.conversation_id
             LEFT JOIN messages n ON n.id = c.last_message_id
             WHERE m.id = ?1",
        )?
        .query_row([message.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((conversation, is_unread, is_newest, is_hidden)) = added else {
        return Ok(());
    };
    if is_hidden {
        tx.prepare_cached("UPDATE conversations SET is_hidden = 0 WHERE id = ?1")?
            .execute([conversation])?;
        changes.add(Change::ConversationList);
    }
    if is_unread {
        tx.prepare_cached("UPDATE conversations SET unread = unread + 1 WHERE id = ?1")?
            .execute([conversation])?;
    }
    if is_newest {
        tx.prepare_cached(
            "UPDATE conversations
             SET last_message_id = n.id, last_time = n.time,
                 is_archived = is_archived AND muted_until > n.time
             FROM (SELECT id, time FROM messages WHERE id = ?2) AS n
             WHERE conversations.id = ?1",
        )?
        .execute((conversation, message.0))?;
        changes.add(Change::ConversationList);
    }
    changes.add(Change::Conversation(ConversationId(conversation)));
    changes.message(ConversationId(conversation), message);
    Ok(())
}

/// Brings a chat's line up to date after messages were moved or removed.
pub fn recompute(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE conversations AS c
         SET last_message_id = n.id, last_time = coalesce(n.time, c.last_time)
         FROM (SELECT 1)
         LEFT JOIN (
             SELECT id, time
             FROM messages
             WHERE conversation_id = ?1
             ORDER BY time DESC, place DESC
             LIMIT 1
         ) AS n
         WHERE c.id = ?1",
    )?
    .execute([id.0])?;
    recount_unread(tx, id)?;
    changes.add(Change::ConversationList);
    changes.add(Change::Conversation(id));
    Ok(())
}

/// Notes whether the archive holds anything older than what is here.
pub fn set_history_complete(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: ConversationId,
    is_complete: bool,
) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE conversations
             SET is_history_complete = ?2
             WHERE id = ?1 AND is_history_complete <> ?2",
        )?
        .execute((id.0, is_complete))?;
    if changed > 0 {
        changes.add(Change::Conversation(id));
    }
    Ok(())
}

/// Returns how many of the user's own messages have not left yet, by account;
/// accounts without any are left out.
pub fn waiting(connection: &Connection) -> Result<BTreeMap<AccountId, u32>, StoreError> {
    let waiting = connection
        .prepare_cached(
            "SELECT o.account_id, count(*)
             FROM outbox o
             JOIN messages m ON m.id = o.message_id
             JOIN accounts a ON a.id = o.account_id
             WHERE o.kind = 0 AND m.delivery IN (0, 1) AND a.is_removed = 0
             GROUP BY o.account_id",
        )?
        .query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(waiting)
}

/// How many received messages stand after the read position.
pub(super) const COUNT_UNREAD: &str = "
    SELECT count(*)
    FROM messages m
    WHERE m.conversation_id = c.id
      AND (m.time, m.place) > (c.read_time, c.read_place)
      AND m.direction = 0";

fn recount_unread(tx: &Transaction<'_>, id: ConversationId) -> Result<(), StoreError> {
    tx.prepare_cached(&format!(
        "UPDATE conversations AS c SET unread = ({COUNT_UNREAD}) WHERE c.id = ?1"
    ))?
    .execute([id.0])?;
    Ok(())
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    let direction = match row.get::<_, Option<i64>>("direction")? {
        Some(code) => Some(direction_from(code)?),
        None => None,
    };
    let delivery: Option<Delivery> = match direction {
        Some(Direction::Outgoing) => {
            Some(delivery_from(row.get("delivery")?, row.get("failure")?)?)
        }
        Some(Direction::Incoming) | None => None,
    };
    let kind = match row.get::<_, Option<i64>>("kind")? {
        Some(code) => kind_from(code, row.get("detail")?, row.get("cannot_read")?)?,
        None => MessageKind::Text,
    };
    Ok(ConversationRow {
        id: ConversationId(row.get("id")?),
        account: AccountId(row.get("account_id")?),
        address: row.get("address")?,
        name: shown_name(row)?,
        picture: row.get("picture")?,
        own_name: row.get("own_name")?,
        last_kind: kind,
        last_body: preview(
            &row.get::<_, Option<String>>("body")?.unwrap_or_default(),
            row.get("is_styled")?,
        ),
        last_time: row.get("last_time")?,
        last_direction: direction,
        last_delivery: delivery,
        unread: row.get("unread")?,
        first_unread: row.get::<_, Option<i64>>("first_unread")?.map(MessageId),
        is_history_complete: row.get("is_history_complete")?,
        draft: preview(&row.get::<_, String>("draft")?, false),
        muted_until: row.get("muted_until")?,
        is_pinned: row.get("is_pinned")?,
        is_archived: row.get("is_archived")?,
        is_marked_unread: row.get("is_marked_unread")?,
        is_request: row.get("is_request")?,
        asks_for_presence: row.get("asks_for_presence")?,
    })
}

/// The name they are known by, or the address where that shows nothing.
fn shown_name(row: &Row<'_>) -> rusqlite::Result<String> {
    let (known_by, address): (String, String) = (row.get("name")?, row.get("address")?);
    if known_by != address {
        let name = text::name(&known_by);
        if !name.is_empty() {
            return Ok(name);
        }
    }
    Ok(text::address(&address).into_owned())
}
