//! The history on disk: one SQLite file for all accounts.
//!
//! SQL lives in this folder and nowhere else. A topic is a file of plain
//! functions over an open transaction (writing) or connection (reading);
//! [`Store`] runs them on its threads. What a transaction changed is collected
//! in [`Changes`] and told to the window after the commit, by the store itself:
//! nobody can forget it, and nothing that was rolled back is announced.

pub mod accounts;
pub mod approvals;
pub mod archive;
pub mod blocked;
mod changes;
pub mod chat_settings;
pub mod clearing;
pub mod columns;
pub mod contacts;
pub mod conversations;
pub mod deletion;
pub mod devices;
pub mod export;
pub mod gaps;
pub mod kept;
pub mod messages;
mod migrate;
pub mod outbox;
pub mod owing;
pub mod preferences;
pub mod profiles;
pub mod protection;
pub mod ratchet;
pub mod reactions;
pub mod reading;
pub mod replies;
pub mod requests;
pub mod retention;
pub mod search;
mod search_query;
pub mod settings;
pub mod sign_ins;
pub mod streams;
pub mod targets;
pub mod versions;
pub mod waiting;
pub mod window;
mod worker;

use std::fs::OpenOptions;
use std::future::Future;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::{Connection, Transaction};
use tokio::sync::broadcast;

pub use changes::Changes;

use crate::engine::api::Event;
use crate::engine::error::{StoreError, StoreTrouble};
use crate::engine::instance::private_folder;
use worker::{Durability, Workers};

/// Name of the history in the data folder.
pub const FILE_NAME: &str = "history.db";

/// A handle to the history; cheap to clone. The file is closed when
/// [`Store::close`] was called or the last handle is gone.
#[derive(Clone)]
pub struct Store {
    workers: Workers,
}

impl Store {
    /// Opens the history at `path`, making or migrating it where needed.
    /// Blocks while it does.
    ///
    /// `key` is the place of a key to an encrypted history, which this build
    /// does not have yet.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a history of a newer program, which stays
    /// untouched; [`StoreError::Damaged`], [`StoreError::Full`],
    /// [`StoreError::ReadOnly`]; [`StoreError::KeyNotSupported`] for any key.
    pub fn open(
        path: &Path,
        key: Option<&str>,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, StoreError> {
        Self::open_with(path, key, events, migrate::MIGRATIONS)
    }

    fn open_with(
        path: &Path,
        key: Option<&str>,
        events: broadcast::Sender<Event>,
        migrations: &[&str],
    ) -> Result<Self, StoreError> {
        if key.is_some() {
            return Err(StoreError::KeyNotSupported);
        }
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        // SQLite gives its other files the permissions of this one.
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)?;
        let mut connection = Connection::open(path)?;
        migrate::migrate(&mut connection, path, migrations)?;
        let workers = Workers::start(connection, path, events)?;
        Ok(Self { workers })
    }

    /// Runs `job` in a transaction that is on the disk when the answer comes.
    /// It is queued by the call itself, so jobs run in the order of the calls,
    /// and run even when nobody waits for the answer.
    ///
    /// When `job` returns an error, or panics, nothing of it is kept.
    pub fn write<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.write(Durability::Full, job)
    }

    /// Like [`Store::write`], for what can be fetched again (archive pages):
    /// a power cut may undo it, though never in part.
    pub fn write_bulk<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.write(Durability::Normal, job)
    }

    /// Runs `job` on a reading thread; it sees one state of the history,
    /// whatever is written meanwhile.
    pub fn read<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.read(job)
    }

    /// Runs `job` on the searching thread, and ends the searches before it,
    /// whose answers are `None`.
    pub fn search<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<Option<T>, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.search(job)
    }

    /// Returns why nothing can be kept just now, as far as the last write told.
    pub fn trouble(&self) -> Option<StoreTrouble> {
        self.workers.trouble()
    }

    /// Finishes what is queued, folds the log into the file and closes it.
    /// Later calls end with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.workers.close().await;
    }
}

/// Returns a new history in memory as a writer has it, for what needs no threads.
///
/// # Panics
/// When it cannot be made: then the program that measures or tests is wrong.
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::expect_used)]
pub(in crate::engine) fn new_in_memory() -> Connection {
    let mut connection = Connection::open_in_memory().expect("a database in memory opens");
    migrate::migrate(&mut connection, Path::new(FILE_NAME), migrate::MIGRATIONS)
        .expect("a new history can be made");
    worker::prepare_writer(&connection).expect("a writer can be prepared");
    connection
}

/// Returns a new history at `path` as a writer has it, for what needs no threads.
///
/// # Panics
/// When it cannot be made: then the program that measures or tests is wrong.
#[cfg(feature = "testing")]
#[allow(clippy::expect_used)]
pub(in crate::engine) fn new_at(path: &Path) -> Connection {
    let mut connection = Connection::open(path).expect("a new file opens");
    migrate::migrate(&mut connection, path, migrate::MIGRATIONS).expect("a new history is made");
    worker::prepare_writer(&connection).expect("a writer can be prepared");
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .expect("archives are written so");
    connection
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

#[cfg(test)]
pub(in crate::engine) mod tests;
