//! Strangers, readers and blocked people, as a person sees them.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Delivery, ReportReason};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::assert_named;

pub const TESTS: &[Test] = &[
    (
        "strangers_are_one_quiet_row_and_a_page_of_cards",
        strangers_are_one_quiet_row_and_a_page_of_cards,
    ),
    (
        "a_stranger_is_accepted_and_their_chat_opens",
        a_stranger_is_accepted_and_their_chat_opens,
    ),
    (
        "declining_all_can_be_undone_and_sends_nothing_before",
        declining_all_can_be_undone_and_sends_nothing_before,
    ),
    (
        "block_and_report_says_what_it_does",
        block_and_report_says_what_it_does,
    ),
    (
        "who_is_blocked_stands_in_the_preferences",
        who_is_blocked_stands_in_the_preferences,
    ),
    (
        "a_contact_who_asks_is_answered_in_their_chat",
        a_contact_who_asks_is_answered_in_their_chat,
    ),
    (
        "a_face_stands_under_the_last_message_that_was_read",
        a_face_stands_under_the_last_message_that_was_read,
    ),
    (
        "closing_the_window_asks_once_and_then_hides_it",
        closing_the_window_asks_once_and_then_hides_it,
    ),
];

const MINUTE: i64 = 60_000;

/// Juliet's chat, and people who are not known.
fn with_strangers() -> Scene {
    Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let now = now();
        let juliet = testing::conversation(tx, account, JULIET, now);
        testing::message(tx, &NewMessage::incoming(juliet, now, "Good night."));
        for (place, (address, words)) in [
            (
                "tybalt@capulet.example",
                "Turn thee, <b>Benvolio</b> sent me your address. May I ask about Sunday?",
            ),
            ("paris@court.example", ""),
        ]
        .into_iter()
        .enumerate()
        {
            let time = now - (10 + place as i64) * MINUTE;
            testing::request(tx, account, address, time, words);
        }
        for n in 0..200 {
            let address = format!("bot{n}@strangers.example");
            testing::request(tx, account, &address, now - 60 * MINUTE, "Buy potions");
        }
    })
}

fn open_requests(scene: &Scene) {
    let place = scene
        .lines()
        .iter()
        .position(|line| line.contains("Requests"))
        .expect("the row of requests");
    scene
        .chat_list()
        .emit_by_name::<()>("activate", &[&u32::try_from(place).unwrap()]);
    until("the page of requests", || !cards(scene).is_empty());
    scene.settle();
}

fn cards(scene: &Scene) -> Vec<gtk::ListBoxRow> {
    all(&scene.window, |row: &gtk::ListBoxRow| {
        row.has_css_class("request") && row.is_mapped()
    })
}

fn button_in(card: &gtk::ListBoxRow, label: &str) -> gtk::Button {
    all(card, |button: &gtk::Button| {
        button.label().as_deref() == Some(label)
    })
    .remove(0)
}

fn strangers_are_one_quiet_row_and_a_page_of_cards() {
    let mut scene = with_strangers();
    let lines = scene.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[1].starts_with("Requests") && lines[1].contains("202"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("tybalt@capulet.example, paris@court.example and 200 others"),
        "{lines:?}"
    );

    open_requests(&scene);

    let cards = cards(&scene);
    assert_eq!(cards.len(), 3, "one for each person, one for the flood");
    // As it was typed: no markup, no link.
    assert!(
        texts(&cards[0]).contains("<b>Benvolio</b>"),
        "{}",
        texts(&cards[0])
    );
    assert!(texts(&cards[1]).contains("Wants to become a contact."));
    assert!(texts(&cards[2]).contains("200 people from strangers.example"));
    assert!(texts(&cards[2]).contains("Buy potions"));
    assert!(
        scene.take_commands().is_empty(),
        "looking at it tells nobody anything"
    );
    shot(&scene.window, "requests");
    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "requests-dark");
    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::Default);
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    shot(&scene.window, "requests-narrow");
}

