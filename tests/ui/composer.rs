//! Writing: spelling, the clipboard, emoji, and what stays of it.

use std::process::Command as Process;
use std::time::{Duration, Instant};

use relm4::adw::prelude::*;
use relm4::gtk::{self, gdk, glib};
use stonechat::engine::api::{Command, Event};
use stonechat::engine::model::Setting;
use stonechat::engine::testing::{self, Asked, NewMessage};

use crate::Test;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, take_complaints, until};

pub const TESTS: &[Test] = &[
    (
        "misspelt_words_are_underlined_but_not_in_links_and_code",
        misspelt_words_are_underlined_but_not_in_links_and_code,
    ),
    (
        "no_dictionary_is_loaded_before_something_is_written",
        no_dictionary_is_loaded_before_something_is_written,
    ),
    (
        "without_a_dictionary_nothing_is_underlined_or_complained_about",
        without_a_dictionary_nothing_is_underlined_or_complained_about,
    ),
    (
        "pasted_text_comes_without_styles_and_control_characters",
        pasted_text_comes_without_styles_and_control_characters,
    ),
    (
        "control_shift_v_pastes_in_place_of_what_is_selected",
        control_shift_v_pastes_in_place_of_what_is_selected,
    ),
    (
        "a_paste_that_is_too_long_is_cut_and_said_so",
        a_paste_that_is_too_long_is_cut_and_said_so,
    ),
    (
        "undoing_brings_nothing_from_another_chat",
        undoing_brings_nothing_from_another_chat,
    ),
    (
        "control_and_a_dot_offer_emoji_and_the_keyboard_comes_back",
        control_and_a_dot_offer_emoji_and_the_keyboard_comes_back,
    ),
    (
        "the_preference_switches_spelling_at_once",
        the_preference_switches_spelling_at_once,
    ),
    (
        "the_context_menu_and_the_preference_say_the_same",
        the_context_menu_and_the_preference_say_the_same,
    ),
    (
        "switching_spelling_off_leaves_what_is_set_meanwhile_alone",
        switching_spelling_off_leaves_what_is_set_meanwhile_alone,
    ),
    (
        "what_is_written_is_kept_within_a_second",
        what_is_written_is_kept_within_a_second,
    ),
    (
        "a_draft_stays_with_its_chat_and_shows_in_the_list",
        a_draft_stays_with_its_chat_and_shows_in_the_list,
    ),
    (
        "a_draft_of_an_earlier_run_is_in_the_field_again",
        a_draft_of_an_earlier_run_is_in_the_field_again,
    ),
    (
        "a_sent_message_leaves_no_draft",
        a_sent_message_leaves_no_draft,
    ),
    (
        "a_text_that_comes_back_is_a_draft_again",
        a_text_that_comes_back_is_a_draft_again,
    ),
    (
        "closing_the_window_keeps_what_was_just_written",
        closing_the_window_keeps_what_was_just_written,
    ),
];

/// A window with Juliet's chat open and the keyboard in the field.
pub fn open_juliet() -> Scene {
    let (scene, _) = verona();
    scene.open("Juliet");
    let composer = scene.composer();
    until("the keyboard in the field", || {
        scene.settle();
        composer.has_focus()
    });
    scene
}

/// What stands in the field.
pub fn field(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    let (start, end) = buffer.bounds();
    buffer.text(&start, &end, true).into()
}

pub fn write(scene: &Scene, text: &str) {
    scene.composer().buffer().insert_at_cursor(text);
    scene.settle();
}

/// The words that are underlined in the field.
fn underlined(scene: &Scene) -> Vec<String> {
    let buffer = scene.composer().buffer();
    let mut words = Vec::new();
    let mut place = buffer.start_iter();
    loop {
        let mut end = place;
        let is_last = !end.forward_to_tag_toggle(None::<&gtk::TextTag>);
        let has_line = place.tags().iter().any(|tag| tag.is_underline_set());
        if has_line {
            words.push(buffer.text(&place, &end, true).to_string());
        }
        if is_last {
            return words;
        }
        place = end;
    }
}

