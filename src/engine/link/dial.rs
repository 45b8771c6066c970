//! From a domain to an encrypted connection with its server.
//!
//! The DNS names the servers (SRV records of both kinds, taken as one list),
//! each server has one or more addresses, and each connection becomes a TLS
//! connection, at once or by STARTTLS. Servers are tried one after the other,
//! the addresses of one a quarter of a second apart; the first that completes
//! TLS wins. What the DNS says is never trusted: the certificate must be for
//! the domain of the account.
//!
//! This file is the only one that names the DNS library.
//!
//! # Source
//! RFC 6120 §3.2, XEP-0368 v1.1.0, RFC 2782 (order), RFC 8305 (addresses).

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::stream::{not_understood, within};
use super::{LinkSettings, Timing, starttls, tls};
use crate::engine::model::ConnectionProblem;

/// The port of connections that begin in the clear.
const PORT: u16 = 5222;
/// The port on which TLS begins at once, where nothing says otherwise.
const DIRECT_PORT: u16 = 5223;
/// Ports that are known for TLS at once; given by hand, both ways are tried.
const DIRECT_PORTS: [u16; 2] = [DIRECT_PORT, 443];

/// A place where a server may be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Endpoint {
    host: String,
    port: u16,
    /// TLS from the first byte, without STARTTLS.
    is_direct: bool,
}

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
    let endpoints = match &settings.host {
        Some((host, port)) => Endpoint::of_host(host, *port),
        None => match find_endpoints(settings).await {
            Ok(endpoints) => endpoints,
            Err(problem) => {
                remember(worst, problem);
                return None;
            }
        },
    };
    try_each(settings, endpoints, worst).await
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
    let addresses = find_addresses(settings, &endpoint.host).await;
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
        (settings.tls.direct(), socket)
    } else {
        let socket = starttls::negotiate(socket, domain, &settings.limits).await?;
        (settings.tls.after_starttls(), socket)
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

/// Finds the places where the domain's server may be, best first.
async fn find_endpoints(settings: &LinkSettings) -> Result<Vec<Endpoint>, ConnectionProblem> {
    let domain = settings.address.domain().as_str();
    let not_found = || ConnectionProblem::ServerNotFound {
        domain: domain.to_owned(),
    };
    let literal = domain.trim_start_matches('[').trim_end_matches(']');
    let fallback = |host: &str| {
        Ok(vec![
            Endpoint::new(host, PORT, false),
            Endpoint::new(host, DIRECT_PORT, true),
        ])
    };
    if literal.parse::<IpAddr>().is_ok() {
        return fallback(literal);
    }
    let ascii = tls::to_ascii(domain).ok_or_else(not_found)?;
    let Some(resolver) = resolver(settings) else {
        return fallback(&ascii);
    };
    let asking = async {
        tokio::join!(
            find_services(&resolver, format!("_xmpps-client._tcp.{ascii}."), true),
            find_services(&resolver, format!("_xmpp-client._tcp.{ascii}."), false),
        )
    };
    let Ok((direct, starttls)) = tokio::time::timeout(settings.timing.one_try, asking).await else {
        return fallback(&ascii);
    };
    let services: Vec<Service> = [direct, starttls].into_iter().flatten().flatten().collect();
    if services.is_empty() {
        return fallback(&ascii);
    }
    let endpoints = in_order(services, random_below);
    if endpoints.is_empty() {
        // Every record says "not offered here" (RFC 2782, target ".").
        return Err(not_found());
    }
    Ok(endpoints)
}

/// One SRV record.
#[derive(Clone, Debug)]
struct Service {
    priority: u16,
    weight: u16,
    /// `None` for the target ".": this kind is not offered at this domain.
    endpoint: Option<Endpoint>,
}

/// Asks for the SRV records of a name; `None` when there are none to be had.
async fn find_services(
    resolver: &TokioResolver,
    name: String,
    is_direct: bool,
) -> Option<Vec<Service>> {
    let lookup = match resolver.srv_lookup(name.as_str()).await {
        Ok(lookup) => lookup,
        Err(error) => {
            tracing::debug!(name, %error, "no service records");
            return None;
        }
    };
    let services = lookup.answers().iter().filter_map(|record| {
        let RData::SRV(record) = &record.data else {
            return None;
        };
        let target = record.target.to_ascii();
        let host = target.trim_end_matches('.');
        Some(Service {
            priority: record.priority,
            weight: record.weight,
            endpoint: (!host.is_empty()).then(|| Endpoint::new(host, record.port, is_direct)),
        })
    });
    Some(services.collect())
}

/// Puts services of both kinds into one order: by priority, and among equals
/// by chance in proportion to their weight.
fn in_order(mut services: Vec<Service>, mut below: impl FnMut(u32) -> u32) -> Vec<Endpoint> {
    services.sort_by_key(|service| service.priority);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    while let Some(first) = services.first() {
        let priority = first.priority;
        let equal = services
            .iter()
            .take_while(|service| service.priority == priority);
        // One more than its weight, so that weight 0 also has a small chance.
        let chances: Vec<u32> = equal.map(|service| u32::from(service.weight) + 1).collect();
        let mut mark = below(chances.iter().sum());
        let mut chosen = 0;
        while chosen + 1 < chances.len() && mark >= chances[chosen] {
            mark -= chances[chosen];
            chosen += 1;
        }
        if let Some(endpoint) = services.remove(chosen).endpoint
            && !endpoints.contains(&endpoint)
        {
            endpoints.push(endpoint);
        }
    }
    endpoints
}

fn random_below(limit: u32) -> u32 {
    getrandom::u32().map_or(0, |random| random % limit.max(1))
}

/// Returns who answers questions about names; `None` when nobody does.
fn resolver(settings: &LinkSettings) -> Option<TokioResolver> {
    let built = match &settings.name_servers {
        Some(addresses) => {
            let servers = addresses.iter().map(|address| {
                let mut connection = ConnectionConfig::udp();
                connection.port = address.port();
                NameServerConfig::new(address.ip(), true, vec![connection])
            });
            let config = ResolverConfig::from_parts(None, vec![], servers.collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
        }
        None => TokioResolver::builder_tokio().and_then(|builder| builder.build()),
    };
    built
        .inspect_err(|error| tracing::warn!(%error, "no name server to ask"))
        .ok()
}

/// Returns the addresses of a host, in the order to try them.
///
/// Ordinarily the system is asked, so that its hosts file and local names work.
async fn find_addresses(settings: &LinkSettings, host: &str) -> Vec<IpAddr> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse() {
        return vec![address];
    }
    let found: Vec<IpAddr> = if settings.name_servers.is_some() {
        let Some(resolver) = resolver(settings) else {
            return vec![];
        };
        match resolver
            .lookup_ip(format!("{}.", host.trim_end_matches('.')))
            .await
        {
            Ok(lookup) => lookup.iter().collect(),
            Err(error) => {
                tracing::debug!(host, %error, "no address");
                vec![]
            }
        }
    } else {
        let ascii = tls::to_ascii(host).unwrap_or_else(|| host.to_owned());
        match tokio::net::lookup_host((ascii.as_str(), 0)).await {
            Ok(addresses) => addresses.map(|address| address.ip()).collect(),
            Err(error) => {
                tracing::debug!(host, %error, "no address");
                vec![]
            }
        }
    };
    alternate(found)
}

/// Puts addresses of both families in turn, beginning with the first's, and
/// drops repetitions (RFC 8305 §4).
fn alternate(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let Some(is_first_v6) = found.first().map(IpAddr::is_ipv6) else {
        return found;
    };
    let (first, second): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| address.is_ipv6() == is_first_v6);
    let mut ordered = Vec::new();
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return ordered;
        }
        for address in pair.into_iter().flatten() {
            if !ordered.contains(&address) {
                ordered.push(address);
            }
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
