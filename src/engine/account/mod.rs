//! Running accounts: from "signed in" to "every message exists once".
//!
//! ```text
//! supervisor ── one task: owns the sessions, takes the user's wishes
//!    └─ session ── one task an account: connects, waits, connects again
//!          └─ stream ── what lives as long as the server knows us
//!               opening   what is asked for at once: contacts, copies, archive
//!               startup   the answers to it
//!               catch_up  pages of the archive, forwards and backwards
//!               encryption keys: published, fetched, used, mended
//!               profiles  pictures and names of people
//!               stanzas   what comes in → incoming (one transaction each)
//!               outgoing  the outbox → the wire, and back by acknowledgement
//! ```
//!
//! Tasks talk by messages; nothing here is locked. What must survive a crash
//! is in the store before it is on the wire, and a received stanza is
//! acknowledged only after it took effect.

mod actions;
mod backoff;
mod catch_up;
mod client_state;
mod contacts;
mod encryption;
mod incoming;
mod kept;
mod limits;
mod opening;
mod order;
mod outgoing;
mod people;
mod presences;
mod profiles;
mod reading;
mod requests;
mod session;
mod stanzas;
mod startup;
mod stream;
mod supervisor;
mod typing;
mod way;
mod wishes;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};

pub(in crate::engine) use requests::random_id;
pub(in crate::engine) use supervisor::Supervisor;

use super::api::{Connections, Event, Lacks, Presences, Securities};
use super::clock::Clock;
use super::link::{Link, LinkSettings, Resume, TlsSettings, Turns};
use super::model::Timestamp;
use super::model::{AccountId, ConnectionState, SecurityReport};
use super::secrets::Secrets;
use super::store::Store;

/// What every session shares; cheap to clone.
#[derive(Clone)]
pub(in crate::engine) struct Context {
    /// The history.
    pub store: Store,
    /// Where events go.
    pub events: broadcast::Sender<Event>,
    /// The last known connection of each account.
    pub connections: watch::Sender<Connections>,
    /// The last known presence of each contact.
    pub presences: watch::Sender<Presences>,
    /// What each account's server lacks.
    pub lacks: watch::Sender<Lacks>,
    /// What protects each account's connection.
    pub security: watch::Sender<Securities>,
    /// The time.
    pub clock: Clock,
    /// Says that the history is to be looked after now.
    pub upkeep: Arc<Notify>,
    /// The passwords.
    pub secrets: Secrets,
    /// Trusted roots, shared so that TLS sessions are resumed.
    pub tls: Arc<TlsSettings>,
    /// Whose turn it is to connect.
    pub turns: Turns,
    /// How long after a failed catch-up the next try follows.
    pub catch_up_again: Duration,
    /// How long after the first message over a new connection the archive is
    /// asked for the order.
    pub order_after: Duration,
    /// How old an archived message must be before nothing can come to stand
    /// before it.
    pub settled_after: Duration,
    /// Makes a connection: the real one, or a scripted one in tests.
    pub dial: Dial,
}

/// How many times as long nothing is settled while an archive is still to tell
/// the order: longer than until it is asked.
const UNTIL_ORDER_IS_TOLD: u32 = 4;

/// How a connection is made.
pub(in crate::engine) type Dial = Arc<dyn Fn(LinkSettings, Option<Resume>) -> Link + Send + Sync>;

impl Context {
    /// Returns up to when archives are settled; as long as the order of what
    /// came last is open, that is longer ago.
    pub fn settled(&self, is_order_open: bool) -> Timestamp {
        let times = if is_order_open {
            UNTIL_ORDER_IS_TOLD
        } else {
            1
        };
        let age = (self.settled_after * times).as_millis();
        self.clock.now() - Timestamp::try_from(age).unwrap_or(Timestamp::MAX)
    }

    /// Tells how an account is connected now.
    fn state(&self, account: AccountId, state: ConnectionState) {
        self.connections.send_modify(|connections| {
            connections.insert(account, state.clone());
        });
        self.tell(Event::Connection { account, state });
    }

    /// Tells what protects an account's connection from now on.
    fn security(&self, account: AccountId, report: SecurityReport) {
        self.security.send_modify(|known| {
            known.insert(account, report);
        });
        self.tell(Event::Security { account });
    }

    /// Tells the window; that nobody listens is no trouble.
    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }
}
