//! Little readers and builders that all wire formats share.
//!
//! # Source
//! RFC 6120 §8 (stanzas, addresses, errors).

use jid::{BareJid, Jid};
use minidom::Element;
use rxml::{Namespace, NcName};

use super::namespaces::{CLIENT, STANZA_ERRORS};

/// No id of a message is longer, in bytes.
const LONGEST_REFERENCE: usize = 1000;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Builds an element with attributes.
pub fn element(name: &str, namespace: &str, attributes: &[(&str, &str)]) -> Element {
    let mut element = Element::bare(name, namespace);
    for (name, value) in attributes {
        set(&mut element, name, value);
    }
    element
}

/// Sets an attribute; the name is one of ours and so a valid XML name.
pub fn set(element: &mut Element, name: &str, value: &str) {
    let name = NcName::try_from(name).expect("attribute names are written in our source");
    element.set_attr(Namespace::NONE, name, value);
}

/// Builds an element that holds only a text.
pub fn text_element(name: &str, namespace: &str, text: &str) -> Element {
    let mut element = Element::bare(name, namespace);
    element.append_text(text);
    element
}

/// Returns the `id` by which an element names another message; `None` when there
/// is none, or it is longer than any program makes them (attack A56).
pub fn reference(element: &Element) -> Option<&str> {
    element
        .attr("id")
        .filter(|id| (1..=LONGEST_REFERENCE).contains(&id.len()))
}

/// Builds an `<iq type='get'>`.
pub fn get(id: &str, to: Option<&str>, payload: Element) -> Element {
    request("get", id, to, payload)
}

/// Builds an `<iq type='set'>`.
pub fn set_request(id: &str, to: Option<&str>, payload: Element) -> Element {
    request("set", id, to, payload)
}

fn request(kind: &str, id: &str, to: Option<&str>, payload: Element) -> Element {
    let mut iq = element("iq", CLIENT, &[("type", kind), ("id", id)]);
    if let Some(to) = to {
        set(&mut iq, "to", to);
    }
    iq.append_child(payload);
    iq
}

/// Builds the answer to a request, empty or with a payload.
pub fn result(request: &Element, payload: Option<Element>) -> Element {
    let mut iq = answer_to(request, "result");
    if let Some(payload) = payload {
        iq.append_child(payload);
    }
    iq
}

/// Builds the refusal of a request.
///
/// # Source
/// RFC 6120 §8.3; `kind` is `cancel`, `modify`, `auth` or `wait`.
pub fn refusal(request: &Element, kind: &str, condition: &str) -> Element {
    let mut iq = answer_to(request, "error");
    let mut error = element("error", CLIENT, &[("type", kind)]);
    error.append_child(Element::bare(condition, STANZA_ERRORS));
    iq.append_child(error);
    iq
}

fn answer_to(request: &Element, kind: &str) -> Element {
    let mut iq = element("iq", CLIENT, &[("type", kind)]);
    if let Some(id) = request.attr("id") {
        set(&mut iq, "id", id);
    }
    if let Some(from) = request.attr("from") {
        set(&mut iq, "to", from);
    }
    iq
}

/// Reads the `from` of a stanza: `Ok(None)` when there is none.
///
/// # Errors
/// The attribute is there and is no address; such a stanza is dropped.
pub fn from(element: &Element) -> Result<Option<Jid>, jid::Error> {
    element.attr("from").map(Jid::new).transpose()
}

/// Reads the `to` of a stanza, as [`from`] does.
///
/// # Errors
/// The attribute is there and is no address.
pub fn to(element: &Element) -> Result<Option<Jid>, jid::Error> {
    element.attr("to").map(Jid::new).transpose()
}

/// Returns whether a stanza speaks for our own account: it has no `from`, or
/// exactly our bare address.
///
/// # Source
/// RFC 6120 §8.1.2.1, RFC 6121 §2.1.6 (attack A1).
pub fn is_from_own_account(element: &Element, own: &BareJid) -> bool {
    match from(element) {
        Ok(None) => true,
        Ok(Some(jid)) => jid.is_bare() && jid.to_bare() == *own,
        Err(_) => false,
    }
}

/// Returns the text of one child, choosing the same one everywhere when there
/// are several: the first without a language, else the first (attack A10).
pub fn chosen_text(parent: &Element, name: &str) -> Option<String> {
    let mut candidates = parent.children().filter(|child| child.is(name, CLIENT));
    let first = candidates.next()?;
    let chosen = std::iter::once(first)
        .chain(candidates)
        .find(|child| child.attr_ns(XML, "lang").is_none())
        .unwrap_or(first);
    Some(chosen.text())
}

/// A stanza error, as far as it says anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StanzaError {
    /// The defined condition, such as `item-not-found`; `undefined-condition` when absent.
    pub condition: String,
}

/// Reads the error of a stanza of type `error`.
///
/// # Source
/// RFC 6120 §8.3; anything missing or unknown is tolerated.
pub fn error_of(stanza: &Element) -> StanzaError {
    let condition = stanza
        .get_child("error", CLIENT)
        .and_then(|error| {
            error
                .children()
                .find(|child| child.has_ns(STANZA_ERRORS) && child.name() != "text")
        })
        .map_or("undefined-condition", Element::name);
    StanzaError {
        condition: condition.to_owned(),
    }
}
