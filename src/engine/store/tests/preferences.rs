//! What the user set: kept, read leniently, told when it changes.

use super::*;
use crate::engine::model::{
    AccountId, ConversationId, OnClose, Preferences, Setting, StyleChoice, WindowPlace,
};

/// Something else than the default everywhere.
fn other() -> Preferences {
    Preferences {
        tells_typing: false,
        sends_receipts: false,
        sends_read_markers: false,
        style: StyleChoice::Dark,
        text_size_percent: 130,
        checks_spelling: false,
        styles_messages: false,
        shows_content: false,
        on_close: OnClose::KeepRunning,
        starts_with_desktop: true,
        write_from: Some(AccountId(2)),
        window: WindowPlace {
            width: 800,
            height: 600,
            is_maximized: true,
        },
        last_open: Some(ConversationId(7)),
    }
}

/// Every key, and what it would be if it were not understood.
fn keys() -> Vec<(&'static str, Preferences)> {
    let unset = Preferences::default();
    let without = |change: &dyn Fn(&mut Preferences)| {
        let mut read = other();
        change(&mut read);
        read
    };
    vec![
        ("tells-typing", without(&|read| read.tells_typing = true)),
        (
            "sends-receipts",
            without(&|read| read.sends_receipts = true),
        ),
        (
            "sends-read-markers",
            without(&|read| read.sends_read_markers = true),
        ),
        ("style", without(&|read| read.style = unset.style)),
        (
            "text-size-percent",
            without(&|read| read.text_size_percent = 100),
        ),
        (
            "checks-spelling",
            without(&|read| read.checks_spelling = true),
        ),
        (
            "styles-messages",
            without(&|read| read.styles_messages = true),
        ),
        ("shows-content", without(&|read| read.shows_content = true)),
        ("on-close", without(&|read| read.on_close = unset.on_close)),
        (
            "starts-with-desktop",
            without(&|read| read.starts_with_desktop = false),
        ),
        ("write-from", without(&|read| read.write_from = None)),
        ("window", without(&|read| read.window = unset.window)),
        ("last-open", without(&|read| read.last_open = None)),
    ]
}

fn set_all(connection: &mut Connection, preferences: &Preferences) -> Vec<Change> {
    let mut changes = Changes::default();
    let tx = connection.transaction().unwrap();
    super::super::preferences::write(&tx, &mut changes, preferences).unwrap();
    tx.commit().unwrap();
    changes.into_list()
}

fn read(connection: &Connection) -> Preferences {
    super::super::preferences::read(connection).unwrap()
}

fn spoil(connection: &Connection, key: &str, value: &str) {
    let spoiled = connection
        .execute(
            &format!("UPDATE settings SET value = {value} WHERE key = ?1"),
            [key],
        )
        .unwrap();
    assert_eq!(spoiled, 1, "{key} has no row");
}

#[test]
fn a_new_history_has_the_defaults() {
    assert_eq!(read(&in_memory()), Preferences::default());
}

#[test]
fn what_is_set_is_read_back_and_told_when_it_changes() {
    let mut connection = in_memory();

    // Every message looks different without styling.
    assert_eq!(set_all(&mut connection, &other()), [Change::Everything]);
    assert_eq!(read(&connection), other());
    assert_eq!(set_all(&mut connection, &other()), []);

    set_all(&mut connection, &Preferences::default());
    assert_eq!(read(&connection), Preferences::default());
}

#[test]
fn a_change_of_one_writes_no_row_of_another() {
    let mut connection = in_memory();
    let mut set = |settings: &[Setting]| {
        let mut changes = Changes::default();
        let tx = connection.transaction().unwrap();
        let all = super::super::preferences::change(&tx, &mut changes, settings).unwrap();
        assert_eq!(all, super::super::preferences::read(&tx).unwrap());
        tx.commit().unwrap();
        changes.into_list()
    };

    assert_eq!(set(&[Setting::TellsTyping(false)]), [Change::Preferences]);
    assert_eq!(set(&[Setting::TellsTyping(false)]), []);
    assert_eq!(
        set(&[
            Setting::LastOpen(ConversationId(7)),
            Setting::Window(other().window)
        ]),
        [Change::Preferences]
    );

    let keys: Vec<String> = connection
        .prepare("SELECT key FROM settings ORDER BY key")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(keys, ["last-open", "tells-typing", "window"]);
}

#[test]
fn a_broken_row_counts_as_not_set_and_the_others_stay() {
    for (key, expected) in keys() {
        let broken = [
            "''",
            "'perhaps'",
            "'1 2'",
            "'9e99'",
            "CAST(x'ff00fe' AS TEXT)",
        ];
        for value in broken {
            let mut connection = in_memory();
            set_all(&mut connection, &other());

            spoil(&connection, key, value);

            assert_eq!(read(&connection), expected, "{key} is {value}");
        }
    }
}

#[test]
fn every_row_is_among_those_that_may_break() {
    let mut connection = in_memory();
    set_all(&mut connection, &other());

    let rows: i64 = connection
        .query_row("SELECT count(*) FROM settings", [], |row| row.get(0))
        .unwrap();

    assert_eq!(rows, keys().len() as i64);
}

#[test]
fn a_number_out_of_range_is_brought_into_it() {
    let mut connection = in_memory();
    set_all(&mut connection, &other());

    for (value, expected) in [
        ("'7'", 80),
        ("'-5'", 80),
        ("'201'", 200),
        ("'4000000000'", 200),
    ] {
        spoil(&connection, "text-size-percent", value);
        assert_eq!(read(&connection).text_size_percent, expected, "{value}");
    }
    for (value, width, height) in [
        ("'0 0 off'", 360, 240),
        ("'-1 -1 off'", 360, 240),
        ("'4000000000 70000 off'", 10_000, 10_000),
    ] {
        spoil(&connection, "window", value);
        let window = read(&connection).window;
        assert_eq!((window.width, window.height), (width, height), "{value}");
    }
    for value in ["'-3'", "'0'"] {
        spoil(&connection, "last-open", value);
        assert_eq!(read(&connection).last_open, None, "{value}");
    }

    let mut wild = other();
    wild.text_size_percent = 5;
    set_all(&mut connection, &wild);
    assert_eq!(read(&connection).text_size_percent, 80);
}
