//! What a person sees and does in the window.

use relm4::ComponentController;
use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::api::{Change, Command, Event};
use stonechat::engine::error::{SignInError, StartError, StoreError};
use stonechat::engine::model::{
    AccountId, ConnectionProblem, ConnectionState, ConversationId, Delivery, MessageId,
    PasswordTrouble, Presence, ServerLacks,
};
use stonechat::engine::testing::{self, Asked, NewMessage};
use stonechat::ui::timeline::history_view::{HistoryView, Place};

use crate::Test;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, frames, shot, until};

pub const TESTS: &[Test] = &[
    (
        "nothing_is_open_and_nothing_is_read_at_start",
        nothing_is_open_and_nothing_is_read_at_start,
    ),
    (
        "the_list_shows_the_newest_chat_first_with_its_last_words",
        the_list_shows_the_newest_chat_first_with_its_last_words,
    ),
    (
        "a_chat_with_a_new_message_rises_in_the_list",
        a_chat_with_a_new_message_rises_in_the_list,
    ),
    (
        "typing_shows_in_list_and_header",
        typing_shows_in_list_and_header,
    ),
    (
        "the_search_field_finds_names_and_addresses",
        the_search_field_finds_names_and_addresses,
    ),
    (
        "an_open_chat_shows_days_groups_and_the_unread_line",
        an_open_chat_shows_days_groups_and_the_unread_line,
    ),
    (
        "a_long_chat_opens_at_the_first_new_message",
        a_long_chat_opens_at_the_first_new_message,
    ),
    (
        "scrolling_through_a_long_chat_shows_no_blank_row",
        scrolling_through_a_long_chat_shows_no_blank_row,
    ),
    ("markup_of_others_is_text", markup_of_others_is_text),
    (
        "sending_asks_the_engine_and_empties_the_field",
        sending_asks_the_engine_and_empties_the_field,
    ),
    ("blank_text_cannot_be_sent", blank_text_cannot_be_sent),
    (
        "what_was_typed_stays_with_its_chat",
        what_was_typed_stays_with_its_chat,
    ),
    (
        "a_message_that_arrives_appears_at_the_bottom",
        a_message_that_arrives_appears_at_the_bottom,
    ),
    (
        "a_message_that_arrives_while_reading_above_is_marked_as_new",
        a_message_that_arrives_while_reading_above_is_marked_as_new,
    ),
    ("delivery_moves_on_in_the_row", delivery_moves_on_in_the_row),
    (
        "a_failed_message_can_be_retried_and_discarded",
        a_failed_message_can_be_retried_and_discarded,
    ),
    (
        "only_a_window_in_use_marks_as_read",
        only_a_window_in_use_marks_as_read,
    ),
    (
        "the_top_of_an_incomplete_history_asks_for_more",
        the_top_of_an_incomplete_history_asks_for_more,
    ),
    (
        "a_server_without_an_archive_is_not_asked_for_more",
        a_server_without_an_archive_is_not_asked_for_more,
    ),
    (
        "presence_is_shown_again_after_a_break",
        presence_is_shown_again_after_a_break,
    ),
    (
        "the_banner_counts_what_waits_and_tries_again",
        the_banner_counts_what_waits_and_tries_again,
    ),
    (
        "the_banner_says_what_a_server_lacks_once",
        the_banner_says_what_a_server_lacks_once,
    ),
    (
        "a_missing_password_is_asked_for",
        a_missing_password_is_asked_for,
    ),
    ("a_new_chat_is_found_by_name", a_new_chat_is_found_by_name),
    (
        "a_narrow_window_shows_one_thing_at_a_time",
        a_narrow_window_shows_one_thing_at_a_time,
    ),
    (
        "the_first_start_leads_to_signing_in",
        the_first_start_leads_to_signing_in,
    ),
    (
        "an_address_without_a_domain_is_told_before_any_network",
        an_address_without_a_domain_is_told_before_any_network,
    ),
    (
        "each_sign_in_failure_has_its_words_and_keeps_what_was_typed",
        each_sign_in_failure_has_its_words_and_keeps_what_was_typed,
    ),
    (
        "an_open_password_needs_consent",
        an_open_password_needs_consent,
    ),
    ("a_sign_in_can_be_given_up", a_sign_in_can_be_given_up),
    (
        "an_engine_that_does_not_start_is_explained",
        an_engine_that_does_not_start_is_explained,
    ),
    (
        "closing_the_window_stops_the_engine",
        closing_the_window_stops_the_engine,
    ),
    ("every_control_has_a_name", every_control_has_a_name),
];

