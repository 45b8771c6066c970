//! Passwords: kept in the desktop's keyring, and in memory for this run.
//!
//! They are never written anywhere else. When the keyring is missing, locked
//! or dismissed, the person is asked, and what they type is kept for this run
//! in any case. Nothing here waits longer than [`PATIENCE`], except while the
//! keyring asks the person, who may take as long as they need.

mod keyring;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::model::Secret;
use keyring::Keyring;

/// How long a keyring may take to answer while it does not ask the person.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Why the keyring did not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsProblem {
    /// There is no keyring on this desktop.
    #[error("there is no keyring")]
    Missing,
    /// It is locked, and the person did not unlock it.
    #[error("the keyring is locked")]
    Locked,
    /// It did not answer in time.
    #[error("the keyring does not answer")]
    TimedOut,
    /// Something else; the text is for the log.
    #[error("the keyring failed: {0}")]
    Other(String),
}

/// A handle to the passwords; cheap to clone. Its futures need a tokio runtime.
#[derive(Clone, Debug)]
pub struct Secrets {
    keyring: Option<Keyring>,
    /// What is known in this run, by address.
    known: Arc<Mutex<BTreeMap<String, Secret>>>,
}

impl Secrets {
    /// Returns the passwords of the user's keyring.
    pub fn keyring() -> Self {
        Self::new(Some(Keyring::of_the_desktop()))
    }

    /// Returns passwords that are gone with the program.
    #[cfg(any(test, feature = "testing"))]
    pub fn in_memory() -> Self {
        Self::new(None)
    }

    /// Returns the passwords of the keyring on a bus of the test's own.
    #[cfg(feature = "testing")]
    pub fn on_bus(address: &str, patience: Duration) -> Self {
        Self::new(Some(Keyring::on_bus(address, patience)))
    }

    fn new(keyring: Option<Keyring>) -> Self {
        Self {
            keyring,
            known: Arc::default(),
        }
    }

    /// Returns the password for an account; `None` when none was kept.
    ///
    /// The keyring may ask the person to unlock it. Once that was dismissed
    /// it does not ask again in this run, however many accounts there are.
    ///
    /// # Errors
    /// The problem that kept the keyring from answering; then the person has
    /// to be asked.
    pub async fn password(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        if let Some(known) = self.known().get(address) {
            return Ok(Some(known.clone()));
        }
        let Some(keyring) = &self.keyring else {
            return Ok(None);
        };
        let found = logged("read", keyring.find(address).await)?;
        if let Some(password) = &found {
            self.keep_for_this_run(address, password);
        }
        Ok(found)
    }

    /// Keeps a password, for this run in any case. It may ask the person.
    ///
    /// # Errors
    /// The problem that keeps it from outliving this run.
    pub async fn store(&self, address: &str, password: &Secret) -> Result<(), SecretsProblem> {
        self.keep_for_this_run(address, password);
        match &self.keyring {
            Some(keyring) => logged("kept", keyring.store(address, password).await),
            None => Ok(()),
        }
    }

    /// Keeps a password for this run only.
    pub fn keep_for_this_run(&self, address: &str, password: &Secret) {
        self.known().insert(address.to_owned(), password.clone());
    }

    /// Forgets a password, here and in the keyring.
    ///
    /// # Errors
    /// The problem that left it in the keyring.
    pub async fn forget(&self, address: &str) -> Result<(), SecretsProblem> {
        self.known().remove(address);
        match &self.keyring {
            Some(keyring) => logged("removed", keyring.forget(address).await),
            None => Ok(()),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn logged<T>(done: &str, result: Result<T, SecretsProblem>) -> Result<T, SecretsProblem> {
    if let Err(problem) = &result {
        tracing::warn!(%problem, "A password could not be {done}.");
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ROMEO: &str = "romeo@example.org";

    #[tokio::test]
    async fn a_password_in_memory_is_found_until_it_is_forgotten() {
        let secrets = Secrets::in_memory();
        assert_eq!(secrets.password(ROMEO).await, Ok(None));

        secrets
            .store(ROMEO, &Secret::new("wherefore"))
            .await
            .unwrap();
        assert_eq!(
            secrets.clone().password(ROMEO).await,
            Ok(Some(Secret::new("wherefore")))
        );

        secrets.forget(ROMEO).await.unwrap();
        assert_eq!(secrets.password(ROMEO).await, Ok(None));
    }

    #[test]
    fn passwords_can_be_asked_for_from_any_task() {
        fn is_send(_: impl Send) {}
        let secrets = Secrets::in_memory();

        is_send(secrets.password(ROMEO));
        is_send(secrets.store(ROMEO, &Secret::new("wherefore")));
        is_send(secrets.forget(ROMEO));
    }

    #[test]
    fn a_password_never_shows_itself() {
        let secrets = Secrets::in_memory();
        secrets.keep_for_this_run(ROMEO, &Secret::new("wherefore"));

        assert!(!format!("{secrets:?}").contains("wherefore"));
    }
}
