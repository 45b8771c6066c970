//! Signing in: which mechanism, and the talk that it needs.
//!
//! SCRAM tied to the TLS connection goes before SCRAM, and where a server
//! offers any SCRAM, the password itself is never sent, whatever else it
//! offers or refuses. The open password is only for servers that know nothing
//! else, with the user's consent. A server that does not prove that it knows
//! the password is not signed in to, also when it says "success".
//!
//! A [`Talk`] is the exchange itself, bytes in and bytes out; how those travel
//! is another matter: [`classic`] wraps them as every server knows it, SASL2
//! (XEP-0388) in its own way.
//!
//! # Source
//! RFC 5802, XEP-0440 v0.4.1 (channel binding types).

pub(super) mod classic;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as NONCE_BASE64;
use minidom::Element;

use super::LinkSettings;
use super::scram::{self, Binding, Exchange, Hash, Proof, ScramProblem};
use super::stream::not_understood;
use super::tls::Channel;
use crate::engine::model::ConnectionProblem;

const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
const TLS_EXPORTER: &str = "tls-exporter";

/// What a server offers to sign in by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Names of mechanisms.
    pub mechanisms: Vec<String>,
    /// Channel binding types; `None`: it does not say.
    pub bindings: Option<Vec<String>>,
}

impl Offer {
    /// Reads the offer in stream features; the mechanisms are the children of
    /// `list`, wherever that stands.
    pub fn read(features: &Element, list: Option<&Element>) -> Self {
        let mechanisms = list
            .into_iter()
            .flat_map(Element::children)
            .filter(|child| child.name() == "mechanism")
            .map(|child| child.text().trim().to_owned())
            .collect();
        let bindings = features
            .get_child("sasl-channel-binding", CHANNEL_BINDING)
            .map(|types| {
                types
                    .children()
                    .filter(|kind| kind.name() == "channel-binding")
                    .filter_map(|kind| kind.attr("type"))
                    .map(str::to_owned)
                    .collect()
            });
        Self {
            mechanisms,
            bindings,
        }
    }

    fn offers(&self, name: &str) -> bool {
        self.mechanisms.iter().any(|offered| offered == name)
    }

    /// Returns whether the server takes the channel binding type that we have.
    /// It does when it names no types: `tls-exporter` is the default of TLS 1.3.
    fn takes_exporter(&self) -> bool {
        self.bindings
            .as_ref()
            .is_none_or(|types| types.iter().any(|kind| kind == TLS_EXPORTER))
    }
}

/// How we signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignedIn {
    /// The mechanism's name.
    pub mechanism: &'static str,
    /// The channel binding type, if the exchange was tied to the connection.
    pub channel_binding: Option<&'static str>,
    /// The server proved which mechanisms it offered (XEP-0474).
    pub is_list_confirmed: bool,
}

/// A mechanism that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mechanism {
    Scram {
        name: &'static str,
        hash: Hash,
        binding: Binding,
    },
    Plain,
}

/// A sign-in that has begun.
pub(super) struct Talk {
    signed_in: SignedIn,
    state: State,
}

enum State {
    /// PLAIN: there is nothing more to say.
    Told,
    /// SCRAM: our first message is out.
    Asked(Exchange),
    /// SCRAM: our proof is out.
    Proven(Proof),
    /// SCRAM: the server has proven itself, too.
    Verified,
}

impl Talk {
    /// Chooses the strongest mechanism that both sides have, and begins.
    /// Returns the first message, too.
    ///
    /// # Errors
    /// There is no acceptable mechanism.
    pub fn begin(
        offer: &Offer,
        settings: &LinkSettings,
        channel: &Channel,
    ) -> Result<(Self, Vec<u8>), ConnectionProblem> {
        match choose(offer, channel.exporter, settings.allows_plain)? {
            Mechanism::Scram {
                name,
                hash,
                binding,
            } => {
                let signed_in = SignedIn {
                    mechanism: name,
                    channel_binding: matches!(binding, Binding::TlsExporter(_))
                        .then_some(TLS_EXPORTER),
                    is_list_confirmed: false,
                };
                let exchange = Exchange::new(hash, user_name(settings)?, binding, nonce()?);
                let first = exchange.first_message().into_bytes();
                let state = State::Asked(exchange);
                Ok((Self { signed_in, state }, first))
            }
            Mechanism::Plain => {
                let user = scram::prepare(user_name(settings)?);
                let password = scram::prepare(settings.password.reveal());
                let signed_in = SignedIn {
                    mechanism: "PLAIN",
                    channel_binding: None,
                    is_list_confirmed: false,
                };
                let state = State::Told;
                let first = format!("\0{user}\0{password}").into_bytes();
                Ok((Self { signed_in, state }, first))
            }
        }
    }

    /// Returns the mechanism's name.
    pub fn mechanism(&self) -> &'static str {
        self.signed_in.mechanism
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// The server lies, or says what has no place here.
    pub async fn answer(
        &mut self,
        settings: &LinkSettings,
        challenge: &[u8],
    ) -> Result<Vec<u8>, ConnectionProblem> {
        let challenge = text(challenge)?;
        match std::mem::replace(&mut self.state, State::Told) {
            State::Asked(exchange) => {
                let challenge = exchange.read_challenge(challenge).map_err(meaning)?;
                let password = settings.password.clone();
                // Many thousand hashes: other accounts must not wait for them.
                let proving = tokio::task::spawn_blocking(move || {
                    exchange.prove(password.reveal(), &challenge)
                });
                let proof = proving.await.map_err(|error| {
                    tracing::error!(%error, "computing the proof broke");
                    ConnectionProblem::ConnectionLost
                })?;
                let message = proof.message().as_bytes().to_vec();
                self.state = State::Proven(proof);
                Ok(message)
            }
            State::Proven(proof) => {
                proof.verify(challenge).map_err(meaning)?;
                self.state = State::Verified;
                Ok(vec![])
            }
            State::Told | State::Verified => Err(not_understood("a challenge too many")),
        }
    }

