//! What this version cannot do: its rows in a chat, and its words in the list.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::model::{CannotRead, Delivery, MessageKind};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::timeline::history_view::Place;
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "what_cannot_be_done_yet_is_said_in_the_chat",
        what_cannot_be_done_yet_is_said_in_the_chat,
    ),
    ("the_list_says_what_came_last", the_list_says_what_came_last),
    (
        "a_file_is_opened_by_a_button_with_a_name",
        a_file_is_opened_by_a_button_with_a_name,
    ),
    (
        "a16_a51_the_words_of_others_are_no_links_beside_ours",
        a16_a51_the_words_of_others_are_no_links_beside_ours,
    ),
    (
        "a_row_that_was_a_notice_becomes_a_text_again",
        a_row_that_was_a_notice_becomes_a_text_again,
    ),
    (
        "the_button_of_a_file_is_reached_by_keyboard",
        the_button_of_a_file_is_reached_by_keyboard,
    ),
    (
        "what_cannot_be_done_yet_fits_in_large_text",
        what_cannot_be_done_yet_fits_in_large_text,
    ),
    (
        "what_cannot_be_done_yet_fits_everywhere",
        what_cannot_be_done_yet_fits_everywhere,
    ),
];

const FILE: &str = "https://upload.example.org/8f/sonnets%20of%20verona.pdf";

fn file() -> MessageKind {
    MessageKind::File { url: FILE.into() }
}

fn invitation(inviter: &str) -> MessageKind {
    MessageKind::GroupInvitation {
        address: "ball@rooms.example.org".into(),
        inviter: inviter.into(),
    }
}

fn unreadable() -> MessageKind {
    let why = CannotRead::OtherMethod;
    MessageKind::Unreadable { why }
}

/// A chat with one message of each kind.
fn not_yet() -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let start = now() - 60 * 60_000;
        let juliet = testing::conversation(tx, account, JULIET, start);
        let received = |body: &str| NewMessage::incoming(juliet, start, body);
        let sent = |body: &str| NewMessage::outgoing(juliet, start, body, Delivery::Displayed);
        for (minute, message) in [
            received("I will send the sonnets"),
            received(FILE).of_kind(file()),
            sent("").of_kind(unreadable()),
            received("").of_kind(unreadable()),
            received("").of_kind(MessageKind::EncryptedFile),
            sent(FILE).of_kind(file()),
            received("Masks required: https://example.org/masks").of_kind(invitation("")),
            received("").of_kind(invitation("tybalt@example.org")),
            received("").of_kind(MessageKind::TooLarge { bytes: 5_100_000 }),
            received("").of_kind(MessageKind::MissedCall),
        ]
        .into_iter()
        .enumerate()
        {
            let time = start + i64::try_from(minute).unwrap() * 60_000;
            let id = testing::message(tx, &NewMessage { time, ..message });
            testing::read_up_to(tx, juliet, id);
        }
    });
    scene.open("Juliet");
    scene
}

fn what_cannot_be_done_yet_is_said_in_the_chat() {
    let scene = not_yet();
    let said = scene.messages().join("\n");

    for words in [
        "This message cannot be read It uses another kind of encryption than Stonechat’s. Nothing was answered.",
        "You wrote it on another device, with another kind of encryption than Stonechat’s.",
        "Encrypted file Stonechat cannot open encrypted files yet. Your other devices may.",
        "sonnets of verona.pdf upload.example.org Open",
        "Juliet Capulet invites you to the group ball@rooms.example.org. Groups come in a later version.",
        "The group ball@rooms.example.org invites you, and says that tybalt@example.org asked for it.",
        "Message too large A message of 5.1",
        "Missed call Juliet Capulet called. Stonechat cannot take calls yet.",
        "“Masks required: https://example.org/masks”",
    ] {
        let plain = said.replace('\u{a0}', " ");
        assert!(plain.contains(words), "{words}\n{plain}");
    }
}

fn the_list_says_what_came_last() {
    let scene = not_yet();
    let chat = scene.open_chat();
    for (kind, words) in [
        (unreadable(), "Encrypted message"),
        (MessageKind::EncryptedFile, "Encrypted file"),
        (file(), "File: sonnets of verona.pdf"),
        (invitation(""), "Invitation to a group"),
        (MessageKind::TooLarge { bytes: 1 }, "Message too large"),
        (MessageKind::MissedCall, "Missed call"),
    ] {
        let message = NewMessage::incoming(chat, now(), "").of_kind(kind);
        Scene::block_on(scene.commands.message(message)).unwrap();
        scene.settle();

        assert!(scene.lines()[0].contains(words), "{:?}", scene.lines());
    }
}

