//! Romeo, signed in to a friendly server over real TLS.

use std::sync::Arc;
use std::time::Duration;

use minidom::Element;
use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::engine::Options;
use crate::engine::api::{Command, Engine, Event, SignIn};
use crate::engine::link::tests::friendly::{Answers, Friendly};
use crate::engine::model::{AccountId, ConnectionProblem, ConnectionState, Secret};

/// Longer than anything that works takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Stage {
    pub engine: Engine,
    pub account: AccountId,
    pub server: Friendly,
    events: broadcast::Receiver<Event>,
    _folder: TempDir,
}

impl Stage {
    /// Starts server and engine, and signs in.
    pub async fn new() -> Self {
        Self::answering(|_, _| None).await
    }

    /// The same with answers of the test's own.
    pub async fn answering(
        answers: impl Fn(u32, &Element) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let answers: Answers = Arc::new(answers);
        let mut server = Friendly::start(answers).await;
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().join("data"))
            .with_secrets_in_memory()
            .with_extra_ca(Some(server.authority.path().to_owned()));
        let engine = tokio::task::spawn_blocking(|| Engine::start(options).unwrap())
            .await
            .unwrap();
        let events = engine.subscribe();
        let form = SignIn {
            address: "romeo@example.org".into(),
            password: Secret::new("wherefore"),
            host: Some("127.0.0.1".into()),
            port: Some(server.port),
            allows_plain: true,
            proxy: String::new(),
        };
        let account = timeout(PATIENCE, engine.sign_in(form)).await.unwrap();
        let account = account.unwrap();
        // This server publishes nobody's keys.
        engine.command(Command::EncryptByDefault {
            account,
            is_on: false,
        });
        timeout(PATIENCE, server.until_ready(1)).await.unwrap();
        Self {
            engine,
            account,
            server,
            events,
            _folder: folder,
        }
    }

    /// Waits until the client has signed in so many times in all.
    pub async fn until_ready(&mut self, times: u32) {
        timeout(PATIENCE, self.server.until_ready(times))
            .await
            .expect("it signs in again");
    }

    /// Brings an ordinary message of Juliet's.
    pub fn brings(&self, body: &str) {
        self.server.says(format!(
            "<message from='juliet@example.org/balcony' to='romeo@example.org/orchard' \
             type='chat' id='id-{body}'><body>{body}</body></message>"
        ));
    }

    /// Returns the texts of all chats, in the order of each.
    pub async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for chat in self.engine.conversations().await.unwrap() {
            let rows = self.engine.latest_messages(chat.id, 1_000).await.unwrap();
            texts.extend(rows.into_iter().map(|row| row.body));
        }
        texts
    }

    /// Waits until a text is shown; returns all texts.
    pub async fn shows(&mut self, body: &str) -> Vec<String> {
        let shown = async {
            loop {
                let texts = self.texts().await;
                if texts.iter().any(|text| text == body) {
                    return texts;
                }
                // Whatever happens next; one that was missed is a reason to look, too.
                let _ = self.events.recv().await;
            }
        };
        timeout(PATIENCE, shown)
            .await
            .unwrap_or_else(|_| panic!("{body} is not shown"))
    }

    /// Waits until something is so.
    pub async fn until(&mut self, what: &str, is_so: impl AsyncFn(&Engine) -> bool) {
        let waiting = async {
            while !is_so(&self.engine).await {
                let _ = self.events.recv().await;
            }
        };
        let waited = timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("waited in vain until {what}"));
    }

    /// Waits until nothing is known to be missing.
    pub async fn until_online(&mut self) {
        let online = async {
            while self.engine.connections().get(&self.account) != Some(&ConnectionState::Online) {
                let _ = self.events.recv().await;
            }
        };
        timeout(PATIENCE, online).await.expect("it gets online");
    }

    /// Waits for a connection that ends, and returns why.
    pub async fn ended(&mut self) -> ConnectionProblem {
        let ended = async {
            loop {
                match self.events.recv().await {
                    Ok(Event::Connection {
                        state:
                            ConnectionState::Waiting { problem, .. } | ConnectionState::Stopped(problem),
                        ..
                    }) => return problem,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        };
        timeout(PATIENCE, ended).await.expect("the connection ends")
    }
}

/// The server ends the stream for a reason.
pub fn stream_error(condition: &str) -> String {
    format!("<stream:error>{condition}</stream:error></stream:stream>")
}

/// The server ends the stream, which may be resumed.
pub fn shutdown() -> String {
    stream_error("<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")
}
