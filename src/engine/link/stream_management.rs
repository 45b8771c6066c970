//! What the other side has, and has not, told us it received.
//!
//! Stream management numbers the stanzas of each direction from 1, modulo
//! 2^32, and `<a h='…'/>` names the last one that arrived. This file owns that
//! arithmetic and the queue of what was sent and not yet acknowledged. It is
//! pure: the account's session keeps the queue (so that it survives a broken
//! connection), the running connection only compares numbers.
//!
//! # Source
//! XEP-0198 v1.6.1 §4 (acks), §5 (resumption).

use std::collections::VecDeque;

use minidom::Element;

/// A stanza that was sent, with its number in the stream management session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its place in the session: 1 is the first stanza after `<enable/>`.
    pub sequence: u32,
    /// The stanza itself.
    pub stanza: Element,
}

/// The other side claims to have received more than was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("acknowledged up to {claimed}, but only {sent} were sent")]
pub struct TooHigh {
    /// The `h` it sent.
    pub claimed: u32,
    /// The number of the last stanza that was sent.
    pub sent: u32,
}

/// Checks an `h` of the other side: it may not go beyond what was sent, nor back.
///
/// Returns how many stanzas it newly acknowledges. All numbers are modulo 2^32.
///
/// # Errors
/// [`TooHigh`] when `claimed` is not between `acknowledged` and `sent`.
pub fn newly_acknowledged(acknowledged: u32, sent: u32, claimed: u32) -> Result<u32, TooHigh> {
    let waiting = sent.wrapping_sub(acknowledged);
    let newly = claimed.wrapping_sub(acknowledged);
    if newly > waiting {
        return Err(TooHigh { claimed, sent });
    }
    Ok(newly)
}

/// Reads an `h` attribute. Anything but a number below 2^32 is `None`.
pub fn read_h(element: &Element) -> Option<u32> {
    // `u32::from_str` also takes a leading plus sign, which XML Schema's
    // unsignedInt in its canonical form does not have; harmless.
    element.attr("h")?.trim().parse().ok()
}

/// The stanzas that were sent in a session and are not acknowledged yet.
#[derive(Clone, Debug, Default)]
pub struct Unacknowledged {
    waiting: VecDeque<Element>,
    acknowledged: u32,
}

impl Unacknowledged {
    /// Starts the queue of a fresh session.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the queue of a session that is taken up after its first
    /// `acknowledged` stanzas.
    pub fn starting_after(acknowledged: u32) -> Self {
        Self {
            waiting: VecDeque::new(),
            acknowledged,
        }
    }

    /// Notes that `stanza` is sent, and returns its number.
    pub fn push(&mut self, stanza: Element) -> u32 {
        self.waiting.push_back(stanza);
        self.last_sequence()
    }

    /// Takes out what an `<a h='…'/>` settles, oldest first.
    ///
    /// # Errors
    /// [`TooHigh`] when `h` is beyond what was sent, or behind what was
    /// acknowledged before; the queue is then left as it is.
    pub fn acknowledge(&mut self, h: u32) -> Result<Vec<Sent>, TooHigh> {
        let count = newly_acknowledged(self.acknowledged, self.last_sequence(), h)?;
        let first = self.acknowledged.wrapping_add(1);
        self.acknowledged = h;
        Ok(number(first, self.waiting.drain(..count as usize)))
    }

    /// Checks an `h` without taking anything out.
    ///
    /// # Errors
    /// [`TooHigh`], as [`Self::acknowledge`].
    pub fn check(&self, h: u32) -> Result<(), TooHigh> {
        newly_acknowledged(self.acknowledged, self.last_sequence(), h).map(drop)
    }

    /// Lists what must be sent again after the session was resumed, oldest
    /// first. It stays in the queue, under the same numbers.
    pub fn to_resend(&self) -> impl Iterator<Item = &Element> {
        self.waiting.iter()
    }

    /// Returns the number of the stanza that was sent last; 0 before the first.
    pub fn last_sequence(&self) -> u32 {
        // The queue is far shorter than 2^32: a session is given up long before.
        self.acknowledged.wrapping_add(self.waiting.len() as u32)
    }
}

