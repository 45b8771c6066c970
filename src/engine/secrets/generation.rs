//! The word by which a history is told from a copy of itself: in the keyring
//! of this desktop, where no copy of the history takes it along.

use super::{Secrets, SecretsProblem, logged};
use crate::engine::model::Secret;

impl Secrets {
    /// Returns the word of an account's history; `None` when none was kept.
    ///
    /// # Errors
    /// There is no keyring, or it did not answer.
    pub async fn generation(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        match &self.keyring {
            Some(keyring) => logged("read", keyring.find(&name(address)).await),
            None => Err(SecretsProblem::Missing),
        }
    }

    /// Keeps the word of an account's history.
    ///
    /// # Errors
    /// There is no keyring, or it did not take it.
    pub async fn store_generation(
        &self,
        address: &str,
        word: &Secret,
    ) -> Result<(), SecretsProblem> {
        match &self.keyring {
            Some(keyring) => logged("kept", keyring.store(&name(address), word).await),
            None => Err(SecretsProblem::Missing),
        }
    }

    /// Forgets the word of an account's history.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn forget_generation(&self, address: &str) -> Result<(), SecretsProblem> {
        match &self.keyring {
            Some(keyring) => logged("removed", keyring.forget(&name(address)).await),
            None => Ok(()),
        }
    }
}

/// What the word is found by; no address looks like this.
fn name(address: &str) -> String {
    format!("{address} (generation)")
}
