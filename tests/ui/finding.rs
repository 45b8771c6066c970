//! Searching names and messages, in all chats and in one, by keyboard; and the
//! order of the chat list.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{ChatSetting, Keep};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::chat_menu::line;
use crate::composer::{field, obey};
use crate::encryption::{in_dark, narrow};
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, until};
use crate::window::assert_named;

pub const TESTS: &[Test] = &[
    (
        "names_and_messages_are_found_from_one_field",
        names_and_messages_are_found_from_one_field,
    ),
    (
        "enter_walks_the_hits_and_escape_leads_back",
        enter_walks_the_hits_and_escape_leads_back,
    ),
    (
        "control_f_searches_the_open_chat",
        control_f_searches_the_open_chat,
    ),
    (
        "a_hit_far_up_in_a_long_chat_is_shown",
        a_hit_far_up_in_a_long_chat_is_shown,
    ),
    (
        "in_a_narrow_window_the_search_goes_on_in_the_chat",
        in_a_narrow_window_the_search_goes_on_in_the_chat,
    ),
    (
        "filters_are_written_into_the_field",
        filters_are_written_into_the_field,
    ),
    (
        "a_chat_is_pinned_archived_and_marked_unread",
        a_chat_is_pinned_archived_and_marked_unread,
    ),
    (
        "what_is_set_for_a_chat_is_kept_after_a_question",
        what_is_set_for_a_chat_is_kept_after_a_question,
    ),
];

fn search(scene: &Scene) -> gtk::SearchEntry {
    all::<gtk::SearchEntry>(&scene.window, |entry| {
        entry.placeholder_text().as_deref() == Some("Search")
    })
    .remove(0)
}

fn in_chat(scene: &Scene) -> gtk::Box {
    all::<gtk::Box>(&scene.window, |bar| bar.has_css_class("find-bar")).remove(0)
}

fn hits(scene: &Scene) -> Vec<String> {
    all::<gtk::ListBoxRow>(&scene.window, |row| {
        row.is_mapped() && row.has_css_class("hit")
    })
    .iter()
    .map(texts)
    .collect()
}

/// The text of the message with the ring.
fn ringed(scene: &Scene) -> Option<String> {
    let history = scene.history_if_any()?;
    let rows: Vec<MessageRow> = history
        .visible_rows()
        .filter_map(|row| history.row(row).and_downcast())
        .collect();
    rows.iter()
        .find(|row| !all::<gtk::Widget>(*row, |part| part.has_css_class("found")).is_empty())
        .map(texts)
}

#[track_caller]
fn until_ringed(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        ringed(scene).is_some_and(|text| text.contains(words))
    });
}

fn has_keyboard(scene: &Scene, widget: &impl IsA<gtk::Widget>) -> bool {
    GtkWindowExt::focus(&scene.window)
        .is_some_and(|focus| focus.is_ancestor(widget) || focus == *widget.upcast_ref())
}

fn type_into(scene: &Scene, words: &str, found: usize) {
    search(scene).grab_focus();
    search(scene).set_text(words);
    until(words, || {
        scene.settle();
        hits(scene).len() == found
    });
}

fn names_and_messages_are_found_from_one_field() {
    let (scene, _) = verona();

    type_into(&scene, "garden", 2);

    let found = hits(&scene);
    assert!(
        found[0].contains("everything that moves in the house, the garden"),
        "{found:?}"
    );
    assert!(found[1].contains("sees the whole garden"), "{found:?}");
    assert!(scene.reads("2 hits"));
    assert_named(&scene.window);
    in_dark(&scene, "search");

    // Names stand above.
    type_into(&scene, "merc", 0);
    assert_eq!(scene.lines().len(), 1);
    type_into(&scene, "houses", 1);
    assert!(
        hits(&scene)[0].starts_with("Mercutio"),
        "{:?}",
        hits(&scene)
    );
    type_into(&scene, "tybalt", 0);
    until("nothing", || {
        scene.settle();
        scene.reads("Nothing found")
    });
    shot(&scene.window, "search-nothing");
    let button = || button(&scene, "Search without Filters");
    assert!(!button().is_visible());

    // It is the filter that hides them.
    type_into(&scene, "garden from:tybalt", 0);
    until("the way without filters", || {
        scene.settle();
        button().is_mapped()
    });
    assert_named(&scene.window);
    button().emit_clicked();
    until("hits", || {
        scene.settle();
        !hits(&scene).is_empty()
    });
    assert_eq!(search(&scene).text(), "garden");
}

fn button(scene: &Scene, label: &str) -> gtk::Button {
    all::<gtk::Button>(&scene.window, |button| {
        button.label().as_deref() == Some(label)
    })
    .remove(0)
}

