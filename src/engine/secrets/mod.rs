//! Passwords: kept where the person wants them, and in memory for this run.
//!
//! That is the desktop's keyring; or nowhere, so that the person is asked each
//! time; or a file of ours, for desktops without a keyring. They are written
//! nowhere else. When the keyring is missing, locked or dismissed, the person
//! is asked, and what they type is kept for this run in any case. Nothing here
//! waits longer than [`PATIENCE`], except while the keyring asks the person,
//! who may take as long as they need.

mod file;
mod generation;
mod keyring;
mod tokens;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::model::{PasswordPlace, PasswordTrouble, Secret};
use file::PasswordFile;
use keyring::Keyring;

/// How long a keyring may take to answer while it does not ask the person.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Why a place did not give or take a password.
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
    /// Others can read the file of passwords.
    #[error("the file of passwords is open to others")]
    FileExposed,
    /// The file of passwords belongs to somebody else.
    #[error("the file of passwords belongs to somebody else")]
    FileOfAnother,
    /// Where the file of passwords should be is a link, a folder or the like.
    #[error("the file of passwords is no plain file")]
    FileNotPlain,
    /// It could not be read or written; the text is for the log.
    #[error("the file of passwords failed: {0}")]
    FileFailed(String),
    /// Something else; the text is for the log.
    #[error("the keyring failed: {0}")]
    Other(String),
}

impl From<SecretsProblem> for PasswordTrouble {
    fn from(problem: SecretsProblem) -> Self {
        match problem {
            SecretsProblem::Missing => Self::NoKeyring,
            SecretsProblem::Locked => Self::KeyringLocked,
            SecretsProblem::TimedOut => Self::KeyringSilent,
            SecretsProblem::Other(_) => Self::KeyringFailed,
            SecretsProblem::FileExposed => Self::FileExposed,
            SecretsProblem::FileOfAnother => Self::FileOfAnother,
            SecretsProblem::FileNotPlain => Self::FileNotPlain,
            SecretsProblem::FileFailed(_) => Self::FileFailed,
        }
    }
}

/// A handle to the passwords; cheap to clone. Its futures need a tokio runtime.
#[derive(Clone, Debug)]
pub struct Secrets {
    keyring: Option<Keyring>,
    file: Option<PasswordFile>,
    /// What is known in this run, by address.
    known: Arc<Mutex<BTreeMap<String, Secret>>>,
    /// A keyring for nothing but the words of histories, as long as a test.
    #[cfg(any(test, feature = "testing"))]
    words: Option<Arc<Mutex<BTreeMap<String, Secret>>>>,
}

impl Secrets {
    /// Returns the passwords of the user's keyring.
    pub fn keyring() -> Self {
        Self::new(Some(Keyring::of_the_desktop()))
    }

    /// Returns passwords that are gone with the program, but for those that
    /// are kept in the file.
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
            file: None,
            known: Arc::default(),
            #[cfg(any(test, feature = "testing"))]
            words: None,
        }
    }

    /// Has the file of passwords, if there is to be one, in this folder.
    #[must_use]
    pub fn with_file_in(mut self, folder: PathBuf) -> Self {
        self.file = Some(PasswordFile::in_folder(folder));
        self
    }

    /// Returns the password for an account that is kept in `place`; `None` when
    /// none was.
    ///
    /// The keyring may ask the person to unlock it. Once that was dismissed
    /// it does not ask again in this run, however many accounts there are.
    ///
    /// # Errors
    /// The problem that kept the place from answering; then the person has
    /// to be asked.
    pub async fn password(
        &self,
        address: &str,
        place: PasswordPlace,
    ) -> Result<Option<Secret>, SecretsProblem> {
        if let Some(known) = self.known().get(address) {
            return Ok(Some(known.clone()));
        }
        let found = match (place, &self.keyring, &self.file) {
            (PasswordPlace::Keyring, Some(keyring), _) => keyring.find(address).await,
            (PasswordPlace::File, _, Some(file)) => file.find(address).await,
            _ => Ok(None),
        };
        let found = logged("read", found)?;
        if let Some(password) = &found {
            self.keep_for_this_run(address, password);
        }
        Ok(found)
    }

    /// Keeps a password, for this run in any case. The keyring may ask the person.
    ///
    /// # Errors
    /// The problem that keeps it from outliving this run.
    pub async fn store(
        &self,
        address: &str,
        place: PasswordPlace,
        password: &Secret,
    ) -> Result<(), SecretsProblem> {
        self.keep_for_this_run(address, password);
        let kept = match (place, &self.keyring, &self.file) {
            (PasswordPlace::Keyring, Some(keyring), _) => keyring.store(address, password).await,
            (PasswordPlace::File, _, Some(file)) => file.store(address, password).await,
            _ => Ok(()),
        };
        logged("kept", kept)
    }

    /// Keeps a password for this run only.
    pub fn keep_for_this_run(&self, address: &str, password: &Secret) {
        self.known().insert(address.to_owned(), password.clone());
    }

    /// Forgets a password, here and in the place where it is kept.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn forget(&self, address: &str, place: PasswordPlace) -> Result<(), SecretsProblem> {
        self.known().remove(address);
        self.forget_in(address, place).await
    }

    /// Forgets a password in one place, though not for this run.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn forget_in(
        &self,
        address: &str,
        place: PasswordPlace,
    ) -> Result<(), SecretsProblem> {
        let forgotten = match (place, &self.keyring, &self.file) {
            (PasswordPlace::Keyring, Some(keyring), _) => keyring.forget(address).await,
            (PasswordPlace::File, _, Some(file)) => file.forget(address).await,
            _ => Ok(()),
        };
        logged("removed", forgotten)
    }

    /// Forgets what the file holds for anybody but these: a program that ended
    /// at a bad moment may have left it there.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn keep_in_file_only(&self, addresses: Vec<String>) -> Result<(), SecretsProblem> {
        match &self.file {
            Some(file) => {
                let tokens: Vec<_> = addresses.iter().map(|one| tokens::name(one)).collect();
                let names = addresses.into_iter().chain(tokens).collect();
                logged("removed", file.keep_only(names).await)
            }
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
    const KEYRING: PasswordPlace = PasswordPlace::Keyring;

    #[tokio::test]
    async fn a_password_in_memory_is_found_until_it_is_forgotten() {
        let secrets = Secrets::in_memory();
        assert_eq!(secrets.password(ROMEO, KEYRING).await, Ok(None));

        secrets
            .store(ROMEO, KEYRING, &Secret::new("wherefore"))
            .await
            .unwrap();
        assert_eq!(
            secrets.clone().password(ROMEO, KEYRING).await,
            Ok(Some(Secret::new("wherefore")))
        );

        secrets.forget(ROMEO, KEYRING).await.unwrap();
        assert_eq!(secrets.password(ROMEO, KEYRING).await, Ok(None));
    }

    #[test]
    fn passwords_can_be_asked_for_from_any_task() {
        fn is_send(_: impl Send) {}
        let secrets = Secrets::in_memory();

        is_send(secrets.password(ROMEO, KEYRING));
        is_send(secrets.store(ROMEO, KEYRING, &Secret::new("wherefore")));
        is_send(secrets.forget(ROMEO, KEYRING));
    }

    #[test]
    fn a_password_never_shows_itself() {
        let secrets = Secrets::in_memory();
        secrets.keep_for_this_run(ROMEO, &Secret::new("wherefore"));

        assert!(!format!("{secrets:?}").contains("wherefore"));
    }
}
