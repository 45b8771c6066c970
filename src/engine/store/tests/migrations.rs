//! Opening histories of other versions, and files that are none.

use std::fs;
use std::sync::LazyLock;

use super::*;

/// All the schema there is as a first step: every transaction keeps the index.
fn first() -> &'static str {
    static FIRST: LazyLock<String> = LazyLock::new(|| migrate::MIGRATIONS.concat());
    &FIRST
}

fn open_with(path: &Path, migrations: &[&str]) -> Result<Store, StoreError> {
    let (events, _) = broadcast::channel(1);
    Store::open_with(path, None, events, migrations)
}

/// Makes a history of version 1 with one setting, and closes it.
async fn first_version(path: &Path) {
    let store = open_with(path, &[first()]).unwrap();
    store
        .write(|tx, _| settings::set(tx, "colour", "dark"))
        .await
        .unwrap();
    store.close().await;
}

fn version(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

fn tables(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut query = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let names = query.query_map([], |row| row.get(0)).unwrap();
    names.collect::<rusqlite::Result<_>>().unwrap()
}

#[tokio::test]
async fn a_migration_keeps_a_copy_and_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;

    let store = open_with(
        &path,
        &[
            first(),
            "CREATE TABLE rooms (id INTEGER PRIMARY KEY) STRICT;",
        ],
    )
    .unwrap();

    assert_eq!(value(&store, "colour").await.as_deref(), Some("dark"));
    store.close().await;
    assert_eq!(version(&path), 2);
    assert!(tables(&path).contains(&"rooms".to_owned()));
    let copy = migrate::copy_path(&path, 1);
    assert_eq!(version(&copy), 1);
    let copy = open_with(&copy, &[first()]).unwrap();
    assert_eq!(value(&copy, "colour").await.as_deref(), Some("dark"));
}

#[tokio::test]
async fn the_copy_is_closed_to_other_users() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;

    open_with(&path, &[first(), ""]).unwrap();

    let copy = fs::metadata(migrate::copy_path(&path, 1)).unwrap();
    assert_eq!(copy.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn no_copy_is_kept_of_a_new_or_current_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;

    open_with(&path, &[first()]).unwrap().close().await;

    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_version_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;
    let good = "CREATE TABLE rooms (id INTEGER PRIMARY KEY) STRICT;";
    let bad = "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT;
               DELETE FROM settings;
               INSERT INTO nowhere VALUES (1);";

    let failed = open_with(&path, &[first(), good, bad]);

    assert!(matches!(failed, Err(StoreError::Other(_))));
    assert_eq!(version(&path), 2);
    assert!(!tables(&path).contains(&"half".to_owned()));
    let store = open_with(&path, &[first(), good, ""]).unwrap();
    assert_eq!(value(&store, "colour").await.as_deref(), Some("dark"));
}

#[tokio::test]
async fn a_step_that_leaves_rows_without_their_owner_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;
    let orphan = "INSERT INTO contacts (account_id, address) VALUES (77, 'juliet@example.org');";

    let failed = open_with(&path, &[first(), orphan]);

    assert!(matches!(failed, Err(StoreError::Other(_))));
    assert_eq!(version(&path), 1);
}

#[tokio::test]
async fn a_copy_that_was_interrupted_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;
    let copy = migrate::copy_path(&path, 1);
    fs::write(copy.with_extension("unfinished"), "half a copy").unwrap();

    open_with(&path, &[first(), ""]).unwrap();

    assert_eq!(version(&copy), 1);
    assert!(!copy.with_extension("unfinished").exists());
}

#[tokio::test]
async fn a_newer_history_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let newer = vec![""; 6];
    let steps: Vec<&str> = [first()].into_iter().chain(newer).collect();
    open_with(&path, &steps).unwrap().close().await;
    let before = fs::read(&path).unwrap();

    let refused = open_with(&path, &[first()]);

    assert!(matches!(
        refused,
        Err(StoreError::Newer { found: 7, known: 1 })
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_told_apart_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    first_version(&path).await;
    let mut damaged = fs::read(&path).unwrap();
    for byte in &mut damaged[100..2_000] {
        *byte = 0x5a;
    }
    fs::write(&path, &damaged).unwrap();

    let refused = open_with(&path, &[first()]);

    assert!(matches!(refused, Err(StoreError::Damaged)));
    assert_eq!(fs::read(&path).unwrap(), damaged);
}

#[test]
fn a_file_that_is_no_history_is_told_apart_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let letter = folder.path().join("letter.db");
    fs::write(
        &letter,
        "But soft! What light through yonder window breaks?".repeat(9),
    )
    .unwrap();
    let stranger = folder.path().join("stranger.db");
    Connection::open(&stranger)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url TEXT);")
        .unwrap();

    for path in [letter, stranger] {
        let before = fs::read(&path).unwrap();
        assert!(matches!(
            open_with(&path, &[first()]),
            Err(StoreError::Damaged)
        ));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}
