//! What follows a sign-in where it was not done inside it: taking up the
//! earlier session, or binding a resource and starting stream management.
//!
//! Whatever of this is refused has a next step: a refused resumption becomes a
//! fresh session, refused stream management a session without. What the
//! session begins with is sent along with the wish to bind, without waiting
//! for its answer: the server takes one thing after the other.
//!
//! # Source
//! RFC 6120 §7, XEP-0198 v1.6.1 §3 and §5, RFC 3921 §3 (sessions, for servers
//! that still ask for them).

use std::str::FromStr;

use jid::FullJid;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};

use super::login::{STREAM_MANAGEMENT, is_stanza, set};
use super::random;
use super::stream::{XmlStream, not_understood};
use super::stream_management::read_h;
use super::xml::CLIENT;
use super::{LinkSettings, Offers, Resume, SmSession};
use crate::engine::model::ConnectionProblem;

const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// More stanzas than this before the session has even begun are not normal.
const EARLY_AT_MOST: usize = 64;
/// Nor are more bytes in them.
const EARLY_BYTES: usize = 8 * 1024 * 1024;

/// How the stream is ours now.
#[derive(Debug)]
pub(super) struct Binding {
    /// The full address the server knows us by.
    pub address: FullJid,
    /// The earlier session goes on; the server has our stanzas up to this.
    pub resumed: Option<u32>,
    /// The earlier session is gone; up to this the server had them, if it
    /// still knew.
    pub refused_h: Option<u32>,
    /// Stream management, unless the server has none or refused it.
    pub management: Option<SmSession>,
    /// What the server offers on this stream; `None`: it has yet to say so.
    pub offers: Option<Offers>,
    /// Our other devices' messages are copied to us.
    pub has_copies: bool,
    /// [`LinkSettings::opening`] is out already.
    pub is_opened: bool,
    /// Stream management could only be started once all else was done.
    pub is_management_behind: bool,
}

impl Binding {
    /// An earlier session that goes on.
    pub fn resumed(resume: &Resume, h: u32) -> Self {
        Self {
            address: resume.bound.clone(),
            resumed: Some(h),
            refused_h: None,
            management: Some(SmSession {
                id: Some(resume.id.clone()),
                location: resume.location.clone(),
            }),
            offers: None,
            has_copies: false,
            is_opened: false,
            is_management_behind: false,
        }
    }
}

/// What became of a wish to take up a session.
pub(super) enum Resumption {
    /// It goes on; the server has our stanzas up to this number.
    Resumed(u32),
    /// It is gone; up to this number the server had them, if it still knows.
    Refused(Option<u32>),
}

/// Takes up the earlier session, or binds.
///
/// # Errors
/// Why the server would not have us, or what of its answers made no sense.
pub(super) async fn take_up_or_bind<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    features: &Element,
    settings: &LinkSettings,
    resume: Option<&Resume>,
    early: &mut Vec<Element>,
) -> Result<Binding, ConnectionProblem> {
    let offers = Some(Offers::read(features));
    let mut refused_h = None;
    if let Some(resume) = resume.filter(|_| offers_management(features)) {
        stream.send(&wish_to_resume(resume)).await?;
        let is_answer = |element: &Element| element.has_ns(STREAM_MANAGEMENT);
        let answer = next_of(stream, early, is_answer).await?;
        match read_resumption(&answer, resume)? {
            Resumption::Resumed(h) => {
                return Ok(Binding {
                    offers,
                    ..Binding::resumed(resume, h)
                });
            }
            Resumption::Refused(h) => refused_h = h,
        }
    }
    let binding = bind(stream, features, settings, early).await?;
    Ok(Binding {
        refused_h,
        offers,
        ..binding
    })
}

/// Returns whether stream management can be started, or a session taken up.
pub(super) fn offers_management(features: &Element) -> bool {
    features.has_child("sm", STREAM_MANAGEMENT)
}

/// Returns the wish to take up a session.
pub(super) fn wish_to_resume(resume: &Resume) -> Element {
    let mut wish = Element::bare("resume", STREAM_MANAGEMENT);
    set(&mut wish, "h", &resume.h.to_string());
    set(&mut wish, "previd", &resume.id);
    wish
}

