//! Our engine as one person uses it: a folder of its own, one account, and
//! waiting for what the engine says instead of for time to pass.

use std::path::{Path, PathBuf};
use std::time::Duration;

use stonechat::engine::Options;
use stonechat::engine::api::{Command, Engine, Event, SignIn};
use stonechat::engine::error::SignInError;
use stonechat::engine::model::{
    AccountId, ConnectionState, ConversationId, Delivery, Direction, MessageRow, Secret,
};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::accounts::Person;
use super::prosody::Prosody;

/// How long anything may take before the test fails: longer than the link
/// waits for an answer before it takes a connection for dead.
const PATIENCE: Duration = Duration::from_secs(25);

/// A running engine with one account.
pub struct Ours {
    /// The engine.
    pub engine: Engine,
    /// The account.
    pub account: AccountId,
    events: broadcast::Receiver<Event>,
    home: Home,
}

/// Somebody who will come back to the same data.
pub struct Away {
    home: Home,
    account: AccountId,
}

impl Away {
    /// Changes the history behind the engine's back.
    pub fn change_history(&self, sql: &str) {
        let history = self.home.options.data_dir.join("history.db");
        rusqlite::Connection::open(history)
            .and_then(|connection| connection.execute_batch(sql))
            .expect("the history can be changed");
    }

    /// Starts an engine on the data that is there.
    pub fn come_back(self) -> Ours {
        let engine = self.home.start();
        self.come_back_as(engine)
    }

    fn come_back_as(self, engine: Engine) -> Ours {
        let Self { home, account } = self;
        let events = engine.subscribe();
        Ours {
            engine,
            account,
            events,
            home,
        }
    }
}

/// What stays when the engine stops.
struct Home {
    options: Options,
    _folder: Option<tempfile::TempDir>,
}

impl Home {
    /// Returns an empty home that trusts this authority.
    pub fn new(ca: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the engine");
        let home = Self::of(&folder.path().join("data"), ca);
        Self {
            _folder: Some(folder),
            ..home
        }
    }

    /// Returns the home in a folder that somebody else keeps.
    fn of(data: &Path, ca: &Path) -> Self {
        log_what_is_asked_for();
        let options = Options::new(data.to_path_buf())
            .with_extra_ca(Some(PathBuf::from(ca)))
            .with_secrets_in_memory();
        Self {
            options,
            _folder: None,
        }
    }

    /// Starts an engine here.
    pub fn start(&self) -> Engine {
        Engine::start(self.options.clone()).expect("the engine starts")
    }
}

/// Writes what STONECHAT_LOG asks for into the output of a test that failed.
fn log_what_is_asked_for() {
    // Fails from the second test on, which is right: once is enough.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("STONECHAT_LOG"))
        .with_writer(std::io::stderr)
        .try_init();
}

/// Fills the sign-in form for a server on this machine.
pub fn form(person: &Person, port: u16) -> SignIn {
    SignIn {
        address: person.address.clone(),
        password: Secret::new(&person.password),
        host: Some("127.0.0.1".into()),
        port: Some(port),
        allows_plain: false,
        proxy: String::new(),
    }
}

/// Tries to sign in and returns what the form would be told. Stops the engine
/// afterwards, and makes sure that nothing was kept where it failed.
pub async fn try_to_sign_in(sign_in: SignIn, ca: &Path) -> Result<(), SignInError> {
    let home = Home::new(ca);
    let engine = home.start();
    let result = engine.sign_in(sign_in).await;
    let accounts = engine.accounts().await.expect("the history can be read");
    assert_eq!(accounts.len(), usize::from(result.is_ok()), "{result:?}");
    engine.stop().await;
    result.map(|_| ())
}

impl Ours {
    /// Signs in and waits until nothing is known to be missing. Chats are not
    /// encrypted: most clients here cannot do it.
    pub async fn sign_in(person: &Person, server: &Prosody) -> Self {
        Self::sign_in_at(person, server, server.port).await
    }

    /// Signs in through another port, that of a `LinkCutter` for example.
    pub async fn sign_in_at(person: &Person, server: &Prosody, port: u16) -> Self {
        Self::sign_in_with(form(person, port), server).await
    }

    /// Signs in with what a form holds.
    pub async fn sign_in_with(form: SignIn, server: &Prosody) -> Self {
        let mut ours = Self::begin(form, server).await;
        ours.engine.command(Command::EncryptByDefault {
            account: ours.account,
            is_on: false,
        });
        ours.wait_until_online().await;
        ours
    }

    /// Signs in as the program does by itself: chats are encrypted. Waits until
    /// nothing is known to be missing.
    pub async fn sign_in_encrypting(person: &Person, server: &Prosody) -> Self {
        let mut ours = Self::begin(form(person, server.port), server).await;
        ours.wait_until_online().await;
        ours
    }

    async fn begin(form: SignIn, server: &Prosody) -> Self {
        let address = form.address.clone();
        let home = Home::new(&server.ca);
        let engine = home.start();
        let events = engine.subscribe();
        let account = engine
            .sign_in(form)
            .await
            .unwrap_or_else(|problem| panic!("{address} could not sign in: {problem}"));
        Self {
            engine,
            account,
            events,
            home,
        }
    }

    /// Starts an engine on what a killed program left, and waits until nothing
    /// is known to be missing.
    pub async fn inherit(data: &Path, person: &Person, server: &Prosody) -> Self {
        let home = Home::of(data, &server.ca);
        let engine = home.start();
        let account = engine.accounts().await.expect("the history can be read")[0].id;
        let password = Secret::new(&person.password);
        engine.command(Command::Password { account, password });
        let mut ours = Away { home, account }.come_back_as(engine);
        ours.wait_until_online().await;
        ours
    }

