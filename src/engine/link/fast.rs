//! Tokens: the next sign-in without the password, in one exchange.
//!
//! A token is proven by a hash of it, tied to the TLS connection where both
//! sides can. What surprises: a token that is tied to nothing is neither taken
//! nor used where signing in once was tied, as it would be the weak way in
//! beside the strong one (attack A22). Nothing of this ever travels as early
//! data of TLS; the count is sent all the same, so that no try looks like
//! another (attack A25).
//!
//! # Source
//! XEP-0484 v0.1.0, draft-schmaus-kitten-sasl-ht-08.

use hmac::{Hmac, KeyInit, Mac};
use minidom::Element;
use sha2::Sha256;

use super::login::set;
use super::memory::{Memory, Token};
use super::tls::Channel;
use crate::engine::model::{ConnectionProblem, Secret, Timestamp};

const FAST: &str = "urn:xmpp:fast:0";

/// What the server's tokens may be for, the best first.
const MECHANISMS: [Tied; 3] = [Tied::Exporter, Tied::Certificate, Tied::Nothing];
/// A longer token serves nobody.
const LONGEST_TOKEN: usize = 4096;

/// What a token is tied to when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tied {
    Exporter,
    Certificate,
    Nothing,
}

impl Tied {
    fn mechanism(self) -> &'static str {
        match self {
            Self::Exporter => "HT-SHA-256-EXPR",
            Self::Certificate => "HT-SHA-256-ENDP",
            Self::Nothing => "HT-SHA-256-NONE",
        }
    }

    fn of_mechanism(name: &str) -> Option<Self> {
        MECHANISMS.into_iter().find(|tied| tied.mechanism() == name)
    }

    fn binding(self) -> Option<&'static str> {
        match self {
            Self::Exporter => Some("tls-exporter"),
            Self::Certificate => Some("tls-server-end-point"),
            Self::Nothing => None,
        }
    }

    /// Returns what ties it to a connection, where the connection has that.
    fn value(self, channel: &Channel) -> Option<Vec<u8>> {
        match self {
            Self::Exporter => channel.exporter.map(|value| value.to_vec()),
            Self::Certificate => channel.end_point.clone(),
            Self::Nothing => Some(vec![]),
        }
    }
}

/// A sign-in by token that has begun.
#[derive(Debug)]
pub(super) struct Exchange {
    tied: Tied,
    token: Secret,
    value: Vec<u8>,
}

impl Exchange {
    /// Begins with the token that is remembered, if it can be used on this
    /// connection with a server that offers these mechanisms. Returns the
    /// first and only message, too.
    pub fn begin(
        memory: &Memory,
        offered: &[String],
        user: &str,
        channel: &Channel,
    ) -> Option<(Self, Vec<u8>)> {
        let token = memory.token.as_ref()?;
        let tied = Tied::of_mechanism(&token.mechanism)?;
        let is_offered = offered.contains(&token.mechanism);
        if !is_offered || (tied == Tied::Nothing && was_tied(memory)) {
            return None;
        }
        let exchange = Self {
            tied,
            token: token.secret.clone(),
            value: tied.value(channel)?,
        };
        let mut message = user.as_bytes().to_vec();
        message.push(0);
        message.extend_from_slice(&exchange.hash(b"Initiator").finalize().into_bytes());
        Some((exchange, message))
    }

    /// Returns the mechanism's name.
    pub fn mechanism(&self) -> &'static str {
        self.tied.mechanism()
    }

    /// Returns the channel binding type, if it is tied to the connection.
    pub fn binding(&self) -> Option<&'static str> {
        self.tied.binding()
    }

    /// Checks that the server knows the token too, in constant time.
    ///
    /// # Errors
    /// `ServerNotGenuine`.
    pub fn verify(&self, answer: &[u8]) -> Result<(), ConnectionProblem> {
        self.hash(b"Responder")
            .verify_slice(answer)
            .map_err(|_| ConnectionProblem::ServerNotGenuine)
    }

    fn hash(&self, who: &[u8]) -> Hmac<Sha256> {
        let mut hash = Hmac::new_from_slice(self.token.reveal().as_bytes())
            .expect("a key of any length will do");
        hash.update(who);
        hash.update(&self.value);
        hash
    }
}

fn was_tied(memory: &Memory) -> bool {
    memory
        .strongest
        .as_ref()
        .is_some_and(|strongest| strongest.channel_binding.is_some())
}

/// Returns the mechanisms of the tokens that a server gives, from what it
/// offers inside SASL2.
pub(super) fn offered(inline: &Element) -> Vec<String> {
    inline
        .get_child("fast", FAST)
        .into_iter()
        .flat_map(Element::children)
        .filter(|child| child.is("mechanism", FAST))
        .map(|child| child.text().trim().to_owned())
        .collect()
}

/// Returns the mechanism to ask a token for. `is_tied`: so is the sign-in
/// that earns it.
pub(super) fn wanted(
    memory: &Memory,
    offered: &[String],
    channel: &Channel,
    is_tied: bool,
) -> Option<&'static str> {
    let needs_tie = is_tied || was_tied(memory);
    MECHANISMS
        .into_iter()
        .filter(|tied| offered.iter().any(|name| name == tied.mechanism()))
        .filter(|tied| tied.value(channel).is_some())
        .find(|tied| !needs_tie || *tied != Tied::Nothing)
        .map(Tied::mechanism)
}

/// Returns the wish for a token.
pub(super) fn request(mechanism: &str) -> Element {
    let mut wish = Element::bare("request-token", FAST);
    set(&mut wish, "mechanism", mechanism);
    wish
}

/// Says that the sign-in is by token, for the `count`th time; with it the
/// token may be given up.
pub(super) fn used(count: u32, gives_up: bool) -> Element {
    let mut fast = Element::bare("fast", FAST);
    set(&mut fast, "count", &count.to_string());
    if gives_up {
        set(&mut fast, "invalidate", "true");
    }
    fast
}

/// Reads a new token for a mechanism from the server's `<success/>`.
pub(super) fn read(success: &Element, mechanism: &str) -> Option<Token> {
    let given = success.get_child("token", FAST)?;
    let secret = given
        .attr("token")
        .filter(|token| !token.is_empty() && token.len() <= LONGEST_TOKEN)?;
    // One that cannot be read costs no more than a refusal later on.
    let expires_at = given
        .attr("expiry")
        .and_then(|expiry| chrono::DateTime::parse_from_rfc3339(expiry).ok())
        .map_or(Timestamp::MAX, |expiry| expiry.timestamp_millis());
    Some(Token {
        mechanism: mechanism.to_owned(),
        secret: Secret::new(secret),
        expires_at,
        count: 0,
    })
}

#[cfg(test)]
mod tests;
