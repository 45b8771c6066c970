//! How chats are to be protected, and how each message was.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::columns::{Part, choice_code, choice_from, part_code, part_from, protection_from};
use super::columns::{cannot_read_code, protection_code};
use super::devices::{self, DeviceId};
use super::{Changes, messages};
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, CannotRead, ConversationId, EncryptionChoice, MessageId, MessageProtection,
    Protection,
};

/// Whose a chat is, and whether it is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The account.
    pub account: AccountId,
    /// The account's own address.
    pub own: String,
    /// The other side's.
    pub address: String,
    /// What the user chose for the chat.
    pub choice: EncryptionChoice,
    /// What follows.
    pub is_on: bool,
}

/// Returns whether a chat is encrypted.
///
/// A server itself is no person and has no devices, so nothing is encrypted
/// for it by default.
pub fn chosen(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<Chosen>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT c.account_id, a.address, c.address, c.encryption, a.encrypts_by_default
             FROM conversations c
             JOIN accounts a ON a.id = c.account_id
             WHERE c.id = ?1",
        )?
        .query_row([conversation.0], |row| {
            let address: String = row.get(2)?;
            let choice = choice_from(row.get(3)?)?;
            let is_on = match choice {
                EncryptionChoice::Default => row.get(4)? && address.contains('@'),
                EncryptionChoice::On => true,
                EncryptionChoice::Off => false,
            };
            Ok(Chosen {
                account: AccountId(row.get(0)?),
                own: row.get(1)?,
                address,
                choice,
                is_on,
            })
        })
        .optional()?)
}

/// Chooses how a chat is encrypted.
pub fn choose(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    choice: EncryptionChoice,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE conversations SET encryption = ?2 WHERE id = ?1")?
        .execute((conversation.0, choice_code(choice)))?;
    changes.add(Change::Conversation(conversation));
    Ok(())
}

/// Sets how a message is, or was, protected.
pub fn set(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    protection: Protection,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET protection = ?2 WHERE id = ?1")?
        .execute((message.0, protection_code(protection)))?;
    announce(tx, changes, message)
}

/// Returns how a message is, or was, protected.
pub fn get(connection: &Connection, message: MessageId) -> Result<Protection, StoreError> {
    Ok(connection
        .prepare_cached("SELECT protection FROM messages WHERE id = ?1")?
        .query_row([message.0], |row| protection_from(row.get(0)?))
        .optional()?
        .unwrap_or_default())
}

/// Sets why a message cannot be read; nothing for one that can be.
pub fn set_cannot_read(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
    why: CannotRead,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET cannot_read = ?2 WHERE id = ?1 AND kind = 1")?
        .execute((message.0, cannot_read_code(why)))?;
    announce(tx, changes, message)
}

/// Notes what a device has to do with a message.
pub fn add_part(
    tx: &Transaction<'_>,
    message: MessageId,
    device: DeviceId,
    part: Part,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO message_devices (message_id, device, part)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (message_id, device) DO UPDATE
         SET part = excluded.part",
    )?
    .execute((message.0, device.0, part_code(part)))?;
    Ok(())
}

/// Forgets which devices a message went to, before it is encrypted anew.
pub fn forget_parts(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM message_devices WHERE message_id = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// Returns what each device has to do with a message.
pub fn parts(
    connection: &Connection,
    message: MessageId,
) -> Result<Vec<(DeviceId, Part)>, StoreError> {
    let parts = connection
        .prepare_cached(
            "SELECT device, part
             FROM message_devices
             WHERE message_id = ?1
             ORDER BY device",
        )?
        .query_map([message.0], |row| {
            Ok((DeviceId(row.get(0)?), part_from(row.get(1)?)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(parts)
}

/// Returns for whom a message was encrypted, and by whom.
pub fn of_message(
    connection: &Connection,
    message: MessageId,
) -> Result<MessageProtection, StoreError> {
    let mut found = MessageProtection {
        protection: get(connection, message)?,
        ..MessageProtection::default()
    };
    for (row, part) in parts(connection, message)? {
        let Some((address, known)) = devices::by_row(connection, row)? else {
            continue;
        };
        match part {
            Part::From => found.sender = Some(known.device),
            Part::To => found.to.push((address, known.device)),
            Part::LeftOut(why) => found.left_out.push((address, known.device.id, why)),
        }
    }
    Ok(found)
}

/// Finds the messages of a device that came while the session with it was broken.
pub fn broken_by(connection: &Connection, device: DeviceId) -> Result<Vec<MessageId>, StoreError> {
    let messages = connection
        .prepare_cached(
            "SELECT m.id
             FROM message_devices d
             JOIN messages m ON m.id = d.message_id
             WHERE d.device = ?1 AND d.part = 0 AND m.kind = 1 AND m.cannot_read = 3",
        )?
        .query_map([device.0], |row| row.get(0).map(MessageId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(messages)
}

fn announce(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: MessageId,
) -> Result<(), StoreError> {
    if let Some((conversation, _)) = messages::state(tx, message)? {
        changes.message(conversation, message);
        changes.add(Change::Conversation(conversation));
    }
    Ok(())
}
