//! What others send and what the machine lacks: clear, bounded, nothing lost.

use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::testing::NewMessage;

use crate::Test;
use crate::scene::{Chats, Scene, now, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "a_body_of_a_megabyte_is_shown_in_part_and_whole_when_asked_for",
        a_body_of_a_megabyte_is_shown_in_part_and_whole_when_asked_for,
    ),
    (
        "a_megabyte_without_a_space_or_of_emoji_is_bounded_too",
        a_megabyte_without_a_space_or_of_emoji_is_bounded_too,
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

fn a_megabyte_without_a_space_or_of_emoji_is_bounded_too() {
    for middle in ["ж", "👩‍👩‍👧"] {
        let whole = megabyte(middle);
        let label = stonechat::ui::timeline::body::label();
        stonechat::ui::timeline::body::show(&label, &whole);
        let window = crate::support::show(&label, 600, 400);

        assert!(label.text().len() < 8_000);
        assert!(label.height() < 10_000, "{}", label.height());
        window.destroy();
    }
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
