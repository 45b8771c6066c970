//! A link that a test plays: it reads what we send and says what comes in.
//!
//! [`scripted`] gives a real engine whose connections end in a [`Script`]
//! instead of a socket. Each connection it makes is a [`Dialled`].

mod token;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::engine::Options;
use crate::engine::api::Engine;
use crate::engine::clock::Clock;
use crate::engine::link::{
    Link, LinkCommand, LinkEvent, LinkSettings, Memory, Offers, Online, Resume, SkipReason,
    SmSession, Strongest,
};
use crate::engine::model::{ConnectionProblem, Secret, SecurityReport, Timestamp};

/// How long a step of a script may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts an engine with its data in `folder` whose connections are played by
/// the test, at a standing time.
///
/// # Panics
/// When the engine does not start.
#[allow(clippy::expect_used)]
pub fn scripted(folder: &Path, now: Timestamp) -> (Engine, Script) {
    scripted_impatient(folder, now, Duration::from_mins(10))
}

/// Like [`scripted`], with the archive asked again after a time.
///
/// # Panics
/// When the engine does not start.
pub fn scripted_impatient(folder: &Path, now: Timestamp, ask_again: Duration) -> (Engine, Script) {
    let options = Options::new(folder.to_owned())
        .with_secrets_in_memory()
        .with_desktop(None)
        .with_archive_asked_after(ask_again)
        .with_archive_settled_after(Duration::ZERO);
    scripted_from(options, now)
}

/// Like [`scripted`], with everything else as the options say.
///
/// # Panics
/// When the engine does not start.
#[allow(clippy::expect_used)]
pub fn scripted_from(options: Options, now: Timestamp) -> (Engine, Script) {
    let (to_script, dials) = mpsc::unbounded_channel();
    let panics = Arc::new(AtomicU32::new(0));
    let panics_left = Arc::clone(&panics);
    let dial = Arc::new(move |settings: LinkSettings, resume: Option<Resume>| {
        let left = panics_left.load(Ordering::SeqCst);
        if left > 0 {
            panics_left.store(left - 1, Ordering::SeqCst);
            panic!("as the test wants it");
        }
        let (commands, received) = mpsc::channel(256);
        let (events, sent) = mpsc::channel(16);
        // The test may be over; the link then simply stays silent.
        let _ = to_script.send(Dialled {
            address: settings.address,
            host: settings.host,
            proxy: settings.proxy,
            allows_plain: settings.allows_plain,
            password: settings.password,
            resume: resume.map(|resume| (resume.id, resume.h)),
            received,
            events,
            opening: settings.opening.into(),
            is_fresh: AtomicBool::new(false),
            has_copies: false,
            handled: 0,
            strongest: settings
                .memory
                .strongest
                .as_ref()
                .map(|strongest| strongest.mechanism.clone()),
            memory: settings.memory,
            offers: Offers::default(),
        });
        Link {
            commands,
            events: sent,
        }
    });
    let clock = Clock::standing_at(now);
    let options = options.with_dial(dial).with_clock(clock.clone());
    let engine = Engine::start(options).expect("the engine starts");
    (
        engine,
        Script {
            dials,
            clock,
            panics,
        },
    )
}

/// The other end of everything the engine dials.
pub struct Script {
    dials: mpsc::UnboundedReceiver<Dialled>,
    clock: Clock,
    panics: Arc<AtomicU32>,
}

impl Script {
    /// Waits for the next connection the engine makes.
    ///
    /// # Panics
    /// When it makes none within five seconds.
    #[allow(clippy::expect_used)]
    pub async fn dialled(&mut self) -> Dialled {
        timeout(PATIENCE, self.dials.recv())
            .await
            .expect("the engine dials in time")
            .expect("the engine runs")
    }

    /// Returns whether the engine has made another connection by now.
    pub fn has_dialled(&mut self) -> bool {
        !self.dials.is_empty()
    }

    /// Makes the next sessions that dial panic, so many of them.
    pub fn panics(&self, times: u32) {
        self.panics.store(times, Ordering::SeqCst);
    }

    /// Sets the time.
    pub fn set_time(&self, now: Timestamp) {
        self.clock.set(now);
    }
}

