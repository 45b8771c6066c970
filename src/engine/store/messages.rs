//! Messages: adding them once, finding them again, moving their state forward.
//!
//! The surprise: `place`. Messages are ordered by `(time, place)`, and archives
//! often stamp by whole seconds; so what arrives gets a place above all others
//! and what is fetched backwards from the archive one below all others.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::columns::{
    PART, cannot_read_column, delivery_codes, delivery_from, direction_code, kind_columns,
    protection_code, said_by_code,
};
use super::replies::Answered;
use super::{Changes, conversations};
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, MessageId, MessageKind, Protection,
    SendFailure, Timestamp,
};

/// By how much a stamp of whole seconds may lie before the truth: a second,
/// and a little more because the clock that gives whole seconds may itself be
/// read some milliseconds late.
pub const ROUGHNESS: Timestamp = 1_100;
/// An invitation that comes again within so long is the same, in milliseconds.
const DAY: Timestamp = 24 * 60 * 60 * 1000;

/// A message to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Who wrote it.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// The text.
    pub body: String,
    /// What the window never gets, see [`kind_columns`].
    pub hidden: String,
    /// When, by our own server or this machine.
    pub time: Timestamp,
    /// Its state.
    pub delivery: Delivery,
    /// The ids it can be known by.
    pub ids: MessageIds,
    /// The sender asked for read markers.
    pub is_markable: bool,
    /// How it was, or is to be, protected on its way.
    pub protection: Protection,
    /// The sender wants it shown as it was typed.
    pub is_unstyled: bool,
    /// What it answers.
    pub reply: Option<Answered>,
    /// Id of the message it corrects, which is not here; empty: none.
    pub replaces: String,
}

/// The ids by which a message that comes a second time is known. Empty: none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageIds {
    /// Id in our own archive.
    pub archive: String,
    /// Lasting id by the sender.
    pub origin: String,
    /// Id of the stanza.
    pub stanza: String,
}

/// A message that is here already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The row.
    pub id: MessageId,
    /// Its state.
    pub delivery: Delivery,
    /// Whether we know its id in our archive.
    pub is_archived: bool,
    /// When, by our own server or this machine.
    pub time: Timestamp,
}

/// At which end of equal times a message is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It arrived, or came in a page read forwards.
    New,
    /// It came in a page read backwards. Add such a page from its last message to its first.
    Old,
}

/// Adds a message that [`find`] does not know.
pub fn insert(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    message: &NewMessage,
    end: End,
) -> Result<MessageId, StoreError> {
    let place: i64 = tx
        .prepare_cached(match end {
            End::New => "SELECT coalesce(max(place), 0) + 1 FROM messages",
            End::Old => "SELECT coalesce(min(place), 0) - 1 FROM messages",
        })?
        .query_row([], |row| row.get(0))?;
    let (delivery, failure) = delivery_codes(message.delivery);
    let (kind, detail) = kind_columns(&message.kind, &message.hidden);
    let reply = message.reply.clone().unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO messages (conversation_id, direction, body, time, place, delivery, failure,
                               archive_id, origin_id, stanza_id, is_markable, kind, detail,
                               cannot_read, protection, is_unstyled, reply_id, reply_by,
                               reply_words, replaces, edited_at)
         VALUES (:conversation, :direction, :body, :time, :place, :delivery, :failure,
                 :archive_id, :origin_id, :stanza_id, :is_markable, :kind, :detail,
                 :cannot_read, :protection, :is_unstyled, :reply_id, :reply_by,
                 :reply_words, :replaces, iif(:replaces = '', 0, :time))",
    )?
    .execute(named_params! {
        ":conversation": conversation.0,
        ":direction": direction_code(message.direction),
        ":body": message.body,
        ":time": message.time,
        ":place": place,
        ":delivery": delivery,
        ":failure": failure,
        ":archive_id": message.ids.archive,
        ":origin_id": message.ids.origin,
        ":stanza_id": message.ids.stanza,
        ":is_markable": message.is_markable,
        ":kind": kind,
        ":detail": detail,
        ":cannot_read": cannot_read_column(&message.kind),
        ":protection": protection_code(message.protection),
        ":is_unstyled": message.is_unstyled,
        ":reply_id": reply.id,
        ":reply_by": said_by_code(reply.by),
        ":reply_words": reply.words,
        ":replaces": message.replaces,
    })?;
    let id = MessageId(tx.last_insert_rowid());
    conversations::message_added(tx, changes, id)?;
    Ok(id)
}

