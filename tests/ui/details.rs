//! The details of somebody one talks to.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{Around, ConnectionState, Presence};
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::composer::open_juliet;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::assert_named;

pub const TESTS: &[Test] = &[
    (
        "the_header_and_its_key_open_the_details",
        the_header_and_its_key_open_the_details,
    ),
    (
        "details_say_who_it_is_and_what_is_seen_of_us",
        details_say_who_it_is_and_what_is_seen_of_us,
    ),
    (
        "a_stranger_has_details_that_claim_nothing",
        a_stranger_has_details_that_claim_nothing,
    ),
    (
        "a13_a_hidden_character_in_an_address_is_shown_as_a_sign",
        a13_a_hidden_character_in_an_address_is_shown_as_a_sign,
    ),
    (
        "a13_an_address_of_several_alphabets_is_pointed_out",
        a13_an_address_of_several_alphabets_is_pointed_out,
    ),
    (
        "a_click_on_the_address_copies_it_and_says_so",
        a_click_on_the_address_copies_it_and_says_so,
    ),
    (
        "a_stranger_is_added_to_the_contacts_from_their_details",
        a_stranger_is_added_to_the_contacts_from_their_details,
    ),
    (
        "a_contact_is_changed_and_removed_from_their_details",
        a_contact_is_changed_and_removed_from_their_details,
    ),
    (
        "somebody_is_blocked_from_their_details_and_let_in_again",
        somebody_is_blocked_from_their_details_and_let_in_again,
    ),
    (
        "a_chat_is_muted_from_its_details",
        a_chat_is_muted_from_its_details,
    ),
    (
        "a_chat_is_deleted_from_its_details_after_the_same_question",
        a_chat_is_deleted_from_its_details_after_the_same_question,
    ),
    (
        "details_fit_a_narrow_window_in_large_text",
        details_fit_a_narrow_window_in_large_text,
    ),
];

/// A window with one contact with labels, and a stranger.
fn people(stranger: &str) -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let other = testing::account(tx, "romeo@montague.example");
        testing::account_look(tx, other, "Work", 3);
        testing::labelled_contact(
            tx,
            account,
            JULIET,
            "Juliet Capulet",
            &["Balcony", "Ve\u{202e}rona"],
        );
        for address in [stranger, JULIET] {
            let chat = testing::conversation(tx, account, address, now());
            testing::message(tx, &NewMessage::incoming(chat, now(), "Who is there?"));
        }
    });
    let account = scene.account;
    scene
        .commands
        .set_connection(account, ConnectionState::Online);
    for address in [stranger, JULIET] {
        scene
            .commands
            .set_presence(account, address, Presence::Here);
    }
    scene.settle();
    scene
}

fn details(scene: &Scene) -> Option<adw::Dialog> {
    let dialog = scene.window.visible_dialog()?;
    dialog.has_css_class("details").then_some(dialog)
}

/// Opens the details of the open chat.
#[track_caller]
fn open_details(scene: &Scene) -> adw::Dialog {
    let header = all::<gtk::Button>(&scene.window, |button| button.has_css_class("chat-header"));
    header[0].emit_clicked();
    until("the details", || {
        scene.settle();
        details(scene).is_some()
    });
    scene.settle();
    details(scene).unwrap()
}

fn the_header_and_its_key_open_the_details() {
    let scene = open_juliet();

    press(&scene, &["alt+Return"]);
    until("the details", || {
        scene.settle();
        details(&scene).is_some()
    });
    press(&scene, &["Escape"]);
    until("no details", || {
        scene.settle();
        details(&scene).is_none()
    });
    let dialog = open_details(&scene);

    assert!(texts(&dialog).contains(JULIET));
    shot(&scene.window, "details");
    assert_named(&scene.window);
}

fn details_say_who_it_is_and_what_is_seen_of_us() {
    let scene = people("tybalt@example.net");
    scene.open("Juliet");
    let dialog = open_details(&scene);

    let read = |words: &str| {
        until(words, || {
            scene.settle();
            texts(&dialog).contains(words)
        });
    };
    read("Juliet Capulet juliet@example.org Here now");
    read("Balcony, Verona");
    read(ROMEO);
    read("Juliet Capulet sees how far you have read.");
    assert!(!texts(&dialog).contains("Not in your contacts"));
    shot(&scene.window, "details-labels");
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "details-dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);

    scene
        .commands
        .set_presence(scene.account, JULIET, Presence::Busy);
    read("Busy");
    let idle = Around {
        presence: Presence::Away,
        idle_since: Some(now() - 5 * 60_000 - 1_000),
    };
    scene.commands.set_around(scene.account, JULIET, idle);
    read("Last here 5 minutes ago");
    assert!(scene.reads("Last here 5 minutes ago"), "in the header, too");
    shot(&scene.window, "details-idle");
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Offline);
    until("no word about presence", || {
        scene.settle();
        !texts(&dialog).contains("Last here")
    });
}

