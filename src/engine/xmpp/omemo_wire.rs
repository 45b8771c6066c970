//! How OMEMO looks on the wire (XEP-0384 v0.3.0, `eu.siacs.conversations.axolotl`).
//!
//! Lists of devices, their keys, and encrypted messages, read leniently and
//! written strictly. Bounds are kept here: nothing that somebody else wrote
//! makes us look at more than a bounded number of devices or keys.
//!
//! Left out on purpose: OMEMO 2, whose elements another file will read.
//!
//! # Source
//! XEP-0384 v0.3.0 §4; where programs differ from it, the comments say so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;

use super::namespaces::OMEMO;
use super::stanza::{element, set, text_element};

/// Most devices of a list that are looked at; nobody has more.
pub const MOST_DEVICES: usize = 200;
/// Most keys of an encrypted message. A room of a thousand people with five
/// devices each stays below.
pub const MOST_KEYS: usize = 6_000;
/// Most one-time keys of a bundle that are looked at; programs publish 100.
const MOST_PRE_KEYS: usize = 500;
/// The largest number a device can have.
const LARGEST_DEVICE: u32 = i32::MAX as u32;
/// Longest name of a device that is kept, in characters.
const LONGEST_LABEL: usize = 100;
/// A public key on the wire: 0x05, then 32 bytes.
pub const KEY_LENGTH: usize = 33;
/// The first byte of a public key on the wire.
const KEY_TYPE: u8 = 5;

/// Why something cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is not what it should be.
    #[error("not understood: {0}")]
    NotUnderstood(&'static str),
    /// It holds more than anybody needs.
    #[error("too many {0}")]
    TooMany(&'static str),
}

use WireError::{NotUnderstood, TooMany};

/// A public key as it is on the wire, without its first byte.
pub type PublicKey = [u8; 32];

/// Somebody's list of devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceList {
    /// The devices, each number once, in the order of the list.
    pub devices: Vec<ListedDevice>,
    /// True when the list went on: what is not here may be in it.
    pub is_cut: bool,
}

/// One device of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDevice {
    /// Its number, from 1 to 2³¹ − 1.
    pub id: u32,
    /// How its owner calls it; `None`: not said.
    pub label: Option<String>,
}

impl DeviceList {
    /// Returns whether a device is in the list.
    pub fn has(&self, id: u32) -> bool {
        self.devices.iter().any(|device| device.id == id)
    }

    /// Reads a `<list/>`. Devices without a number that can be one are left out.
    pub fn read(list: &Element) -> Result<Self, WireError> {
        if !list.is("list", OMEMO) {
            return Err(NotUnderstood("list"));
        }
        let mut read = Self::default();
        for device in list.children().filter(|child| child.name() == "device") {
            let Some(id) = number(device, "id").filter(|id| (1..=LARGEST_DEVICE).contains(id))
            else {
                continue;
            };
            if read.has(id) {
                continue;
            }
            if read.devices.len() == MOST_DEVICES {
                read.is_cut = true;
                break;
            }
            let label = device.attr("label").map(|label| {
                let label = label.chars().filter(|c| !c.is_control());
                label.take(LONGEST_LABEL).collect::<String>()
            });
            let label = label.filter(|label| !label.trim().is_empty());
            read.devices.push(ListedDevice { id, label });
        }
        Ok(read)
    }

    /// Writes a `<list/>`.
    pub fn write(&self) -> Element {
        let mut list = element("list", OMEMO, &[]);
        for device in &self.devices {
            let id = device.id.to_string();
            let mut written = element("device", OMEMO, &[("id", &id)]);
            if let Some(label) = &device.label {
                set(&mut written, "label", label);
            }
            list.append_child(written);
        }
        list
    }
}

/// The keys a device publishes, with which a session is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Who it is.
    pub identity_key: PublicKey,
    /// The key of the month.
    pub signed_pre_key: SignedPreKey,
    /// One-time keys with their numbers, each number once; never empty.
    pub pre_keys: Vec<(u32, PublicKey)>,
}

/// A key of the month, signed by the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPreKey {
    /// Its number.
    pub id: u32,
    /// The key.
    pub key: PublicKey,
    /// Signature over the key as it is on the wire, all 33 bytes.
    pub signature: [u8; 64],
}

impl Bundle {
    /// Reads a `<bundle/>`. One-time keys that are none are left out.
    pub fn read(bundle: &Element) -> Result<Self, WireError> {
        if !bundle.is("bundle", OMEMO) {
            return Err(NotUnderstood("bundle"));
        }
        let child = |name| bundle.get_child(name, OMEMO);
        let signed = child("signedPreKeyPublic").ok_or(NotUnderstood("signedPreKeyPublic"))?;
        let signature = child("signedPreKeySignature").and_then(bytes);
        let mut pre_keys: Vec<(u32, PublicKey)> = Vec::new();
        let listed = child("prekeys").into_iter().flat_map(Element::children);
        for pre_key in listed.filter(|child| child.name() == "preKeyPublic") {
            if pre_keys.len() == MOST_PRE_KEYS {
                break;
            }
            if let (Some(id), Some(key)) = (number(pre_key, "preKeyId"), public_key(pre_key))
                && !pre_keys.iter().any(|(known, _)| *known == id)
            {
                pre_keys.push((id, key));
            }
        }
        if pre_keys.is_empty() {
            return Err(NotUnderstood("prekeys"));
        }
        Ok(Self {
            identity_key: child("identityKey")
                .and_then(public_key)
                .ok_or(NotUnderstood("identityKey"))?,
            signed_pre_key: SignedPreKey {
                id: number(signed, "signedPreKeyId").ok_or(NotUnderstood("signedPreKeyId"))?,
                key: public_key(signed).ok_or(NotUnderstood("signedPreKeyPublic"))?,
                signature: signature
                    .and_then(|signature| signature.try_into().ok())
                    .ok_or(NotUnderstood("signedPreKeySignature"))?,
            },
            pre_keys,
        })
    }

