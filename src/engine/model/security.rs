//! What protects an account's connection, and what of it got weaker.

use super::Timestamp;

/// What protects a connection, as found out while it was made.
// Each is a fact of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityReport {
    /// Host we connected to.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, without STARTTLS.
    pub is_direct: bool,
    /// By way of the account's proxy.
    pub is_by_proxy: bool,
    /// Such as `TLS 1.3`.
    pub tls_version: String,
    /// Such as `AES-256-GCM`.
    pub cipher: String,
    /// The server's certificate and those above it, as it sent them.
    pub certificates: Vec<CertificateFacts>,
    /// The key was the one the user pinned, and nothing else was checked.
    pub is_key_pinned: bool,
    /// The sign-in mechanism, such as `SCRAM-SHA-256-PLUS`.
    pub mechanism: String,
    /// The channel binding type, when sign-in was bound to the TLS connection.
    pub channel_binding: Option<String>,
    /// The server proved which mechanisms it offered (XEP-0474).
    pub is_list_confirmed: bool,
    /// An earlier stream was taken up again.
    pub is_resumed: bool,
    /// How often we had to wait for the server, from the TCP connection to the
    /// bound or resumed stream.
    pub round_trips: u32,
    /// When that was.
    pub signed_in_at: Timestamp,
}

/// What a certificate says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is: the common name, or the whole of it.
    pub subject: String,
    /// Who signed it: organisation or common name.
    pub issuer: String,
    /// From when on it is valid.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_until: Timestamp,
    /// The names it is for.
    pub names: Vec<String>,
    /// SHA-256 of its public key (the whole `SubjectPublicKeyInfo`), in hex.
    pub key_sha256: String,
}

/// What a server offers less than it did before, or than it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weaker {
    /// Only the password itself would do now.
    Password {
        /// The mechanism that was used before.
        before: String,
        /// When it last was.
        since: Timestamp,
    },
    /// Only weaker mechanisms are offered now.
    Mechanism {
        /// The mechanism that was used before.
        before: String,
        /// The best one that is offered now.
        now: String,
        /// When the better one was last used.
        since: Timestamp,
    },
    /// Sign-in cannot be tied to the connection any more, or less well.
    ChannelBinding {
        /// The channel binding type that was used before.
        before: String,
        /// The weaker one that is offered now, if there is any.
        now: Option<String>,
        /// When it last was.
        since: Timestamp,
    },
    /// The server says that it offered something else than what arrived
    /// (XEP-0474).
    ListAltered,
    /// The server ties sign-ins to the connection, but in no way that we know,
    /// and does not confirm that it offered so (XEP-0440 §4, rules 5 and 6).
    NotConfirmed,
    /// The server sees another TLS version than we do (XEP-0515).
    OtherTls,
}