fn misspelt_words_are_underlined_but_not_in_links_and_code() {
    let scene = open_juliet();

    write(
        &scene,
        "Wherfore art thou `mian fucntion`? https://example.org/grden ballcony ok",
    );

    until("the underlines", || underlined(&scene).len() >= 2);
    assert_eq!(underlined(&scene), ["Wherfore", "ballcony"]);
    scene.settle();
    shot(&scene.window, "composer-spelling");
}

fn set_spelling(scene: &Scene, checks_spelling: bool) {
    let wanted = Command::Set(vec![Setting::ChecksSpelling(checks_spelling)]);
    Scene::block_on(scene.commands.obeys(wanted)).unwrap();
    scene.settle();
}

fn the_preference_switches_spelling_at_once() {
    let scene = open_juliet();
    set_spelling(&scene, false);
    write(&scene, "Wherfore art thou? ok");
    scene.settle();
    assert!(scene.composer().extra_menu().is_none());

    set_spelling(&scene, true);
    until("the underline", || underlined(&scene) == ["Wherfore"]);

    set_spelling(&scene, false);
    until("no underline", || underlined(&scene).is_empty());
}

fn the_context_menu_and_the_preference_say_the_same() {
    let mut scene = open_juliet();
    write(&scene, "Wherfore art thou? ok");
    until("the underline", || underlined(&scene) == ["Wherfore"]);
    scene.take_commands();

    let composer = scene.composer();
    WidgetExt::activate_action(&composer, "spelling.enabled", None).unwrap();

    let switched = std::cell::Cell::new(false);
    let scene = std::cell::RefCell::new(scene);
    until("the preference", || {
        let asked = scene.borrow_mut().take_commands();
        switched.set(asked.iter().any(
            |command| matches!(command, Command::Set(set) if set[..] == [Setting::ChecksSpelling(false)]),
        ));
        switched.get()
    });
}

fn switching_spelling_off_leaves_what_is_set_meanwhile_alone() {
    let mut scene = open_juliet();
    write(&scene, "Wherfore art thou? ok");
    until("the underline", || underlined(&scene) == ["Wherfore"]);
    scene.take_commands();
    let composer = scene.composer();
    WidgetExt::activate_action(&composer, "spelling.enabled", None).unwrap();
    let asked = scene.take_commands();

    // What another part of the window asked for comes first.
    let meanwhile = Command::Set(vec![Setting::TellsTyping(false)]);
    Scene::block_on(scene.commands.obeys(meanwhile)).unwrap();
    for command in asked {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }

    let kept = Scene::block_on(scene.engine.preferences()).unwrap();
    assert!(!kept.tells_typing);
    assert!(!kept.checks_spelling);
}

/// Waits until the engine is asked to keep this text of the open chat.
#[track_caller]
fn until_kept(scene: &mut Scene, text: &str) {
    let chat = scene.open_chat();
    let commands = std::cell::RefCell::new(&mut scene.commands);
    until(text, || {
        let wanted = Command::SaveDraft {
            conversation: chat,
            text: text.to_owned(),
        };
        commands.borrow_mut().taken_commands().contains(&wanted)
    });
}

fn what_is_written_is_kept_within_a_second() {
    let mut scene = open_juliet();
    scene.take_commands();
    let started = Instant::now();

    scene.composer().buffer().insert_at_cursor("But soft");
    until_kept(&mut scene, "But soft");

    assert!(started.elapsed() < Duration::from_secs(1));
}

fn a_text_that_comes_back_is_a_draft_again() {
    let mut scene = open_juliet();
    scene.take_commands();
    let not_kept = |scene: &Scene, body: &str| {
        scene.commands.tell(Event::NotKept {
            conversation: scene.open_chat(),
            body: body.to_owned(),
        });
    };

    not_kept(&scene, "what light");
    until_kept(&mut scene, "what light");
    not_kept(&scene, "But soft,");
    until_kept(&mut scene, "But soft,\nwhat light");

    write(&scene, "?");
    until_kept(&mut scene, "But soft,\nwhat light?");
}