fn a_stranger_is_accepted_and_their_chat_opens() {
    let mut scene = with_strangers();
    open_requests(&scene);
    let tybalt = ConversationId(2);
    scene.take_commands();

    button_in(&cards(&scene)[0], "Accept").emit_clicked();

    scene.settle();
    let accepted = Command::AcceptRequest(tybalt);
    assert!(scene.take_commands().contains(&accepted));
    Scene::block_on(scene.commands.obeys(accepted)).unwrap();
    until("Tybalt's chat", || {
        scene.settle();
        scene
            .history_if_any()
            .is_some_and(|history| history.is_mapped())
    });
    assert!(scene.reads("tybalt@capulet.example"));
}

fn declining_all_can_be_undone_and_sends_nothing_before() {
    let mut scene = with_strangers();
    open_requests(&scene);

    scene.button("Decline All").emit_clicked();
    until("an empty page", || cards(&scene).is_empty());
    until("the way back", || scene.reads("202 requests declined."));
    assert!(scene.take_commands().is_empty());
    scene.button("Undo").emit_clicked();

    until("the cards", || cards(&scene).len() == 3);
    assert!(scene.take_commands().is_empty());
    // Not thought better of: the notice goes, and then they are declined.
    button_in(&cards(&scene)[1], "Decline").emit_clicked();
    until("the notice", || scene.reads("1 request declined."));
    let toasts = all::<adw::ToastOverlay>(&scene.window, |_| true).remove(0);
    toasts.dismiss_all();
    let mut taken = Vec::new();
    for _ in 0..50 {
        taken.extend(scene.take_commands());
    }
    assert_eq!(taken, [Command::DeclineRequests(vec![ConversationId(3)])]);
}

fn dialog(scene: &Scene) -> adw::AlertDialog {
    until("the question", || scene.window.visible_dialog().is_some());
    scene.settle();
    let dialog = scene.window.visible_dialog().unwrap();
    dialog.downcast().unwrap()
}

fn block_and_report_says_what_it_does() {
    let mut scene = with_strangers();
    open_requests(&scene);
    scene.take_commands();

    button_in(&cards(&scene)[0], "Block and Report…").emit_clicked();

    let question = dialog(&scene);
    assert_eq!(
        question.heading().as_deref(),
        Some("Block tybalt@capulet.example?")
    );
    assert!(question.body().contains("They are not told."));
    shot(&scene.window, "block");
    assert_eq!(question.default_response().as_deref(), Some("cancel"));
    let choices = all::<gtk::CheckButton>(&question, |choice| choice.is_mapped());
    assert!(choices[1].is_active(), "spam is what the button said");
    assert!(texts(&choices[3]).contains("Block everybody at capulet.example"));
    choices[3].set_active(true);
    scene.button("Block").emit_clicked();
    until("the end of the question", || {
        scene.window.visible_dialog().is_none()
    });

    assert_eq!(
        scene.take_commands(),
        [Command::Block {
            account: scene.account,
            address: "capulet.example".to_owned(),
            report: Some(ReportReason::Spam),
        }]
    );
}

fn who_is_blocked_stands_in_the_preferences() {
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::conversation(tx, account, JULIET, now());
        testing::blocked(tx, account, "tybalt@capulet.example");
        testing::blocked(tx, account, "strangers.example");
    });
    WidgetExt::activate_action(&scene.window, "win.preferences", None).unwrap();
    until("the preferences", || {
        scene.window.visible_dialog().is_some()
    });
    scene.settle();
    let preferences = scene.window.visible_dialog().unwrap();
    let pages = all::<gtk::ListBoxRow>(&preferences, |row| texts(row) == "Privacy");
    pages[0].emit_activate();
    scene.settle();
    let list = all::<adw::ExpanderRow>(&preferences, |row| {
        row.title() == "Blocked People and Servers"
    })
    .remove(0);
    assert_eq!(list.subtitle(), "2");
    list.set_expanded(true);
    scene.settle();
    shot(&scene.window, "blocked");
    scene.take_commands();

    let unblock = all::<gtk::Button>(&list, |button| {
        button.is_mapped() && texts(button) == "Unblock"
    });
    unblock[0].emit_clicked();

    let unblocked = Command::Unblock {
        account: scene.account,
        address: "strangers.example".to_owned(),
    };
    assert_eq!(scene.take_commands(), std::slice::from_ref(&unblocked));
    Scene::block_on(scene.commands.obeys(unblocked)).unwrap();
    until("the shorter list", || {
        scene.settle();
        list.subtitle() == "1"
    });
}

