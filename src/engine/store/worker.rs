//! The threads that own the connections.
//!
//! One thread writes, two read, one searches. Jobs are closures, answers come by `oneshot`,
//! which can be awaited from any executor: the window awaits them on GTK's
//! main context. A panic in a job is caught, rolls its transaction back and
//! leaves the thread alive.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, InterruptHandle, OpenFlags, Transaction, TransactionBehavior,
};
use tokio::sync::{broadcast, oneshot, watch};

use super::{Changes, search};
use crate::engine::api::Event;
use crate::engine::error::{StoreError, StoreTrouble};

const READERS: usize = 2;
/// Only a stranger's program (a backup, a curious person) can hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a power cut may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing of a finished transaction.
    Full,
    /// The last transactions, each as a whole.
    Normal,
}

enum Job {
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
    Close(oneshot::Sender<()>),
}

/// Senders to the threads; the threads end when all are gone.
#[derive(Clone)]
pub struct Workers {
    writer: mpsc::Sender<Job>,
    readers: mpsc::Sender<Job>,
    searcher: mpsc::Sender<Job>,
    /// Ends the search that is running.
    interrupt: Arc<InterruptHandle>,
    /// How many searches were asked for: only the last one counts.
    searches: Arc<AtomicU64>,
    events: broadcast::Sender<Event>,
    /// Why nothing can be kept, as the last write that changed anything told.
    trouble: watch::Sender<Option<StoreTrouble>>,
}

impl Workers {
    /// Starts the threads; `connection` becomes the writer's.
    pub fn start(
        connection: Connection,
        path: &Path,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, StoreError> {
        prepare_writer(&connection)?;
        let (writer, writes) = mpsc::channel();
        spawn("store-write", Arc::new(Mutex::new(writes)), connection)?;
        let (readers, reads) = mpsc::channel();
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..READERS {
            spawn("store-read", reads.clone(), open_reader(path)?)?;
        }
        let (searcher, searches) = mpsc::channel();
        let connection = open_reader(path)?;
        let interrupt = Arc::new(connection.get_interrupt_handle());
        let searches = Arc::new(Mutex::new(searches));
        spawn("store-search", searches, connection)?;
        Ok(Self {
            writer,
            readers,
            searcher,
            interrupt,
            searches: Arc::default(),
            events,
            trouble: watch::Sender::new(None),
        })
    }

    /// Queues a writing job at once and returns its answer to come.
    pub fn write<T, J>(
        &self,
        durability: Durability,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError> + Send + 'static,
    {
        let (events, trouble) = (self.events.clone(), self.trouble.clone());
        queue(&self.writer, move |connection| {
            let before = connection.total_changes();
            let written = catch(|| commit(connection, durability, job, &events));
            let now = match &written {
                // What changed nothing says nothing about the room on the disk.
                Ok(_) if connection.total_changes() == before => return written,
                Ok(_) => None,
                Err(error) => match error.trouble() {
                    Some(trouble) => Some(trouble),
                    None => return written,
                },
            };
            let is_news = trouble.send_if_modified(|known| std::mem::replace(known, now) != now);
            if is_news {
                // No receiver: nobody to tell.
                let _ = events.send(Event::StoreTrouble(now));
            }
            written
        })
    }

    /// Returns why nothing can be kept just now, if that is so.
    pub fn trouble(&self) -> Option<StoreTrouble> {
        *self.trouble.borrow()
    }

    /// Queues a reading job at once and returns its answer to come.
    pub fn read<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        queue(&self.readers, move |connection| look(connection, job))
    }

    /// Queues a search at once and returns its answer to come. It ends the
    /// searches before it, whose answers are `None`.
    pub fn search<T, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<Option<T>, StoreError>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let number = self.searches.fetch_add(1, Ordering::SeqCst) + 1;
        // What is not running yet sees the number; what is, is stopped.
        self.interrupt.interrupt();
        let searches = self.searches.clone();
        queue(&self.searcher, move |connection| {
            let is_last = || searches.load(Ordering::SeqCst) == number;
            if !is_last() {
                return Ok(None);
            }
            match look(connection, job) {
                Err(error) if !is_last() && was_interrupted(&error) => Ok(None),
                answer => answer.map(Some),
            }
        })
    }

