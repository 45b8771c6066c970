//! Real keys, as the X server hands them to the window.

use std::process::Command as Process;

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::ui::timeline::history_view::HistoryView;
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::scene::{Scene, texts, verona};
use crate::support::{all, until};

pub const TESTS: &[Test] = &[
    (
        "enter_sends_and_shift_enter_breaks_the_line",
        enter_sends_and_shift_enter_breaks_the_line,
    ),
    (
        "a_letter_on_the_messages_goes_to_the_field",
        a_letter_on_the_messages_goes_to_the_field,
    ),
    (
        "arrows_walk_from_message_to_message",
        arrows_walk_from_message_to_message,
    ),
    ("f6_goes_round_the_window", f6_goes_round_the_window),
    (
        "alt_and_an_arrow_open_the_next_chat",
        alt_and_an_arrow_open_the_next_chat,
    ),
    (
        "control_n_finds_somebody_and_escape_closes",
        control_n_finds_somebody_and_escape_closes,
    ),
    (
        "escape_in_a_narrow_window_goes_back_to_the_list",
        escape_in_a_narrow_window_goes_back_to_the_list,
    ),
];

/// Presses keys, one after the other, and waits until the X server has them.
#[track_caller]
pub fn press(scene: &Scene, keys: &[&str]) {
    let mut pressing = Process::new("xdotool")
        .arg("key")
        .args(keys)
        .spawn()
        .expect("xdotool is installed");
    until("the keys", || scene.window.is_mapped());
    while pressing.try_wait().unwrap().is_none() {
        gtk::glib::MainContext::default().iteration(false);
    }
    scene.settle();
}

fn field(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    buffer
        .text(&buffer.start_iter(), &buffer.end_iter(), false)
        .into()
}

#[track_caller]
fn until_field(scene: &Scene, text: &str) {
    until(text, || {
        scene.settle();
        field(scene) == text
    });
}

fn open_and_write(name: &str) -> Scene {
    let (scene, _) = verona();
    scene.open(name);
    let composer = scene.composer();
    until("the keyboard in the field", || {
        scene.settle();
        composer.has_focus()
    });
    scene
}

fn enter_sends_and_shift_enter_breaks_the_line() {
    let mut scene = open_and_write("Juliet");
    scene.take_commands();

    press(&scene, &["a", "b", "shift+Return", "c"]);
    until_field(&scene, "ab\nc");
    press(&scene, &["Return"]);
    until_field(&scene, "");

    let commands = scene.take_commands();
    let sent: Vec<&str> = commands
        .iter()
        .filter_map(|command| match command {
            Command::SendText { body, .. } => Some(body.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(sent, ["ab\nc"]);
}

fn a_letter_on_the_messages_goes_to_the_field() {
    let scene = open_and_write("Juliet");
    scene.history().grab_focus();

    press(&scene, &["x"]);
    until_field(&scene, "x");
    press(&scene, &["y"]);

    until_field(&scene, "xy");
}

/// The message that has the keyboard.
fn focused_message(scene: &Scene) -> Option<String> {
    let focus = GtkWindowExt::focus(&scene.window)?;
    focus.downcast::<MessageRow>().ok().map(|row| texts(&row))
}

fn arrows_walk_from_message_to_message() {
    let scene = open_and_write("Juliet");
    scene.history().grab_focus();
    let on = |words: &str| {
        until(words, || {
            scene.settle();
            focused_message(&scene).is_some_and(|text| text.contains(words))
        });
    };
    on("The nurse is asleep.");

    press(&scene, &["Up"]);
    on("Ring me");
    press(&scene, &["Up", "Up"]);
    on("Here is the whole rehearsal");
    press(&scene, &["Down"]);
    on("Never mind");
    press(&scene, &["Home"]);
    on("The rehearsal moved");
    press(&scene, &["End"]);
    on("The nurse is asleep.");
    assert!(scene.history().is_at_bottom());
}

fn f6_goes_round_the_window() {
    let scene = open_and_write("Juliet");
    let is_in = |kind: gtk::glib::Type| {
        until(kind.name(), || {
            scene.settle();
            GtkWindowExt::focus(&scene.window)
                .is_some_and(|focus| focus.type_().is_a(kind) || focus.ancestor(kind).is_some())
        });
    };

    press(&scene, &["F6"]);
    is_in(gtk::Button::static_type());
    press(&scene, &["F6"]);
    is_in(gtk::ListView::static_type());
    press(&scene, &["F6"]);
    is_in(HistoryView::static_type());
    press(&scene, &["F6"]);
    is_in(gtk::TextView::static_type());
    press(&scene, &["shift+F6"]);
    is_in(HistoryView::static_type());
}

fn alt_and_an_arrow_open_the_next_chat() {
    let scene = open_and_write("Juliet");
    let is_open = |words: &str| {
        until(words, || {
            scene.settle();
            scene
                .messages()
                .iter()
                .any(|message| message.contains(words))
        });
    };

    press(&scene, &["alt+Down"]);
    is_open("Part, fools.");
    press(&scene, &["alt+Down"]);
    is_open("Wisely and slow");
    press(&scene, &["alt+Up"]);

    is_open("Part, fools.");
}

fn control_n_finds_somebody_and_escape_closes() {
    let scene = open_and_write("Juliet");

    press(&scene, &["ctrl+n"]);
    until("the dialog", || scene.window.visible_dialog().is_some());
    press(&scene, &["Escape"]);

    until("the end of the dialog", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn escape_in_a_narrow_window_goes_back_to_the_list() {
    let (scene, _) = verona();
    scene.window.set_default_size(360, 700);
    until("the narrow window", || {
        scene.settle();
        scene.window.width() <= 400 && !scene.lines().is_empty()
    });
    scene.open("Juliet");
    // Keys go to the window under the pointer.
    assert!(
        Process::new("xdotool")
            .args(["mousemove", "180", "300"])
            .status()
            .unwrap()
            .success()
    );
    scene.settle();

    press(&scene, &["Escape"]);

    until("the list", || {
        scene.settle();
        scene.chat_list().is_mapped()
            && all::<adw::NavigationSplitView>(&scene.window, |split| !split.shows_content()).len()
                == 1
    });
}
