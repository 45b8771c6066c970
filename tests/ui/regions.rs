//! F6 in every state of the window, and the dialogs that are reached by keys.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::error::SignInError;
use stonechat::engine::model::{ConnectionProblem, ConnectionState};
use stonechat::engine::testing;
use stonechat::ui::timeline::history_view::HistoryView;

use crate::Test;
use crate::keyboard::press;
use crate::scene::{ROMEO, Scene, texts, verona};
use crate::support::{all, shot, until};
use crate::window::{entry, fill_form, sign_in_page, submit};

pub const TESTS: &[Test] = &[
    (
        "f6_without_a_chat_stays_in_the_list",
        f6_without_a_chat_stays_in_the_list,
    ),
    (
        "f6_without_any_chat_reaches_the_button_for_one",
        f6_without_any_chat_reaches_the_button_for_one,
    ),
    ("f6_stops_at_the_banner", f6_stops_at_the_banner),
    (
        "f6_in_a_narrow_window_goes_only_where_one_sees",
        f6_in_a_narrow_window_goes_only_where_one_sees,
    ),
    ("control_f_searches_the_chats", control_f_searches_the_chats),
    ("all_keys_are_shown_by_a_key", all_keys_are_shown_by_a_key),
    ("control_w_closes_the_window", control_w_closes_the_window),
    (
        "about_tells_versions_and_no_secrets",
        about_tells_versions_and_no_secrets,
    ),
    (
        "a_given_up_sign_in_gives_the_keyboard_to_its_button",
        a_given_up_sign_in_gives_the_keyboard_to_its_button,
    ),
    (
        "a_field_left_empty_is_not_marked_as_wrong",
        a_field_left_empty_is_not_marked_as_wrong,
    ),
];

/// Where the keyboard is, in a word.
fn place(scene: &Scene) -> &'static str {
    let Some(focus) = GtkWindowExt::focus(&scene.window) else {
        return "nowhere";
    };
    let is_in = |kind: gtk::glib::Type| focus.type_().is_a(kind) || focus.ancestor(kind).is_some();
    if is_in(adw::Banner::static_type()) {
        "banner"
    } else if is_in(gtk::ListView::static_type()) {
        "list"
    } else if is_in(HistoryView::static_type()) {
        "messages"
    } else if is_in(gtk::TextView::static_type()) {
        "composer"
    } else if is_in(gtk::SearchEntry::static_type()) {
        "search"
    } else if is_in(adw::StatusPage::static_type()) {
        "page"
    } else if is_in(adw::HeaderBar::static_type()) {
        "header"
    } else {
        "elsewhere"
    }
}

#[track_caller]
fn f6(scene: &Scene, key: &str, expected: &str) {
    press(scene, &[key]);
    until(expected, || {
        scene.settle();
        place(scene) == expected
    });
}

fn offline(scene: &Scene) {
    scene.commands.set_connection(
        scene.account,
        ConnectionState::Waiting {
            problem: ConnectionProblem::ConnectionLost,
            retry_at: 0,
        },
    );
    scene.settle();
}

/// Keys go to the window under the pointer.
fn narrow(scene: &Scene) {
    scene.window.set_default_size(360, 700);
    until("the narrow window", || {
        scene.settle();
        scene.window.width() <= 400
    });
    let moved = std::process::Command::new("xdotool")
        .args(["mousemove", "180", "300"])
        .status();
    assert!(moved.unwrap().success());
    scene.settle();
}

fn f6_without_a_chat_stays_in_the_list() {
    let (scene, _) = verona();

    f6(&scene, "F6", "list");
    f6(&scene, "F6", "list");
    f6(&scene, "shift+F6", "list");
}

fn f6_without_any_chat_reaches_the_button_for_one() {
    let scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
    });
    assert_eq!(texts(&scene.window).matches("No chats yet").count(), 1);
    shot(&scene.window, "no-chats");

    // It begins in one of the two, as the window came up.
    press(&scene, &["F6"]);
    let (there, next) = match place(&scene) {
        "page" => ("page", "header"),
        _ => ("header", "page"),
    };
    f6(&scene, "F6", next);
    f6(&scene, "F6", there);
    f6(&scene, "shift+F6", next);
    narrow(&scene);
    assert_eq!(texts(&scene.window).matches("No chats yet").count(), 1);
    assert!(scene.button("New Chat").is_mapped());
}