/// One connection, as the server sees it.
pub struct Dialled {
    /// Whose it is.
    pub address: BareJid,
    /// Where it connects to; `None`: as the domain's DNS says.
    pub host: Option<(String, u16)>,
    /// The proxy it goes by.
    pub proxy: Option<(String, u16)>,
    /// What it signs in with.
    pub password: Secret,
    /// Name and number of the stream it wants to take up again.
    pub resume: Option<(String, u32)>,
    /// It may send the password itself.
    pub allows_plain: bool,
    /// The mechanism that it holds the server to.
    pub strongest: Option<String>,
    /// How many stanzas the engine has said took effect.
    pub handled: u32,
    memory: Memory,
    /// What the server offers on it, besides what the functions here say.
    offers: Offers,
    has_copies: bool,
    /// What is sent before anything else once the stream is a fresh one.
    opening: VecDeque<Element>,
    is_fresh: AtomicBool,
    received: mpsc::Receiver<LinkCommand>,
    events: mpsc::Sender<LinkEvent>,
}

impl Dialled {
    /// Offers to hold back what can wait while nobody looks.
    pub fn wants_to_know_who_looks(&mut self) {
        self.offers.client_state = true;
    }

    /// Keeps in mind who may see the account before they ask.
    pub fn keeps_approvals(&mut self) {
        self.offers.pre_approval = true;
    }

    /// Copies already what the account's other devices do.
    pub fn copies_unasked(&mut self) {
        self.has_copies = true;
    }

    /// Takes no stanza of more bytes.
    pub fn takes_at_most(&mut self, bytes: usize) {
        self.offers.most_bytes = Some(bytes);
    }

    /// Lets the engine in on a fresh stream called `name`.
    pub async fn lets_in(&self, name: &str) {
        self.online(None, None, Some(name)).await;
    }

    /// Lets the engine in, with no memory of the stream it wanted; the server
    /// still knows that it had taken `h` stanzas of it.
    pub async fn refuses_to_resume(&self, h: Option<u32>, name: &str) {
        self.online(None, h, Some(name)).await;
    }

    /// Lets the engine in on a server without stream management.
    pub async fn lets_in_without_management(&self) {
        self.online(None, None, None).await;
    }

    /// Takes the stream up again, of which it has `h` stanzas.
    pub async fn resumes(&self, h: u32) {
        self.online(Some(h), None, Some("kept")).await;
    }

    #[allow(clippy::expect_used)]
    async fn online(&self, resumed: Option<u32>, refused_h: Option<u32>, name: Option<&str>) {
        self.is_fresh.store(resumed.is_none(), Ordering::SeqCst);
        let online = Online {
            bound: self
                .address
                .with_resource_str("orchard")
                .expect("an address"),
            resumed,
            refused_h,
            stream_management: name.map(|name| SmSession {
                id: Some(name.to_owned()),
                location: None,
            }),
            offers: self.offers,
            has_copies: self.has_copies,
            report: SecurityReport {
                mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
                ..SecurityReport::default()
            },
            memory: Memory {
                strongest: Some(Strongest {
                    mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
                    channel_binding: Some("tls-exporter".to_owned()),
                    seen_at: 1,
                }),
                ..self.memory.clone()
            },
        };
        self.say(LinkEvent::Online(Box::new(online))).await;
    }

    /// Brings a stanza, as on the wire.
    ///
    /// # Panics
    /// When it is not XML.
    #[allow(clippy::expect_used)]
    pub async fn brings(&self, xml: &str) {
        let stanza: Element = xml.parse().expect("the fixture is XML");
        self.say(LinkEvent::Stanza(stanza)).await;
    }

    /// Tells that a message of type `chat` was longer than the reader takes.
    pub async fn skips_message(&self, from: &str, id: &str, bytes: usize) {
        self.skips(from, id, SkipReason::Bytes, bytes).await;
    }

    /// Tells that a message of type `chat` exceeded the limits of the reader
    /// that are not about its length.
    pub async fn skips_message_of_odd_shape(&self, from: &str, id: &str) {
        for reason in [
            SkipReason::Depth,
            SkipReason::Elements,
            SkipReason::Attributes,
        ] {
            self.skips(from, id, reason, 900).await;
        }
    }

    async fn skips(&self, from: &str, id: &str, reason: SkipReason, bytes: usize) {
        self.say(LinkEvent::Skipped {
            name: "message".into(),
            from: Some(from.into()),
            id: Some(id.into()),
            kind: Some("chat".into()),
            reason,
            bytes,
        })
        .await;
    }

    /// Returns the next of what goes out before anything else on a fresh
    /// stream, if any is left.
    pub fn next_of_opening(&mut self) -> Option<Element> {
        let is_fresh = *self.is_fresh.get_mut();
        is_fresh.then(|| self.opening.pop_front()).flatten()
    }

    /// Returns whether nothing more fits between the engine and the network.
    pub fn is_full(&self) -> bool {
        self.received.len() == self.received.max_capacity()
    }

