//! Starting and stopping the engine: folder, lock, history, runtime, accounts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jid::Jid;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};

use super::account::{Context, Dial, Supervisor};
use super::api::{
    Connections, EVENT_DEPTH, Engine, Lacks, Parts, Presences, Request, Securities, SignIn,
};
use super::clock::Clock;
use super::desktop::{self, Bus};
use super::error::{OpenChatError, SignInError, StartError, StoreError};
use super::instance::InstanceLock;
use super::link::{self, TlsSettings, Turns};
use super::model::{AccountId, ConversationId};
use super::secrets::Secrets;
use super::store::{self, Store, conversations};
use super::upkeep;

/// How long after a failed catch-up the next try follows. A server that is
/// busy should not be asked at once, a person should not wait for hours.
const CATCH_UP_AGAIN: Duration = Duration::from_mins(2);
/// How long after the first message over a new connection the archive is asked
/// for the order: a server repeats at once what it repeats, over a line that
/// may be slow.
const ORDER_AFTER: Duration = Duration::from_secs(3);
/// How old an archived message must be before nothing can come to stand before
/// it. ejabberd gives a message its place when it comes, and writes it down
/// seconds later when it is busy.
const SETTLED_AFTER: Duration = Duration::from_secs(15);

/// Where the engine keeps its data, and whom it trusts.
#[derive(Clone)]
pub struct Options {
    /// Folder of the history; made when missing, closed to other users.
    pub data_dir: PathBuf,
    /// A PEM file of certificates to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    /// Where passwords are kept.
    secrets: Secrets,
    dial: Dial,
    clock: Clock,
    catch_up_again: Duration,
    order_after: Duration,
    settled_after: Duration,
    /// Who tells of sleep and locks.
    desktop: Option<Bus>,
}

impl Options {
    /// Returns the options of the real program: the desktop's keyring, real connections.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            extra_ca: None,
            secrets: Secrets::keyring(),
            dial: Arc::new(link::connect),
            clock: Clock::default(),
            catch_up_again: CATCH_UP_AGAIN,
            order_after: ORDER_AFTER,
            settled_after: SETTLED_AFTER,
            desktop: Some(Bus::System),
        }
    }

    /// Trusts the certificates of a PEM file besides the system's.
    #[must_use]
    pub fn with_extra_ca(mut self, path: Option<PathBuf>) -> Self {
        self.extra_ca = path;
        self
    }

    /// Keeps passwords in memory only.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_secrets_in_memory(mut self) -> Self {
        self.secrets = Secrets::in_memory();
        self
    }

    /// Keeps passwords where the test says.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Hears of sleep and locks on this bus, or of nothing.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_desktop(mut self, address: Option<&str>) -> Self {
        self.desktop = address.map(|address| Bus::At(address.to_owned()));
        self
    }

    /// Connects by a script instead of the network.
    #[cfg(feature = "testing")]
    #[must_use]
    pub(super) fn with_dial(mut self, dial: Dial) -> Self {
        self.dial = dial;
        self
    }

    /// Takes an archive for settled up to what is so old.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_archive_settled_after(mut self, age: Duration) -> Self {
        self.settled_after = age;
        self
    }

    /// Asks the archive again, for what is missing and for the order of what
    /// came, after this time.
    #[cfg(feature = "testing")]
    #[must_use]
    pub(super) fn with_archive_asked_after(mut self, time: Duration) -> Self {
        self.catch_up_again = time;
        self.order_after = time;
        self
    }

    /// Goes by a clock that the test moves.
    #[cfg(feature = "testing")]
    #[must_use]
    pub(super) fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("data_dir", &self.data_dir)
            .field("extra_ca", &self.extra_ca)
            .finish_non_exhaustive()
    }
}

/// What lives as long as the last handle. The runtime is let go of without
/// waiting, because the last handle may be dropped anywhere.
struct Held {
    runtime: Option<Runtime>,
    _lock: InstanceLock,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Engine {
    /// Opens the history and starts all accounts. Blocks while it does: some
    /// milliseconds, or longer when an old history is brought up to date.
    ///
    /// # Errors
    /// Another program runs on the same data, or the history cannot be used.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let lock = InstanceLock::take(&options.data_dir)?;
        let (events, _) = broadcast::channel(EVENT_DEPTH);
        let store = Store::open(
            &options.data_dir.join(store::FILE_NAME),
            None,
            events.clone(),
        )?;
        let tls = TlsSettings::load(options.extra_ca.as_deref())
            .map_err(|error| StartError::Certificates(Arc::new(error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("stonechat-engine")
            .enable_all()
            .build()
            .map_err(|error| StartError::Store(StoreError::other(error)))?;
        let (requests, received) = mpsc::unbounded_channel();
        let (connections, known_connections) = watch::channel(Connections::new());
        let (presences, known_presences) = watch::channel(Presences::new());
        let (lacks, known_lacks) = watch::channel(Lacks::new());
        let (security, known_security) = watch::channel(Securities::new());
        let upkeep = Arc::new(Notify::new());
        let supervisor = Supervisor::new(Context {
            store: store.clone(),
            events: events.clone(),
            connections,
            presences,
            lacks,
            security,
            clock: options.clock.clone(),
            upkeep: upkeep.clone(),
            catch_up_again: options.catch_up_again,
            order_after: options.order_after,
            settled_after: options.settled_after,
            secrets: options.secrets.with_file_in(options.data_dir),
            tls: Arc::new(tls),
            turns: Turns::default(),
            dial: options.dial,
        });
        runtime.spawn(supervisor.run(received));
        runtime.spawn(upkeep::run(store.clone(), options.clock, upkeep));
        if let Some(bus) = options.desktop {
            runtime.spawn(desktop::follow(bus, requests.downgrade()));
        }
        Ok(Self::new(Parts {
            store,
            requests,
            events,
            connections: known_connections,
            presences: known_presences,
            lacks: known_lacks,
            security: known_security,
            held: Box::new(Held {
                runtime: Some(runtime),
                _lock: lock,
            }),
        }))
    }

    /// Tries to sign in for real, and keeps the account when that works.
    /// Dropping the future gives up and keeps nothing.
    ///
    /// # Errors
    /// The address is none, or the server does not let us in; nothing is kept.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<AccountId, SignInError> {
        let (reply, answer) = oneshot::channel();
        if !self.request(Request::SignIn(sign_in, reply)) {
            return Err(StoreError::Closed.into());
        }
        answer
            .await
            .unwrap_or(Err(SignInError::Store(StoreError::Closed)))
    }

    /// Opens the chat with an address, making it when it is new.
    ///
    /// # Errors
    /// The address is none.
    pub async fn open_chat(
        &self,
        account: AccountId,
        address: String,
    ) -> Result<ConversationId, OpenChatError> {
        let typed = address.trim();
        if !typed.contains('@') || typed.ends_with('@') {
            return Err(OpenChatError::AddressWithoutDomain);
        }
        let jid = Jid::new(typed).map_err(|_| OpenChatError::AddressInvalid)?;
        let bare = jid.into_bare().to_string();
        let now = Clock::default().now();
        Ok(self
            .store()
            .write(move |tx, changes| conversations::open(tx, changes, account, &bare, now))
            .await?)
    }

    /// Ends all connections properly and closes the history; at most some
    /// three seconds. Afterwards the handle is of no use.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.request(Request::Stop(done)) {
            // Stopped already when the other end is gone.
            let _ = stopped.await;
        }
    }
}
