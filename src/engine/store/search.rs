//! The index of words: kept by every transaction, read by every key.
//!
//! Triggers note which messages a transaction adds or changes, whoever writes
//! them; [`follow`] reads these into the index before the commit, so nothing is
//! forgotten and nothing that was rolled back is found. What was there before
//! there was an index is read by [`read_older`] in small steps.
//!
//! The surprise: a row's number is its message's id, or that below zero for
//! what was fetched backwards. The index gives the largest numbers first, at
//! once and whatever the words: so these have to be the newest messages.
//!
//! # Source
//! SQLite FTS5, contentless-delete tables and the query syntax (§3, §4.4.4).

use chrono::Datelike;
use rusqlite::{Connection, Row, Transaction};

use super::columns::{direction_from, kind_from};
use super::search_query::{expression, times};
use super::settings;
use crate::engine::error::StoreError;
use crate::engine::model::{
    ConversationId, Found, FoundInChat, FoundUpTo, Hit, MessageId, Timestamp,
};
use crate::engine::text::{self, Term, Wanted, without_keys};

/// So many hits are returned at once.
pub const PAGE: usize = 50;
/// So many hits are counted in one chat.
const MOST_IN_CHAT: usize = 1_000;
/// So many older messages are read in one step.
const STEP: usize = 250;
/// So many pages of the index are joined in one step.
const JOINED_PAGES: i64 = 64;

/// The newest message that [`read_older`] has not read.
const UNREAD: &str = "search-unread";
/// "on": the index still holds words of deleted messages; "going": it is being
/// joined to get rid of them.
const HOLDS_DELETED: &str = "search-holds-deleted";

/// What the index needs to know of a message.
struct Indexed {
    message: i64,
    is_new: bool,
    conversation: i64,
    direction: i64,
    kind: i64,
    body: String,
    time: Timestamp,
    /// It was fetched backwards.
    is_old: bool,
}

impl Indexed {
    /// The row's number in the index.
    fn number(&self) -> i64 {
        if self.is_old {
            -self.message
        } else {
            self.message
        }
    }
}

/// Brings the index up to what a transaction wrote. To be called before its commit.
pub fn follow(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let mut changed: Vec<Indexed> = tx
        .prepare_cached(
            "SELECT u.message_id, u.is_new, m.conversation_id, m.direction, m.kind, m.body, m.time,
                    m.place < 0
             FROM unsearched u
             JOIN messages m ON m.id = u.message_id",
        )?
        .query_map([], indexed)?
        .collect::<rusqlite::Result<_>>()?;
    if changed.is_empty() {
        return Ok(());
    }
    put(tx, &mut changed)?;
    tx.prepare_cached("DELETE FROM unsearched")?.execute([])?;
    Ok(())
}

/// Forgets what a transaction wrote, to measure what the index costs.
#[cfg(feature = "testing")]
pub fn follow_not(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM unsearched")?.execute([])?;
    Ok(())
}

/// Reads some of the messages that were there before the index, the newest
/// first. Returns whether there are more.
pub fn read_older(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    let Some(newest) = number(tx, UNREAD)? else {
        return Ok(false);
    };
    let mut some: Vec<Indexed> = tx
        .prepare_cached(
            "SELECT id, 0, conversation_id, direction, kind, body, time, place < 0
             FROM messages
             WHERE id <= ?1
             ORDER BY id DESC
             LIMIT ?2",
        )?
        .query_map((newest, STEP as i64), indexed)?
        .collect::<rusqlite::Result<_>>()?;
    let oldest = some.last().map(|message| message.message);
    put(tx, &mut some)?;
    if let Some(oldest) = oldest {
        settings::set(tx, UNREAD, &(oldest - 1).to_string())?;
    } else {
        settings::unset(tx, UNREAD)?;
    }
    Ok(oldest.is_some())
}

/// Returns whether all messages are in the index.
pub fn is_complete(connection: &Connection) -> Result<bool, StoreError> {
    Ok(settings::get(connection, UNREAD)?.is_none())
}

/// Drives the words of deleted messages out of the file, a little at a time.
/// Returns whether there is more to do.
///
/// A deleted row is only crossed out; its words go when the parts of the index
/// are written anew as one.
pub fn drive_out(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    let pages = match settings::get(tx, HOLDS_DELETED)?.as_deref() {
        None => return Ok(false),
        // Below zero: all parts of the index, not only where there are many.
        Some("on") => -JOINED_PAGES,
        Some(_) => JOINED_PAGES,
    };
    let before = tx.total_changes();
    tx.prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    // One is the command itself.
    let has_more = tx.total_changes() - before >= 2;
    if has_more {
        settings::set(tx, HOLDS_DELETED, "going")?;
    } else {
        settings::unset(tx, HOLDS_DELETED)?;
    }
    Ok(has_more)
}

/// Notes that words went which the index may still hold.
pub fn holds_deleted(tx: &Transaction<'_>) -> Result<(), StoreError> {
    settings::set(tx, HOLDS_DELETED, "on").map(drop)
}

fn put(tx: &Transaction<'_>, messages: &mut [Indexed]) -> Result<(), StoreError> {
    // The index is quick only when its numbers grow.
    messages.sort_unstable_by_key(Indexed::number);
    let mut remove = tx.prepare_cached("DELETE FROM search WHERE rowid = ?1")?;
    let mut add =
        tx.prepare_cached("INSERT INTO search (rowid, body, facts) VALUES (?1, ?2, ?3)")?;
    for message in messages.iter() {
        if !message.is_new {
            remove.execute([message.message])?;
            remove.execute([-message.message])?;
        }
        // A key in a link is nobody's word (attack A35).
        let body = without_keys(text::beginning(&message.body));
        add.execute((message.number(), text::searchable(&body), facts(message)))?;
    }
    Ok(())
}

