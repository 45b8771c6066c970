//! XML of a stream, in both directions, without trust.
//!
//! A stream is one endless document: its header, then one element after the
//! other. [`Parser`] turns bytes into whole top-level elements under the
//! [`Limits`], whatever the other side sends: what exceeds a limit is skipped
//! to its end without being built, and still reported. Only what cannot be
//! skipped ends the stream. Nothing here, nor the dropping of what is built,
//! recurses deeper than [`Limits::depth`].
//!
//! This folder is the only place that names rxml. It resolves namespaces
//! itself, because rxml's own resolver walks all open elements for each name,
//! which makes a deeply nested stanza quadratic, and takes the last of two
//! `xmlns` attributes where two must be refused.
//!
//! # Source
//! RFC 6120 §11 (XML usage: no comments, instructions, DTD or entities),
//! Namespaces in XML 1.0.

mod builder;
mod scopes;
mod writer;

use minidom::Element;
use rxml::error::EndOrError;
use rxml::{Parse, RawEvent, RawParser, WithOptions};

use super::{Limits, SkipReason};
use builder::{Builder, Head};
use scopes::Scopes;

pub(super) use writer::{element_text, stream_header};

/// Namespace of messages, presences and iqs.
pub(super) const CLIENT: &str = "jabber:client";
/// Namespace of the stream's own elements.
pub(super) const STREAM: &str = "http://etherx.jabber.org/streams";

/// A stanza may be this many times its limit before skipping it is given up:
/// a stanza without end must not hold the stream for ever.
const SKIPPED_AT_MOST: usize = 16;
/// The parser remembers the name of each open element, also of skipped ones.
const OPEN_AT_MOST: usize = 1_000_000;

/// What comes out of a stream.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// The stream was opened.
    Header(Header),
    /// A whole element directly below the stream.
    Element(Element),
    /// One that exceeded a limit.
    Skipped(Skipped),
    /// The stream was closed.
    End,
}

/// The header of the other side's stream. What else it holds is ignored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// XMPP version; absent before RFC 3920.
    pub version: Option<String>,
}

/// What is known of an element that was skipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Skipped {
    /// Namespace and name.
    pub namespace: String,
    /// Its local name.
    pub name: String,
    /// Its `from`.
    pub from: Option<String>,
    /// Its `id`.
    pub id: Option<String>,
    /// Its `type`.
    pub kind: Option<String>,
    /// Which limit it exceeded first.
    pub reason: Option<SkipReason>,
    /// Its size on the wire.
    pub bytes: usize,
}

/// Why a stream cannot be read any further.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmlProblem {
    /// A single token is larger than the stanza limit, or a stanza has no end.
    #[error("something larger than the limit arrived")]
    TooLarge,
    /// It is not the XML that XMPP allows.
    #[error("not well-formed: {0}")]
    NotWellFormed(String),
}

impl XmlProblem {
    fn new(what: impl Into<String>) -> Self {
        Self::NotWellFormed(what.into())
    }
}

/// Turns the bytes of one stream into [`Item`]s.
pub(super) struct Parser {
    raw: RawParser,
    limits: Limits,
    /// Whether the first byte that is not white space came.
    has_begun: bool,
    /// Open elements, the stream itself included.
    open: usize,
    /// The header being read, as far as it is within the limits.
    head: Option<Head>,
    scopes: Scopes,
    builder: Builder,
    /// Bytes of the current stanza.
    stanza_bytes: usize,
    /// What is known of the current stanza, in case it must be skipped.
    summary: Skipped,
}

impl Parser {
    /// Starts a stream.
    pub fn new(limits: &Limits) -> Self {
        let mut raw = RawParser::with_options(rxml::Options {
            max_token_length: limits.stanza_bytes,
            ..rxml::Options::default()
        });
        // Long text comes in pieces, so that it can be counted as it arrives.
        raw.set_text_buffering(false);
        Self {
            raw,
            limits: limits.clone(),
            has_begun: false,
            open: 0,
            head: None,
            scopes: Scopes::default(),
            builder: Builder::default(),
            stanza_bytes: 0,
            summary: Skipped::default(),
        }
    }

