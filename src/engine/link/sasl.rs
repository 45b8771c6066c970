//! Signing in: which mechanism, and the talk that it needs.
//!
//! SCRAM tied to the TLS connection goes before SCRAM, and where a server
//! offers any SCRAM, the password itself is never sent, whatever else it
//! offers or refuses. The open password is only for servers that know nothing
//! else, with the user's consent. A server that does not prove that it knows
//! the password is not signed in to, also when it says "success". Nothing is
//! sent where less is offered than once was ([`strength`]), nor a proof where
//! the server says that it offered something else than what arrived.
//!
//! A [`Talk`] is the exchange itself, bytes in and bytes out; how those travel
//! is another matter: [`classic`] wraps them as every server knows it, SASL2
//! (XEP-0388) in its own way.
//!
//! # Source
//! RFC 5802, XEP-0440 v0.4.1 (channel binding types), XEP-0474 v0.5.0 and
//! XEP-0515 v0.1.0 (what was offered), XEP-0178 v1.2 (EXTERNAL).

mod choice;
pub(super) mod classic;
mod keys;
mod offer;
pub(super) mod strength;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as NONCE_BASE64;

pub use self::keys::KeptKeys;
pub(super) use self::offer::Offer;

use self::choice::Choice;
use super::LinkSettings;
use super::random;
use super::scram::{self, Challenge, Exchange, Hash, Keys, Proof, ScramProblem};
use super::stream::not_understood;
use super::tls::Channel;
use crate::engine::model::{ConnectionProblem, Secret, Weaker};

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

/// A sign-in that has begun.
pub(super) struct Talk {
    signed_in: SignedIn,
    state: State,
}

enum State {
    /// PLAIN and EXTERNAL: there is nothing more to say.
    Told,
    /// SCRAM: our first message is out.
    Asked(Box<Asked>),
    /// SCRAM: our proof is out.
    Proven(Proof, Fresh),
    /// SCRAM: the server has proven itself, too.
    Verified,
}

/// What the first message of a SCRAM exchange went out with.
struct Asked {
    exchange: Exchange,
    hash: Hash,
    /// The hash of what was offered to us.
    offer: String,
    /// The TLS version as we see it.
    tls_version: String,
    /// The exchange makes sense only if the server confirms what it offered.
    confirmation: Confirmation,
}

/// Whether the server has to confirm what it offered, and what it means when it
/// does not.
enum Confirmation {
    Welcome,
    Needed(Weaker),
}

/// Keys that are worth keeping if the server proves to know them too.
struct Fresh(Option<(KeptKeys, Secret, Keys)>);

impl Talk {
    /// Chooses the strongest mechanism that both sides have, and begins.
    /// Returns the first message, too.
    ///
    /// # Errors
    /// There is no acceptable mechanism, or only a weaker one than before.
    pub fn begin(
        offer: &Offer,
        settings: &LinkSettings,
        channel: &Channel,
    ) -> Result<(Self, Vec<u8>), ConnectionProblem> {
        match choice::choose(offer, settings, channel)? {
            Choice::Scram {
                name,
                hash,
                binding,
                confirmation,
            } => {
                let signed_in = SignedIn {
                    mechanism: name,
                    channel_binding: binding.kind(),
                    is_list_confirmed: false,
                };
                let exchange = Exchange::new(hash, user_name(settings)?, binding, nonce()?);
                let first = exchange.first_message().into_bytes();
                let state = State::Asked(Box::new(Asked {
                    exchange,
                    hash,
                    offer: offer.digest(hash),
                    tls_version: format!("{:04x}", channel.version),
                    confirmation,
                }));
                Ok((Self { signed_in, state }, first))
            }
            Choice::External => {
                // The certificate may be good for several accounts.
                let first = settings.address.as_str().as_bytes().to_vec();
                Ok((Self::told("EXTERNAL"), first))
            }
            Choice::Plain => {
                let user = scram::prepare(user_name(settings)?);
                let password = scram::prepare(settings.password.reveal());
                let first = format!("\0{user}\0{password}").into_bytes();
                Ok((Self::told("PLAIN"), first))
            }
        }
    }

