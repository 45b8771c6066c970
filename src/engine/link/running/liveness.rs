//! Deadlines of a running stream: who is dead, and who is only slow.
//!
//! Any byte from the server is a sign of life. Its silence counts only while
//! we listen: in the time that a slow session makes us stop reading, no
//! deadline runs against the server.
//!
//! # Source
//! XEP-0198 v1.6.1 §4, XEP-0199 §4.1, XEP-0478 v0.1.0 §3.1.

use std::time::Duration;

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::{Running, Stop};
use crate::engine::link::login::set;
use crate::engine::link::random;
use crate::engine::link::xml::CLIENT;
use crate::engine::model::ConnectionProblem;

const PING: &str = "urn:xmpp:ping";

/// Before its answer the server may first send what we missed; as long as it
/// does, the answer may take this many times as long.
const REPLAY_PATIENCE: u32 = 6;
/// How far away "no deadline" is.
const FAR: Duration = Duration::from_hours(24);

impl<S: AsyncRead + AsyncWrite + Unpin> Running<'_, S> {
    pub(super) fn next_deadline(&self) -> Instant {
        let timing = self.timing();
        let owed = self
            .counters
            .as_ref()
            .and_then(|counters| counters.owed.as_ref()?.due);
        let stuck = self.stuck_since.map(|since| since + timing.write);
        let broken = self.broken_since.map(|since| since + timing.close);
        let mut deadlines = vec![owed, stuck, broken, self.silence_deadline()];
        if !self.is_paused {
            deadlines.push(match self.asked_since {
                Some(_) => Some(self.answer_deadline()),
                // Until the question is out, what counts is whether it goes.
                None if self.has_asked => None,
                None => Some(self.reader.last_received() + timing.idle),
            });
            deadlines.push(self.resumption_deadline());
            deadlines.push(self.proof_deadline());
        }
        let nearest = deadlines.into_iter().flatten().min();
        nearest.unwrap_or_else(|| Instant::now() + FAR)
    }

    /// Bytes of an unfinished stanza are a sign of life too.
    fn answer_deadline(&self) -> Instant {
        let asked = self.asked_since.unwrap_or_else(Instant::now);
        asked.max(self.reader.last_received()) + self.timing().answer
    }

    fn resumption_deadline(&self) -> Option<Instant> {
        Some(self.answered_by(self.resumed_at?, self.timing().resumed_answer))
    }

    fn proof_deadline(&self) -> Option<Instant> {
        Some(self.answered_by(self.proving_since?, self.timing().proof))
    }

    /// When one answer must be here. What the server has to send before it
    /// may take longer, as long as it comes.
    fn answered_by(&self, since: Instant, wait: Duration) -> Instant {
        let quiet = self.reader.last_received() + wait / 4;
        (since + wait)
            .max(quiet)
            .min(since + wait * REPLAY_PATIENCE)
    }

    /// When we have said nothing for nearly as long as the server allows.
    fn silence_deadline(&self) -> Option<Instant> {
        let can_speak = self.stuck_since.is_none() && self.broken_since.is_none();
        let idle = self.idle.filter(|_| can_speak)?;
        Some(self.silent_since + idle / 4 * 3)
    }

    pub(super) fn check_deadlines(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        let timing = self.timing();
        if self
            .stuck_since
            .is_some_and(|since| now >= since + timing.write)
        {
            tracing::info!("the network takes nothing any more");
            return Err(Stop::Ended(ConnectionProblem::ConnectionLost));
        }
        if self
            .broken_since
            .is_some_and(|since| now >= since + timing.close)
        {
            return Err(Stop::Ended(ConnectionProblem::ConnectionLost));
        }
        if let Some(owed) = self.counters.as_mut().and_then(|c| c.owed.as_mut())
            && owed.due.is_some_and(|due| now >= due)
        {
            owed.due = None;
            self.answer();
        }
        if self
            .silence_deadline()
            .is_some_and(|deadline| now >= deadline)
        {
            self.write_text(" ");
        }
        if self.is_paused {
            return Ok(());
        }
        if self
            .proof_deadline()
            .is_some_and(|deadline| now >= deadline)
        {
            tracing::info!("the connection did not outlive sleep, or another network");
            return Err(Stop::Ended(ConnectionProblem::ConnectionLost));
        }
        if self
            .resumption_deadline()
            .is_some_and(|deadline| now >= deadline)
        {
            tracing::warn!("the resumed session does not answer");
            return Err(Stop::Dead(ConnectionProblem::ConnectionLost));
        }
        if self.asked_since.is_some() {
            if now >= self.answer_deadline() {
                tracing::info!("the server does not answer");
                return Err(Stop::Ended(ConnectionProblem::ConnectionLost));
            }
        } else if !self.has_asked && now >= self.reader.last_received() + timing.idle {
            self.ask_for_life()?;
        }
        Ok(())
    }

    /// Asks now. Only the answer itself counts: what else is read may have
    /// come before the computer went to sleep. The time for it begins when the
    /// question is out: behind much that waits on a slow network, that is later.
    pub(super) fn prove_life(&mut self) -> Result<(), Stop> {
        if self.ping.is_none() {
            self.ask_for_life()?;
        }
        if self.has_asked {
            self.wants_proof = true;
        } else {
            self.proving_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Notes that all there was to say is out, questions too.
    pub(super) fn note_asked(&mut self) {
        let now = Instant::now();
        if std::mem::take(&mut self.has_asked) {
            self.asked_since.get_or_insert(now);
        }
        if std::mem::take(&mut self.wants_proof) {
            self.proving_since.get_or_insert(now);
        }
    }

    fn ask_for_life(&mut self) -> Result<(), Stop> {
        self.has_asked = true;
        if self.counters.is_some() {
            self.ask();
            return Ok(());
        }
        let id = random::letters(16).map_err(Stop::Ended)?;
        let mut iq = Element::bare("iq", CLIENT);
        set(&mut iq, "type", "get");
        set(&mut iq, "id", &id);
        set(&mut iq, "to", self.settings.address.domain().as_str());
        iq.append_child(Element::bare("ping", PING));
        self.write(&iq);
        self.ping = Some(id);
        Ok(())
    }
}
