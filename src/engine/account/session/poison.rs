//! A stanza that cannot take effect must not end one stream after the other.
//!
//! What did not take effect is not acknowledged, so a resumed stream brings it
//! again: right for a disk that was full, and a loop for a stanza that can
//! never be kept. The second time it is skipped and reported.

use minidom::Element;

use super::Session;
use crate::engine::error::StoreError;
use crate::engine::xmpp::archive;

/// How often a stanza may fail.
const MOST: u32 = 2;

/// Where it last failed, and how often.
#[derive(Debug, Default)]
pub(super) struct Poison {
    /// Our number for the stream, and how many stanzas took effect before.
    place: (i64, u32),
    times: u32,
}

impl Poison {
    fn failed_at(&mut self, place: (i64, u32)) {
        if self.place != place {
            self.times = 0;
        }
        (self.place, self.times) = (place, self.times + 1);
    }

    fn is_at(&self, place: (i64, u32)) -> bool {
        self.place == place && self.times >= MOST
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
        if self.poison.is_at(place) {
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
            // A full disk, or no memory, says nothing about the stanza.
            if !error.is_passing() {
                self.poison.failed_at(place);
            }
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
