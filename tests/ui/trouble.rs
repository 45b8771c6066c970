//! What others send and what the machine lacks: clear, bounded, nothing lost.

use std::process::Command as Process;

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::{Command, Event};
use stonechat::engine::error::StoreTrouble;
use stonechat::engine::model::{PasswordPlace, PasswordTrouble};
use stonechat::engine::testing::NewMessage;

use crate::Test;
use crate::scene::{Chats, Scene, now, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "the_program_starts_and_ends_whatever_the_machine_lacks",
        the_program_starts_and_ends_whatever_the_machine_lacks,
    ),
    (
        "without_a_keyring_the_person_chooses_and_nothing_is_written_by_itself",
        without_a_keyring_the_person_chooses_and_nothing_is_written_by_itself,
    ),
    (
        "a_file_of_passwords_that_others_can_read_is_explained",
        a_file_of_passwords_that_others_can_read_is_explained,
    ),
    (
        "a_full_disk_shows_a_banner_and_the_text_comes_back_to_the_field",
        a_full_disk_shows_a_banner_and_the_text_comes_back_to_the_field,
    ),
    (
        "a_body_of_a_megabyte_is_shown_in_part_and_whole_when_asked_for",
        a_body_of_a_megabyte_is_shown_in_part_and_whole_when_asked_for,
    ),
    (
        "a_megabyte_without_a_space_is_bounded_too",
        a_megabyte_without_a_space_is_bounded_too,
    ),
    (
        "a_megabyte_of_emoji_is_bounded_too",
        a_megabyte_of_emoji_is_bounded_too,
    ),
    (
        "a_body_of_very_many_lines_does_not_fill_the_history",
        a_body_of_very_many_lines_does_not_fill_the_history,
    ),
];

/// A message that begins and ends with words of its own.
fn megabyte(middle: &str) -> String {
    let times = 1_000_000 / middle.len();
    format!("The beginning. {} The end.", middle.repeat(times))
}

fn receive(scene: &Scene, chats: Chats, body: &str) {
    let message = NewMessage::incoming(Scene::chat(chats.juliet), now(), body);
    Scene::block_on(scene.commands.message(message)).unwrap();
    scene.settle();
}

/// The label of the long message.
fn body_shown(scene: &Scene) -> gtk::Label {
    all::<gtk::Label>(&scene.history(), |label| {
        label.is_mapped() && label.text().starts_with("The beginning.")
    })
    .remove(0)
}

fn a_body_of_a_megabyte_is_shown_in_part_and_whole_when_asked_for() {
    let (scene, chats) = verona();
    let whole = megabyte("word ");
    receive(&scene, chats, &whole);
    let line = &scene.lines()[0];
    assert!(line.contains("The beginning.") && line.chars().count() < 300);
    scene.open("Juliet");

    let label = body_shown(&scene);
    assert!(label.text().len() < 8_000);
    assert!(label.text().ends_with("…\nShow All"));
    label.emit_by_name::<bool>("activate-link", &[&"stonechat:show-all"]);
    until("the whole message", || {
        scene.window.visible_dialog().is_some()
    });
    scene.settle();
    shot(&scene.window, "whole-message");
    let dialog = scene.window.visible_dialog().unwrap();
    let view = all::<gtk::TextView>(&dialog, |_| true).remove(0);
    let (start, end) = view.buffer().bounds();
    let shown = view.buffer().text(&start, &end, false);
    assert_eq!(shown.replace('\n', ""), whole);

    scene.button("Copy Whole Message").emit_clicked();
    let copied = Scene::block_on(scene.window.clipboard().read_text_future()).unwrap();
    assert!(copied.is_some_and(|copied| copied == whole));
}

fn a_megabyte_without_a_space_is_bounded_too() {
    is_bounded(&megabyte("ж"));
}

fn a_megabyte_of_emoji_is_bounded_too() {
    is_bounded(&megabyte("👩‍👩‍👧"));
}

fn is_bounded(whole: &str) {
    let (scene, chats) = verona();
    receive(&scene, chats, whole);
    scene.open("Juliet");

    let label = body_shown(&scene);

    assert!(label.text().len() < 8_000);
    assert!(label.height() < 10_000, "{}", label.height());
}

fn a_body_of_very_many_lines_does_not_fill_the_history() {
    let (scene, chats) = verona();
    receive(&scene, chats, &megabyte("\n"));
    scene.open("Juliet");

    let label = body_shown(&scene);

    let line = label.layout().pixel_size().1 / label.layout().line_count();
    assert!(label.layout().line_count() < 130);
    assert!(label.height() < 130 * (line + 1));
}

