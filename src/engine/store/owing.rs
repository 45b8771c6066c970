//! What waits in the outbox, with all that writing it needs.

use rusqlite::Connection;

use super::columns::said_by_from;
use super::outbox::{OutboxId, Owed, owed};
use super::reactions;
use super::replies::Answered;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, MessageId};

/// Something to be written, with all that writing it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The row.
    pub id: OutboxId,
    /// What is owed.
    pub owed: Owed,
    /// The message to send, confirm or mark.
    pub message: MessageId,
    /// Bare address it goes to.
    pub to: String,
    /// The user's own, of the account.
    pub own: String,
    /// Id of the stanza to send, or of the one to confirm or mark.
    pub stanza_id: String,
    /// Id by which the other side knows the message.
    pub target: String,
    /// The text to send.
    pub body: String,
    /// The text is to be shown as it was typed.
    pub is_unstyled: bool,
    /// What the text answers.
    pub reply: Option<Answered>,
    /// All with which the user reacts.
    pub emoji: Vec<String>,
    /// The chat.
    pub conversation: ConversationId,
    /// It is to be sealed; decided by who sends it.
    pub is_sealed: bool,
    /// Its text tells that the user writes no more; decided by who sends it.
    pub tells_typing: bool,
}

/// Returns the oldest waiting rows of an account, in order, without the
/// messages of chats that are held.
pub fn waiting(
    connection: &Connection,
    account: AccountId,
    limit: usize,
    held: &[ConversationId],
) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id, o.kind, o.message_id, c.address, a.address AS own,
                    iif(o.stanza_id = '', m.stanza_id, o.stanza_id) AS stanza_id,
                    iif(o.kind = 3 AND m.origin_id <> '', m.origin_id, m.stanza_id) AS target,
                    iif(o.kind IN (0, 4), m.body, '') AS body, o.conversation_id,
                    m.is_unstyled, m.reply_id, m.reply_by, m.reply_words,
                    iif(o.kind = 3, (
                        SELECT emoji
                        FROM reactions
                        WHERE message_id = m.id AND sender = ''
                    ), '') AS emoji
             FROM outbox o
             JOIN messages m ON m.id = o.message_id
             JOIN conversations c ON c.id = o.conversation_id
             JOIN accounts a ON a.id = o.account_id
             WHERE o.account_id = ?1 AND o.session IS NULL
             ORDER BY o.id",
    )?;
    // Read one by one, so that what is held costs little more than its number.
    let rows = statement.query_map([account.0], |row| {
        let answered: String = row.get("reply_id")?;
        let reply = if answered.is_empty() {
            None
        } else {
            Some(Answered {
                id: answered,
                by: said_by_from(row.get("reply_by")?)?,
                words: row.get("reply_words")?,
            })
        };
        let emoji: Option<String> = row.get("emoji")?;
        Ok(Waiting {
            id: OutboxId(row.get("id")?),
            owed: owed(row.get("kind")?)?,
            message: MessageId(row.get("message_id")?),
            to: row.get("address")?,
            own: row.get("own")?,
            stanza_id: row.get("stanza_id")?,
            target: row.get("target")?,
            body: row.get("body")?,
            conversation: ConversationId(row.get("conversation_id")?),
            is_unstyled: row.get("is_unstyled")?,
            reply,
            emoji: reactions::split(&emoji.unwrap_or_default()),
            is_sealed: false,
            tells_typing: false,
        })
    })?;
    let has_words = |row: &Waiting| matches!(row.owed, Owed::Message | Owed::Correction);
    let is_held = |row: &Waiting| has_words(row) && held.contains(&row.conversation);
    let rows = rows
        .filter(|row| !row.as_ref().is_ok_and(is_held))
        .take(limit)
        .collect::<rusqlite::Result<_>>()?;
    Ok(rows)
}
