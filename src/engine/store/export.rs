//! A chat as a file, some messages at a time.

use std::io::{self, Write};

use rusqlite::{Connection, OptionalExtension};

use super::{conversations, window};
use crate::engine::error::StoreError;
use crate::engine::export::{Format, Heading, write_heading, write_message};
use crate::engine::model::{ConversationId, MessageId};

/// Returns what stands above a chat's messages; `None` when it is gone.
pub fn heading(connection: &Connection, id: ConversationId) -> Result<Option<Heading>, StoreError> {
    let Some(row) = conversations::row(connection, id)? else {
        return Ok(None);
    };
    let account: Option<String> = connection
        .prepare_cached("SELECT address FROM accounts WHERE id = ?1")?
        .query_row([row.account.0], |account| account.get(0))
        .optional()?;
    Ok(Some(Heading {
        account: account.unwrap_or_default(),
        address: row.address,
        name: row.name,
    }))
}

/// Writes messages in the order of `ids`; before the first one of a chat, what
/// stands above it.
pub fn write(
    connection: &Connection,
    file: &mut impl Write,
    format: Format,
    heading: &Heading,
    ids: &[MessageId],
    is_first: bool,
) -> Result<io::Result<()>, StoreError> {
    let rows = window::by_ids(connection, ids)?;
    let mut text = String::new();
    if is_first {
        write_heading(&mut text, format, heading);
    }
    for (number, row) in rows.iter().enumerate() {
        write_message(&mut text, format, heading, row, is_first && number == 0);
    }
    Ok(file.write_all(text.as_bytes()))
}
