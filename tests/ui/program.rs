//! The program itself, as a desktop starts and ends it.

use std::process::{Command, Stdio};

use crate::Test;

pub const TESTS: &[Test] = &[(
    "a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly",
    a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly,
)];

/// On a bus of its own: waits for the first program to be there, starts a
/// second one, then ends the first.
const SCRIPT: &str = r#"
    "$PROGRAM" & first=$!
    until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:im.stonechat.Stonechat | grep -q true; do :; done
    timeout 10 "$PROGRAM"; echo "second $?"
    kill -TERM "$first"; wait "$first"; echo "first $?"
"#;

fn a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "timeout", "60", "sh", "-c", SCRIPT])
        .env("PROGRAM", env!("CARGO_BIN_EXE_stonechat"))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env_remove("GTK_A11Y")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let ends: Vec<&str> = said
        .lines()
        .filter(|line| line.ends_with(|last: char| last.is_ascii_digit()))
        .collect();
    assert_eq!(ends, ["second 0", "first 0"], "{said}");
}
