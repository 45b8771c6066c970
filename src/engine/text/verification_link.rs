//! Links with keys: whose devices they are, and the fingerprint of each.
//!
//! The text of a code that one scans, drops or pastes to verify somebody. Pure,
//! and it trusts nothing: what is read here is compared with what is known
//! elsewhere. Other programs write three dialects, and all are read; ours is
//! the one that all of them read. A link that is damaged in one place is
//! refused whole, as half of a verification would look like a whole one.
//!
//! # Source
//!
//! XEP-0384 v0.3.0 names no link; the form is the one that Conversations,
//! Gajim and Dino write: `xmpp:ADDRESS?omemo-sid-DEVICE=FINGERPRINT;…`, with an
//! action before the keys (Gajim), or with `&` between them in a link to a web
//! page that invites (Conversations). RFC 5122 §2 for the address.

use std::fmt;
use std::str::FromStr;

use super::chat_link::{self, LinkFault};
use crate::engine::model::Fingerprint;

/// A code holds about thirty devices at most, and nobody has so many.
const MOST_DEVICES: usize = 128;
/// A longer text is refused before it is looked at.
const MOST_BYTES: usize = 16 * 1024;
/// Before the number of a device.
const DEVICE: &str = "omemo-sid-";
/// The page that invites to Conversations; its links may hold keys.
const INVITATION_HOST: &str = "conversations.im";

/// The devices of somebody, as a code or a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationLink {
    /// Whose devices; without what stands after a slash.
    pub address: String,
    /// Number and key of each device, in the order of the link. Never empty;
    /// no number comes twice. A number of 0 says that the link named none.
    pub devices: Vec<(u32, Fingerprint)>,
}

/// Why a text is no link with keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationFault {
    /// It is not a link to an address at all.
    NotALink,
    /// It leads to an address, and holds no keys.
    NoKeys,
    /// It holds keys of a kind that is not known here.
    OtherKeys,
    /// A key in it is not whole, or one device has two.
    Damaged,
    /// It is longer than such a link can be.
    TooLong,
}

impl VerificationLink {
    /// Reads a link or the text of a code.
    ///
    /// # Errors
    /// A [`VerificationFault`] when not every part of it can be used.
    pub fn read(text: &str) -> Result<Self, VerificationFault> {
        if text.len() > MOST_BYTES {
            return Err(VerificationFault::TooLong);
        }
        // Mail programs break long links into lines.
        let link: String = text.chars().filter(|one| !one.is_whitespace()).collect();
        let link = link.split('#').next().unwrap_or_default();
        let (place, query) = link.split_once('?').unwrap_or((link, ""));
        let (address, separator) = match invitation(place) {
            Some(address) => (address, '&'),
            None => (place.to_owned(), ';'),
        };
        let address = chat_link::chat_link(&address)
            .map_err(|fault| match fault {
                LinkFault::TooLong => VerificationFault::TooLong,
                LinkFault::NoAddress | LinkFault::Unreadable => VerificationFault::NotALink,
            })?
            .address;
        Ok(Self {
            address,
            devices: devices(query, separator)?,
        })
    }
}

/// The link that every program reads.
impl fmt::Display for VerificationLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("xmpp:")?;
        for byte in self.address.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~!$*@".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        for (place, (device, fingerprint)) in self.devices.iter().enumerate() {
            let before = if place == 0 { '?' } else { ';' };
            write!(f, "{before}{DEVICE}{device}={fingerprint}")?;
        }
        Ok(())
    }
}

/// Returns the `xmpp:` link of a link to the page that invites: `/i/ADDRESS`,
/// or `/i/NAME/SERVER` as it was once written.
fn invitation(place: &str) -> Option<String> {
    let (scheme, rest) = place.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let is_page = ["https", "http"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        && host.eq_ignore_ascii_case(INVITATION_HOST);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    if !is_page || parts.next() != Some("i") {
        return None;
    }
    let first = parts.next()?;
    Some(match parts.next() {
        Some(server) if !first.contains('@') => format!("xmpp:{first}@{server}"),
        _ => format!("xmpp:{first}"),
    })
}

fn devices(query: &str, separator: char) -> Result<Vec<(u32, Fingerprint)>, VerificationFault> {
    let mut devices: Vec<(u32, Fingerprint)> = Vec::new();
    let mut has_other_keys = false;
    for part in query.split(separator) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name.to_ascii_lowercase();
        let device = if name == "omemo" {
            0
        } else if let Some(number) = name.strip_prefix(DEVICE) {
            number.parse().map_err(|_| VerificationFault::Damaged)?
        } else {
            has_other_keys |=
                matches!(name.as_str(), "trust" | "trust-message" | "otr-fingerprint");
            continue;
        };
        let fingerprint = fingerprint(value).ok_or(VerificationFault::Damaged)?;
        match devices.iter().find(|(known, _)| *known == device) {
            Some((_, same)) if *same == fingerprint => continue,
            Some(_) if device != 0 => return Err(VerificationFault::Damaged),
            _ => devices.push((device, fingerprint)),
        }
        if devices.len() > MOST_DEVICES {
            return Err(VerificationFault::TooLong);
        }
    }
    match (devices.is_empty(), has_other_keys) {
        (false, _) => Ok(devices),
        (true, true) => Err(VerificationFault::OtherKeys),
        (true, false) => Err(VerificationFault::NoKeys),
    }
}

/// Reads a key: 64 digits of either case, with spaces between groups (as
/// `%20` or `+`), with or without the `05` that says which curve it is of.
fn fingerprint(value: &str) -> Option<Fingerprint> {
    let digits = value
        .replace("%20", "")
        .replace('+', "")
        .to_ascii_lowercase();
    let digits = match digits.strip_prefix("05") {
        Some(key) if key.len() == 64 => key,
        _ => &digits,
    };
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    Fingerprint::from_str(digits).ok()
}

#[cfg(test)]
mod tests;
