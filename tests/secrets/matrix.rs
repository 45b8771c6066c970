//! Every kind of desktop, from the first sign-in to the removed account, with
//! the whole engine: what the person is asked, and where the password is then.
//!
//! The network is played. gnome-keyring is real where it can be; where the
//! person has to answer a question of the keyring, [`Asking`] plays both.

use std::path::Path;
use std::time::Duration;

use stonechat::engine::Options;
use stonechat::engine::api::{Command, Engine, Event, SignIn};
use stonechat::engine::model::{
    AccountId, ConnectionProblem, ConnectionState, PasswordPlace, PasswordTrouble, Secret,
};
use stonechat::engine::testing::{Dialled, Script, Secrets, scripted_from};
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use crate::asking::Asking;
use crate::bus::{Bus, Daemon};
use crate::fake::{Fake, Manner};

const ROMEO: &str = "romeo@example.org";
const FIRST: &str = "wherefore";
const CHANGED: &str = "a rose";
const NOW: i64 = 1_800_000_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// One line of the table.
struct Line {
    desktop: &'static str,
    /// What the person chooses after the first sign-in.
    chooses: Option<PasswordPlace>,
    /// What they are told after the first sign-in, why they are asked for the
    /// password at the next start, what they are told after they changed it,
    /// and why they are asked at the start after that.
    first: Option<PasswordTrouble>,
    restart: Option<PasswordTrouble>,
    change: Option<PasswordTrouble>,
    again: Option<PasswordTrouble>,
    /// Where the changed password is.
    kept: Option<PasswordPlace>,
    /// Whether something is left once the account is removed.
    leaves: Option<&'static str>,
}

const NOTHING: Line = Line {
    desktop: "",
    chooses: None,
    first: None,
    restart: None,
    change: None,
    again: None,
    kept: None,
    leaves: None,
};

/// A desktop, for as long as a line takes.
struct Desktop {
    name: &'static str,
    bus: Option<Bus>,
    gnome: Option<Daemon>,
    asking: Option<Asking>,
    hanging: Option<Fake>,
    data: TempDir,
}

impl Desktop {
    async fn of(name: &'static str) -> Self {
        let mut desktop = Self {
            name,
            bus: Some(Bus::start()),
            gnome: None,
            asking: None,
            hanging: None,
            data: tempfile::tempdir().unwrap(),
        };
        let bus = desktop.bus.as_ref().unwrap();
        match name {
            "unlocked" | "locked later" => {
                desktop.gnome = Some(bus.gnome_keyring("the login password").await);
            }
            "locked, unlocked when asked" => desktop.asking = Some(Asking::on(bus, true).await),
            "locked, dismissed" => desktop.asking = Some(Asking::on(bus, false).await),
            "a keyring that hangs" => {
                desktop.hanging = Some(Fake::on(bus, Manner::NeverAnswers).await);
            }
            "no bus" => desktop.bus = None,
            _ => assert_eq!(name, "a bus without a keyring"),
        }
        desktop
    }

    /// The passwords as a new run of the program finds them.
    fn secrets(&self) -> Secrets {
        let bus = self.bus.as_ref();
        let address = bus.map_or("unix:path=/nowhere/bus", |bus| &bus.address);
        let patience = if self.hanging.is_some() {
            Duration::from_millis(200)
        } else {
            PATIENCE
        };
        Secrets::on_bus(address, patience)
    }

    /// The person logs out and in again.
    async fn new_session(&self) {
        if let Some(asking) = &self.asking {
            asking.lock();
        }
        if self.name == "locked later" {
            self.bus.as_ref().unwrap().lock_keyring().await;
        }
    }

    fn start(&self) -> (Engine, Script, Receiver<Event>) {
        let options = Options::new(self.data.path().to_owned()).with_secrets(self.secrets());
        let (engine, script) = scripted_from(options, NOW);
        let events = engine.subscribe();
        (engine, script, events)
    }

