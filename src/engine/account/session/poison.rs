//! A stanza that cannot take effect must not end one stream after the other.
//!
//! What did not take effect is not acknowledged, so a resumed stream brings it
//! again: right for a disk that was full, and a loop for a stanza that can
//! never be kept. The second time it is skipped and reported. So is a message
//! of the archive, which the next catching up would bring again.

use minidom::Element;

use super::Session;
use crate::engine::error::StoreError;
use crate::engine::xmpp::archive;

/// How often it may fail.
const MOST: u32 = 2;

/// Where something last failed, and how often. On a stream the place is our
/// number for it and how many stanzas took effect before; in the archive it is
/// the id of the message that a stretch begins with.
#[derive(Debug)]
pub(in crate::engine::account) struct Poison<P> {
    place: Option<P>,
    times: u32,
}

impl<P> Default for Poison<P> {
    fn default() -> Self {
        Self {
            place: None,
            times: 0,
        }
    }
}

impl<P: PartialEq> Poison<P> {
    /// Notes a failure. A full disk, or no memory, says nothing about what
    /// could not be kept.
    pub fn failed_at(&mut self, place: P, error: &StoreError) {
        if error.is_passing() {
            return;
        }
        if self.place.as_ref() != Some(&place) {
            self.times = 0;
        }
        (self.place, self.times) = (Some(place), self.times + 1);
    }

    /// Returns whether what stands there failed as often as it may.
    pub fn is_at(&self, place: &P) -> bool {
        self.place.as_ref() == Some(place) && self.times >= MOST
    }
}

impl Session {
    /// Lets a stanza take effect, or skips it when it never could.
    ///
    /// # Errors
    /// It could not take effect this time, so it must not be acknowledged.
    pub(super) async fn take(&mut self, stanza: Element) -> Result<(), StoreError> {
        let Some(stream) = &self.stream else {
            return Ok(());
        };
        let place = (stream.number, stream.handled);
        let is_answer = stanza.name() == "iq" || archive::result(&stanza).is_some();
        if self.poison.is_at(&place) {
            tracing::error!(
                name = stanza.name(),
                from = stanza.attr("from"),
                id = stanza.attr("id"),
                "What could twice not be kept is skipped."
            );
            return Ok(());
        }
        let done = self.stanza(stanza).await;
        if let Err(error) = &done {
            self.poison.failed_at(place, error);
            if is_answer {
                // Nobody waits for it any more, and what came of a page before
                // it, and was acknowledged, is gone with it: all is to be asked
                // again.
                self.forget_stream();
            }
        }
        done
    }
}