fn nothing_is_open_and_nothing_is_read_at_start() {
    let (mut scene, _) = verona();

    assert!(scene.reads("Choose a chat"));
    assert!(scene.reads("Nothing is marked as read until you open it."));
    assert_eq!(scene.take_commands(), []);
}

fn the_list_shows_the_newest_chat_first_with_its_last_words() {
    let (scene, _) = verona();

    let lines = scene.lines();

    assert_eq!(lines.len(), 4);
    assert!(
        lines[0].contains("Juliet Capulet")
            && lines[0].contains("The nurse is asleep.")
            && lines[0].ends_with(" 2"),
        "{}",
        lines[0]
    );
    assert!(
        lines[3].contains("Mercutio") && lines[3].contains("A plague on both your houses!"),
        "{}",
        lines[3]
    );
}

fn a_chat_with_a_new_message_rises_in_the_list() {
    let (scene, chats) = verona();
    let message = NewMessage::incoming(
        Scene::chat(chats.mercutio),
        now(),
        "Where the devil should this Romeo be?",
    );

    Scene::block_on(scene.commands.message(message)).unwrap();
    scene.settle();

    let lines = scene.lines();
    assert!(
        lines[0].contains("Mercutio") && lines[0].contains("Where the devil"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 4);
}

fn typing_shows_in_list_and_header() {
    let (scene, chats) = verona();
    scene.open("Juliet");
    scene.commands.set_typing(Scene::chat(chats.juliet), true);
    scene.settle();
    assert!(scene.lines()[0].contains("typing…"));
    assert!(header(&scene).contains("typing…"));

    scene.commands.set_typing(Scene::chat(chats.juliet), false);
    scene.settle();

    assert!(!scene.reads("typing…"));
    assert!(header(&scene).contains("Here now"));
    scene
        .commands
        .set_presence(scene.account, JULIET, Presence::Away);
    scene.settle();
    assert!(header(&scene).contains("Away"));
}

fn header(scene: &Scene) -> String {
    texts(&all::<gtk::Button>(&scene.window, |button| button.has_css_class("chat-header"))[0])
}

fn the_search_field_finds_names_and_addresses() {
    let (scene, _) = verona();
    let search = all::<gtk::SearchEntry>(&scene.window, |_| true).remove(0);
    for (typed, found) in [("merc", 1), ("laurence@", 1), ("example.org", 4), ("", 4)] {
        search.set_text(typed);
        until("the filter", || {
            scene.settle();
            scene.lines().len() == found
        });
    }

    search.set_text("tybalt");

    until("the empty page", || {
        scene.settle();
        scene.reads("Nothing found")
    });
}

fn an_open_chat_shows_days_groups_and_the_unread_line() {
    let (scene, _) = verona();
    scene.open("Juliet");

    let messages = scene.messages();
    let with = |words: &str| {
        messages
            .iter()
            .find(|message| message.contains(words))
            .unwrap()
    };

    assert!(messages[0].starts_with("Yesterday "), "{}", messages[0]);
    assert!(with("The small one").starts_with("Today "));
    assert!(with("Ring me").starts_with("New messages "));
    assert_eq!(
        messages
            .iter()
            .filter(|message| message.contains("New messages"))
            .count(),
        1
    );
    let group = |words: &str| {
        let history = scene.history();
        let row = history
            .live_rows()
            .filter_map(|index| history.row(index))
            .find(|row| texts(row).contains(words))
            .unwrap();
        let bubble = all::<gtk::Widget>(&row, |widget| widget.has_css_class("bubble")).remove(0);
        ["single", "first", "middle", "last"]
            .into_iter()
            .find(|class| bubble.has_css_class(class))
            .unwrap()
    };
    assert_eq!(
        [
            group("The rehearsal"),
            group("whole garden"),
            group("Which door")
        ],
        ["first", "last", "single"]
    );
}

fn a_long_chat_opens_at_the_first_new_message() {
    let mut unread = MessageId(0);
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = testing::conversation(tx, account, JULIET, now());
        let start = now() - 10_000_000;
        for number in 0..500 {
            let message =
                NewMessage::incoming(chat, start + number * 1000, &format!("Message {number}"));
            let id = testing::message(tx, &message);
            if number == 199 {
                testing::read_up_to(tx, chat, id);
            }
            if number == 200 {
                unread = id;
            }
        }
    });
    scene.open("juliet");
    until("the first new message", || {
        scene.settle();
        scene
            .messages()
            .iter()
            .any(|message| message.contains("New messages"))
    });

    let history = scene.history();
    let shown: Vec<String> = history
        .visible_rows()
        .filter_map(|index| history.row(index))
        .map(|row| texts(&row))
        .collect();

    assert!(
        shown
            .iter()
            .any(|text| text.contains("New messages") && text.contains("Message 200")),
        "{shown:?}"
    );
    assert!(!history.is_at_bottom());
    scene
        .button("Go to the newest message, 300 new messages")
        .emit_clicked();
    until("the bottom", || {
        scene.settle();
        scene
            .messages()
            .iter()
            .any(|message| message.contains("Message 499"))
    });
}

