//! An account of the user, and how its connection is doing.

use std::net::Ipv6Addr;

use super::{AccountId, PasswordTrouble, Timestamp, Weaker};

/// One account as the window shows it. The password is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The row.
    pub id: AccountId,
    /// Bare XMPP address, normalised.
    pub address: String,
    /// False when the user switched the account off; it then stays offline.
    pub is_enabled: bool,
    /// Host to connect to instead of what the domain's DNS says.
    pub host: Option<String>,
    /// Port that goes with `host`; 5222 when absent.
    pub port: Option<u16>,
    /// True when the user agreed to send the password itself over TLS.
    pub allows_plain: bool,
    /// The user's own name for it; empty: its address is shown.
    pub label: String,
    /// Which accent colour marks it, in libadwaita's order from 1 (blue) to 9
    /// (slate); 0: none.
    pub colour: u8,
    /// Where its password is kept.
    pub password_place: PasswordPlace,
    /// SOCKS5 proxy for everything of this account, as `host:port`; empty: none.
    pub proxy: String,
    /// SHA-256 of the one public key the server may have, in hex; empty: any
    /// that the system trusts.
    pub pinned_key: String,
    /// Path of a PEM file with a certificate and its key to sign in with;
    /// empty: none.
    pub client_certificate: String,
    /// Its chats are encrypted unless their own choice says otherwise.
    pub encrypts_by_default: bool,
    /// For how many days the messages of its chats are kept here; 0: for ever.
    pub keeps_days: u32,
    /// What the user calls themselves for their contacts; empty: nothing.
    pub nickname: String,
    /// Hash of the picture the user published, see `Engine::picture`; empty: none.
    pub picture: String,
}

/// What the user may change of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountEdit {
    /// Manual host; `None`: as the domain's DNS says.
    pub host: Option<String>,
    /// Port that goes with `host`.
    pub port: Option<u16>,
    /// The user's own name for it; empty: none.
    pub label: String,
    /// Accent colour from 1 to 9; 0: none.
    pub colour: u8,
    /// [`Account::proxy`].
    pub proxy: String,
    /// [`Account::pinned_key`].
    pub pinned_key: String,
    /// [`Account::client_certificate`].
    pub client_certificate: String,
}

/// Returns host and port of a place written as `host:port`, an IPv6 address in
/// brackets; `None` when it is not written so.
pub fn place(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.trim().rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    if let Some(rest) = host.strip_prefix('[') {
        let literal = rest.strip_suffix(']')?;
        literal.parse::<Ipv6Addr>().ok()?;
        return Some((literal.to_owned(), port));
    }
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "/@?#[]:".contains(c);
    (!host.is_empty() && !host.contains(is_odd)).then(|| (host.to_owned(), port))
}

impl Account {
    /// Returns what an edit that changes nothing says.
    pub fn unchanged(&self) -> AccountEdit {
        AccountEdit {
            host: self.host.clone(),
            port: self.port,
            label: self.label.clone(),
            colour: self.colour,
            proxy: self.proxy.clone(),
            pinned_key: self.pinned_key.clone(),
            client_certificate: self.client_certificate.clone(),
        }
    }
}

/// Where an account's password is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordPlace {
    /// In the desktop's keyring.
    #[default]
    Keyring,
    /// Nowhere: the user is asked each time.
    AskEachTime,
    /// In a file of ours.
    File,
}

/// Where an account's connection stands. Not stored: it is true only now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not connected and not about to be: disabled, or the network is down.
    Offline,
    /// Looking up, dialling or signing in.
    Connecting,
    /// Signed in and fetching what was missed.
    CatchingUp,
    /// Signed in, nothing known to be missing.
    Online,
    /// The last try failed in passing; the next one starts at `retry_at`.
    Waiting {
        /// What went wrong.
        problem: ConnectionProblem,
        /// When the next try starts.
        retry_at: Timestamp,
    },
    /// Stopped until the user does something about it.
    Stopped(ConnectionProblem),
}

impl ConnectionState {
    /// Returns whether messages leave at once in this state.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::CatchingUp | Self::Online)
    }
}

/// What the account's server lacks, each with a cost for the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLacks {
    /// Stream management: a broken connection is noticed late (XEP-0198).
    pub stream_management: bool,
    /// An archive: what arrives while this program is away may be lost to it (XEP-0313).
    pub archive: bool,
    /// Copies: what is sent or received on other devices is not seen here (XEP-0280).
    pub copies: bool,
}

impl ServerLacks {
    /// Returns whether anything is lacking.
    pub fn is_anything(self) -> bool {
        self != Self::default()
    }
}

