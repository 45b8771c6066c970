//! The desktop's keyring: the Secret Service on the user's bus, or, in a
//! sandbox, a file that is sealed with the Secret portal's key.
//!
//! The lower half of oo7 is used for the service, not its `Keyring`, because
//! only there the time limit of a call can be set. A call that may have to ask
//! the person answers at once with a prompt; what is waited for then is a
//! signal, which has no limit. So every call has one and no prompt has.
//!
//! # Source
//! The freedesktop.org Secret Service API, draft 0.2.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use oo7::dbus::api::{Collection, DBusSecret, Item, Service, Session};
use oo7::dbus::{Error, ServiceError};
use oo7::zbus::{self, Connection, connection, fdo};
use oo7::{Key, ashpd};
use tokio::sync::Mutex;

use super::{PATIENCE, SecretsProblem};
use crate::engine::model::Secret;

const SERVICE_NAME: &str = "org.freedesktop.secrets";
const APPLICATION: &str = "im.stonechat.Stonechat";
/// The collection that the desktop unlocks when the person logs in.
const DEFAULT_ALIAS: &str = "default";
/// Its name where we have to make it; the one that other programs give it.
const DEFAULT_LABEL: &str = "Default";
/// The portal does not tell when it asks the person, so this has to be long
/// enough for typing a password.
const SANDBOX_PATIENCE: Duration = Duration::from_mins(2);

/// A handle to the keyring; cheap to clone.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// The bus; `None`: the user's own.
    bus: Option<String>,
    patience: Duration,
    /// One asks at a time: the second finds the keyring unlocked, or dismissed.
    turn: Arc<Mutex<Turn>>,
}

#[derive(Debug, Default)]
struct Turn {
    /// The person dismissed a prompt in this run.
    was_dismissed: bool,
}

/// Whether the keyring may ask the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    Allowed,
    Never,
}

impl Keyring {
    pub fn of_the_desktop() -> Self {
        Self {
            bus: None,
            patience: PATIENCE,
            turn: Arc::default(),
        }
    }

    #[cfg(feature = "testing")]
    pub fn on_bus(address: &str, patience: Duration) -> Self {
        Self {
            bus: Some(address.to_owned()),
            patience,
            turn: Arc::default(),
        }
    }

    pub async fn find(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        if self.is_sandboxed() {
            return sandboxed(find_in_sandbox(address)).await;
        }
        let mut turn = self.turn.lock().await;
        let asking = if turn.was_dismissed {
            Asking::Never
        } else {
            Asking::Allowed
        };
        let found = self
            .in_service(async |open| open.find(address, asking).await)
            .await;
        turn.was_dismissed |= found == Err(SecretsProblem::Locked);
        found
    }

    pub async fn store(&self, address: &str, password: &Secret) -> Result<(), SecretsProblem> {
        if self.is_sandboxed() {
            return sandboxed(store_in_sandbox(address, password)).await;
        }
        let _turn = self.turn.lock().await;
        self.in_service(async |open| open.store(address, password).await)
            .await
    }

    pub async fn forget(&self, address: &str) -> Result<(), SecretsProblem> {
        if self.is_sandboxed() {
            return sandboxed(forget_in_sandbox(address)).await;
        }
        let _turn = self.turn.lock().await;
        self.in_service(async |open| open.forget(address).await)
            .await
    }

    fn is_sandboxed(&self) -> bool {
        self.bus.is_none() && ashpd::is_sandboxed()
    }

    /// Connects, runs `work`, and ends it when the keyring goes away meanwhile:
    /// then the prompt that is waited for will never be answered.
    async fn in_service<T>(
        &self,
        work: impl AsyncFnOnce(&OpenService) -> Result<T, Error>,
    ) -> Result<T, SecretsProblem> {
        let connection = tokio::time::timeout(self.patience, self.connect())
            .await
            .map_err(|_| SecretsProblem::TimedOut)?
            .map_err(|error| {
                tracing::debug!(%error, "There is no session bus.");
                SecretsProblem::Missing
            })?;
        let gone = service_gone(&connection).await.map_err(from_bus)?;
        let work = async {
            let open = OpenService::new(&connection).await?;
            work(&open).await
        };
        tokio::select! {
            biased;
            () = gone => Err(SecretsProblem::Missing),
            done = work => done.map_err(from_service),
        }
    }

