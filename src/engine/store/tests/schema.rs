//! The written schema is the real one, for new and for migrated histories.
//!
//! `UPDATE_GOLDEN=1` writes `docs/schema.sql` anew, and the schema of the
//! newest fixture, which may change until its version is released.

use std::fmt::Write as _;
use std::fs;

use super::*;

/// The rows of a fixture follow this line.
const ROWS: &str = "-- What it holds.\n";

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture_path(version: usize) -> PathBuf {
    project().join(format!("tests/fixtures/databases/v{version}.sql"))
}

fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Every table, index and trigger as SQLite keeps it, in the order they were
/// made, without the tables that the index of words makes for itself.
fn objects(connection: &Connection) -> Vec<(String, String)> {
    let mut query = connection
        .prepare(
            "SELECT name, sql
             FROM sqlite_schema
             WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
               AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
             ORDER BY rowid",
        )
        .unwrap();
    let rows = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// The comment above a `CREATE` in the migrations; SQLite keeps only those
/// inside. Found by the first line, as later steps add columns below it.
fn comment_above(sql: &str) -> String {
    let steps = migrate::MIGRATIONS.concat();
    let first_line = sql.lines().next().unwrap_or_default();
    let Some((before, _)) = steps.split_once(first_line) else {
        return String::new();
    };
    let lines: Vec<&str> = before
        .lines()
        .rev()
        .take_while(|line| line.starts_with("--"))
        .collect();
    lines
        .iter()
        .rev()
        .fold(String::new(), |comment, line| comment + line + "\n")
}

fn written_schema(connection: &Connection) -> String {
    let mut text = String::from(
        "-- The history's schema, as the migrations make it. Written by a test:\n\
         -- UPDATE_GOLDEN=1 cargo test --no-default-features --features testing schema\n",
    );
    for (_, sql) in objects(connection) {
        let gap = if sql.starts_with("CREATE TABLE") || !comment_above(&sql).is_empty() {
            "\n"
        } else {
            ""
        };
        writeln!(text, "{gap}{}{sql};", comment_above(&sql)).unwrap();
    }
    text
}

#[test]
fn the_documented_schema_is_the_real_one() {
    let path = project().join("docs/schema.sql");
    let real = written_schema(&in_memory());
    if is_updating() {
        fs::write(&path, &real).unwrap();
    }

    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        real,
        "see the second line of the file"
    );
}

/// Loads a fixture as a program of its version would have left it.
fn load(version: usize, path: &Path) {
    let mut fixture = fs::read_to_string(fixture_path(version)).unwrap();
    if is_updating() && version == migrate::MIGRATIONS.len() {
        let (_, rows) = fixture.split_once(ROWS).unwrap();
        let mut text =
            format!("-- A history of version {version}.\nPRAGMA user_version = {version};\n");
        for (_, sql) in objects(&in_memory()) {
            writeln!(text, "{sql};").unwrap();
        }
        fixture = format!("{text}\n{ROWS}{rows}");
        fs::write(fixture_path(version), &fixture).unwrap();
    }
    Connection::open(path)
        .unwrap()
        .execute_batch(&fixture)
        .unwrap();
}

#[tokio::test]
async fn a_history_of_every_version_opens_and_shows_its_messages() {
    for version in 1..=migrate::MIGRATIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        load(version, &path);

        let (store, _) = open(&path).unwrap();
        let (list, bodies, schema) = store
            .read(|connection| {
                let list = conversations::rows(connection)?;
                let shown = window::latest(connection, list[0].id, 10)?;
                let bodies: Vec<String> = shown.into_iter().map(|message| message.body).collect();
                Ok((list, bodies, objects(connection)))
            })
            .await
            .unwrap();

        assert_eq!(
            schema,
            objects(&in_memory()),
            "version {version} migrates to another schema"
        );
        assert_eq!(
            list.iter()
                .map(|row| (row.name.as_str(), row.unread))
                .collect::<Vec<_>>(),
            [("Juliet", 1), ("mercutio@example.org", 0)]
        );
        assert_eq!(
            bodies,
            [
                "Wherefore art thou Romeo?",
                "Shall I hear more, or shall I speak at this?",
                "What's in a name?",
            ]
        );
    }
}
