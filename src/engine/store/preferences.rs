//! What the user set for the program as a whole, as rows of the settings.
//!
//! Each is read by itself: one that nobody understands counts as not set, and
//! the others stay. A number out of its range is brought into it.

use std::str::FromStr;

use rusqlite::{Connection, Transaction};

use super::{Changes, settings};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, OnClose, Preferences, Setting, StyleChoice, WindowPlace,
};

const TELLS_TYPING: &str = "tells-typing";
const SENDS_RECEIPTS: &str = "sends-receipts";
const SENDS_READ_MARKERS: &str = "sends-read-markers";
const STYLE: &str = "style";
const TEXT_SIZE: &str = "text-size-percent";
const CHECKS_SPELLING: &str = "checks-spelling";
/// Also named by the queries of messages and chats, which obey it.
const STYLES_MESSAGES: &str = "styles-messages";
const SHOWS_CONTENT: &str = "shows-content";
const ON_CLOSE: &str = "on-close";
const STARTS_WITH_DESKTOP: &str = "starts-with-desktop";
const WRITE_FROM: &str = "write-from";
const WINDOW: &str = "window";
const LAST_OPEN: &str = "last-open";

/// Returns what is set, and for the rest the defaults.
pub fn read(connection: &Connection) -> Result<Preferences, StoreError> {
    let unset = Preferences::default();
    let read = Preferences {
        tells_typing: value(connection, TELLS_TYPING, switch)?.unwrap_or(unset.tells_typing),
        sends_receipts: value(connection, SENDS_RECEIPTS, switch)?.unwrap_or(unset.sends_receipts),
        sends_read_markers: value(connection, SENDS_READ_MARKERS, switch)?
            .unwrap_or(unset.sends_read_markers),
        style: value(connection, STYLE, style)?.unwrap_or(unset.style),
        text_size_percent: value(connection, TEXT_SIZE, number)?.unwrap_or(unset.text_size_percent),
        checks_spelling: value(connection, CHECKS_SPELLING, switch)?
            .unwrap_or(unset.checks_spelling),
        styles_messages: value(connection, STYLES_MESSAGES, switch)?
            .unwrap_or(unset.styles_messages),
        shows_content: value(connection, SHOWS_CONTENT, switch)?.unwrap_or(unset.shows_content),
        on_close: value(connection, ON_CLOSE, on_close)?.unwrap_or(unset.on_close),
        starts_with_desktop: value(connection, STARTS_WITH_DESKTOP, switch)?
            .unwrap_or(unset.starts_with_desktop),
        write_from: value(connection, WRITE_FROM, row)?
            .filter(|id| *id > 0)
            .map(AccountId),
        window: value(connection, WINDOW, window)?.unwrap_or(unset.window),
        last_open: value(connection, LAST_OPEN, row)?
            .filter(|id| *id > 0)
            .map(ConversationId),
    };
    Ok(read.in_range())
}

/// Sets some, and writes no row but theirs. Returns what is set then.
pub fn change(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    settings: &[Setting],
) -> Result<Preferences, StoreError> {
    let before = read(tx)?;
    let mut wanted = before.clone();
    for setting in settings {
        setting.apply(&mut wanted);
    }
    let wanted = wanted.in_range();
    for (row, old) in rows(&wanted).into_iter().zip(rows(&before)) {
        if row != old {
            set(tx, changes, &row)?;
        }
    }
    Ok(wanted)
}

/// Sets everything, as fixtures do.
#[cfg(any(test, feature = "testing"))]
pub fn write(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    preferences: &Preferences,
) -> Result<(), StoreError> {
    rows(&preferences.clone().in_range())
        .iter()
        .try_for_each(|row| set(tx, changes, row))
}

fn set(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    (key, text): &(&str, String),
) -> Result<(), StoreError> {
    if settings::set(tx, key, text)? {
        changes.add(Change::Preferences);
        if *key == STYLES_MESSAGES {
            // Every message looks different from now on.
            changes.add(Change::Everything);
        }
    }
    Ok(())
}