fn scrolling_through_a_long_chat_shows_no_blank_row() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = testing::conversation(tx, account, JULIET, now());
        let start = now() - 10_000_000_000;
        let mut last = MessageId(0);
        for number in 0..5_000 {
            let body = format!(
                "Message {number} {}",
                "and so on ".repeat(usize::try_from(number * 7 % 40).unwrap())
            );
            last = testing::message(
                tx,
                &NewMessage::incoming(chat, start + number * 400_000, &body),
            );
        }
        testing::read_up_to(tx, chat, last);
    });
    scene.open("juliet");
    let history = scene.history();
    let scrolled = history
        .ancestor(gtk::ScrolledWindow::static_type())
        .and_downcast::<gtk::ScrolledWindow>()
        .unwrap();
    let adjustment = scrolled.vadjustment();
    until("all ids", || {
        scene.settle();
        history.live_rows().end == 5_000
    });

    let mut blank = 0;
    for _ in 0..120 {
        adjustment.set_value(adjustment.value() - 300.0);
        frames(&scene.window, 1);
        let rows = history
            .visible_rows()
            .filter_map(|index| history.row(index));
        blank += rows.filter(|row| row.opacity() < 1.0).count();
    }

    assert_eq!(blank, 0, "rows that were not read in time");
    assert!(history.visible_rows().start < 4_900);
}

fn markup_of_others_is_text() {
    let (scene, _) = verona();
    scene.open("Juliet");

    assert!(
        scene
            .messages()
            .iter()
            .any(|message| message.contains("She sleeps <b>lightly</b> & hears"))
    );
}

fn type_text(scene: &Scene, text: &str) {
    scene.composer().buffer().set_text(text);
    scene.settle();
}

fn typed(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    buffer
        .text(&buffer.start_iter(), &buffer.end_iter(), false)
        .into()
}

fn sending_asks_the_engine_and_empties_the_field() {
    let (mut scene, chats) = verona();
    scene.open("Juliet");
    scene.take_commands();
    let conversation = Scene::chat(chats.juliet);

    type_text(&scene, "But soft");
    scene.button("Send").emit_clicked();

    assert_eq!(
        scene.take_commands(),
        [
            Command::Typing {
                conversation,
                is_composing: true
            },
            Command::Typing {
                conversation,
                is_composing: false
            },
            Command::SendText {
                conversation,
                body: "But soft".to_owned(),
                reply_to: None,
            },
        ]
    );
    assert_eq!(typed(&scene), "");
    assert!(!scene.button("Send").is_sensitive());
}

