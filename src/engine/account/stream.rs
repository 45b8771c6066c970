//! What lives as long as the server knows us: from a fresh sign-in, over any
//! number of resumed connections, to the end of that session.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jid::{FullJid, Jid};
use minidom::Element;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::catch_up::PageRead;
use super::encryption::Keys;
use super::incoming::Listed;
use super::kept::Kept;
use super::limits::Answers;
use super::order::Doubt;
use super::people::Wishes;
use super::presences::Presences;
use super::profiles::Profiles;
use super::reading::Reading;
use super::requests::Requests;
use super::typing::Writers;
use crate::engine::link::{
    LinkCommand, Offers, Online, Resume, SmSession, TooHigh, Unacknowledged,
};
use crate::engine::model::{ConversationId, ServerLacks, Timestamp};
use crate::engine::store::archive::Cursor;
use crate::engine::store::outbox::OutboxId;

/// A stream's state.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Stream {
    /// Our number for it in the outbox; never used twice.
    pub number: i64,
    /// The full address the server knows us by.
    pub bound: FullJid,
    /// To the connection that carries it now.
    pub link: mpsc::Sender<LinkCommand>,
    /// Stream management, unless the server has none.
    pub management: Option<SmSession>,
    /// What the server offers on the connection that carries it now.
    pub offers: Offers,
    /// How many stanzas took effect here.
    pub handled: u32,
    /// A stanza that counts is being handled, and is not counted yet.
    pub is_handling: bool,
    /// What of all this is on disk, if the stream can be resumed.
    pub kept: Option<Kept>,
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
    /// Who writes just now.
    pub writers: Writers,
    /// Who was answered lately.
    pub answers: Answers,
    /// What the server does not have for us. Only one with an archive is
    /// believed to have written the archive ids on live messages (attack A9).
    pub lacks: ServerLacks,
    /// Binding began to copy to us what our other devices do.
    pub has_copies: bool,
    /// The archive was asked before it was known whether there is one, and has
    /// not refused.
    pub is_archive_asked: bool,
    /// Where the archive ended when a new account began to read it; noted when
    /// all of that is here, as what lies between is never asked for again.
    pub beginning: Option<Cursor>,
    /// Nothing is known to be missing, so the cursor follows live messages.
    pub is_caught_up: bool,
    /// When to ask for what is missing once more, after that failed.
    pub catch_up_again: Option<Instant>,
    /// What came live and was archived, the newest last, while something may
    /// still come to stand before it.
    pub unsettled: VecDeque<Cursor>,
    /// What the archive listed so far, while it is read on.
    pub listed: Listed,
    /// Something may stand in another order than it was sent in.
    pub order_doubt: Option<Doubt>,
    /// When the archive was last asked about that.
    pub order_asked: Option<Instant>,
    /// When to ask whether the connection lives; a hint came too soon for that.
    pub proof_due: Option<Instant>,
    /// In which chats the other side was told that the user writes.
    pub told_typing: BTreeSet<ConversationId>,
    /// Pictures of people that are to be fetched.
    pub profiles: Profiles,
    /// What is known of keys.
    pub keys: Keys,
    /// What of what was read is told to the user's other devices.
    pub reading: Reading,
    /// Who asks to see when the user is around, as far as the server told.
    pub wishes: Wishes,
    /// Whom the server is being told to block, or to let in again.
    pub blocking: BTreeSet<String>,
    /// Whether the server takes reports of what came from there.
    pub reports: Reports,
    /// Rows of an earlier stream are in doubt: nothing leaves until the
    /// archive was asked.
    pub holds_outbox: bool,
}

