//! The link that a code for verifying keys holds.

use std::fmt;

use crate::engine::model::Fingerprint;

/// Somebody's keys, as they tell them.
///
/// # Source
/// XEP-0384 v0.8 §4.9, in the form that Conversations, Dino and Gajim read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationLink {
    /// Bare XMPP address, normalised.
    pub address: String,
    /// Their devices' numbers and keys, the one that shows the code first.
    pub devices: Vec<(u32, Fingerprint)>,
}

impl fmt::Display for VerificationLink {
    /// Writes `xmpp:ADDRESS?omemo-sid-NUMBER=KEY;…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "xmpp:{}", self.address)?;
        for (place, (device, key)) in self.devices.iter().enumerate() {
            let sign = if place == 0 { '?' } else { ';' };
            write!(f, "{sign}omemo-sid-{device}={key}")?;
        }
        Ok(())
    }
}