fn number(first: u32, stanzas: impl Iterator<Item = Element>) -> Vec<Sent> {
    stanzas
        .zip(0u32..)
        .map(|(stanza, offset)| Sent {
            sequence: first.wrapping_add(offset),
            stanza,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn stanza(name: &str) -> Element {
        Element::bare(name, "jabber:client")
    }

    #[test]
    fn the_first_stanza_is_number_one() {
        let mut queue = Unacknowledged::new();

        assert_eq!(queue.push(stanza("message")), 1);
        assert_eq!(queue.push(stanza("presence")), 2);
    }

    #[test]
    fn an_acknowledgement_settles_all_up_to_its_number() {
        let mut queue = Unacknowledged::new();
        queue.push(stanza("message"));
        queue.push(stanza("presence"));
        queue.push(stanza("iq"));

        let settled = queue.acknowledge(2).unwrap();

        assert_eq!(settled.len(), 2);
        assert_eq!(settled[1].sequence, 2);
        assert_eq!(settled[1].stanza.name(), "presence");
        assert_eq!(queue.to_resend().next().unwrap().name(), "iq");
    }

    #[test]
    fn the_same_acknowledgement_twice_settles_nothing_more() {
        let mut queue = Unacknowledged::new();
        queue.push(stanza("message"));
        queue.acknowledge(1).unwrap();

        assert_eq!(queue.acknowledge(1), Ok(vec![]));
    }

    #[test]
    fn a26_an_acknowledgement_of_more_than_was_sent_is_refused_and_keeps_the_queue() {
        let mut queue = Unacknowledged::new();
        queue.push(stanza("message"));

        let refused = queue.acknowledge(2);

        assert_eq!(
            refused,
            Err(TooHigh {
                claimed: 2,
                sent: 1
            })
        );
        assert_eq!(queue.to_resend().count(), 1);
    }

    #[test]
    fn a26_an_acknowledgement_that_goes_back_is_refused() {
        let mut queue = Unacknowledged::new();
        queue.push(stanza("message"));
        queue.push(stanza("message"));
        queue.acknowledge(2).unwrap();

        assert!(queue.acknowledge(1).is_err());
    }

    #[test]
    fn numbers_wrap_after_two_to_the_thirty_second() {
        let mut queue = Unacknowledged::starting_after(u32::MAX - 1);
        assert_eq!(queue.push(stanza("message")), u32::MAX);
        assert_eq!(queue.push(stanza("presence")), 0);
        assert_eq!(queue.push(stanza("iq")), 1);

        let settled = queue.acknowledge(0).unwrap();

        assert_eq!(settled.last().unwrap().sequence, 0);
        assert_eq!(queue.to_resend().count(), 1);
        assert_eq!(queue.acknowledge(1).unwrap()[0].sequence, 1);
        assert_eq!(queue.to_resend().count(), 0);
    }

    #[test]
    fn an_h_that_is_no_number_below_the_limit_is_not_read() {
        for nonsense in ["", "-1", "4294967296", "1.0", "many"] {
            let element: Element = format!("<a xmlns='urn:xmpp:sm:3' h='{nonsense}'/>")
                .parse()
                .unwrap();
            assert_eq!(read_h(&element), None, "{nonsense}");
        }
        let element: Element = "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>".parse().unwrap();
        assert_eq!(read_h(&element), Some(u32::MAX));
    }

    proptest! {
        #[test]
        fn any_number_within_what_waits_is_accepted_and_any_other_refused(
            start: u32, count in 0u32..40, claimed: u32, offset in 0u32..80,
        ) {
            let mut queue = Unacknowledged::starting_after(start);
            for _ in 0..count {
                queue.push(stanza("message"));
            }

            let near = start.wrapping_add(offset);
            prop_assert_eq!(queue.clone().acknowledge(near).is_ok(), offset <= count);
            let is_within = claimed.wrapping_sub(start) <= count;
            prop_assert_eq!(queue.acknowledge(claimed).is_ok(), is_within);
        }
    }
}
