//! In which order messages came over a new connection: the archive tells.
//!
//! A server may hand a message on to the new connection before it repeats what
//! was lost with the old one, and not say so: ejabberd does. So when something
//! was received over a new connection, the archive is asked a moment later what
//! it has had since. Until it has told, the archive is still to be read on from
//! before: a process that is killed meanwhile leaves the question to the next.
//!
//! # Source
//! XEP-0313 §4.3, XEP-0198 §5.

use std::time::Duration;

use tokio::time::Instant;

use super::catch_up::{PageRead, Purpose, arrivals};
use super::incoming::{self, Delivered, Listed};
use super::session::Session;
use super::stream::Stream;
use crate::engine::error::StoreError;
use crate::engine::store::archive as cursors;
use crate::engine::xmpp::archive::{Edge, End};

/// How many times as long passes at least until the archive is asked again.
const REST: u32 = 10;

/// What comes may come in another order than it was sent in.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// Id in the archive of the last message before; empty: it held none.
    after: String,
    /// When to ask; `None` as long as nothing came.
    pub due: Option<Instant>,
}

impl Stream {
    /// Returns whether what came over this connection may still find another place.
    pub fn is_order_open(&self) -> bool {
        let is_asked = |page: &PageRead| *page.purpose() == Purpose::Order;
        self.order_doubt.is_some() || self.pages.values().any(is_asked)
    }

    /// Notes that a message came; the archive is asked so long after the first.
    pub fn received(&mut self, order_after: Duration) {
        if let Some(doubt) = &mut self.order_doubt {
            let soon = Instant::now() + order_after;
            // A line that breaks all the time must not keep the server busy.
            let rested = self.order_asked.map(|asked| asked + order_after * REST);
            doubt
                .due
                .get_or_insert(rested.map_or(soon, |rested| rested.max(soon)));
        }
    }
}

impl Session {
    /// A connection begins, or was taken up again, with nothing missing. What
    /// came before over another one may be in doubt as well.
    pub(super) async fn order_is_in_doubt(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        // Reading on puts everything into its order by itself.
        if !stream.is_caught_up || stream.lacks.archive || stream.order_doubt.is_some() {
            return Ok(());
        }
        let cursor = self
            .context
            .store
            .read(move |connection| cursors::cursor(connection, account))
            .await?;
        // Empty: all that comes may be in another order.
        stream.order_doubt = cursor.map(|cursor| Doubt {
            after: cursor.newest_id,
            due: None,
        });
        Ok(())
    }

    /// Asks the archive about the order, when it is time to.
    pub(super) async fn ask_for_order(&mut self) {
        let doubt = self.stream.as_mut().and_then(|stream| {
            let is_due = |doubt: &mut Doubt| doubt.due.is_some_and(|due| due <= Instant::now());
            let doubt = stream.order_doubt.take_if(is_due)?;
            stream.order_asked = Some(Instant::now());
            Some(doubt)
        });
        if let Some(doubt) = doubt {
            self.read_page(PageRead::order_after(doubt.after)).await;
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
        self.owes(applied.owes, applied.answers).await
    }
}