    fn told(mechanism: &'static str) -> Self {
        let signed_in = SignedIn {
            mechanism,
            channel_binding: None,
            is_list_confirmed: false,
        };
        let state = State::Told;
        Self { signed_in, state }
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
            State::Asked(asked) => {
                let challenge = asked.exchange.read_challenge(challenge).map_err(meaning)?;
                self.signed_in.is_list_confirmed = asked.is_confirmed(&challenge)?;
                let (keys, fresh) = asked.keys(settings, &challenge).await?;
                let proof = asked.exchange.prove(&keys, &challenge);
                let message = proof.message().as_bytes().to_vec();
                self.state = State::Proven(proof, fresh);
                Ok(message)
            }
            State::Proven(proof, fresh) => {
                proof.verify(challenge).map_err(meaning)?;
                fresh.keep();
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
            State::Told if !self.signed_in.mechanism.starts_with("SCRAM-") => {}
            State::Proven(proof, fresh) => {
                proof.verify(text(additional)?).map_err(meaning)?;
                fresh.keep();
            }
            State::Verified => {}
            // A success before it even saw a proof: it lets anybody in (D7).
            State::Asked(_) | State::Told => return Err(ConnectionProblem::ServerNotGenuine),
        }
        Ok(self.signed_in)
    }

    /// Takes the server's refusal, and returns what it means.
    pub fn refused(&self, condition: &str) -> ConnectionProblem {
        match failure(condition) {
            // There was no password in it.
            ConnectionProblem::WrongPassword if self.signed_in.mechanism == "EXTERNAL" => {
                ConnectionProblem::ClientCertificateRefused
            }
            problem => problem,
        }
    }
}

impl Asked {
    /// Compares what the server says of this connection with what we see of it.
    ///
    /// # Errors
    /// They differ: what was offered, or TLS itself, was altered on the way.
    /// Whoever did that could also alter what the server says now, but then
    /// the server refuses our proof, which is made over it.
    fn is_confirmed(&self, challenge: &Challenge) -> Result<bool, ConnectionProblem> {
        if let Some(version) = &challenge.tls_version
            && *version != self.tls_version
        {
            tracing::warn!(
                server = version,
                ours = self.tls_version,
                "the server sees another TLS version"
            );
            return Err(ConnectionProblem::WeakerThanBefore(Weaker::OtherTls));
        }
        match (&challenge.offered, &self.confirmation) {
            (Some(offered), _) if *offered == self.offer => Ok(true),
            (Some(_), _) => {
                tracing::warn!("the server offered something else than what arrived");
                Err(ConnectionProblem::WeakerThanBefore(Weaker::ListAltered))
            }
            (None, Confirmation::Welcome) => Ok(false),
            (None, Confirmation::Needed(weaker)) => {
                Err(ConnectionProblem::WeakerThanBefore(weaker.clone()))
            }
        }
    }

    /// Returns the keys for a challenge: those of the last time, or new ones,
    /// which are then to be kept.
    async fn keys(
        &self,
        settings: &LinkSettings,
        challenge: &Challenge,
    ) -> Result<(Keys, Fresh), ConnectionProblem> {
        if let Some(keys) = settings.keys.of(&settings.password)
            && self.exchange.takes(&keys, challenge)
        {
            return Ok((keys, Fresh(None)));
        }
        let password = settings.password.clone();
        let asked = challenge.clone();
        let hash = self.hash;
        // Many thousand hashes: other accounts must not wait for them.
        let stretching =
            tokio::task::spawn_blocking(move || Keys::new(hash, password.reveal(), &asked));
        let keys = stretching.await.map_err(|error| {
            tracing::error!(%error, "computing the proof broke");
            ConnectionProblem::ConnectionLost
        })?;
        let password = settings.password.clone();
        let fresh = Fresh(Some((settings.keys.clone(), password, keys.clone())));
        Ok((keys, fresh))
    }
}

impl Fresh {
    fn keep(self) {
        if let Some((place, password, keys)) = self.0 {
            place.keep(password, keys);
        }
    }
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
    random::fill(&mut bytes)?;
    Ok(NONCE_BASE64.encode(bytes))
}

fn text(bytes: &[u8]) -> Result<&str, ConnectionProblem> {
    std::str::from_utf8(bytes).map_err(|_| not_understood("the sign-in is no text"))
}

#[cfg(test)]
mod tests;
