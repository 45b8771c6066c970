//! What one can do with a chat as a whole: mute it, delete it.

use std::process::Command as Process;

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Timestamp};
use stonechat::engine::testing::{self, Asked, NewMessage};
use stonechat::ui::sidebar::row::SidebarRow;

use crate::Test;
use crate::composer::{obey, open_juliet, write};
use crate::keyboard::press;
use crate::scene::{JULIET, MERCUTIO, ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "a_chat_is_muted_for_an_hour_and_heard_of_again",
        a_chat_is_muted_for_an_hour_and_heard_of_again,
    ),
    (
        "a_muted_chat_shows_it_until_its_time_is_over",
        a_muted_chat_shows_it_until_its_time_is_over,
    ),
    (
        "a_chat_is_deleted_only_after_a_question",
        a_chat_is_deleted_only_after_a_question,
    ),
    (
        "a_line_of_the_list_has_the_menu_by_key_and_by_click",
        a_line_of_the_list_has_the_menu_by_key_and_by_click,
    ),
    (
        "the_menu_of_the_open_chat_has_a_key",
        the_menu_of_the_open_chat_has_a_key,
    ),
    (
        "drafts_and_muted_chats_fit_a_narrow_window_in_large_text",
        drafts_and_muted_chats_fit_a_narrow_window_in_large_text,
    ),
];

pub fn line(scene: &Scene, name: &str) -> SidebarRow {
    all::<SidebarRow>(&scene.chat_list(), |row| {
        row.is_mapped() && texts(row).contains(name)
    })
    .remove(0)
}

/// Does what an item of the open chat's menu does.
fn choose(scene: &Scene, action: &str) {
    let header =
        all::<gtk::Button>(&scene.window, |button| button.has_css_class("chat-header")).remove(0);
    WidgetExt::activate_action(&header, "chat.mute", Some(&action.to_variant())).unwrap();
    scene.settle();
}

/// Whether a line shows the bell that is off.
fn has_bell(row: &SidebarRow) -> bool {
    !all::<gtk::Image>(row, |image| {
        image.is_mapped() && image.icon_name().as_deref() == Some("chat-muted-symbolic")
    })
    .is_empty()
}

fn muted(scene: &mut Scene) -> Vec<(ConversationId, Timestamp)> {
    let asked = scene.take_commands();
    for command in &asked {
        Scene::block_on(scene.commands.obeys(command.clone())).unwrap();
    }
    scene.settle();
    asked
        .into_iter()
        .filter_map(|command| match command {
            Command::Mute {
                conversation,
                until,
            } => Some((conversation, until)),
            _ => None,
        })
        .collect()
}

fn a_chat_is_muted_for_an_hour_and_heard_of_again() {
    let mut scene = open_juliet();
    let juliet = scene.open_chat();
    let before = now() - 1000;

    choose(&scene, "hour");

    let (chat, end) = muted(&mut scene)[0];
    assert_eq!(chat, juliet);
    assert!((before + 3_600_000..=now() + 3_600_000).contains(&end));
    assert!(has_bell(&line(&scene, "Juliet")));
    assert!(!has_bell(&line(&scene, "Mercutio")));

    choose(&scene, "off");

    assert_eq!(muted(&mut scene), [(juliet, 0)]);
    assert!(!has_bell(&line(&scene, "Juliet")));
}

fn a_muted_chat_shows_it_until_its_time_is_over() {
    let end = now() + 1_500;
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        testing::contact(tx, account, MERCUTIO, "Mercutio");
        for (address, until) in [(JULIET, Timestamp::MAX), (MERCUTIO, end)] {
            let chat = testing::conversation(tx, account, address, now());
            testing::message(tx, &NewMessage::incoming(chat, now(), "Who is there?"));
            testing::mute(tx, chat, until);
        }
    });
    let badge = |name: &str| {
        all::<gtk::Label>(&line(&scene, name), |label| label.has_css_class("badge")).remove(0)
    };
    assert!(has_bell(&line(&scene, "Mercutio")));
    assert!(badge("Mercutio").has_css_class("muted"));

    until("the end of the time", || {
        scene.settle();
        !has_bell(&line(&scene, "Mercutio"))
    });

    assert!(now() >= end);
    assert!(!badge("Mercutio").has_css_class("muted"));
    assert!(has_bell(&line(&scene, "Juliet")));
    shot(&scene.window, "list-muted");
}

fn question(scene: &Scene) -> Option<adw::AlertDialog> {
    let dialog = scene.window.visible_dialog()?;
    dialog.downcast().ok()
}

fn ask_to_delete(scene: &Scene) -> adw::AlertDialog {
    let menu = all::<gtk::MenuButton>(&scene.window, |button| {
        button.is_mapped() && button.tooltip_text().as_deref() == Some("Chat Menu")
    })
    .remove(0);
    WidgetExt::activate_action(&menu, "chat.delete", None).unwrap();
    until("the question", || {
        scene.settle();
        question(scene).is_some()
    });
    question(scene).unwrap()
}

