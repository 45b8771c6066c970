//! End-to-end encryption by OMEMO (XEP-0384 v0.3, `eu.siacs.conversations.axolotl`).
//!
//! Everything here works on an open transaction and waits for nothing: the
//! account commits before anything leaves or is shown, so that no step of a
//! ratchet is taken twice. What is fetched and published is the account's;
//! it hands in what came, and does what the answers ask for.
//!
//! What is refused changes nothing: identity, trust and payload are looked at
//! before anything is written.
//!
//! | question | file |
//! |---|---|
//! | who are we, what do we publish | `key_store` |
//! | who has which devices, opening sessions | `bundles` |
//! | a text, or keys alone, to some devices | `encrypt` |
//! | what came, and why not | `decrypt` |
//! | how far is a key trusted | `trust`, `verifying` |
//! | how a chat stands | `chat` |
//! | the double ratchet | `ratchet`, which alone knows the library |

mod bundles;
pub mod chat;
mod decrypt;
mod encrypt;
mod key_store;
mod payload;
mod ratchet;
#[cfg(feature = "testing")]
pub mod speed;
pub mod trust;
pub mod verifying;

pub use bundles::{ask_again, bundle_failed, mend, take_bundle, take_list};
pub use decrypt::{Answer, Letter, Origin, Refusal, open};
pub use encrypt::{SealTrouble, note_parts, seal, seal_for};
pub use key_store::{ensure_identity, new_identity, own_bundle, refill, rotate, self_check};

use crate::engine::error::StoreError;

/// Why keys could not be worked with. None of it is the user's doing.
#[derive(Debug, thiserror::Error)]
pub enum OmemoError {
    /// The account has no keys yet.
    #[error("no keys yet")]
    NoIdentity,
    /// The ratchet refused.
    #[error(transparent)]
    Ratchet(#[from] ratchet::RatchetError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OmemoError> for StoreError {
    /// For transactions, which end with an error of the store.
    fn from(error: OmemoError) -> Self {
        match error {
            OmemoError::Store(error) => error,
            other => Self::other(other),
        }
    }
}

#[cfg(test)]
mod tests;