    /// Where a password is, seen past all locks.
    async fn finds(&self) -> Vec<(PasswordPlace, String)> {
        let mut found = Vec::new();
        if self.gnome.is_some() && self.name == "unlocked" {
            let secret = self.secrets().password(ROMEO, PasswordPlace::Keyring).await;
            found.extend(secret.unwrap().map(|secret| secret.reveal().to_owned()));
        }
        found.extend(self.asking.as_ref().and_then(Asking::holds));
        let mut found: Vec<_> = found
            .into_iter()
            .map(|secret| (PasswordPlace::Keyring, secret))
            .collect();
        let file = self
            .secrets()
            .with_file_in(self.data.path().to_owned())
            .password(ROMEO, PasswordPlace::File)
            .await
            .unwrap();
        assert_eq!(file.is_some(), self.data.path().join("passwords").exists());
        found.extend(file.map(|secret| (PasswordPlace::File, secret.reveal().to_owned())));
        found
    }
}

/// What the person was told, up to the end of the engine.
async fn told(engine: &Engine, events: &mut Receiver<Event>) -> Option<PasswordTrouble> {
    engine.stop().await;
    let mut told = None;
    while let Ok(event) = events.try_recv() {
        if let Event::PasswordNotKept { trouble, .. } = event {
            told = Some(trouble);
        }
    }
    told
}

async fn hears_trouble(events: &mut Receiver<Event>) -> PasswordTrouble {
    let heard = async {
        loop {
            if let Event::PasswordNotKept { trouble, .. } = events.recv().await.unwrap() {
                return trouble;
            }
        }
    };
    timeout(PATIENCE, heard).await.expect("it is told")
}

/// What a start comes to: a connection, or a question.
async fn starts(
    engine: &Engine,
    script: &mut Script,
    events: &mut Receiver<Event>,
) -> Result<Dialled, PasswordTrouble> {
    let asked = async {
        loop {
            if let Some(ConnectionState::Stopped(ConnectionProblem::PasswordMissing(why))) =
                engine.connections().get(&AccountId(1))
            {
                return *why;
            }
            events.recv().await.unwrap();
        }
    };
    tokio::select! {
        dialled = script.dialled() => Ok(dialled),
        why = asked => Err(why),
    }
}

async fn plays(line: Line) {
    let name = line.desktop;
    let desktop = Desktop::of(name).await;

    // The first sign-in.
    let (engine, mut script, mut events) = desktop.start();
    let form = SignIn {
        address: ROMEO.into(),
        password: Secret::new(FIRST),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    };
    let (account, _link) = tokio::join!(engine.sign_in(form), async {
        let link = script.dialled().await;
        link.lets_in("one").await;
        link
    });
    let account = account.unwrap();
    if let Some(place) = line.chooses {
        assert_eq!(Some(hears_trouble(&mut events).await), line.first, "{name}");
        engine.command(Command::PasswordPlace { account, place });
        assert_eq!(told(&engine, &mut events).await, None, "{name}");
    } else {
        assert_eq!(told(&engine, &mut events).await, line.first, "{name}");
    }
    drop((engine, script));

    // A restart, and a password that was changed elsewhere.
    desktop.new_session().await;
    let (engine, mut script, mut events) = desktop.start();
    let start = starts(&engine, &mut script, &mut events).await;
    if let Ok(link) = &start {
        assert_eq!(link.password.reveal(), FIRST, "{name}");
        link.breaks(ConnectionProblem::WrongPassword).await;
    }
    assert_eq!(start.err(), line.restart, "{name}: restart");
    let password = Secret::new(CHANGED);
    engine.command(Command::Password { account, password });
    let link = script.dialled().await;
    assert_eq!(link.password.reveal(), CHANGED, "{name}");
    link.lets_in("two").await;
    assert_eq!(told(&engine, &mut events).await, line.change, "{name}");
    drop((engine, script));
    let kept = line.kept.map(|place| (place, CHANGED.to_owned()));
    let left: Vec<_> = kept.into_iter().collect();
    if line.leaves.is_none() {
        assert_eq!(desktop.finds().await, left, "{name}: kept");
    }

    // Another restart, and the end.
    desktop.new_session().await;
    let (engine, mut script, mut events) = desktop.start();
    let start = starts(&engine, &mut script, &mut events).await;
    if let Ok(link) = &start {
        assert_eq!(link.password.reveal(), CHANGED, "{name}");
    }
    assert_eq!(start.err(), line.again, "{name}: restart after the change");
    let has_word = desktop.gnome.is_some() && desktop.name == "unlocked";
    if has_word {
        let word = Secret::new("of this history");
        let kept = desktop.secrets().store_generation(ROMEO, &word).await;
        kept.unwrap();
    }
    engine.command(Command::RemoveAccount {
        account,
        keeps_history: false,
    });
    let gone = async {
        while !engine.accounts().await.unwrap().is_empty() {
            events.recv().await.unwrap();
        }
    };
    timeout(PATIENCE, gone).await.expect("the account is gone");
    engine.stop().await;
    drop((engine, script));
    assert!(desktop.finds().await.is_empty(), "{name}: removed");
    if has_word {
        let word = desktop.secrets().generation(ROMEO).await.unwrap();
        assert!(word.is_none(), "{name}: the word of the history");
    }
    assert_no_password_in(desktop.data.path());
}

