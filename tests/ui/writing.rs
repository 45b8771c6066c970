//! Writing with style: the keys that put signs round words, emoji by name, and
//! the bar that says what is answered or edited.

use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;

use crate::Test;
use crate::composer::{field, obey, open_juliet, write};
use crate::keyboard::press;
use crate::scene::{Scene, texts};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "keys_put_signs_round_what_is_selected_and_take_them_away",
        keys_put_signs_round_what_is_selected_and_take_them_away,
    ),
    ("a_style_is_one_step_to_undo", a_style_is_one_step_to_undo),
    (
        "emoji_are_offered_by_name_and_taken_by_enter",
        emoji_are_offered_by_name_and_taken_by_enter,
    ),
    (
        "escape_leaves_a_name_as_it_was_typed",
        escape_leaves_a_name_as_it_was_typed,
    ),
    (
        "a_colon_behind_a_whole_name_takes_it",
        a_colon_behind_a_whole_name_takes_it,
    ),
    (
        "arrow_up_in_an_empty_field_edits_the_last_message",
        arrow_up_in_an_empty_field_edits_the_last_message,
    ),
    (
        "an_edit_leaves_the_draft_as_it_was",
        an_edit_leaves_the_draft_as_it_was,
    ),
    (
        "an_edit_without_a_change_sends_nothing",
        an_edit_without_a_change_sends_nothing,
    ),
    (
        "each_chat_keeps_what_is_answered_in_it",
        each_chat_keeps_what_is_answered_in_it,
    ),
];

/// The words of the bar above the field, when it is there.
pub fn bar(scene: &Scene) -> Option<String> {
    all::<gtk::Box>(&scene.window, |bar| {
        bar.is_mapped() && bar.has_css_class("context")
    })
    .pop()
    .map(|bar| texts(&bar))
}

#[track_caller]
pub fn until_bar(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        bar(scene).is_some_and(|bar| bar.contains(words))
    });
}

#[track_caller]
fn until_field(scene: &Scene, text: &str) {
    until(text, || {
        scene.settle();
        field(scene) == text
    });
}

fn offered(scene: &Scene) -> Vec<String> {
    let rows = all::<gtk::ListBoxRow>(&scene.window, |row| {
        row.is_mapped()
            && row
                .parent()
                .is_some_and(|list| list.has_css_class("completion"))
    });
    rows.iter().map(texts).collect()
}

fn keys_put_signs_round_what_is_selected_and_take_them_away() {
    let scene = open_juliet();
    write(&scene, "at seven");
    let buffer = scene.composer().buffer();
    buffer.select_range(&buffer.iter_at_offset(3), &buffer.end_iter());

    for (keys, styled) in [
        ("ctrl+b", "at *seven*"),
        ("ctrl+i", "at _seven_"),
        ("ctrl+shift+x", "at ~seven~"),
        ("ctrl+grave", "at `seven`"),
    ] {
        press(&scene, &[keys]);
        until_field(&scene, styled);
        press(&scene, &[keys]);
        until_field(&scene, "at seven");
    }
    assert!(scene.window.visible_dialog().is_none());
}

fn a_style_is_one_step_to_undo() {
    let scene = open_juliet();
    write(&scene, "seven");
    let buffer = scene.composer().buffer();
    buffer.select_range(&buffer.start_iter(), &buffer.end_iter());
    press(&scene, &["ctrl+b"]);
    until_field(&scene, "*seven*");

    press(&scene, &["ctrl+z"]);

    until_field(&scene, "seven");
}

fn emoji_are_offered_by_name_and_taken_by_enter() {
    let mut scene = open_juliet();
    scene.take_commands();

    press(&scene, &["h", "i", "space", "colon", "c", "r", "e", "s"]);
    until("the offer", || {
        scene.settle();
        offered(&scene).len() > 1
    });
    shot(&scene.window, "composer-completion");
    assert!(
        offered(&scene)[0].contains("crescent moon"),
        "{:?}",
        offered(&scene)
    );
    let second = offered(&scene)[1].split(' ').next().unwrap().to_owned();
    press(&scene, &["Down", "Return"]);
    until_field(&scene, &format!("hi {second}"));

    assert!(offered(&scene).is_empty());
    let sent = scene.take_commands();
    assert!(
        !sent
            .iter()
            .any(|command| matches!(command, Command::SendText { .. })),
        "{sent:?}"
    );
}