fn blank_text_cannot_be_sent() {
    let (scene, _) = verona();
    scene.open("Juliet");

    type_text(&scene, " \n ");

    assert!(!scene.button("Send").is_sensitive());
}

fn what_was_typed_stays_with_its_chat() {
    let (scene, _) = verona();
    scene.open("Juliet");
    type_text(&scene, "half a thought");

    scene.open("Mercutio");
    scene.settle();
    assert_eq!(typed(&scene), "");

    scene.open("Juliet");
    scene.settle();
    assert_eq!(typed(&scene), "half a thought");
}

fn a_message_that_arrives_appears_at_the_bottom() {
    let (scene, chats) = verona();
    scene.open("Juliet");

    let message = NewMessage::incoming(Scene::chat(chats.juliet), now(), "Good night, good night!");
    Scene::block_on(scene.commands.message(message)).unwrap();
    scene.settle();

    assert!(
        scene
            .messages()
            .last()
            .unwrap()
            .contains("Good night, good night!")
    );
    assert!(scene.history().is_at_bottom());
}

fn a_message_that_arrives_while_reading_above_is_marked_as_new() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = testing::conversation(tx, account, JULIET, now());
        let mut last = MessageId(0);
        for number in 0..200 {
            let message =
                NewMessage::incoming(chat, now() - 1_000_000 + number, &format!("Old {number}"));
            last = testing::message(tx, &message);
        }
        testing::read_up_to(tx, chat, last);
    });
    scene.open("juliet");
    use_window(&scene, true);
    let history = scene.history();
    until("all ids", || {
        scene.settle();
        history.live_rows().end == 200
    });
    history.scroll_to(100, Place::Middle);
    scene.settle();

    let chat = scene.open_chat();
    let message = NewMessage::incoming(chat, now(), "News");
    Scene::block_on(scene.commands.message(message)).unwrap();
    scene.settle();
    history.scroll_to_end();
    scene.settle();

    let newest = scene.messages().pop().unwrap();
    assert!(
        newest.contains("New messages") && newest.contains("News"),
        "{newest}"
    );
}

fn delivery_moves_on_in_the_row() {
    let (scene, chats) = verona();
    scene.open("Juliet");
    let message = NewMessage::outgoing(
        Scene::chat(chats.juliet),
        now(),
        "Parting is such sweet sorrow",
        Delivery::Pending,
    );
    let id = Scene::block_on(scene.commands.message(message)).unwrap();
    for (delivery, word) in [
        (Delivery::Sending, "Waiting to be sent"),
        (Delivery::Sent, "Sent"),
        (Delivery::Delivered, "Delivered"),
        (Delivery::Displayed, "Read"),
    ] {
        Scene::block_on(scene.commands.set_delivery(id, delivery)).unwrap();
        scene.settle();

        let history = scene.history();
        let row = history.row(history.live_rows().end - 1).unwrap();
        let states = all::<gtk::Image>(&row, |image| image.is_mapped());
        assert_eq!(states[0].tooltip_text().as_deref(), Some(word));
    }
}

fn a_failed_message_can_be_retried_and_discarded() {
    let (mut scene, _) = verona();
    scene.open("Juliet");
    scene.take_commands();
    assert!(scene.reads("Not sent. The server did not answer."));

    scene.button("Retry").emit_clicked();
    scene.button("Discard").emit_clicked();

    let commands = scene.take_commands();
    assert!(
        matches!(commands[..], [Command::Retry(retried), Command::Discard(discarded)] if retried == discarded),
        "{commands:?}"
    );
}

/// Plays the window coming into use: without a window manager nothing does.
pub fn use_window(scene: &Scene, is_used: bool) {
    scene.app.emit(stonechat::ui::app::AppMsg::Active(is_used));
    scene.settle();
}

