//! A history to search in without an engine, for the benches.

use std::path::Path;

use rusqlite::{Connection, Transaction};

use super::AccountId;
use crate::engine::store::{self, accounts, search};
use crate::engine::text::Wanted;

/// A history that was filled.
#[derive(Debug)]
pub struct Searching(Connection);

impl Searching {
    /// Returns how many of the newest messages are found.
    ///
    /// # Panics
    /// When the search fails.
    #[allow(clippy::expect_used)]
    pub fn hits(&self, wanted: &Wanted) -> usize {
        search::look(&self.0, wanted, None, None)
            .expect("a search works")
            .hits
            .len()
    }
}

/// Fills a history in a folder, with its index, and returns it to search in.
///
/// # Panics
/// When it cannot be filled.
#[allow(clippy::expect_used)]
pub fn searching(folder: &Path, fill: impl FnOnce(&Transaction<'_>)) -> Searching {
    let path = folder.join(store::FILE_NAME);
    let mut connection = store::new_at(&path);
    let tx = connection.transaction().expect("a transaction begins");
    fill(&tx);
    // As the steps of an older history are.
    search::follow(&tx).expect("the index follows");
    tx.commit().expect("it can be written");
    Searching(connection)
}

/// Writes messages in stretches of a hundred, with the index or without, and
/// returns the milliseconds of this thread.
///
/// # Panics
/// When they cannot be written.
#[allow(clippy::expect_used)]
pub fn written(
    folder: &Path,
    is_indexed: bool,
    count: usize,
    fill: impl Fn(&Transaction<'_>, usize, usize),
) -> f64 {
    const STRETCH: usize = 100;
    let mut connection = store::new_at(&folder.join(store::FILE_NAME));
    let began = std::time::Instant::now();
    for from in (0..count).step_by(STRETCH) {
        let tx = connection.transaction().expect("a transaction begins");
        fill(&tx, from, from + STRETCH);
        if is_indexed {
            search::follow(&tx).expect("the index follows");
        } else {
            search::follow_not(&tx).expect("it can be forgotten");
        }
        tx.commit().expect("it can be written");
    }
    began.elapsed().as_secs_f64() * 1e3
}

/// Returns the account with an address, adding it when it is new.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn account_of(tx: &Transaction<'_>, address: &str) -> AccountId {
    let known = accounts::all(tx).expect("accounts can be read");
    known
        .into_iter()
        .find(|account| account.address == address)
        .map_or_else(|| super::account(tx, address), |account| account.id)
}
