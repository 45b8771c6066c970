//! What came sealed is opened before anything else of its message takes
//! effect, in the same transaction: a message is read and its ratchet turned,
//! or neither.
//!
//! What is here already is not opened again, as its key is used up. What
//! cannot be opened changes nothing but becomes a row that says why; only keys
//! without a message, and what was read before, leave nothing.

use rusqlite::Transaction;

use super::super::incoming::{Arrival, Delivered, is_here};
use super::Answers;
use crate::engine::error::StoreError;
use crate::engine::model::{CannotRead, Protection};
use crate::engine::omemo::{self, Answer, Letter, Origin, Refusal};
use crate::engine::store::devices::{self, DeviceId};
use crate::engine::store::{Changes, ratchet};
use crate::engine::xmpp::content::{self, Content};
use crate::engine::xmpp::fallbacks;
use crate::engine::xmpp::message::{Message, Sealed};
use crate::engine::xmpp::omemo_wire::Encrypted;

/// How many devices of one address are remembered for the sake of messages
/// that cannot be read: anybody can make numbers up.
const MOST_DEVICES: usize = 100;

/// How a message was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::account) struct Opening {
    /// Tells it from others of the same id.
    pub mark: String,
    /// How it was protected.
    pub protection: Protection,
    /// Why it cannot be read, if so.
    pub why: CannotRead,
    /// The device that wrote it.
    pub device: Option<DeviceId>,
}

/// Opens what came sealed: from here on the arrival says what was in it, or
/// why that is not known. Returns what the sender's device is owed.
pub(in crate::engine::account) fn open(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &mut Arrival,
) -> Result<Answers, StoreError> {
    let mut answers = Answers::default();
    if arrival.message.sealed.is_none() || is_here(tx, arrival)? {
        return Ok(answers);
    }
    let mark = match &arrival.message.content {
        Some(Content::Unreadable { mark }) => mark.clone(),
        _ => String::new(),
    };
    let mut opening = Opening {
        mark,
        protection: Protection::None,
        why: CannotRead::Damaged,
        device: None,
    };
    if ratchet::identity(tx, arrival.account)?.is_none() {
        // Whatever it is, it was not written to us.
        opening.why = CannotRead::BeforeThisDevice;
    }
    let opened = match arrival.message.sealed.take() {
        Some(Sealed::Understood(encrypted)) => {
            open_one(tx, changes, arrival, &encrypted, &mut opening, &mut answers)?
        }
        _ => Inside::Closed,
    };
    match opened {
        Inside::Text(text) => {
            let text = without_quote(&mut arrival.message, text);
            arrival.message.content = content::opened(text);
        }
        Inside::Nothing => arrival.message.content = None,
        Inside::Closed => {
            // What cannot be read here has not arrived, as far as the sender
            // should know.
            arrival.message.wants_receipt = false;
            arrival.message.is_markable = false;
        }
    }
    arrival.opening = Some(opening);
    Ok(answers)
}

/// Takes the quote off a text that answers another; its mark is not sealed, so
/// nothing but a quote goes.
fn without_quote(message: &mut Message, text: String) -> String {
    match (&mut message.reply, &message.quote) {
        (Some(reply), Some(quote)) if fallbacks::leaves_out_quotes_only(&text, quote) => {
            reply.part(text, quote)
        }
        _ => text,
    }
}

/// What was inside something sealed.
enum Inside {
    /// A text.
    Text(String),
    /// Nothing that is to be shown.
    Nothing,
    /// It cannot be opened.
    Closed,
}

/// Opens what is understood, and notes how it was sealed.
fn open_one(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    encrypted: &Encrypted,
    opening: &mut Opening,
    answers: &mut Answers,
) -> Result<Inside, StoreError> {
    let sender = arrival.message.from.to_bare();
    let name = (sender.clone(), encrypted.sender);
    let is_past = arrival.delivered == Delivered::Earlier;
    let letter = Letter {
        sender: sender.as_str(),
        encrypted,
        origin: match arrival.delivered {
            Delivered::Live | Delivered::Copy => Origin::Live,
            Delivered::CatchUp | Delivered::Earlier => Origin::Archive,
        },
        written_at: arrival.stamp.unwrap_or(arrival.now).min(arrival.now),
    };
    match omemo::open(tx, changes, arrival.account, letter, arrival.now) {
        Ok(opened) => {
            opening.device = Some(opened.device);
            opening.protection = Protection::Omemo {
                trust: opened.trust,
            };
            if opened.answer == Answer::KeyTransport {
                answers.used_a_key();
            }
            if opened.answer != Answer::None && !is_past {
                answers.owes_keys(name);
            }
            Ok(opened.text.map_or(Inside::Nothing, Inside::Text))
        }
        Err(Refusal::Duplicate) => Ok(Inside::Nothing),
        Err(Refusal::Failed(error)) => Err(error.into()),
        Err(Refusal::Unreadable { why, device }) => {
            opening.why = why;
            // Keys that are not for us are no message that was missed.
            let is_message = encrypted.payload.is_some();
            opening.device = match device {
                None if is_message => device_of(tx, changes, arrival, encrypted.sender)?,
                known => known,
            };
            if matches!(why, CannotRead::SessionBroken { .. }) && !is_past {
                answers.is_broken(name);
            }
            Ok(if is_message {
                Inside::Closed
            } else {
                Inside::Nothing
            })
        }
    }
}

fn device_of(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrival: &Arrival,
    number: u32,
) -> Result<Option<DeviceId>, StoreError> {
    let owner = arrival.message.from.to_bare();
    if devices::of_address(tx, arrival.account, owner.as_str())?.len() >= MOST_DEVICES {
        return Ok(None);
    }
    let (account, now) = (arrival.account, arrival.now);
    devices::ensure(tx, changes, account, owner.as_str(), number, now).map(Some)
}
