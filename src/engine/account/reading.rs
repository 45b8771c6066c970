//! What was read here, told to the user's other devices, and what they have
//! read, taken over: by a node of the account that only the user may read.
//!
//! What is due stands in the store, so it outlives being offline. It is told a
//! moment later, all at once, only once nothing is missing: an archive that is
//! still read may hold what another device has read beyond. A server that
//! cannot keep such a node private gets nothing, and the user hears nothing of
//! it (attack A5): the node's set-up is asked for before the first chat is
//! published there, or after it where the node is new.
//!
//! # Source
//! XEP-0490 §4, §5.1; XEP-0223 §4; XEP-0060 §7.1.5, §8.2.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::time::Instant;

use super::requests::Asked;
use super::session::Session;
use crate::engine::error::StoreError;
use crate::engine::model::ConversationId;
use crate::engine::store::reading::{self, ReadUpTo};
use crate::engine::xmpp::namespaces::{DISPLAYED_SYNC, PUBLISH_OPTIONS};
use crate::engine::xmpp::{discovery, displayed_sync, pubsub, stanza};

/// How long what was read is gathered. Another device shall know within two
/// seconds.
const GATHERING: Duration = Duration::from_millis(500);
/// How many chats are told at once.
const BURST: u32 = 50;
/// How many chats one answer or event may tell of.
const MOST: usize = 10_000;

/// What is known of the node on this stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Node {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It was asked for.
    Asked,
    /// There is none: publishing makes it.
    Missing,
    /// Only the user may read it.
    Private,
    /// It cannot be used.
    Unusable,
}

/// What is known of what was read elsewhere, as long as the stream lasts.
#[derive(Debug, Default)]
pub(super) struct Reading {
    node: Node,
    /// The node was open to others, and was closed once.
    was_closed: bool,
    /// When to tell what was read here.
    pub due: Option<Instant>,
    /// What is on its way.
    told: BTreeMap<ConversationId, ReadUpTo>,
}

