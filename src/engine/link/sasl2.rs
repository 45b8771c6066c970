//! Signing in and all that follows in one element, as newer servers know it.
//!
//! The mechanisms are those of every sign-in; what is new is that the client
//! says along with its first message what is to happen after the success, and
//! that the stream goes on without being opened anew.
//!
//! # Source
//! XEP-0388 v1.0.2, XEP-0198 v1.6.1 §9 (resumption inside), XEP-0484 (tokens).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};

use super::login::{STREAM_MANAGEMENT, set};
use super::sasl::classic::decode;
use super::sasl::{SignedIn, Talk};
use super::stream::{XmlStream, not_understood};
use super::{LinkSettings, bind2, fast};
use crate::engine::model::ConnectionProblem;

const SASL2: &str = "urn:xmpp:sasl:2";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const SOFTWARE: &str = "Stonechat";

/// What a server does inside a sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    /// It binds, and this along with it.
    pub bind: Option<bind2::Offer>,
    /// It takes up earlier streams.
    pub resumes: bool,
    /// It takes and gives tokens for these mechanisms.
    pub tokens: Vec<String>,
}

/// Returns the offer of SASL2 among stream features.
pub(super) fn offer(features: &Element) -> Option<&Element> {
    features.get_child("authentication", SASL2)
}

impl Inline {
    /// Reads what stands in the offer of SASL2.
    pub fn read(offer: &Element) -> Self {
        let Some(inline) = offer.get_child("inline", SASL2) else {
            return Self::default();
        };
        Self {
            bind: bind2::Offer::read(inline),
            resumes: inline.has_child("sm", STREAM_MANAGEMENT),
            tokens: fast::offered(inline),
        }
    }
}

/// Returns the beginning of a sign-in, with what is to follow it. `agent` is
/// what the server knows this account's installation by.
pub(super) fn authenticate(
    mechanism: &str,
    first: &[u8],
    agent: &str,
    then: Vec<Element>,
) -> Element {
    let mut element = Element::bare("authenticate", SASL2);
    set(&mut element, "mechanism", mechanism);
    let mut initial = Element::bare("initial-response", SASL2);
    initial.append_text(if first.is_empty() {
        "=".to_owned()
    } else {
        BASE64.encode(first)
    });
    element.append_child(initial);
    let mut user_agent = Element::bare("user-agent", SASL2);
    set(&mut user_agent, "id", agent);
    let mut software = Element::bare("software", SASL2);
    software.append_text(SOFTWARE);
    user_agent.append_child(software);
    element.append_child(user_agent);
    for child in then {
        element.append_child(child);
    }
    element
}

/// What the server said in the exchange.
pub(super) enum Answer {
    Challenge(Vec<u8>),
    /// The whole element, and what it adds to the exchange.
    Success(Element, Vec<u8>),
    /// The condition.
    Failure(String),
}

/// Reads the next answer.
///
/// # Errors
/// `NoCommonSignIn` when the server wants more than a sign-in.
pub(super) async fn read_answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
) -> Result<Answer, ConnectionProblem> {
    let element = stream.next().await?;
    if !element.has_ns(SASL2) {
        return Err(not_understood("no answer to the sign-in came"));
    }
    match element.name() {
        "challenge" => Ok(Answer::Challenge(decode(&element)?)),
        "success" => {
            let additional = match element.get_child("additional-data", SASL2) {
                Some(additional) => decode(additional)?,
                None => vec![],
            };
            Ok(Answer::Success(element, additional))
        }
        "failure" => {
            let condition = element
                .children()
                .find(|child| child.has_ns(SASL))
                .map_or("not-authorized", Element::name);
            Ok(Answer::Failure(condition.to_owned()))
        }
        // Further tasks, such as a second factor: we know none of them.
        "continue" => {
            stream.send(&Element::bare("abort", SASL2)).await?;
            Err(ConnectionProblem::NoCommonSignIn)
        }
        _ => Err(not_understood("no answer to the sign-in came")),
    }
}

/// Carries a sign-in that has begun to its end; returns the `<success/>`, too.
///
/// # Errors
/// What the refusal means; `ServerNotGenuine` when the server could not prove
/// itself.
pub(super) async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
    mut talk: Talk,
) -> Result<(SignedIn, Element), ConnectionProblem> {
    loop {
        match read_answer(stream).await? {
            Answer::Challenge(challenge) => {
                let response = talk.answer(settings, &challenge).await?;
                let mut element = Element::bare("response", SASL2);
                if !response.is_empty() {
                    element.append_text(BASE64.encode(response));
                }
                stream.send(&element).await?;
            }
            Answer::Success(success, additional) => {
                return Ok((talk.succeed(&additional)?, success));
            }
            Answer::Failure(condition) => return Err(talk.refused(&condition)),
        }
    }
}

/// Returns who the server says we are now.
pub(super) fn identifier(success: &Element) -> Option<String> {
    let identifier = success.get_child("authorization-identifier", SASL2)?;
    Some(identifier.text().trim().to_owned())
}