fn a_file_is_opened_by_a_button_with_a_name() {
    let scene = not_yet();
    let buttons = all::<gtk::Button>(&scene.history(), |button| {
        button.is_mapped() && button.action_name().as_deref() == Some("message.open-file")
    });

    assert_eq!(buttons.len(), 2);
    for button in buttons {
        assert_eq!(button.label().as_deref(), Some("Open"));
        let target = button.action_target_value().unwrap();
        assert_eq!(target.str(), Some(FILE));
        assert!(button.is_sensitive() && button.is_focusable());
        assert!(gtk::test_accessible_has_property(
            &button,
            gtk::AccessibleProperty::Label
        ));
    }
}

fn the_button_of_a_file_is_reached_by_keyboard() {
    let scene = not_yet();
    let history = scene.history();
    history.scroll_to(5, Place::Middle);
    scene.settle();
    let row = history.row(5).unwrap();
    assert!(row.grab_focus());

    let reaches = |widget: &gtk::Widget| {
        widget
            .downcast_ref::<gtk::Button>()
            .is_some_and(|button| button.action_name().as_deref() == Some("message.open-file"))
    };
    let is_reached = (0..4).any(|_| {
        history.child_focus(gtk::DirectionType::TabForward);
        GtkWindowExt::focus(&scene.window).is_some_and(|focus| reaches(&focus))
    });
    assert!(is_reached, "{:?}", GtkWindowExt::focus(&scene.window));
}

fn what_cannot_be_done_yet_fits_in_large_text() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    settings.set_gtk_xft_dpi(192 * 1024);
    let scene = not_yet();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    shot(&scene.window, "not-yet-large-text");
    let least = scene.history().measure(gtk::Orientation::Horizontal, -1).0;
    settings.set_gtk_xft_dpi(usual);

    assert!(least <= 360, "{least}");
}

fn a16_a51_the_words_of_others_are_no_links_beside_ours() {
    let scene = not_yet();
    let notices = all::<gtk::Label>(&scene.history(), |label| {
        let bubble = label.parent();
        label.is_mapped() && bubble.is_some_and(|bubble| bubble.has_css_class("notice"))
    });

    assert!(
        notices
            .iter()
            .any(|label| label.text().contains("https://example.org/masks"))
    );
    for label in notices {
        assert!(!label.label().contains("<a "), "{}", label.label());
    }
}

fn a_row_that_was_a_notice_becomes_a_text_again() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let start = now() - 24 * 60 * 60_000;
        let juliet = testing::conversation(tx, account, JULIET, start);
        for n in 0..400 {
            let text = NewMessage::incoming(juliet, start + n, &format!("text {n}"));
            let message = if n % 2 == 0 {
                text
            } else {
                let kind = if n % 4 == 1 {
                    file()
                } else {
                    MessageKind::MissedCall
                };
                NewMessage {
                    body: String::new(),
                    ..text
                }
                .of_kind(kind)
            };
            let id = testing::message(tx, &message);
            testing::read_up_to(tx, juliet, id);
        }
    });
    scene.open("Juliet");

    for index in [0, 399, 200, 50, 399] {
        scene.history().scroll_to(index, Place::Top);
        scene.settle();
        for message in scene.messages() {
            let is_text = message.contains("text ");
            let is_other = message.contains("Missed call") || message.contains("Open");
            assert!(is_text != is_other, "{message}");
        }
    }
}

fn what_cannot_be_done_yet_fits_everywhere() {
    let scene = not_yet();
    let style = adw::StyleManager::default();
    scene.history().scroll_to_end();
    scene.settle();
    shot(&scene.window, "not-yet");
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "not-yet-dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    scene.history().scroll_to_end();
    scene.settle();
    shot(&scene.window, "not-yet-narrow");
    scene.history().scroll_to(0, Place::Top);
    scene.settle();
    shot(&scene.window, "not-yet-narrow-top");

    for index in scene.history().live_rows() {
        let Some(row) = scene.history().row(index) else {
            continue;
        };
        let row = row.downcast::<MessageRow>().unwrap();
        let bounds = row.compute_bounds(&scene.window).unwrap();
        assert!(
            bounds.x() >= 0.0 && bounds.x() + bounds.width() <= 360.0,
            "{}: {bounds:?}",
            texts(&row)
        );
    }
}