fn a_stranger_has_details_that_claim_nothing() {
    let scene = people("tybalt@example.net");
    scene.open("tybalt");
    let dialog = open_details(&scene);

    until("that it is a stranger", || {
        scene.settle();
        texts(&dialog).contains("Not in your contacts")
    });
    let said = texts(&dialog);
    assert!(
        said.contains("does not see how far you have read."),
        "{said}"
    );
    for unknown in ["Here now", "Offline", "Labels", "alphabets"] {
        assert!(!said.contains(unknown), "{said}");
    }
    shot(&scene.window, "details-stranger");
}

/// Chooses a row of the details, and returns the dialog that opens over them.
fn choose(scene: &Scene, dialog: &adw::Dialog, title: &str) -> adw::AlertDialog {
    let rows = all::<adw::ButtonRow>(dialog, |row| row.is_visible() && row.title() == title);
    rows[0].emit_by_name::<()>("activated", &[]);
    until("the question", || {
        scene.settle();
        scene
            .window
            .visible_dialog()
            .and_downcast::<adw::AlertDialog>()
            .is_some()
    });
    scene.settle();
    scene.window.visible_dialog().and_downcast().unwrap()
}

fn field(dialog: &adw::AlertDialog, title: &str) -> adw::EntryRow {
    all::<adw::EntryRow>(dialog, |row| row.title() == title).remove(0)
}

fn a_stranger_is_added_to_the_contacts_from_their_details() {
    let mut scene = people("tybalt@example.net");
    scene.open("tybalt");
    let dialog = open_details(&scene);
    until("that it is a stranger", || {
        scene.settle();
        texts(&dialog).contains("Add to Contacts…")
    });

    let question = choose(&scene, &dialog, "Add to Contacts…");
    shot(&scene.window, "details-add-contact");
    scene.take_commands();
    field(&question, "Name").set_text(" Tybalt ");
    field(&question, "Labels, Separated by Commas").set_text("Capulets, Cats");
    press(&scene, &["Return"]);
    until("the answer", || {
        scene.settle();
        !question.is_mapped()
    });

    assert_eq!(
        scene.take_commands(),
        [Command::PutContact {
            account: scene.account,
            address: "tybalt@example.net".into(),
            name: "Tybalt".into(),
            labels: vec!["Capulets".into(), "Cats".into()],
            token: String::new(),
            lets_see: true,
        }]
    );
}

fn somebody_is_blocked_from_their_details_and_let_in_again() {
    let mut scene = people("tybalt@example.net");
    scene.open("tybalt");
    let dialog = open_details(&scene);
    until("that they can be blocked", || {
        scene.settle();
        texts(&dialog).contains("Block…")
    });
    scene.take_commands();

    let question = choose(&scene, &dialog, "Block…");
    assert!(
        texts(&question).contains("Block tybalt@example.net?"),
        "{}",
        texts(&question)
    );
    assert!(scene.take_commands().is_empty());
    scene.button("Block").emit_clicked();
    scene.settle();
    let block = Command::Block {
        account: scene.account,
        address: "tybalt@example.net".into(),
        report: None,
    };
    assert!(scene.take_commands().contains(&block));
    Scene::block_on(scene.commands.obeys(block)).unwrap();
    until("the way back", || {
        scene.settle();
        texts(&dialog).contains("Unblock") && !texts(&dialog).contains("Block…")
    });
    assert!(texts(&dialog).contains("Blocked"));
    shot(&scene.window, "details-blocked");
    let rows = all::<adw::ButtonRow>(&dialog, |row| row.is_visible() && row.title() == "Unblock");
    rows[0].emit_by_name::<()>("activated", &[]);
    scene.settle();

    let unblock = Command::Unblock {
        account: scene.account,
        address: "tybalt@example.net".into(),
    };
    assert!(scene.take_commands().contains(&unblock));
}

