//! What comes in, stanza by stanza: each goes through the gate and takes
//! effect before the next one is looked at.

use jid::BareJid;
use minidom::Element;

use super::encryption;
use super::incoming::{self, Arrival, Delivered, Effect};
use super::session::Session;
use super::stream::Stream;
use crate::engine::api::Event;
use crate::engine::error::StoreError;
use crate::engine::store::archive::{self, Cursor};
use crate::engine::store::conversations;
use crate::engine::store::streams::{self, Progress};
use crate::engine::xmpp::message::{self, Message};
use crate::engine::xmpp::namespaces::{BLOCKING, DISCO_INFO, PING, ROSTER};
use crate::engine::xmpp::origin::{self, Admitted};
use crate::engine::xmpp::{delay, discovery, displayed_sync, presence, pubsub, stanza, stanza_ids};

impl Session {
    /// Takes one stanza.
    ///
    /// # Errors
    /// It could not take effect, so it must not be acknowledged.
    pub(super) async fn stanza(&mut self, stanza: Element) -> Result<(), StoreError> {
        match stanza.name() {
            "message" => self.message(&stanza).await,
            "presence" => {
                if let Some((who, wish)) = presence::wish(&stanza) {
                    return self.presence_wish(who, wish).await;
                }
                self.presence(&stanza);
                self.card_told(&stanza).await
            }
            "iq" => self.iq(&stanza).await,
            _ => Ok(()),
        }
    }

    async fn message(&mut self, stanza: &Element) -> Result<(), StoreError> {
        let Some(stream) = &self.stream else {
            return Ok(());
        };
        match origin::admit(stanza, &self.own, &stream.requests.open_queries()) {
            Ok(Admitted::Live(message)) => match pubsub::changed(&message, &self.own) {
                Some(changed) if self.profile_published(&changed).await? => Ok(()),
                Some(changed) if displayed_sync::is_meant(&changed.node) => {
                    self.reading_published(&changed.owner, &message).await
                }
                Some(changed) => self.published(changed).await,
                None => self.arrive(&message, Delivered::Live).await,
            },
            Ok(Admitted::CopyOfReceived(message) | Admitted::CopyOfSent(message)) => {
                self.arrive(&message, Delivered::Copy).await
            }
            Ok(Admitted::Archived { query_id, message }) => match message {
                Some(message) => self.page_message(&query_id, message).await,
                None => Ok(()),
            },
            Err(refused) => {
                tracing::warn!(from = stanza.attr("from"), %refused, "A message was refused.");
                Ok(())
            }
        }
    }

