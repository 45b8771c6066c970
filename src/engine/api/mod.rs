//! The only door between the window and the engine.
//!
//! The window says what the user wishes ([`Command`]), hears what changed
//! ([`Event`]) and reads what it shows (the queries on [`Engine`]). What is
//! shown comes from the store; events carry ids, not data, except for what is
//! not stored: connection, presence and typing.

mod command;
mod encryption;
mod event;
mod export;
mod find;
mod query;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use command::{Command, SignIn};
pub use event::{Change, Event, NewIdentity, NotTaken};

use crate::engine::error::{NotSent, SignInError, StoreTrouble};
use crate::engine::link::typed_stanza;
use crate::engine::model::{
    AccountId, Around, ConnectionState, ConsoleLine, Presence, SecurityReport, ServerLacks,
};
use crate::engine::store::Store;

/// How many events a receiver may lag behind before it has to re-read all.
pub(in crate::engine) const EVENT_DEPTH: usize = 1024;

/// The last known connection of each account.
pub(in crate::engine) type Connections = BTreeMap<AccountId, ConnectionState>;

/// How contacts are around by account and bare address; offline ones are left out.
pub(in crate::engine) type Presences = BTreeMap<(AccountId, String), Around>;

/// What each account's server lacks, as far as is known.
pub(in crate::engine) type Lacks = BTreeMap<AccountId, ServerLacks>;

/// What protects each account's connection, as of its last sign-in.
pub(in crate::engine) type Securities = BTreeMap<AccountId, SecurityReport>;

/// A handle to the engine; cheap to clone. Its futures hold nothing but
/// channels, so they can be awaited on any executor.
#[derive(Clone)]
pub struct Engine {
    parts: Arc<Parts>,
}

/// What comes through the door to the one who owns the accounts.
#[derive(Debug)]
pub(in crate::engine) enum Request {
    /// A wish without an answer.
    Command(Command),
    /// The sign-in form was sent.
    SignIn(SignIn, oneshot::Sender<Result<AccountId, SignInError>>),
    /// Somebody wants to watch what passes over an account's connection.
    Console(AccountId, oneshot::Sender<broadcast::Receiver<ConsoleLine>>),
    /// Close all streams; answer when they are.
    Stop(oneshot::Sender<()>),
}

/// What a handle is made of.
pub(in crate::engine) struct Parts {
    /// The history.
    pub store: Store,
    /// To the one who owns the accounts. Without a bound: wishes come at the
    /// pace of a person, while a bound would make the window wait or lose a
    /// message when the accounts are busy for a moment.
    pub requests: mpsc::UnboundedSender<Request>,
    /// Where all events come from; the store's too.
    pub events: broadcast::Sender<Event>,
    /// Written by the accounts.
    pub connections: watch::Receiver<Connections>,
    /// Written by the accounts.
    pub presences: watch::Receiver<Presences>,
    /// Written by the accounts.
    pub lacks: watch::Receiver<Lacks>,
    /// Written by the accounts.
    pub security: watch::Receiver<Securities>,
    /// What lives as long as the last handle: runtime, lock, folder.
    #[allow(dead_code)] // Held, never read.
    pub held: Box<dyn Any + Send + Sync>,
}

impl Engine {
    pub(in crate::engine) fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    pub(in crate::engine) fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Sends a request; false when the engine has stopped.
    pub(in crate::engine) fn request(&self, request: Request) -> bool {
        self.parts.requests.send(request).is_ok()
    }

    /// Returns a receiver of all events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.parts.events.subscribe()
    }

    /// Takes a wish of the user. Never blocks.
    pub fn command(&self, command: Command) {
        if !self.request(Request::Command(command)) {
            tracing::warn!("A command came after the engine had stopped.");
        }
    }

    /// Returns the last known connection of each account.
    pub fn connections(&self) -> BTreeMap<AccountId, ConnectionState> {
        self.parts.connections.borrow().clone()
    }

    /// Returns why nothing can be kept just now, if that is so.
    pub fn store_trouble(&self) -> Option<StoreTrouble> {
        self.store().trouble()
    }

    /// Returns what an account's server lacks, as far as is known.
    pub fn server_lacks(&self, account: AccountId) -> ServerLacks {
        self.parts
            .lacks
            .borrow()
            .get(&account)
            .copied()
            .unwrap_or_default()
    }

    /// Returns what protects an account's connection, or did until it was lost;
    /// `None` before the first sign-in of this run.
    pub fn security(&self, account: AccountId) -> Option<SecurityReport> {
        self.parts.security.borrow().get(&account).cloned()
    }

    /// Returns what passes over an account's connection from now on, secrets
    /// masked. Nothing is written down while nobody holds such a receiver;
    /// one that lags behind is told how many lines it missed. `None` when the
    /// engine has stopped.
    pub async fn console(&self, account: AccountId) -> Option<broadcast::Receiver<ConsoleLine>> {
        let (reply, answer) = oneshot::channel();
        self.request(Request::Console(account, reply));
        answer.await.ok()
    }

    /// Sends a stanza that was typed.
    ///
    /// # Errors
    /// It is none, or the account is not online; nothing was sent.
    pub fn send_xml(&self, account: AccountId, xml: &str) -> Result<(), NotSent> {
        typed_stanza(xml)?;
        let is_online = self
            .parts
            .connections
            .borrow()
            .get(&account)
            .is_some_and(ConnectionState::is_online);
        if !is_online {
            return Err(NotSent::Offline);
        }
        let xml = xml.to_owned();
        self.command(Command::SendXml { account, xml });
        Ok(())
    }

    /// Returns how a contact is, as far as is known.
    pub fn presence(&self, account: AccountId, address: &str) -> Presence {
        self.around(account, address).presence
    }

    /// Returns how a contact is, and since when they used no program of theirs.
    pub fn around(&self, account: AccountId, address: &str) -> Around {
        let key = (account, address.to_owned());
        self.parts
            .presences
            .borrow()
            .get(&key)
            .copied()
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}