fn enter_walks_the_hits_and_escape_leads_back() {
    let (scene, _) = verona();
    scene.open("Mercutio");
    press(&scene, &["ctrl+shift+f"]);
    type_into(&scene, "garden", 2);

    press(&scene, &["Return"]);
    until_ringed(&scene, "everything that moves");
    assert!(
        has_keyboard(&scene, &search(&scene)),
        "the keyboard stays in the field"
    );
    press(&scene, &["Return"]);
    until_ringed(&scene, "sees the whole garden");
    in_dark(&scene, "search-hit");
    press(&scene, &["shift+Return"]);
    until_ringed(&scene, "everything that moves");

    press(&scene, &["Escape"]);
    until("Mercutio's chat", || {
        scene.settle();
        all::<gtk::Widget>(&scene.window, |widget| widget.has_css_class("chat-header"))
            .iter()
            .any(|header| texts(header).contains("Mercutio"))
    });
    assert_eq!(scene.lines().len(), 4);
    assert_eq!(ringed(&scene), None);
}

fn control_f_searches_the_open_chat() {
    let (scene, _) = verona();
    scene.open("Juliet");
    press(&scene, &["ctrl+f"]);
    let bar = in_chat(&scene);
    until("the field", || {
        scene.settle();
        has_keyboard(&scene, &bar)
    });

    press(&scene, &["g", "a", "r", "d"]);
    until_ringed(&scene, "everything that moves");
    assert!(texts(&bar).contains("2 of 2"), "{}", texts(&bar));
    assert_named(&scene.window);
    shot(&scene.window, "search-in-chat");
    press(&scene, &["Return"]);
    until_ringed(&scene, "sees the whole garden");
    assert!(texts(&bar).contains("1 of 2"));
    press(&scene, &["shift+Return"]);
    until_ringed(&scene, "everything that moves");

    press(&scene, &["q"]);
    until("nothing", || {
        scene.settle();
        texts(&bar).contains("Nothing found")
    });
    assert_eq!(ringed(&scene), None);
    press(&scene, &["Escape"]);
    until("the end of the search", || {
        scene.settle();
        !bar.is_mapped() && has_keyboard(&scene, &scene.composer())
    });
    assert_eq!(field(&scene), "");
}

fn a_hit_far_up_in_a_long_chat_is_shown() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let chat = testing::conversation(tx, account, JULIET, now());
        for number in 0..3_000 {
            let body = match number {
                1_500 => "The nightingale sings".to_owned(),
                0 => "A nightingale".to_owned(),
                // Taller than what stands there until they are read.
                1..40 => "Good night\n".repeat(6),
                _ => format!("Good night {number}"),
            };
            let time = now() - (3_000 - number) * 60_000;
            let message = testing::message(tx, &NewMessage::incoming(chat, time, &body));
            testing::read_up_to(tx, chat, message);
        }
    });
    scene.open("Juliet");
    let end = scene.history().visible_rows().end;
    press(&scene, &["ctrl+f"]);
    until("the field", || {
        scene.settle();
        has_keyboard(&scene, &in_chat(&scene))
    });

    press(&scene, &["n", "i", "g", "h", "t", "i"]);
    until_ringed(&scene, "The nightingale sings");
    assert!(scene.history().visible_rows().contains(&1_500));
    press(&scene, &["Return"]);
    until_ringed(&scene, "A nightingale");
    assert_eq!(scene.history().visible_rows().start, 0);
    press(&scene, &["Escape"]);

    until("the place of before", || {
        scene.settle();
        scene.history().visible_rows().end == end
    });
}

fn in_a_narrow_window_the_search_goes_on_in_the_chat() {
    let (scene, _) = verona();
    narrow(&scene);
    type_into(&scene, "garden", 2);
    shot(&scene.window, "search-narrow");

    press(&scene, &["Return"]);

    until_ringed(&scene, "everything that moves");
    let bar = in_chat(&scene);
    assert!(texts(&bar).contains("2 of 2"), "{}", texts(&bar));
    shot(&scene.window, "search-narrow-hit");
    press(&scene, &["Return"]);
    until_ringed(&scene, "sees the whole garden");
}

fn filters_are_written_into_the_field() {
    let (scene, _) = verona();
    type_into(&scene, "garden", 2);

    scene.button("From").emit_clicked();
    scene.settle();
    assert_eq!(search(&scene).text(), "garden from:");
    assert_eq!(hits(&scene).len(), 2, "not finished yet");
    type_into(&scene, "garden from:me", 0);
    type_into(&scene, "garden", 2);
    scene.button("Links").emit_clicked();
    until("the link", || {
        scene.settle();
        hits(&scene).len() == 1
    });
    scene.button("Links").emit_clicked();
    until("all", || {
        scene.settle();
        hits(&scene).len() == 2
    });
    assert_eq!(search(&scene).text(), "garden");
}

