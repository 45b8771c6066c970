//! What is looked for, in the language of the index of words.
//!
//! # Source
//! SQLite FTS5 §3 (full-text query syntax).

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Local, NaiveDate, TimeZone};
use rusqlite::Connection;

use super::columns::direction_code;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction, Timestamp};
use crate::engine::text::{self, Day, Term, Wanted};

/// So many chats are meant by a name at most.
const MOST_CHATS: usize = 200;
/// So many months of a filter are told apart.
const MOST_MONTHS: i64 = 240;

/// Returns the query in the language of the index; `None` when nothing is
/// looked for, or nothing can be found. Each word is quoted, so that none is
/// taken for a sign of that language (attack A33).
pub(super) fn expression(
    connection: &Connection,
    wanted: &Wanted,
    within: Option<ConversationId>,
) -> Result<Option<String>, StoreError> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut facts: Vec<String> = Vec::new();
    facts.extend(within.map(|chat| format!("c{}", chat.0)));
    if !wanted.within.is_empty() {
        let chats = chats(connection, &wanted.within)?;
        facts.push(any(chats.into_iter().map(|chat| format!("c{chat}"))));
    }
    if !wanted.from.is_empty() {
        let (me, others): (Vec<_>, Vec<_>) =
            wanted.from.iter().partition(|name| *name == Wanted::ME);
        let others: Vec<String> = others.into_iter().cloned().collect();
        let mut ways = Vec::new();
        if !me.is_empty() {
            ways.push(format!("d{}", direction_code(Direction::Outgoing)));
        }
        let chats = any(chats(connection, &others)?
            .into_iter()
            .map(|chat| format!("c{chat}")));
        if !chats.is_empty() {
            let incoming = direction_code(Direction::Incoming);
            ways.push(format!("(d{incoming} AND ({chats}))"));
        }
        facts.push(any(ways.into_iter()));
    }
    if let Some(months) = months(wanted) {
        facts.push(any(months.into_iter()));
    }
    facts.extend(wanted.has_link.then(|| "link".to_owned()));
    facts.extend(wanted.has_file.then(|| "file".to_owned()));
    // Nobody is called so.
    if facts.iter().any(String::is_empty) {
        return Ok(None);
    }
    if facts.is_empty() && wanted.terms.is_empty() {
        // All there is: whoever wrote it.
        facts.push("d0 OR d1".to_owned());
    }
    let mut parts = Vec::new();
    if !wanted.terms.is_empty() {
        let terms: Vec<String> = wanted.terms.iter().map(quoted).collect();
        parts.push(format!("(body : ({}))", terms.join(" AND ")));
    }
    parts.extend(facts.into_iter().map(|fact| format!("(facts : ({fact}))")));
    Ok(Some(parts.join(" AND ")))
}

fn quoted(term: &Term) -> String {
    let mut quoted = format!("\"{}\"", term.words.join(" ").replace('"', "\"\""));
    if term.is_begun {
        quoted.push('*');
    }
    quoted
}

fn any(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" OR ")
}

/// Returns the chats whose name or address holds one of these.
fn chats(connection: &Connection, names: &[String]) -> Result<BTreeSet<i64>, StoreError> {
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut query = connection.prepare_cached(
        "SELECT c.id, c.address, coalesce(p.name, '')
         FROM conversations c
         LEFT JOIN contacts p ON p.account_id = c.account_id AND p.address = c.address
         WHERE c.is_hidden = 0
         ORDER BY c.last_time DESC, c.id DESC",
    )?;
    let mut chats = BTreeSet::new();
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (address, name): (String, String) = (row.get(1)?, row.get(2)?);
        let is_meant = names
            .iter()
            .any(|wanted| text::holds(&address, wanted) || text::holds(&name, wanted));
        if is_meant && chats.len() < MOST_CHATS {
            chats.insert(row.get(0)?);
        }
    }
    Ok(chats)
}

/// Returns from and up to when, as the user's calendar has it.
pub(super) fn times(wanted: &Wanted) -> (Timestamp, Timestamp) {
    let begins = |day: Option<Day>| day.and_then(midnight);
    (
        begins(wanted.after).unwrap_or(Timestamp::MIN),
        begins(wanted.before).unwrap_or(Timestamp::MAX),
    )
}

fn midnight(day: Day) -> Option<Timestamp> {
    let date = date(day)?.and_hms_opt(0, 0, 0)?;
    // Where a clock skips midnight, the day begins an hour later.
    let time = Local.from_local_datetime(&date).earliest().or_else(|| {
        Local
            .from_local_datetime(&(date + chrono::TimeDelta::hours(1)))
            .earliest()
    })?;
    Some(time.timestamp_millis())
}

fn date(day: Day) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(day.year, day.month, day.day)
}

/// Returns the months that a filter leaves over, as facts; `None`: all. They
/// only narrow the search: the times decide.
fn months(wanted: &Wanted) -> Option<Vec<String>> {
    if wanted.after.is_none() && wanted.before.is_none() {
        return None;
    }
    // A day more at both ends, as facts do not know where the user is.
    let number = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let first = wanted.after.and_then(date);
    let first = first.and_then(|date| date.checked_sub_days(Days::new(1)));
    let last = wanted.before.and_then(date);
    let last = last.and_then(|date| date.checked_add_days(Days::new(1)));
    let now = number(Local::now().date_naive()) + 1;
    let last = last.map_or(now, |date| number(date).min(now));
    let first = first.map_or(last - MOST_MONTHS, number);
    if first < last - MOST_MONTHS {
        return None;
    }
    Some((first..=last).map(|month| format!("m{month}")).collect())
}