/// Whether a server takes reports; it is asked before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reports {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// It was asked.
    Asked,
    /// It does.
    Taken,
    /// It does not, or did not answer.
    NotTaken,
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
            offers: online.offers,
            handled: 0,
            is_handling: false,
            kept: None,
            unacknowledged: Unacknowledged::new(),
            in_flight: VecDeque::new(),
            requests: Requests::default(),
            pages: BTreeMap::new(),
            presences: Presences::default(),
            writers: Writers::default(),
            answers: Answers::default(),
            has_copies: online.has_copies,
            is_archive_asked: false,
            beginning: None,
            is_caught_up: false,
            catch_up_again: None,
            unsettled: VecDeque::new(),
            listed: Listed::default(),
            order_doubt: None,
            order_asked: None,
            proof_due: None,
            told_typing: BTreeSet::new(),
            profiles: Profiles::default(),
            keys: Keys::default(),
            reading: Reading::default(),
            wishes: Wishes::default(),
            blocking: BTreeSet::new(),
            reports: Reports::default(),
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
        let number = self.number(stanza.clone());
        let _ = self.link.send(LinkCommand::Send(stanza)).await;
        number
    }

    /// Gives a stanza that is sent its number.
    pub(super) fn number(&mut self, stanza: Element) -> u32 {
        let number = self.unacknowledged.push(stanza);
        if self.management.is_none() && self.in_flight.is_empty() {
            // Nobody will confirm it, nor is it ever sent again.
            self.unacknowledged
                .acknowledge(number)
                .expect("it was just numbered");
        }
        number
    }

    /// Returns the outbox rows that the server confirms by `h`. They stay on
    /// their way until [`Stream::acknowledge`].
    ///
    /// # Errors
    /// The server confirms more than was sent.
    pub fn confirmed_by(&self, h: u32) -> Result<Vec<OutboxId>, TooHigh> {
        self.unacknowledged.check(h)?;
        Ok(self
            .in_flight
            .iter()
            .take_while(|(number, _)| is_up_to(*number, h))
            .map(|(_, row)| *row)
            .collect())
    }

    /// Forgets what the server confirms by `h`, now that this is written down.
    ///
    /// # Errors
    /// The server confirms more than was sent.
    pub fn acknowledge(&mut self, h: u32) -> Result<(), TooHigh> {
        self.unacknowledged.acknowledge(h)?;
        while self
            .in_flight
            .pop_front_if(|(number, _)| is_up_to(*number, h))
            .is_some()
        {}
        Ok(())
    }

    /// Takes the newest of what came live that is settled by now.
    pub fn settled(&mut self, up_to: Timestamp) -> Option<Cursor> {
        let mut settled = None;
        while let Some(cursor) = self
            .unsettled
            .pop_front_if(|cursor| cursor.newest_time <= up_to)
        {
            settled = Some(cursor);
        }
        settled
    }

    /// When something is due that nobody sends: an answer that did not come,
    /// a second try, something to write down.
    pub fn deadline(&self) -> Option<Instant> {
        [
            self.requests.deadline(),
            self.catch_up_again,
            self.order_doubt.as_ref().and_then(|doubt| doubt.due),
            self.proof_due,
            self.due(),
            self.presences.deadline(),
            self.reading.due,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Our full address.
    pub fn own(&self) -> Jid {
        self.bound.clone().into()
    }
}

/// Returns whether a number is `h` or lies before it, modulo 2^32.
fn is_up_to(number: u32, h: u32) -> bool {
    h.wrapping_sub(number) <= u32::MAX / 2
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::link::Memory;
    use crate::engine::model::SecurityReport;

    #[tokio::test]
    async fn a56_without_stream_management_what_nobody_confirms_is_not_kept() {
        let (link, mut sent) = mpsc::channel(256);
        let online = Online {
            bound: FullJid::new("romeo@example.org/orchard").unwrap(),
            resumed: None,
            refused_h: None,
            stream_management: None,
            offers: Offers::default(),
            has_copies: false,
            report: SecurityReport::default(),
            memory: Memory::default(),
        };
        let mut stream = Stream::new(1, online, link);

        for _ in 0..100 {
            stream.send(Element::bare("iq", "jabber:client")).await;
            sent.recv().await.unwrap();
        }

        assert_eq!(stream.unacknowledged.to_resend().count(), 0);
        assert_eq!(stream.unacknowledged.last_sequence(), 100);
    }
}
