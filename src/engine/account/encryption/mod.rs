//! Keys of an account as they come and go: which devices there are, whose keys
//! are here, what we publish of our own.
//!
//! ```text
//! own_keys   our list and our keys: published, checked, mended
//! own_list   who is on our list
//! devices    other people's lists and keys: heard of, asked for
//! sending    rows of the outbox → sealed, once the keys are here
//! receiving  what came sealed → what it says, in the transaction of its row
//! answering  keys sent back, and sessions mended, once nothing is missing
//! generation whether this history is a copy of another
//! ```
//!
//! What is known stands in the store. Here is only what passes with a stream:
//! what was asked on it, and what waits until it has caught up.

mod answering;
mod devices;
mod generation;
mod own_keys;
mod own_list;
mod receiving;
pub(super) mod sending;

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;

use crate::engine::model::ConversationId;
use crate::engine::xmpp::omemo_wire::{Bundle, DeviceList};

pub(super) use answering::{Answers, MendedInThisRun};
pub(super) use own_list::Repairs;
pub(super) use receiving::{Opening, open};

/// A device by its owner and its number.
pub(super) type DeviceName = (BareJid, u32);

/// What came of asking for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    /// It is on its way.
    Asked,
    /// It is here; it is in the store.
    Here,
    /// It did not come. What is in the store has to do.
    Failed,
}

/// What a stream knows of keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Whose list was asked for on this stream, or was told.
    lists: BTreeMap<BareJid, Asking>,
    /// Which devices' keys were asked for on this stream.
    bundles: BTreeMap<DeviceName, Asking>,
    /// Chats whose messages wait for keys.
    held: BTreeSet<ConversationId>,
    /// Our list as it was published last, by whomever; `None` until it is known.
    own_list: Option<DeviceList>,
    /// Our keys as they are being published.
    sent_bundle: Option<Bundle>,
    /// Our published keys were looked at, or published, on this stream.
    are_own_keys_checked: bool,
    /// Something of ours is being published or looked at.
    is_publishing: bool,
    /// What is to be answered once nothing is missing.
    answers: Answers,
}

impl Keys {
    /// Returns the chats whose messages wait for keys.
    pub fn held(&self) -> Vec<ConversationId> {
        self.held.iter().copied().collect()
    }
}