    /// Takes the server's word that we are signed in, with what it adds to it.
    ///
    /// # Errors
    /// `ServerNotGenuine` when it has not proven that it knows the password.
    pub fn succeed(self, additional: &[u8]) -> Result<SignedIn, ConnectionProblem> {
        match self.state {
            State::Told if self.signed_in.mechanism == "PLAIN" => {}
            State::Proven(proof) => proof.verify(text(additional)?).map_err(meaning)?,
            State::Verified => {}
            // A success before it even saw a proof: it lets anybody in (D7).
            State::Asked(_) | State::Told => return Err(ConnectionProblem::ServerNotGenuine),
        }
        Ok(self.signed_in)
    }
}

/// Chooses the strongest mechanism that both sides have.
fn choose(
    offer: &Offer,
    exporter: Option<[u8; 32]>,
    allows_plain: bool,
) -> Result<Mechanism, ConnectionProblem> {
    let offers = |name: &str| offer.offers(name);
    let scram = |name, hash, binding| Mechanism::Scram {
        name,
        hash,
        binding,
    };

    let usable = exporter.filter(|_| offer.takes_exporter());
    if let Some(value) = usable {
        if offers("SCRAM-SHA-256-PLUS") {
            let binding = Binding::TlsExporter(value);
            return Ok(scram("SCRAM-SHA-256-PLUS", Hash::Sha256, binding));
        }
        if offers("SCRAM-SHA-1-PLUS") {
            let binding = Binding::TlsExporter(value);
            return Ok(scram("SCRAM-SHA-1-PLUS", Hash::Sha1, binding));
        }
    }
    // "We could, you did not offer" is only true when nothing of it was
    // offered; a server that offers other types would take it for an attack.
    let offers_binding = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
    let binding = if exporter.is_some() && !offers_binding {
        Binding::NotOffered
    } else {
        Binding::NotPossible
    };
    if offers("SCRAM-SHA-256") {
        return Ok(scram("SCRAM-SHA-256", Hash::Sha256, binding));
    }
    if offers("SCRAM-SHA-1") {
        return Ok(scram("SCRAM-SHA-1", Hash::Sha1, binding));
    }
    let offers_any_scram = offer
        .mechanisms
        .iter()
        .any(|name| name.starts_with("SCRAM-"));
    if !offers("PLAIN") || offers_any_scram {
        tracing::info!(offered = ?offer.mechanisms, "no sign-in mechanism in common");
        return Err(ConnectionProblem::NoCommonSignIn);
    }
    if !allows_plain {
        return Err(ConnectionProblem::NeedsPlainConsent);
    }
    Ok(Mechanism::Plain)
}

/// Returns what a refusal means.
///
/// # Source
/// RFC 6120 §6.5. An unknown condition counts as `not-authorized`, as the RFC
/// asks for.
pub(super) fn failure(condition: &str) -> ConnectionProblem {
    tracing::info!(condition, "the sign-in was refused");
    match condition {
        "account-disabled" => ConnectionProblem::AccountDisabled,
        "temporary-auth-failure" => ConnectionProblem::ClosedByServer {
            condition: condition.to_owned(),
        },
        "invalid-mechanism" | "mechanism-too-weak" => ConnectionProblem::NoCommonSignIn,
        "aborted"
        | "encryption-required"
        | "incorrect-encoding"
        | "invalid-authzid"
        | "malformed-request" => not_understood(format!("the sign-in failed: {condition}")),
        _ => ConnectionProblem::WrongPassword,
    }
}

fn meaning(problem: ScramProblem) -> ConnectionProblem {
    tracing::warn!(%problem, "the SCRAM exchange failed");
    match problem {
        ScramProblem::Refused(error) => match error.as_str() {
            "unknown-user" => ConnectionProblem::NoSuchAccount,
            "invalid-proof" => ConnectionProblem::WrongPassword,
            // The two ends see different connections: somebody is between.
            "channel-bindings-dont-match" | "server-does-support-channel-binding" => {
                ConnectionProblem::ServerNotGenuine
            }
            error => not_understood(format!("the sign-in failed: {error}")),
        },
        ScramProblem::Malformed(_)
        | ScramProblem::WrongNonce
        | ScramProblem::Iterations(_)
        | ScramProblem::WrongSignature => ConnectionProblem::ServerNotGenuine,
    }
}

fn user_name(settings: &LinkSettings) -> Result<&str, ConnectionProblem> {
    // An address without a user is refused long before; no panic if it is not.
    let node = settings
        .address
        .node()
        .ok_or(ConnectionProblem::NoSuchAccount)?;
    Ok(node.as_str())
}

fn nonce() -> Result<String, ConnectionProblem> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ConnectionProblem::ConnectionLost
    })?;
    Ok(NONCE_BASE64.encode(bytes))
}

fn text(bytes: &[u8]) -> Result<&str, ConnectionProblem> {
    std::str::from_utf8(bytes).map_err(|_| not_understood("the sign-in is no text"))
}

#[cfg(test)]
mod tests;
