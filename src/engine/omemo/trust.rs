//! How far a key is trusted: Blind Trust Before Verification, as a pure function.
//!
//! As long as nothing of a contact was verified, every key of theirs is used
//! without a question. The first one that is verified ends that: from then on
//! a new key waits for the user. The same holds for the user's own devices.
//!
//! # Source
//! Daniel Gultsch, "Blind Trust Before Verification"; XEP-0384 v0.8 §8.

use crate::engine::model::Trust;

/// What happens to a key of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustEvent {
    /// It was met, on a device of theirs or in a message.
    Met {
        /// True when another key of the same address is verified.
        has_verified: bool,
    },
    /// The user compared it, by a code, a link or by eye.
    Compared,
    /// The user chose how far to trust it.
    Chosen(Trust),
}

/// Returns how far a key is trusted after an event; `before` is `None` for one
/// that nothing is known of.
pub fn after(before: Option<Trust>, event: TrustEvent) -> Trust {
    match (before, event) {
        (_, TrustEvent::Compared) => Trust::Verified,
        (_, TrustEvent::Chosen(trust)) | (Some(trust), TrustEvent::Met { .. }) => trust,
        (None, TrustEvent::Met { has_verified: true }) => Trust::Undecided,
        (
            None,
            TrustEvent::Met {
                has_verified: false,
            },
        ) => Trust::Blind,
    }
}

#[cfg(test)]
mod tests {
    use super::Trust::{Blind, Distrusted, Undecided, Verified};
    use super::TrustEvent::{Chosen, Compared, Met};
    use super::*;

    #[test]
    fn every_state_and_every_event_have_one_outcome() {
        let met_first = Met {
            has_verified: false,
        };
        let met_after = Met { has_verified: true };
        let table = [
            // state, met first, met after a verification, compared
            (None, Blind, Undecided, Verified),
            (Some(Undecided), Undecided, Undecided, Verified),
            (Some(Blind), Blind, Blind, Verified),
            (Some(Verified), Verified, Verified, Verified),
            (Some(Distrusted), Distrusted, Distrusted, Verified),
        ];
        for (before, first, later, compared) in table {
            assert_eq!(after(before, met_first), first, "{before:?}");
            assert_eq!(after(before, met_after), later, "{before:?}");
            assert_eq!(after(before, Compared), compared, "{before:?}");
            for chosen in [Undecided, Blind, Verified, Distrusted] {
                assert_eq!(after(before, Chosen(chosen)), chosen, "{before:?}");
            }
        }
    }

    #[test]
    fn only_blind_and_verified_keys_are_used() {
        let used = [Undecided, Blind, Verified, Distrusted].map(Trust::is_used);

        assert_eq!(used, [false, true, true, false]);
    }
}