impl Session {
    /// Our server has said what it can do for our account.
    pub(super) async fn reading_begins(&mut self, features: &BTreeSet<String>, publishes: bool) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        if !publishes || !features.contains(PUBLISH_OPTIONS) {
            stream.reading.node = Node::Unusable;
            return;
        }
        stream.reading.node = Node::Asked;
        let id = stream.requests.ask(Asked::ReadElsewhere);
        stream
            .send(stanza::get(&id, None, pubsub::all(DISPLAYED_SYNC)))
            .await;
    }

    /// Takes what the account holds of what was read; `None`: no answer came.
    pub(super) async fn read_elsewhere_came(
        &mut self,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        let Some(answer) = answer else {
            self.leave_node();
            return Ok(());
        };
        if answer.attr("type") != Some("error") {
            self.read_elsewhere(pubsub::items(answer, DISPLAYED_SYNC))
                .await?;
            self.ask_for_set_up().await;
            return Ok(());
        }
        let is_missing = stanza::error_of(answer).condition == "item-not-found";
        self.set_node(if is_missing {
            Node::Missing
        } else {
            Node::Unusable
        });
        self.has_read();
        Ok(())
    }

    /// Takes an event of that node. Only our own account may have sent it
    /// (attack A4): nobody else tells what the user has read.
    pub(super) async fn reading_published(
        &mut self,
        owner: &BareJid,
        event: &Element,
    ) -> Result<(), StoreError> {
        if *owner != self.own {
            tracing::warn!("Somebody else tried to tell what was read.");
            return Ok(());
        }
        self.read_elsewhere(pubsub::items(event, DISPLAYED_SYNC))
            .await
    }

    async fn read_elsewhere(&self, items: Vec<(&str, &Element)>) -> Result<(), StoreError> {
        let read: Vec<_> = items
            .into_iter()
            .take(MOST)
            .filter_map(|(id, payload)| displayed_sync::read(id, payload, &self.own))
            .collect();
        if read.is_empty() {
            return Ok(());
        }
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| {
                for read in read {
                    let chat = read.chat.as_str();
                    reading::take(tx, changes, account, chat, &read.archive_id)?;
                }
                Ok(())
            })
            .await
    }

    /// Something may have been read here.
    pub(super) fn has_read(&mut self) {
        if let Some(stream) = &mut self.stream
            && stream.reading.node != Node::Unusable
        {
            let soon = Instant::now() + GATHERING;
            stream.reading.due.get_or_insert(soon);
        }
    }

    /// Tells what is due, when it is.
    pub(super) async fn tell_read(&mut self) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        if stream
            .reading
            .due
            .take_if(|due| *due <= Instant::now())
            .is_none()
            || !stream.is_caught_up
        {
            return Ok(());
        }
        let account = self.account.id;
        let due = self
            .context
            .store
            .write(move |tx, _| reading::due(tx, account, BURST))
            .await?;
        if due.is_empty() {
            return Ok(());
        }
        let own = self.own.clone();
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let room = match stream.reading.node {
            Node::Private => BURST as usize,
            // The first one makes the node, which is looked at then.
            Node::Missing => 1,
            Node::Unknown => {
                // A stream that was taken up told an earlier process.
                stream.reading.node = Node::Asked;
                let id = stream.requests.ask(Asked::PrivateNodes);
                let question = stanza::get(&id, Some(own.as_str()), discovery::query());
                stream.send(question).await;
                return Ok(());
            }
            Node::Asked | Node::Unusable => return Ok(()),
        };
        let is_full = due.len() == BURST as usize;
        for read in due {
            if stream.reading.told.len() >= room
                || stream.reading.told.contains_key(&read.conversation)
            {
                continue;
            }
            let payload = displayed_sync::write(&own, &read.archive_id);
            let item = pubsub::publish_privately(DISPLAYED_SYNC, &read.address, payload);
            let id = stream.requests.ask(Asked::TellRead(read.conversation));
            stream.reading.told.insert(read.conversation, read);
            stream.send(stanza::set_request(&id, None, item)).await;
        }
        if is_full {
            self.has_read();
        }
        Ok(())
    }

    /// Takes the answer about what was told of a chat; `None`: none came.
    pub(super) async fn read_was_told(
        &mut self,
        conversation: ConversationId,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        let told = self
            .stream
            .as_mut()
            .and_then(|stream| stream.reading.told.remove(&conversation));
        let (Some(told), Some(answer)) = (told, answer) else {
            return Ok(());
        };
        if answer.attr("type") == Some("error") {
            if pubsub::is_closed(answer) {
                self.close_node().await;
            } else {
                tracing::info!("What was read cannot be told to other devices.");
                self.leave_node();
            }
            return Ok(());
        }
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, _| reading::told(tx, account, &told.address, &told.archive_id))
            .await?;
        if self.node() == Some(Node::Missing) {
            self.ask_for_set_up().await;
        } else {
            self.has_read();
        }
        Ok(())
    }

    async fn ask_for_set_up(&mut self) {
        self.set_node(Node::Asked);
        if let Some(stream) = &mut self.stream {
            let id = stream.requests.ask(Asked::ReadNodeSetUp);
            stream
                .send(stanza::get(&id, None, pubsub::set_up(DISPLAYED_SYNC)))
                .await;
        }
    }

    /// Takes how the node is set up. A server that does not say so has at least
    /// said that it heeds what is asked for with each item.
    pub(super) async fn read_node_is(&mut self, answer: Option<&Element>) {
        let Some(answer) = answer else {
            self.leave_node();
            return;
        };
        if answer.attr("type") == Some("error") || pubsub::is_private(answer) {
            self.set_node(Node::Private);
            self.has_read();
        } else {
            self.close_node().await;
        }
    }

    /// Closes the node to others, once: a server that leaves it open is not
    /// told anything more.
    async fn close_node(&mut self) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        if std::mem::replace(&mut stream.reading.was_closed, true) {
            tracing::warn!("Others could read what is told to the user's devices; it ends.");
            self.leave_node();
            return;
        }
        stream.reading.node = Node::Asked;
        let id = stream.requests.ask(Asked::CloseReadNode);
        stream
            .send(stanza::set_request(
                &id,
                None,
                pubsub::close(DISPLAYED_SYNC),
            ))
            .await;
    }

    /// Takes the answer to that.
    pub(super) async fn read_node_closed(&mut self, answer: Option<&Element>) {
        match answer {
            Some(answer) if answer.attr("type") != Some("error") => self.ask_for_set_up().await,
            _ => self.leave_node(),
        }
    }

    fn node(&self) -> Option<Node> {
        self.stream.as_ref().map(|stream| stream.reading.node)
    }

    fn set_node(&mut self, node: Node) {
        if let Some(stream) = &mut self.stream {
            stream.reading.node = node;
        }
    }

    fn leave_node(&mut self) {
        self.set_node(Node::Unusable);
    }
}
