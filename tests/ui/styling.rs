//! Styled messages: how they look, and what of them is heard and copied.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{self, pango};
use stonechat::engine::model::{Delivery, Setting};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::scene::{JULIET, ROMEO, Scene, now};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    ("messages_are_styled", messages_are_styled),
    ("quotes_and_code_are_boxes", quotes_and_code_are_boxes),
    (
        "styled_messages_fit_everywhere",
        styled_messages_fit_everywhere,
    ),
    (
        "what_is_copied_is_as_it_was_typed",
        what_is_copied_is_as_it_was_typed,
    ),
    (
        "the_list_shows_words_without_signs",
        the_list_shows_words_without_signs,
    ),
    (
        "the_list_says_who_does_something",
        the_list_says_who_does_something,
    ),
    (
        "without_styling_everything_is_as_it_was_typed",
        without_styling_everything_is_as_it_was_typed,
    ),
    (
        "a_row_that_held_boxes_becomes_a_text_again",
        a_row_that_held_boxes_becomes_a_text_again,
    ),
    (
        "a56_a_flood_of_blocks_is_bounded",
        a56_a_flood_of_blocks_is_bounded,
    ),
];

const CODE: &str = "The watch, in Rust:\n```rust\nfn main() {\n    println!(\"Who goes there?\");\n}\n```\nRun it at dawn.";
const ANSWER: &str = "> From up here one sees the whole garden\n>> Which garden?\n\nThen I will find the way without a lamp";

/// A chat with every kind of styling; what is last is last in the list.
fn verona(last: &str) -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let start = now() - 20 * 60_000;
        let juliet = testing::conversation(tx, account, JULIET, start);
        let received = |body: &str| NewMessage::incoming(juliet, start, body);
        let sent = |body: &str| NewMessage::outgoing(juliet, start, body, Delivery::Displayed);
        for (minute, message) in [
            received(
                "The rehearsal moved to *seven*. Bring the _long_ coat, the balcony is ~cold~ freezing.",
            ),
            received("The small one, by the orchard. The code is `74-16`"),
            sent(ANSWER),
            received(CODE),
            received("/me waves from the *balcony*"),
            sent("/me waves back"),
            received("שלום רומיאו, https://example.org/ הוא *פתוח*"),
            sent("See https://bücher.example/ or nurse@example.org"),
            received("🌙"),
            received(last),
        ]
        .into_iter()
        .enumerate()
        {
            let time = start + i64::try_from(minute).unwrap() * 60_000;
            let id = testing::message(tx, &NewMessage { time, ..message });
            testing::read_up_to(tx, juliet, id);
        }
    });
    scene.open("Juliet");
    scene
}

/// The label that shows this text.
fn label(scene: &Scene, text: &str) -> gtk::Label {
    let found = all::<gtk::Label>(&scene.history(), |label| {
        label.is_mapped() && label.text() == text
    });
    assert_eq!(found.len(), 1, "{text}");
    found[0].clone()
}

/// The kinds of attributes that a part of a label's text has.
fn looks(label: &gtk::Label, part: &str) -> Vec<pango::AttrType> {
    let start = label.text().find(part).unwrap() as u32;
    let attributes = label.attributes().unwrap().attributes();
    let whole = |attribute: &pango::Attribute| attribute.end_index() == u32::MAX;
    attributes
        .iter()
        .filter(|a| !whole(a) && a.start_index() <= start && start < a.end_index())
        .map(|attribute| attribute.type_())
        .collect()
}

fn messages_are_styled() {
    let scene = verona("Good night");

    let label = label(
        &scene,
        "The rehearsal moved to *seven*. Bring the _long_ coat, the balcony is ~cold~ freezing.",
    );

    assert_eq!(looks(&label, "seven"), [pango::AttrType::Weight]);
    assert_eq!(
        looks(&label, "*seven"),
        [pango::AttrType::Weight, pango::AttrType::ForegroundAlpha]
    );
    assert_eq!(looks(&label, "long"), [pango::AttrType::Style]);
    assert_eq!(looks(&label, "cold"), [pango::AttrType::Strikethrough]);
    assert!(looks(&label, "freezing").is_empty());
    shot(&scene.window, "styling");
}

