//! Going to another chat by a few letters.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::model::Delivery;
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::keyboard::press;
use crate::scene::{ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "control_k_and_a_few_letters_go_to_a_chat",
        control_k_and_a_few_letters_go_to_a_chat,
    ),
    (
        "the_newest_chats_come_first_and_arrows_walk_them",
        the_newest_chats_come_first_and_arrows_walk_them,
    ),
    (
        "the_switcher_also_finds_contacts_without_a_chat",
        the_switcher_also_finds_contacts_without_a_chat,
    ),
    (
        "the_switcher_says_when_there_is_nobody",
        the_switcher_says_when_there_is_nobody,
    ),
    (
        "five_hundred_chats_make_a_short_list",
        five_hundred_chats_make_a_short_list,
    ),
    (
        "with_several_accounts_the_switcher_names_them",
        with_several_accounts_the_switcher_names_them,
    ),
];

fn switcher(scene: &Scene) -> adw::Dialog {
    ActionGroupExt::activate_action(&scene.window, "switch-chat", None);
    until("the switcher", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    scene.settle();
    scene.window.visible_dialog().unwrap()
}

fn field(dialog: &adw::Dialog) -> gtk::SearchEntry {
    all::<gtk::SearchEntry>(dialog, |_| true).remove(0)
}

fn rows(dialog: &adw::Dialog) -> Vec<String> {
    all::<gtk::ListBoxRow>(dialog, |row| row.is_mapped())
        .iter()
        .map(texts)
        .collect()
}

fn marked(dialog: &adw::Dialog) -> String {
    let list = all::<gtk::ListBox>(dialog, |_| true).remove(0);
    list.selected_row()
        .map_or_else(String::new, |row| texts(&row))
}

fn until_open(scene: &Scene, name: &str) {
    until(name, || {
        scene.settle();
        scene.window.visible_dialog().is_none()
            && all::<gtk::Widget>(&scene.window, |widget| widget.has_css_class("chat-header"))
                .iter()
                .any(|header| texts(header).contains(name))
    });
}

fn control_k_and_a_few_letters_go_to_a_chat() {
    let (scene, _) = verona();
    scene.open("Juliet");

    press(&scene, &["ctrl+k"]);
    until("the switcher", || scene.window.visible_dialog().is_some());
    let dialog = scene.window.visible_dialog().unwrap();
    until("the chats", || {
        scene.settle();
        rows(&dialog).len() == 5
    });
    press(&scene, &["m", "e", "r"]);
    until("the match", || {
        scene.settle();
        rows(&dialog).len() == 1
    });
    press(&scene, &["Return"]);

    until_open(&scene, "Mercutio");
}

fn the_newest_chats_come_first_and_arrows_walk_them() {
    let (scene, _) = verona();
    let dialog = switcher(&scene);
    shot(&scene.window, "switcher");
    let found = rows(&dialog);
    assert!(found[0].contains("Juliet"), "{found:?}");
    assert!(found[4].contains("Rosaline"), "no chat yet: {found:?}");
    assert!(marked(&dialog).contains("Juliet"));

    press(&scene, &["Down", "Down"]);
    assert!(marked(&dialog).contains("Friar Laurence"));
    press(&scene, &["Up", "Up", "Up"]);
    assert!(marked(&dialog).contains("Rosaline"));
    assert!(
        GtkWindowExt::focus(&scene.window).is_some_and(|focus| focus.is_ancestor(&field(&dialog))),
        "the keyboard stays in the field"
    );
    press(&scene, &["Escape"]);

    until("the end of the switcher", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn the_switcher_also_finds_contacts_without_a_chat() {
    let (scene, _) = verona();
    let dialog = switcher(&scene);

    field(&dialog).set_text("rosal");
    scene.settle();
    field(&dialog).emit_by_name::<()>("activate", &[]);

    until_open(&scene, "Rosaline");
}

fn the_switcher_says_when_there_is_nobody() {
    let (scene, _) = verona();
    let dialog = switcher(&scene);
    field(&dialog).set_text("queen mab");
    scene.settle();
    assert!(texts(&dialog).contains("Nothing found"));
    field(&dialog).emit_by_name::<()>("activate", &[]);
    scene.settle();
    assert!(scene.window.visible_dialog().is_some());
    scene.quit();

    let scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
    });
    let dialog = switcher(&scene);
    assert!(texts(&dialog).contains("No chats yet"));
}

fn five_hundred_chats_make_a_short_list() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        for number in 0..500 {
            let address = format!("player{number}@example.org");
            let time = now() - number * 60_000;
            let chat = testing::conversation(tx, account, &address, time);
            testing::message(
                tx,
                &NewMessage::outgoing(chat, time, "Enter, stage left", Delivery::Sent),
            );
        }
    });
    let dialog = switcher(&scene);
    let list = all::<gtk::ListBox>(&dialog, |_| true).remove(0);
    let count = || all::<gtk::ListBoxRow>(&list, |_| true).len();
    assert!(count() <= 50, "{}", count());

    field(&dialog).set_text("player499");
    scene.settle();

    assert_eq!(count(), 1);
    assert!(marked(&dialog).contains("player499@example.org"));
}

fn with_several_accounts_the_switcher_names_them() {
    let scene = Scene::launch(|tx| {
        for address in [ROMEO, "romeo@verona.example"] {
            let account = testing::account(tx, address);
            testing::contact(tx, account, "juliet@example.org", "Juliet");
            testing::conversation(tx, account, "juliet@example.org", now());
        }
    });
    let dialog = switcher(&scene);
    assert_eq!(rows(&dialog).len(), 2);

    field(&dialog).set_text("jul verona");
    scene.settle();

    let found = rows(&dialog);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("romeo@verona.example"), "{found:?}");
}
