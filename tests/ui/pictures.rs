//! The pictures that strangers see: README, software centres. Drawn into the
//! folder that `STONECHAT_SHOTS` names; `make screenshots` frames them.
//!
//! Everything in them is made up, and stands still: the time is what
//! `STONECHAT_STANDING_TIME` says, so that the same program draws the same
//! pictures on any day.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};
use stonechat::engine::model::{
    AccountId, ConnectionProblem, ConnectionState, ConsoleLine, ConsoleWay, ConversationId,
    Delivery, MessageId, Presence, Timestamp, Weaker,
};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::format;

use crate::Test;
use crate::console;
use crate::everything::everything;
use crate::preferences::{page, preferences};
use crate::scene::Scene;
use crate::security::well_protected;
use crate::support::{all, frames, shot, until};

pub const TESTS: &[Test] = &[("the_pictures_for_strangers_can_be_drawn", draw)];

const MINUTE: Timestamp = 60_000;
const HOUR: Timestamp = 60 * MINUTE;
const DAY: Timestamp = 24 * HOUR;

const ROMEO: &str = "romeo@example.org";
const JULIET: &str = "juliet@example.org";
const NURSE: &str = "nurse@example.org";

fn draw() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_decoration_layout();
    settings.set_gtk_decoration_layout(Some(":close"));
    settings.set_gtk_cursor_blink(false);
    let style = adw::StyleManager::default();

    let scene = verona();
    picture(&scene, "main", 1100, 720);
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    picture(&scene, "dark", 1100, 720);
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    picture(&scene, "narrow-2", 360, 720);
    WidgetExt::activate_action(&scene.window, "win.back", None).unwrap();
    picture(&scene, "narrow-1", 360, 720);
    scene.quit();
    draw_conversation();

    let scene = Scene::launch(|_| {});
    picture(&scene, "first-start-1", 520, 640);
    scene.button("Sign In").emit_clicked();
    picture(&scene, "first-start-2", 520, 640);
    scene.quit();

    let scene = two_accounts();
    let dialog = preferences(&scene);
    picture(&scene, "preferences-1", 1100, 720);
    page(&scene, &dialog, "Privacy");
    picture(&scene, "preferences-2", 1100, 720);

    draw_connection();

    settings.set_gtk_decoration_layout(usual.as_deref());
    settings.set_gtk_cursor_blink(true);
}

/// Everything that a conversation can show, alone in its window.
fn draw_conversation() {
    let style = adw::StyleManager::default();
    let (scene, _) = everything();
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene
        .commands
        .set_presence(scene.account, JULIET, Presence::Here);
    for (name, scheme, width, height) in [
        ("conversation-1", adw::ColorScheme::ForceLight, 600, 1180),
        ("conversation-2", adw::ColorScheme::ForceDark, 600, 1180),
        ("conversation-3", adw::ColorScheme::ForceLight, 360, 1400),
    ] {
        style.set_color_scheme(scheme);
        picture(&scene, name, width, height);
    }
    scene.quit();
}

