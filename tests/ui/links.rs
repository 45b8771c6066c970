//! `xmpp:` links: what they ask for is shown, and nothing happens before.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};
use stonechat::engine::api::Command;
use stonechat::engine::model::Preferences;
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "a34_a_link_with_a_text_is_shown_and_sends_nothing",
        a34_a_link_with_a_text_is_shown_and_sends_nothing,
    ),
    (
        "a_link_leaves_what_was_begun_where_it_is",
        a_link_leaves_what_was_begun_where_it_is,
    ),
    (
        "a34_a_link_that_is_declined_changes_nothing",
        a34_a_link_that_is_declined_changes_nothing,
    ),
    (
        "a34_what_cannot_be_done_is_said_and_only_closing_is_offered",
        a34_what_cannot_be_done_is_said_and_only_closing_is_offered,
    ),
    (
        "a34_an_invitation_asks_before_somebody_is_added",
        a34_an_invitation_asks_before_somebody_is_added,
    ),
    (
        "a34_an_invitation_of_a_contact_only_opens_the_chat",
        a34_an_invitation_of_a_contact_only_opens_the_chat,
    ),
    (
        "a34_a_link_that_removes_a_contact_asks_and_enter_removes_nobody",
        a34_a_link_that_removes_a_contact_asks_and_enter_removes_nobody,
    ),
    (
        "a34_a_bad_link_is_refused_in_words",
        a34_a_bad_link_is_refused_in_words,
    ),
    (
        "a34_a_long_address_fits_a_narrow_window_and_shows_its_server",
        a34_a_long_address_fits_a_narrow_window_and_shows_its_server,
    ),
    (
        "a34_many_links_are_one_question",
        a34_many_links_are_one_question,
    ),
    (
        "a34_a_link_in_a_message_asks_like_any_other",
        a34_a_link_in_a_message_asks_like_any_other,
    ),
    (
        "a_link_asks_which_account_writes",
        a_link_asks_which_account_writes,
    ),
    (
        "a_link_offers_the_account_that_was_chosen_for_writing",
        a_link_offers_the_account_that_was_chosen_for_writing,
    ),
    (
        "a_link_without_an_account_leads_to_signing_in",
        a_link_without_an_account_leads_to_signing_in,
    ),
];

const WITH_TEXT: &str = "xmpp:tybalt@example.org?message;body=I%20yield.%0ADo%20you%3F";

fn open(scene: &Scene, link: &str) {
    WidgetExt::activate_action(&scene.window, "win.open-link", Some(&link.to_variant())).unwrap();
    scene.settle();
}

fn dialog(scene: &Scene) -> adw::AlertDialog {
    let dialog = scene.window.visible_dialog().expect("a dialog");
    dialog.downcast::<adw::AlertDialog>().expect("a question")
}

/// The words on the buttons of the question.
fn offers(scene: &Scene) -> Vec<String> {
    all::<gtk::Button>(&dialog(scene), |button| button.is_mapped())
        .iter()
        .map(texts)
        .collect()
}

fn header_says(scene: &Scene, name: &str) -> bool {
    scene.settle();
    all::<gtk::Widget>(&scene.window, |button| {
        button.is_mapped() && button.has_css_class("chat-header")
    })
    .iter()
    .any(|button| texts(button).contains(name))
}

fn written(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    let (start, end) = buffer.bounds();
    buffer.text(&start, &end, false).into()
}

fn sends(commands: &[Command]) -> bool {
    commands
        .iter()
        .any(|command| matches!(command, Command::SendText { .. }))
}

fn a34_a_link_with_a_text_is_shown_and_sends_nothing() {
    let (mut scene, _) = verona();
    scene.open("Juliet");
    scene.take_commands();

    open(&scene, WITH_TEXT);
    shot(&scene.window, "link-with-text");
    let shown = texts(&dialog(&scene));
    assert!(shown.contains("Write to tybalt@example.org?"), "{shown}");
    assert!(shown.contains("I yield.\nDo you?"), "{shown}");
    assert_eq!(written(&scene), "");
    scene.button("Write").emit_clicked();

    until("the chat", || header_says(&scene, "tybalt@example.org"));
    until("the text", || {
        scene.settle();
        written(&scene) == "I yield.\nDo you?"
    });
    assert!(!sends(&scene.take_commands()));
}

