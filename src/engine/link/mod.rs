//! From an XMPP address to a live stream of stanzas.
//!
//! [`connect`] finds the server, makes the connection safe, signs in, and then
//! carries stanzas both ways until the connection ends. It knows sockets and
//! streams and nothing of chats. Each connection is one task, spoken to over
//! two channels: dropping the [`Link`] ends it. A scripted link for tests is
//! the same struct whose other ends the test holds.
//!
//! What surprises: the link never decides that a stanza was received. It says
//! so to the server (`<a h='…'/>`) only after the session has made the stanza
//! take effect and told us by [`LinkCommand::Handled`]. Nor does it try again
//! by itself: when it ends it says why, and the account's supervisor decides.

mod dial;
mod login;
mod running;
mod sasl;
mod scram;
mod starttls;
mod stream;
mod stream_management;
mod tap;
mod tls;
mod xml;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use minidom::Element;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::client::TlsStream;
use tracing::Instrument as _;
use xmpp_parsers::jid::{BareJid, FullJid};

use crate::engine::model::{ConnectionProblem, Secret};
use stream::XmlStream;

pub use stream_management::{TooHigh, Unacknowledged};
pub use tls::TlsSettings;

/// A connection, or one being made: the two channels to its task.
#[derive(Debug)]
pub struct Link {
    /// What the session wants of it. Bounded: a full channel means that the
    /// network takes no more at the moment.
    pub commands: mpsc::Sender<LinkCommand>,
    /// What happens on it. Bounded: while nobody takes events, nothing more is
    /// read from the network.
    pub events: mpsc::Receiver<LinkEvent>,
}

/// How to reach the server, and as whom.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// Who signs in. Its domain is what the certificate must be for.
    pub address: BareJid,
    /// The password.
    pub password: Secret,
    /// Host and port to connect to instead of what the DNS says.
    pub host: Option<(String, u16)>,
    /// Whether the user agreed to send the password itself (inside TLS).
    pub allows_plain: bool,
    /// Trusted roots; one for all accounts, so that TLS sessions are resumed.
    pub tls: Arc<TlsSettings>,
    /// How long to wait for what.
    pub timing: Timing,
    /// How much of what to accept.
    pub limits: Limits,
    /// Name servers to ask instead of the system's (tests).
    pub name_servers: Option<Vec<std::net::SocketAddr>>,
}

impl LinkSettings {
    /// Returns settings for an ordinary connection of `address`.
    pub fn new(address: BareJid, password: Secret, tls: Arc<TlsSettings>) -> Self {
        Self {
            address,
            password,
            host: None,
            allows_plain: false,
            tls,
            timing: Timing::default(),
            limits: Limits::default(),
            name_servers: None,
        }
    }
}

/// How long to wait for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Between the tries of a host's several addresses (RFC 8305 §5).
    pub stagger: Duration,
    /// For one host and port: name, TCP and TLS.
    pub one_try: Duration,
    /// For all hosts and ports together.
    pub dialling: Duration,
    /// From the end of the TLS handshake to the bound stream.
    pub login: Duration,
    /// Of silence before we ask whether the server is still there.
    pub idle: Duration,
    /// For an answer, before the connection counts as dead.
    pub answer: Duration,
    /// For the first `<a/>` after a resumption.
    pub resumed_answer: Duration,
    /// For the session to handle a stanza that the server wants acknowledged,
    /// before the server is told the older number.
    pub handling: Duration,
    /// For the network to take what we write.
    pub write: Duration,
    /// For the farewell.
    pub close: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            stagger: Duration::from_millis(250),
            one_try: Duration::from_secs(10),
            dialling: Duration::from_secs(30),
            login: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            answer: Duration::from_secs(15),
            resumed_answer: Duration::from_secs(5),
            handling: Duration::from_secs(1),
            write: Duration::from_secs(30),
            close: Duration::from_secs(2),
        }
    }
}

