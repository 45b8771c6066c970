//! Signing in: which mechanism, and the talk that it needs.
//!
//! SCRAM tied to the TLS connection goes before SCRAM, and where a server
//! offers any SCRAM, the password itself is never sent, whatever else it
//! offers or refuses. The open password is only for servers that know nothing
//! else, with the user's consent. A server that does not prove that it knows
//! the password is not signed in to, also when it says "success".
//!
//! SASL2 (XEP-0388) with Bind 2 and FAST gets its own way in, beside this one.
//!
//! # Source
//! RFC 6120 §6, RFC 5802, XEP-0440 v0.4.1 (channel binding types).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as NONCE_BASE64;
use minidom::Element;
use rxml::{Namespace, NcName};
use tokio::io::{AsyncRead, AsyncWrite};

use super::LinkSettings;
use super::scram::{self, Binding, Exchange, Hash, ScramProblem};
use super::stream::{XmlStream, not_understood};
use crate::engine::model::ConnectionProblem;

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
const TLS_EXPORTER: &str = "tls-exporter";

/// How we signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignedIn {
    /// The mechanism's name.
    pub mechanism: &'static str,
    /// The channel binding type, if the exchange was tied to the connection.
    pub channel_binding: Option<&'static str>,
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

/// Signs in on an encrypted stream whose features were just read.
///
/// # Errors
/// What the refusal means; `ServerNotGenuine` when the server could not prove
/// itself.
pub(super) async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    features: &Element,
    settings: &LinkSettings,
    exporter: Option<[u8; 32]>,
) -> Result<SignedIn, ConnectionProblem> {
    match choose(features, exporter, settings.allows_plain)? {
        Mechanism::Scram {
            name,
            hash,
            binding,
        } => {
            let channel_binding =
                matches!(binding, Binding::TlsExporter(_)).then_some(TLS_EXPORTER);
            run_scram(stream, settings, name, hash, binding).await?;
            Ok(SignedIn {
                mechanism: name,
                channel_binding,
            })
        }
        Mechanism::Plain => {
            run_plain(stream, settings).await?;
            Ok(SignedIn {
                mechanism: "PLAIN",
                channel_binding: None,
            })
        }
    }
}

/// Chooses the strongest mechanism that both sides have.
fn choose(
    features: &Element,
    exporter: Option<[u8; 32]>,
    allows_plain: bool,
) -> Result<Mechanism, ConnectionProblem> {
    let offered: Vec<String> = features
        .get_child("mechanisms", SASL)
        .into_iter()
        .flat_map(Element::children)
        .filter(|child| child.is("mechanism", SASL))
        .map(|child| child.text().trim().to_owned())
        .collect();
    let offers = |name: &str| offered.iter().any(|offered| offered == name);
    let scram = |name, hash, binding| Mechanism::Scram {
        name,
        hash,
        binding,
    };

    let usable = exporter.filter(|_| takes_exporter(features));
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
    let offers_binding = offered.iter().any(|name| name.ends_with("-PLUS"));
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
    let offers_any_scram = offered.iter().any(|name| name.starts_with("SCRAM-"));
    if !offers("PLAIN") || offers_any_scram {
        tracing::info!(?offered, "no sign-in mechanism in common");
        return Err(ConnectionProblem::NoCommonSignIn);
    }
    if !allows_plain {
        return Err(ConnectionProblem::NeedsPlainConsent);
    }
    Ok(Mechanism::Plain)
}

/// Returns whether the server takes the channel binding type that we have. It
/// does when it names no types: `tls-exporter` is the default of TLS 1.3.
fn takes_exporter(features: &Element) -> bool {
    let Some(types) = features.get_child("sasl-channel-binding", CHANNEL_BINDING) else {
        return true;
    };
    types
        .children()
        .any(|kind| kind.name() == "channel-binding" && kind.attr("type") == Some(TLS_EXPORTER))
}

async fn run_plain<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
) -> Result<(), ConnectionProblem> {
    let user = scram::prepare(user_name(settings)?);
    let password = scram::prepare(settings.password.reveal());
    let message = format!("\0{user}\0{password}");
    stream.send(&auth("PLAIN", message.as_bytes())).await?;
    match read_answer(stream).await? {
        Answer::Success(_) => Ok(()),
        Answer::Challenge(_) => Err(not_understood("a challenge after PLAIN")),
    }
}

async fn run_scram<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
    name: &'static str,
    hash: Hash,
    binding: Binding,
) -> Result<(), ConnectionProblem> {
    let exchange = Exchange::new(hash, user_name(settings)?, binding, nonce()?);
    let first = exchange.first_message();
    stream.send(&auth(name, first.as_bytes())).await?;

    let Answer::Challenge(challenge) = read_answer(stream).await? else {
        // A success before it even saw a proof: it lets anybody in (D7).
        return Err(ConnectionProblem::ServerNotGenuine);
    };
    let challenge = exchange.read_challenge(&challenge).map_err(meaning)?;
    let password = settings.password.clone();
    // Many thousand hashes: other accounts must not wait for them.
    let proving =
        tokio::task::spawn_blocking(move || exchange.prove(password.reveal(), &challenge));
    let proof = proving.await.map_err(|error| {
        tracing::error!(%error, "computing the proof broke");
        ConnectionProblem::ConnectionLost
    })?;
    stream
        .send(&message("response", proof.message().as_bytes()))
        .await?;

    match read_answer(stream).await? {
        Answer::Success(last) => proof.verify(&last).map_err(meaning),
        Answer::Challenge(last) => {
            proof.verify(&last).map_err(meaning)?;
            stream.send(&Element::bare("response", SASL)).await?;
            match read_answer(stream).await? {
                Answer::Success(_) => Ok(()),
                Answer::Challenge(_) => Err(not_understood("a third SCRAM challenge")),
            }
        }
    }
}

/// What the server said in the exchange, decoded.
enum Answer {
    Challenge(String),
    Success(String),
}

async fn read_answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
) -> Result<Answer, ConnectionProblem> {
    let element = stream.next().await?;
    if !element.has_ns(SASL) {
        return Err(not_understood("no answer to the sign-in came"));
    }
    match element.name() {
        "challenge" => Ok(Answer::Challenge(decode(&element)?)),
        "success" => Ok(Answer::Success(decode(&element)?)),
        "failure" => Err(failure(&element)),
        _ => Err(not_understood("no answer to the sign-in came")),
    }
}

/// Returns what a refusal means.
///
/// # Source
/// RFC 6120 §6.5. An unknown condition counts as `not-authorized`, as the RFC
/// asks for.
fn failure(element: &Element) -> ConnectionProblem {
    let condition = element
        .children()
        .find(|child| child.has_ns(SASL) && child.name() != "text")
        .map_or("not-authorized", Element::name);
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

fn auth(mechanism: &str, first: &[u8]) -> Element {
    let mut element = message("auth", first);
    let name = NcName::try_from("mechanism").expect("a constant, and a valid name");
    element.set_attr(Namespace::NONE, name, mechanism);
    element
}

fn message(name: &str, content: &[u8]) -> Element {
    let mut element = Element::bare(name, SASL);
    element.append_text(BASE64.encode(content));
    element
}

fn decode(element: &Element) -> Result<String, ConnectionProblem> {
    let text = element.text();
    let text = text.trim();
    if text.is_empty() || text == "=" {
        return Ok(String::new());
    }
    let bytes = BASE64.decode(text).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| not_understood("the sign-in is not in Base64"))
}

#[cfg(test)]
mod tests;
