//! The numbers of stream management in a running stream: asking, answering,
//! and believing nothing that cannot be true.
//!
//! # Source
//! XEP-0198 v1.6.1 §4.

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::{Running, Stop};
use crate::engine::link::LinkEvent;
use crate::engine::link::login::{STREAM_MANAGEMENT, set};
use crate::engine::link::stream_management::{newly_acknowledged, read_h};

/// Numbers of stream management.
pub(super) struct Counters {
    /// Stanzas we sent.
    pub(super) sent: u32,
    /// Of these, what the server has.
    pub(super) acknowledged: u32,
    /// Stanzas that arrived.
    pub(super) received: u32,
    /// Of these, what took effect.
    pub(super) handled: u32,
    /// An `<r/>` that came before the session was as far.
    pub(super) owed: Option<Owed>,
}

pub(super) struct Owed {
    /// What the server wants to hear.
    pub(super) up_to: u32,
    /// When it is told less; `None` when it was.
    pub(super) due: Option<Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Running<'_, S> {
    pub(super) fn take_acknowledgement(&mut self, element: &Element) -> Result<(), Stop> {
        let Some(counters) = &mut self.counters else {
            return Ok(());
        };
        let h = read_h(element).ok_or(Stop::BadAcknowledgement)?;
        newly_acknowledged(counters.acknowledged, counters.sent, h).map_err(|problem| {
            tracing::warn!(%problem, "a bad acknowledgement");
            Stop::BadAcknowledgement
        })?;
        counters.acknowledged = h;
        self.resumed_at = None;
        self.proving_since = None;
        self.untaken.push_back(LinkEvent::Acknowledged(h));
        Ok(())
    }

    /// Returns whether an acknowledgement says what the last one said.
    pub(super) fn knows_acknowledged(&self, element: &Element) -> bool {
        let known = self.counters.as_ref().map(|known| known.acknowledged);
        known.is_some() && known == read_h(element)
    }

    /// Answers an `<r/>`, now if everything took effect, else a little later.
    pub(super) fn answer_soon(&mut self) {
        let handling = self.timing().handling;
        let Some(counters) = &mut self.counters else {
            return;
        };
        if counters.handled == counters.received {
            counters.owed = None;
            self.answer();
            return;
        }
        let earlier = counters.owed.take().and_then(|owed| owed.due);
        counters.owed = Some(Owed {
            up_to: counters.received,
            due: earlier.or(Some(Instant::now() + handling)),
        });
    }

    pub(super) fn answer(&mut self) {
        let Some(counters) = &self.counters else {
            return;
        };
        let mut element = Element::bare("a", STREAM_MANAGEMENT);
        set(&mut element, "h", &counters.handled.to_string());
        self.write(&element);
    }

    pub(super) fn take_handled(&mut self, h: u32) {
        let Some(counters) = &mut self.counters else {
            return;
        };
        let newly = newly_acknowledged(counters.handled, counters.received, h);
        if let Err(problem) = newly {
            // The session counted wrongly; telling the server would lose data.
            tracing::error!(%problem, "the session handled what never arrived");
            return;
        }
        counters.handled = h;
        let is_settled = counters.owed.as_ref().is_some_and(|owed| {
            // At or after what the server asked for, modulo 2^32.
            h.wrapping_sub(owed.up_to) <= counters.received.wrapping_sub(owed.up_to)
        });
        if is_settled {
            counters.owed = None;
            self.answer();
        }
    }

    pub(super) fn ask(&mut self) {
        if self.counters.is_some() {
            self.write(&Element::bare("r", STREAM_MANAGEMENT));
            self.has_asked = true;
        }
    }
}
