//! The sentences about encryption: what the lock says, what stands in the way;
//! below, those about devices and about single messages. Pure.
//!
//! Whoever needs a word for the state of a device or a chat takes it from
//! here, so that the same thing has the same name everywhere.

pub mod device;
pub mod message;

use crate::engine::model::{ChatEncryption, Readiness};
use crate::ui::i18n::{count, fill, gettext};

/// A sentence or two, with a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it is.
    pub title: String,
    /// What that means.
    pub text: String,
}

fn words(title: String, text: String) -> Words {
    Words { title, text }
}

/// What the lock in the composer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Icon of our own.
    pub icon: &'static str,
    /// True when the user should see at a glance that something is open.
    pub is_warning: bool,
    /// What it is called.
    pub name: String,
}

/// Returns what the lock of a chat shows.
pub fn lock(state: &ChatEncryption) -> Lock {
    let closed = "message-locked-symbolic";
    let open = "message-unlocked-symbolic";
    let (icon, name) = match state.readiness {
        _ if !state.is_on => (open, gettext("Not encrypted. Change encryption")),
        Readiness::Off => (open, gettext("Not encrypted. Change encryption")),
        Readiness::NoDevices
        | Readiness::NoServerSupport
        | Readiness::NotConfirmed
        | Readiness::KeysMissing => (
            open,
            gettext("Nothing can be encrypted now, so nothing is sent. Change encryption"),
        ),
        Readiness::Ready if state.is_verified => (
            closed,
            gettext("Encrypted, every device is verified. Change encryption"),
        ),
        Readiness::Ready | Readiness::Unknown => (closed, gettext("Encrypted. Change encryption")),
    };
    Lock {
        icon,
        is_warning: icon == open,
        name,
    }
}

/// Returns what the choice to encrypt, or not to, gives and takes: one sentence
/// for each.
pub fn choice(is_encrypted: bool, name: &str) -> Words {
    if is_encrypted {
        words(
            gettext("Encrypted"),
            fill(
                &gettext(
                    "Only you and {name} can read it; the servers see who writes to whom, but not what. A device you add later cannot read what was written before.",
                ),
                &[("name", name)],
            ),
        )
    } else {
        words(
            gettext("Not Encrypted"),
            gettext(
                "Every program can read it, and a device you add later finds it on the server. The servers on the way can read it too, and may keep it.",
            ),
        )
    }
}

/// Returns whether sending would stop for want of a key.
pub fn is_blocked(state: &ChatEncryption) -> bool {
    state.is_on && obstacle(state, "", "").is_some()
}

/// Returns what stands in the way of encrypting; `None` when nothing does, or
/// when it is not known yet. `name` is the other side, `domain` the user's server.
pub fn obstacle(state: &ChatEncryption, name: &str, domain: &str) -> Option<Words> {
    let places = [("name", name), ("domain", domain)];
    let (title, text) = match state.readiness {
        Readiness::Off | Readiness::Unknown | Readiness::Ready => return None,
        Readiness::NoDevices => (
            gettext("{name}’s program cannot encrypt"),
            gettext("Nothing is sent until it can, or until you choose otherwise."),
        ),
        Readiness::NoServerSupport => (
            gettext("Your server cannot hold keys for encryption"),
            gettext(
                "Only the operator of {domain} can change that. Nothing is sent unless you choose otherwise.",
            ),
        ),
        Readiness::KeysMissing => (
            gettext("The keys of {name} cannot be read"),
            gettext(
                "Stonechat tries again. Nothing is sent until then, or until you choose otherwise.",
            ),
        ),
        Readiness::NotConfirmed if state.unconfirmed.is_empty() => (
            gettext("You use no device of {name}"),
            gettext(
                "All of them are switched off by you, so nothing can be encrypted and nothing is sent.",
            ),
        ),
        Readiness::NotConfirmed => (
            gettext("No device of {name} is confirmed"),
            gettext("Nothing is sent until you confirm one."),
        ),
    };
    Some(words(fill(&title, &places), fill(&text, &places)))
}

/// Returns what to say about new devices of a contact.
pub fn new_devices(name: &str, how_many: u32) -> Words {
    let title = if how_many == 1 {
        gettext("{name} has a new device")
    } else {
        gettext("{name} has new devices")
    };
    let text = count(
        "It is not used until you confirm it.",
        "They are not used until you confirm them.",
        how_many,
    );
    words(fill(&title, &[("name", name)]), text)
}

/// Returns what to say about new devices of the user's own account, in one line.
pub fn own_new_devices(address: &str, how_many: u32) -> String {
    let text = count(
        "A new device signed in to {address}. If it is not yours, change the password.",
        "{count} new devices signed in to {address}. If they are not yours, change the password.",
        how_many,
    );
    fill(&text, &[("address", address)])
}

#[cfg(test)]
mod tests;
