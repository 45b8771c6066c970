//! A sign-in as every server knows it.
//!
//! # Source
//! RFC 6120 §6.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Offer, SignedIn, Talk};
use crate::engine::link::LinkSettings;
use crate::engine::link::login::set;
use crate::engine::link::stream::{XmlStream, not_understood};
use crate::engine::model::ConnectionProblem;

pub(super) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// Returns what a server offers to sign in by.
pub(in crate::engine::link) fn offer(features: &Element) -> Offer {
    Offer::read(features, features.get_child("mechanisms", SASL))
}

/// Carries a sign-in that has begun with [`auth`] to its end.
///
/// # Errors
/// What the refusal means; `ServerNotGenuine` when the server could not prove
/// itself.
pub(in crate::engine::link) async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
    mut talk: Talk,
) -> Result<SignedIn, ConnectionProblem> {
    loop {
        match read_answer(stream, &talk).await? {
            Answer::Challenge(challenge) => {
                let response = talk.answer(settings, &challenge).await?;
                stream.send(&message("response", &response)).await?;
            }
            Answer::Success(additional) => return talk.succeed(&additional),
        }
    }
}

/// What the server said in the exchange, decoded.
enum Answer {
    Challenge(Vec<u8>),
    Success(Vec<u8>),
}

async fn read_answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    talk: &Talk,
) -> Result<Answer, ConnectionProblem> {
    let element = stream.next().await?;
    if !element.has_ns(SASL) {
        return Err(not_understood("no answer to the sign-in came"));
    }
    match element.name() {
        "challenge" => Ok(Answer::Challenge(decode(&element)?)),
        "success" => Ok(Answer::Success(decode(&element)?)),
        "failure" => Err(talk.refused(condition(&element))),
        _ => Err(not_understood("no answer to the sign-in came")),
    }
}

/// Returns why the server refuses.
pub(super) fn condition(failure: &Element) -> &str {
    failure
        .children()
        .find(|child| child.has_ns(SASL) && child.name() != "text")
        .map_or("not-authorized", Element::name)
}

/// Returns the beginning of a sign-in.
pub(in crate::engine::link) fn auth(mechanism: &str, first: &[u8]) -> Element {
    let mut element = message("auth", first);
    set(&mut element, "mechanism", mechanism);
    element
}

fn message(name: &str, content: &[u8]) -> Element {
    let mut element = Element::bare(name, SASL);
    if !content.is_empty() {
        element.append_text(BASE64.encode(content));
    }
    element
}

/// Returns the bytes that an element carries in Base64; a lone `=` carries none.
///
/// # Errors
/// `NotUnderstood` when it is no Base64.
pub(in crate::engine::link) fn decode(element: &Element) -> Result<Vec<u8>, ConnectionProblem> {
    let text = element.text();
    let text = text.trim();
    if text.is_empty() || text == "=" {
        return Ok(vec![]);
    }
    BASE64
        .decode(text)
        .map_err(|_| not_understood("the sign-in is not in Base64"))
}