    /// Takes bytes from the front of `bytes` until an item is complete; `None`
    /// when all were taken and none is.
    ///
    /// # Errors
    /// [`XmlProblem`]; the stream is over then, and stays so.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Result<Option<Item>, XmlProblem> {
        loop {
            if !self.has_begun {
                // Some servers put a line end behind the element that makes
                // us restart the stream; before a document it is not allowed.
                *bytes = bytes.trim_ascii_start();
                self.has_begun = !bytes.is_empty();
            }
            let before = bytes.len();
            let event = self.raw.parse(bytes, false);
            self.count(before - bytes.len())?;
            let item = match event {
                Ok(Some(event)) => self.take(event)?,
                Ok(None) => return Ok(Some(Item::End)),
                Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => return Err(explain(error)),
            };
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    /// Returns the bytes of the element that was completed last.
    pub fn stanza_bytes(&self) -> usize {
        self.stanza_bytes
    }

    fn count(&mut self, bytes: usize) -> Result<(), XmlProblem> {
        let is_in_header = self.open == 1 && self.head.is_some();
        if self.open < 2 && !is_in_header {
            self.stanza_bytes = 0;
            return Ok(());
        }
        self.stanza_bytes += bytes;
        if self.stanza_bytes > self.limits.stanza_bytes {
            self.skip(SkipReason::Bytes)?;
        }
        if self.stanza_bytes > self.limits.stanza_bytes.saturating_mul(SKIPPED_AT_MOST) {
            return Err(XmlProblem::TooLarge);
        }
        Ok(())
    }

    /// Gives the current stanza up; what comes of it is only counted.
    fn skip(&mut self, reason: SkipReason) -> Result<(), XmlProblem> {
        if self.open < 2 {
            // The stream's own header.
            return Err(XmlProblem::TooLarge);
        }
        if self.summary.reason.is_none() {
            self.summary.reason = Some(reason);
            self.builder.clear();
            if self.open > 2 {
                self.head = None;
            }
        }
        Ok(())
    }

    fn is_skipping(&self) -> bool {
        self.summary.reason.is_some()
    }

    fn take(&mut self, event: RawEvent) -> Result<Option<Item>, XmlProblem> {
        match event {
            RawEvent::XmlDeclaration(..) => Ok(None),
            RawEvent::ElementHeadOpen(metrics, (prefix, name)) => {
                self.open_element(metrics.len(), Head::new(prefix, name))?;
                Ok(None)
            }
            RawEvent::Attribute(metrics, (prefix, name), value) => {
                self.take_attribute(metrics.len(), prefix, name, value)?;
                Ok(None)
            }
            RawEvent::ElementHeadClose(_) => self.close_head(),
            RawEvent::Text(_, text) => {
                // Between stanzas: white space keeps connections alive, and
                // anything else has no meaning.
                if self.open >= 2 && !self.is_skipping() {
                    self.builder.text(text);
                }
                Ok(None)
            }
            RawEvent::ElementFoot(_) => Ok(self.close_element()),
        }
    }

    fn open_element(&mut self, bytes: usize, head: Head) -> Result<(), XmlProblem> {
        self.open += 1;
        if self.open == 2 {
            self.stanza_bytes = bytes;
            self.summary = Skipped::default();
            self.builder.clear();
        }
        if self.open > OPEN_AT_MOST {
            return Err(XmlProblem::TooLarge);
        }
        if self.is_skipping() {
            return Ok(());
        }
        self.head = Some(head);
        if self.open > 1 {
            self.builder.count_element();
            if self.open - 1 > self.limits.depth {
                self.skip(SkipReason::Depth)?;
            } else if self.builder.elements() > self.limits.elements {
                self.skip(SkipReason::Elements)?;
            }
        }
        Ok(())
    }

    fn take_attribute(
        &mut self,
        bytes: usize,
        prefix: Option<rxml::NcName>,
        name: rxml::NcName,
        value: String,
    ) -> Result<(), XmlProblem> {
        let Some(head) = &mut self.head else {
            return Ok(());
        };
        if self.open == 2 && prefix.is_none() {
            summarise(&mut self.summary, &name, &value);
        }
        head.attribute_bytes += bytes;
        head.attribute_count += 1;
        if head.attribute_count > self.limits.attributes
            || head.attribute_bytes > self.limits.attribute_bytes
        {
            return self.skip(SkipReason::Attributes);
        }
        head.push(prefix, name, value)
    }

    fn close_head(&mut self) -> Result<Option<Item>, XmlProblem> {
        let Some(head) = self.head.take() else {
            return Ok(None);
        };
        let element = self.scopes.open(head)?;
        if self.open == 1 {
            if element.name() != "stream" || !element.has_ns(STREAM) {
                return Err(XmlProblem::new("this is no stream"));
            }
            let version = element.attr("version").map(str::to_owned);
            return Ok(Some(Item::Header(Header { version })));
        }
        if self.open == 2 {
            self.summary.namespace = element.ns();
            element.name().clone_into(&mut self.summary.name);
        }
        if !self.is_skipping() {
            self.builder.open(element);
        }
        Ok(None)
    }

    fn close_element(&mut self) -> Option<Item> {
        self.open -= 1;
        if self.open == 0 {
            return Some(Item::End);
        }
        if self.is_skipping() {
            if self.open > 1 {
                return None;
            }
            self.scopes.keep_stream_only();
            self.builder.clear();
            self.summary.bytes = self.stanza_bytes;
            return Some(Item::Skipped(std::mem::take(&mut self.summary)));
        }
        self.scopes.close();
        self.builder.close().map(Item::Element)
    }
}

/// Keeps what identifies a stanza, so that a request can be answered and a
/// lost answer be told to who waits for it.
fn summarise(summary: &mut Skipped, name: &str, value: &str) {
    /// An address has three parts of at most 1023 bytes (RFC 7622 §3.1).
    const LONGEST: usize = 3071;
    let place = match name {
        "from" => &mut summary.from,
        "id" => &mut summary.id,
        "type" => &mut summary.kind,
        _ => return,
    };
    if value.len() <= LONGEST {
        *place = Some(value.to_owned());
    }
}

fn explain(error: rxml::Error) -> XmlProblem {
    match error {
        // The only texts by which rxml tells size from form; a test holds them.
        rxml::Error::RestrictedXml(what)
            if what.starts_with("long ") || what.ends_with("too long") =>
        {
            XmlProblem::TooLarge
        }
        error => XmlProblem::new(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