    /// Ends the threads after what is queued; the writer last, because only
    /// the last connection can fold the whole log into the file.
    pub async fn close(&self) {
        self.interrupt.interrupt();
        let readers = [(&self.readers, READERS), (&self.searcher, 1)];
        for (jobs, threads) in readers.into_iter().chain([(&self.writer, 1)]) {
            for _ in 0..threads {
                let (done, closed) = oneshot::channel();
                if jobs.send(Job::Close(done)).is_ok() {
                    // An error means that the thread has ended already.
                    let _ = closed.await;
                }
            }
        }
    }
}

/// What all connections have in common.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    // Plans follow from the words of a query alone. Otherwise SQLite makes
    // those that can use a partial index anew for each value that is bound,
    // which took half of the time of a catch-up.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(())
}

pub(super) fn prepare_writer(connection: &Connection) -> Result<(), StoreError> {
    prepare(connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What the user deletes is overwritten, not only marked as free space.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    // Not read-only to the file system: the first reader may have to make the
    // log's index.
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn spawn(
    name: &str,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    mut connection: Connection,
) -> Result<(), StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            loop {
                // The lock is held while waiting, not while working.
                let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                match job {
                    Ok(Job::Run(run)) => run(&mut connection),
                    Ok(Job::Close(done)) => {
                        close(connection);
                        // The one who asked may be gone.
                        let _ = done.send(());
                        return;
                    }
                    Err(mpsc::RecvError) => return close(connection),
                }
            }
        })
        .map_err(StoreError::other)?;
    Ok(())
}

/// Closing the last connection folds the log into the file and removes it.
fn close(connection: Connection) {
    if let Err((_, error)) = connection.close() {
        tracing::error!(%error, "The store was not closed cleanly.");
    }
}

fn queue<T, R>(
    jobs: &mpsc::Sender<Job>,
    run: R,
) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, R>
where
    T: Send + 'static,
    R: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let job = Job::Run(Box::new(move |connection| {
        if let Err(Err(error)) = answer.send(run(connection)) {
            tracing::error!(%error, "A job of the store failed, and nobody waited for it.");
        }
    }));
    // When the thread is gone the job is dropped, and with it `answer`.
    let _ = jobs.send(job);
    async move { answered.await.unwrap_or(Err(StoreError::Closed)) }
}

fn commit<T>(
    connection: &mut Connection,
    durability: Durability,
    job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    events: &broadcast::Sender<Event>,
) -> Result<T, StoreError> {
    if durability == Durability::Normal {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    let done = catch(|| transact(connection, job));
    if durability == Durability::Normal {
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    let (answer, changes) = done?;
    let changes = changes.into_list();
    if !changes.is_empty() {
        // No receiver: nobody to tell.
        let _ = events.send(Event::Changed(changes));
    }
    Ok(answer)
}

fn transact<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
) -> Result<(T, Changes), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut changes = Changes::default();
    let answer = job(&transaction, &mut changes)?;
    search::follow(&transaction)?;
    transaction.commit()?;
    Ok((answer, changes))
}

/// Runs a job on one state of the history.
fn look<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch(|| {
        let snapshot = connection.transaction()?;
        let answer = job(&snapshot)?;
        snapshot.commit()?;
        Ok(answer)
    })
}

fn was_interrupted(error: &StoreError) -> bool {
    let StoreError::Other(cause) = error else {
        return false;
    };
    let code = cause
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code);
    code == Some(ErrorCode::OperationInterrupted)
}

/// Turns a panic into an error. What the panic left half done belongs to the
/// transaction, which is rolled back while unwinding.
fn catch<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("A job of the store panicked; its transaction was rolled back.");
        Err(StoreError::other("a job of the store panicked"))
    })
}
