//! Passwords, kept until the program ends. The desktop's keyring comes next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::model::Secret;

/// Where passwords are kept.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Arc<Mutex<BTreeMap<String, Secret>>>);

/// Why the keyring gave or took nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsProblem {}

#[allow(clippy::unused_async, reason = "the keyring answers in its own time")]
impl Secrets {
    /// Returns the desktop's keyring.
    pub fn keyring() -> Self {
        Self::default()
    }

    /// Returns a store that forgets when the program ends.
    #[cfg(feature = "testing")]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Returns the password of an address, if one is kept.
    pub async fn password(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(address).cloned())
    }

    /// Keeps a password.
    pub async fn store(&self, address: &str, password: &Secret) -> Result<(), SecretsProblem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(address.to_owned(), password.clone());
        Ok(())
    }

    /// Forgets a password.
    pub async fn forget(&self, address: &str) -> Result<(), SecretsProblem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(address);
        Ok(())
    }
}