fn a_full_disk_shows_a_banner_and_the_text_comes_back_to_the_field() {
    let (mut scene, chats) = verona();
    scene.open("Juliet");
    write(&scene, "Good night, good night!");
    scene.take_commands();
    write_more(&scene, "Parting");

    scene
        .commands
        .tell(Event::StoreTrouble(Some(StoreTrouble::Full)));
    scene.commands.tell(Event::NotKept {
        conversation: Scene::chat(chats.juliet),
        body: "Good night, good night!".to_owned(),
    });
    until("the banner", || {
        scene.settle();
        scene.reads("The disk is full.")
    });
    shot(&scene.window, "full-disk");
    assert_eq!(field(&scene), "Good night, good night!\nParting");
    scene.button("Try Now").emit_clicked();
    assert!(scene.take_commands().contains(&Command::TryNow));

    scene.commands.tell(Event::StoreTrouble(None));
    until("no banner", || {
        scene.settle();
        !scene.reads("The disk is full.")
    });
}

fn write_more(scene: &Scene, text: &str) {
    let buffer = scene.composer().buffer();
    buffer.insert_at_cursor(text);
    scene.settle();
}

/// Writes and sends.
fn write(scene: &Scene, text: &str) {
    write_more(scene, text);
    scene.button("Send").emit_clicked();
    until("an empty field", || {
        scene.settle();
        field(scene).is_empty()
    });
}

fn field(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    let (start, end) = buffer.bounds();
    buffer.text(&start, &end, false).into()
}

/// Plays that a password could not be kept; the question is there then.
fn not_kept(scene: &Scene, trouble: PasswordTrouble) -> adw::AlertDialog {
    let account = scene.account;
    scene
        .commands
        .tell(Event::PasswordNotKept { account, trouble });
    until("the question", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    let dialog = scene.window.visible_dialog().unwrap();
    dialog.downcast().unwrap()
}

fn without_a_keyring_the_person_chooses_and_nothing_is_written_by_itself() {
    let (mut scene, _) = verona();
    let question = not_kept(&scene, PasswordTrouble::NoKeyring);
    shot(&scene.window, "no-keyring");
    assert_eq!(
        question.heading().unwrap(),
        "There is no keyring on this desktop"
    );
    assert!(question.body().contains("whoever can read"));
    assert_eq!(question.default_response().unwrap(), "ask");
    scene.take_commands();
    question.force_close();
    scene.settle();
    assert!(scene.take_commands().is_empty());

    for (button, place) in [
        ("Ask Each Time", PasswordPlace::AskEachTime),
        ("Keep in a File", PasswordPlace::File),
    ] {
        not_kept(&scene, PasswordTrouble::NoKeyring);
        let buttons = all::<gtk::Button>(&scene.window, |one| {
            let label = one.label().unwrap_or_default().replace('_', "");
            one.is_mapped() && label == button
        });
        buttons[0].emit_clicked();
        let account = scene.account;
        assert_eq!(
            scene.take_commands(),
            [Command::PasswordPlace { account, place }]
        );
        until("the chat again", || {
            scene.settle();
            scene.window.visible_dialog().is_none()
        });
    }
}

fn a_file_of_passwords_that_others_can_read_is_explained() {
    let (scene, _) = verona();
    let question = not_kept(&scene, PasswordTrouble::FileExposed);

    assert_eq!(question.heading().unwrap(), "The password was not kept");
    assert!(question.body().contains("Others on this computer can read"));
    assert!(!question.has_response("file"));
}

/// Starts the program, waits for its window, ends it as a desktop does.
const START_AND_END: &str = r#"
    "$PROGRAM" & program=$!
    timeout 20 xdotool search --sync --onlyvisible --pid "$program" > "$HERE/window" || echo "no window"
    kill -TERM "$program"; wait "$program"; echo "ended with $?"
"#;

fn the_program_starts_and_ends_whatever_the_machine_lacks() {
    let bare = tempfile::tempdir().unwrap();
    // What the program cannot draw without, and no icons.
    for kept in ["glib-2.0", "X11", "mime"] {
        let from = std::path::Path::new("/usr/share").join(kept);
        std::os::unix::fs::symlink(from, bare.path().join(kept)).unwrap();
    }
    let bare = bare.path().to_str().unwrap();
    // A place where not even the administrator can make a folder.
    let closed = "/sys/stonechat";
    let lacks: [(&str, &[(&str, &str)]); 4] = [
        ("a message bus", &[]),
        ("a cache", &[("XDG_CACHE_HOME", closed)]),
        ("a theme of icons", &[("XDG_DATA_DIRS", bare)]),
        (
            "a home that can be written",
            &[
                ("HOME", closed),
                ("XDG_DATA_HOME", closed),
                ("XDG_CONFIG_HOME", closed),
                ("XDG_CACHE_HOME", closed),
            ],
        ),
    ];
    for (what, environment) in lacks {
        let home = tempfile::tempdir().unwrap();
        let output = Process::new("sh")
            .args(["-c", START_AND_END])
            .env("PROGRAM", env!("CARGO_BIN_EXE_stonechat"))
            .env("HERE", home.path())
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .env_remove("GTK_A11Y")
            .envs(environment.iter().copied())
            .output()
            .unwrap();

        let said = String::from_utf8_lossy(&output.stdout);
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.trim(), "ended with 0", "without {what}: {complaints}");
        assert!(
            !complaints.contains("panicked"),
            "without {what}: {complaints}"
        );
    }
}