    async fn arrive(&mut self, stanza: &Element, delivered: Delivered) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let up_to = self.context.settled(stream.is_order_open());
        let message = match message::read(stanza, &self.own) {
            Ok(message) => message,
            Err(error) => {
                tracing::debug!(%error, "A message with an address that is none was dropped.");
                return Ok(());
            }
        };
        if !changes_something(&message) {
            return self.only_typing(&message, delivered).await;
        }
        let archive_id = stanza_ids::archive_id(stanza, &self.own)
            .filter(|_| !stream.lacks.archive)
            .map(str::to_owned);
        // Without copies, the archive holds more than what comes live: what
        // our other devices send.
        let follows = stream.is_caught_up && !stream.lacks.copies;
        let mut arrival = Arrival {
            account: self.account.id,
            own: self.own.clone(),
            kept: message.is_of_group.then(|| String::from(stanza)),
            message,
            delivered,
            archive_id,
            stamp: delay::trusted_stamp(stanza, &self.own),
            opening: None,
            may_be_renamed: false,
            not_before: 0,
            now: self.context.clock.now(),
        };
        let (account, progress) = (self.account.id, stream.progress());
        let written = progress.clone();
        let mut settled = stream.settled(up_to);
        let (effect, unsettled) = self
            .context
            .store
            .write(move |tx, changes| {
                if let Some(progress) = &written {
                    streams::keep(tx, account, progress)?;
                }
                let answers = encryption::open(tx, changes, &mut arrival)?;
                let mut effect = incoming::apply(tx, changes, &arrival)?;
                effect.answers = answers;
                let mut unsettled = None;
                if let Some(newest_id) = arrival.archive_id.filter(|_| follows) {
                    // Never back: what the archive lists after this one goes below
                    // all that came before it, though stamps may be rounded down.
                    // Nor ahead (attack A57).
                    let known = archive::cursor(tx, arrival.account)?;
                    let newest_time = arrival
                        .stamp
                        .unwrap_or(arrival.now)
                        .min(arrival.now)
                        .max(effect.time.unwrap_or_default().min(arrival.now))
                        .max(known.map_or(0, |cursor| cursor.time_before(arrival.now)));
                    let cursor = Cursor {
                        newest_id,
                        newest_time,
                    };
                    // What the server writes down later stands before it.
                    if newest_time <= up_to {
                        settled = Some(cursor);
                    } else {
                        unsettled = Some(cursor);
                    }
                }
                if let Some(cursor) = settled {
                    archive::set_cursor(tx, arrival.account, &cursor)?;
                }
                Ok((effect, unsettled))
            })
            .await?;
        self.progressed(progress);
        if let Some(stream) = &mut self.stream {
            stream.unsettled.extend(unsettled);
            if effect.received.is_some() {
                stream.received(self.context.order_after);
            }
        }
        self.have_effect(effect).await
    }

    /// Takes what is known of a message that was too large to be read.
    pub(super) async fn too_large(&mut self, message: Message) -> Result<(), StoreError> {
        let arrival = Arrival {
            account: self.account.id,
            own: self.own.clone(),
            message,
            kept: None,
            delivered: Delivered::Live,
            archive_id: None,
            stamp: None,
            opening: None,
            may_be_renamed: false,
            not_before: 0,
            now: self.context.clock.now(),
        };
        let account = self.account.id;
        let progress = self.stream.as_ref().and_then(Stream::progress);
        let written = progress.clone();
        let effect = self
            .context
            .store
            .write(move |tx, changes| {
                if let Some(progress) = &written {
                    streams::keep(tx, account, progress)?;
                }
                incoming::apply(tx, changes, &arrival)
            })
            .await?;
        self.progressed(progress);
        self.have_effect(effect).await
    }

    /// Notes what is on disk now, with the effect of what came in.
    fn progressed(&mut self, progress: Option<Progress>) {
        if let (Some(stream), Some(progress)) = (&mut self.stream, progress) {
            stream.progressed(&progress);
        }
    }

    /// Does what an arrival asks for beyond the store, after the commit.
    pub(super) async fn have_effect(&mut self, effect: Effect) -> Result<(), StoreError> {
        if let Some((conversation, is_composing)) = effect.typing {
            self.context.tell(Event::Typing {
                conversation,
                is_composing,
            });
        }
        if let Some((conversation, message)) = effect.notify {
            self.context.tell(Event::Notify {
                conversation,
                message,
            });
        }
        if effect.added.is_some() {
            // What another device of ours wrote, it had read.
            self.has_read();
        }
        if let Some((to, call)) = effect.declines {
            self.decline_call(&to, &call).await;
        }
        self.owes_answers(effect.answers).await?;
        if effect.owes {
            self.drain_outbox().await?;
        }
        Ok(())
    }

    /// "Is writing" changes nothing that is stored.
    async fn only_typing(
        &mut self,
        message: &Message,
        delivered: Delivered,
    ) -> Result<(), StoreError> {
        let Some(is_composing) = message
            .is_composing
            .filter(|_| delivered == Delivered::Live)
        else {
            return Ok(());
        };
        let (account, other) = (self.account.id, message.from.to_bare());
        let is_news = self
            .stream
            .as_mut()
            .is_some_and(|stream| stream.writers.heard(&other, is_composing));
        if !is_news {
            return Ok(());
        }
        let conversation = self
            .context
            .store
            .read(move |connection| conversations::find(connection, account, other.as_str()))
            .await?;
        if let Some(conversation) = conversation {
            self.context.tell(Event::Typing {
                conversation,
                is_composing,
            });
        }
        Ok(())
    }

    async fn iq(&mut self, iq: &Element) -> Result<(), StoreError> {
        match iq.attr("type") {
            Some("result" | "error") => {
                let Some(stream) = &mut self.stream else {
                    return Ok(());
                };
                let own = stream.own();
                let Some(asked) = stream.requests.answered(iq, &own) else {
                    tracing::debug!("An answer nobody waits for was dropped.");
                    return Ok(());
                };
                self.answered(asked, iq).await
            }
            Some("get" | "set") => self.request(iq).await,
            _ => Ok(()),
        }
    }

    /// Answers a request. Strangers get the answer a program that is not here
    /// would give (attacks A18, A53).
    async fn request(&mut self, iq: &Element) -> Result<(), StoreError> {
        let is_set = iq.attr("type") == Some("set");
        let Some(payload) = iq.children().next() else {
            return Ok(());
        };
        let answer = if is_set && payload.is("query", ROSTER) {
            self.contact_list_change(iq)
                .await?
                .then(|| stanza::result(iq, None))
        } else if is_set && payload.has_ns(BLOCKING) {
            self.blocked_changed(iq)
                .await?
                .then(|| stanza::result(iq, None))
        } else if is_set || !self.may_ask(iq).await? {
            None
        } else if payload.is("ping", PING) {
            Some(stanza::result(iq, None))
        } else if payload.is("query", DISCO_INFO) {
            Some(stanza::result(
                iq,
                Some(discovery::ours(payload.attr("node"))),
            ))
        } else {
            None
        };
        let answer = answer.unwrap_or_else(|| stanza::refusal(iq, "cancel", "service-unavailable"));
        let from = stanza::from(iq).ok().flatten();
        let from = from.map_or_else(|| self.own.clone(), |from| from.to_bare());
        if let Some(stream) = &mut self.stream {
            stream.answer(&from, answer).await;
        }
        Ok(())
    }

    async fn may_ask(&self, iq: &Element) -> Result<bool, StoreError> {
        let Ok(from) = stanza::from(iq) else {
            return Ok(false);
        };
        let Some(other) = from.map(|from| from.to_bare()) else {
            return Ok(true);
        };
        if other == self.own || other == BareJid::from_parts(None, self.own.domain()) {
            return Ok(true);
        }
        let account = self.account.id;
        self.context
            .store
            .read(move |connection| incoming::may_see_us(connection, account, &other))
            .await
    }
}

/// Returns whether a message says anything that is stored.
fn changes_something(message: &Message) -> bool {
    message.is_of_group
        || message.content.is_some()
        || message.sealed.is_some()
        || message.error.is_some()
        || message.receipt_for.is_some()
        || message.displayed.is_some()
        || message.answered_call.is_some()
        || message.reactions.is_some()
        || message.retracts.is_some()
}