fn a_face_stands_under_the_last_message_that_was_read() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let now = now();
        let juliet = testing::conversation(tx, account, JULIET, now);
        let own = |minutes, words, delivery| {
            NewMessage::outgoing(juliet, now - minutes * MINUTE, words, delivery)
        };
        testing::message(tx, &own(9, "But soft!", Delivery::Displayed));
        let read = testing::message(tx, &own(8, "What light?", Delivery::Displayed));
        testing::message(tx, &own(7, "It is the east.", Delivery::Delivered));
        testing::reader(tx, JULIET, read);
    });
    scene.open("Juliet");
    let faces = |scene: &Scene| -> Vec<String> {
        let history = scene.history();
        history
            .live_rows()
            .filter_map(|index| history.row(index))
            .map(|row| row.downcast::<MessageRow>().unwrap())
            .filter(|row| {
                !all::<adw::Avatar>(row, |face| face.has_css_class("face") && face.is_mapped())
                    .is_empty()
            })
            .map(|row| texts(&row))
            .collect()
    };
    until("the face", || faces(&scene).len() == 1);
    assert!(
        faces(&scene)[0].contains("What light?"),
        "{:?}",
        faces(&scene)
    );
    let line = all::<gtk::Box>(&scene.window, |line| {
        line.has_css_class("faces") && line.is_mapped()
    });
    assert_eq!(
        line[0].tooltip_text().as_deref(),
        Some("Read up to here by Juliet Capulet")
    );
    shot(&scene.window, "read-face");

    // What Juliet writes is below what Juliet has not seen: the face stays.
    let chat = scene.open_chat();
    let answer = NewMessage::incoming(chat, now(), "And Juliet is the sun.");
    Scene::block_on(scene.commands.message(answer)).unwrap();
    until("the answer", || scene.reads("And Juliet is the sun."));
    scene.settle();
    assert!(
        faces(&scene)[0].contains("What light?"),
        "{:?}",
        faces(&scene)
    );
}

fn closing_the_window_asks_once_and_then_hides_it() {
    let mut scene = with_strangers();
    scene.take_commands();

    scene.window.close();
    let question = dialog(&scene);
    shot(&scene.window, "keep-running");
    assert!(question.body().contains("preferences"));
    scene.button("Keep Running").emit_clicked();
    until("the hidden window", || !scene.window.is_visible());

    WidgetExt::activate_action(&scene.window, "win.show", None).unwrap();
    until("the window again", || scene.window.is_mapped());
    scene.window.close();
    until("the window hidden at once", || !scene.window.is_visible());
}

fn a_contact_who_asks_is_answered_in_their_chat() {
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let juliet = testing::conversation(tx, account, JULIET, now());
        testing::message(tx, &NewMessage::incoming(juliet, now(), "Good night."));
        testing::request(tx, account, JULIET, now(), "");
    });
    // Her name also stands in the row of requests.
    scene.open("Good night");
    until("the question", || {
        scene.settle();
        scene.reads("Juliet Capulet asks to see when you are around.")
    });
    assert_named(&scene.window);
    shot(&scene.window, "asks-for-presence");
    scene.take_commands();
    let chat = ConversationId(1);

    scene.button("Decline").emit_clicked();
    scene.settle();
    let declined = Command::DeclineRequests(vec![chat]);
    assert!(scene.take_commands().contains(&declined));
    scene.button("Allow").emit_clicked();
    scene.settle();

    let allowed = Command::AcceptRequest(chat);
    assert!(scene.take_commands().contains(&allowed));
    Scene::block_on(scene.commands.obeys(allowed)).unwrap();
    until("no question", || {
        scene.settle();
        !scene.reads("Juliet Capulet asks to see when you are around.")
    });
}
