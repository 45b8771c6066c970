//! A bound stream at work: stanzas both ways until it ends.
//!
//! One loop owns everything. It reads while there is room for what it reads,
//! writes in bursts, takes the session's commands at any time, and watches that
//! the other side still lives. A session that is slow to take events makes the
//! loop stop reading, and then nobody is blamed for the silence; it never makes
//! it stop writing, so the two cannot wait for each other.
//!
//! # Source
//! RFC 6120 §4 and §8, XEP-0198 v1.6.1 §4.

mod acknowledging;
mod farewell;
mod liveness;

use std::collections::VecDeque;
use std::time::Duration;

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::login::{STREAM_MANAGEMENT, is_stanza};
use super::stream::{Reader, XmlStream, stream_error};
use super::xml::{self, Item, STREAM, Skipped};
use super::{LinkCommand, LinkEvent, LinkSettings, Offers, Online, Timing};
use crate::engine::model::ConnectionProblem;
use acknowledging::Counters;

/// A burst is written, and acknowledged, in pieces of about this size.
const BURST_BYTES: usize = 64 * 1024;
/// Above this, no command is taken until the network took some.
const UNWRITTEN_BYTES: usize = 256 * 1024;
/// Above this, nothing is read either: a server that asks and asks and takes no
/// answer must not fill the memory. More than a stanza may have, so that a
/// large one of ours does not stop the reading.
const UNWRITTEN_AT_MOST: usize = 8 * 1024 * 1024;
/// Above these, nothing is read until the session took some.
const UNTAKEN_EVENTS: usize = 64;
const UNTAKEN_BYTES: usize = 4 * 1024 * 1024;
/// Why the loop ended.
#[derive(Debug, PartialEq)]
pub(super) struct End {
    /// What to tell.
    pub problem: ConnectionProblem,
    /// Whether resuming the session could only end the same way.
    pub is_resumption_dead: bool,
    /// What the session has not taken yet.
    pub untaken: VecDeque<LinkEvent>,
}

/// A step of the loop that cannot go on.
#[derive(Debug)]
enum Stop {
    /// The stream ended; the session may be resumed.
    Ended(ConnectionProblem),
    /// The stream ended in a way that would repeat itself.
    Dead(ConnectionProblem),
    /// The server's `<a/>` cannot be true.
    BadAcknowledgement,
    /// The session wants to close.
    Close,
    /// The session has given this connection up, not the stream.
    Gone,
}

/// The loop's state.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Running<'a, S> {
    settings: &'a LinkSettings,
    reader: Reader<ReadHalf<S>>,
    writer: WriteHalf<S>,
    /// What is to be written from `written` on.
    unwritten: Vec<u8>,
    written: usize,
    needs_flush: bool,
    /// Since when the network takes nothing.
    stuck_since: Option<Instant>,
    /// Since when writing fails. What the server said before, its reason for
    /// closing above all, can still be read then.
    broken_since: Option<Instant>,
    untaken: VecDeque<LinkEvent>,
    untaken_bytes: usize,
    is_paused: bool,
    counters: Option<Counters>,
    /// The server has yet to say what it offers on this stream.
    awaits_features: bool,
    /// A question is among what is unwritten.
    has_asked: bool,
    /// And its answer is to prove that the connection lives.
    wants_proof: bool,
    /// Since when an answer, of whatever kind, is awaited.
    asked_since: Option<Instant>,
    /// The ping that is under way, where there is no stream management.
    ping: Option<String>,
    /// Since when the answer to one question counts, until it comes.
    proving_since: Option<Instant>,
    /// When the session was resumed, until the first `<a/>`.
    resumed_at: Option<Instant>,
    /// How long we may say nothing, and since when we do.
    idle: Option<Duration>,
    silent_since: Instant,
}

/// What the loop begins with.
pub(super) struct Start {
    /// How signing in ended.
    pub online: Online,
    /// The number of the last stanza that took effect in this session.
    pub handled: u32,
    /// How many of our stanzas are out in this session already.
    pub sent: u32,
    /// The server has yet to say what it offers on this stream.
    pub awaits_features: bool,
    /// Stanzas that came before stream management did.
    pub early: Vec<Element>,
    /// Commands that came before the stream was bound.
    pub waiting: VecDeque<LinkCommand>,
}

