//! From a domain to an encrypted connection with its server.
//!
//! The DNS names the servers (SRV records of both kinds, taken as one list),
//! each server has one or more addresses, and each connection becomes a TLS
//! connection, at once or by STARTTLS. Servers are tried one after the other,
//! the addresses of one a quarter of a second apart; the first that completes
//! TLS wins. What the DNS says is never trusted: the certificate must be for
//! the domain of the account.
//!
//! # Source
//! RFC 6120 §3.2, RFC 8305 (addresses), XEP-0198 v1.6.1 §5 (location).

mod names;

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::stream::{not_understood, within};
use super::{Endpoint, LinkSettings, Timing, starttls, tls};
use crate::engine::model::ConnectionProblem;

/// The port of connections that begin in the clear.
const PORT: u16 = 5222;
/// The port on which TLS begins at once, where nothing says otherwise.
const DIRECT_PORT: u16 = 5223;
/// Ports that are known for TLS at once; given by hand, both ways are tried.
const DIRECT_PORTS: [u16; 2] = [DIRECT_PORT, 443];

impl Endpoint {
    fn new(host: &str, port: u16, is_direct: bool) -> Self {
        Self {
            host: host.to_owned(),
            port,
            is_direct,
        }
    }

    /// The ways to try a host and port that nothing more is known about.
    fn of_host(host: &str, port: u16) -> Vec<Self> {
        let mut endpoints = vec![Self::new(host, port, false)];
        if DIRECT_PORTS.contains(&port) {
            endpoints.insert(0, Self::new(host, port, true));
        }
        endpoints
    }

    fn unreachable(&self) -> ConnectionProblem {
        ConnectionProblem::Unreachable {
            host: self.host.clone(),
            port: self.port,
        }
    }
}

/// Connects to the server of the account, encrypted and with its certificate
/// checked. `location` is where a session to resume is best continued.
///
/// # Errors
/// The most telling problem of all tries: one with a certificate goes before
/// one with the network.
pub(super) async fn dial(
    settings: &LinkSettings,
    location: Option<&str>,
) -> Result<TlsStream<TcpStream>, ConnectionProblem> {
    let mut worst = None;
    let trying = try_all(settings, location, &mut worst);
    match tokio::time::timeout(settings.timing.dialling, trying).await {
        Ok(Some(connection)) => Ok(connection),
        Ok(None) | Err(_) => Err(worst.unwrap_or(ConnectionProblem::TimedOut)),
    }
}

async fn try_all(
    settings: &LinkSettings,
    location: Option<&str>,
    worst: &mut Option<ConnectionProblem>,
) -> Option<TlsStream<TcpStream>> {
    if let Some((host, port)) = location.and_then(read_location) {
        let endpoints = Endpoint::of_host(&host, port);
        if let Some(connection) = try_each(settings, endpoints, worst).await {
            return Some(connection);
        }
    }
    if let Some((host, port)) = &settings.host {
        return try_each(settings, Endpoint::of_host(host, *port), worst).await;
    }
    let found = names::find_endpoints(settings).await;
    let connection = try_each(settings, found.endpoints, worst).await;
    if matches!(worst, None | Some(ConnectionProblem::ServerNotFound { .. })) {
        *worst = Some(if found.has_answer {
            ConnectionProblem::ServerNotFound {
                domain: settings.address.domain().as_str().to_owned(),
            }
        } else {
            // Offline, most likely: this says nothing about the domain.
            Endpoint::new(settings.address.domain().as_str(), PORT, false).unreachable()
        });
    }
    connection
}

async fn try_each(
    settings: &LinkSettings,
    endpoints: Vec<Endpoint>,
    worst: &mut Option<ConnectionProblem>,
) -> Option<TlsStream<TcpStream>> {
    for endpoint in endpoints {
        match try_one(settings, &endpoint).await {
            Ok(connection) => {
                tracing::info!(
                    host = endpoint.host,
                    port = endpoint.port,
                    is_direct = endpoint.is_direct,
                    "connected"
                );
                return Some(connection);
            }
            Err(problem) => {
                tracing::info!(host = endpoint.host, port = endpoint.port, %problem, "no connection");
                remember(worst, problem);
            }
        }
    }
    None
}

