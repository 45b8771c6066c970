//! How to reach a server, how long to wait for it, and how much to take from it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jid::BareJid;
use minidom::Element;

use super::{KeptKeys, Memory, Tap, TlsSettings, Turns};
use crate::engine::model::Secret;

/// How to reach the server, and as whom.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// Who signs in. Its domain is what the certificate must be for.
    pub address: BareJid,
    /// The password.
    pub password: Secret,
    /// Host and port to connect to instead of what the DNS says.
    pub host: Option<(String, u16)>,
    /// Whether the user agreed to send the password itself (inside TLS).
    pub allows_plain: bool,
    /// Trusted roots; one for all accounts, so that TLS sessions are resumed.
    pub tls: Arc<TlsSettings>,
    /// How long to wait for what.
    pub timing: Timing,
    /// How much of what to accept.
    pub limits: Limits,
    /// What earlier sign-ins taught.
    pub memory: Memory,
    /// What a fresh session begins with, whatever the server says: stanzas
    /// that are sent as early as can be, and not at all when an earlier
    /// session goes on.
    pub opening: Vec<Element>,
    /// Nobody looks at the moment.
    pub is_unseen: bool,
    /// What earlier sign-ins of this run made of the password.
    pub keys: KeptKeys,
    /// SOCKS5 proxy for everything, names included: host and port.
    pub proxy: Option<(String, u16)>,
    /// SHA-256 of the one public key the server may have; that it is
    /// certified is not asked for then.
    pub pinned_key: Option<[u8; 32]>,
    /// PEM file with a certificate and its key to sign in with.
    pub client_certificate: Option<PathBuf>,
    /// When to connect; shared by accounts that wait for each other.
    pub turns: Turns,
    /// Where what passes can be watched.
    pub tap: Tap,
    /// What to call this program on the server; `None`: anything new. The same
    /// name again ends what an earlier connection left there.
    pub resource: Option<String>,
    /// Name servers to ask instead of the system's (tests).
    pub name_servers: Option<Vec<SocketAddr>>,
}

impl LinkSettings {
    /// Returns settings for an ordinary connection of `address`.
    pub fn new(address: BareJid, password: Secret, tls: Arc<TlsSettings>) -> Self {
        Self {
            address,
            password,
            host: None,
            allows_plain: false,
            tls,
            timing: Timing::default(),
            limits: Limits::default(),
            memory: Memory::default(),
            opening: Vec::new(),
            is_unseen: false,
            keys: KeptKeys::default(),
            proxy: None,
            pinned_key: None,
            client_certificate: None,
            turns: Turns::default(),
            tap: Tap::default(),
            resource: None,
            name_servers: None,
        }
    }

    /// Returns how long one place may take. Tor first builds a way there.
    pub(super) fn one_try(&self) -> Duration {
        self.timing.one_try * self.slowness()
    }

    /// Returns how long all places together may take.
    pub(super) fn dialling(&self) -> Duration {
        self.timing.dialling * self.slowness()
    }

    /// Returns how long the place where the server answered last may take.
    pub(super) fn again(&self) -> Duration {
        self.timing.again * self.slowness()
    }

    fn slowness(&self) -> u32 {
        if self.proxy.is_some() { 3 } else { 1 }
    }
}

/// How long to wait for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Between the tries of a host's several addresses (RFC 8305 §5).
    pub stagger: Duration,
    /// For one host and port: name and TCP; and once more for TLS.
    pub one_try: Duration,
    /// For the place where the server answered last, before it is looked for.
    pub again: Duration,
    /// For all hosts and ports together.
    pub dialling: Duration,
    /// From the end of the TLS handshake to the bound stream.
    pub login: Duration,
    /// Of silence before we ask whether the server is still there.
    pub idle: Duration,
    /// For an answer, before the connection counts as dead.
    pub answer: Duration,
    /// For an answer after the computer woke up or changed networks.
    pub proof: Duration,
    /// For the first `<a/>` after a resumption.
    pub resumed_answer: Duration,
    /// For the session to handle a stanza that the server wants acknowledged,
    /// before the server is told the older number.
    pub handling: Duration,
    /// For the network to take what we write.
    pub write: Duration,
    /// For the farewell.
    pub close: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            stagger: Duration::from_millis(250),
            one_try: Duration::from_secs(10),
            again: Duration::from_secs(4),
            dialling: Duration::from_secs(45),
            login: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            answer: Duration::from_secs(15),
            proof: Duration::from_secs(2),
            resumed_answer: Duration::from_secs(5),
            handling: Duration::from_secs(1),
            write: Duration::from_secs(30),
            close: Duration::from_secs(2),
        }
    }
}

/// How much of what to accept from the server. What exceeds one of these is
/// skipped to its end and reported; see the reader for the hard ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one stanza on the wire. Also the limit of a single name,
    /// attribute or header, above which the stream ends.
    pub stanza_bytes: usize,
    /// Levels of nesting below the stream, the stanza itself being the first.
    pub depth: usize,
    /// Elements in one stanza.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Bytes of all attributes of one element.
    pub attribute_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_bytes: 4 * 1024 * 1024,
            depth: 64,
            // A contact list of 10 000 with a group each is 20 001 elements.
            elements: 32 * 1024,
            attributes: 256,
            attribute_bytes: 1024 * 1024,
        }
    }
}
