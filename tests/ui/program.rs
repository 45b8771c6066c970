//! The program itself, as a desktop starts and ends it.

use std::process::{Command, Stdio};

use crate::Test;

pub const TESTS: &[Test] = &[
    (
        "a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly",
        a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly,
    ),
    (
        "a_service_has_no_window_until_it_is_asked",
        a_service_has_no_window_until_it_is_asked,
    ),
    (
        "a_link_goes_to_the_program_that_runs",
        a_link_goes_to_the_program_that_runs,
    ),
    (
        "without_a_bus_the_program_starts_all_the_same",
        without_a_bus_the_program_starts_all_the_same,
    ),
    (
        "what_is_no_option_and_no_link_is_refused",
        what_is_no_option_and_no_link_is_refused,
    ),
];

/// On a bus of its own: waits for the first program to be there, starts a
/// second one, then ends the first.
const SCRIPT: &str = r#"
    "$PROGRAM" & first=$!
    until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:im.stonechat.Stonechat | grep -q true; do :; done
    timeout 10 "$PROGRAM"; echo "second $?"
    kill -TERM "$first"; wait "$first"; echo "first $?"
"#;

/// Waits until the program owns its name; `$first` is its process.
const UNTIL_THERE: &str = r#"
    until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:im.stonechat.Stonechat | grep -q true; do
        kill -0 "$first" || exit 1
    done
    call() { gdbus call --session --dest im.stonechat.Stonechat \
        --object-path /im/stonechat/Stonechat --method "$@" >/dev/null; }
    windows() { xdotool search --onlyvisible --name '^Stonechat$' 2>/dev/null | wc -l; }
    until_window() { until [ "$(windows)" -gt 0 ]; do kill -0 "$first" || exit 1; done; }
"#;

/// What a desktop does with a program that it starts over the bus.
const SERVICE: &str = r#"
    "$PROGRAM" --gapplication-service & first=$!
    UNTIL_THERE
    call org.freedesktop.DBus.Peer.Ping
    echo "windows $(windows)"
    call org.freedesktop.Application.Activate '{}'
    until_window
    echo "windows 1"
    kill -TERM "$first"; wait "$first"; echo "first $?"
"#;

/// A link given to a second start, one over the bus, and the desktop entry's action.
const LINK: &str = r#"
    "$PROGRAM" 2>"$HOME/log" & first=$!
    UNTIL_THERE
    until_window
    timeout 10 "$PROGRAM" 'xmpp:juliet@example.org?message;body=wherefore'; echo "second $?"
    until grep -q 'no account for a link' "$HOME/log"; do kill -0 "$first" || exit 1; done
    call org.freedesktop.Application.Open "['xmpp:juliet@example.org?join', 'xmpp:b@example.org']" '{}'
    until [ "$(grep -c 'no account for a link' "$HOME/log")" -eq 2 ]; do kill -0 "$first" || exit 1; done
    timeout 10 "$PROGRAM" --new-chat; echo "third $?"
    call org.freedesktop.Application.ActivateAction new-chat '[]' '{}'; echo "action $?"
    kill -TERM "$first"; wait "$first"; echo "first $?"
    echo "texts in the log $(grep -c 'wherefore' "$HOME/log")"
"#;

/// As on a bare X server: nobody to ask for a name, a password or a theme.
const NO_BUS: &str = r#"
    "$PROGRAM" 'xmpp:juliet@example.org' & first=$!
    until xdotool search --onlyvisible --name '^Stonechat$' 2>/dev/null | grep -q .; do
        kill -0 "$first" || exit 1
    done
    kill -TERM "$first"; wait "$first"; echo "first $?"
"#;

/// Returns what a script says that ends with a digit.
fn said(command: &[&str], script: &str) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let script = script.replace("UNTIL_THERE", UNTIL_THERE);
    let output = Command::new(command[0])
        .args(&command[1..])
        .args(["timeout", "60", "sh", "-c", &script])
        .env("PROGRAM", env!("CARGO_BIN_EXE_stonechat"))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("STONECHAT_LOG", "debug")
        .env_remove("GTK_A11Y")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter(|line| line.ends_with(|last: char| last.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

fn a_second_start_ends_by_itself_and_a_signal_ends_the_first_properly() {
    let said = said(&["dbus-run-session", "--"], SCRIPT);

    assert_eq!(said, ["second 0", "first 0"]);
}

fn a_service_has_no_window_until_it_is_asked() {
    let said = said(&["dbus-run-session", "--"], SERVICE);

    assert_eq!(said, ["windows 0", "windows 1", "first 0"]);
}

fn a_link_goes_to_the_program_that_runs() {
    let said = said(&["dbus-run-session", "--"], LINK);

    let ends = ["second 0", "third 0", "action 0", "first 0"];
    assert_eq!(said[..4], ends);
    assert_eq!(said[4], "texts in the log 0");
}

fn without_a_bus_the_program_starts_all_the_same() {
    let said = said(
        &[
            "env",
            "DBUS_SESSION_BUS_ADDRESS=disabled:",
            "DBUS_SYSTEM_BUS_ADDRESS=disabled:",
        ],
        NO_BUS,
    );

    assert_eq!(said, ["first 0"]);
}

fn what_is_no_option_and_no_link_is_refused() {
    for argument in ["--dance", "https://example.org", "romeo@example.org"] {
        let output = Command::new(env!("CARGO_BIN_EXE_stonechat"))
            .arg(argument)
            .output()
            .unwrap();

        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(argument) && said.contains("xmpp:ADDRESS"),
            "{said}"
        );
    }
}