fn only_a_window_in_use_marks_as_read() {
    let (mut scene, chats) = verona();
    use_window(&scene, false);
    scene.open("Juliet");
    let read = |commands: &[Command]| {
        commands
            .iter()
            .filter_map(|command| match command {
                Command::MarkRead {
                    conversation,
                    up_to,
                } => Some((*conversation, *up_to)),
                _ => None,
            })
            .collect::<Vec<(ConversationId, MessageId)>>()
    };
    assert_eq!(read(&scene.take_commands()), []);

    use_window(&scene, true);

    let last = scene.last_id(chats.juliet);
    assert_eq!(
        read(&scene.take_commands()),
        [(Scene::chat(chats.juliet), last)]
    );
    scene.settle();
    assert_eq!(read(&scene.take_commands()), [], "once is enough");
}

fn the_top_of_an_incomplete_history_asks_for_more() {
    let (mut scene, chats) = verona();
    scene.open("Mercutio");

    let commands = scene.take_commands();

    let earlier = Command::LoadEarlier(Scene::chat(chats.mercutio));
    assert_eq!(
        commands
            .iter()
            .filter(|command| **command == earlier)
            .count(),
        1,
        "{commands:?}"
    );
}

fn a_server_without_an_archive_is_not_asked_for_more() {
    let (mut scene, _) = verona();
    let lacks = ServerLacks {
        archive: true,
        ..ServerLacks::default()
    };
    scene.commands.set_server_lacks(scene.account, lacks);
    scene.settle();
    scene.take_commands();

    scene.open("Mercutio");

    let commands = scene.take_commands();
    let asks = |command: &Command| matches!(command, Command::LoadEarlier(_));
    assert!(!commands.iter().any(asks), "{commands:?}");
}

fn presence_is_shown_again_after_a_break() {
    let (scene, _) = verona();
    let is_here = || {
        scene.settle();
        let rows = all::<stonechat::ui::sidebar::row::SidebarRow>(&scene.chat_list(), |row| {
            row.is_mapped()
        });
        let dots = |row| all::<gtk::Widget>(row, |widget| widget.has_css_class("presence"));
        rows.iter()
            .any(|row| dots(row).iter().any(|dot| dot.is_mapped()))
    };
    scene
        .commands
        .set_presence(scene.account, JULIET, Presence::Here);
    until("the dot", is_here);

    scene
        .commands
        .set_connection(scene.account, ConnectionState::Offline);
    until("no dot", || !is_here());
    // A stream that is resumed tells no presence anew.
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);

    until("the dot again", is_here);
}

/// The banner that can be seen.
pub fn banner(scene: &Scene) -> Option<adw::Banner> {
    all::<adw::Banner>(&scene.window, |banner| {
        banner.is_revealed() && banner.is_mapped()
    })
    .into_iter()
    .next()
}

fn the_banner_counts_what_waits_and_tries_again() {
    let (mut scene, _) = verona();
    scene.open("Juliet");
    assert!(banner(&scene).is_none());
    let lost = ConnectionState::Waiting {
        problem: ConnectionProblem::ConnectionLost,
        retry_at: now() + 5000,
    };

    scene.commands.set_connection(scene.account, lost);
    scene.settle();

    assert_eq!(
        banner(&scene).unwrap().title(),
        "Offline. 1 message is waiting."
    );
    scene.take_commands();
    scene.button("Try Now").emit_clicked();
    assert_eq!(scene.take_commands(), [Command::TryNow]);

    // While it is tried the banner does not blink; when it works it goes.
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Connecting);
    scene.settle();
    assert!(banner(&scene).is_some());
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene.settle();
    assert!(banner(&scene).is_none());
}

fn the_banner_says_what_a_server_lacks_once() {
    let (scene, _) = verona();
    let tell = |scene: &Scene| {
        let lacks = ServerLacks {
            archive: true,
            ..ServerLacks::default()
        };
        scene.commands.tell(Event::ServerLacks {
            account: scene.account,
            lacks,
        });
        scene.settle();
    };
    tell(&scene);
    scene.settle();
    assert!(
        banner(&scene)
            .unwrap()
            .title()
            .contains("may be missing here")
    );

    scene.button("Got It").emit_clicked();
    scene.settle();
    tell(&scene);

    assert!(banner(&scene).is_none());
}

