//! In which order messages came, where a connection that was taken up again
//! brought them in another: the archive tells.
//!
//! A server may hand a message on to the new connection before it repeats what
//! was lost with the old one. By the stamp of what it repeats that shows, and a
//! moment later the archive is asked about the time since.
//!
//! # Source
//! XEP-0313 §4.1.2, XEP-0198 §5, XEP-0203.

use std::time::Duration;

use tokio::time::Instant;

use super::catch_up::{PageRead, arrivals};
use super::incoming::{self, Delivered, Listed};
use super::session::Session;
use super::stream::Stream;
use crate::engine::error::StoreError;
use crate::engine::model::Timestamp;
use crate::engine::xmpp::archive::{Edge, End};

/// How long nothing more must have come late until the archive is asked.
const A_MOMENT: Duration = Duration::from_secs(1);
/// By how much a message may be archived before it is stamped, in milliseconds.
const BEFORE: Timestamp = 1_000;

/// Something came in another order than it was sent in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    /// The server had the first of it then, by its own clock.
    since: Timestamp,
    /// When to ask.
    pub due: Instant,
}

impl Stream {
    /// Notes that a message came after what was sent later.
    pub fn came_late(&mut self, stamp: Timestamp) {
        if !self.lacks.archive {
            let since = self.order_doubt.map_or(stamp, |doubt| doubt.since);
            self.order_doubt = Some(Doubt {
                since: since.min(stamp),
                due: Instant::now() + A_MOMENT,
            });
        }
    }
}

impl Session {
    /// Asks the archive about the order of what came late, when it is time to.
    pub(super) async fn ask_for_order(&mut self) {
        let doubt = self.stream.as_mut().and_then(|stream| {
            let is_due = |doubt: &mut Doubt| doubt.due <= Instant::now();
            stream.order_doubt.take_if(is_due)
        });
        if let Some(doubt) = doubt {
            self.read_page(PageRead::order_since(doubt.since - BEFORE))
                .await;
        }
    }

    /// Puts what a page lists into its order. What of it is not here yet is
    /// added; the cursor stays where it is.
    pub(super) async fn page_of_order(
        &mut self,
        read: PageRead,
        end: End,
    ) -> Result<(), StoreError> {
        if let Some(last) = end.last.filter(|_| !end.is_complete && !read.is_empty()) {
            self.read_on(&read, Edge::After(last)).await;
        }
        let (account, now) = (self.account.id, self.context.clock.now());
        let messages = read.into_messages();
        let mut arrivals = arrivals(account, &self.own, now, messages, Delivered::CatchUp);
        let applied = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                incoming::apply_stretch(tx, changes, &mut arrivals, 0, Listed::default())
            })
            .await?;
        if applied.owes {
            self.drain_outbox().await?;
        }
        Ok(())
    }
}
