//! Whose devices messages are encrypted for, and how far their keys are trusted.
//!
//! Trust belongs to an account, an address and a key, never to the number of a
//! device: two accounts may have devices of the same number, and a number
//! tells nothing about who holds the key.

use std::fmt;
use std::str::FromStr;

use super::Timestamp;

/// The public key that a device is known by: the 32 bytes of a Curve25519 key,
/// without the 0x05 that stands before them on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Returns it in eight groups of eight digits, as people compare it.
    pub fn groups(&self) -> [String; 8] {
        let digits = self.to_string();
        std::array::from_fn(|group| digits[group * 8..][..8].to_owned())
    }
}

impl fmt::Display for Fingerprint {
    /// Writes 64 hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text is not the fingerprint of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    /// Reads 64 hexadecimal digits in either case; white space among them does
    /// not count.
    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let mut bytes = [0; 32];
        let mut digits = text.chars().filter(|c| !c.is_whitespace());
        for byte in &mut bytes {
            let mut digit = || digits.next().and_then(|c| c.to_digit(16));
            let (high, low) = (digit(), digit());
            *byte = match (high, low) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => return Err(NoFingerprint),
            };
        }
        match digits.next() {
            Some(_) => Err(NoFingerprint),
            None => Ok(Self(bytes)),
        }
    }
}

/// How far a key is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// It waits for the user: what it writes is shown with a mark, nothing is
    /// encrypted to it.
    #[default]
    Undecided,
    /// Used without having been asked about, because nothing of this contact
    /// was verified yet.
    Blind,
    /// The user compared it.
    Verified,
    /// The user does not want it: nothing is encrypted to it, and what it
    /// writes is not read.
    Distrusted,
}

impl Trust {
    /// Returns whether messages are encrypted to such a key.
    pub fn is_used(self) -> bool {
        matches!(self, Self::Blind | Self::Verified)
    }
}

/// A device of somebody, or of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its number in its account's list, from 1 to 2³¹ − 1.
    pub id: u32,
    /// How its owner calls it; empty: not named.
    pub label: String,
    /// Its key; `None`: not read yet.
    pub fingerprint: Option<Fingerprint>,
    /// How far the key is trusted.
    pub trust: Trust,
    /// True when its owner's list has it now.
    pub is_active: bool,
    /// When it was met for the first time.
    pub first_seen: Timestamp,
    /// When its last readable message came; `None`: none came.
    pub last_seen: Option<Timestamp>,
    /// True for the one this program is.
    pub is_this: bool,
    /// True when another key was offered for it, and refused.
    pub has_other_key: bool,
}

/// What the user chose for one chat. It stays until they choose again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EncryptionChoice {
    /// As the account has it.
    #[default]
    Default,
    /// Encrypted, whatever the account has.
    On,
    /// Not encrypted, whatever the account has.
    Off,
}

/// Whether a message could be encrypted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// The chat is not encrypted.
    Off,
    /// The lists of devices are on their way, or the account is offline.
    Unknown,
    /// A message can be encrypted.
    Ready,
    /// No program of the other side can read encrypted messages.
    NoDevices,
    /// The user's own server keeps no device lists.
    NoServerSupport,
    /// None of the other side's devices may be used: all wait for the user, or
    /// are not trusted.
    NotConfirmed,
    /// The keys of none of the other side's devices could be read.
    KeysMissing,
}

/// How a chat is encrypted, for its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatEncryption {
    /// What the user chose for this chat.
    pub choice: EncryptionChoice,
    /// What follows from the choice and the account's default.
    pub is_on: bool,
    /// Whether a message could be encrypted now.
    pub readiness: Readiness,
    /// Devices of the other side that are not used until the user confirms them.
    pub unconfirmed: Vec<Device>,
    /// True when every device that messages are encrypted to, the user's own
    /// too, was verified, and there is one.
    pub is_verified: bool,
    /// New devices whose notice the user has not put away: of the other side,
    /// and the user's own.
    pub new_devices: Vec<(String, Device)>,
}

/// How a message was protected on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Not at all, in a chat that is not encrypted.
    #[default]
    None,
    /// Not at all, though the chat is encrypted (attack A47).
    PlainAmongEncrypted,
    /// By OMEMO.
    Omemo {
        /// How far its writer's key was trusted when it came; for the user's
        /// own messages the least trusted key it was encrypted to.
        trust: Trust,
    },
}

/// Why an encrypted message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotRead {
    /// It is encrypted in a way this program does not know (OpenPGP, OMEMO 2, OTR).
    OtherMethod,
    /// Its writer's program did not encrypt it for this device.
    NotForThisDevice,
    /// It was written before this device existed.
    BeforeThisDevice,
    /// The keys of both sides do not fit together any more.
    SessionBroken {
        /// True once new keys were agreed on: what comes next can be read.
        is_repaired: bool,
    },
    /// The user does not trust the device that wrote it, or the device showed
    /// another key than it is known by.
    NotTrusted,
    /// It was changed on its way, or is not what it should be.
    Damaged,
}

/// For whom one message was encrypted, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageProtection {
    /// How it was protected on its way.
    pub protection: Protection,
    /// The device that wrote it; `None` for plain messages and those of this device.
    pub sender: Option<Device>,
    /// The devices it was encrypted to, with their owners' addresses; known
    /// only for what was written here.
    pub to: Vec<(String, Device)>,
    /// The devices that were left out: address, number, why.
    pub left_out: Vec<(String, u32, LeftOut)>,
}

/// Why a device was left out when a message was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It waits for the user.
    NotConfirmed,
    /// The user does not trust it.
    Distrusted,
    /// Its keys could not be read.
    NoKeys,
}

/// What a verification achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many devices are verified by it, those that were so before included.
    pub devices: u32,
    /// How many keys of the code belong to no device seen so far; such a
    /// device is verified as soon as it appears.
    pub waiting: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fingerprint_is_read_back_as_it_was_written() {
        let fingerprint = Fingerprint(std::array::from_fn(|place| place as u8 * 7));
        let written = fingerprint.to_string();

        assert_eq!(written.len(), 64);
        assert_eq!(written.parse(), Ok(fingerprint));
        assert_eq!(written.to_uppercase().parse(), Ok(fingerprint));
        assert_eq!(fingerprint.groups().join("  ").parse(), Ok(fingerprint));
        assert_eq!(fingerprint.groups().concat(), written);
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        for text in ["", "05", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NoFingerprint), "{text}");
        }
    }
}