/// What is true of a message, as words: its chat, who wrote it, the month, and
/// whether it has a link or is a file.
fn facts(message: &Indexed) -> String {
    let mut facts = format!(
        "c{} d{} {}",
        message.conversation,
        message.direction,
        month(message.time)
    );
    let body = text::beginning(&message.body);
    if message.kind == 0 && body.contains(':') && !text::links(body).is_empty() {
        facts.push_str(" link");
    }
    if matches!(message.kind, 2 | 3) {
        facts.push_str(" file");
    }
    facts
}

fn month(time: Timestamp) -> String {
    let date = chrono::DateTime::from_timestamp_millis(time).unwrap_or_default();
    format!("m{}", date.year() * 12 + date.month0() as i32)
}

fn indexed(row: &Row<'_>) -> rusqlite::Result<Indexed> {
    Ok(Indexed {
        message: row.get(0)?,
        is_new: row.get(1)?,
        conversation: row.get(2)?,
        direction: row.get(3)?,
        kind: row.get(4)?,
        body: row.get(5)?,
        time: row.get(6)?,
        is_old: row.get(7)?,
    })
}

fn number(connection: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
    Ok(settings::get(connection, key)?.and_then(|text| text.parse().ok()))
}

/// Looks for messages in all chats, or in one, the newest first; `from` goes on
/// where another search came to.
pub fn look(
    connection: &Connection,
    wanted: &Wanted,
    within: Option<ConversationId>,
    from: Option<FoundUpTo>,
) -> Result<Found, StoreError> {
    let is_complete = is_complete(connection)?;
    let nothing = Found {
        is_complete,
        ..Found::default()
    };
    let Some(query) = expression(connection, wanted, within)? else {
        return Ok(nothing);
    };
    let (after, before) = times(wanted);
    let mut numbered: Vec<(i64, i64, Hit)> = connection
        .prepare_cached(
            "SELECT s.rowid, m.id, m.conversation_id, m.direction, m.kind,
                    iif(m.kind IN (3, 4, 6), m.detail, ''), m.cannot_read, m.time, m.place,
                    substr(m.body, 1, 65536)
             FROM search s
             JOIN messages m ON m.id = abs(s.rowid)
             JOIN conversations c ON c.id = m.conversation_id
             JOIN accounts a ON a.id = c.account_id
             WHERE s.search MATCH ?1
               AND s.rowid < ?2
               AND m.time >= ?3 AND m.time < ?4
               AND a.is_removed = 0
             ORDER BY s.rowid DESC
             LIMIT ?5",
        )?
        .query_map(
            (
                query,
                from.map_or(i64::MAX, |up_to| up_to.0),
                after,
                before,
                PAGE as i64,
            ),
            |row| hit(row, &wanted.terms),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let more = numbered
        .last()
        .filter(|_| numbered.len() == PAGE)
        .map(|(number, ..)| FoundUpTo(*number));
    numbered.sort_by_key(|(_, place, hit)| std::cmp::Reverse((hit.time, *place)));
    Ok(Found {
        hits: numbered.into_iter().map(|(_, _, hit)| hit).collect(),
        more,
        is_complete,
    })
}

/// Looks for messages in one chat; of very many, the newest are found.
pub fn look_in_chat(
    connection: &Connection,
    wanted: &Wanted,
    within: ConversationId,
) -> Result<FoundInChat, StoreError> {
    let is_complete = is_complete(connection)?;
    let Some(query) = expression(connection, wanted, Some(within))? else {
        return Ok(FoundInChat {
            is_complete,
            ..FoundInChat::default()
        });
    };
    let (after, before) = times(wanted);
    let mut placed: Vec<(Timestamp, i64, i64)> = connection
        .prepare_cached(
            "SELECT m.time, m.place, m.id
             FROM search s
             JOIN messages m ON m.id = abs(s.rowid)
             WHERE s.search MATCH ?1
               AND m.time >= ?2 AND m.time < ?3
             ORDER BY s.rowid DESC
             LIMIT ?4",
        )?
        .query_map((query, after, before, MOST_IN_CHAT as i64 + 1), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let has_more = placed.len() > MOST_IN_CHAT;
    placed.truncate(MOST_IN_CHAT);
    placed.sort_unstable();
    Ok(FoundInChat {
        messages: placed.into_iter().map(|(.., id)| MessageId(id)).collect(),
        has_more,
        is_complete,
    })
}

fn hit(row: &Row<'_>, terms: &[Term]) -> rusqlite::Result<(i64, i64, Hit)> {
    // The window never gets a key (attack A35).
    let body = without_keys(row.get_ref(9)?.as_str()?).into_owned();
    let (excerpt, marks) = text::excerpt(&body, terms);
    let hit = Hit {
        message: MessageId(row.get(1)?),
        conversation: ConversationId(row.get(2)?),
        direction: direction_from(row.get(3)?)?,
        kind: kind_from(row.get(4)?, row.get(5)?, row.get(6)?)?,
        time: row.get(7)?,
        excerpt,
        marks,
    };
    Ok((row.get(0)?, row.get(8)?, hit))
}