fn a_missing_password_is_asked_for() {
    let (mut scene, _) = verona();
    scene.commands.set_connection(
        scene.account,
        ConnectionState::Stopped(ConnectionProblem::PasswordMissing(
            PasswordTrouble::KeyringLocked,
        )),
    );
    scene.settle();
    assert!(scene.reads("The password is missing"));

    let field = all::<adw::PasswordEntryRow>(&scene.window, |row| row.is_mapped()).remove(0);
    field.set_text("wherefore");
    scene.settle();
    scene.take_commands();
    scene.button("Sign In").emit_clicked();

    let commands = scene.take_commands();
    assert!(
        matches!(&commands[..], [Command::Password { account, password }] if *account == scene.account && password.reveal() == "wherefore"),
        "{commands:?}"
    );
}

fn a_new_chat_is_found_by_name() {
    let (scene, _) = verona();
    ActionGroupExt::activate_action(&scene.window, "new-chat", None);
    scene.settle();
    let dialog = scene.window.visible_dialog().expect("the dialog");
    let search = all::<gtk::SearchEntry>(&dialog, |_| true).remove(0);
    search.set_text("rosal");
    until("the match", || {
        scene.settle();
        texts(&dialog).contains("Rosaline")
    });
    shot(&scene.window, "new-chat");

    search.emit_by_name::<()>("activate", &[]);

    until("the chat", || {
        scene.settle();
        scene.lines().iter().any(|line| line.contains("Rosaline"))
            && header(&scene).contains("Rosaline")
    });
    assert!(scene.window.visible_dialog().is_none());
}

fn a_narrow_window_shows_one_thing_at_a_time() {
    let (scene, _) = verona();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 400);
    scene.settle();
    let split = all::<adw::NavigationSplitView>(&scene.window, |_| true).remove(0);
    assert!(split.is_collapsed());
    assert!(scene.chat_list().is_mapped());

    scene.open("Juliet");
    assert!(scene.history().is_mapped());
    until("the list to go", || !scene.chat_list().is_mapped());

    ActionGroupExt::activate_action(&scene.window, "back", None);
    until("the list", || {
        scene.settle();
        scene.chat_list().is_mapped() && !scene.history().is_mapped()
    });
    assert!(
        !all::<gtk::Widget>(&scene.chat_list(), |row| row.has_css_class("open"))
            .iter()
            .any(|row| row.is_mapped())
    );
}

pub fn sign_in_page() -> Scene {
    let scene = Scene::launch(|_| {});
    assert!(scene.reads("Messages that arrive,"));
    scene.button("Sign In").emit_clicked();
    scene.settle();
    scene
}

pub fn entry(scene: &Scene, title: &str) -> adw::EntryRow {
    all::<adw::EntryRow>(&scene.window, |row| row.title() == title).remove(0)
}

pub fn fill_form(scene: &Scene, address: &str) {
    entry(scene, "Address").set_text(address);
    entry(scene, "Password").set_text("wherefore");
    scene.settle();
}

pub fn submit(scene: &Scene) {
    all::<gtk::Button>(&scene.window, |button| {
        button.has_css_class("pill")
            && button.is_mapped()
            && ["Sign In", "Try Again"].contains(&texts(button).as_str())
    })
    .remove(0)
    .emit_clicked();
    scene.settle();
}

pub fn card(scene: &Scene) -> Option<String> {
    all::<gtk::Box>(&scene.window, |card| {
        card.has_css_class("trouble") && card.is_mapped()
    })
    .first()
    .map(texts)
}

