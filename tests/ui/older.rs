//! Messages from before this device existed: nobody can read them here, and
//! they take no more room than one line.

use relm4::gtk;
use relm4::gtk::prelude::*;
use rusqlite::Transaction;
use stonechat::engine::api::Command;
use stonechat::engine::model::{
    CannotRead, ConnectionState, ConversationId, Delivery, Direction, MessageKind, Timestamp,
};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::timeline::history_view::Place;

use crate::Test;
use crate::encryption::{in_dark, narrow};
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::{assert_named, use_window};

pub const TESTS: &[Test] = &[
    (
        "messages_from_before_this_device_stand_in_one_row",
        messages_from_before_this_device_stand_in_one_row,
    ),
    (
        "opening_the_older_messages_moves_nothing_above",
        opening_the_older_messages_moves_nothing_above,
    ),
    (
        "the_older_messages_are_counted_as_pages_come",
        the_older_messages_are_counted_as_pages_come,
    ),
    (
        "older_messages_of_many_pages_are_one_row",
        older_messages_of_many_pages_are_one_row,
    ),
    (
        "older_messages_that_are_new_here_are_marked_as_read",
        older_messages_that_are_new_here_are_marked_as_read,
    ),
    (
        "the_archive_is_not_emptied_into_one_row",
        the_archive_is_not_emptied_into_one_row,
    ),
];

const MINUTE: Timestamp = 60_000;

/// A message from before this device existed.
fn older(chat: ConversationId, time: Timestamp) -> NewMessage {
    let why = CannotRead::BeforeThisDevice;
    NewMessage::incoming(chat, time, "").of_kind(MessageKind::Unreadable { why })
}

/// A chat with Juliet that holds what `fill` puts in, all of it read.
fn chat(fill: impl FnOnce(ConversationId) -> Vec<NewMessage>) -> Scene {
    launch(|tx, chat| {
        for message in fill(chat) {
            let id = testing::message(tx, &message);
            testing::read_up_to(tx, chat, id);
        }
        testing::whole_history(tx, chat);
    })
}

fn launch(fill: impl FnOnce(&Transaction<'_>, ConversationId)) -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let chat = testing::conversation(tx, account, JULIET, now());
        fill(tx, chat);
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene.open("Juliet");
    scene
}

fn sentence(messages: usize) -> String {
    format!("{messages} older messages were encrypted before this device existed.")
}

/// The line of the older messages, which may not be there yet.
fn line(scene: &Scene) -> Option<gtk::Widget> {
    let history = scene.history();
    let rows = history.live_rows().filter_map(|row| history.row(row));
    rows.into_iter()
        .find(|row| texts(row).contains("before this device existed. Show") || hides(row))
}

fn hides(row: &gtk::Widget) -> bool {
    texts(row).contains("before this device existed. Hide")
}

#[track_caller]
fn until_says(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        line(scene).is_some_and(|line| texts(&line).contains(words))
    });
}

/// Where a row stands in the view, in whole pixels.
fn y(scene: &Scene, row: &gtk::Widget) -> i32 {
    let bounds = row.compute_bounds(&scene.history());
    bounds.expect("the row is in the history").y().round() as i32
}

fn messages_from_before_this_device_stand_in_one_row() {
    let scene = chat(|chat| {
        let start = now() - 600 * MINUTE;
        let mut all: Vec<_> = (0..12).map(|at| older(chat, start + at * MINUTE)).collect();
        // Some of them the user wrote, on another device.
        all[5].direction = Direction::Outgoing;
        all[5].delivery = Delivery::Delivered;
        let later = now() - 10 * MINUTE;
        all.push(NewMessage::incoming(chat, later, "Can you read this?"));
        all.push(NewMessage::outgoing(
            chat,
            later,
            "Yes, on my new computer",
            Delivery::Displayed,
        ));
        all
    });
    let history = scene.history();
    assert_eq!(history.live_rows(), 0..3);
    let said = texts(&history.row(0).unwrap());
    assert_eq!(said, format!("{} Show Why?", sentence(12)));
    in_dark(&scene, "older");
    assert_named(&scene.window);
    narrow(&scene);
    shot(&scene.window, "older-narrow");

    scene.button("Why?").emit_clicked();
    until("the reason", || {
        scene.settle();
        scene.reads("This device came later, so it has no key for older ones")
    });
    shot(&scene.window, "older-why");
    press(&scene, &["Escape"]);

    history.focus_row(0);
    press(&scene, &["Return"]);
    assert_eq!(scene.history().live_rows().start, 0);
    let first = texts(&history.row(1).unwrap());
    for words in [
        "This message cannot be read",
        "It was encrypted before this device existed. Your older devices may have it.",
        "Why?",
    ] {
        assert!(first.contains(words), "{first}");
    }
    assert!(history.row(0).unwrap().has_focus());
    shot(&scene.window, "older-open");
    press(&scene, &["Return"]);
    assert_eq!(history.live_rows(), 0..3);
}