/// Keeps the problem that tells the user most.
fn remember(worst: &mut Option<ConnectionProblem>, problem: ConnectionProblem) {
    let weight = |problem: &ConnectionProblem| match problem {
        ConnectionProblem::CertificateExpired
        | ConnectionProblem::CertificateOtherName
        | ConnectionProblem::CertificateUnknownIssuer
        | ConnectionProblem::CertificateOtherKey
        | ConnectionProblem::CertificateInvalid => 4,
        ConnectionProblem::NoEncryption => 3,
        ConnectionProblem::ServerNotFound { .. } => 0,
        ConnectionProblem::Unreachable { .. } => 1,
        _ => 2,
    };
    // Of two equal ones the later: `Unreachable` names the last that was tried.
    if worst
        .as_ref()
        .is_none_or(|known| weight(&problem) >= weight(known))
    {
        *worst = Some(problem);
    }
}

async fn try_one(
    settings: &LinkSettings,
    endpoint: &Endpoint,
) -> Result<TlsStream<TcpStream>, ConnectionProblem> {
    let deadline = tokio::time::Instant::now() + settings.timing.one_try;
    let left = || deadline.saturating_duration_since(tokio::time::Instant::now());

    let reaching = reach(settings, endpoint);
    let socket = within(left(), endpoint.unreachable(), reaching).await?;
    let securing = secure(settings, endpoint, socket);
    within(left(), ConnectionProblem::TimedOut, securing).await
}

/// Connects to the first address of the endpoint that answers.
async fn reach(
    settings: &LinkSettings,
    endpoint: &Endpoint,
) -> Result<TcpStream, ConnectionProblem> {
    let addresses = names::find_addresses(settings, &endpoint.host).await;
    if addresses.is_empty() {
        return Err(ConnectionProblem::ServerNotFound {
            domain: endpoint.host.clone(),
        });
    }
    connect_first(&addresses, endpoint.port, &settings.timing)
        .await
        .ok_or_else(|| endpoint.unreachable())
}

/// Makes the connection safe, for the domain of the account.
async fn secure(
    settings: &LinkSettings,
    endpoint: &Endpoint,
    socket: TcpStream,
) -> Result<TlsStream<TcpStream>, ConnectionProblem> {
    let domain = settings.address.domain().as_str();
    let name = tls::server_name(domain)?;
    let (config, socket) = if endpoint.is_direct {
        (settings.tls.config(true, settings.pinned_key), socket)
    } else {
        let socket = starttls::negotiate(socket, domain, &settings.limits, &settings.tap).await?;
        (settings.tls.config(false, settings.pinned_key), socket)
    };
    let handshake = TlsConnector::from(config).connect(name, socket).await;
    handshake.map_err(|error| {
        tls::certificate_problem(&error)
            .unwrap_or_else(|| not_understood(format!("the TLS handshake failed: {error}")))
    })
}

/// Starts a connection to each address, one after the other without waiting
/// for the earlier ones to fail, and returns the first that is there.
async fn connect_first(addresses: &[IpAddr], port: u16, timing: &Timing) -> Option<TcpStream> {
    let mut tries = JoinSet::new();
    let mut waiting = addresses.iter();
    loop {
        if let Some(address) = waiting.next() {
            tries.spawn(TcpStream::connect(SocketAddr::new(*address, port)));
        } else if tries.is_empty() {
            return None;
        }
        let stagger = async {
            if waiting.len() == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(timing.stagger).await;
        };
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
            () = stagger => {}
        }
    }
}

/// Reads where a server wants a session resumed: `host`, `host:port`,
/// `[address]:port` or a bare IPv6 address (XEP-0198 §5).
fn read_location(location: &str) -> Option<(String, u16)> {
    let location = location.trim();
    if location.is_empty() {
        return None;
    }
    if location.parse::<IpAddr>().is_ok() {
        return Some((location.to_owned(), PORT));
    }
    if let Ok(address) = location.parse::<SocketAddr>() {
        return Some((address.ip().to_string(), address.port()));
    }
    match location.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => Some((host.to_owned(), port.parse().ok()?)),
        Some(_) => None,
        None => Some((location.to_owned(), PORT)),
    }
}

#[cfg(test)]
mod tests;
