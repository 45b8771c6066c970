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

mod bind;
mod bind2;
mod certificates;
mod dial;
mod fast;
mod giving_up;
mod login;
mod memory;
mod offers;
mod prompt;
mod random;
mod running;
mod sasl;
mod sasl2;
mod scram;
mod settings;
mod socks;
mod starttls;
mod stream;
mod stream_management;
mod tap;
mod tls;
mod turns;
mod typed;
mod xml;

use std::collections::VecDeque;

use jid::FullJid;
use minidom::Element;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::engine::model::{ConnectionProblem, SecurityReport};
use login::Setback;
use prompt::Prompt;
use stream::XmlStream;

pub use giving_up::give_up_token;
pub use memory::{Endpoint, Memory, Strongest, Token};
pub use offers::{LEAST_BYTES, Offers};
pub use sasl::KeptKeys;
pub use settings::{Limits, LinkSettings, Timing};
pub use stream_management::{TooHigh, Unacknowledged};
pub use tap::Tap;
pub use tls::TlsSettings;
pub use turns::Turns;
pub use typed::typed_stanza;

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
    /// Ask the server now whether it is still there, and wait only
    /// [`Timing::proof`] for the answer: where the connection leads may be gone.
    Prove,
    /// Say farewell and end. [`LinkEvent::Closed`] follows within
    /// [`Timing::close`]; its problem means nothing then.
    Close,
}

/// What happens on a link.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// Signed in. At most once, before any stanza.
    Online(Box<Online>),
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
        /// Its size on the wire.
        bytes: usize,
    },
    /// What the server offers on this stream, where it says so only now.
    Offers(Offers),
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
    /// What the server offers on this stream.
    pub offers: Offers,
    /// What our other devices send is copied to us already.
    pub has_copies: bool,
    /// What protects this connection.
    pub report: SecurityReport,
    /// What is to be remembered for the next one, all of it.
    pub memory: Memory,
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

/// How many events may wait for the session.
const EVENTS_WAITING: usize = 16;
/// How many commands may wait for the network.
const COMMANDS_WAITING: usize = 256;
/// How often in one try a server may send us elsewhere (attack A29).
const MOVES_AT_MOST: u32 = 3;

/// Returns how large a stanza of ours is on the wire.
pub fn bytes_on_wire(stanza: &Element) -> usize {
    xml::element_text(stanza).len()
}

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
    let establishing = settings.turns.take(establish(&settings, resume.as_ref()));
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
                .send(LinkEvent::Online(Box::new(online.clone())))
                .await
                .is_err()
            {
                return;
            }
            let mut sent = 0;
            if bound.is_opened {
                sent = u32::try_from(settings.opening.len()).unwrap_or(u32::MAX);
            } else if online.resumed.is_none() {
                let opening = settings.opening.iter().cloned().map(LinkCommand::Send);
                waiting = opening.chain(waiting).collect();
            }
            let start = running::Start {
                online,
                handled,
                sent,
                awaits_features: bound.awaits_features,
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
) -> Result<(XmlStream<Prompt>, login::Bound), Failed> {
    let mut settings = settings.clone();
    if settings.memory.agent.is_empty() {
        settings.memory.agent = random::uuid().map_err(Failed::passing)?;
    }
    let mut round_trips = 0;
    let mut is_remembering_vain = false;
    let mut location = resume.and_then(|resume| resume.location.clone());
    let mut moves = 0;
    loop {
        match sign_in(&settings, resume, location.as_deref(), &mut round_trips).await {
            Ok((stream, mut bound)) => {
                bound.online.report.round_trips = round_trips;
                if is_remembering_vain {
                    bound.online.memory.features.clear();
                }
                return Ok((stream, bound));
            }
            Err(Setback::Problem(problem)) => {
                // An answer that makes no sense may be the answer to the
                // resumption; the next try is better off without it.
                let is_resumption_dead =
                    resume.is_some() && matches!(problem, ConnectionProblem::NotUnderstood { .. });
                return Err(Failed {
                    problem,
                    is_resumption_dead,
                });
            }
            Err(Setback::Elsewhere(place)) if moves < MOVES_AT_MOST => {
                tracing::info!(place, "the server wants us elsewhere");
                moves += 1;
                location = Some(place);
            }
            Err(Setback::Elsewhere(_)) => {
                return Err(Failed::passing(ConnectionProblem::ClosedByServer {
                    condition: "see-other-host".to_owned(),
                }));
            }
            // At most once: without features nothing is guessed.
            Err(Setback::WrongMemory {
                is_token_refused,
                is_remembering_vain: is_vain,
            }) => {
                is_remembering_vain = is_vain;
                settings.memory.features.clear();
                if is_token_refused || is_vain {
                    settings.memory.token = None;
                }
            }
        }
    }
}

/// Returns how often a connection had to wait before it was encrypted.
fn reaching(channel: &tls::Channel, is_direct: bool) -> u32 {
    // TCP; what leads to TLS; and TLS itself, which is quicker since 1.3.
    let before_tls = if is_direct { 0 } else { 2 };
    let of_tls = if channel.is_tls_13() { 1 } else { 2 };
    1 + before_tls + of_tls
}

/// Makes one connection and signs in on it.
async fn sign_in(
    settings: &LinkSettings,
    resume: Option<&Resume>,
    location: Option<&str>,
    round_trips: &mut u32,
) -> Result<(XmlStream<Prompt>, login::Bound), Setback> {
    let dial::Dialled {
        connection,
        endpoint,
    } = dial::dial(settings, location).await?;
    let channel = tls::Channel::of(connection.get_ref().1);
    *round_trips += reaching(&channel, endpoint.is_direct);
    let connection = Prompt(connection);
    let mut stream = XmlStream::new(connection, &settings.limits).watched_by(&settings.tap);
    let signing_in = login::sign_in_and_bind(&mut stream, settings, resume, channel);
    let signed_in = tokio::time::timeout(settings.timing.login, signing_in).await;
    *round_trips += stream.round_trips;
    if let Some(place) = stream.elsewhere.take() {
        return Err(Setback::Elsewhere(place));
    }
    let mut bound = signed_in.map_err(|_| ConnectionProblem::TimedOut)??;
    let report = &mut bound.online.report;
    report.host.clone_from(&endpoint.host);
    report.port = endpoint.port;
    report.is_direct = endpoint.is_direct;
    report.is_by_proxy = settings.proxy.is_some();
    bound.online.memory.endpoint = Some(endpoint);
    Ok((stream, bound))
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
pub(in crate::engine) mod tests;
