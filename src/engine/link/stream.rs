//! One XML stream over one socket: elements in, text out.
//!
//! [`Reader`] may be dropped and called again at any time without losing a
//! byte, so that it can stand in a `select!`. [`XmlStream`] is what signing in
//! talks to; the running connection takes it apart again.

use std::time::Duration;

use minidom::Element;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::Instant;

use super::offers::LEAST_BYTES;
use super::xml::{self, Item, Parser, STREAM, XmlProblem};
use super::{Limits, Tap};
use crate::engine::model::ConnectionProblem;

/// Namespace of the conditions inside a stream error (RFC 6120 §4.9.3).
pub(super) const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";

/// How much is read at a time; a TLS record holds no more.
const PIECE: usize = 16 * 1024;

/// Reads items from a socket.
pub(super) struct Reader<R> {
    socket: R,
    limits: Limits,
    parser: Parser,
    /// Bytes that were read and not parsed yet begin at `parsed`.
    bytes: Vec<u8>,
    parsed: usize,
    /// What the other side began with.
    first: Option<u8>,
    last_received: Instant,
    tap: Tap,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    fn new(socket: R, limits: &Limits) -> Self {
        Self {
            socket,
            limits: limits.clone(),
            parser: Parser::new(limits),
            bytes: Vec::new(),
            parsed: 0,
            first: None,
            last_received: Instant::now(),
            tap: Tap::default(),
        }
    }

    /// Returns the next item.
    ///
    /// # Errors
    /// `ConnectionLost` when the socket ends; `TooLarge` and `NotUnderstood`
    /// when what arrived cannot be read.
    pub async fn next(&mut self) -> Result<Item, ConnectionProblem> {
        loop {
            let mut rest = &self.bytes[self.parsed..];
            let item = self.parser.feed(&mut rest);
            self.parsed = self.bytes.len() - rest.len();
            if let Some(item) = item.map_err(problem_of)? {
                self.tap.received(&item);
                return Ok(item);
            }
            self.bytes.clear();
            self.parsed = 0;
            self.bytes.reserve(PIECE);
            match self.socket.read_buf(&mut self.bytes).await {
                Ok(0) => return Err(ConnectionProblem::ConnectionLost),
                Ok(_) => {
                    self.first = self.first.or(self.bytes.first().copied());
                    self.last_received = Instant::now();
                }
                Err(error) => {
                    tracing::debug!(%error, "reading failed");
                    return Err(ConnectionProblem::ConnectionLost);
                }
            }
        }
    }

    /// Returns the bytes of the item that was returned last.
    pub fn item_bytes(&self) -> usize {
        self.parser.stanza_bytes()
    }

    /// Returns the first byte that ever arrived.
    pub fn first_byte(&self) -> Option<u8> {
        self.first
    }

    /// Returns when bytes last arrived.
    pub fn last_received(&self) -> Instant {
        self.last_received
    }

    /// Pretends that bytes last arrived then.
    #[cfg(test)]
    pub fn received_at(&mut self, time: Instant) {
        self.last_received = time;
    }
}

fn problem_of(problem: XmlProblem) -> ConnectionProblem {
    match problem {
        XmlProblem::TooLarge => ConnectionProblem::TooLarge,
        problem @ XmlProblem::NotWellFormed(_) => not_understood(problem.to_string()),
    }
}