/// Returns the key and the text of every row, always in the same order.
fn rows(preferences: &Preferences) -> [(&'static str, String); 13] {
    let window = preferences.window;
    let window = format!(
        "{} {} {}",
        window.width,
        window.height,
        switched(window.is_maximized)
    );
    [
        (TELLS_TYPING, switched(preferences.tells_typing).to_owned()),
        (
            SENDS_RECEIPTS,
            switched(preferences.sends_receipts).to_owned(),
        ),
        (
            SENDS_READ_MARKERS,
            switched(preferences.sends_read_markers).to_owned(),
        ),
        (STYLE, style_name(preferences.style).to_owned()),
        (TEXT_SIZE, preferences.text_size_percent.to_string()),
        (
            CHECKS_SPELLING,
            switched(preferences.checks_spelling).to_owned(),
        ),
        (
            STYLES_MESSAGES,
            switched(preferences.styles_messages).to_owned(),
        ),
        (
            SHOWS_CONTENT,
            switched(preferences.shows_content).to_owned(),
        ),
        (ON_CLOSE, on_close_name(preferences.on_close).to_owned()),
        (
            STARTS_WITH_DESKTOP,
            switched(preferences.starts_with_desktop).to_owned(),
        ),
        (WRITE_FROM, row_text(preferences.write_from.map(|id| id.0))),
        (WINDOW, window),
        (LAST_OPEN, row_text(preferences.last_open.map(|id| id.0))),
    ]
}

/// Returns whether the other person may see when the user writes.
pub fn tells_typing(connection: &Connection) -> Result<bool, StoreError> {
    is_on(connection, TELLS_TYPING)
}

/// Returns whether the other person may see that a message arrived here.
pub fn sends_receipts(connection: &Connection) -> Result<bool, StoreError> {
    is_on(connection, SENDS_RECEIPTS)
}

/// Returns whether the other person may see what was read.
pub fn sends_read_markers(connection: &Connection) -> Result<bool, StoreError> {
    is_on(connection, SENDS_READ_MARKERS)
}

/// Returns whether signs in messages style them.
pub fn styles_messages(connection: &Connection) -> Result<bool, StoreError> {
    is_on(connection, STYLES_MESSAGES)
}

/// These switches are asked for at every message, so quietly.
fn is_on(connection: &Connection, key: &str) -> Result<bool, StoreError> {
    Ok(settings::get(connection, key)?
        .and_then(|text| switch(&text))
        .unwrap_or(true))
}

fn value<T>(
    connection: &Connection,
    key: &str,
    understand: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let Some(text) = settings::get(connection, key)? else {
        return Ok(None);
    };
    let understood = understand(&text);
    if understood.is_none() {
        tracing::warn!(key, "A setting is not understood and counts as not set.");
    }
    Ok(understood)
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn switched(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn style(text: &str) -> Option<StyleChoice> {
    match text {
        "system" => Some(StyleChoice::System),
        "light" => Some(StyleChoice::Light),
        "dark" => Some(StyleChoice::Dark),
        _ => None,
    }
}

fn style_name(style: StyleChoice) -> &'static str {
    match style {
        StyleChoice::System => "system",
        StyleChoice::Light => "light",
        StyleChoice::Dark => "dark",
    }
}

/// A number of any size, brought near the range it will be clamped to.
fn on_close(text: &str) -> Option<OnClose> {
    [OnClose::Ask, OnClose::KeepRunning, OnClose::Quit]
        .into_iter()
        .find(|known| on_close_name(*known) == text)
}

fn on_close_name(on_close: OnClose) -> &'static str {
    match on_close {
        OnClose::Ask => "ask",
        OnClose::KeepRunning => "keep-running",
        OnClose::Quit => "quit",
    }
}

fn number(text: &str) -> Option<u16> {
    let wide = i64::from_str(text).ok()?;
    Some(u16::try_from(wide.max(0)).unwrap_or(u16::MAX))
}

/// The id of a row; 0: none.
fn row(text: &str) -> Option<i64> {
    i64::from_str(text).ok()
}

fn row_text(id: Option<i64>) -> String {
    id.unwrap_or(0).to_string()
}

/// Width, height and whether it is maximised.
fn window(text: &str) -> Option<WindowPlace> {
    let mut parts = text.split(' ');
    let place = WindowPlace {
        width: number(parts.next()?)?,
        height: number(parts.next()?)?,
        is_maximized: switch(parts.next()?)?,
    };
    parts.next().is_none().then_some(place)
}
