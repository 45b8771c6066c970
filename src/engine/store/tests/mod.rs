//! The store as a whole: threads, transactions, announcements.
#![allow(clippy::unwrap_used)]

mod actions;
mod chats;
mod cleared;
mod erased;
mod found;
mod keeping;
mod migrations;
mod people;
mod plans;
mod preferences;
mod schema;

mod sign_ins;
mod upkeep;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::engine::api::Change;

/// A store in a folder of its own.
struct Kept {
    _folder: TempDir,
    path: PathBuf,
    store: Store,
    events: broadcast::Receiver<Event>,
}

fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join(FILE_NAME);
    let (store, events) = open(&path).unwrap();
    Kept {
        _folder: folder,
        path,
        store,
        events,
    }
}

fn open(path: &Path) -> Result<(Store, broadcast::Receiver<Event>), StoreError> {
    let (sender, events) = broadcast::channel(64);
    Ok((Store::open(path, None, sender)?, events))
}

pub(in crate::engine) use super::new_in_memory as in_memory;

async fn value(store: &Store, key: &'static str) -> Option<String> {
    store
        .read(move |connection| settings::get(connection, key))
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_written_is_read_back_after_opening_again() {
    let kept = kept();
    kept.store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await
        .unwrap();
    kept.store.close().await;

    let (store, _) = open(&kept.path).unwrap();

    assert_eq!(value(&store, "colour").await.as_deref(), Some("dark"));
}

#[tokio::test]
async fn changes_are_told_after_the_commit_and_only_then() {
    let mut kept = kept();

    let failed: Result<(), _> = kept
        .store
        .write(|tx, changes| {
            settings::set(tx, "colour", "dark")?;
            changes.add(Change::Accounts);
            Err(StoreError::Closed)
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Closed)));
    kept.store
        .write(|_, changes| {
            changes.add(Change::ConversationList);
            Ok(())
        })
        .await
        .unwrap();

    assert_eq!(value(&kept.store, "colour").await, None);
    assert_eq!(
        kept.events.try_recv().unwrap(),
        Event::Changed(vec![Change::ConversationList])
    );
    assert!(kept.events.try_recv().is_err());
}

#[tokio::test]
async fn a_job_that_panics_leaves_nothing_behind_and_the_threads_alive() {
    let kept = kept();

    let written: Result<(), _> = kept
        .store
        .write(|tx, changes| {
            settings::set(tx, "colour", "dark")?;
            changes.add(Change::Everything);
            panic!("as a bug would");
        })
        .await;
    for _ in 0..4 {
        let read: Result<(), _> = kept.store.read(|_| panic!("as a bug would")).await;
        assert!(matches!(read, Err(StoreError::Other(_))));
    }

    assert!(matches!(written, Err(StoreError::Other(_))));
    assert_eq!(value(&kept.store, "colour").await, None);
    kept.store
        .write(|tx, _| settings::set(tx, "colour", "light"))
        .await
        .unwrap();
    assert_eq!(value(&kept.store, "colour").await.as_deref(), Some("light"));
}

#[tokio::test]
async fn a_job_runs_even_when_nobody_waits_for_it() {
    let kept = kept();

    drop(
        kept.store
            .write(|tx, _| settings::set(tx, "order", "first")),
    );
    drop(
        kept.store
            .write(|tx, _| settings::set(tx, "order", "second")),
    );
    kept.store.write(|_, _| Ok(())).await.unwrap();

    assert_eq!(value(&kept.store, "order").await.as_deref(), Some("second"));
}

#[tokio::test]
async fn readers_cannot_write_and_see_one_moment() {
    let kept = kept();

    let refused = kept
        .store
        .read(|connection| Ok(connection.execute("DELETE FROM settings", [])?))
        .await;

    assert!(matches!(refused, Err(StoreError::ReadOnly)));
}

#[tokio::test]
async fn a_bulk_write_does_not_weaken_the_next_one() {
    let kept = kept();
    let synchronous = |tx: &Transaction<'_>| -> Result<i64, StoreError> {
        Ok(tx.pragma_query_value(None, "synchronous", |row| row.get(0))?)
    };

    let bulk = kept.store.write_bulk(move |tx, _| synchronous(tx)).await;
    let panicked: Result<(), _> = kept.store.write_bulk(|_, _| panic!("as a bug would")).await;
    let next = kept.store.write(move |tx, _| synchronous(tx)).await;

    assert!(panicked.is_err());
    assert_eq!((bulk.unwrap(), next.unwrap()), (1, 2));
}

#[tokio::test]
async fn after_closing_nothing_is_taken_and_the_log_is_folded_in() {
    let kept = kept();
    kept.store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await
        .unwrap();

    kept.store.close().await;
    kept.store.close().await;

    let late = kept.store.write(|_, _| Ok(())).await;
    assert!(matches!(late, Err(StoreError::Closed)));
    let late = kept.store.read(|_| Ok(())).await;
    assert!(matches!(late, Err(StoreError::Closed)));
    let mut log = kept.path.into_os_string();
    log.push("-wal");
    assert!(!Path::new(&log).exists());
}

#[test]
fn a_key_is_refused_while_there_is_no_encryption() {
    let folder = tempfile::tempdir().unwrap();
    let (events, _) = broadcast::channel(1);

    let refused = Store::open(&folder.path().join(FILE_NAME), Some("key"), events);

    assert!(matches!(refused, Err(StoreError::KeyNotSupported)));
    assert!(!folder.path().join(FILE_NAME).exists());
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing_that_was_kept() {
    let mut kept = kept();
    kept.store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await
        .unwrap();
    let limit_pages = |limit: i64| {
        kept.store.write(move |tx, _| {
            let pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
            tx.pragma_update_and_check(None, "max_page_count", pages + limit, |_| Ok(()))?;
            Ok(())
        })
    };
    let fill = || {
        kept.store
            .write(|tx, _| settings::set(tx, "colour", &"light".repeat(100_000)))
    };

    limit_pages(1).await.unwrap();
    let full = fill().await;

    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    let told = Event::StoreTrouble(Some(StoreTrouble::Full));
    assert_eq!(kept.events.try_recv().unwrap(), told);
    assert_eq!(value(&kept.store, "colour").await.as_deref(), Some("dark"));
    limit_pages(1_000).await.unwrap();
    assert_eq!(kept.store.trouble(), Some(StoreTrouble::Full));
    fill().await.unwrap();
    assert_eq!(
        kept.events.try_recv().unwrap(),
        Event::StoreTrouble(None),
        "there is room again"
    );
}

#[tokio::test]
async fn a_history_that_became_read_only_is_told() {
    let mut kept = kept();

    kept.store
        .write(|tx, _| Ok(tx.pragma_update(None, "query_only", true)?))
        .await
        .unwrap();
    let refused = kept
        .store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await;

    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let told = Event::StoreTrouble(Some(StoreTrouble::ReadOnly));
    assert_eq!(kept.events.try_recv().unwrap(), told);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_apart() {
    // A place where not even the administrator can make a folder.
    let refused = open(Path::new("/sys/stonechat/history.db"));

    assert!(matches!(refused, Err(StoreError::ReadOnly)));
}

#[tokio::test]
async fn the_history_is_closed_to_other_users() {
    use std::os::unix::fs::PermissionsExt;
    let kept = kept();
    kept.store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await
        .unwrap();

    let mut files = 0;
    for file in std::fs::read_dir(kept.path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        files += 1;
    }

    // The history, its log and the index of the log.
    assert_eq!(files, 3);
}