/// A stream as signing in uses it.
pub(super) struct XmlStream<S> {
    pub reader: Reader<ReadHalf<S>>,
    pub writer: WriteHalf<S>,
    /// How often an answer to what was said had to be waited for.
    pub round_trips: u32,
    /// Where the server wants us to be instead, as long as [`Self::may_move`].
    pub elsewhere: Option<String>,
    /// The server may still send us elsewhere: we have not signed in yet.
    pub may_move: bool,
    /// How much of stanzas that came too early is kept.
    pub early_bytes: usize,
    has_spoken: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> XmlStream<S> {
    /// Wraps a socket.
    pub fn new(socket: S, limits: &Limits) -> Self {
        let (read, writer) = tokio::io::split(socket);
        let reader = Reader::new(read, limits);
        Self {
            reader,
            writer,
            round_trips: 0,
            elsewhere: None,
            may_move: true,
            early_bytes: 0,
            has_spoken: false,
        }
    }

    /// Lets what passes be watched.
    pub fn watched_by(mut self, tap: &Tap) -> Self {
        self.reader.tap = tap.clone();
        self
    }

    /// Opens a stream, or the next one on the same socket, and returns the
    /// server's features.
    ///
    /// # Errors
    /// The problem when the server says something else.
    pub async fn open(
        &mut self,
        domain: &str,
        from: Option<&str>,
    ) -> Result<Element, ConnectionProblem> {
        self.open_saying(domain, from, &[]).await
    }

    /// Opens a stream and, without waiting for the server's features, says
    /// what will most likely be right to say next.
    ///
    /// # Errors
    /// The problem when the server says something else.
    pub async fn open_saying(
        &mut self,
        domain: &str,
        from: Option<&str>,
        next: &[Element],
    ) -> Result<Element, ConnectionProblem> {
        self.reader.parser = Parser::new(&self.reader.limits);
        let mut text = xml::stream_header(domain, from);
        self.reader.tap.sent_text(&text);
        self.add(&mut text, next)?;
        self.write(&text).await?;
        self.waits();
        match self.reader.next().await? {
            Item::Header(_) => {}
            _ => return Err(not_understood("no stream header came")),
        }
        let features = self.next().await?;
        if !features.is("features", STREAM) {
            return Err(not_understood("no stream features came"));
        }
        Ok(features)
    }

    /// Returns the next element; an error of the stream becomes its problem.
    ///
    /// # Errors
    /// The problem when there is none.
    pub async fn next(&mut self) -> Result<Element, ConnectionProblem> {
        self.waits();
        match self.reader.next().await? {
            Item::Element(element) if element.is("error", STREAM) => {
                self.elsewhere = other_host(&element).filter(|_| self.may_move);
                Err(stream_error(&element))
            }
            Item::Element(element) => Ok(element),
            Item::End => Err(ConnectionProblem::ConnectionLost),
            Item::Header(_) => Err(not_understood("a second stream header came")),
            Item::Skipped(_) => Err(ConnectionProblem::TooLarge),
        }
    }

    /// Writes an element.
    ///
    /// # Errors
    /// `ConnectionLost`; `WrongPassword` when it is longer than a server takes
    /// of somebody who has not signed in, as only a password makes it so.
    pub async fn send(&mut self, element: &Element) -> Result<(), ConnectionProblem> {
        self.send_all(std::slice::from_ref(element)).await
    }

    /// Writes elements back to back.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn send_all(&mut self, elements: &[Element]) -> Result<(), ConnectionProblem> {
        let mut text = String::new();
        self.add(&mut text, elements)?;
        self.write(&text).await
    }

    fn add(&self, text: &mut String, elements: &[Element]) -> Result<(), ConnectionProblem> {
        for element in elements {
            let element_text = xml::element_text(element);
            if element_text.len() > LEAST_BYTES {
                tracing::warn!(bytes = element_text.len(), "too long to sign in with");
                return Err(ConnectionProblem::WrongPassword);
            }
            self.reader.tap.sent(element);
            text.push_str(&element_text);
        }
        Ok(())
    }

    /// Counts a round trip, if what is read now may be an answer.
    fn waits(&mut self) {
        if std::mem::take(&mut self.has_spoken) {
            self.round_trips += 1;
        }
    }

    async fn write(&mut self, text: &str) -> Result<(), ConnectionProblem> {
        self.has_spoken = true;
        let written = async {
            self.writer.write_all(text.as_bytes()).await?;
            self.writer.flush().await
        };
        written.await.map_err(|error| {
            tracing::debug!(%error, "writing failed");
            ConnectionProblem::ConnectionLost
        })
    }

    /// Returns the socket, if nothing but white space was read ahead.
    ///
    /// # Errors
    /// `NotUnderstood` when there was: somebody put it there to be taken for a
    /// part of the encrypted stream (attack A19).
    pub fn into_socket(self) -> Result<S, ConnectionProblem>
    where
        S: Send + 'static,
    {
        let ahead = &self.reader.bytes[self.reader.parsed..];
        if !ahead.trim_ascii().is_empty() {
            return Err(not_understood("data came between <proceed/> and TLS"));
        }
        Ok(self.reader.socket.unsplit(self.writer))
    }
}

/// Returns what an error of the stream means.
///
/// # Source
/// RFC 6120 §4.9.3. Only who signs in follows a redirection
/// (`see-other-host`): attack A29.
pub(super) fn stream_error(error: &Element) -> ConnectionProblem {
    let condition = error
        .children()
        .find(|child| child.has_ns(STREAM_ERRORS) && child.name() != "text")
        .map_or("undefined-condition", Element::name);
    tracing::info!(condition, "the server ended the stream");
    match condition {
        "conflict" => ConnectionProblem::SignedInElsewhere,
        condition => ConnectionProblem::ClosedByServer {
            condition: condition.to_owned(),
        },
    }
}

/// Returns where an error of the stream points to (RFC 6120 §4.9.3.19).
fn other_host(error: &Element) -> Option<String> {
    let place = error.get_child("see-other-host", STREAM_ERRORS)?.text();
    Some(place.trim().to_owned()).filter(|place| !place.is_empty())
}

/// Returns the problem for an answer that makes no sense.
pub(super) fn not_understood(what: impl Into<String>) -> ConnectionProblem {
    ConnectionProblem::NotUnderstood { what: what.into() }
}

/// Runs a step of making a connection under a deadline.
///
/// # Errors
/// `late` when it takes longer, else the step's own.
pub(super) async fn within<T>(
    deadline: Duration,
    late: ConnectionProblem,
    step: impl Future<Output = Result<T, ConnectionProblem>>,
) -> Result<T, ConnectionProblem> {
    tokio::time::timeout(deadline, step)
        .await
        .unwrap_or(Err(late))
}
