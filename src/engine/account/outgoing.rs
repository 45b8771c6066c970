//! The outbox on its way to the wire; and typing and declined calls, which are
//! owed to nobody.
//!
//! A row is marked as written to this stream, in one transaction for a burst,
//! before any of it is written; so after a crash it is in doubt, never lost.
//! Without stream management a ping after each burst does what an
//! acknowledgement would: the server answers it after everything before it.
//!
//! # Source
//! XEP-0198 §4, RFC 6120 §10.1 (order), XEP-0199.

use std::collections::BTreeSet;

use jid::BareJid;
use minidom::Element;

use super::encryption::sending::{self, Seal};
use super::incoming;
use super::kept::RESERVE;
use super::requests::{Asked, random_id};
use super::session::Session;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, Direction};
use crate::engine::store::outbox::{self, OutboxId, Owed};
use crate::engine::store::owing::{self, Waiting};
use crate::engine::store::{chat_settings, conversations, streams};
use crate::engine::xmpp::namespaces::PING;
use crate::engine::xmpp::{calls, message, replies, stanza};

/// How many rows one transaction takes.
const BURST: usize = 50;
/// How many rows may be on the wire without being confirmed.
const WINDOW: usize = 200;

impl Session {
    /// Writes what is owed, as far as the window allows. Acknowledgements call
    /// it again.
    pub(super) async fn drain_outbox(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        loop {
            let Some(stream) = &mut self.stream else {
                return Ok(());
            };
            if stream.holds_outbox || stream.in_flight.len() >= WINDOW {
                return Ok(());
            }
            let held = stream.keys.held();
            let rows = self
                .context
                .store
                .read(move |connection| {
                    let mut rows = owing::waiting(connection, account, BURST, &held)?;
                    for row in &mut rows {
                        row.is_sealed = sending::is_to_be_sealed(connection, row)?;
                        row.tells_typing =
                            chat_settings::tells_typing(connection, row.conversation)?;
                    }
                    Ok(rows)
                })
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let rows = self.with_keys(rows).await?;
            let rows = self.what_fits(rows).await?;
            let Some(stream) = self.stream.as_mut().filter(|_| !rows.is_empty()) else {
                continue;
            };
            let (session, last) = (stream.number, stream.unacknowledged.last_sequence());
            let is_kept = stream.kept.is_some();
            let reserved = last.wrapping_add(rows.len() as u32 + RESERVE);
            let how = Seal {
                account,
                most_bytes: stream.offers.most_bytes,
            };
            let (stanzas, numbered) = self
                .context
                .store
                .write(move |tx, changes| {
                    if is_kept {
                        streams::reserve(tx, account, session, reserved)?;
                    }
                    let stanzas = sending::seal(tx, changes, rows, how)?;
                    let ids: Vec<OutboxId> = stanzas.iter().map(|(id, _)| *id).collect();
                    let numbered = outbox::written(tx, changes, session, last, &ids)?;
                    Ok((stanzas, numbered))
                })
                .await?;
            if let Some(kept) = &mut stream.kept {
                kept.sent = reserved;
            }
            let still_owed: BTreeSet<OutboxId> = numbered.iter().map(|(id, _)| *id).collect();
            stream
                .in_flight
                .extend(numbered.iter().map(|(id, number)| (*number, *id)));
            let mut last = last;
            for (_, stanza) in stanzas
                .into_iter()
                .filter(|(id, _)| still_owed.contains(id))
            {
                last = stream.send(stanza).await;
            }
            if stream.management.is_none() && !still_owed.is_empty() {
                let id = stream.requests.ask(Asked::SignOfLife(last));
                stream
                    .send(stanza::get(&id, None, Element::bare("ping", PING)))
                    .await;
            }
        }
    }

    /// Tells who calls that no program here takes calls, unless another device
    /// of ours is there and may ring: declining would end that, too.
    pub(super) async fn decline_call(&mut self, to: &BareJid, call: &str) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        if stream.presences.has_any(&self.own) {
            tracing::debug!("A call is left to another device.");
            return;
        }
        let id = random_id();
        stream
            .answer(to, calls::decline(to.as_str(), &id, call))
            .await;
    }

    /// Tells the other side that the user writes, if they may know and the user
    /// wants it.
    pub(super) async fn say_typing(
        &mut self,
        conversation: ConversationId,
        is_composing: bool,
    ) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let ends_what_was_told = !is_composing && stream.told_typing.remove(&conversation);
        let to = self
            .context
            .store
            .read(move |connection| {
                // Who was told that the user writes is told that they stopped.
                if !ends_what_was_told && !chat_settings::tells_typing(connection, conversation)? {
                    return Ok(None);
                }
                let Some(row) = conversations::row(connection, conversation)? else {
                    return Ok(None);
                };
                let Ok(other) = BareJid::new(&row.address) else {
                    return Ok(None);
                };
                Ok(incoming::may_see_us(connection, account, &other)?.then_some(other))
            })
            .await?;
        let Some(to) = to else {
            return Ok(());
        };
        if is_composing {
            stream.told_typing.insert(conversation);
        }
        stream
            .send(message::typing(to.as_str(), is_composing))
            .await;
        Ok(())
    }
}

/// Returns the stanza that pays what is owed.
pub(super) fn stanza_for(row: &Waiting) -> Element {
    match row.owed {
        Owed::Message | Owed::Correction => {
            let words = words(row);
            let text = message::text(&row.to, &row.stanza_id, &words, row.tells_typing);
            with_signs(text, row)
        }
        Owed::Reactions => message::reaction(&row.to, &row.stanza_id, &row.target, &row.emoji),
        Owed::Retraction => message::retraction(&row.to, &row.stanza_id, &row.target),
        Owed::Receipt | Owed::CorrectionReceipt => {
            message::receipt(&row.to, &random_id(), &row.stanza_id)
        }
        Owed::Marker => message::marker(&row.to, &random_id(), &row.stanza_id),
    }
}

/// Returns the text of what is owed, behind a quote of what it answers.
pub(super) fn words(row: &Waiting) -> String {
    let reply = row.reply.as_ref();
    reply.map_or_else(String::new, |reply| replies::quote(&reply.words)) + &row.body
}

/// Adds what stands beside a text, sealed or not: what it answers and corrects,
/// and whether it is styled. A correction says again all that its message said.
///
/// Beside a sealed text the marks count the characters inside, as other
/// programs have it: OMEMO as everybody speaks it seals a body and nothing
/// else, so servers see what is answered and corrected, but not the words.
pub(super) fn with_signs(text: Element, row: &Waiting) -> Element {
    let mut text = message::styled(text, !row.is_unstyled);
    if let Some(reply) = &row.reply {
        let by = reply.by.map(|by| match by {
            Direction::Incoming => row.to.as_str(),
            Direction::Outgoing => row.own.as_str(),
        });
        let quoted = replies::quote(&reply.words).chars().count();
        text = message::answering(text, &reply.id, by, quoted);
    }
    if row.owed == Owed::Correction {
        text = message::correcting(text, &row.target);
    }
    text
}
