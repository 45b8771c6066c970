//! Notifications, as a desktop gets them: a daemon is played by python-dbusmock
//! on a bus of the test's own. The test starts itself again there, because the
//! bus of a program is the one it finds when it starts.

use std::process::{Child, Command as Program, Stdio};
use std::time::{Duration, Instant};

use relm4::ComponentController;
use relm4::adw::prelude::*;
use relm4::gtk::{self, gio, glib};
use stonechat::engine::api::{Command, Event};
use stonechat::engine::model::{ConversationId, MessageId, OnClose, Setting};
use stonechat::engine::testing::NewMessage;
use stonechat::ui::app::AppMsg;

use crate::Test;
use crate::scene::{Scene, now, verona};
use crate::support::until;

/// Set in the program that has a bus.
const HAS_BUS: &str = "STONECHAT_TEST_BUS";
const DAEMON: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const MOCK: &str = "org.freedesktop.DBus.Mock";
const PATIENCE: Duration = Duration::from_secs(20);

pub const TESTS: &[Test] = &[(
    "what_a_desktop_is_told_and_what_it_answers",
    what_a_desktop_is_told_and_what_it_answers,
)];

/// Those that need a bus; the test above runs them.
const ON_A_BUS: &[Test] = &[
    (
        "on_a_bus_a_message_is_told_and_taken_back_when_it_is_read_anywhere",
        a_message_is_told_and_taken_back_when_it_is_read_anywhere,
    ),
    (
        "on_a_bus_the_chat_that_is_looked_at_is_not_told",
        the_chat_that_is_looked_at_is_not_told,
    ),
    (
        "on_a_bus_hidden_content_says_neither_who_nor_what",
        hidden_content_says_neither_who_nor_what,
    ),
    (
        "on_a_bus_mark_as_read_and_reply_do_what_they_say",
        mark_as_read_and_reply_do_what_they_say,
    ),
];

/// Returns the tests that can run here.
pub fn tests() -> &'static [Test] {
    if std::env::var_os(HAS_BUS).is_some() {
        ON_A_BUS
    } else {
        TESTS
    }
}

