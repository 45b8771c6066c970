//! A password on its way between form, keyring and connection, and why it may
//! not get there.

use zeroize::Zeroizing;

/// A password. It never shows itself in a log, and is wiped from memory when
/// it is no longer needed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Zeroizing::new(password.into()))
    }

    /// Returns the password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Why a password is not at hand, or could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordTrouble {
    /// The user wants to be asked each time.
    AskedEachTime,
    /// None was kept in the place where it should be.
    NotThere,
    /// There is no keyring on this desktop.
    NoKeyring,
    /// The keyring is locked, and the user did not unlock it.
    KeyringLocked,
    /// The keyring does not answer.
    KeyringSilent,
    /// The keyring failed in some other way.
    KeyringFailed,
    /// Others can read the file of passwords, so it was left alone.
    FileExposed,
    /// The file of passwords belongs to somebody else, so it was left alone.
    FileOfAnother,
    /// Where the file of passwords should be is a link, a folder or the like.
    FileNotPlain,
    /// The file of passwords could not be read or written.
    FileFailed,
}