    /// Writes a `<bundle/>`.
    pub fn write(&self) -> Element {
        let signed = &self.signed_pre_key;
        let mut prekeys = element("prekeys", OMEMO, &[]);
        for (id, key) in &self.pre_keys {
            let id = id.to_string();
            prekeys.append_child(text("preKeyPublic", &[("preKeyId", &id)], &wire_key(key)));
        }
        let id = signed.id.to_string();
        let mut bundle = element("bundle", OMEMO, &[]);
        let signed_key = wire_key(&signed.key);
        bundle.append_child(text(
            "signedPreKeyPublic",
            &[("signedPreKeyId", &id)],
            &signed_key,
        ));
        bundle.append_child(text("signedPreKeySignature", &[], &signed.signature));
        bundle.append_child(text("identityKey", &[], &wire_key(&self.identity_key)));
        bundle.append_child(prekeys);
        bundle
    }
}

/// An encrypted message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Number of the device that wrote it.
    pub sender: u32,
    /// The message's key, encrypted to each device.
    pub keys: Vec<HeaderKey>,
    /// Twelve bytes when we write; old programs use sixteen.
    pub iv: Vec<u8>,
    /// The text, encrypted; `None`: it only brings keys.
    pub payload: Option<Vec<u8>>,
}

/// The key of a message, for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderKey {
    /// Number of the device; devices of two people may have the same.
    pub device: u32,
    /// True when it opens a session.
    pub is_pre_key: bool,
    /// What the ratchet made of it.
    pub data: Vec<u8>,
}

impl Encrypted {
    /// Reads an `<encrypted/>`. Keys that are none are left out: they are
    /// somebody else's.
    ///
    /// # Errors
    /// [`WireError::TooMany`] above [`MOST_KEYS`].
    pub fn read(encrypted: &Element) -> Result<Self, WireError> {
        if !encrypted.is("encrypted", OMEMO) {
            return Err(NotUnderstood("encrypted"));
        }
        let header = encrypted
            .get_child("header", OMEMO)
            .ok_or(NotUnderstood("header"))?;
        let listed = || header.children().filter(|child| child.name() == "key");
        if listed().nth(MOST_KEYS).is_some() {
            return Err(TooMany("keys"));
        }
        let keys = listed().filter_map(|key| {
            Some(HeaderKey {
                device: number(key, "rid")?,
                is_pre_key: matches!(key.attr("prekey"), Some("true" | "1")),
                data: bytes(key)?,
            })
        });
        let iv = header.get_child("iv", OMEMO).and_then(bytes);
        let payload = match encrypted.get_child("payload", OMEMO) {
            Some(payload) => Some(bytes(payload).ok_or(NotUnderstood("payload"))?),
            None => None,
        };
        Ok(Self {
            sender: number(header, "sid").ok_or(NotUnderstood("sid"))?,
            keys: keys.collect(),
            iv: iv.ok_or(NotUnderstood("iv"))?,
            payload,
        })
    }

    /// Writes an `<encrypted/>`.
    pub fn write(&self) -> Element {
        let sender = self.sender.to_string();
        let mut header = element("header", OMEMO, &[("sid", &sender)]);
        for key in &self.keys {
            let device = key.device.to_string();
            let mut written = text("key", &[("rid", &device)], &key.data);
            if key.is_pre_key {
                set(&mut written, "prekey", "true");
            }
            header.append_child(written);
        }
        header.append_child(text("iv", &[], &self.iv));
        let mut encrypted = element("encrypted", OMEMO, &[]);
        encrypted.append_child(header);
        if let Some(payload) = &self.payload {
            encrypted.append_child(text("payload", &[], payload));
        }
        encrypted
    }
}

/// Returns a public key as it is on the wire.
pub fn wire_key(key: &PublicKey) -> [u8; KEY_LENGTH] {
    let mut wire = [KEY_TYPE; KEY_LENGTH];
    wire[1..].copy_from_slice(key);
    wire
}

fn public_key(element: &Element) -> Option<PublicKey> {
    let wire = bytes(element)?;
    match wire.split_first() {
        Some((&KEY_TYPE, key)) => key.try_into().ok(),
        _ => None,
    }
}

fn number(element: &Element, name: &str) -> Option<u32> {
    element.attr(name)?.trim().parse().ok()
}

/// Returns the bytes of an element; some programs break Base64 into lines.
fn bytes(element: &Element) -> Option<Vec<u8>> {
    let mut text = element.text();
    if text.contains(|c: char| c.is_ascii_whitespace()) {
        text.retain(|c| !c.is_ascii_whitespace());
    }
    STANDARD.decode(text).ok()
}

fn text(name: &str, attributes: &[(&str, &str)], bytes: &[u8]) -> Element {
    let mut element = text_element(name, OMEMO, &STANDARD.encode(bytes));
    for (name, value) in attributes {
        set(&mut element, name, value);
    }
    element
}

#[cfg(test)]
mod tests;