/// How much of what to accept from the server. What exceeds one of these is
/// skipped to its end and reported; see the reader for the hard ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one stanza on the wire. Also the limit of a single name,
    /// attribute or header, above which the stream ends.
    pub stanza_bytes: usize,
    /// Levels of nesting below the stream, the stanza itself being the first.
    pub depth: usize,
    /// Elements in one stanza.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Bytes of all attributes of one element.
    pub attribute_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_bytes: 4 * 1024 * 1024,
            depth: 64,
            // A contact list of 10 000 with a group each is 20 001 elements.
            elements: 32 * 1024,
            attributes: 256,
            attribute_bytes: 1024 * 1024,
        }
    }
}

/// What the session wants of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkCommand {
    /// Send a stanza. Stanzas leave in the order they come in; the session
    /// counts them when stream management is on. Sent before
    /// [`LinkEvent::Online`], it waits.
    Send(Element),
    /// The session has made stanza number `h` take effect: it may now be
    /// acknowledged. Counted like [`LinkEvent::Stanza`] and
    /// [`LinkEvent::Skipped`] from the start of the stream management session.
    Handled(u32),
    /// Ask the server now what it has received.
    RequestAck,
    /// Say farewell and end. [`LinkEvent::Closed`] follows within
    /// [`Timing::close`]; its problem means nothing then.
    Close,
}

/// What happens on a link.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// Signed in. At most once, before any stanza.
    Online(Online),
    /// A message, presence or iq. Counted when stream management is on.
    Stanza(Element),
    /// One that came between binding and the start of stream management: to be
    /// handled like any other, but not counted.
    Early(Element),
    /// A message, presence or iq exceeded a limit and is lost. Counted like
    /// [`LinkEvent::Stanza`]: the session must count it as handled.
    Skipped {
        /// `message`, `presence` or `iq`.
        name: String,
        /// Its `from`, when that was readable.
        from: Option<String>,
        /// Its `id`, when that was readable.
        id: Option<String>,
        /// Its `type`, when that was readable.
        kind: Option<String>,
        /// Which limit.
        reason: SkipReason,
    },
    /// The server has received our stanzas up to this number.
    Acknowledged(u32),
    /// This stream management session must not be resumed: doing so could only
    /// end the same way. Directly before [`LinkEvent::Closed`], if at all.
    ResumptionDead,
    /// The link has ended. Exactly once, last.
    Closed(ConnectionProblem),
}

/// The limit that a stanza exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// [`Limits::stanza_bytes`].
    Bytes,
    /// [`Limits::depth`].
    Depth,
    /// [`Limits::elements`].
    Elements,
    /// [`Limits::attributes`] or [`Limits::attribute_bytes`].
    Attributes,
}

/// How signing in ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Online {
    /// The full address the server knows us by.
    pub bound: FullJid,
    /// The old session goes on; the server has our stanzas up to this number.
    pub resumed: Option<u32>,
    /// The old session is gone (or there was none to try); this is the number
    /// up to which the server had received, if it still knew.
    pub refused_h: Option<u32>,
    /// Stream management, unless the server has none or refused it.
    pub stream_management: Option<SmSession>,
    /// What protects this connection.
    pub report: SecurityReport,
}

/// A running stream management session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmSession {
    /// The name to resume it by, if it can be resumed.
    pub id: Option<String>,
    /// Where the server prefers the resumption, as `host` or `host:port`.
    pub location: Option<String>,
}

/// What is needed to take up an earlier session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// [`SmSession::id`].
    pub id: String,
    /// The number of the last stanza that took effect here.
    pub h: u32,
    /// [`SmSession::location`].
    pub location: Option<String>,
    /// [`Online::bound`] of that session.
    pub bound: FullJid,
}

/// What protects a connection, for the account's details and the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityReport {
    /// Such as `TLS 1.3`.
    pub tls_version: &'static str,
    /// The sign-in mechanism, such as `SCRAM-SHA-256-PLUS`.
    pub mechanism: &'static str,
    /// The channel binding type, when sign-in was bound to the TLS connection.
    pub channel_binding: Option<&'static str>,
}

/// How many events may wait for the session.
const EVENTS_WAITING: usize = 16;
/// How many commands may wait for the network.
const COMMANDS_WAITING: usize = 256;

