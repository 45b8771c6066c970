//! The program with its window beside another device of the same user, on a
//! desktop whose notifications and dock are listened to: what is read or
//! written on the other device is neither told nor counted here any more.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command as Program, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Direction};

use crate::Test;
use crate::servers::accounts::{Person, romeo_and_juliet};
use crate::servers::heard::Heard;
use crate::servers::ours::Ours;
use crate::servers::peers::{Client, Peer};
use crate::servers::prosody::Prosody;

pub const TESTS: &[Test] = &[(
    "what_another_device_read_or_answered_is_neither_told_nor_counted_here",
    what_another_device_read_or_answered_is_neither_told_nor_counted_here,
)];

/// How soon another device knows what was read.
const SOON: Duration = Duration::from_secs(2);
/// How long starting and signing in may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A session of a desktop: a keyring, somebody who shows notifications, and
/// the program. It lasts as long as its standard input.
const SESSION: &str = r#"
    printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    python3 -m dbusmock --template notification_daemon >/dev/null & daemon=$!
    until gdbus call --session --dest org.freedesktop.Notifications \
        --object-path /org/freedesktop/Notifications \
        --method org.freedesktop.Notifications.GetServerInformation >/dev/null 2>&1; do
        kill -0 $daemon || exit 1
    done
    dbus-monitor --session "interface='org.freedesktop.Notifications'" \
        "interface='com.canonical.Unity.LauncherEntry'" & monitor=$!
    "$PROGRAM" --sign-in-from "$HOME/sign-in" & program=$!
    cat >/dev/null
    kill $program; wait $program
    kill $monitor $daemon
"#;

/// What a desktop hears of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Show a notification.
    Told,
    /// Take a notification back.
    TakenBack,
    /// So many messages are unread.
    Count(i64),
}

/// The desktop, with the program on it.
struct Desktop {
    session: Child,
    heard: Receiver<News>,
    _home: tempfile::TempDir,
}

impl Desktop {
    /// Starts the program, which signs in with nothing here yet.
    fn start(person: &Person, server: &Prosody) -> Self {
        let home = tempfile::tempdir().unwrap();
        let here = home.path();
        let sign_in = format!(
            "{}\n{}\n127.0.0.1\n{}\n",
            person.address, person.password, server.port
        );
        fs::write(here.join("sign-in"), sign_in).unwrap();
        let mut session = Program::new("dbus-run-session")
            .args(["--", "sh", "-c", SESSION])
            .env("PROGRAM", env!("CARGO_BIN_EXE_stonechat"))
            .env("STONECHAT_EXTRA_CA", &server.ca)
            .env("GNOTIFICATION_BACKEND", "freedesktop")
            .env("HOME", here)
            .env("XDG_DATA_HOME", here.join("data"))
            .env("XDG_CONFIG_HOME", here.join("config"))
            .env("XDG_CACHE_HOME", here.join("cache"))
            .env_remove("GTK_A11Y")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-run-session is installed");
        let said = BufReader::new(session.stdout.take().expect("it is piped"));
        let (to, heard) = channel();
        std::thread::spawn(move || {
            let mut is_count = false;
            for line in said.lines().map_while(Result::ok) {
                let news = if line.ends_with("member=Notify") {
                    Some(News::Told)
                } else if line.ends_with("member=CloseNotification") {
                    Some(News::TakenBack)
                } else if std::mem::take(&mut is_count) {
                    let number = line.rsplit(' ').next().and_then(|word| word.parse().ok());
                    number.map(News::Count)
                } else {
                    is_count = line.ends_with("string \"count\"");
                    None
                };
                // Nobody listens at the end of the test.
                let _ = news.map(|news| to.send(news));
            }
        });
        Self {
            session,
            heard,
            _home: home,
        }
    }

    /// Waits until each of these was heard, in any order.
    #[track_caller]
    fn hears(&self, mut wanted: Vec<News>, within: Duration) {
        let end = Instant::now() + within;
        while !wanted.is_empty() {
            let heard = self
                .heard
                .recv_timeout(end.saturating_duration_since(Instant::now()))
                .unwrap_or_else(|error| {
                    panic!("{wanted:?} was not heard within {within:?}: {error}")
                });
            wanted.retain(|one| *one != heard);
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        drop(self.session.stdin.take());
        let _ = self.session.wait();
    }
}

fn what_another_device_read_or_answered_is_neither_told_nor_counted_here() {
    let waiting = tokio::runtime::Runtime::new().unwrap();
    waiting.block_on(two_devices());
}

async fn two_devices() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut lap = Ours::sign_in(&romeo, &server).await;
    lap.wait_until_online().await;
    let chat = lap.chat_with(&juliet).await;
    hears_a_device_of(&mut peer, &romeo).await;
    let desktop = Desktop::start(&romeo, &server);
    hears_a_device_of(&mut peer, &romeo).await;

    peer.send(&romeo.address, "Good night.", "night");
    desktop.hears(vec![News::Told, News::Count(1)], PATIENCE);
    read_all(&mut lap, chat, "Good night.").await;
    desktop.hears(vec![News::TakenBack, News::Count(0)], SOON);

    peer.send(&romeo.address, "What shall I swear by?", "swear");
    desktop.hears(vec![News::Told, News::Count(1)], PATIENCE);
    lap.wait_for_text(chat, Direction::Incoming, "What shall I swear by?")
        .await;
    lap.write(chat, "Do not swear at all.");
    desktop.hears(vec![News::TakenBack, News::Count(0)], SOON);
}

async fn read_all(ours: &mut Ours, chat: ConversationId, last: &str) {
    ours.wait_for_text(chat, Direction::Incoming, last).await;
    let up_to = ours.messages(chat).await.last().unwrap().id;
    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to,
    });
}

/// Waits until one more device is there.
async fn hears_a_device_of(peer: &mut Peer, person: &Person) {
    let device = format!("{}/", person.address);
    peer.hears("a device", |heard| {
        matches!(heard, Heard::Presence { from, kind } if from.starts_with(&device) && kind == "available")
            .then_some(())
    })
    .await;
}
