//! From a domain to an encrypted connection with its server.
//!
//! The DNS names the servers (SRV records of both kinds, taken as one list),
//! each server has one or more addresses, and each connection becomes a TLS
//! connection, at once or by STARTTLS. Where the server was last comes first;
//! then those of one priority a quarter of a second apart, one priority after
//! the other; at the very end the port of the web, which strict networks leave
//! open. The first that completes TLS wins. What the DNS says is never trusted,
//! nor what is remembered: the certificate must be for the domain of the
//! account. With a proxy the DNS is not asked at all.
//!
//! # Source
//! RFC 6120 §3.2, XEP-0368 v1.1.0, XEP-0495 v0.1.0 (priorities), XEP-0198
//! v1.6.1 §5 (location).

mod names;
mod reach;

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use self::reach::Tries;
use super::stream::not_understood;
use super::tls::own::Own;
use super::{Endpoint, LinkSettings, starttls, tls};
use crate::engine::model::ConnectionProblem;

/// The port of connections that begin in the clear.
const PORT: u16 = 5222;
/// The port on which TLS begins at once, where nothing says otherwise.
const DIRECT_PORT: u16 = 5223;
/// The port that hardly any network closes.
const OPEN_PORT: u16 = 443;

impl Endpoint {
    fn new(host: &str, port: u16, is_direct: bool) -> Self {
        Self {
            host: host.to_owned(),
            port,
            is_direct,
        }
    }

    /// The two ways to try a host and port that nothing more is known about,
    /// the likelier first.
    fn of_host(host: &str, port: u16) -> [Self; 2] {
        // Ports that are known for TLS at once.
        let is_direct = [DIRECT_PORT, OPEN_PORT].contains(&port);
        [is_direct, !is_direct].map(|is_direct| Self::new(host, port, is_direct))
    }

    pub(super) fn unreachable(&self) -> ConnectionProblem {
        ConnectionProblem::Unreachable {
            host: self.host.clone(),
            port: self.port,
        }
    }
}

/// A connection, and where it leads.
pub(super) struct Dialled {
    /// The encrypted connection.
    pub connection: TlsStream<TcpStream>,
    /// Where the server was.
    pub endpoint: Endpoint,
}

/// Why a connection could not be made safe.
pub(super) struct Unsafe {
    /// What to tell.
    pub problem: ConnectionProblem,
    /// The server seems to speak the other kind: TLS at once, or STARTTLS.
    pub is_other_kind: bool,
}

