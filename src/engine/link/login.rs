//! From a safe connection to a bound stream, the way every server knows.
//!
//! Sign in, open the stream anew, then either take up the earlier session or
//! bind a new resource and start stream management. Whatever of this is refused
//! has a next step: a refused resumption becomes a fresh session, refused
//! stream management a session without. The faster way of newer servers (SASL2,
//! Bind 2, FAST) will stand beside [`sign_in_and_bind`], with the same result.
//!
//! # Source
//! RFC 6120 §6 and §7, XEP-0198 v1.6.1 §3 and §5, RFC 3921 §3 (sessions, for
//! servers that still ask for them).

use std::str::FromStr;

use jid::FullJid;
use minidom::Element;
use rxml::{Namespace, NcName};
use tokio::io::{AsyncRead, AsyncWrite};

use super::sasl::classic;
use super::stream::{XmlStream, not_understood};
use super::stream_management::read_h;
use super::tls::Channel;
use super::xml::CLIENT;
use super::{LinkSettings, Offers, Online, Resume, SmSession};
use crate::engine::model::ConnectionProblem;

const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
pub(super) const STREAM_MANAGEMENT: &str = "urn:xmpp:sm:3";

/// More stanzas than this before the session has even begun are not normal.
const EARLY_AT_MOST: usize = 64;

/// A bound stream, and what came before anybody listened.
pub(super) struct Bound {
    /// What to tell the session.
    pub online: Online,
    /// Stanzas that arrived between binding and stream management.
    pub early: Vec<Element>,
}

/// Signs in and binds, or resumes, on an encrypted connection.
///
/// # Errors
/// Why the server would not have us, or what of its answers made no sense.
pub(super) async fn sign_in_and_bind<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
    resume: Option<&Resume>,
    channel: Channel,
) -> Result<Bound, ConnectionProblem> {
    let domain = settings.address.domain().as_str();
    let from = settings.address.as_str();

    let features = stream.open(domain, Some(from)).await?;
    let signed_in = classic::sign_in(stream, &features, settings, &channel).await?;
    let report = channel.report(&signed_in, settings.pinned_key.is_some());
    tracing::info!(?report, "signed in");

    let features = stream.open(domain, Some(from)).await?;
    let mut early = vec![];
    let offers = Offers::read(&features);
    let offers_management = features.has_child("sm", STREAM_MANAGEMENT);
    let mut refused_h = None;
    // A session of another account must never be taken up (A26).
    let is_ours = |resume: &&Resume| resume.bound.to_bare() == settings.address;
    if let Some(resume) = resume.filter(is_ours).filter(|_| offers_management) {
        match take_up(stream, resume, &mut early).await? {
            Resumption::Resumed(h) => {
                let stream_management = Some(SmSession {
                    id: Some(resume.id.clone()),
                    location: resume.location.clone(),
                });
                let online = Online {
                    bound: resume.bound.clone(),
                    resumed: Some(h),
                    refused_h: None,
                    stream_management,
                    offers,
                    report,
                    memory: settings.memory.clone(),
                };
                return Ok(Bound { online, early });
            }
            Resumption::Refused(h) => refused_h = h,
        }
    }

    let bound = bind(stream, &features, settings, &mut early).await?;
    let stream_management = if offers_management {
        enable(stream, &mut early).await?
    } else {
        None
    };
    let online = Online {
        bound,
        resumed: None,
        refused_h,
        stream_management,
        offers,
        report,
        memory: settings.memory.clone(),
    };
    Ok(Bound { online, early })
}

enum Resumption {
    /// It goes on; the server has our stanzas up to this number.
    Resumed(u32),
    /// It is gone; up to this number the server had them, if it still knows.
    Refused(Option<u32>),
}

async fn take_up<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    resume: &Resume,
    early: &mut Vec<Element>,
) -> Result<Resumption, ConnectionProblem> {
    let mut wish = Element::bare("resume", STREAM_MANAGEMENT);
    set(&mut wish, "h", &resume.h.to_string());
    set(&mut wish, "previd", &resume.id);
    stream.send(&wish).await?;

    let answer = next_of(stream, early, |element| element.has_ns(STREAM_MANAGEMENT)).await?;
    match answer.name() {
        "resumed" => {
            // Another session than ours would mix two conversations (A26).
            if answer.attr("previd").is_some_and(|id| id != resume.id) {
                return Err(not_understood("another session was resumed"));
            }
            let h = read_h(&answer).ok_or_else(|| not_understood("resumed without a number"))?;
            tracing::info!(h, "the session was resumed");
            Ok(Resumption::Resumed(h))
        }
        "failed" => {
            let h = read_h(&answer);
            tracing::info!(h, "the session is gone");
            Ok(Resumption::Refused(h))
        }
        _ => Err(not_understood("no answer to the resumption came")),
    }
}