/// Does what the engine was asked to.
pub fn obey(scene: &mut Scene) {
    for command in scene.take_commands() {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    scene.settle();
}

fn a_draft_stays_with_its_chat_and_shows_in_the_list() {
    let mut scene = open_juliet();
    write(&scene, "But soft, what\nlight");

    scene.open("Mercutio");
    obey(&mut scene);

    assert_eq!(field(&scene), "");
    let juliet = || {
        let lines = scene.lines();
        lines
            .into_iter()
            .find(|line| line.contains("Juliet"))
            .unwrap()
    };
    assert!(
        juliet().contains("Draft But soft, what light"),
        "{}",
        juliet()
    );
    shot(&scene.window, "list-draft");
    scene.open("Juliet");
    assert_eq!(field(&scene), "But soft, what\nlight");
    // It stands in the field already.
    assert!(!juliet().contains("Draft"), "{}", juliet());
}

fn a_draft_of_an_earlier_run_is_in_the_field_again() {
    let long = "What light through yonder window breaks? ".repeat(20);
    let text = long.clone();
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let juliet = testing::conversation(tx, account, JULIET, now());
        testing::message(tx, &NewMessage::incoming(juliet, now(), "Who is there?"));
        testing::draft(tx, juliet, &text);
    });
    assert!(scene.lines()[0].contains("Draft What light"));

    scene.open("Juliet");
    until("the draft", || {
        scene.settle();
        field(&scene) == long
    });

    // Nobody is told of writing, and nothing is kept that is kept already.
    let asked = scene.take_commands();
    assert!(
        !asked
            .iter()
            .any(|command| matches!(command, Command::Typing { .. } | Command::SaveDraft { .. })),
        "{asked:?}"
    );
}

fn a_sent_message_leaves_no_draft() {
    let mut scene = open_juliet();
    write(&scene, "But soft");
    until_kept(&mut scene, "But soft");

    scene.button("Send").emit_clicked();
    scene.open("Mercutio");
    scene.open("Juliet");

    assert_eq!(field(&scene), "");
    let asked = scene.take_commands();
    let sent = asked
        .iter()
        .position(|command| matches!(command, Command::SendText { .. }))
        .unwrap();
    // The engine drops the draft with the sending; no draft comes after it.
    assert!(
        !asked[sent..]
            .iter()
            .any(|command| matches!(command, Command::SaveDraft { .. })),
        "{asked:?}"
    );
}

fn closing_the_window_keeps_what_was_just_written() {
    let mut scene = open_juliet();
    scene.take_commands();
    scene.composer().buffer().insert_at_cursor("But soft");

    scene.quit();

    let asked = std::cell::RefCell::new(Vec::new());
    let commands = std::cell::RefCell::new(&mut scene.commands);
    until("the engine to stop", || {
        asked.borrow_mut().extend(commands.borrow_mut().taken());
        asked
            .borrow()
            .iter()
            .any(|asked| matches!(asked, Asked::Stop))
    });
    let kept = asked.borrow().iter().any(|asked| {
        matches!(asked, Asked::Command(Command::SaveDraft { text, .. }) if text == "But soft")
    });
    assert!(kept, "{asked:?}");
}

fn no_dictionary_is_loaded_before_something_is_written() {
    let scene = open_juliet();
    assert!(scene.composer().extra_menu().is_none());

    write(&scene, "But");

    until("the languages in the context menu", || {
        scene.settle();
        scene.composer().extra_menu().is_some()
    });
}