/// What can be seen of a connection: lost, protected, refused, on the wire.
fn draw_connection() {
    let now = format::now().to_unix() * 1000;
    let mut scene = verona();
    let account = scene.account;
    let juliet = scene.open_chat();
    scene.commands.set_typing(juliet, false);
    for text in [
        "I have no signal in the tunnel",
        "Wait for me by the orchard",
    ] {
        let waiting = NewMessage::outgoing(juliet, now, text, Delivery::Pending);
        Scene::block_on(scene.commands.message(waiting)).unwrap();
    }
    let problem = ConnectionProblem::ConnectionLost;
    scene.commands.set_connection(
        account,
        ConnectionState::Waiting {
            problem,
            retry_at: now,
        },
    );
    until("the banner", || {
        scene.settle();
        scene.reads("Offline. 2 messages are waiting.")
    });
    picture(&scene, "offline", 1100, 720);

    scene.commands.set_security(account, well_protected(now));
    let stop = |problem| {
        scene
            .commands
            .set_connection(account, ConnectionState::Stopped(problem));
        scene.settle();
    };
    stop(ConnectionProblem::WeakerThanBefore(Weaker::Password {
        before: "SCRAM-SHA-256-PLUS".to_owned(),
        since: now - 2 * DAY,
    }));
    scene.button("Details").emit_clicked();
    picture(&scene, "security-2", 1100, 780);
    scene
        .commands
        .set_connection(account, ConnectionState::Online);
    picture(&scene, "security-1", 1100, 780);
    stop(ConnectionProblem::CertificateExpired);
    scene.button("What This Means").emit_clicked();
    picture(&scene, "certificate", 1100, 780);
    scene.window.visible_dialog().unwrap().force_close();
    scene
        .commands
        .set_connection(account, ConnectionState::Online);
    scene.settle();

    let window = console::console(&mut scene);
    for (way, text) in [
        (ConsoleWay::Sent, "<r xmlns='urn:xmpp:sm:3'/>"),
        (ConsoleWay::Received, "<a xmlns='urn:xmpp:sm:3' h='12'/>"),
        (ConsoleWay::Received, console::MESSAGE),
        (
            ConsoleWay::Sent,
            "<message type='chat' id='9' to='juliet@example.org/balcony'><displayed xmlns='urn:xmpp:chat-markers:0' id='8'/></message>",
        ),
    ] {
        let line = ConsoleLine {
            time: now,
            ..console::line(way, text)
        };
        scene.commands.console_line(account, line);
    }
    until("the lines", || {
        scene.settle();
        console::shown(&window).contains("id='9'")
    });
    for scrolled in all::<gtk::ScrolledWindow>(&window, |_| true) {
        scrolled.set_vscrollbar_policy(gtk::PolicyType::External);
    }
    for view in all::<gtk::TextView>(&window, |_| true) {
        view.set_cursor_visible(false);
    }
    frames(&window, 3);
    shot(&window, "console");
}

/// Draws a window that is so large inside its frame.
fn picture(scene: &Scene, name: &str, width: i32, height: i32) {
    let inside = AdwApplicationWindowExt::content(&scene.window).unwrap();
    scene.window.set_default_size(width, height);
    scene.settle();
    // What the frame takes is known only now.
    let (across, down) = (width - inside.width(), height - inside.height());
    scene.window.set_default_size(width + across, height + down);
    // A scrollbar would fade out, at its own time.
    for scrolled in all::<gtk::ScrolledWindow>(&scene.window, |_| true) {
        scrolled.set_vscrollbar_policy(gtk::PolicyType::External);
    }
    scene.settle();
    shot(&scene.window, name);
}

fn two_accounts() -> Scene {
    let mut stage = AccountId(0);
    let scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
        stage = testing::account(tx, "romeo@players.example");
        testing::account_look(tx, stage, "The Players", 6);
    });
    for account in [scene.account, stage] {
        scene
            .commands
            .set_connection(account, ConnectionState::Online);
    }
    scene.settle();
    scene
}