/// Also when the draft is still on its way from the store.
fn a_link_leaves_what_was_begun_where_it_is() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = testing::conversation(tx, account, "tybalt@example.org", now());
        testing::draft(tx, chat, "But first: ");
    });

    open(&scene, WITH_TEXT);
    scene.button("Write").emit_clicked();

    until("both texts", || {
        scene.settle();
        header_says(&scene, "tybalt@example.org")
            && written(&scene) == "But first: I yield.\nDo you?"
    });
}

fn a34_a_link_that_is_declined_changes_nothing() {
    let (mut scene, _) = verona();
    scene.open("Juliet");
    let chats = scene.lines().len();
    scene.take_commands();

    open(&scene, WITH_TEXT);
    scene.button("Cancel").emit_clicked();
    scene.settle();

    assert!(scene.window.visible_dialog().is_none());
    assert!(header_says(&scene, "Juliet"));
    assert_eq!(written(&scene), "");
    assert_eq!(scene.lines().len(), chats);
    assert!(!sends(&scene.take_commands()));
}

fn a34_what_cannot_be_done_is_said_and_only_closing_is_offered() {
    let (mut scene, _) = verona();
    scene.take_commands();
    for (query, words) in [
        ("join;password=x", "asks to enter a group"),
        ("register;preauth=token", "asks to make an account"),
        ("pubsub;action=subscribe", "“pubsub”"),
    ] {
        open(&scene, &format!("xmpp:tybalt@example.org?{query}"));

        let shown = texts(&dialog(&scene));
        assert!(shown.contains(words), "{shown}");
        assert!(shown.contains("Stonechat cannot do that yet."), "{shown}");
        assert_eq!(offers(&scene), ["Close"]);
        scene.button("Close").emit_clicked();
        scene.settle();
    }

    for query in ["remove", "unsubscribe"] {
        open(&scene, &format!("xmpp:tybalt@example.org?{query}"));
        until_asked(&scene);

        let shown = texts(&dialog(&scene));
        assert!(shown.contains("is not among your contacts."), "{shown}");
        assert_eq!(offers(&scene), ["Close"]);
        scene.button("Close").emit_clicked();
        scene.settle();
    }
    assert!(scene.take_commands().is_empty());
}