/// Runs a bound stream until it ends.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    stream: XmlStream<S>,
    settings: &LinkSettings,
    start: Start,
    commands: &mut mpsc::Receiver<LinkCommand>,
    events: &mpsc::Sender<LinkEvent>,
) -> End {
    let (waiting, awaits_features) = (start.waiting, start.awaits_features);
    let sent = start.online.resumed.unwrap_or(start.sent);
    let numbers = (sent, start.handled);
    let mut running = Running::new(stream, settings, &start.online, numbers, start.early);
    running.awaits_features = awaits_features;
    let Err(stop) = running.serve(waiting, commands, events).await;
    let (problem, is_resumption_dead) = match stop {
        Stop::Ended(problem) => (problem, false),
        Stop::Dead(problem) => (problem, true),
        Stop::BadAcknowledgement => {
            running.refuse_acknowledgement().await;
            let what = "it acknowledged what was never sent".to_owned();
            (ConnectionProblem::NotUnderstood { what }, true)
        }
        Stop::Close => {
            // A server that did not hear it keeps the session.
            let is_heard = running.say_farewell().await;
            (ConnectionProblem::ConnectionLost, is_heard)
        }
        // A farewell would end the stream, and confirm nothing it holds.
        Stop::Gone => (ConnectionProblem::ConnectionLost, false),
    };
    tracing::info!(%problem, is_resumption_dead, "the stream ended");
    End {
        problem,
        is_resumption_dead,
        untaken: running.untaken,
    }
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Running<'a, S> {
    fn new(
        stream: XmlStream<S>,
        settings: &'a LinkSettings,
        online: &Online,
        (sent, handled): (u32, u32),
        early: Vec<Element>,
    ) -> Self {
        let counters = online.stream_management.as_ref().map(|_| {
            // The server goes on counting from what it told us it has.
            Counters {
                sent,
                acknowledged: online.resumed.unwrap_or(0),
                received: handled,
                handled,
                owed: None,
            }
        });
        let event = if counters.is_some() {
            LinkEvent::Early
        } else {
            LinkEvent::Stanza
        };
        let mut running = Self {
            settings,
            reader: stream.reader,
            writer: stream.writer,
            unwritten: Vec::new(),
            written: 0,
            needs_flush: false,
            stuck_since: None,
            broken_since: None,
            untaken: early.into_iter().map(event).collect(),
            untaken_bytes: 0,
            is_paused: false,
            counters,
            awaits_features: false,
            has_asked: false,
            wants_proof: false,
            asked_since: None,
            ping: None,
            proving_since: None,
            resumed_at: None,
            idle: online.offers.idle,
            silent_since: Instant::now(),
        };
        if online.resumed.is_some() {
            running.resumed_at = Some(Instant::now());
        }
        if online.resumed.is_some() || sent > 0 {
            running.ask();
        }
        running
    }

    fn timing(&self) -> &'a Timing {
        &self.settings.timing
    }

    async fn serve(
        &mut self,
        mut waiting: VecDeque<LinkCommand>,
        commands: &mut mpsc::Receiver<LinkCommand>,
        events: &mpsc::Sender<LinkEvent>,
    ) -> Result<std::convert::Infallible, Stop> {
        loop {
            while let Some(command) = waiting.pop_front() {
                self.take_commands(command, &mut waiting, None)?;
            }
            let can_read = self.can_read();
            let has_unwritten = self.needs_flush || self.written < self.unwritten.len();
            let can_write = has_unwritten && self.broken_since.is_none();
            let can_take = self.unwritten.len() - self.written < UNWRITTEN_BYTES;
            let deadline = self.next_deadline();
            tokio::select! {
                item = self.reader.next(), if can_read => self.take_item(item)?,
                wrote = write_some(&mut self.writer, &self.unwritten[self.written..]), if can_write => {
                    self.note_written(wrote);
                }
                command = commands.recv(), if can_take => {
                    let command = command.unwrap_or(LinkCommand::Close);
                    self.take_commands(command, &mut waiting, Some(&mut *commands))?;
                }
                permit = events.reserve(), if !self.untaken.is_empty() => {
                    // An error means that nobody listens any more.
                    self.hand_over(permit.map_err(|_| gone(commands))?);
                }
                () = events.closed() => return Err(gone(commands)),
                () = sleep_until(deadline) => self.check_deadlines()?,
            }
        }
    }

    /// Returns whether there is room for what would be read, and forgives the
    /// other side the time in which there was none.
    fn can_read(&mut self) -> bool {
        let has_room = self.untaken.len() < UNTAKEN_EVENTS
            && self.untaken_bytes < UNTAKEN_BYTES
            && self.unwritten.len() - self.written < UNWRITTEN_AT_MOST;
        if has_room && self.is_paused {
            let now = Instant::now();
            self.asked_since = self.asked_since.map(|_| now);
            self.resumed_at = self.resumed_at.map(|_| now);
            self.proving_since = self.proving_since.map(|_| now);
        }
        self.is_paused = !has_room;
        has_room
    }

    fn hand_over(&mut self, permit: mpsc::Permit<'_, LinkEvent>) {
        if let Some(event) = self.untaken.pop_front() {
            permit.send(event);
        }
        if self.untaken.is_empty() {
            self.untaken_bytes = 0;
        }
    }

    fn tell(&mut self, event: LinkEvent) {
        self.untaken_bytes += self.reader.item_bytes();
        self.untaken.push_back(event);
    }

    fn take_item(&mut self, item: Result<Item, ConnectionProblem>) -> Result<(), Stop> {
        // Every sign of life answers the question whether there is any.
        self.asked_since = None;
        let item = item.map_err(|problem| match problem {
            // What made the stream unreadable would come again.
            ConnectionProblem::TooLarge | ConnectionProblem::NotUnderstood { .. } => {
                Stop::Dead(problem)
            }
            problem => Stop::Ended(problem),
        })?;
        match item {
            Item::Element(element) => self.take_element(element),
            Item::Skipped(skipped) => {
                self.take_skipped(skipped);
                Ok(())
            }
            Item::Header(_) => Ok(()),
            Item::End => Err(Stop::Ended(ConnectionProblem::ConnectionLost)),
        }
    }

    fn take_element(&mut self, element: Element) -> Result<(), Stop> {
        let namespace = element.ns();
        if is_stanza(&namespace, element.name()) {
            if self.is_ping_answer(&element) {
                self.ping = None;
                self.proving_since = None;
                return Ok(());
            }
            self.count_received();
            self.tell(LinkEvent::Stanza(element));
            return Ok(());
        }
        match (namespace.as_str(), element.name()) {
            (STREAM, "error") => Err(Stop::Ended(stream_error(&element))),
            // After a sign-in in one flight they may come behind stanzas.
            (STREAM, "features") if std::mem::take(&mut self.awaits_features) => {
                let offers = Offers::read(&element);
                self.idle = offers.idle;
                self.untaken.push_back(LinkEvent::Offers(offers));
                Ok(())
            }
            (STREAM_MANAGEMENT, "r") => {
                self.answer_soon();
                Ok(())
            }
            (STREAM_MANAGEMENT, "a") => self.take_acknowledgement(&element),
            (_, name) => {
                tracing::debug!(name, namespace, "an unknown element was ignored");
                Ok(())
            }
        }
    }

    fn take_skipped(&mut self, skipped: Skipped) {
        tracing::warn!(?skipped, "something exceeded a limit");
        if !is_stanza(&skipped.namespace, &skipped.name) {
            return;
        }
        // The reader sets a reason for all that it skips.
        let Some(reason) = skipped.reason else {
            return;
        };
        self.count_received();
        self.untaken.push_back(LinkEvent::Skipped {
            name: skipped.name,
            from: skipped.from,
            id: skipped.id,
            kind: skipped.kind,
            reason,
            bytes: skipped.bytes,
        });
    }

    fn count_received(&mut self) {
        if let Some(counters) = &mut self.counters {
            counters.received = counters.received.wrapping_add(1);
        }
    }

    fn is_ping_answer(&self, element: &Element) -> bool {
        self.ping.is_some()
            && element.name() == "iq"
            && element.attr("id") == self.ping.as_deref()
            && matches!(element.attr("type"), Some("result" | "error"))
    }

    /// Takes a command and all that wait behind it, as one burst.
    fn take_commands(
        &mut self,
        first: LinkCommand,
        waiting: &mut VecDeque<LinkCommand>,
        mut more: Option<&mut mpsc::Receiver<LinkCommand>>,
    ) -> Result<(), Stop> {
        let mut has_sent = false;
        let mut next = Some(first);
        let mut outcome = Ok(());
        while let Some(command) = next {
            match command {
                LinkCommand::Send(element) => {
                    self.write(&element);
                    has_sent = true;
                    if let Some(counters) = &mut self.counters
                        && is_stanza(&element.ns(), element.name())
                    {
                        counters.sent = counters.sent.wrapping_add(1);
                    }
                }
                LinkCommand::Handled(h) => self.take_handled(h),
                LinkCommand::RequestAck => has_sent = true,
                LinkCommand::Prove => self.prove_life()?,
                LinkCommand::Close => {
                    outcome = Err(Stop::Close);
                    break;
                }
            }
            if self.unwritten.len() - self.written >= BURST_BYTES {
                break;
            }
            next = waiting.pop_front();
            if next.is_none() {
                next = more.as_mut().and_then(|more| more.try_recv().ok());
            }
        }
        if has_sent {
            self.ask();
        }
        outcome
    }

    fn write(&mut self, element: &Element) {
        self.settings.tap.sent(element);
        self.write_text(&xml::element_text(element));
    }

    fn write_text(&mut self, text: &str) {
        if self.written == self.unwritten.len() {
            self.unwritten.clear();
            self.written = 0;
        }
        self.unwritten.extend_from_slice(text.as_bytes());
        if self.broken_since.is_none() {
            self.stuck_since.get_or_insert_with(Instant::now);
        }
    }

    fn note_written(&mut self, wrote: std::io::Result<Wrote>) {
        match wrote {
            Ok(Wrote::Bytes(count)) => {
                self.written += count;
                if self.written >= BURST_BYTES {
                    // Else it would grow as long as there is always more.
                    self.unwritten.drain(..self.written);
                    self.written = 0;
                }
                self.needs_flush = true;
                self.silent_since = Instant::now();
                self.stuck_since = Some(Instant::now());
            }
            Ok(Wrote::Everything) => {
                self.needs_flush = false;
                self.stuck_since = None;
                self.unwritten.clear();
                self.written = 0;
                self.note_asked();
            }
            Err(error) => {
                tracing::debug!(%error, "writing failed");
                self.broken_since = Some(Instant::now());
                self.stuck_since = None;
            }
        }
    }
}

/// Returns how to end when nobody listens any more: with the farewell that was
/// still wished for, or with none.
fn gone(commands: &mut mpsc::Receiver<LinkCommand>) -> Stop {
    while let Ok(command) = commands.try_recv() {
        if command == LinkCommand::Close {
            return Stop::Close;
        }
    }
    Stop::Gone
}

/// A step of writing.
enum Wrote {
    Bytes(usize),
    Everything,
}

async fn write_some<W: AsyncWrite + Unpin>(
    writer: &mut W,
    unwritten: &[u8],
) -> std::io::Result<Wrote> {
    if unwritten.is_empty() {
        writer.flush().await?;
        return Ok(Wrote::Everything);
    }
    match writer.write(unwritten).await? {
        0 => Err(std::io::ErrorKind::WriteZero.into()),
        count => Ok(Wrote::Bytes(count)),
    }
}

#[cfg(test)]
mod tests;