/// Starts a connection. It makes its way to [`LinkEvent::Online`] or
/// [`LinkEvent::Closed`] by itself.
///
/// Must be called inside a tokio runtime.
pub fn connect(settings: LinkSettings, resume: Option<Resume>) -> Link {
    let (commands, command_receiver) = mpsc::channel(COMMANDS_WAITING);
    let (event_sender, events) = mpsc::channel(EVENTS_WAITING);
    let living = live(settings, resume, command_receiver, event_sender);
    // What it logs belongs to the account that asked for it.
    tokio::spawn(living.in_current_span());
    Link { commands, events }
}

/// The whole life of a link.
async fn live(
    settings: LinkSettings,
    resume: Option<Resume>,
    mut commands: mpsc::Receiver<LinkCommand>,
    events: mpsc::Sender<LinkEvent>,
) {
    let mut waiting = VecDeque::new();
    let establishing = establish(&settings, resume.as_ref());
    let outcome = tokio::select! {
        outcome = establishing => outcome,
        () = wait_for_close(&mut commands, &mut waiting) => Err(Failed::passing(ConnectionProblem::ConnectionLost)),
        () = events.closed() => return,
    };
    let end = match outcome {
        Err(failed) => running::End {
            problem: failed.problem,
            is_resumption_dead: failed.is_resumption_dead,
            untaken: VecDeque::new(),
        },
        Ok((stream, bound)) => {
            let handled = match (&bound.online.resumed, &resume) {
                (Some(_), Some(resume)) => resume.h,
                _ => 0,
            };
            let online = bound.online;
            if events
                .send(LinkEvent::Online(online.clone()))
                .await
                .is_err()
            {
                return;
            }
            let start = running::Start {
                online,
                handled,
                early: bound.early,
                waiting,
            };
            running::run(stream, &settings, start, &mut commands, &events).await
        }
    };
    // Nothing more can be sent; who waits for room in the channel learns it.
    drop(commands);
    for event in end.untaken {
        if events.send(event).await.is_err() {
            return;
        }
    }
    if end.is_resumption_dead && events.send(LinkEvent::ResumptionDead).await.is_err() {
        return;
    }
    if events.send(LinkEvent::Closed(end.problem)).await.is_err() {
        tracing::debug!("nobody waited for the end of the connection");
    }
}

/// Why there is no connection.
struct Failed {
    problem: ConnectionProblem,
    is_resumption_dead: bool,
}

impl Failed {
    fn passing(problem: ConnectionProblem) -> Self {
        Self {
            problem,
            is_resumption_dead: false,
        }
    }
}

/// Finds the server, makes the connection safe and signs in.
async fn establish(
    settings: &LinkSettings,
    resume: Option<&Resume>,
) -> Result<(XmlStream<TlsStream<TcpStream>>, login::Bound), Failed> {
    let location = resume.and_then(|resume| resume.location.as_deref());
    let connection = dial::dial(settings, location)
        .await
        .map_err(Failed::passing)?;
    let channel = login::Channel {
        tls_version: tls::version(connection.get_ref().1),
        exporter: tls::exporter(connection.get_ref().1),
    };
    let mut stream = XmlStream::new(connection, &settings.limits);
    let signing_in = login::sign_in_and_bind(&mut stream, settings, resume, channel);
    let late = ConnectionProblem::TimedOut;
    match stream::within(settings.timing.login, late, signing_in).await {
        Ok(bound) => Ok((stream, bound)),
        Err(problem) => {
            // An answer that makes no sense may be the answer to the
            // resumption; the next try is better off without it.
            let is_resumption_dead =
                resume.is_some() && matches!(problem, ConnectionProblem::NotUnderstood { .. });
            Err(Failed {
                problem,
                is_resumption_dead,
            })
        }
    }
}

/// Keeps what the session wants for later; ends when it wants to close.
async fn wait_for_close(
    commands: &mut mpsc::Receiver<LinkCommand>,
    waiting: &mut VecDeque<LinkCommand>,
) {
    while let Some(command) = commands.recv().await {
        if command == LinkCommand::Close {
            return;
        }
        waiting.push_back(command);
        if waiting.len() == COMMANDS_WAITING {
            // Further ones, a `Close` among them, wait in the channel.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests;
