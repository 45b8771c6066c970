//! Errors which cross the engine's door.
//!
//! They say what happened in the user's world; the window has one sentence
//! for each. All can be cloned, because one trouble may have many hearers.
//! Causes are kept for the log only.

use std::io;
use std::sync::Arc;

use rusqlite::{ErrorCode, ffi};

use crate::engine::model::{ConnectionProblem, Fingerprint};

/// Why the store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer version of the program has written this history.
    #[error("the history has version {found}, this program knows up to {known}")]
    Newer {
        /// Version of the file.
        found: u32,
        /// Newest version this program knows.
        known: u32,
    },
    /// The file is not what we wrote: damaged, or not a history at all.
    #[error("the history file is damaged")]
    Damaged,
    /// There is no room left on the disk.
    #[error("the disk is full")]
    Full,
    /// The file or its folder cannot be written.
    #[error("the history cannot be written")]
    ReadOnly,
    /// A key was given, but this build cannot encrypt the history.
    #[error("this build cannot open an encrypted history")]
    KeyNotSupported,
    /// The engine is stopping, or has stopped.
    #[error("the history is closed")]
    Closed,
    /// Something else; the cause is for the log.
    #[error("the history failed: {0}")]
    Other(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Wraps a cause that no other variant names.
    pub fn other(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(Arc::from(cause.into()))
    }

    /// Returns why nothing can be kept any more, which the user has to know
    /// even where nobody waited for the answer; `None` when only one thing failed.
    pub fn trouble(&self) -> Option<StoreTrouble> {
        match self {
            Self::Full => Some(StoreTrouble::Full),
            Self::ReadOnly => Some(StoreTrouble::ReadOnly),
            Self::Damaged => Some(StoreTrouble::Broken),
            Self::Other(cause) => cause
                .downcast_ref::<rusqlite::Error>()
                .and_then(rusqlite::Error::sqlite_error_code)
                .filter(|code| *code == ErrorCode::SystemIoFailure)
                .map(|_| StoreTrouble::Broken),
            Self::Newer { .. } | Self::KeyNotSupported | Self::Closed => None,
        }
    }

    /// Returns whether it says nothing of what was to be kept: the next try
    /// may well do better.
    pub fn is_passing(&self) -> bool {
        let code = match self {
            Self::Closed => return true,
            Self::Other(cause) => cause
                .downcast_ref::<rusqlite::Error>()
                .and_then(rusqlite::Error::sqlite_error_code),
            _ => None,
        };
        let is_of_the_moment = matches!(
            code,
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::OutOfMemory
                    | ErrorCode::OperationInterrupted
            )
        );
        is_of_the_moment || self.trouble().is_some()
    }
}

/// Why nothing can be kept for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreTrouble {
    /// There is no room left on the disk.
    Full,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// The file is damaged, or its disk fails.
    Broken,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType,
        };
        // The index of the log found no room: SQLite calls that a failing disk.
        let is_index_full = error
            .sqlite_error()
            .is_some_and(|failure| failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE);
        let known = match (&error, error.sqlite_error_code()) {
            _ if is_index_full => Self::Full,
            (_, Some(ErrorCode::DiskFull)) => Self::Full,
            (
                _,
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen),
            ) => Self::ReadOnly,
            (_, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            | (
                FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..),
                _,
            ) => Self::Damaged,
            _ => return Self::other(error),
        };
        tracing::error!(%error, "The store failed.");
        known
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::other(error),
        }
    }
}

/// Why a chat was not written to a file.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExportError {
    /// The chat is not here any more.
    #[error("the chat is gone")]
    Gone,
    /// There is no room where the file was to be.
    #[error("the disk is full")]
    Full,
    /// Nothing may be written where the file was to be.
    #[error("the file cannot be written")]
    NotAllowed,
    /// The file could not be written for another reason.
    #[error("the file could not be written: {0}")]
    File(#[source] Arc<io::Error>),
    /// The history could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotAllowed,
            _ => Self::File(Arc::new(error)),
        }
    }
}

/// Why what was typed into the XML console was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// It is not XML, or not the whole of an element.
    #[error("not well-formed")]
    NotWellFormed,
    /// It is not exactly one element.
    #[error("not one element")]
    NotOne,
    /// It is no message, presence or iq: the stream itself is ours.
    #[error("no stanza")]
    NoStanza,
    /// It is larger than we would take ourselves.
    #[error("too large")]
    TooLarge,
    /// The account is not online.
    #[error("offline")]
    Offline,
}

/// Why the engine did not start.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StartError {
    /// Another running program uses the same history.
    #[error("already running")]
    AlreadyRunning,
    /// The history could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of additional certificates cannot be used.
    #[error("the additional certificates cannot be used: {0}")]
    Certificates(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The folder for the history could not be made or used.
    #[error("the folder for the history cannot be used: {0}")]
    NoFolder(#[source] Arc<io::Error>),
}

/// Why signing in failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SignInError {
    /// The address has no `@` and so no server.
    #[error("the address has no domain")]
    AddressWithoutDomain,
    /// The text is not an XMPP address.
    #[error("the address is not valid")]
    AddressInvalid,
    /// The address names a program or a server instead of a person.
    #[error("the address is not that of a person")]
    AddressNotAPerson,
    /// This account is here already.
    #[error("the account is here already")]
    AlreadyAdded,
    /// The server did not let us in, or could not be reached.
    #[error(transparent)]
    Connection(#[from] ConnectionProblem),
    /// The account could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a code verified nothing; nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VerifyError {
    /// The code is somebody else's.
    #[error("the code is of another address")]
    OtherAddress {
        /// Whose it is.
        address: String,
    },
    /// A device of that number is known by another key: somebody may be in
    /// between, or the code is an old one.
    #[error("device {device} is known by another key")]
    DifferentKey {
        /// The device's number.
        device: u32,
        /// The key it is known by.
        known: Fingerprint,
        /// The key in the code.
        shown: Fingerprint,
    },
    /// The code holds no key.
    #[error("the code holds no key")]
    Nothing,
    /// The verification could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a chat could not be opened.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenChatError {
    /// The address has no `@` and so no server.
    #[error("the address has no domain")]
    AddressWithoutDomain,
    /// The text is not an XMPP address.
    #[error("the address is not valid")]
    AddressInvalid,
    /// The chat could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: i32) -> StoreError {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
    }

    #[test]
    fn what_passes_says_nothing_of_what_was_to_be_kept() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_NOMEM,
            ffi::SQLITE_INTERRUPT,
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR,
        ] {
            assert!(failed(code).is_passing(), "{code}");
        }
        for code in [
            ffi::SQLITE_CONSTRAINT,
            ffi::SQLITE_TOOBIG,
            ffi::SQLITE_MISMATCH,
        ] {
            assert!(!failed(code).is_passing(), "{code}");
        }
    }
}
