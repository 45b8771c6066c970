//! The word by which a history is told from a copy of itself: in the keyring
//! of this desktop, where no copy of the history takes it along.

use super::{Secrets, SecretsProblem, logged};
use crate::engine::model::Secret;

impl Secrets {
    /// Keeps the words of histories in memory, for all runs that share it.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_words(mut self) -> Self {
        self.words = Some(std::sync::Arc::default());
        self
    }

    /// Returns the word of an account's history; `None` when none was kept.
    ///
    /// # Errors
    /// There is no keyring, or it did not answer.
    pub async fn generation(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(words) = &self.words {
            let words = words
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            return Ok(words.get(address).cloned());
        }
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
        #[cfg(any(test, feature = "testing"))]
        if let Some(words) = &self.words {
            let mut words = words
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            words.insert(address.to_owned(), word.clone());
            return Ok(());
        }
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
        #[cfg(any(test, feature = "testing"))]
        if let Some(words) = &self.words {
            let mut words = words
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            words.remove(address);
            return Ok(());
        }
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