    /// Confirms our stanzas up to `h`.
    pub async fn confirms(&self, h: u32) {
        self.say(LinkEvent::Acknowledged(h)).await;
    }

    /// Ends the connection.
    pub async fn breaks(&self, problem: ConnectionProblem) {
        self.say(LinkEvent::Closed(problem)).await;
    }

    /// Ends the connection after a resumption that led nowhere.
    pub async fn was_dead(&self) {
        self.say(LinkEvent::ResumptionDead).await;
        self.say(LinkEvent::Closed(ConnectionProblem::ConnectionLost))
            .await;
    }

    async fn say(&self, event: LinkEvent) {
        // The engine may have given the link up: the next step shows it.
        let _ = self.events.send(event).await;
    }

    /// Returns the next stanza the engine sends.
    ///
    /// # Panics
    /// When none comes within five seconds.
    #[allow(clippy::expect_used)]
    pub async fn sent(&mut self) -> Element {
        timeout(PATIENCE, self.next_sent())
            .await
            .expect("a stanza in time")
            .expect("the link is open")
    }

    /// Waits until the engine has said that so many more stanzas took effect.
    ///
    /// # Panics
    /// As [`Dialled::has_handled`].
    pub async fn handles_more(&mut self, count: u32) {
        self.has_handled(self.handled.wrapping_add(count)).await;
    }

    /// Waits until the engine has said that `h` stanzas took effect.
    ///
    /// # Panics
    /// When it does not within five seconds, or sends something meanwhile.
    #[allow(clippy::expect_used)]
    pub async fn has_handled(&mut self, h: u32) {
        let until = async {
            while self.handled < h {
                match self.received.recv().await.expect("the link is open") {
                    LinkCommand::Handled(handled) => self.handled = handled,
                    LinkCommand::Send(stanza) => {
                        panic!("sent meanwhile: {}", String::from(&stanza))
                    }
                    LinkCommand::RequestAck | LinkCommand::Prove | LinkCommand::Close => {}
                }
            }
        };
        timeout(PATIENCE, until)
            .await
            .expect("it takes effect in time");
    }

    /// Waits until the engine wants to know whether the connection is alive.
    ///
    /// # Panics
    /// When it does not within five seconds, or sends something before.
    pub async fn is_questioned(&mut self) {
        self.is_told(&LinkCommand::Prove).await;
    }

    /// Waits until the engine asks what was received, without a hurry.
    ///
    /// # Panics
    /// When it does not within five seconds, or sends something before.
    pub async fn is_asked(&mut self) {
        self.is_told(&LinkCommand::RequestAck).await;
    }

    /// Waits until the engine says farewell, and says it too.
    ///
    /// # Panics
    /// When it does not within five seconds, or sends something before.
    pub async fn says_farewell(&mut self) {
        self.is_told(&LinkCommand::Close).await;
        self.breaks(ConnectionProblem::ConnectionLost).await;
    }

    #[allow(clippy::expect_used)]
    async fn is_told(&mut self, wished: &LinkCommand) {
        let until = async {
            loop {
                match self.received.recv().await.expect("the link is open") {
                    command if command == *wished => return,
                    LinkCommand::Send(stanza) => panic!("sent before: {}", String::from(&stanza)),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, until).await.expect("it is told in time");
    }

    /// Waits until the engine says farewell, hears it and closes the stream.
    ///
    /// # Panics
    /// When it does not within five seconds.
    #[allow(clippy::expect_used)]
    pub async fn closes(&mut self) {
        let until = async {
            while self.received.recv().await.expect("the link is open") != LinkCommand::Close {}
        };
        timeout(PATIENCE, until).await.expect("a farewell in time");
        self.was_dead().await;
    }

    /// Waits until the engine gives the connection up, without a farewell.
    ///
    /// # Panics
    /// When it does not within five seconds, or says farewell.
    pub async fn is_given_up(&mut self) {
        let given_up = timeout(PATIENCE, self.events.closed()).await;
        assert!(given_up.is_ok(), "it is given up in time");
        while let Ok(command) = self.received.try_recv() {
            assert_ne!(command, LinkCommand::Close, "a farewell ends the stream");
        }
    }

    async fn next_sent(&mut self) -> Option<Element> {
        if let Some(stanza) = self.next_of_opening() {
            return Some(stanza);
        }
        loop {
            match self.received.recv().await? {
                LinkCommand::Send(stanza) => return Some(stanza),
                LinkCommand::Handled(h) => self.handled = h,
                LinkCommand::RequestAck | LinkCommand::Prove | LinkCommand::Close => {}
            }
        }
    }
}