fn a_chat_is_deleted_only_after_a_question() {
    let mut scene = open_juliet();
    let juliet = scene.open_chat();
    write(&scene, "But soft");

    let dialog = ask_to_delete(&scene);
    assert_eq!(
        dialog.heading().as_deref(),
        Some("Delete the chat with Juliet Capulet?")
    );
    assert!(dialog.body().contains("Your server, your other devices"));
    shot(&scene.window, "delete-chat");
    scene.button("Cancel").emit_clicked();
    scene.settle();
    assert!(!scene.take_commands().contains(&Command::DeleteChat(juliet)));

    ask_to_delete(&scene);
    write(&scene, ", what light");
    scene.button("Delete").emit_clicked();
    until("the page without a chat", || {
        scene.settle();
        scene.reads("Choose a chat")
    });

    let mut asked = Vec::new();
    while !asked.contains(&Command::DeleteChat(juliet)) {
        match Scene::block_on(scene.commands.next()) {
            Some(Asked::Command(command)) => asked.push(command),
            other => panic!("{other:?} instead of the deletion"),
        }
    }
    let after = scene.take_commands();
    assert!(
        !after
            .iter()
            .any(|command| matches!(command, Command::SaveDraft { .. }))
    );
    asked.extend(after);
    for command in asked {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    scene.settle();
    let lines = scene.lines();
    assert!(
        !lines.iter().any(|line| line.contains("Juliet")),
        "{lines:?}"
    );
    assert!(all::<SidebarRow>(&scene.chat_list(), |row| row.has_css_class("open")).is_empty());
    obey(&mut scene);
}

/// The menu that is open.
fn menu(scene: &Scene) -> Option<gtk::PopoverMenu> {
    all::<gtk::PopoverMenu>(&scene.window, |menu| menu.is_mapped()).pop()
}

/// Its items.
fn items(scene: &Scene) -> String {
    menu(scene).as_ref().map(texts).unwrap_or_default()
}

#[track_caller]
fn until_menu(scene: &Scene) {
    until("the menu", || {
        scene.settle();
        items(scene).contains("Delete Chat")
    });
    assert!(items(scene).contains("Contact Details"), "{}", items(scene));
    assert!(items(scene).contains("Mute"), "{}", items(scene));
}

fn close_menu(scene: &Scene) {
    press(scene, &["Escape"]);
    until("no menu", || {
        scene.settle();
        items(scene).is_empty()
    });
}

fn a_line_of_the_list_has_the_menu_by_key_and_by_click() {
    let (scene, _) = verona();
    scene.chat_list().grab_focus();
    scene.settle();

    press(&scene, &["shift+F10"]);
    until_menu(&scene);
    shot(&menu(&scene).unwrap(), "line-menu");
    close_menu(&scene);

    let row = line(&scene, "Mercutio");
    let middle = gtk::graphene::Point::new(60.0, 20.0);
    let middle = row.compute_point(&scene.window, &middle).unwrap();
    let (x, y) = (middle.x().to_string(), middle.y().to_string());
    let mut clicking = Process::new("xdotool")
        .args(["mousemove", &x, &y, "click", "3"])
        .spawn()
        .unwrap();
    while clicking.try_wait().unwrap().is_none() {
        gtk::glib::MainContext::default().iteration(false);
    }
    until_menu(&scene);
    close_menu(&scene);
}

fn the_menu_of_the_open_chat_has_a_key() {
    let scene = open_juliet();

    press(&scene, &["ctrl+F10"]);
    until_menu(&scene);
    shot(&menu(&scene).unwrap(), "chat-menu");
    close_menu(&scene);
}

fn busy_list() -> Scene {
    Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        for (address, name) in [
            (JULIET, "Juliet Capulet"),
            (MERCUTIO, "Mercutio"),
            ("capulet@example.org", "Capulet Family"),
        ] {
            testing::contact(tx, account, address, name);
            let chat = testing::conversation(tx, account, address, now());
            for _ in 0..23 {
                testing::message(
                    tx,
                    &NewMessage::incoming(chat, now(), "The feast is on Sunday, bring the rope"),
                );
            }
            match address {
                MERCUTIO => testing::draft(tx, chat, "A plague on both your houses, and mine"),
                JULIET => {}
                _ => testing::mute(tx, chat, Timestamp::MAX),
            }
        }
    })
}

fn drafts_and_muted_chats_fit_a_narrow_window_in_large_text() {
    let scene = busy_list();
    shot(&scene.window, "list-busy");
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "list-busy-dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    scene.quit();

    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    settings.set_gtk_xft_dpi(192 * 1024);
    let scene = busy_list();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    shot(&scene.window, "list-busy-large-narrow");
    let least = scene
        .chat_list()
        .measure(gtk::Orientation::Horizontal, -1)
        .0;
    let draft = texts(&line(&scene, "Mercutio"));
    settings.set_gtk_xft_dpi(usual);
    assert!(least <= 360, "{least}");
    assert!(draft.contains("Draft A plague"), "{draft}");
}