fn escape_leaves_a_name_as_it_was_typed() {
    let mut scene = open_juliet();

    press(&scene, &["colon", "m", "o", "o"]);
    until("the offer", || {
        scene.settle();
        !offered(&scene).is_empty()
    });
    press(&scene, &["Escape"]);
    until("the end of it", || {
        scene.settle();
        offered(&scene).is_empty()
    });
    press(&scene, &["n"]);
    scene.settle();
    assert!(offered(&scene).is_empty());
    scene.take_commands();
    press(&scene, &["Return"]);
    until_field(&scene, "");

    let sent = scene.take_commands();
    let is_sent =
        |command: &Command| matches!(command, Command::SendText { body, .. } if body == ":moon");
    assert!(sent.iter().any(is_sent), "{sent:?}");
}

fn a_colon_behind_a_whole_name_takes_it() {
    let scene = open_juliet();

    press(&scene, &["colon", "t", "a", "d", "a"]);
    until("the offer", || {
        scene.settle();
        !offered(&scene).is_empty()
    });
    press(&scene, &["colon"]);

    until("the emoji", || {
        scene.settle();
        field(&scene).starts_with('🎉')
    });
    assert!(!field(&scene).contains(':'));
}

fn arrow_up_in_an_empty_field_edits_the_last_message() {
    let mut scene = open_juliet();
    let last = "Never mind, I will bring it";

    press(&scene, &["Up"]);
    until_bar(&scene, "Edit message");
    until_field(&scene, last);
    shot(&scene.window, "composer-edit");
    press(&scene, &["End", "exclam"]);
    until_field(&scene, "Never mind, I will bring it!");
    scene.take_commands();
    press(&scene, &["Return"]);
    until_field(&scene, "");

    assert_eq!(bar(&scene), None);
    let corrected: Vec<String> = scene
        .take_commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::Correct { body, .. } => Some(body),
            _ => None,
        })
        .collect();
    assert_eq!(corrected, ["Never mind, I will bring it!"]);
}

fn an_edit_leaves_the_draft_as_it_was() {
    let mut scene = open_juliet();
    press(&scene, &["Up"]);
    until_bar(&scene, "Edit message");
    press(&scene, &["End", "x"]);
    scene.take_commands();

    scene.open("Mercutio");
    until_field(&scene, "");
    assert_eq!(bar(&scene), None);
    scene.open("Juliet");

    // The edit goes on where it was, and was never a draft.
    until_bar(&scene, "Edit message");
    until_field(&scene, "Never mind, I will bring itx");
    let asked = scene.take_commands();
    assert!(
        !asked
            .iter()
            .any(|command| matches!(command, Command::SaveDraft { .. })),
        "{asked:?}"
    );
    scene.composer().grab_focus();
    press(&scene, &["Escape"]);
    until_field(&scene, "");
    assert_eq!(bar(&scene), None);
    obey(&mut scene);
    assert!(!scene.lines().iter().any(|line| line.contains("Draft")));
}

fn an_edit_without_a_change_sends_nothing() {
    let mut scene = open_juliet();
    press(&scene, &["Up"]);
    until_bar(&scene, "Edit message");
    scene.take_commands();

    press(&scene, &["Return"]);
    until("the end of the edit", || {
        scene.settle();
        bar(&scene).is_none()
    });

    let asked = scene.take_commands();
    assert!(
        !asked
            .iter()
            .any(|command| matches!(command, Command::Correct { .. } | Command::SendText { .. })),
        "{asked:?}"
    );
}

fn each_chat_keeps_what_is_answered_in_it() {
    let mut scene = open_juliet();
    write(&scene, "Which");
    scene.history().grab_focus();
    press(&scene, &["r"]);
    until_bar(&scene, "Reply to Juliet Capulet");
    assert_eq!(field(&scene), "Which");

    scene.open("Mercutio");
    until("no bar", || {
        scene.settle();
        bar(&scene).is_none()
    });
    scene.open("Juliet");
    until_bar(&scene, "The nurse is asleep.");
    shot(&scene.window, "composer-reply");
    scene.composer().grab_focus();
    scene.take_commands();
    press(&scene, &["Return"]);
    until_field(&scene, "");

    let answered: Vec<_> = scene
        .take_commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::SendText { reply_to, .. } => Some(reply_to),
            _ => None,
        })
        .collect();
    let chat = scene.open_chat();
    assert_eq!(answered, [Some(scene.last_id(chat.0))]);
    assert_eq!(bar(&scene), None);
}
