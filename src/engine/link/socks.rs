//! The way to a server through a SOCKS5 proxy, Tor's among them.
//!
//! The proxy is told the name and finds the address itself: whoever routes an
//! account through Tor does not want the name service of the local network to
//! learn of it. What surprises: a user name and a password are offered although
//! nobody set any. Tor carries connections with different ones over different
//! circuits, so the account's own keep two accounts from being linked; a proxy
//! that has no use for them picks the way without.
//!
//! # Source
//! RFC 1928 (SOCKS5), RFC 1929 (user names), RFC 7686 (`.onion`), Tor's
//! `socks-extensions` (isolation by user name, reply codes from 0xF0).

use std::io;
use std::net::IpAddr;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Endpoint, certificates};
use crate::engine::model::ConnectionProblem;

const VERSION: u8 = 5;
const WITHOUT_NAME: u8 = 0;
const WITH_NAME: u8 = 2;
const NONE_OF_THESE: u8 = 0xff;
/// The version of the exchange of name and password (RFC 1929).
const NAME_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;

/// What keeps an account's connections apart from those of others: made of the
/// account and of chance, so that the proxy learns nothing by it.
#[derive(Clone, Debug)]
pub(super) struct Apart(String);

impl Apart {
    /// Makes that of an account for this connection.
    ///
    /// Each connection gets its own: a circuit that went dead is not used again.
    pub fn of(address: &str) -> Self {
        let mut random = [0; 16];
        // Without chance the accounts are still apart from each other.
        if let Err(error) = getrandom::fill(&mut random) {
            tracing::warn!(%error, "no random numbers");
        }
        let digest = Sha256::new()
            .chain_update(random)
            .chain_update(address.as_bytes())
            .finalize();
        Self(certificates::hex(&digest[..16]))
    }
}

/// How the proxy failed us.
#[derive(Debug)]
enum Failed {
    /// It broke off or is no such proxy.
    Proxy(String),
    /// It works, and wants a name that it knows.
    Refused,
    /// It works, and could not reach the place.
    Place(u8),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Proxy(error.to_string())
    }
}

/// Connects to a place by way of the proxy.
///
/// # Errors
/// `ProxyFailed` when it is the proxy's fault, `Unreachable` when the proxy
/// works and cannot reach the place.
pub(super) async fn connect(
    proxy: &(String, u16),
    endpoint: &Endpoint,
    apart: &Apart,
) -> Result<TcpStream, ConnectionProblem> {
    let failed = |why: String| {
        tracing::info!(proxy = proxy.0, port = proxy.1, why, "the proxy failed");
        ConnectionProblem::ProxyFailed {
            host: proxy.0.clone(),
            port: proxy.1,
        }
    };
    let mut outcome = one_try(proxy, endpoint, Some(apart)).await;
    if matches!(outcome, Err(Failed::Refused)) {
        // It chose names before "none": it may let us in without.
        outcome = one_try(proxy, endpoint, None).await;
    }
    outcome.map_err(|why| match why {
        Failed::Proxy(why) => failed(why),
        Failed::Refused => failed("it wants a user name and a password".to_owned()),
        Failed::Place(code) => {
            tracing::debug!(code, "the proxy could not reach the place");
            endpoint.unreachable()
        }
    })
}

async fn one_try(
    proxy: &(String, u16),
    endpoint: &Endpoint,
    apart: Option<&Apart>,
) -> Result<TcpStream, Failed> {
    // Only the proxy's own name is ever looked up here.
    let mut socket = TcpStream::connect((proxy.0.as_str(), proxy.1)).await?;
    socket.set_nodelay(true)?;
    introduce(&mut socket, apart).await?;
    socket.write_all(&request(endpoint)?).await?;

    let mut head = [0; 4];
    socket.read_exact(&mut head).await?;
    if head[0] != VERSION {
        return Err(Failed::Proxy("its answer is none of SOCKS5".to_owned()));
    }
    match head[1] {
        0 => {}
        // Not allowed, a command or a kind of address it does not know.
        code @ (2 | 7 | 8) => return Err(Failed::Proxy(format!("it refuses by {code}"))),
        code => return Err(Failed::Place(code)),
    }
    // Where the proxy's own end is, which nobody needs.
    let length = match head[3] {
        IPV4 => 4,
        IPV6 => 16,
        DOMAIN => usize::from(socket.read_u8().await?),
        _ => return Err(Failed::Proxy("its answer holds no address".to_owned())),
    };
    let mut rest = vec![0; length + 2];
    socket.read_exact(&mut rest).await?;
    Ok(socket)
}

/// Agrees with the proxy on how it may be used.
async fn introduce(socket: &mut TcpStream, apart: Option<&Apart>) -> Result<(), Failed> {
    let hello: &[u8] = match apart {
        Some(_) => &[VERSION, 2, WITHOUT_NAME, WITH_NAME],
        None => &[VERSION, 1, WITHOUT_NAME],
    };
    socket.write_all(hello).await?;
    let mut choice = [0; 2];
    socket.read_exact(&mut choice).await?;
    match (choice, apart) {
        ([VERSION, WITHOUT_NAME], _) => Ok(()),
        ([VERSION, WITH_NAME], Some(Apart(name))) => {
            let length = name.len() as u8;
            let mut words = vec![NAME_VERSION, length];
            words.extend(name.as_bytes());
            words.push(length);
            words.extend(name.as_bytes());
            socket.write_all(&words).await?;
            let mut answer = [0; 2];
            // Some just hang up on a name they do not know.
            match socket.read_exact(&mut answer).await {
                Ok(_) if answer[1] == 0 => Ok(()),
                _ => Err(Failed::Refused),
            }
        }
        ([VERSION, NONE_OF_THESE], _) => Err(Failed::Refused),
        _ => Err(Failed::Proxy("it does not speak SOCKS5".to_owned())),
    }
}

/// Returns the wish to be connected to a place: by its name where it has one.
fn request(endpoint: &Endpoint) -> Result<Vec<u8>, Failed> {
    let mut wish = vec![VERSION, CONNECT, 0];
    match endpoint.host.parse() {
        Ok(IpAddr::V4(address)) => {
            wish.push(IPV4);
            wish.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            wish.push(IPV6);
            wish.extend(address.octets());
        }
        Err(_) => {
            let length = u8::try_from(endpoint.host.len())
                .map_err(|_| Failed::Proxy("the name is too long for a proxy".to_owned()))?;
            wish.extend([DOMAIN, length]);
            wish.extend(endpoint.host.as_bytes());
        }
    }
    wish.extend(endpoint.port.to_be_bytes());
    Ok(wish)
}
