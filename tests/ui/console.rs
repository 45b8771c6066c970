//! The XML console, as a person sees it.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, ConsoleLine, ConsoleWay};
use stonechat::engine::testing::{self, Asked};

use crate::Test;
use crate::preferences::{page, preferences, row};
use crate::scene::{ROMEO, Scene, now, texts, verona};
use crate::support::{all, frames, shot, until};

pub const TESTS: &[Test] = &[
    (
        "the_console_shows_filters_pauses_and_forgets",
        the_console_shows_filters_pauses_and_forgets,
    ),
    (
        "the_console_sends_what_is_typed_or_says_why_not",
        the_console_sends_what_is_typed_or_says_why_not,
    ),
    (
        "nothing_is_recorded_without_a_console",
        nothing_is_recorded_without_a_console,
    ),
    (
        "the_console_watches_one_account_at_a_time",
        the_console_watches_one_account_at_a_time,
    ),
];

/// Opens the console by way of the preferences.
pub fn console(scene: &mut Scene) -> adw::Window {
    let dialog = preferences(scene);
    page(scene, &dialog, "Advanced");
    row::<adw::ActionRow>(&dialog, "XML Console").emit_by_name::<()>("activated", &[]);
    until("the console", || {
        scene.settle();
        window().is_some_and(|window| window.is_mapped())
    });
    let window = window().unwrap();
    frames(&window, 2);
    watched(scene);
    window
}

fn window() -> Option<adw::Window> {
    gtk::Window::list_toplevels()
        .into_iter()
        .filter_map(|window| window.downcast::<adw::Window>().ok())
        .find(|window| window.title().as_deref() == Some("XML Console"))
}

/// Lets the engine answer who wants to watch.
fn watched(scene: &mut Scene) {
    scene.settle();
    let asked = scene.commands.taken();
    assert!(
        asked.iter().any(|asked| matches!(asked, Asked::Console(_))),
        "{asked:?}"
    );
    scene.settle();
}

pub fn line(way: ConsoleWay, text: &str) -> ConsoleLine {
    ConsoleLine {
        time: now(),
        way,
        text: text.to_owned(),
        left_out: 0,
    }
}

/// What the console shows.
pub fn shown(window: &adw::Window) -> String {
    let view = all::<gtk::TextView>(window, |view| !view.is_editable()).remove(0);
    let (start, end) = view.buffer().bounds();
    view.buffer().text(&start, &end, false).into()
}

fn until_shown(scene: &Scene, window: &adw::Window, words: &str) {
    until(words, || {
        scene.settle();
        shown(window).contains(words)
    });
}

fn button(window: &adw::Window, name: &str) -> gtk::Button {
    all::<gtk::Button>(window, |button| {
        button.tooltip_text().as_deref() == Some(name) || button.label().as_deref() == Some(name)
    })
    .remove(0)
}

pub const MESSAGE: &str = "<message type='chat' id='8' from='juliet@example.org/balcony' to='romeo@example.org/stonechat'><body>Good night, good night!</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>";

fn the_console_shows_filters_pauses_and_forgets() {
    let (mut scene, _) = verona();
    let account = scene.account;
    let window = console(&mut scene);
    assert!(texts(&window).contains("Nothing sent or received yet"));
    shot(&window, "console-empty");

    assert!(
        scene
            .commands
            .console_line(account, line(ConsoleWay::Received, MESSAGE))
    );
    let ping = "<r xmlns='urn:xmpp:sm:3'/>";
    scene
        .commands
        .console_line(account, line(ConsoleWay::Sent, ping));
    until_shown(&scene, &window, ping);
    frames(&window, 2);
    shot(&window, "console");
    let said = shown(&window);
    assert!(said.contains("← Received, "), "{said}");
    assert!(
        said.contains("\n  <body>Good night, good night!</body>\n"),
        "{said}"
    );
    assert!(said.contains("→ Sent, "), "{said}");
    crate::window::assert_named(&window);

    let filter = all::<gtk::SearchEntry>(&window, |_| true).remove(0);
    filter.set_text("BALCONY");
    until("fewer lines", || {
        scene.settle();
        !shown(&window).contains(ping)
    });
    assert!(shown(&window).contains("Good night"));
    filter.set_text("");
    until_shown(&scene, &window, ping);

    let pause = all::<gtk::ToggleButton>(&window, |button| {
        button.tooltip_text().as_deref() == Some("Pause")
    })
    .remove(0);
    pause.set_active(true);
    scene.settle();
    scene
        .commands
        .console_line(account, line(ConsoleWay::Received, "<later/>"));
    for _ in 0..5 {
        scene.settle();
    }
    assert!(!shown(&window).contains("<later/>"));
    pause.set_active(false);
    until_shown(&scene, &window, "<later/>");

    button(&window, "Clear").emit_clicked();
    until("an empty console", || {
        scene.settle();
        shown(&window).is_empty()
    });
}

fn the_console_sends_what_is_typed_or_says_why_not() {
    let (mut scene, _) = verona();
    let account = scene.account;
    let window = console(&mut scene);
    let field = all::<gtk::TextView>(&window, gtk::TextView::is_editable).remove(0);
    let send = button(&window, "Send");

    for (typed, words) in [
        ("<message>", "This is not well-formed XML"),
        ("</stream:stream>", "This must not be sent"),
        ("<presence/><presence/>", "Send one element at a time"),
    ] {
        field.buffer().set_text(typed);
        send.emit_clicked();
        until(words, || {
            scene.settle();
            texts(&window).contains(words)
        });
    }
    shot(&window, "console-not-sent");
    assert!(scene.take_commands().is_empty());

    let xml = "<presence><show>away</show></presence>";
    field.buffer().set_text(xml);
    send.emit_clicked();
    scene.settle();
    let xml = xml.to_owned();
    assert_eq!(scene.take_commands(), [Command::SendXml { account, xml }]);
    assert_eq!(field.buffer().char_count(), 0);

    scene
        .commands
        .set_connection(account, ConnectionState::Offline);
    field.buffer().set_text("<presence/>");
    send.emit_clicked();
    until("the reason", || {
        scene.settle();
        texts(&window).contains("The account is offline.")
    });
}

fn nothing_is_recorded_without_a_console() {
    let (mut scene, _) = verona();
    let account = scene.account;
    let window = console(&mut scene);
    assert!(
        scene
            .commands
            .console_line(account, line(ConsoleWay::Sent, "<r/>"))
    );

    window.close();
    until("nobody who listens", || {
        scene.settle();
        !scene
            .commands
            .console_line(account, line(ConsoleWay::Sent, "<r/>"))
    });

    let window = console(&mut scene);
    assert_eq!(shown(&window), "");
}

fn the_console_watches_one_account_at_a_time() {
    let mut stage = None;
    let mut scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
        stage = Some(testing::account(tx, "romeo@players.example"));
    });
    let (first, stage) = (scene.account, stage.unwrap());
    let window = console(&mut scene);
    scene
        .commands
        .console_line(first, line(ConsoleWay::Sent, "<first/>"));
    until_shown(&scene, &window, "<first/>");

    let chooser = all::<gtk::DropDown>(&window, |_| true).remove(0);
    chooser.set_selected(1);
    scene.settle();
    watched(&mut scene);

    assert!(
        !scene
            .commands
            .console_line(first, line(ConsoleWay::Sent, "<first/>"))
    );
    scene
        .commands
        .console_line(stage, line(ConsoleWay::Sent, "<stage/>"));
    until_shown(&scene, &window, "<stage/>");
    assert!(!shown(&window).contains("<first/>"));
    crate::window::assert_named(&window);
}