async fn bind<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    features: &Element,
    settings: &LinkSettings,
    early: &mut Vec<Element>,
) -> Result<FullJid, ConnectionProblem> {
    if !features.has_child("bind", BIND) {
        return Err(not_understood("the server does not offer to bind"));
    }
    let mut resource = Element::bare("resource", BIND);
    resource.append_text(format!("stonechat-{}", random_letters(8)?));
    let mut wish = Element::bare("bind", BIND);
    wish.append_child(resource);
    let answer = request(stream, wish, early).await?;

    let jid = answer
        .get_child("bind", BIND)
        .and_then(|bind| bind.get_child("jid", BIND))
        .and_then(|jid| FullJid::from_str(jid.text().trim()).ok())
        .ok_or_else(|| not_understood("the bound address cannot be read"))?;
    if jid.to_bare() != settings.address {
        return Err(not_understood("the bound address is another account's"));
    }
    // Only servers of the oldest kind still need this.
    if let Some(session) = features.get_child("session", SESSION)
        && !session.has_child("optional", SESSION)
    {
        request(stream, Element::bare("session", SESSION), early).await?;
    }
    Ok(jid)
}

/// Sends an iq and returns its result.
async fn request<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    payload: Element,
    early: &mut Vec<Element>,
) -> Result<Element, ConnectionProblem> {
    let name = payload.name().to_owned();
    let id = random_letters(16)?;
    let mut iq = Element::bare("iq", CLIENT);
    set(&mut iq, "type", "set");
    set(&mut iq, "id", &id);
    iq.append_child(payload);
    stream.send(&iq).await?;

    let is_answer = |element: &Element| {
        element.is("iq", CLIENT)
            && element.attr("id") == Some(id.as_str())
            && matches!(element.attr("type"), Some("result" | "error"))
    };
    let answer = next_of(stream, early, is_answer).await?;
    if answer.attr("type") == Some("result") {
        return Ok(answer);
    }
    let condition = answer
        .get_child("error", CLIENT)
        .into_iter()
        .flat_map(Element::children)
        .find(|child| child.has_ns(STANZA_ERRORS) && child.name() != "text")
        .map_or("undefined-condition", Element::name);
    tracing::info!(name, condition, "the server refused to go on");
    Err(ConnectionProblem::ClosedByServer {
        condition: condition.to_owned(),
    })
}

async fn enable<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    early: &mut Vec<Element>,
) -> Result<Option<SmSession>, ConnectionProblem> {
    let mut wish = Element::bare("enable", STREAM_MANAGEMENT);
    set(&mut wish, "resume", "true");
    stream.send(&wish).await?;

    let is_answer = |element: &Element| {
        element.has_ns(STREAM_MANAGEMENT) && matches!(element.name(), "enabled" | "failed")
    };
    let answer = next_of(stream, early, is_answer).await?;
    if answer.name() == "failed" {
        tracing::info!("the server refused stream management");
        return Ok(None);
    }
    let is_resumable = matches!(answer.attr("resume"), Some("true" | "1"));
    let id = answer
        .attr("id")
        .filter(|id| is_resumable && !id.is_empty());
    Ok(Some(SmSession {
        id: id.map(str::to_owned),
        location: answer.attr("location").map(str::to_owned),
    }))
}

/// Returns the next element of the wished kind. Stanzas before it are kept for
/// the session, anything else has no meaning here.
async fn next_of<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    early: &mut Vec<Element>,
    is_wished: impl Fn(&Element) -> bool,
) -> Result<Element, ConnectionProblem> {
    loop {
        let element = stream.next().await?;
        if is_wished(&element) {
            return Ok(element);
        }
        if !is_stanza(&element.ns(), element.name()) {
            tracing::debug!(name = element.name(), "an unknown element before binding");
        } else if early.len() < EARLY_AT_MOST {
            early.push(element);
        } else {
            return Err(not_understood("stanzas instead of an answer"));
        }
    }
}

/// Returns whether an element is a stanza, which stream management counts.
pub(super) fn is_stanza(namespace: &str, name: &str) -> bool {
    namespace == CLIENT && matches!(name, "message" | "presence" | "iq")
}

/// Sets an attribute; `name` is one of our constants.
pub(super) fn set(element: &mut Element, name: &str, value: &str) {
    let name = NcName::try_from(name).expect("a constant, and a valid name");
    element.set_attr(Namespace::NONE, name, value);
}

/// Returns letters and digits by chance.
///
/// # Errors
/// `ConnectionLost` when the system has no random numbers.
pub(super) fn random_letters(count: usize) -> Result<String, ConnectionProblem> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ConnectionProblem::ConnectionLost
    })?;
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    Ok(bytes.into_iter().map(letter).collect())
}