    /// Ends the engine properly and starts it again on the same data.
    pub async fn restart(self) -> Self {
        self.leave().await.come_back()
    }

    /// Ends the engine properly; its data stays.
    pub async fn leave(self) -> Away {
        let Self {
            engine,
            account,
            home,
            ..
        } = self;
        engine.stop().await;
        Away { home, account }
    }

    /// Waits until `look` finds something, looking again whenever the engine
    /// says that something changed.
    pub async fn wait_for<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&Engine) -> Option<T>,
    ) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.engine).await {
                return found;
            }
            match timeout_at(until, self.events.recv()).await {
                // Lagging behind means that much happened: look again.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => (),
                Ok(Err(RecvError::Closed)) => panic!("the engine ended while waiting for {what}"),
                Err(Elapsed { .. }) => panic!(
                    "not seen: {what}; connections: {:?}",
                    self.engine.connections()
                ),
            }
        }
    }

    /// Waits for an event that `pick` takes.
    pub async fn wait_for_event<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            match timeout_at(until, self.events.recv()).await {
                Ok(Ok(event)) => {
                    if let Some(found) = pick(&event) {
                        return found;
                    }
                }
                Ok(Err(problem)) => panic!("{problem} while waiting for {what}"),
                Err(Elapsed { .. }) => panic!("not heard: {what}"),
            }
        }
    }

    /// Waits as `wait_for` does, and connects at once whenever the connection
    /// is lost: the waiting times are the subject of other tests.
    pub async fn wait_through_outages<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&Engine) -> Option<T>,
    ) -> T {
        let account = self.account;
        self.wait_for(what, async |engine| {
            if matches!(
                engine.connections().get(&account),
                Some(ConnectionState::Waiting { .. })
            ) {
                engine.command(Command::TryNow);
            }
            look(engine).await
        })
        .await
    }

    /// Waits until signed in with nothing known to be missing.
    pub async fn wait_until_online(&mut self) {
        self.wait_for_connection("that we are online", |state| {
            *state == ConnectionState::Online
        })
        .await;
    }

    /// Waits for a state of the connection.
    pub async fn wait_for_connection(
        &mut self,
        what: &str,
        is_it: impl Fn(&ConnectionState) -> bool,
    ) {
        let account = self.account;
        self.wait_for(what, async |engine| {
            engine
                .connections()
                .get(&account)
                .filter(|state| is_it(state))
                .map(|_| ())
        })
        .await;
    }

    /// Opens the chat with somebody.
    pub async fn chat_with(&self, person: &Person) -> ConversationId {
        self.engine
            .open_chat(self.account, person.address.clone())
            .await
            .expect("the chat opens")
    }

    /// Writes a text.
    pub fn write(&self, conversation: ConversationId, text: &str) {
        self.engine.command(Command::SendText {
            conversation,
            body: text.into(),
            reply_to: None,
        });
    }

    /// Returns the whole chat, oldest first.
    pub async fn messages(&self, conversation: ConversationId) -> Vec<MessageRow> {
        messages(&self.engine, conversation).await
    }

    /// Returns the texts of the whole chat, oldest first.
    pub async fn texts(&self, conversation: ConversationId) -> Vec<String> {
        self.messages(conversation)
            .await
            .into_iter()
            .map(|row| row.body)
            .collect()
    }

    /// Asserts that the chat holds exactly these texts, in this order.
    pub async fn assert_texts(&self, conversation: ConversationId, expected: &[impl AsRef<str>]) {
        assert_same(&self.texts(conversation).await, expected);
    }

    /// Waits for a message with this text, by this side.
    pub async fn wait_for_text(
        &mut self,
        conversation: ConversationId,
        direction: Direction,
        text: &str,
    ) -> MessageRow {
        self.wait_for(&format!("{direction:?} {text:?}"), async |engine| {
            let mut rows = messages(engine, conversation).await.into_iter();
            rows.find(|row| row.body == text && row.direction == direction)
        })
        .await
    }

    /// Waits until one of our messages got exactly so far.
    pub async fn wait_for_delivery(
        &mut self,
        conversation: ConversationId,
        text: &str,
        delivery: Delivery,
    ) {
        self.wait_for(&format!("{text:?} to be {delivery:?}"), async |engine| {
            let mut rows = messages(engine, conversation).await.into_iter();
            rows.find(|row| row.body == text && row.delivery == delivery)
                .map(|_| ())
        })
        .await;
    }
}

/// Asserts that two lists of texts are equal. Says where they part, and shows
/// the beginnings around that place: a thousand long texts are no message.
pub fn assert_same(found: &[impl AsRef<str>], expected: &[impl AsRef<str>]) {
    let short = |text: &str| text.chars().take(16).collect::<String>();
    let found: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
    let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
    let Some(place) = (0..found.len().max(expected.len()))
        .find(|place| found.get(*place) != expected.get(*place))
    else {
        return;
    };
    let around = |texts: &[&str]| {
        let near = texts.iter().skip(place.saturating_sub(2)).take(6);
        near.map(|text| short(text)).collect::<Vec<_>>()
    };
    panic!(
        "{} texts, expected {}; they part at {place}: {:?}, expected {:?}",
        found.len(),
        expected.len(),
        around(&found),
        around(&expected)
    );
}

async fn messages(engine: &Engine, conversation: ConversationId) -> Vec<MessageRow> {
    let ids = engine
        .message_ids(conversation)
        .await
        .expect("the history can be read");
    engine.messages(ids).await.expect("the history can be read")
}