fn a_contact_is_changed_and_removed_from_their_details() {
    let mut scene = people("tybalt@example.net");
    scene.open("Juliet");
    let dialog = open_details(&scene);
    until("that it is a contact", || {
        scene.settle();
        texts(&dialog).contains("Remove from Contacts…")
    });

    let question = choose(&scene, &dialog, "Edit Name and Labels…");
    assert_eq!(field(&question, "Name").text(), "Juliet Capulet");
    assert_eq!(
        field(&question, "Labels, Separated by Commas").text(),
        "Balcony, Verona"
    );
    press(&scene, &["Escape"]);
    until("the details again", || {
        scene.settle();
        scene
            .window
            .visible_dialog()
            .and_downcast::<adw::AlertDialog>()
            .is_none()
    });
    scene.take_commands();
    let question = choose(&scene, &dialog, "Remove from Contacts…");
    assert!(texts(&question).contains("The chat and its messages stay."));
    scene.button("Remove").emit_clicked();
    scene.settle();

    let removal = Command::RemoveContact {
        account: scene.account,
        address: JULIET.into(),
    };
    assert!(scene.take_commands().contains(&removal));
}

fn a13_a_hidden_character_in_an_address_is_shown_as_a_sign() {
    let scene = people("ju\u{200b}liet@example.org");
    scene.open("\u{fffd}");
    let dialog = open_details(&scene);

    until("the sign", || {
        scene.settle();
        texts(&dialog).contains("ju\u{fffd}liet@example.org")
    });
    assert!(!texts(&dialog).contains('\u{200b}'));
}

fn a13_an_address_of_several_alphabets_is_pointed_out() {
    // A Cyrillic letter in the place of the e.
    let scene = people("juli\u{435}t@example.org");
    scene.open("juli\u{435}t");
    let dialog = open_details(&scene);
    shot(&scene.window, "details-mixed");

    assert!(texts(&dialog).contains("mixes letters of several alphabets"));
}

fn a_click_on_the_address_copies_it_and_says_so() {
    let scene = open_juliet();
    let dialog = open_details(&scene);

    let address = all::<gtk::Button>(&dialog, |button| {
        button.tooltip_text().as_deref() == Some("Copy Address")
    });
    address[0].emit_clicked();

    until("the word about it", || {
        scene.settle();
        texts(&dialog).contains("Address copied")
    });
    let clipboard = scene.window.clipboard();
    let text = Scene::block_on(clipboard.read_text_future()).unwrap();
    assert_eq!(text.as_deref(), Some(JULIET));
}

fn a_chat_is_muted_from_its_details() {
    let mut scene = open_juliet();
    let dialog = open_details(&scene);

    let mute = all::<gtk::MenuButton>(&dialog, |_| true).remove(0);
    WidgetExt::activate_action(&mute, "chat.mute", Some(&"always".to_variant())).unwrap();
    for command in scene.take_commands() {
        if matches!(command, Command::Mute { .. }) {
            Scene::block_on(scene.commands.obeys(command)).unwrap();
        }
    }

    until("until when", || {
        scene.settle();
        texts(&dialog).contains("Muted until you turn it on again")
    });
    assert!(texts(&dialog).contains("Unmute"));
}

fn a_chat_is_deleted_from_its_details_after_the_same_question() {
    let mut scene = open_juliet();
    let juliet = scene.open_chat();
    let dialog = open_details(&scene);

    scene.button("Delete Chat…").emit_clicked();
    until("the question", || {
        scene.settle();
        scene.reads("Delete the chat with Juliet Capulet?")
    });
    scene.button("Delete").emit_clicked();

    until("the page without a chat", || {
        scene.settle();
        scene.window.visible_dialog().is_none() && scene.reads("Choose a chat")
    });
    assert!(!dialog.is_mapped());
    assert!(scene.take_commands().contains(&Command::DeleteChat(juliet)));
}

fn details_fit_a_narrow_window_in_large_text() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    settings.set_gtk_xft_dpi(192 * 1024);
    let scene = people("tybalt.prince.of.cats.of.the.house.of.capulet@example.net");
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    scene.open("tybalt");
    let dialog = open_details(&scene);
    scene.settle();
    shot(&scene.window, "details-large-narrow");
    let least = dialog
        .child()
        .unwrap()
        .measure(gtk::Orientation::Horizontal, -1)
        .0;
    settings.set_gtk_xft_dpi(usual);
    assert!(least <= 360, "{least}");
}