/// Reads what became of it.
///
/// # Errors
/// `NotUnderstood`, above all when another session than ours goes on: that
/// would mix two conversations (A26).
pub(super) fn read_resumption(
    answer: &Element,
    resume: &Resume,
) -> Result<Resumption, ConnectionProblem> {
    match answer.name() {
        "resumed" => {
            if answer.attr("previd").is_some_and(|id| id != resume.id) {
                return Err(not_understood("another session was resumed"));
            }
            let h = read_h(answer).ok_or_else(|| not_understood("resumed without a number"))?;
            tracing::info!(h, "the session was resumed");
            Ok(Resumption::Resumed(h))
        }
        "failed" => {
            let h = read_h(answer);
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
) -> Result<Binding, ConnectionProblem> {
    if !features.has_child("bind", BIND) {
        return Err(not_understood("the server does not offer to bind"));
    }
    // Only servers of the oldest kind still need this, before anything else.
    let needs_session = features
        .get_child("session", SESSION)
        .is_some_and(|session| !session.has_child("optional", SESSION));
    let has_management = offers_management(features);

    let mut resource = Element::bare("resource", BIND);
    resource.append_text(match &settings.resource {
        Some(name) => name.clone(),
        None => format!("stonechat-{}", random::letters(8)?),
    });
    let mut wish = Element::bare("bind", BIND);
    wish.append_child(resource);
    let (id, wish) = request(wish)?;
    let mut flight = vec![wish];
    if !needs_session {
        flight.extend(has_management.then(enable));
        flight.extend(settings.opening.iter().cloned());
    }
    stream.send_all(&flight).await?;

    let answer = result_of(stream, &id, early).await?;
    let address = answer
        .get_child("bind", BIND)
        .and_then(|bind| bind.get_child("jid", BIND))
        .and_then(|jid| FullJid::from_str(jid.text().trim()).ok())
        .ok_or_else(|| not_understood("the bound address cannot be read"))?;
    if address.to_bare() != settings.address {
        return Err(not_understood("the bound address is another account's"));
    }
    if needs_session {
        let (id, wish) = request(Element::bare("session", SESSION))?;
        stream.send(&wish).await?;
        result_of(stream, &id, early).await?;
        if has_management {
            stream.send(&enable()).await?;
        }
    }
    let management = if has_management {
        read_enabling(stream, early).await?
    } else {
        None
    };
    Ok(Binding {
        address,
        resumed: None,
        refused_h: None,
        management,
        offers: None,
        has_copies: false,
        is_opened: !needs_session,
        is_management_behind: false,
    })
}

/// Returns an iq with its id.
fn request(payload: Element) -> Result<(String, Element), ConnectionProblem> {
    let id = random::letters(16)?;
    let mut iq = Element::bare("iq", CLIENT);
    set(&mut iq, "type", "set");
    set(&mut iq, "id", &id);
    iq.append_child(payload);
    Ok((id, iq))
}

/// Returns the result of an iq.
async fn result_of<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    id: &str,
    early: &mut Vec<Element>,
) -> Result<Element, ConnectionProblem> {
    let is_answer = |element: &Element| {
        element.is("iq", CLIENT)
            && element.attr("id") == Some(id)
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
    tracing::info!(condition, "the server refused to go on");
    Err(ConnectionProblem::ClosedByServer {
        condition: condition.to_owned(),
    })
}

/// Returns the wish to start stream management.
pub(super) fn enable() -> Element {
    let mut wish = Element::bare("enable", STREAM_MANAGEMENT);
    set(&mut wish, "resume", "true");
    wish
}

/// Reads how starting stream management went.
///
/// # Errors
/// The stream ended.
pub(super) async fn read_enabling<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    early: &mut Vec<Element>,
) -> Result<Option<SmSession>, ConnectionProblem> {
    let is_answer = |element: &Element| {
        element.has_ns(STREAM_MANAGEMENT) && matches!(element.name(), "enabled" | "failed")
    };
    let answer = next_of(stream, early, is_answer).await?;
    if answer.name() == "failed" {
        tracing::info!("the server refused stream management");
        return Ok(None);
    }
    Ok(Some(read_enabled(&answer)))
}

/// Reads an `<enabled/>`.
pub(super) fn read_enabled(enabled: &Element) -> SmSession {
    let is_resumable = matches!(enabled.attr("resume"), Some("true" | "1"));
    let id = enabled
        .attr("id")
        .filter(|id| is_resumable && !id.is_empty());
    SmSession {
        id: id.map(str::to_owned),
        location: enabled.attr("location").map(str::to_owned),
    }
}

/// Returns the next element of the wished kind. Stanzas before it are kept for
/// the session, anything else has no meaning here.
pub(super) async fn next_of<S: AsyncRead + AsyncWrite + Unpin>(
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
            continue;
        }
        stream.early_bytes += stream.reader.item_bytes();
        if early.len() >= EARLY_AT_MOST || stream.early_bytes > EARLY_BYTES {
            return Err(not_understood("stanzas instead of an answer"));
        }
        early.push(element);
    }
}
