//! Several accounts at once: whose a chat is shows wherever it matters.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::api::Command;
use stonechat::engine::model::{
    AccountEdit, AccountId, ConnectionProblem, ConnectionState, Delivery, Preferences, Setting,
};
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::preferences::preferences;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    ("one_account_needs_no_mark", one_account_needs_no_mark),
    (
        "several_accounts_mark_their_chats_in_list_and_header",
        several_accounts_mark_their_chats_in_list_and_header,
    ),
    ("a_new_label_shows_at_once", a_new_label_shows_at_once),
    (
        "a_new_chat_begins_with_the_chosen_account",
        a_new_chat_begins_with_the_chosen_account,
    ),
    (
        "the_account_for_new_chats_is_chosen_in_the_preferences",
        the_account_for_new_chats_is_chosen_in_the_preferences,
    ),
    (
        "the_banner_names_the_account_by_its_label",
        the_banner_names_the_account_by_its_label,
    ),
];

const THEATRE: &str = "romeo@players.example";

/// Two accounts that both know Juliet; the second is called and coloured.
fn two_accounts(write_from: Option<i64>) -> Scene {
    let scene = Scene::launch(|tx| {
        for (address, body) in [
            (ROMEO, "The nurse is asleep."),
            (THEATRE, "Act two, please"),
        ] {
            let account = testing::account(tx, address);
            testing::contact(tx, account, JULIET, "Juliet Capulet");
            testing::contact(tx, account, "rosaline@example.org", "Rosaline");
            let time = now() - 60_000 * account.0;
            let chat = testing::conversation(tx, account, JULIET, time);
            testing::message(tx, &NewMessage::outgoing(chat, time, body, Delivery::Sent));
        }
        testing::account_look(tx, AccountId(2), "Theatre", 8);
        testing::preferences(
            tx,
            &Preferences {
                write_from: write_from.map(AccountId),
                ..Preferences::default()
            },
        );
    });
    for account in [1, 2] {
        scene
            .commands
            .set_connection(AccountId(account), ConnectionState::Online);
    }
    scene.settle();
    scene
}

fn marks(root: &impl IsA<gtk::Widget>) -> Vec<String> {
    all::<gtk::Box>(root, |mark| {
        mark.has_css_class("account-mark") && mark.is_mapped()
    })
    .iter()
    .map(texts)
    .collect()
}

fn one_account_needs_no_mark() {
    let (scene, _) = verona();
    scene.open("Juliet");

    assert_eq!(marks(&scene.window), Vec::<String>::new());
}

fn several_accounts_mark_their_chats_in_list_and_header() {
    let scene = two_accounts(None);
    assert_eq!(marks(&scene.chat_list()), [ROMEO, "Theatre"]);
    let purple = all::<gtk::Widget>(&scene.chat_list(), |dot| {
        dot.has_css_class("account-8") && dot.is_mapped()
    });
    assert_eq!(purple.len(), 1);

    scene.open("Act two");
    shot(&scene.window, "two-accounts");

    let header = all::<gtk::Widget>(&scene.window, |widget| widget.has_css_class("chat-header"));
    assert_eq!(marks(&header[0]), ["Theatre"]);
}

fn a_new_label_shows_at_once() {
    let scene = two_accounts(None);
    let edit = Command::EditAccount {
        account: AccountId(1),
        edit: AccountEdit {
            label: "Home".to_owned(),
            colour: 3,
            ..AccountEdit::default()
        },
    };

    Scene::block_on(scene.commands.obeys(edit)).unwrap();

    until("the new label", || {
        scene.settle();
        marks(&scene.chat_list()) == ["Home", "Theatre"]
    });
}

fn a_new_chat_begins_with_the_chosen_account() {
    let scene = two_accounts(Some(2));
    ActionGroupExt::activate_action(&scene.window, "new-chat", None);
    scene.settle();
    let dialog = scene.window.visible_dialog().unwrap();
    let search = all::<gtk::SearchEntry>(&dialog, |_| true).remove(0);
    search.set_text("ros");
    until("the contact", || {
        scene.settle();
        texts(&dialog).contains("Rosaline")
    });
    shot(&scene.window, "new-chat-two-accounts");
    let lines: Vec<String> = all::<gtk::ListBoxRow>(&dialog, |row| row.is_mapped())
        .iter()
        .map(texts)
        .collect();
    assert!(lines[0].contains("from Theatre"), "{lines:?}");
    assert!(lines[1].contains(&format!("from {ROMEO}")), "{lines:?}");

    search.emit_by_name::<()>("activate", &[]);

    until("the chat", || {
        scene.settle();
        let chats = Scene::block_on({
            let engine = scene.engine.clone();
            async move { engine.conversations().await }
        });
        chats
            .unwrap()
            .iter()
            .any(|chat| chat.name == "Rosaline" && chat.account == AccountId(2))
    });
}

fn the_account_for_new_chats_is_chosen_in_the_preferences() {
    let mut scene = two_accounts(None);
    let dialog = preferences(&scene);
    shot(&scene.window, "preferences-two-accounts");
    scene.take_commands();
    let row = all::<adw::ComboRow>(&dialog, |row| row.title() == "Write From").remove(0);
    assert_eq!(row.selected(), 0);

    row.set_selected(1);

    let commands = scene.take_commands();
    let wanted = Command::Set(vec![Setting::WriteFrom(AccountId(2))]);
    assert_eq!(commands, [wanted]);
}

fn the_banner_names_the_account_by_its_label() {
    let scene = two_accounts(None);

    scene.commands.set_connection(
        AccountId(2),
        ConnectionState::Waiting {
            problem: ConnectionProblem::ConnectionLost,
            retry_at: 0,
        },
    );

    until("the banner", || {
        scene.settle();
        scene.reads("Theatre: Offline.")
    });
}
