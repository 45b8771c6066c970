//! From a place to a connected socket, made safe: by the proxy where there is
//! one, else to the first of its addresses that answers.
//!
//! Several places, and the several addresses of one, are tried a quarter of a
//! second apart without waiting for the earlier ones to fail; nor does one
//! that answers and then says nothing hold up the others.
//!
//! # Source
//! RFC 8305 §5, XEP-0495 v0.1.0 §4.4.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use super::{Unsafe, names, secure};
use crate::engine::link::socks::{self, Apart};
use crate::engine::link::stream::within;
use crate::engine::link::tls::own::Own;
use crate::engine::link::{Endpoint, LinkSettings};
use crate::engine::model::ConnectionProblem;

/// How sockets are made: all that a try needs to know, free of the account.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// [`LinkSettings::name_servers`].
    pub name_servers: Option<Vec<SocketAddr>>,
    proxy: Option<((String, u16), Apart)>,
    stagger: Duration,
    one_try: Duration,
}

impl Way {
    /// Returns that of an account.
    pub fn of(settings: &LinkSettings) -> Self {
        let apart = || Apart::of(settings.address.as_str());
        Self {
            name_servers: settings.name_servers.clone(),
            proxy: settings.proxy.clone().map(|proxy| (proxy, apart())),
            stagger: settings.timing.stagger,
            one_try: settings.one_try(),
        }
    }

    /// Connects to a place.
    ///
    /// # Errors
    /// `ServerNotFound`, `Unreachable` or `ProxyFailed`.
    async fn connect(&self, endpoint: &Endpoint) -> Result<TcpStream, ConnectionProblem> {
        if let Some((proxy, apart)) = &self.proxy {
            return socks::connect(proxy, endpoint, apart).await;
        }
        let addresses = names::find_addresses(self, &endpoint.host).await;
        if addresses.is_empty() {
            return Err(ConnectionProblem::ServerNotFound {
                domain: endpoint.host.clone(),
            });
        }
        connect_first(&addresses, endpoint.port, self.stagger)
            .await
            .ok_or_else(|| endpoint.unreachable())
    }
}

/// How a try of a place ended.
type Tried = (Endpoint, Result<TlsStream<TcpStream>, Unsafe>);

/// Safe connections to several places, as they come.
pub(super) struct Tries {
    settings: Arc<LinkSettings>,
    own: Option<Own>,
    way: Way,
    waiting: std::vec::IntoIter<Endpoint>,
    begun: JoinSet<Tried>,
}

impl Tries {
    /// Begins with none yet.
    pub fn of(endpoints: Vec<Endpoint>, settings: &LinkSettings, own: Option<&Own>) -> Self {
        Self {
            settings: Arc::new(settings.clone()),
            own: own.cloned(),
            way: Way::of(settings),
            waiting: endpoints.into_iter(),
            begun: JoinSet::new(),
        }
    }

    /// Returns how the next of the tries ended; `None` when all have.
    pub async fn next(&mut self) -> Option<Tried> {
        loop {
            if let Some(endpoint) = self.waiting.next() {
                let way = self.way.clone();
                let (settings, own) = (Arc::clone(&self.settings), self.own.clone());
                self.begun.spawn(async move {
                    let late = endpoint.unreachable();
                    let outcome = match within(way.one_try, late, way.connect(&endpoint)).await {
                        Ok(socket) => secure(&settings, own.as_ref(), &endpoint, socket).await,
                        Err(problem) => Err(problem.into()),
                    };
                    (endpoint, outcome)
                });
            } else if self.begun.is_empty() {
                return None;
            }
            let is_last = self.waiting.len() == 0;
            tokio::select! {
                Some(done) = self.begun.join_next() => match done {
                    Ok(done) => return Some(done),
                    Err(error) => tracing::error!(%error, "a try of a place broke"),
                },
                () = pause(self.way.stagger, is_last) => {}
            }
        }
    }
}

/// Starts a connection to each address, one after the other without waiting
/// for the earlier ones to fail, and returns the first that is there.
pub(super) async fn connect_first(
    addresses: &[IpAddr],
    port: u16,
    stagger: Duration,
) -> Option<TcpStream> {
    let mut tries = JoinSet::new();
    let mut waiting = addresses.iter();
    loop {
        if let Some(address) = waiting.next() {
            tries.spawn(TcpStream::connect(SocketAddr::new(*address, port)));
        } else if tries.is_empty() {
            return None;
        }
        let is_last = waiting.len() == 0;
        tokio::select! {
            Some(done) = tries.join_next() => match done {
                Ok(Ok(socket)) => {
                    // Stanzas are small and somebody waits for each.
                    if let Err(error) = socket.set_nodelay(true) {
                        tracing::debug!(%error, "the socket keeps waiting for more");
                    }
                    return Some(socket);
                }
                Ok(Err(error)) => tracing::debug!(%error, "an address does not answer"),
                Err(error) => tracing::error!(%error, "a try of an address broke"),
            },
            () = pause(stagger, is_last) => {}
        }
    }
}

/// Waits until the next may start; for ever when there is none.
async fn pause(stagger: Duration, is_last: bool) {
    if is_last {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(stagger).await;
}