fn the_first_start_leads_to_signing_in() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    scene.commands.will_answer(Ok(AccountId(1)));
    submit(&scene);

    let asked = scene.commands.taken();
    assert!(
        matches!(&asked[..], [Asked::SignIn(sign_in)] if sign_in.address == ROMEO && sign_in.password.reveal() == "wherefore" && sign_in.host.is_none()),
        "{asked:?}"
    );
    // What the engine does when it works.
    assert!(!scene.reads("Signing In…") || card(&scene).is_none());
}

fn an_address_without_a_domain_is_told_before_any_network() {
    let mut scene = sign_in_page();
    fill_form(&scene, "romeo");

    submit(&scene);

    assert!(
        card(&scene)
            .unwrap()
            .starts_with("The address is not complete")
    );
    assert!(entry(&scene, "Address").has_css_class("error"));
    assert!(scene.commands.taken().is_empty());
    assert_eq!(entry(&scene, "Address").text(), "romeo");
}

fn each_sign_in_failure_has_its_words_and_keeps_what_was_typed() {
    use ConnectionProblem as P;
    let failures = [
        (P::WrongPassword, "The password is not right", "Password"),
        (P::NoSuchAccount, "There is no such account", "Address"),
        (
            P::CertificateExpired,
            "Not connected: the certificate has expired",
            "",
        ),
        (
            P::CertificateOtherName,
            "Not connected: the certificate is for another name",
            "Address",
        ),
        (
            P::CertificateUnknownIssuer,
            "Not connected: nobody vouches for the certificate",
            "",
        ),
        (
            P::CertificateOtherKey,
            "Not connected: the server has another key",
            "",
        ),
        (
            P::OwnCertificateUnusable,
            "Your certificate cannot be used",
            "",
        ),
        (P::NoEncryption, "Not connected: no encryption", ""),
        (
            P::ServerNotFound {
                domain: "verona.onion".to_owned(),
            },
            "No way there without Tor",
            "SOCKS5 Proxy",
        ),
        (
            P::ServerNotFound {
                domain: "example.org".to_owned(),
            },
            "No server found",
            "Address",
        ),
        (
            P::Unreachable {
                host: "example.org".to_owned(),
                port: 5222,
            },
            "The server does not answer",
            "",
        ),
        (P::TimedOut, "The server took too long", ""),
    ];
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    for (problem, title, field) in failures {
        scene
            .commands
            .will_answer(Err(SignInError::Connection(problem)));
        submit(&scene);
        assert_eq!(scene.commands.taken().len(), 1);
        until(title, || {
            scene.settle();
            card(&scene).is_some_and(|card| card.starts_with(title))
        });

        assert_eq!(
            (
                entry(&scene, "Address").text().as_str(),
                entry(&scene, "Password").text().as_str()
            ),
            (ROMEO, "wherefore")
        );
        for name in ["Address", "Password", "Host", "SOCKS5 Proxy"] {
            assert_eq!(
                entry(&scene, name).has_css_class("error"),
                name == field,
                "{title}: {name}"
            );
        }
        if title.contains("password is not") {
            shot(&scene.window, "sign-in-failure");
        }
    }
}

fn an_open_password_needs_consent() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::NeedsPlainConsent,
    )));
    submit(&scene);
    scene.commands.taken();
    let switch = || {
        all::<adw::SwitchRow>(&scene.window, |row| row.is_mapped())
            .into_iter()
            .next()
    };
    until("the switch", || {
        scene.settle();
        switch().is_some()
    });
    shot(&scene.window, "consent");
    assert!(!switch().unwrap().is_active(), "nobody has agreed yet");

    switch().unwrap().set_active(true);
    submit(&scene);

    let asked = scene.commands.taken();
    assert!(
        matches!(&asked[..], [Asked::SignIn(sign_in)] if sign_in.allows_plain),
        "{asked:?}"
    );
}

fn a_sign_in_can_be_given_up() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    submit(&scene);
    assert!(scene.reads("Signing In…"));
    shot(&scene.window, "signing-in");

    scene.button("Cancel").emit_clicked();
    scene.settle();

    assert!(scene.reads("Sign In") && !scene.reads("Signing In…"));
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::WrongPassword,
    )));
    scene.commands.taken();
    scene.settle();
    assert_eq!(card(&scene), None, "the late answer is nobody's business");
    assert_eq!(entry(&scene, "Password").text(), "wherefore");
}