    async fn connect(&self) -> zbus::Result<Connection> {
        let builder = match &self.bus {
            Some(address) => connection::Builder::address(address.as_str())?,
            None => connection::Builder::session()?,
        };
        builder.method_timeout(self.patience).build().await
    }
}

/// Ends when the keyring, or the whole bus, goes away. A keyring that was not
/// there and is being started is not gone.
async fn service_gone(
    connection: &Connection,
) -> zbus::Result<impl Future<Output = ()> + Send + use<>> {
    let rule = zbus::MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, SERVICE_NAME)?
        .build();
    let mut changes = zbus::MessageStream::for_match_rule(rule, connection, None).await?;
    Ok(async move {
        while let Some(Ok(change)) = next(&mut changes).await {
            let owners = change.body().deserialize::<(String, String, String)>();
            if owners.is_ok_and(|(_, _, new_owner)| new_owner.is_empty()) {
                return;
            }
        }
    })
}

async fn next(stream: &mut zbus::MessageStream) -> Option<zbus::Result<zbus::Message>> {
    use zbus::export::futures_core::Stream;
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

/// A conversation with the Secret Service.
struct OpenService {
    service: Service,
    session: Arc<Session>,
    /// What passwords are sealed with on the bus; `None` where the service
    /// cannot do that.
    key: Option<Arc<Key>>,
}

impl OpenService {
    async fn new(connection: &Connection) -> Result<Self, Error> {
        let service = Service::new(connection).await?;
        let private_key = Key::generate_private_key()?;
        let public_key = Key::generate_public_key(&private_key)?;
        let (key, session) = match service.open_session(Some(public_key)).await {
            Ok((Some(service_key), session)) => {
                let key = Key::generate_aes_key(&private_key, &service_key)?;
                (Some(Arc::new(key)), session)
            }
            Ok((None, session)) => (None, session),
            // The service answers, but does not know how to seal.
            Err(Error::Service(ServiceError::ZBus(zbus::Error::MethodError(name, ..))))
                if name.as_str() == "org.freedesktop.DBus.Error.NotSupported" =>
            {
                (None, service.open_session(None).await?.1)
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            service,
            session: Arc::new(session),
            key,
        })
    }

    /// Looks in all collections, the unlocked ones first.
    async fn find(&self, address: &str, asking: Asking) -> Result<Option<Secret>, Error> {
        let (unlocked, locked) = self.service.search_items(&attributes(address)).await?;
        if let Some(item) = unlocked.first() {
            return self.read(item).await.map(Some);
        }
        let Some(item) = locked.first() else {
            return Ok(None);
        };
        if asking == Asking::Never {
            return Err(Error::Dismissed);
        }
        self.service.unlock(&[item.inner().path()], None).await?;
        self.read(item).await.map(Some)
    }

    async fn store(&self, address: &str, password: &Secret) -> Result<(), Error> {
        let collection = self.collection().await?;
        if collection.is_locked().await? {
            self.service
                .unlock(&[collection.inner().path()], None)
                .await?;
        }
        let session = self.session.clone();
        let secret = match &self.key {
            Some(key) => DBusSecret::new_encrypted(session, password.reveal(), key)?,
            None => DBusSecret::new(session, password.reveal()),
        };
        collection
            .create_item(&label(address), &attributes(address), &secret, true, None)
            .await?;
        Ok(())
    }

    async fn forget(&self, address: &str) -> Result<(), Error> {
        let (unlocked, locked) = self.service.search_items(&attributes(address)).await?;
        for item in unlocked.iter().chain(&locked) {
            item.delete(None).await?;
        }
        Ok(())
    }

    async fn collection(&self) -> Result<Collection, Error> {
        match self.service.read_alias(DEFAULT_ALIAS).await? {
            Some(collection) => Ok(collection),
            None => {
                self.service
                    .create_collection(DEFAULT_LABEL, Some(DEFAULT_ALIAS), None)
                    .await
            }
        }
    }

    async fn read(&self, item: &Item) -> Result<Secret, Error> {
        let sealed = item.secret(&self.session).await?;
        password(&sealed.decrypt(self.key.as_ref())?)
    }
}

async fn find_in_sandbox(address: &str) -> oo7::Result<Option<Secret>> {
    let keyring = oo7::Keyring::new().await?;
    let items = keyring.search_items(&attributes(address)).await?;
    match items.first() {
        Some(item) => Ok(Some(password(&item.secret().await?)?)),
        None => Ok(None),
    }
}

async fn store_in_sandbox(address: &str, password: &Secret) -> oo7::Result<()> {
    let keyring = oo7::Keyring::new().await?;
    keyring
        .create_item(
            &label(address),
            &attributes(address),
            password.reveal(),
            true,
        )
        .await
}

async fn forget_in_sandbox(address: &str) -> oo7::Result<()> {
    let keyring = oo7::Keyring::new().await?;
    keyring.delete(&attributes(address)).await
}

async fn sandboxed<T>(work: impl Future<Output = oo7::Result<T>>) -> Result<T, SecretsProblem> {
    tokio::time::timeout(SANDBOX_PATIENCE, work)
        .await
        .map_err(|_| SecretsProblem::TimedOut)?
        .map_err(|error| match error {
            oo7::Error::DBus(error) => from_service(error),
            oo7::Error::File(oo7::file::Error::Portal(ashpd::Error::PortalNotFound(_))) => {
                SecretsProblem::Missing
            }
            oo7::Error::File(
                oo7::file::Error::Locked
                | oo7::file::Error::IncorrectSecret
                | oo7::file::Error::Portal(ashpd::Error::Response(_)),
            ) => SecretsProblem::Locked,
            oo7::Error::File(error) => SecretsProblem::Other(error.to_string()),
        })
}

/// What our items are found by.
fn attributes(address: &str) -> [(&'static str, &str); 2] {
    [("application", APPLICATION), ("xmpp-address", address)]
}

/// What a person sees in the keyring's own window.
fn label(address: &str) -> String {
    format!("Stonechat: {address}")
}

fn password(secret: &oo7::Secret) -> Result<Secret, Error> {
    let text = std::str::from_utf8(secret.as_bytes()).map_err(|_| {
        Error::IO(io::Error::new(
            io::ErrorKind::InvalidData,
            "the password is not text",
        ))
    })?;
    Ok(Secret::new(text))
}

fn from_service(error: Error) -> SecretsProblem {
    match error {
        Error::Dismissed | Error::Service(ServiceError::IsLocked(_)) => SecretsProblem::Locked,
        Error::ZBus(error) | Error::Service(ServiceError::ZBus(error)) => from_bus(error),
        error => SecretsProblem::Other(error.to_string()),
    }
}

fn from_bus(error: zbus::Error) -> SecretsProblem {
    let name = match &error {
        zbus::Error::MethodError(name, ..) => name.as_str(),
        zbus::Error::InputOutput(error) if error.kind() == io::ErrorKind::TimedOut => {
            return SecretsProblem::TimedOut;
        }
        zbus::Error::InputOutput(_) | zbus::Error::Connection(..) => {
            return SecretsProblem::Missing;
        }
        zbus::Error::FDO(error) => match error.as_ref() {
            fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => {
                return SecretsProblem::Missing;
            }
            fdo::Error::NoReply(_) | fdo::Error::Timeout(_) | fdo::Error::TimedOut(_) => {
                return SecretsProblem::TimedOut;
            }
            fdo::Error::ZBus(error) => return from_bus(error.clone()),
            _ => "",
        },
        _ => "",
    };
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("ServiceUnknown" | "NameHasNoOwner") => SecretsProblem::Missing,
        Some(failed) if failed.starts_with("Spawn.") => SecretsProblem::Missing,
        Some("NoReply" | "Timeout" | "TimedOut") => SecretsProblem::TimedOut,
        _ => SecretsProblem::Other(error.to_string()),
    }
}
