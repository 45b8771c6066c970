//! What the desktop tells of the computer: it goes to sleep, it wakes up, the
//! screen is locked or open again. It comes from logind on the system's bus
//! and goes on as a wish like any other.
//!
//! Without that bus, or without logind, nothing is told, and all works as if
//! the computer never slept. What surprises: GNOME says that the screen is
//! locked by a property of the session, others only by the signal that asks
//! for the lock, so both are heard.
//!
//! # Source
//! org.freedesktop.login1(5): Manager `PrepareForSleep`, Session `Lock`,
//! `Unlock`, `LockedHint`.

use futures_util::StreamExt;
use tokio::sync::mpsc::WeakUnboundedSender;
use zbus::proxy::SignalStream;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, Proxy, connection};

use super::api::{Command, Request};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

/// The bus on which logind is.
#[derive(Clone, Debug)]
pub(super) enum Bus {
    /// The system's.
    System,
    /// One of a test's own.
    #[cfg(feature = "testing")]
    At(String),
}

/// To the one who owns the accounts, as long as there is one: listening keeps
/// nobody alive.
pub(super) type Hearer = WeakUnboundedSender<Request>;

/// Tells what happens until the bus or the engine is gone.
pub(super) async fn follow(bus: Bus, hearer: Hearer) {
    if let Err(error) = listen(bus, &hearer).await {
        tracing::info!(%error, "Nothing will be known of sleep and locks.");
    }
}

async fn listen(bus: Bus, hearer: &Hearer) -> zbus::Result<()> {
    let builder = match bus {
        Bus::System => connection::Builder::system()?,
        #[cfg(feature = "testing")]
        Bus::At(address) => connection::Builder::address(address.as_str())?,
    };
    let connection = builder.build().await?;
    let manager = Proxy::new(&connection, LOGIND, MANAGER_PATH, MANAGER).await?;
    let sleep = manager.receive_signal("PrepareForSleep").await?;
    let ((), locks) = tokio::join!(
        hear_sleep(sleep, hearer),
        hear_locks(&connection, &manager, hearer)
    );
    locks
}

async fn hear_sleep(mut sleep: SignalStream<'_>, hearer: &Hearer) {
    while let Some(signal) = sleep.next().await {
        match signal.body().deserialize::<bool>() {
            Ok(is_asleep) => {
                tracing::info!(is_asleep, "The computer goes to sleep, or wakes up.");
                tell(hearer, Command::Sleeping(is_asleep));
            }
            Err(error) => tracing::debug!(%error, "What logind says of sleep is odd."),
        }
    }
}

async fn hear_locks(
    connection: &Connection,
    manager: &Proxy<'_>,
    hearer: &Hearer,
) -> zbus::Result<()> {
    let path = own_session(manager).await?;
    let session = Proxy::new(connection, LOGIND, path, SESSION).await?;
    let mut locks = session.receive_signal("Lock").await?;
    let mut unlocks = session.receive_signal("Unlock").await?;
    // Begins with how it is now.
    let mut hints = session.receive_property_changed::<bool>("LockedHint").await;
    loop {
        let is_locked = tokio::select! {
            Some(_) = locks.next() => true,
            Some(_) = unlocks.next() => false,
            Some(hint) = hints.next() => match hint.get().await {
                Ok(is_locked) => is_locked,
                Err(error) => {
                    tracing::debug!(%error, "Whether the screen is locked is not known.");
                    continue;
                }
            },
            else => return Ok(()),
        };
        tell(hearer, Command::Locked(is_locked));
    }
}

/// Returns the session that the user sits at. A program that systemd started
/// is in none itself; logind then knows the user's, under the name `auto`.
async fn own_session(manager: &Proxy<'_>) -> zbus::Result<OwnedObjectPath> {
    match manager.call("GetSession", &("auto",)).await {
        Ok(path) => Ok(path),
        Err(error) => match std::env::var("XDG_SESSION_ID") {
            Ok(id) => manager.call("GetSession", &(id,)).await,
            Err(_) => Err(error),
        },
    }
}

fn tell(hearer: &Hearer, command: Command) {
    if let Some(hearer) = hearer.upgrade() {
        // The engine may be stopping.
        let _ = hearer.send(Request::Command(command));
    }
}