fn f6_stops_at_the_banner() {
    let (scene, _) = verona();
    scene.open("Juliet");
    until("the composer", || {
        scene.settle();
        place(&scene) == "composer"
    });
    offline(&scene);

    f6(&scene, "F6", "header");
    f6(&scene, "F6", "banner");
    f6(&scene, "F6", "list");
    f6(&scene, "shift+F6", "banner");
    f6(&scene, "shift+F6", "header");
    f6(&scene, "shift+F6", "composer");
    f6(&scene, "shift+F6", "messages");
}

fn f6_in_a_narrow_window_goes_only_where_one_sees() {
    let (scene, _) = verona();
    narrow(&scene);
    f6(&scene, "F6", "list");
    f6(&scene, "F6", "list");
    offline(&scene);
    f6(&scene, "F6", "banner");
    f6(&scene, "F6", "list");

    scene.open("Juliet");
    until("the composer", || {
        scene.settle();
        place(&scene) == "composer"
    });
    f6(&scene, "F6", "header");
    f6(&scene, "F6", "banner");
    f6(&scene, "F6", "messages");
    f6(&scene, "F6", "composer");
}

fn control_f_searches_the_chats() {
    let (scene, _) = verona();
    scene.open("Juliet");
    f6(&scene, "ctrl+f", "search");
    narrow(&scene);
    scene.settle();

    f6(&scene, "ctrl+shift+f", "search");
    assert!(scene.chat_list().is_mapped());
}

fn all_keys_are_shown_by_a_key() {
    let (scene, _) = verona();

    press(&scene, &["ctrl+question"]);
    until("the shortcuts", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    let dialog = scene.window.visible_dialog().unwrap();
    shot(&scene.window, "shortcuts");
    let said = texts(&dialog);
    for words in [
        "Go to a chat Ctrl K",
        "Previous part of the window Shift F6",
        "Send Return",
        "Preferences Ctrl ,",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }

    press(&scene, &["Escape"]);
    until("the end of the dialog", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn control_w_closes_the_window() {
    let (scene, _) = verona();
    let ends = stonechat::engine::model::OnClose::Quit;
    let ends = stonechat::engine::model::Setting::OnClose(ends);
    Scene::block_on(scene.commands.set(vec![ends])).unwrap();
    scene.settle();

    let pressed = std::process::Command::new("xdotool")
        .args(["key", "ctrl+w"])
        .status();
    assert!(pressed.unwrap().success());

    until("the end of the window", || !scene.window.is_visible());
}

fn about_tells_versions_and_no_secrets() {
    let (scene, _) = verona();
    ActionGroupExt::activate_action(&scene.window, "about", None);
    scene.settle();
    let dialog = scene.window.visible_dialog().unwrap();
    let about = dialog.downcast::<adw::AboutDialog>().unwrap();
    shot(&scene.window, "about");

    let facts = about.debug_info();
    assert!(
        facts.contains("GTK 4.") && facts.contains("Display: X11"),
        "{facts}"
    );
    for secret in [ROMEO, "example.org", &std::env::var("HOME").unwrap()] {
        assert!(!facts.contains(secret), "{facts}");
    }
    assert_eq!(about.license_type(), gtk::License::Agpl30);
}

fn a_given_up_sign_in_gives_the_keyboard_to_its_button() {
    let scene = sign_in_page();
    fill_form(&scene, ROMEO);
    submit(&scene);
    scene.button("Cancel").grab_focus();

    scene.button("Cancel").emit_clicked();
    scene.settle();

    let focus = GtkWindowExt::focus(&scene.window).map(|focus| texts(&focus));
    assert_eq!(focus.as_deref(), Some("Sign In"));
}

fn a_field_left_empty_is_not_marked_as_wrong() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::Unreachable {
            host: "example.org".to_owned(),
            port: 5222,
        },
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);
    until("the trouble", || {
        scene.settle();
        scene.reads("The server does not answer")
    });

    for title in ["Address", "Password", "Host", "Port"] {
        assert!(!entry(&scene, title).has_css_class("error"), "{title}");
    }
    let expanded = all::<adw::ExpanderRow>(&scene.window, |row| row.is_expanded());
    assert!(expanded.is_empty(), "nothing there to look at");
}