impl From<ConnectionProblem> for Unsafe {
    fn from(problem: ConnectionProblem) -> Self {
        Self {
            problem,
            is_other_kind: false,
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
) -> Result<Dialled, ConnectionProblem> {
    let own = match &settings.client_certificate {
        Some(path) => Some(tls::own::read(path).await?),
        None => None,
    };
    let mut worst = None;
    let trying = try_all(settings, own.as_ref(), location, &mut worst);
    match tokio::time::timeout(settings.dialling(), trying).await {
        Ok(Some(dialled)) => Ok(dialled),
        Ok(None) | Err(_) => Err(worst.unwrap_or(ConnectionProblem::TimedOut)),
    }
}

async fn try_all(
    settings: &LinkSettings,
    own: Option<&Own>,
    location: Option<&str>,
    worst: &mut Option<ConnectionProblem>,
) -> Option<Dialled> {
    // What is wrong where the server once was says nothing about the server.
    let forgotten = &mut None;
    if let Some((host, port)) = location.and_then(read_location)
        && let Some(dialled) = try_host(settings, own, &host, port, forgotten).await
    {
        return Some(dialled);
    }
    if let Some((host, port)) = &settings.host {
        return try_host(settings, own, host, *port, worst).await;
    }
    if let Some(last) = &settings.memory.endpoint {
        let again = try_each(settings, own, vec![last.clone()], forgotten);
        if let Ok(Some(dialled)) = tokio::time::timeout(settings.again(), again).await {
            return Some(dialled);
        }
    }

    let found = names::find_endpoints(settings).await;
    let hosts = open_ports(&found.groups);
    for group in found.groups {
        if let Some(dialled) = try_each(settings, own, group, worst).await {
            return Some(dialled);
        }
    }
    let is_closed = matches!(
        worst,
        Some(ConnectionProblem::Unreachable { .. } | ConnectionProblem::TimedOut)
    );
    if is_closed && found.has_answer {
        // Somebody between us and the server may let only the web through.
        for place in hosts {
            let dialled = try_each(settings, own, vec![place], forgotten).await;
            // A web server must not be taken for ours.
            let is_ours = |dialled: &Dialled| tls::speaks_xmpp(&dialled.connection);
            if let Some(dialled) = dialled.filter(is_ours) {
                return Some(dialled);
            }
        }
    }
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
    None
}

/// Returns the last places to try: the port of the web on each of the hosts,
/// where it was not tried anyway.
fn open_ports(groups: &[Vec<Endpoint>]) -> Vec<Endpoint> {
    let mut places = Vec::new();
    for endpoint in groups.iter().flatten() {
        let place = Endpoint::new(&endpoint.host, OPEN_PORT, true);
        if !places.contains(&place) && !groups.iter().flatten().any(|known| *known == place) {
            places.push(place);
        }
    }
    places
}

/// Tries a host and port that may be of either kind: the second only where the
/// first turned out not to be spoken there.
async fn try_host(
    settings: &LinkSettings,
    own: Option<&Own>,
    host: &str,
    port: u16,
    worst: &mut Option<ConnectionProblem>,
) -> Option<Dialled> {
    let mut kinds = Endpoint::of_host(host, port);
    if settings.memory.endpoint.as_ref() == Some(&kinds[1]) {
        kinds.reverse();
    }
    for (nth, kind) in kinds.into_iter().enumerate() {
        let (endpoint, outcome) = Tries::of(vec![kind], settings, own).next().await?;
        match outcome {
            Ok(connection) => return Some(there(connection, endpoint)),
            Err(failed) => {
                not_there(&endpoint, &failed.problem);
                // Of a kind that is not spoken nothing can be told.
                if nth == 0 || is_about_certificate(&failed.problem) {
                    remember(worst, failed.problem);
                }
                if !failed.is_other_kind {
                    return None;
                }
            }
        }
    }
    None
}

/// Tries several places that have the same priority.
async fn try_each(
    settings: &LinkSettings,
    own: Option<&Own>,
    endpoints: Vec<Endpoint>,
    worst: &mut Option<ConnectionProblem>,
) -> Option<Dialled> {
    let mut tries = Tries::of(endpoints, settings, own);
    while let Some((endpoint, outcome)) = tries.next().await {
        match outcome {
            Ok(connection) => return Some(there(connection, endpoint)),
            Err(failed) => {
                not_there(&endpoint, &failed.problem);
                remember(worst, failed.problem);
            }
        }
    }
    None
}

fn there(connection: TlsStream<TcpStream>, endpoint: Endpoint) -> Dialled {
    tracing::info!(
        host = endpoint.host,
        port = endpoint.port,
        is_direct = endpoint.is_direct,
        "connected"
    );
    Dialled {
        connection,
        endpoint,
    }
}

fn not_there(endpoint: &Endpoint, problem: &ConnectionProblem) {
    tracing::info!(host = endpoint.host, port = endpoint.port, %problem, "no connection");
}

fn is_about_certificate(problem: &ConnectionProblem) -> bool {
    weight(problem) == 4
}

/// Keeps the problem that tells the user most.
fn remember(worst: &mut Option<ConnectionProblem>, problem: ConnectionProblem) {
    // Of two equal ones the later: `Unreachable` names the last that was tried.
    if worst
        .as_ref()
        .is_none_or(|known| weight(&problem) >= weight(known))
    {
        *worst = Some(problem);
    }
}

/// Returns how much a problem tells.
fn weight(problem: &ConnectionProblem) -> u8 {
    match problem {
        ConnectionProblem::CertificateExpired
        | ConnectionProblem::CertificateOtherName
        | ConnectionProblem::CertificateUnknownIssuer
        | ConnectionProblem::CertificateOtherKey
        | ConnectionProblem::CertificateInvalid => 4,
        ConnectionProblem::NoEncryption => 3,
        ConnectionProblem::ServerNotFound { .. } => 0,
        ConnectionProblem::Unreachable { .. } => 1,
        _ => 2,
    }
}

/// Makes the connection safe, for the domain of the account.
async fn secure(
    settings: &LinkSettings,
    own: Option<&Own>,
    endpoint: &Endpoint,
    socket: TcpStream,
) -> Result<TlsStream<TcpStream>, Unsafe> {
    let securing = async {
        let domain = settings.address.domain().as_str();
        let name = tls::server_name(domain)?;
        let socket = if endpoint.is_direct {
            socket
        } else {
            starttls::negotiate(socket, domain, &settings.limits, &settings.tap).await?
        };
        let is_by_proxy = settings.proxy.is_some();
        let config =
            (settings.tls).config(endpoint.is_direct, is_by_proxy, settings.pinned_key, own);
        let handshake = TlsConnector::from(config).connect(name, socket).await;
        handshake.map_err(|error| Unsafe {
            problem: tls::certificate_problem(&error)
                .unwrap_or_else(|| not_understood(format!("the TLS handshake failed: {error}"))),
            is_other_kind: endpoint.is_direct && tls::is_not_spoken(&error),
        })
    };
    tokio::time::timeout(settings.one_try(), securing)
        .await
        .unwrap_or(Err(ConnectionProblem::TimedOut.into()))
}

/// Reads where a server wants a session resumed: `host`, `host:port`,
/// `[address]:port`, `[address]` or a bare IPv6 address (XEP-0198 §5).
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
    let inside = location
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(inside) = inside {
        inside.parse::<IpAddr>().ok()?;
        return Some((inside.to_owned(), PORT));
    }
    match location.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => Some((host.to_owned(), port.parse().ok()?)),
        Some(_) => None,
        None => Some((location.to_owned(), PORT)),
    }
}

#[cfg(test)]
mod tests;
