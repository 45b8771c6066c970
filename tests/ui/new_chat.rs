//! One field for names, addresses, links and invitations, by keyboard.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::api::Command;
use stonechat::engine::model::ConnectionState;

use crate::Test;
use crate::keyboard::press;
use crate::scene::{JULIET, Scene, texts, verona};
use crate::support::{all, shot, until};
use crate::window::assert_all_named;

pub const TESTS: &[Test] = &[
    (
        "each_line_of_a_new_chat_says_what_enter_does",
        each_line_of_a_new_chat_says_what_enter_does,
    ),
    (
        "a_typed_address_is_added_after_a_question",
        a_typed_address_is_added_after_a_question,
    ),
    (
        "a34_a_pasted_link_is_read_and_does_nothing_by_itself",
        a34_a_pasted_link_is_read_and_does_nothing_by_itself,
    ),
    (
        "contacts_are_not_added_while_offline",
        contacts_are_not_added_while_offline,
    ),
    (
        "what_cannot_be_done_with_a_link_is_said",
        what_cannot_be_done_with_a_link_is_said,
    ),
];

fn new_chat(scene: &Scene) -> (adw::Dialog, gtk::SearchEntry) {
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    ActionGroupExt::activate_action(&scene.window, "new-chat", None);
    until("the people", || {
        scene.settle();
        let dialog = scene.window.visible_dialog();
        dialog.is_some_and(|dialog| texts(&dialog).contains("Rosaline"))
    });
    let dialog = scene.window.visible_dialog().unwrap();
    let search = all::<gtk::SearchEntry>(&dialog, |_| true).remove(0);
    (dialog, search)
}

fn lines(dialog: &adw::Dialog) -> Vec<String> {
    all::<gtk::ListBoxRow>(dialog, |row| row.is_mapped())
        .iter()
        .map(texts)
        .collect()
}

fn types(scene: &Scene, search: &gtk::SearchEntry, text: &str) {
    search.set_text(text);
    scene.settle();
}

fn question(scene: &Scene) -> adw::AlertDialog {
    until("the question", || {
        scene.settle();
        let dialog = scene.window.visible_dialog();
        dialog.and_downcast::<adw::AlertDialog>().is_some()
    });
    scene.window.visible_dialog().and_downcast().unwrap()
}

fn each_line_of_a_new_chat_says_what_enter_does() {
    let (scene, _) = verona();
    let (dialog, search) = new_chat(&scene);

    types(&scene, &search, "ros");
    let found = lines(&dialog);
    assert!(found[0].ends_with("Write"), "{found:?}");
    types(&scene, &search, "julie");
    let found = lines(&dialog);
    assert!(found[0].ends_with("Open"), "{found:?}");
    types(&scene, &search, "tybalt@example.net");

    let found = lines(&dialog);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("Write to tybalt@example.net") && found[0].ends_with("Write"),
        "{found:?}"
    );
    assert!(
        found[1].contains("Add tybalt@example.net to your contacts") && found[1].ends_with("Add…"),
        "{found:?}"
    );
    shot(&scene.window, "new-chat-address");
    assert_all_named(&dialog, 4);
    // The arrows walk the lines while the keyboard stays in the field.
    let list = all::<gtk::ListBox>(&dialog, |_| true).remove(0);
    press(&scene, &["Down"]);
    assert_eq!(list.selected_row().map(|row| row.index()), Some(1));
    press(&scene, &["Down"]);
    assert_eq!(list.selected_row().map(|row| row.index()), Some(0));
}

fn a_typed_address_is_added_after_a_question() {
    let (mut scene, _) = verona();
    let (_, search) = new_chat(&scene);
    types(&scene, &search, "tybalt@example.net");
    scene.take_commands();

    press(&scene, &["Down", "Return"]);
    let asked = question(&scene);
    assert!(texts(&asked).contains("tybalt@example.net is asked"));
    assert!(scene.take_commands().is_empty());
    let switch = all::<adw::SwitchRow>(&asked, |_| true).remove(0);
    assert!(switch.is_active());
    switch.set_active(false);
    shot(&scene.window, "new-chat-add");
    scene.button("Add").emit_clicked();

    until("the chat", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
            && scene
                .lines()
                .iter()
                .any(|line| line.contains("tybalt@example.net"))
    });
    let put = Command::PutContact {
        account: scene.account,
        address: "tybalt@example.net".into(),
        name: String::new(),
        labels: Vec::new(),
        token: String::new(),
        lets_see: false,
    };
    assert!(scene.take_commands().contains(&put));
}

fn a34_a_pasted_link_is_read_and_does_nothing_by_itself() {
    let (mut scene, _) = verona();
    let (dialog, search) = new_chat(&scene);
    scene.take_commands();

    types(
        &scene,
        &search,
        "xmpp:tybalt@example.net?roster;preauth=t0ken;name=Your%20bank",
    );
    let found = lines(&dialog);
    assert!(
        found[0].contains("Add tybalt@example.net to your contacts"),
        "{found:?}"
    );
    // What the link says of itself is in no sentence.
    assert!(!texts(&dialog).contains("bank"), "{found:?}");
    shot(&scene.window, "new-chat-invitation");
    types(&scene, &search, &format!("xmpp:{JULIET}?remove"));
    let found = lines(&dialog);
    assert!(found[0].ends_with("Remove…"), "{found:?}");
    press(&scene, &["Return"]);
    let asked = question(&scene);
    assert!(texts(&asked).contains("from your contacts?"));
    press(&scene, &["Escape"]);
    until("the field again", || {
        scene.settle();
        scene.window.visible_dialog().as_ref() == Some(&dialog)
    });
    types(
        &scene,
        &search,
        "xmpp:tybalt@example.net?message;body=I%20yield.",
    );
    press(&scene, &["Return"]);

    until("the text where one writes", || {
        scene.settle();
        let buffer = scene.composer().buffer();
        let (start, end) = buffer.bounds();
        buffer.text(&start, &end, false) == "I yield."
    });
    let commands = scene.take_commands();
    let is_harmless = |command: &Command| {
        !matches!(
            command,
            Command::SendText { .. } | Command::PutContact { .. } | Command::RemoveContact { .. }
        )
    };
    assert!(commands.iter().all(is_harmless), "{commands:?}");
}

fn contacts_are_not_added_while_offline() {
    let (scene, _) = verona();
    let (dialog, search) = new_chat(&scene);
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Offline);

    types(&scene, &search, "tybalt@example.net");
    let found = lines(&dialog);
    assert!(
        found[1].contains("To change your contacts, be online."),
        "{found:?}"
    );
    press(&scene, &["Down", "Return"]);
    scene.settle();

    assert_eq!(scene.window.visible_dialog(), Some(dialog));
}

fn what_cannot_be_done_with_a_link_is_said() {
    let (scene, _) = verona();
    let (dialog, search) = new_chat(&scene);

    for (typed, words) in [
        (
            "xmpp:verona@rooms.example.org?join",
            "asks to enter a group",
        ),
        (
            "xmpp:example.org?register;preauth=t0ken",
            "adds nobody to your contacts",
        ),
        ("https://example.org/invite/#t0ken", "This is a web page"),
        ("xmpp:%zz", "This link cannot be opened"),
        ("queen mab", "Write the whole address"),
    ] {
        types(&scene, &search, typed);

        let shown = texts(&dialog);
        assert!(shown.contains(words), "{typed}: {shown}");
        assert!(lines(&dialog).is_empty());
        press(&scene, &["Return"]);
        assert_eq!(scene.window.visible_dialog(), Some(dialog.clone()));
    }
    shot(&scene.window, "new-chat-nothing");
}