/// Why a connection could not be made or ended, in the user's world.
///
/// [`ConnectionProblem::is_fatal`] tells the two kinds apart: after a fatal one
/// trying again by itself could only repeat it (or do harm).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionProblem {
    /// The server refused the name or the password.
    #[error("the server refused the name or the password")]
    WrongPassword,
    /// The server says that this account does not exist.
    #[error("the server does not know this account")]
    NoSuchAccount,
    /// The provider switched the account off.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The server takes only an open password, and the user has not agreed to that.
    #[error("the server offers nothing but PLAIN")]
    NeedsPlainConsent,
    /// The server offers no way to sign in that we know.
    #[error("no sign-in method in common")]
    NoCommonSignIn,
    /// The server offers a weaker way to sign in than before.
    #[error("the server offers less than before: {0:?}")]
    WeakerThanBefore(Weaker),
    /// The server does not take the account's own certificate.
    #[error("the server refused our certificate")]
    ClientCertificateRefused,
    /// The server could not prove that it knows the password.
    #[error("the server failed to prove that it knows the password")]
    ServerNotGenuine,
    /// The certificate's time is over, or has not come yet.
    #[error("the certificate has expired or is not valid yet")]
    CertificateExpired,
    /// The certificate is for another name than the account's domain.
    #[error("the certificate is for another name")]
    CertificateOtherName,
    /// Nobody this system trusts has signed the certificate.
    #[error("the certificate's issuer is unknown")]
    CertificateUnknownIssuer,
    /// The server's key is not the one that the user pinned.
    #[error("the server has another key than the pinned one")]
    CertificateOtherKey,
    /// The certificate is bad in some other way.
    #[error("the certificate is not acceptable")]
    CertificateInvalid,
    /// The file with the user's own certificate and key cannot be used.
    #[error("the own certificate cannot be used")]
    OwnCertificateUnusable,
    /// The server offers no encryption, so nothing was sent.
    #[error("the server offers no encryption")]
    NoEncryption,
    /// The same session was opened by another program.
    #[error("the session was taken over by another program")]
    SignedInElsewhere,
    /// No password is at hand.
    #[error("no password at hand: {0:?}")]
    PasswordMissing(PasswordTrouble),
    /// The domain has no server that one could connect to.
    #[error("no server found for {domain}")]
    ServerNotFound {
        /// Domain of the address.
        domain: String,
    },
    /// Nothing answers at the server's address.
    #[error("{host}:{port} does not answer")]
    Unreachable {
        /// Host that was tried last.
        host: String,
        /// Port that was tried last.
        port: u16,
    },
    /// The account's proxy does not answer, or is none.
    #[error("the proxy at {host}:{port} failed")]
    ProxyFailed {
        /// The proxy's host; all that was written of it, when that makes no sense.
        host: String,
        /// The proxy's port.
        port: u16,
    },
    /// The server took too long.
    #[error("the server took too long")]
    TimedOut,
    /// The connection broke or went silent.
    #[error("the connection was lost")]
    ConnectionLost,
    /// The server ended the stream and said why (RFC 6120 §4.9.3).
    #[error("the server closed the stream: {condition}")]
    ClosedByServer {
        /// The defined condition, such as `system-shutdown`.
        condition: String,
    },
    /// A token above the stanza limit arrived, so the stream had to end.
    #[error("something larger than the limit arrived")]
    TooLarge,
    /// The server's answer makes no sense at this point.
    #[error("the server's answer was not understood: {what}")]
    NotUnderstood {
        /// What was expected, for the log.
        what: String,
    },
}

impl ConnectionProblem {
    /// Returns whether only the user can mend it, so that retrying is no use.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::WrongPassword
            | Self::NoSuchAccount
            | Self::AccountDisabled
            | Self::NeedsPlainConsent
            | Self::NoCommonSignIn
            | Self::WeakerThanBefore(_)
            | Self::ClientCertificateRefused
            | Self::ServerNotGenuine
            | Self::CertificateExpired
            | Self::CertificateOtherName
            | Self::CertificateUnknownIssuer
            | Self::CertificateOtherKey
            | Self::CertificateInvalid
            | Self::OwnCertificateUnusable
            | Self::NoEncryption
            | Self::SignedInElsewhere
            | Self::PasswordMissing(_) => true,
            Self::ServerNotFound { .. }
            | Self::Unreachable { .. }
            | Self::ProxyFailed { .. }
            | Self::TimedOut
            | Self::ConnectionLost
            | Self::ClosedByServer { .. }
            | Self::TooLarge
            | Self::NotUnderstood { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_port_and_nothing_more() {
        let read = |text| place(text).map(|(host, port)| format!("{host} {port}"));

        assert_eq!(read(" 127.0.0.1:9050 ").as_deref(), Some("127.0.0.1 9050"));
        assert_eq!(read("localhost:1").as_deref(), Some("localhost 1"));
        assert_eq!(read("[::1]:9050").as_deref(), Some("::1 9050"));
        for odd in [
            "",
            "localhost",
            ":9050",
            "localhost:0",
            "localhost:99999",
            "::1:9050",
            "[localhost]:9050",
            "socks5://localhost:9050",
            "me@localhost:9050",
            "a b:1",
        ] {
            assert_eq!(place(odd), None, "{odd}");
        }
    }
}