/// An evening in Verona: chats of a week, and one that is open.
fn verona() -> Scene {
    let now = format::now().to_unix() * 1000;
    let mut juliet = ConversationId(0);
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = |address: &str, name: &str, time: Timestamp| {
            testing::contact(tx, account, address, name);
            testing::conversation(tx, account, address, time)
        };
        let time = now - 6 * DAY;
        let rosaline = chat("rosaline@example.org", "Rosaline", time);
        say(
            tx,
            &[NewMessage::outgoing(
                rosaline,
                time,
                "Thank you for the book!",
                Delivery::Displayed,
            )],
        );

        let time = now - 5 * DAY - 2 * HOUR;
        let tybalt = chat("tybalt@example.org", "Tybalt", time);
        say(
            tx,
            &[NewMessage::incoming(
                tybalt,
                time,
                "The feast is on Sunday. You are not invited.",
            )],
        );
        testing::mute(tx, tybalt, Timestamp::MAX);

        let time = now - 3 * DAY - 4 * HOUR;
        let laurence = chat("laurence@example.org", "Friar Laurence", time);
        say(
            tx,
            &[NewMessage::incoming(
                laurence,
                time,
                "Wisely and slow: they stumble that run fast.",
            )],
        );

        let time = now - 3 * DAY;
        let benvolio = chat("benvolio@example.org", "Benvolio", time);
        say(
            tx,
            &[NewMessage::outgoing(
                benvolio,
                time,
                "Part, fools. You know not what you do",
                Delivery::Delivered,
            )],
        );

        let time = now - 4 * HOUR;
        let mercutio = chat("mercutio@example.org", "Mercutio", time);
        say(
            tx,
            &[NewMessage::incoming(
                mercutio,
                time,
                "You were not at fencing.",
            )],
        );
        testing::draft(tx, mercutio, "A plague on both your");

        let time = now - 95 * MINUTE;
        let nurse = chat(NURSE, "Nurse Angelica", time);
        say(
            tx,
            &[NewMessage::outgoing(
                nurse,
                time - MINUTE,
                "Good Nurse, what says my lady?",
                Delivery::Displayed,
            )],
        );
        for text in [
            "I have run up all the stairs and must sit down first",
            "She says yes",
        ] {
            testing::message(tx, &NewMessage::incoming(nurse, time, text));
        }

        testing::whole_history(tx, nurse);

        juliet = chat(JULIET, "Juliet Capulet", now);
        let yesterday = now - DAY;
        say(
            tx,
            &[
                NewMessage::incoming(
                    juliet,
                    yesterday - 45 * MINUTE,
                    "The rehearsal moved to seven. Bring the long coat, the balcony is freezing.",
                ),
                NewMessage::incoming(
                    juliet,
                    yesterday - 44 * MINUTE,
                    "From up here one sees the whole garden: https://example.org/garden?view=balcony",
                ),
                NewMessage::outgoing(
                    juliet,
                    yesterday - 40 * MINUTE,
                    "I will be there. Which door?",
                    Delivery::Displayed,
                ),
                NewMessage::incoming(
                    juliet,
                    now - 49 * MINUTE,
                    "The small one, by the orchard. The code is 74-16",
                ),
                NewMessage::incoming(
                    juliet,
                    now - 48 * MINUTE,
                    "And do not wake the nurse.\nShe hears everything that moves in the house, the garden and the orchard, so take the path along the wall and mind the third step.",
                ),
                NewMessage::outgoing(
                    juliet,
                    now - 7 * MINUTE,
                    "Then I will find the way without a lamp 🌙",
                    Delivery::Displayed,
                ),
                NewMessage::outgoing(juliet, now - 6 * MINUTE, "On my way", Delivery::Displayed),
            ],
        );
        testing::whole_history(tx, juliet);
        testing::message(
            tx,
            &NewMessage::incoming(juliet, now - MINUTE, "Ring me when you are on the stairs"),
        );
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    for address in [JULIET, NURSE] {
        scene
            .commands
            .set_presence(scene.account, address, Presence::Here);
    }
    scene
        .commands
        .set_presence(scene.account, "benvolio@example.org", Presence::Away);
    scene.open("Juliet");
    scene.commands.set_typing(juliet, true);
    scene.settle();
    scene
}

/// Adds messages of one chat, all of them read.
fn say(tx: &rusqlite::Transaction<'_>, messages: &[NewMessage]) {
    let ids: Vec<MessageId> = messages
        .iter()
        .map(|message| testing::message(tx, message))
        .collect();
    if let (Some(message), Some(id)) = (messages.last(), ids.last()) {
        testing::read_up_to(tx, message.conversation, *id);
    }
}