fn quotes_and_code_are_boxes() {
    let scene = verona("Good night");

    let quote = label(&scene, "From up here one sees the whole garden");
    let within = label(&scene, "Which garden?");
    let code = label(
        &scene,
        "rust\nfn main() {\n    println!(\"Who goes there?\");\n}",
    );

    assert!(quote.parent().unwrap().has_css_class("quote"));
    let inner = within.parent().unwrap();
    assert!(inner.has_css_class("quote") && inner.parent().unwrap().has_css_class("quote"));
    assert!(code.has_css_class("code-block"));
    label(&scene, "Then I will find the way without a lamp");
    label(&scene, "Run it at dawn.");
}

fn styled_messages_fit_everywhere() {
    let scene = verona("Good night");
    let manager = adw::StyleManager::default();

    manager.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "styling-dark");
    manager.set_color_scheme(adw::ColorScheme::Default);

    scene.window.set_default_size(360, 720);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    shot(&scene.window, "styling-narrow");
    let (least, ..) = scene.history().measure(gtk::Orientation::Horizontal, -1);
    assert!(least <= 360, "{least}");
}

fn what_is_copied_is_as_it_was_typed() {
    let scene = verona("Good night");

    let rows = all::<MessageRow>(&scene.history(), |row| row.is_mapped());

    let texts: Vec<String> = rows.iter().map(MessageRow::whole_text).collect();
    assert!(texts.contains(&ANSWER.to_owned()) && texts.contains(&CODE.to_owned()));
}

/// Looks for what the chat list says of its only chat.
fn list_says(scene: &Scene, words: &str) -> bool {
    let labels = all::<gtk::Label>(&scene.window, |label| {
        label.is_mapped() && label.has_css_class("preview") && label.text() == words
    });
    labels.len() == 1
}

fn the_list_shows_words_without_signs() {
    let scene = verona("> Who?\nThe *Nurse* herself");

    assert!(
        list_says(&scene, "The Nurse herself"),
        "{:?}",
        scene.lines()
    );
}

fn the_list_says_who_does_something() {
    let scene = verona("/me _nods_");

    assert!(
        list_says(&scene, "* Juliet Capulet nods"),
        "{:?}",
        scene.lines()
    );
}

fn without_styling_everything_is_as_it_was_typed() {
    let scene = verona("> _ <");
    label(&scene, "_ <");

    Scene::block_on(scene.commands.set(vec![Setting::StylesMessages(false)])).unwrap();

    until("the text as it was typed", || {
        scene.settle();
        !all::<gtk::Label>(&scene.history(), |label| {
            label.is_mapped() && label.text() == "> _ <"
        })
        .is_empty()
    });
    label(&scene, ANSWER);
    assert!(
        looks(
            &label(&scene, "The small one, by the orchard. The code is `74-16`"),
            "74"
        )
        .is_empty()
    );
}

fn a_row_that_held_boxes_becomes_a_text_again() {
    let scene = verona("Good night");
    let boxes = |scene: &Scene| {
        all::<gtk::Box>(&scene.history(), |blocks| {
            blocks.is_mapped() && blocks.has_css_class("blocks")
        })
        .len()
    };
    assert_eq!(boxes(&scene), 2);

    Scene::block_on(scene.commands.set(vec![Setting::StylesMessages(false)])).unwrap();

    until("no box", || {
        scene.settle();
        boxes(&scene) == 0
    });
}

fn a56_a_flood_of_blocks_is_bounded() {
    let scene = verona(&"> a\nb\n".repeat(10_000));

    let labels = all::<gtk::Label>(&scene.history(), |label| label.has_css_class("body"));

    assert!(labels.len() < 120, "{}", labels.len());
    assert!(scene.reads("Show All"));
}