/// In a program of its own, whose person speaks a language that has none.
fn without_a_dictionary_nothing_is_underlined_or_complained_about() {
    if std::env::var("LANGUAGE").as_deref() != Ok("sv") {
        let here = Process::new(std::env::current_exe().unwrap())
            .arg("without_a_dictionary_nothing_is_underlined_or_complained_about")
            .env("LANGUAGE", "sv")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&here.stderr).into_owned();
        assert!(here.status.success(), "{said}");
        assert_eq!(said, "");
        return;
    }
    let scene = open_juliet();

    write(&scene, "Wherfore art thou, ballcony? ok");

    until("the languages in the context menu", || {
        scene.settle();
        scene.composer().extra_menu().is_some()
    });
    scene.settle();
    assert_eq!(underlined(&scene), Vec::<String>::new());
}

/// Puts what another program would offer on the clipboard.
fn copy(scene: &Scene, html: &str, text: &[u8]) {
    let offers = [
        gdk::ContentProvider::for_bytes("text/html", &glib::Bytes::from(html.as_bytes())),
        gdk::ContentProvider::for_bytes(
            "text/plain;charset=utf-8",
            &glib::Bytes::from_owned(text.to_vec()),
        ),
    ];
    let clipboard = scene.composer().clipboard();
    clipboard
        .set_content(Some(&gdk::ContentProvider::new_union(&offers)))
        .unwrap();
}

#[track_caller]
fn until_field(scene: &Scene, text: &str) {
    until(text, || {
        scene.settle();
        field(scene) == text
    });
}

fn pasted_text_comes_without_styles_and_control_characters() {
    let scene = open_juliet();
    copy(
        &scene,
        "<b>But</b> soft",
        b"But\0 \x1b[31msoft\x07!\r\n\tWhat light",
    );

    scene.composer().emit_paste_clipboard();

    until_field(&scene, "But [31msoft!\n\tWhat light");
    let buffer = scene.composer().buffer();
    assert!(buffer.start_iter().tags().is_empty());
}

fn control_shift_v_pastes_in_place_of_what_is_selected() {
    let scene = open_juliet();
    write(&scene, "But soft");
    let buffer = scene.composer().buffer();
    buffer.select_range(&buffer.iter_at_offset(4), &buffer.end_iter());
    copy(&scene, "<i>loud</i>", b"loud");

    press(&scene, &["ctrl+shift+v"]);

    until_field(&scene, "But loud");
}

fn a_paste_that_is_too_long_is_cut_and_said_so() {
    let scene = open_juliet();
    copy(&scene, "", "ß".repeat(5_000_000).as_bytes());

    scene.composer().emit_paste_clipboard();

    until("the text", || {
        scene.settle();
        !field(&scene).is_empty()
    });
    assert_eq!(field(&scene), "ß".repeat(25_000));
    until("the word about it", || {
        scene.settle();
        scene.reads("A message cannot be longer.")
    });
    assert_eq!(take_complaints(), 0);
}

fn undoing_brings_nothing_from_another_chat() {
    let scene = open_juliet();
    let buffer = scene.composer().buffer();
    write(&scene, "My love");
    buffer.delete(&mut buffer.start_iter(), &mut buffer.end_iter());
    assert!(buffer.can_undo());

    scene.open("Mercutio");

    assert!(!buffer.can_undo());
    press(&scene, &["ctrl+z", "x"]);
    until_field(&scene, "x");
}

fn control_and_a_dot_offer_emoji_and_the_keyboard_comes_back() {
    let scene = open_juliet();
    write(&scene, "Good night ");

    press(&scene, &["ctrl+period"]);
    let chooser = || all::<gtk::EmojiChooser>(&scene.window, |chooser| chooser.is_mapped());
    until("the chooser", || {
        scene.settle();
        chooser().len() == 1
    });
    press(&scene, &["c", "r", "e", "s", "c", "e", "n", "t"]);
    until("what was found", || {
        scene.settle();
        texts(&chooser()[0]).contains('🌙')
    });
    press(&scene, &["Escape"]);
    until("the keyboard in the field", || {
        scene.settle();
        chooser().is_empty() && scene.composer().has_focus()
    });

    press(&scene, &["x"]);
    until_field(&scene, "Good night x");
}
