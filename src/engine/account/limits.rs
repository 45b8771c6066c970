//! How much we say: nothing larger than the server takes, and no more answers
//! to one sender than a program needs.
//!
//! One stanza above the server's limit ends the stream for everything behind
//! it, and would do so again after each resumption. A message of the user's
//! that is too large fails in words before it is sent; anything else is made
//! large only by somebody who wants that (an id of a megabyte, which an answer
//! repeats), and is left out.
//!
//! # Source
//! XEP-0478 v0.1.0 §4, RFC 6120 §13.12; attack A56.

use std::collections::BTreeMap;
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::encryption::sending::{self, Leaving};
use super::outgoing::stanza_for;
use super::session::Session;
use super::stream::Stream;
use crate::engine::error::StoreError;
use crate::engine::link::{LEAST_BYTES, LinkCommand, Offers, bytes_on_wire};
use crate::engine::model::SendFailure;
use crate::engine::store::owing::Waiting;

/// How many answers one sender gets in [`WINDOW`].
const MOST_ANSWERS: u32 = 40;
const WINDOW: Duration = Duration::from_secs(10);
/// Of how many senders that is counted.
const MOST_SENDERS: usize = 1_000;
/// Above so many stanzas that the server has not confirmed, nobody is answered.
const MOST_UNCONFIRMED: usize = 1_000;

/// How many answers each sender got lately.
#[derive(Debug, Default)]
pub(super) struct Answers {
    senders: BTreeMap<BareJid, (Instant, u32)>,
}

impl Answers {
    /// Returns whether a sender gets another answer, and counts it.
    pub fn allows(&mut self, sender: &BareJid) -> bool {
        let now = Instant::now();
        let is_old = |since: &Instant| now.duration_since(*since) >= WINDOW;
        if let Some((since, count)) = self.senders.get_mut(sender) {
            if is_old(since) {
                (*since, *count) = (now, 0);
            }
            *count += 1;
            return *count <= MOST_ANSWERS;
        }
        if self.senders.len() >= MOST_SENDERS {
            self.senders.retain(|_, (since, _)| !is_old(since));
        }
        if self.senders.len() >= MOST_SENDERS {
            return false;
        }
        self.senders.insert(sender.clone(), (now, 1));
        true
    }
}

impl Stream {
    /// Goes on over another connection. What its server takes may be told only
    /// later; until then it is believed to take what it took before.
    pub fn goes_on_over(&mut self, link: mpsc::Sender<LinkCommand>, offers: Offers) {
        let most_bytes = offers.most_bytes.or(self.offers.most_bytes);
        self.link = link;
        // A new connection lives.
        self.proof_due = None;
        self.offers = Offers {
            most_bytes,
            ..offers
        };
    }

    /// Returns whether the server takes a stanza of this size; one that says
    /// nothing of its limit is believed to take what the user writes.
    fn takes(&self, stanza: &Element) -> bool {
        self.offers
            .most_bytes
            .is_none_or(|most| bytes_on_wire(stanza) <= most)
    }

    /// Sends what somebody else had a part in, unless they made it too large
    /// or want too much.
    pub async fn answer(&mut self, to: &BareJid, answer: Element) {
        let most = self.offers.most_bytes.unwrap_or(LEAST_BYTES);
        if bytes_on_wire(&answer) > most {
            tracing::warn!("An answer that would be too large is not given.");
        } else if self.unacknowledged.to_resend().count() >= MOST_UNCONFIRMED
            || !(self.is_of_ours(to) || self.answers.allows(to))
        {
            tracing::warn!("Somebody wants too many answers.");
        } else {
            self.send(answer).await;
        }
    }

    /// Returns whether it is our account or our server: one that is not
    /// answered may end the session, and no stranger is to bring that about.
    fn is_of_ours(&self, to: &BareJid) -> bool {
        let is_account = to.node().is_none() || to.node() == self.bound.node();
        is_account && to.domain() == self.bound.domain()
    }
}

impl Session {
    /// Gives up those rows of the outbox that are larger than the server
    /// takes, and returns the others.
    pub(super) async fn what_fits(&self, rows: Vec<Waiting>) -> Result<Vec<Leaving>, StoreError> {
        let Some(stream) = &self.stream else {
            return Ok(vec![]);
        };
        let mut fitting = Vec::with_capacity(rows.len());
        let mut too_large = Vec::new();
        for row in rows {
            if row.is_sealed {
                // How large it gets is known when it is sealed.
                fitting.push(Leaving::Sealed(row));
                continue;
            }
            let stanza = stanza_for(&row);
            if stream.takes(&stanza) {
                fitting.push(Leaving::Plain(row.id, stanza));
            } else {
                too_large.push(row);
            }
        }
        if !too_large.is_empty() {
            tracing::info!(count = too_large.len(), "Larger than the server takes.");
            self.context
                .store
                .write(move |tx, changes| {
                    for row in too_large {
                        sending::give_up(tx, changes, &row, SendFailure::TooLarge)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(fitting)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::engine::link::{Memory, Online};
    use crate::engine::model::SecurityReport;

    #[tokio::test]
    async fn a56_our_own_server_is_answered_whatever_a_crowd_asks() {
        let (link, mut sent) = mpsc::channel(256);
        let online = Online {
            bound: "romeo@example.org/orchard".parse().unwrap(),
            resumed: None,
            refused_h: None,
            stream_management: None,
            offers: Offers::default(),
            has_copies: false,
            report: SecurityReport::default(),
            memory: Memory::default(),
        };
        let mut stream = Stream::new(1, online, link);
        for number in 0..MOST_SENDERS {
            stream.answers.allows(&somebody(number));
        }
        let mut answered = async |to: &str| {
            let answer = Element::bare("iq", "jabber:client");
            stream.answer(&to.parse().unwrap(), answer).await;
            sent.try_recv().is_ok()
        };

        assert!(!answered("mercutio@example.org").await);
        for _ in 0..=MOST_ANSWERS {
            assert!(answered("example.org").await);
            assert!(answered("romeo@example.org").await);
        }
        assert!(!answered("example.net").await);
    }

    fn somebody(number: usize) -> BareJid {
        BareJid::new(&format!("tybalt{number}@example.org")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a56_who_asks_without_end_is_answered_for_a_while() {
        let mut answers = Answers::default();

        let given = (0..10_000).filter(|_| answers.allows(&somebody(0))).count();

        assert_eq!(given, MOST_ANSWERS as usize);
        assert!(answers.allows(&somebody(1)), "others are not to blame");
        tokio::time::advance(WINDOW).await;
        assert!(answers.allows(&somebody(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a56_a_crowd_that_asks_takes_bounded_room_and_passes() {
        let mut answers = Answers::default();
        for number in 0..MOST_SENDERS * 3 {
            answers.allows(&somebody(number));
        }
        assert_eq!(answers.senders.len(), MOST_SENDERS);

        tokio::time::advance(WINDOW).await;

        assert!(answers.allows(&somebody(MOST_SENDERS * 4)));
    }
}