fn what_a_desktop_is_told_and_what_it_answers() {
    let output = Program::new("dbus-run-session")
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .arg("on_a_bus")
        .env(HAS_BUS, "1")
        .env("GNOTIFICATION_BACKEND", "freedesktop")
        .output()
        .expect("dbus-run-session is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains(&format!("{} passed, 0 failed", ON_A_BUS.len())),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The part of a desktop that shows notifications.
struct Daemon {
    program: Child,
    bus: gio::DBusConnection,
}

/// A notification as it came.
#[derive(Debug)]
struct Shown {
    replaces: u32,
    title: String,
    body: String,
    actions: Vec<String>,
}

impl Daemon {
    fn start() -> Self {
        let program = Program::new("python3")
            .args(["-m", "dbusmock", "--template", "notification_daemon"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("python3-dbusmock is installed; run this inside build-aux/dev-root");
        let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).unwrap();
        let daemon = Self { program, bus };
        let end = Instant::now() + PATIENCE;
        while daemon.calls_of("Notify").is_none() {
            assert!(Instant::now() < end, "the daemon comes");
        }
        daemon
    }

    fn call(&self, method: &str, parameters: &glib::Variant) -> Option<glib::Variant> {
        self.bus
            .call_sync(
                Some(DAEMON),
                PATH,
                MOCK,
                method,
                Some(parameters),
                None,
                gio::DBusCallFlags::NONE,
                -1,
                gio::Cancellable::NONE,
            )
            .ok()
    }

    /// The arguments of each call so far; `None` while there is no daemon.
    fn calls_of(&self, method: &str) -> Option<Vec<Vec<glib::Variant>>> {
        let answer = self.call("GetMethodCalls", &(method,).to_variant())?;
        let calls = answer.child_value(0);
        let arguments = |call: glib::Variant| {
            let arguments = call.child_value(1);
            arguments
                .iter()
                .map(|argument| argument.as_variant().unwrap_or(argument))
                .collect()
        };
        Some(calls.iter().map(arguments).collect())
    }

    fn shown(&self) -> Vec<Shown> {
        let calls = self.calls_of("Notify").unwrap();
        calls
            .iter()
            .map(|call| Shown {
                replaces: call[1].get().unwrap(),
                title: call[3].get().unwrap(),
                body: call[4].get().unwrap(),
                actions: call[5].get().unwrap(),
            })
            .collect()
    }

    fn withdrawn(&self) -> usize {
        self.calls_of("CloseNotification").unwrap().len()
    }

    /// The user presses a button.
    fn press(&self, number: u32, action: &str) {
        let arguments = [number.to_variant(), action.to_variant()];
        let signal = glib::Variant::tuple_from_iter([
            DAEMON.to_variant(),
            "ActionInvoked".to_variant(),
            "us".to_variant(),
            arguments.to_vec().to_variant(),
        ]);
        self.call("EmitSignal", &signal).expect("it is emitted");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

/// Plays a message that comes live and is worth telling.
fn comes(scene: &Scene, chat: i64, words: &str) -> MessageId {
    let conversation = ConversationId(chat);
    let message = NewMessage::incoming(conversation, now(), words);
    let message = Scene::block_on(scene.commands.message(message)).unwrap();
    scene.commands.tell(Event::Notify {
        conversation,
        message,
    });
    message
}

fn until_shown(daemon: &Daemon, count: usize) {
    until("the notification", || daemon.shown().len() == count);
}

fn a_message_is_told_and_taken_back_when_it_is_read_anywhere() {
    let daemon = Daemon::start();
    let (scene, chats) = verona();

    comes(&scene, chats.mercutio, "Ask for me *tomorrow*");
    until_shown(&daemon, 1);
    let shown = daemon.shown();
    assert_eq!(
        (shown[0].title.as_str(), shown[0].replaces),
        ("Mercutio: 2 new messages", 0)
    );
    assert_eq!(shown[0].body, "Ask for me tomorrow");
    assert!(shown[0].actions.contains(&"Reply".to_owned()));
    assert!(shown[0].actions.contains(&"Mark as Read".to_owned()));
    // The next one of the chat takes the place of the first.
    let last = comes(&scene, chats.mercutio, "and you shall find me a grave man.");
    until_shown(&daemon, 2);
    assert_eq!(daemon.shown()[1].replaces, 1);

    // Another device has read it.
    let chat = ConversationId(chats.mercutio);
    Scene::block_on(scene.commands.mark_read(chat, last)).unwrap();

    until("the notification to go", || daemon.withdrawn() == 1);
}

fn the_chat_that_is_looked_at_is_not_told() {
    let daemon = Daemon::start();
    let (scene, chats) = verona();
    scene.open("Juliet");
    // Without a window manager nobody gives it the keyboard.
    scene.app.emit(AppMsg::Active(true));

    comes(&scene, chats.juliet, "Look at me.");
    comes(&scene, chats.mercutio, "And at me.");
    until_shown(&daemon, 1);

    assert!(daemon.shown()[0].title.starts_with("Mercutio"));
}

fn hidden_content_says_neither_who_nor_what() {
    let daemon = Daemon::start();
    let (scene, chats) = verona();
    Scene::block_on(scene.commands.set(vec![
        Setting::ShowsContent(false),
        Setting::OnClose(OnClose::Quit),
    ]))
    .unwrap();
    scene.settle();

    comes(&scene, chats.mercutio, "The code is 74-16");
    until_shown(&daemon, 1);

    let shown = daemon.shown();
    assert_eq!(
        (shown[0].title.as_str(), shown[0].body.as_str()),
        ("New message", "")
    );
}

fn mark_as_read_and_reply_do_what_they_say() {
    let daemon = Daemon::start();
    let (mut scene, chats) = verona();
    let message = comes(&scene, chats.mercutio, "Ask for me tomorrow");
    until_shown(&daemon, 1);
    let actions = daemon.shown()[0].actions.clone();
    let of = |label: &str| {
        let place = actions.iter().position(|action| action == label).unwrap();
        actions[place - 1].clone()
    };
    scene.take_commands();

    daemon.press(1, &of("Mark as Read"));
    let read = Command::MarkRead {
        conversation: ConversationId(chats.mercutio),
        up_to: message,
    };
    let mut taken = Vec::new();
    let end = Instant::now() + PATIENCE;
    while !taken.contains(&read) {
        assert!(Instant::now() < end, "{taken:?}");
        taken.extend(scene.take_commands());
    }
    assert!(
        scene
            .history_if_any()
            .is_none_or(|history| !history.is_mapped())
    );

    comes(&scene, chats.mercutio, "and you shall find me a grave man.");
    until_shown(&daemon, 2);
    daemon.press(2, &of("Reply"));
    until("Mercutio's chat", || {
        scene.settle();
        scene
            .history_if_any()
            .is_some_and(|history| history.is_mapped())
    });
    assert!(GtkWindowExt::focus(&scene.window).is_some_and(|focus| focus.is::<gtk::TextView>()));
}