/// Forty texts, thirty older ones, forty texts; the line is in the view.
fn in_the_middle() -> (Scene, ConversationId, Timestamp) {
    let start = now() - 1000 * MINUTE;
    let mut id = ConversationId(0);
    let scene = chat(|chat| {
        id = chat;
        let text = |at: i64| NewMessage::incoming(chat, start + at * MINUTE, &format!("Text {at}"));
        let texts = (0..40).map(text);
        let olders = (100..130).map(|at| older(chat, start + at * MINUTE));
        texts.chain(olders).chain((200..240).map(text)).collect()
    });
    scene.history().scroll_to(40, Place::Middle);
    until_says(&scene, &sentence(30));
    (scene, id, start)
}

fn opening_the_older_messages_moves_nothing_above() {
    let (scene, ..) = in_the_middle();
    let before = y(&scene, &line(&scene).unwrap());
    let above = scene.history().row(38).unwrap();
    let stood = y(&scene, &above);

    scene.button("Show").emit_clicked();
    scene.settle();

    assert!(line(&scene).is_some_and(|line| hides(&line)));
    assert_eq!(y(&scene, &line(&scene).unwrap()), before);
    assert_eq!(y(&scene, &above), stood);
    scene.button("Hide").emit_clicked();
    scene.settle();
    assert_eq!(y(&scene, &line(&scene).unwrap()), before);
    assert_eq!(y(&scene, &above), stood);
    let after = texts(&scene.history().row(41).unwrap());
    assert!(after.contains("Text 200"), "{after}");
}

fn the_older_messages_are_counted_as_pages_come() {
    let (scene, chat, start) = in_the_middle();
    let before = y(&scene, &line(&scene).unwrap());
    let history = scene.history();
    let after = history.row(41).unwrap();
    let stood = y(&scene, &after);

    // Between the last text and the first of them.
    let page = (60..80).map(|at| older(chat, start + at * MINUTE));
    scene.commands.writes(page.collect());

    until_says(&scene, &sentence(50));
    assert_eq!(y(&scene, &line(&scene).unwrap()), before);
    assert_eq!(y(&scene, &after), stood);
    let shown = all::<gtk::Label>(&history, |label| label.is_mapped());
    assert!(
        !shown
            .iter()
            .any(|label| label.text() == "This message cannot be read")
    );
}

fn older_messages_of_many_pages_are_one_row() {
    let scene = chat(|chat| {
        let start = now() - 1000 * MINUTE;
        let text = |at: i64| NewMessage::incoming(chat, start + at * MINUTE, &format!("Text {at}"));
        let olders = (30..430).map(|at| older(chat, start + at * MINUTE));
        let texts = (0..20).map(text);
        texts.chain(olders).chain((500..505).map(text)).collect()
    });

    until_says(&scene, &sentence(400));

    let history = scene.history();
    until("what is above", || {
        scene.settle();
        scene.messages().iter().any(|said| said.contains("Text 19"))
    });
    assert_eq!(history.live_rows().end, 26);
    assert!(history.is_at_bottom());
}

fn older_messages_that_are_new_here_are_marked_as_read() {
    let mut scene = launch(|tx, chat| {
        let start = now() - 100 * MINUTE;
        let seen = testing::message(tx, &NewMessage::incoming(chat, start, "Good night"));
        testing::read_up_to(tx, chat, seen);
        for at in 1..6 {
            testing::message(tx, &older(chat, start + at * MINUTE));
        }
    });
    let said = texts(&scene.history().row(1).unwrap());
    assert!(said.starts_with("New messages 5 older messages"), "{said}");

    use_window(&scene, true);

    let conversation = scene.open_chat();
    let up_to = scene.last_id(conversation.0);
    let wish = Command::MarkRead {
        conversation,
        up_to,
    };
    assert!(scene.take_commands().contains(&wish));
}

fn the_archive_is_not_emptied_into_one_row() {
    let mut scene = launch(|tx, chat| {
        let start = now() - 1000 * MINUTE;
        for at in 0..600 {
            let id = testing::message(tx, &older(chat, start + at * MINUTE));
            testing::read_up_to(tx, chat, id);
        }
    });
    until_says(&scene, &sentence(600));
    let asks = |command: &Command| matches!(command, Command::LoadEarlier(_));
    assert!(!scene.take_commands().iter().any(asks));

    scene.button("Show").emit_clicked();
    scene.settle();

    assert!(scene.take_commands().iter().any(asks));
}
