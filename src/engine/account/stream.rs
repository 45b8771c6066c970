//! What lives as long as the server knows us: from a fresh sign-in, over any
//! number of resumed connections, to the end of that session.

use std::collections::{BTreeMap, VecDeque};

use jid::{FullJid, Jid};
use minidom::Element;
use tokio::sync::mpsc;

use super::catch_up::PageRead;
use super::contacts::Presences;
use super::requests::Requests;
use crate::engine::link::{LinkCommand, Online, Resume, SmSession, TooHigh, Unacknowledged};
use crate::engine::model::ServerLacks;
use crate::engine::store::outbox::OutboxId;

/// A stream's state.
pub(super) struct Stream {
    /// Our number for it in the outbox; never used twice.
    pub number: i64,
    /// The full address the server knows us by.
    pub bound: FullJid,
    /// To the connection that carries it now.
    pub link: mpsc::Sender<LinkCommand>,
    /// Stream management, unless the server has none.
    pub management: Option<SmSession>,
    /// How many stanzas took effect here.
    pub handled: u32,
    /// What was sent and not confirmed.
    pub unacknowledged: Unacknowledged,
    /// Which of those are rows of the outbox.
    pub in_flight: VecDeque<(u32, OutboxId)>,
    /// Requests whose answers are awaited.
    pub requests: Requests,
    /// Archive pages being read, by query id.
    pub pages: BTreeMap<String, PageRead>,
    /// Presence of contacts, by program.
    pub presences: Presences,
    /// What the server does not have for us. Only one with an archive is
    /// believed to have written the archive ids on live messages (attack A9).
    pub lacks: ServerLacks,
    /// Nothing is known to be missing, so the cursor follows live messages.
    pub is_caught_up: bool,
    /// Rows of an earlier stream are in doubt: nothing leaves until the
    /// archive was asked.
    pub holds_outbox: bool,
}

impl Stream {
    /// Starts a fresh one.
    pub fn new(number: i64, online: Online, link: mpsc::Sender<LinkCommand>) -> Self {
        Self {
            number,
            bound: online.bound,
            link,
            lacks: ServerLacks {
                stream_management: online.stream_management.is_none(),
                // Until it says that it has one.
                archive: true,
                copies: false,
            },
            management: online.stream_management,
            handled: 0,
            unacknowledged: Unacknowledged::new(),
            in_flight: VecDeque::new(),
            requests: Requests::default(),
            pages: BTreeMap::new(),
            presences: Presences::default(),
            is_caught_up: false,
            holds_outbox: true,
        }
    }

    /// Returns what a new connection needs to take this stream up again.
    pub fn resume(&self) -> Option<Resume> {
        let management = self.management.as_ref()?;
        Some(Resume {
            id: management.id.clone()?,
            h: self.handled,
            location: management.location.clone(),
            bound: self.bound.clone(),
        })
    }

    /// Sends a stanza and returns its number. A link that is gone is noticed
    /// by its last event, not here.
    pub async fn send(&mut self, stanza: Element) -> u32 {
        let number = self.unacknowledged.push(stanza.clone());
        let _ = self.link.send(LinkCommand::Send(stanza)).await;
        number
    }

    /// Takes the outbox rows that the server confirms by `h`.
    ///
    /// # Errors
    /// The server confirms more than was sent.
    pub fn acknowledge(&mut self, h: u32) -> Result<Vec<OutboxId>, TooHigh> {
        let settled = self.unacknowledged.acknowledge(h)?;
        let mut rows = Vec::new();
        for sent in settled {
            if self
                .in_flight
                .front()
                .is_some_and(|(number, _)| *number == sent.sequence)
                && let Some((_, row)) = self.in_flight.pop_front()
            {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Our full address.
    pub fn own(&self) -> Jid {
        self.bound.clone().into()
    }
}