fn until_asked(scene: &Scene) {
    until("the question", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
}

const INVITATION: &str = "xmpp:tybalt@example.org?roster;preauth=t0ken;name=Tybalt%0A%E2%80%AEI";

fn a34_an_invitation_asks_before_somebody_is_added() {
    let (mut scene, _) = verona();
    scene.take_commands();

    open(&scene, INVITATION);
    until_asked(&scene);

    let shown = texts(&dialog(&scene));
    assert!(shown.contains("tybalt@example.org is asked"), "{shown}");
    assert!(shown.contains("you have an invitation"), "{shown}");
    shot(&scene.window, "link-invitation");
    assert!(
        scene.take_commands().is_empty(),
        "nothing before the answer"
    );
    let name = all::<adw::EntryRow>(&dialog(&scene), |row| row.title() == "Name").remove(0);
    assert_eq!(name.text(), "Tybalt I");
    press(&scene, &["Return"]);
    until("the chat", || header_says(&scene, "tybalt@example.org"));

    let put = Command::PutContact {
        account: scene.account,
        address: "tybalt@example.org".into(),
        name: "Tybalt I".into(),
        labels: Vec::new(),
        token: "t0ken".into(),
        lets_see: true,
    };
    assert!(scene.take_commands().contains(&put));
}

fn a34_an_invitation_of_a_contact_only_opens_the_chat() {
    let (scene, _) = verona();

    open(&scene, &format!("xmpp:{JULIET}?roster;preauth=t0ken"));
    until_asked(&scene);

    let shown = texts(&dialog(&scene));
    assert!(shown.contains("Write to juliet@example.org?"), "{shown}");
}

fn a34_a_link_that_removes_a_contact_asks_and_enter_removes_nobody() {
    let (mut scene, _) = verona();
    scene.take_commands();
    open(&scene, &format!("xmpp:{JULIET}?remove"));
    until_asked(&scene);
    let shown = texts(&dialog(&scene));
    assert!(shown.contains("from your contacts?"), "{shown}");
    assert!(
        shown.contains("A link asks to remove juliet@example.org."),
        "{shown}"
    );
    shot(&scene.window, "link-remove");

    press(&scene, &["Return"]);
    until("the end of the question", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
    let removal = Command::RemoveContact {
        account: scene.account,
        address: JULIET.into(),
    };
    assert!(!scene.take_commands().contains(&removal));

    open(&scene, &format!("xmpp:{JULIET}?remove"));
    until_asked(&scene);
    scene.button("Remove").emit_clicked();
    scene.settle();
    assert!(scene.take_commands().contains(&removal));
}

fn a34_a_bad_link_is_refused_in_words() {
    let (scene, _) = verona();
    let long = format!(
        "xmpp:tybalt@example.org?message;body={}",
        "a".repeat(100_000)
    );
    for link in [
        long.as_str(),
        "xmpp:",
        "xmpp:%ff@example.org",
        "xmpp:%E2%80%AEtlabyt@example.org",
        "xmpp:tybalt@example.org?message;body=%zz",
        "xmpp:tybalt@example.org?omemo-sid-1=05ab",
    ] {
        open(&scene, link);

        let shown = texts(&dialog(&scene));
        assert!(shown.contains("This link cannot be opened"), "{shown}");
        assert_eq!(offers(&scene), ["Close"]);
    }
    shot(&scene.window, "link-refused");
}

fn a34_a_long_address_fits_a_narrow_window_and_shows_its_server() {
    let (scene, _) = verona();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();

    let name = "tybalt".repeat(100);
    open(
        &scene,
        &format!("xmpp:{name}@example.org?message;body={name}"),
    );
    shot(&scene.window, "link-long");

    let dialog = dialog(&scene);
    assert!(texts(&dialog).contains("@example.org?"));
    let least = dialog
        .child()
        .unwrap()
        .measure(gtk::Orientation::Horizontal, -1)
        .0;
    assert!(least <= 360, "{least}");
}

fn a34_many_links_are_one_question() {
    let (scene, _) = verona();

    for number in 0..20 {
        open(&scene, &format!("xmpp:tybalt{number}@example.org"));
    }

    assert!(texts(&dialog(&scene)).contains("tybalt19@example.org"));
    scene.button("Cancel").emit_clicked();
    scene.settle();
    assert!(scene.window.visible_dialog().is_none());
}

fn a34_a_link_in_a_message_asks_like_any_other() {
    let (scene, chats) = verona();
    let text = format!("Ask {WITH_TEXT}");
    let message = NewMessage::incoming(Scene::chat(chats.juliet), now(), &text);
    Scene::block_on(scene.commands.message(message)).unwrap();
    scene.open("Juliet");
    let label = all::<gtk::Label>(&scene.history(), |label| {
        label.is_mapped() && label.text().contains("tybalt")
    })
    .remove(0);

    label.emit_by_name::<bool>("activate-link", &[&WITH_TEXT]);

    until("the question", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    assert!(texts(&dialog(&scene)).contains("Write to tybalt@example.org?"));
    assert!(header_says(&scene, "Juliet"));
}

fn a_link_asks_which_account_writes() {
    let scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
        testing::account(tx, "montague@example.net");
    });

    open(&scene, &format!("xmpp:{JULIET}"));
    let row = all::<adw::ComboRow>(&dialog(&scene), |_| true).remove(0);
    row.set_selected(1);
    scene.settle();
    shot(&scene.window, "link-from");
    scene.button("Write").emit_clicked();

    until("the chat", || header_says(&scene, JULIET));
    let engine = scene.engine.clone();
    let chats = Scene::block_on(async move { engine.conversations().await }).unwrap();
    assert_eq!(chats[0].account.0, 2);
}

fn a_link_offers_the_account_that_was_chosen_for_writing() {
    let scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
        let account = testing::account(tx, "montague@example.net");
        let wanted = Preferences {
            write_from: Some(account),
            ..Preferences::default()
        };
        testing::preferences(tx, &wanted);
    });

    open(&scene, &format!("xmpp:{JULIET}"));

    let row = all::<adw::ComboRow>(&dialog(&scene), |_| true).remove(0);
    assert_eq!(row.selected(), 1);
}

fn a_link_without_an_account_leads_to_signing_in() {
    let scene = Scene::launch(|_| {});

    open(&scene, WITH_TEXT);

    assert!(scene.window.visible_dialog().is_none());
    assert!(scene.reads("Sign in first."));
    assert!(scene.button("Sign In").is_mapped());
}
