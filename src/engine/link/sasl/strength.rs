//! How strong a sign-in is, and that none becomes weaker by itself.
//!
//! The strongest sign-in of an account is remembered. Somebody in between can
//! take things out of what a server offers, so less than before is an attack
//! until the user says that it is none; then the memory is wiped, not changed.
//!
//! # Source
//! XEP-0474 v0.5.0 §7 (pinning, where we are stricter: a server may not go
//! back to weaker mechanisms unasked), XEP-0440 v0.4.1 §5.

use super::SignedIn;
use crate::engine::link::memory::{Memory, Strongest};
use crate::engine::model::{Timestamp, Weaker};

/// How much of the password a mechanism shows, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Something we know nothing about.
    Unknown,
    /// The server learns the password.
    Plain,
    /// The password is not needed at all, but nobody proves to know it either.
    External,
    Sha1,
    Sha256,
    Sha512,
}

fn rank(mechanism: &str) -> Rank {
    match mechanism.strip_suffix("-PLUS").unwrap_or(mechanism) {
        "PLAIN" => Rank::Plain,
        "EXTERNAL" => Rank::External,
        "SCRAM-SHA-1" => Rank::Sha1,
        "SCRAM-SHA-256" => Rank::Sha256,
        "SCRAM-SHA-512" => Rank::Sha512,
        _ => Rank::Unknown,
    }
}

/// Returns what is weaker about a sign-in than the strongest there was.
pub(in crate::engine::link) fn weaker(
    strongest: Option<&Strongest>,
    mechanism: &str,
    channel_binding: Option<&str>,
) -> Option<Weaker> {
    let strongest = strongest?;
    let before = strongest.mechanism.clone();
    let since = strongest.seen_at;
    let (now, then) = (rank(mechanism), rank(&before));
    if now <= Rank::Plain && then > Rank::Plain {
        return Some(Weaker::Password { before, since });
    }
    if now < then {
        return Some(Weaker::Mechanism {
            before,
            now: mechanism.to_owned(),
            since,
        });
    }
    let binding = strongest.channel_binding.clone()?;
    channel_binding.is_none().then_some(Weaker::ChannelBinding {
        before: binding,
        now: None,
        since,
    })
}

/// Remembers a sign-in if it is at least as strong as the strongest so far.
///
/// One by a token says nothing about what else the server offers.
pub(in crate::engine::link) fn remember(memory: &mut Memory, signed_in: &SignedIn, now: Timestamp) {
    if rank(signed_in.mechanism) == Rank::Unknown {
        return;
    }
    let (mechanism, binding) = (signed_in.mechanism, signed_in.channel_binding);
    if weaker(memory.strongest.as_ref(), mechanism, binding).is_none() {
        memory.strongest = Some(Strongest {
            mechanism: mechanism.to_owned(),
            channel_binding: binding.map(str::to_owned),
            seen_at: now,
        });
    }
}