/// Finds a message that came before: by its id in the archive, else by the
/// sender's lasting id, else by sender, stanza id and text.
///
/// Two messages with different archive ids are two messages, whatever their
/// stanza ids say: some programs count these from one at every start. Where no
/// archive tells them apart, what they say does, or said before it was
/// corrected; and who takes messages back gives each an id of its own
/// (XEP-0424 §5), so what has one of these is that message. But a lasting id is
/// one for ever: who was never told that a message arrived sends it again under
/// the same one, and an archive may then hold both.
pub fn find(
    connection: &Connection,
    conversation: ConversationId,
    message: &NewMessage,
) -> Result<Option<Known>, StoreError> {
    let (ids, direction) = (&message.ids, message.direction);
    let (kind, detail) = kind_columns(&message.kind, &message.hidden);
    // What came sealed is opened only once; the second time its mark is all
    // there is to know it by.
    let is_sealed = matches!(kind, 0 | 1) && !detail.is_empty();
    let mark = is_sealed.then(|| detail.clone());
    let by = |column: &str, id: &str| -> Result<Option<Known>, StoreError> {
        if id.is_empty() {
            return Ok(None);
        }
        Ok(connection
            .prepare_cached(&format!(
                "SELECT id, delivery, failure, archive_id <> '' AS is_archived, time
                 FROM messages
                 WHERE conversation_id = :conversation
                   AND {column} = :id AND {column} <> ''
                   AND direction = :direction
                   AND (archive_id = '' OR :archive_id = '' OR archive_id = :archive_id
                        OR (:column = 'origin_id'
                            AND (kind = 7
                                 OR body = :body AND kind = :kind AND detail = :detail
                                 OR kind IN (0, 1) AND detail = :mark
                                 OR edited_at > 0 AND EXISTS (
                                     SELECT 1
                                     FROM versions
                                     WHERE message_id = messages.id AND versions.body = :body
                                 ))))
                   AND (:column <> 'stanza_id' OR direction = 1 OR kind = 7
                        OR (body = :body AND kind = :kind AND detail = :detail)
                        OR (kind IN (0, 1) AND detail = :mark)
                        OR edited_at > 0 AND EXISTS (
                            SELECT 1
                            FROM versions
                            WHERE message_id = messages.id AND versions.body = :body
                        ))
                 LIMIT 1"
            ))?
            .query_row(
                named_params! {
                    ":conversation": conversation.0,
                    ":id": id,
                    ":direction": direction_code(direction),
                    ":archive_id": ids.archive,
                    ":column": column,
                    ":body": message.body,
                    ":kind": kind,
                    ":detail": detail,
                    ":mark": mark,
                },
                known,
            )
            .optional()?)
    };
    for (column, id) in [
        ("archive_id", &ids.archive),
        ("origin_id", &ids.origin),
        ("stanza_id", &ids.stanza),
    ] {
        if let Some(found) = by(column, id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Finds an invitation to the same group within a day, or a call of the same
/// id, in a chat.
pub fn find_alike(
    connection: &Connection,
    conversation: ConversationId,
    message: &NewMessage,
) -> Result<Option<Known>, StoreError> {
    let (kind, detail) = kind_columns(&message.kind, &message.hidden);
    let detail = detail.split(PART).next().unwrap_or_default();
    Ok(connection
        .prepare_cached(
            "SELECT id, delivery, failure, archive_id <> '' AS is_archived, time
             FROM messages
             WHERE conversation_id = :conversation
               AND (detail = :detail OR detail > :detail || char(10) AND detail < :detail || char(11))
               AND kind IN (4, 5)
               AND kind = :kind
               AND direction = :direction
               AND (kind = 5 OR time BETWEEN :time - :day AND :time + :day)
             LIMIT 1",
        )?
        .query_row(
            named_params! {
                ":conversation": conversation.0,
                ":detail": detail,
                ":kind": kind,
                ":direction": direction_code(message.direction),
                ":time": message.time,
                ":day": DAY,
            },
            known,
        )
        .optional()?)
}

/// Finds the rows of a call that came in, by its id, in all chats of an account.
pub fn calls(
    connection: &Connection,
    account: AccountId,
    call: &str,
) -> Result<Vec<MessageId>, StoreError> {
    let calls = connection
        .prepare_cached(
            "SELECT m.id
             FROM conversations c
             JOIN messages m ON m.conversation_id = c.id
             WHERE c.account_id = ?1
               AND m.detail = ?2
               AND m.kind IN (4, 5)
               AND m.kind = 5
               AND m.direction = 0",
        )?
        .query_map((account.0, call), |row| row.get(0).map(MessageId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(calls)
}

/// Finds one of our own messages by the id that receipts, markers and errors name.
pub fn outgoing(
    connection: &Connection,
    conversation: ConversationId,
    stanza_id: &str,
) -> Result<Option<Known>, StoreError> {
    by_stanza_id(connection, conversation, Direction::Outgoing, stanza_id)
}

/// Finds a received message by the id that our own markers name.
pub fn incoming(
    connection: &Connection,
    conversation: ConversationId,
    stanza_id: &str,
) -> Result<Option<Known>, StoreError> {
    by_stanza_id(connection, conversation, Direction::Incoming, stanza_id)
}

fn by_stanza_id(
    connection: &Connection,
    conversation: ConversationId,
    direction: Direction,
    stanza_id: &str,
) -> Result<Option<Known>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id, delivery, failure, archive_id <> '' AS is_archived, time
             FROM messages
             WHERE conversation_id = ?1
               AND stanza_id = ?2 AND stanza_id <> ''
               AND direction = ?3
             ORDER BY id DESC
             LIMIT 1",
        )?
        .query_row(
            (conversation.0, stanza_id, direction_code(direction)),
            known,
        )
        .optional()?)
}

/// Notes the id of a message in our archive, once it is known.
pub fn set_archive_id(
    tx: &Transaction<'_>,
    id: MessageId,
    archive_id: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET archive_id = ?2 WHERE id = ?1 AND archive_id = ''")?
        .execute((id.0, archive_id))?;
    Ok(())
}

/// Notes that the archive knows a message by another id than before.
pub fn rename_in_archive(
    tx: &Transaction<'_>,
    id: MessageId,
    archive_id: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET archive_id = ?2 WHERE id = ?1")?
        .execute((id.0, archive_id))?;
    Ok(())
}

/// Notes that a message's time is only known to the second.
pub fn mark_rough(tx: &Transaction<'_>, id: MessageId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET is_rough = 1 WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}

/// Takes the archive's time for a received message whose own was only known to
/// the second, unless it was seen where it stands. Offline storage and resumed
/// streams stamp by whole seconds, rounded down, and so before what the same
/// second had already brought. What came after it with a time as rough is taken
/// along: none passes the next. Returns whether it moved.
pub fn sharpen_time(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    id: MessageId,
    stamp: Timestamp,
) -> Result<bool, StoreError> {
    let rough: Option<(Timestamp, i64)> = tx
        .prepare_cached(
            "SELECT time, place
             FROM messages
             WHERE id = :id
               AND direction = 0
               AND is_rough = 1
               AND :stamp > time AND :stamp < time + :roughness
               AND (time, place) > (SELECT read_time, read_place
                                    FROM conversations
                                    WHERE id = :conversation)",
        )?
        .query_row(
            named_params! {
                ":id": id.0,
                ":stamp": stamp,
                ":roughness": ROUGHNESS,
                ":conversation": conversation.0,
            },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((time, place)) = rough else {
        return Ok(false);
    };
    let moved: Vec<i64> = tx
        .prepare_cached(
            "UPDATE messages
             SET time = :stamp
             WHERE conversation_id = :conversation
               AND time BETWEEN :time AND :stamp
               AND (time, place) >= (:time, :place)
               AND direction = 0
               AND is_rough = 1
             RETURNING id",
        )?
        .query_map(
            named_params! {
                ":conversation": conversation.0,
                ":time": time,
                ":place": place,
                ":stamp": stamp,
            },
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    conversations::recompute(tx, changes, conversation)?;
    for id in moved {
        changed(changes, conversation, MessageId(id));
    }
    Ok(true)
}

/// Puts received messages of a chat into the given order. They share the places
/// they have had among themselves, so as many of them as before are unread, and
/// nothing else moves.
pub fn put_in_order(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    ordered: &[MessageId],
) -> Result<(), StoreError> {
    let mut standing = Vec::with_capacity(ordered.len());
    for id in ordered {
        let place: Option<(Timestamp, i64)> = tx
            .prepare_cached(
                "SELECT time, place
                 FROM messages
                 WHERE id = ?1 AND conversation_id = ?2 AND direction = 0",
            )?
            .query_row((id.0, conversation.0), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        standing.extend(place.map(|place| (*id, place)));
    }
    let mut places: Vec<_> = standing.iter().map(|(_, place)| *place).collect();
    places.sort_unstable();
    let moved: Vec<_> = standing
        .iter()
        .zip(places)
        .filter(|((_, is), shall_be)| is != shall_be)
        .map(|((id, _), shall_be)| (*id, shall_be))
        .collect();
    for (id, (time, place)) in &moved {
        tx.prepare_cached("UPDATE messages SET time = ?2, place = ?3 WHERE id = ?1")?
            .execute((id.0, time, place))?;
        changed(changes, conversation, *id);
    }
    if !moved.is_empty() {
        conversations::recompute(tx, changes, conversation)?;
    }
    Ok(())
}

/// Moves one of our messages on; never back, and never out of `Failed`.
pub fn advance(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
    to: Delivery,
) -> Result<(), StoreError> {
    change(
        tx,
        changes,
        id,
        to,
        "delivery < :delivery AND delivery <> 5",
    )
}

/// Notes that the server had one of our messages that was given up.
pub fn was_taken(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Sent, "delivery = 5")
}

/// Moves one of our messages on because the other side has it, which mends
/// even a failure: an error about a message that arrived is no failure.
pub fn arrived(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    change(
        tx,
        changes,
        id,
        Delivery::Delivered,
        "(delivery < :delivery OR delivery = 5)",
    )
}

/// Notes that one of our messages will not arrive by itself.
pub fn fail(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
    why: SendFailure,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Failed(why), "delivery < 3")
}

/// Notes that a new text of one of our messages will not arrive by itself,
/// whatever the message did.
pub fn fail_correction(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
    why: SendFailure,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Failed(why), "kind = 0")
}

/// Notes that the other side did not accept that one of our messages is taken
/// back. It stays taken back here.
pub fn fail_retraction(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
    why: SendFailure,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Failed(why), "kind = 7")
}

/// Puts a message back before the start: the stream was lost, or the user
/// tries a failed one again.
pub fn back_to_pending(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Pending, "delivery IN (1, 5)")
}

fn change(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
    to: Delivery,
    condition: &str,
) -> Result<(), StoreError> {
    let (delivery, failure) = delivery_codes(to);
    let conversation: Option<i64> = tx
        .prepare_cached(&format!(
            "UPDATE messages
             SET delivery = :delivery, failure = :failure
             WHERE id = :id AND direction = 1 AND {condition}
             RETURNING conversation_id"
        ))?
        .query_row(
            named_params! { ":id": id.0, ":delivery": delivery, ":failure": failure },
            |row| row.get(0),
        )
        .optional()?;
    if let Some(conversation) = conversation {
        changed(changes, ConversationId(conversation), id);
    }
    Ok(())
}

/// Marks our message and everything of ours before it as seen by the other side.
pub fn displayed_up_to(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    conversation: ConversationId,
    id: MessageId,
) -> Result<(), StoreError> {
    change(tx, changes, id, Delivery::Displayed, "delivery <> 4")?;
    let before: Vec<i64> = tx
        .prepare_cached(
            "UPDATE messages
             SET delivery = 4
             WHERE conversation_id = ?1
               AND (time, place) < (SELECT time, place FROM messages WHERE id = ?2)
               AND direction = 1 AND delivery IN (1, 2, 3)
             RETURNING id",
        )?
        .query_map((conversation.0, id.0), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in before {
        changed(changes, conversation, MessageId(id));
    }
    Ok(())
}

/// The time of the newest message by the other side; 0 when there is none.
pub fn newest_received_time(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Timestamp, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT time
             FROM messages
             WHERE conversation_id = ?1
               AND direction = 0
             ORDER BY time DESC, place DESC
             LIMIT 1",
        )?
        .query_row([conversation.0], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// The newest message by the other side at or before `up_to`.
pub fn newest_received(
    connection: &Connection,
    conversation: ConversationId,
    up_to: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE conversation_id = ?1
               AND (time, place) <= (SELECT time, place FROM messages WHERE id = ?2)
               AND direction = 0
             ORDER BY time DESC, place DESC
             LIMIT 1",
        )?
        .query_row((conversation.0, up_to.0), |row| row.get(0).map(MessageId))
        .optional()?)
}

/// The newest markable message by the other side at or before `up_to`: what a
/// read marker names.
pub fn newest_markable(
    connection: &Connection,
    conversation: ConversationId,
    up_to: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id
             FROM messages
             WHERE conversation_id = ?1
               AND (time, place) <= (SELECT time, place FROM messages WHERE id = ?2)
               AND direction = 0 AND is_markable = 1 AND stanza_id <> ''
             ORDER BY time DESC, place DESC
             LIMIT 1",
        )?
        .query_row((conversation.0, up_to.0), |row| row.get(0).map(MessageId))
        .optional()?)
}