/// Neither the history nor anything else beside it holds a password.
fn assert_no_password_in(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        for password in [FIRST, CHANGED] {
            let holds = content
                .windows(password.len())
                .any(|part| part == password.as_bytes());
            assert!(!holds, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_desktop_asks_what_it_must_and_keeps_the_password_where_it_says() {
    use PasswordPlace::{AskEachTime, File, Keyring};
    use PasswordTrouble::{AskedEachTime, KeyringLocked, KeyringSilent, NoKeyring, NotThere};
    let table = [
        Line {
            desktop: "unlocked",
            kept: Some(Keyring),
            ..NOTHING
        },
        Line {
            desktop: "locked, unlocked when asked",
            kept: Some(Keyring),
            ..NOTHING
        },
        Line {
            desktop: "locked, dismissed",
            first: Some(KeyringLocked),
            restart: Some(NotThere),
            change: Some(KeyringLocked),
            again: Some(NotThere),
            ..NOTHING
        },
        Line {
            // What was kept before stays behind its lock; the log says so.
            desktop: "locked later",
            restart: Some(KeyringLocked),
            change: Some(KeyringLocked),
            again: Some(KeyringLocked),
            leaves: Some("the first password"),
            ..NOTHING
        },
        Line {
            desktop: "no bus",
            first: Some(NoKeyring),
            restart: Some(NoKeyring),
            change: Some(NoKeyring),
            again: Some(NoKeyring),
            ..NOTHING
        },
        Line {
            desktop: "a bus without a keyring",
            first: Some(NoKeyring),
            restart: Some(NoKeyring),
            change: Some(NoKeyring),
            again: Some(NoKeyring),
            ..NOTHING
        },
        Line {
            desktop: "a keyring that hangs",
            first: Some(KeyringSilent),
            restart: Some(KeyringSilent),
            change: Some(KeyringSilent),
            again: Some(KeyringSilent),
            ..NOTHING
        },
        Line {
            desktop: "a bus without a keyring",
            chooses: Some(File),
            first: Some(NoKeyring),
            kept: Some(File),
            ..NOTHING
        },
        Line {
            desktop: "no bus",
            chooses: Some(AskEachTime),
            first: Some(NoKeyring),
            restart: Some(AskedEachTime),
            again: Some(AskedEachTime),
            ..NOTHING
        },
    ];
    for line in table {
        plays(line).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_asks_once_a_start_and_once_to_keep() {
    let desktop = Desktop::of("locked, unlocked when asked").await;
    let secrets = desktop.secrets();
    let asking = desktop.asking.as_ref().unwrap();

    let password = Secret::new(FIRST);
    secrets
        .store(ROMEO, PasswordPlace::Keyring, &password)
        .await
        .unwrap();
    assert_eq!(asking.questions(), 1);
    desktop.new_session().await;
    let found = desktop
        .secrets()
        .password(ROMEO, PasswordPlace::Keyring)
        .await;

    assert_eq!(found, Ok(Some(password)));
    assert_eq!(asking.questions(), 1);
}
