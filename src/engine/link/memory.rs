//! What one sign-in teaches for the next.
//!
//! It comes with the [`super::LinkSettings`] and goes back, as it is after the
//! sign-in, with [`super::Online`]; who keeps it where is the account's
//! business. Of all this only [`Strongest`] is believed, and only to refuse
//! less: a wrong place, list or token costs a refusal and the long way.

use crate::engine::model::{Secret, Timestamp};

/// Everything that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Where the server answered last.
    pub endpoint: Option<Endpoint>,
    /// Its stream features inside TLS, as XML; empty: not known.
    pub features: String,
    /// The strongest sign-in there ever was.
    pub strongest: Option<Strongest>,
    /// What signs in without the password (XEP-0484).
    pub token: Option<Token>,
    /// What the server knows this account's installation by, a random UUID;
    /// empty: not made yet. Tokens belong to it.
    pub agent: String,
}

/// A place where a server may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS from the first byte, without STARTTLS.
    pub is_direct: bool,
}

/// How safe a sign-in once was; nothing less will do from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strongest {
    /// The mechanism, such as `SCRAM-SHA-256-PLUS`.
    pub mechanism: String,
    /// The channel binding type, if the sign-in was tied to the connection.
    pub channel_binding: Option<String>,
    /// When it was last so.
    pub seen_at: Timestamp,
}

/// A token for the next sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The mechanism it is for, such as `HT-SHA-256-EXPR`.
    pub mechanism: String,
    /// The token itself.
    pub secret: Secret,
    /// After this it is of no use.
    pub expires_at: Timestamp,
    /// How often it was used.
    pub count: u32,
}
