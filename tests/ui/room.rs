//! Little room: large text in a narrow window, and words longer than a line.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::error::SignInError;
use stonechat::engine::model::ConnectionProblem;
use stonechat::engine::testing::NewMessage;

use crate::Test;
use crate::scene::{ROMEO, Scene, now, verona};
use crate::support::{all, shot, until};
use crate::window::{card, entry, fill_form, sign_in_page, submit};

pub const TESTS: &[Test] = &[
    (
        "a_chat_in_large_text_fits_a_narrow_window",
        a_chat_in_large_text_fits_a_narrow_window,
    ),
    (
        "signing_in_in_large_text_fits_a_narrow_window",
        signing_in_in_large_text_fits_a_narrow_window,
    ),
    (
        "a_long_word_is_broken_without_a_hyphen",
        a_long_word_is_broken_without_a_hyphen,
    ),
];

const NARROW: i32 = 360;

/// Text of twice its size while this lives.
struct LargeText(i32);

impl LargeText {
    fn new() -> Self {
        let settings = gtk::Settings::default().unwrap();
        let usual = settings.gtk_xft_dpi();
        settings.set_gtk_xft_dpi(192 * 1024);
        Self(usual)
    }
}

impl Drop for LargeText {
    fn drop(&mut self) {
        gtk::Settings::default().unwrap().set_gtk_xft_dpi(self.0);
    }
}

fn narrow(scene: &Scene) {
    scene.window.set_default_size(NARROW, 640);
    until("the narrow window", || scene.window.width() <= NARROW);
    scene.settle();
}

/// The least width of the part of the window around a widget.
fn least_width(widget: &impl IsA<gtk::Widget>) -> i32 {
    let part = widget.ancestor(adw::ToolbarView::static_type()).unwrap();
    part.measure(gtk::Orientation::Horizontal, -1).0
}

fn a_chat_in_large_text_fits_a_narrow_window() {
    let _large = LargeText::new();
    let (scene, _) = verona();
    narrow(&scene);
    scene.open("Juliet");
    scene.settle();
    shot(&scene.window, "large-text-narrow");

    let least = least_width(&scene.history());
    assert!(least <= NARROW, "{least}");
    let bounds = scene.composer().compute_bounds(&scene.window).unwrap();
    assert!(bounds.x() >= 0.0 && bounds.x() + bounds.width() <= NARROW as f32);
}

fn signing_in_in_large_text_fits_a_narrow_window() {
    let _large = LargeText::new();
    let mut scene = sign_in_page();
    narrow(&scene);
    fill_form(&scene, ROMEO);
    entry(&scene, "Host").set_text("a.very.long.name.of.a.server.that.nobody.runs.example.org");
    scene.settle();
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::ServerNotFound {
            domain: "a.very.long.name.of.a.server.that.nobody.runs.example.org".to_owned(),
        },
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);
    until("the trouble", || {
        scene.settle();
        card(&scene).is_some()
    });
    shot(&scene.window, "sign-in-large-text-narrow");

    let least = least_width(&entry(&scene, "Address"));
    assert!(least <= NARROW, "{least}");
    let said = all::<gtk::Label>(&scene.window, |label| {
        label.is_mapped() && label.text().contains("nobody.runs")
    });
    assert_eq!(hyphens(&said[0].layout()), 0, "{}", said[0].text());
}

fn a_long_word_is_broken_without_a_hyphen() {
    let (scene, chats) = verona();
    let word = "honorificabilitudinitatibus".repeat(12);
    for text in [word.clone(), format!("https://example.org/{word}")] {
        let message = NewMessage::incoming(Scene::chat(chats.juliet), now(), &text);
        Scene::block_on(scene.commands.message(message)).unwrap();
    }
    scene.open("Juliet");
    let labels = all::<gtk::Label>(&scene.history(), |label| {
        label.is_mapped() && label.text().contains(&word)
    });
    assert_eq!(labels.len(), 2);

    for label in labels {
        let layout = label.layout();
        assert!(layout.line_count() > 1);
        assert_eq!(hyphens(&layout), 0, "{}", label.text());
    }
}

/// How often a line ends with a hyphen that is not in the text.
fn hyphens(layout: &gtk::pango::Layout) -> usize {
    /// `PANGO_ANALYSIS_FLAG_NEED_HYPHEN`
    const NEEDS_HYPHEN: u8 = 1 << 2;
    let mut lines = layout.iter();
    let mut count = 0;
    loop {
        if let Some(run) = lines.run_readonly() {
            count += usize::from(run.item().analysis().flags() & NEEDS_HYPHEN != 0);
        }
        if !lines.next_run() {
            return count;
        }
    }
}