/// Returns whether the user has written in a chat.
pub fn has_written(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM messages WHERE conversation_id = ?1 AND direction = 1")?
        .exists([conversation.0])?)
}

/// Returns the chat and state of a message.
pub fn state(
    connection: &Connection,
    id: MessageId,
) -> Result<Option<(ConversationId, Delivery)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT conversation_id, delivery, failure FROM messages WHERE id = ?1")?
        .query_row([id.0], |row| {
            Ok((
                ConversationId(row.get(0)?),
                delivery_from(row.get(1)?, row.get(2)?)?,
            ))
        })
        .optional()?)
}

/// Removes a message for good.
pub fn remove(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    id: MessageId,
) -> Result<(), StoreError> {
    let conversation: Option<i64> = tx
        .prepare_cached("DELETE FROM messages WHERE id = ?1 RETURNING conversation_id")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    if let Some(conversation) = conversation.map(ConversationId) {
        changes.message(conversation, id);
        conversations::recompute(tx, changes, conversation)?;
    }
    Ok(())
}

/// Returns when the newest message of a chat was written; 0 when it has none.
/// A message that arrives now goes below it, whatever the clocks say.
pub fn newest_time(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Timestamp, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT time
             FROM messages
             WHERE conversation_id = ?1
             ORDER BY time DESC, place DESC
             LIMIT 1",
        )?
        .query_row([conversation.0], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// Returns whether the other side has seen the oldest of our messages that is
/// here, and so every older one too.
pub fn is_seen(connection: &Connection, conversation: ConversationId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT delivery = 4
             FROM messages
             WHERE conversation_id = ?1 AND direction = 1
             ORDER BY time, place
             LIMIT 1",
        )?
        .query_row([conversation.0], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

fn changed(changes: &mut Changes, conversation: ConversationId, id: MessageId) {
    changes.message(conversation, id);
    // The chat list shows the state of the newest message.
    changes.add(crate::engine::api::Change::Conversation(conversation));
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        id: MessageId(row.get(0)?),
        delivery: delivery_from(row.get(1)?, row.get(2)?)?,
        is_archived: row.get(3)?,
        time: row.get(4)?,
    })
}