fn an_engine_that_does_not_start_is_explained() {
    let failures = [
        (StartError::AlreadyRunning, "Stonechat is running already"),
        (
            StartError::Store(StoreError::Newer { found: 9, known: 1 }),
            "This history needs a newer Stonechat",
        ),
        (
            StartError::Store(StoreError::Damaged),
            "The history cannot be read",
        ),
    ];
    for (error, title) in failures {
        let window = crate::scene::launch_failing(error);
        frames(&window, 2);

        assert!(texts(&window).contains(title));
        assert_eq!(
            all::<gtk::Button>(&window, |button| button.label().as_deref() == Some("Close")).len(),
            1
        );
        if title.contains("newer") {
            shot(&window, "newer-history");
        }
        window.destroy();
    }
}

fn closing_the_window_stops_the_engine() {
    let (mut scene, _) = verona();
    scene.commands.taken();

    scene.quit();

    until("the stop", || {
        gtk::glib::MainContext::default().iteration(false);
        true
    });
    let mut asked = Vec::new();
    for _ in 0..50 {
        gtk::glib::MainContext::default().iteration(false);
        asked.extend(scene.commands.taken());
    }
    assert!(matches!(asked[..], [Asked::Stop]), "{asked:?}");
    assert!(!scene.window.is_visible());
}

/// Walks the window as a screen reader does: what can be used has to say what it is.
fn every_control_has_a_name() {
    let (scene, _) = verona();
    scene.open("Juliet");
    scene
        .commands
        .tell(Event::Changed(vec![Change::Everything]));
    scene.settle();
    assert_named(&scene.window);
    ActionGroupExt::activate_action(&scene.window, "new-chat", None);
    scene.settle();
    assert_named(&scene.window);
    scene.quit();

    let scene = sign_in_page();
    assert_named(&scene.window);
}

pub fn assert_named(window: &impl IsA<gtk::Widget>) {
    assert_all_named(window, 6);
}

/// As [`assert_named`], for a page of fewer controls; there are `least` at least.
pub fn assert_all_named(window: &impl IsA<gtk::Widget>, least: usize) {
    use gtk::AccessibleRole as Role;
    let controls = all::<gtk::Widget>(window, |widget| {
        widget.is_mapped()
            && matches!(
                widget.accessible_role(),
                Role::Button
                    | Role::ToggleButton
                    | Role::TextBox
                    | Role::SearchBox
                    | Role::ListItem
                    | Role::List
                    | Role::Switch
                    | Role::MenuItem
            )
    });
    assert!(controls.len() >= least);
    for control in controls {
        assert!(
            has_name(&control),
            "{} {:?} {:?} has no name; texts: {}",
            control.type_(),
            control.accessible_role(),
            control.css_classes(),
            texts(&control)
        );
    }
}

fn has_name(control: &gtk::Widget) -> bool {
    // GTK has no getter for a name, only this check for tests: the property
    // or relation that gives one, else the text inside, else the tooltip.
    let says_itself = gtk::test_accessible_has_property(control, gtk::AccessibleProperty::Label)
        || gtk::test_accessible_has_relation(control, gtk::AccessibleRelation::LabelledBy);
    says_itself
        || control.tooltip_text().is_some_and(|text| !text.is_empty())
        || !texts(control).is_empty()
        || control.parent().is_some_and(|parent| {
            // The parts of one control: the button in a menu button, the text in an entry.
            (parent.is::<gtk::MenuButton>()
                || parent.is::<gtk::SearchEntry>()
                || parent.is::<HistoryView>())
                && has_name(&parent)
        })
        || control
            .ancestor(adw::EntryRow::static_type())
            .and_downcast::<adw::EntryRow>()
            .is_some_and(|row| !row.title().is_empty())
        || control.is::<gtk::ListBox>()
}