fn choose(scene: &Scene, name: &str, action: &str) {
    scene.open(name);
    let header =
        all::<gtk::Button>(&scene.window, |button| button.has_css_class("chat-header")).remove(0);
    WidgetExt::activate_action(&header, action, None).unwrap();
    scene.settle();
}

fn names(scene: &Scene) -> Vec<String> {
    let lines = scene.lines();
    // Behind the letters of the avatar.
    let first = |line: String| line.split(' ').nth(1).unwrap_or_default().to_owned();
    lines.into_iter().map(first).collect()
}

fn a_chat_is_pinned_archived_and_marked_unread() {
    let (mut scene, chats) = verona();
    assert_eq!(names(&scene), ["Juliet", "Benvolio", "Friar", "Mercutio"]);

    choose(&scene, "Mercutio", "chat.pin");
    obey(&mut scene);
    until("the pinned chat", || {
        scene.settle();
        names(&scene) == ["Mercutio", "Juliet", "Benvolio", "Friar"]
    });

    choose(&scene, "Friar", "chat.archive");
    obey(&mut scene);
    scene.open("Juliet");
    until("the archived chat", || {
        scene.settle();
        names(&scene) == ["Mercutio", "Juliet", "Benvolio"]
    });
    choose(&scene, "Benvolio", "chat.mark-unread");
    obey(&mut scene);
    scene.open("Juliet");
    let badge = all::<gtk::Label>(&line(&scene, "Benvolio"), |label| {
        label.has_css_class("badge") && label.is_mapped()
    });
    assert_eq!(badge.len(), 1);
    in_dark(&scene, "chat-list");

    let (mercutio, read) = (Scene::chat(chats.mercutio), scene.last_id(chats.mercutio));
    Scene::block_on(scene.commands.mark_read(mercutio, read)).unwrap();
    let unread = all::<gtk::ToggleButton>(&scene.window, |button| {
        button.tooltip_text().as_deref() == Some("Show Only Unread Chats")
    })
    .remove(0);
    unread.set_active(true);
    until("unread chats", || {
        scene.settle();
        !names(&scene).contains(&"Mercutio".to_owned())
            && names(&scene).contains(&"Benvolio".to_owned())
    });
    unread.set_active(false);
    let archive = all::<gtk::ToggleButton>(&scene.window, |button| {
        button.is_mapped() && button.has_css_class("archived")
    })
    .remove(0);
    assert_eq!(archive.label().as_deref(), Some("1 archived chat"));
    archive.set_active(true);
    until("the archive", || {
        scene.settle();
        names(&scene) == ["Mercutio", "Juliet", "Benvolio", "Friar"]
    });

    // Coming back to it is reading it.
    scene.take_commands();
    scene.open("Benvolio");
    let asked = scene.take_commands();
    assert!(
        asked.iter().any(|command| matches!(
            command,
            Command::SetChat {
                setting: ChatSetting::MarkedUnread(false),
                ..
            }
        )),
        "{asked:?}"
    );
}

fn what_is_set_for_a_chat_is_kept_after_a_question() {
    let (mut scene, chats) = verona();
    choose(&scene, "Juliet", "chat.details");
    until("the details", || {
        scene.settle();
        scene
            .window
            .visible_dialog()
            .is_some_and(|dialog| texts(&dialog).contains("Keep Messages on This Computer"))
    });
    let details = scene.window.visible_dialog().unwrap();
    assert_named(&details);
    shot(&scene.window, "chat-settings");
    let row = |title: &str| all::<adw::ComboRow>(&details, |row| row.title() == title).remove(0);
    scene.take_commands();

    row("Tell When You Write").set_selected(2);
    let conversation = Scene::chat(chats.juliet);
    assert_eq!(
        scene.take_commands(),
        [Command::SetChat {
            conversation,
            setting: ChatSetting::TellsTyping(Some(false)),
        }]
    );

    let keep = row("Keep Messages on This Computer");
    keep.set_selected(4);
    until("the question", || {
        scene.settle();
        scene.reads("Keep messages: 7 Days?")
            || scene.window.visible_dialog() != Some(details.clone())
    });
    let question: adw::AlertDialog = scene.window.visible_dialog().and_downcast().unwrap();
    question.emit_by_name::<()>("response", &[&"cancel"]);
    question.force_close();
    scene.settle();
    assert_eq!(keep.selected(), 0);
    assert_eq!(scene.take_commands(), []);

    keep.set_selected(4);
    until("the question", || {
        scene.settle();
        scene
            .window
            .visible_dialog()
            .is_some_and(|dialog| dialog.is::<adw::AlertDialog>())
    });
    let question: adw::AlertDialog = scene.window.visible_dialog().and_downcast().unwrap();
    question.emit_by_name::<()>("response", &[&"delete"]);
    question.force_close();
    assert_eq!(
        scene.take_commands(),
        [Command::SetChat {
            conversation,
            setting: ChatSetting::Keep(Keep::Days(7)),
        }]
    );
}
