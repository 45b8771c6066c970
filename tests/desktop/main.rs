//! The computer around the program: sleep and locks as logind tells them, on a
//! bus of the test's own, and what a crash leaves behind. logind is played by
//! python-dbusmock, the server by the test.
#![allow(clippy::unwrap_used)]

#[path = "../secrets/bus.rs"]
#[allow(dead_code, reason = "the keyring of another suite")]
mod bus;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command as Program, Stdio};
use std::time::Duration;

use bus::Bus;
use futures_util::StreamExt;
use stonechat::engine::Options;
use stonechat::engine::api::{Engine, SignIn};
use stonechat::engine::model::Secret;
use stonechat::engine::testing::{Dialled, Script, scripted_from};
use tempfile::TempDir;
use zbus::fdo::DBusProxy;
use zbus::{Connection, Proxy};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/auto";
const MOCK: &str = "org.freedesktop.DBus.Mock";
const PATIENCE: Duration = Duration::from_secs(20);

/// logind with one session, that of the user.
struct Logind {
    program: Child,
    connection: Connection,
}

impl Logind {
    async fn start(bus: &Bus) -> Self {
        let connection = bus.connect().await;
        let names = DBusProxy::new(&connection).await.unwrap();
        let mut changes = names
            .receive_name_owner_changed_with_args(&[(0, LOGIND)])
            .await
            .unwrap();
        let program = Program::new("python3")
            .args(["-m", "dbusmock", "--template", "logind"])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("python3-dbusmock is installed; run this inside build-aux/dev-root");
        tokio::time::timeout(PATIENCE, changes.next())
            .await
            .expect("logind comes");
        let logind = Self {
            program,
            connection,
        };
        let _: String = logind
            .proxy(MANAGER, MOCK)
            .await
            .call("AddSession", &("auto", "seat0", 1000_u32, "romeo", true))
            .await
            .unwrap();
        logind
    }

    async fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'_> {
        Proxy::new(&self.connection, LOGIND, path, interface)
            .await
            .unwrap()
    }

    async fn session(&self) -> Proxy<'_> {
        self.proxy(SESSION, "org.freedesktop.login1.Session").await
    }

    /// As GNOME tells of its lock.
    async fn hints(&self, is_locked: bool) {
        let session = self.session().await;
        let () = session.call("SetLockedHint", &(is_locked,)).await.unwrap();
    }

    /// As `loginctl lock-session` and `unlock-session` ask for it.
    async fn asks_to(&self, what: &str) {
        let () = self.session().await.call(what, &()).await.unwrap();
    }

    async fn says_it_suspends(&self, begins: bool) {
        let arguments = vec![zbus::zvariant::Value::from(begins)];
        let signal = (
            "org.freedesktop.login1.Manager",
            "PrepareForSleep",
            "b",
            arguments,
        );
        let manager = self.proxy(MANAGER, MOCK).await;
        let () = manager.call("EmitSignal", &signal).await.unwrap();
    }
}

impl Drop for Logind {
    fn drop(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

/// Romeo, whose server wants to know whether somebody looks.
struct Stage {
    _engine: Engine,
    _script: Script,
    link: Dialled,
    _folder: TempDir,
}

async fn romeo(bus_address: &str) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("data"))
        .with_secrets_in_memory()
        .with_desktop(Some(bus_address));
    let (engine, mut script) = scripted_from(options, 1_800_000_000_000);
    let form = SignIn {
        address: "romeo@example.org".into(),
        password: Secret::new("wherefore"),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    };
    let (account, link) = tokio::join!(engine.sign_in(form), async {
        let mut link = script.dialled().await;
        link.wants_to_know_who_looks();
        link.lets_in("one").await;
        link
    });
    account.unwrap();
    Stage {
        _engine: engine,
        _script: script,
        link,
        _folder: folder,
    }
}

impl Stage {
    /// Hears that somebody looks, or nobody, among what a session begins with.
    async fn hears(&mut self, state: &str) {
        let said = loop {
            let sent = self.link.sent().await;
            if sent.ns() == "urn:xmpp:csi:0" {
                break sent;
            }
        };
        assert_eq!(said.name(), state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_and_sleep_reach_the_server() {
    let bus = Bus::start();
    let logind = Logind::start(&bus).await;
    // Locked since before the start; hearing it shows that the engine listens.
    logind.hints(true).await;
    let mut stage = romeo(&bus.address).await;
    stage.hears("inactive").await;

    logind.hints(false).await;
    stage.hears("active").await;

    logind.asks_to("Lock").await;
    stage.hears("inactive").await;
    logind.asks_to("Unlock").await;
    stage.hears("active").await;

    logind.says_it_suspends(true).await;
    stage.hears("inactive").await;
    logind.says_it_suspends(false).await;
    stage.link.is_questioned().await;
    stage.hears("active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_logind_or_a_bus_the_engine_works_all_the_same() {
    let bus = Bus::start();
    let nowhere = tempfile::tempdir().unwrap();
    let nowhere = format!("unix:path={}", nowhere.path().join("bus").display());

    for address in [&bus.address, &nowhere] {
        let mut stage = romeo(address).await;
        let first = stage.link.sent().await;
        assert!(first.has_child("query", "jabber:iq:roster"), "{first:?}");
    }
}

#[test]
fn a55_a_crash_leaves_no_picture_of_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let headless = env!("CARGO_BIN_EXE_stonechat-headless");
    // Where pictures are wanted of every program.
    let mut program = Program::new("sh")
        .args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" data"])
        .arg(headless)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut started = String::new();
    let output = program.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut started).unwrap();
    assert_eq!(started, "ok\n");

    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core"));
    let killed = Program::new("kill")
        .args(["-ABRT", &program.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let end = program.wait().unwrap();

    let core: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{core:?}");
    assert_eq!(end.signal(), Some(6), "{end:?}");
    assert!(!end.core_dumped());
}
