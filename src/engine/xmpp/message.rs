//! What a message says: text, ids and the small signs that travel with it.
//!
//! Reads every message alike, however it came (live, copied, archived); what
//! it may do is decided by who delivered it, in [`super::origin`]. Left out so
//! far: groups, subjects, everything encrypted.
//!
//! # Source
//! RFC 6121 §5; each payload names its XEP in its own file.

use jid::{BareJid, Jid};
use minidom::Element;

use super::namespaces::{CLIENT, GROUP_USER};
use super::stanza::{self, StanzaError};
use super::{chat_states, hints, markers, receipts, stanza_ids};

/// A message, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who wrote it, as stamped by a server.
    pub from: Jid,
    /// Whom it is for.
    pub to: BareJid,
    /// What kind of message; unknown ones are `Normal`, as RFC 6121 wants.
    pub kind: Kind,
    /// Id of the stanza, which receipts, markers and errors refer to.
    pub id: Option<String>,
    /// Lasting id by the sender.
    pub origin_id: Option<String>,
    /// The text; `None` when there is none or it is empty.
    pub body: Option<String>,
    /// The sender wants a receipt.
    pub wants_receipt: bool,
    /// The sender wants read markers.
    pub is_markable: bool,
    /// Id of a message that arrived at the sender.
    pub receipt_for: Option<String>,
    /// Id of a message up to which the sender has read.
    pub displayed: Option<String>,
    /// The sender began or stopped writing.
    pub is_composing: Option<bool>,
    /// Why a message of ours came back.
    pub error: Option<StanzaError>,
    /// A private message in a group, not a direct one (attack A12).
    pub is_from_group: bool,
}

/// The `type` of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One-to-one.
    Chat,
    /// One-to-one, outside a chat.
    Normal,
    /// To everybody in a group.
    Group,
    /// An announcement that expects no answer.
    Headline,
    /// A message of ours that was refused.
    Error,
}

/// Reads a message. `own` stands in for an address the server left out.
///
/// # Errors
/// An address is there and is none: the message is dropped by the caller.
pub fn read(message: &Element, own: &BareJid) -> Result<Message, jid::Error> {
    let kind = match message.attr("type") {
        Some("chat") => Kind::Chat,
        Some("groupchat") => Kind::Group,
        Some("headline") => Kind::Headline,
        Some("error") => Kind::Error,
        _ => Kind::Normal,
    };
    let attribute = |name: &str| {
        message
            .attr(name)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
    };
    let from = stanza::from(message)?.unwrap_or_else(|| own.clone().into());
    let to = stanza::to(message)?.map_or_else(|| own.clone(), |to| to.to_bare());
    // An error repeats what was refused; none of that is said anew (attack A11).
    let says = kind != Kind::Error;
    Ok(Message {
        from,
        to,
        kind,
        id: attribute("id"),
        origin_id: stanza_ids::origin_id(message).map(str::to_owned),
        body: stanza::chosen_text(message, "body").filter(|body| says && !body.is_empty()),
        wants_receipt: says && receipts::is_requested(message),
        is_markable: says && markers::is_markable(message),
        receipt_for: receipts::confirmed_id(message)
            .filter(|_| says)
            .map(str::to_owned),
        displayed: markers::displayed_id(message)
            .filter(|_| says)
            .map(str::to_owned),
        is_composing: chat_states::is_composing(message).filter(|_| says),
        error: (kind == Kind::Error).then(|| stanza::error_of(message)),
        is_from_group: message.has_child("x", GROUP_USER),
    })
}

/// A text as we send it: with its lasting id, asking for receipt and marker.
/// It ends the writing of it where that was told.
pub fn text(to: &str, id: &str, body: &str, tells_typing: bool) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(stanza::text_element("body", CLIENT, body));
    message.append_child(stanza_ids::origin(id));
    message.append_child(receipts::request());
    message.append_child(markers::markable());
    if tells_typing {
        message.append_child(chat_states::active());
    }
    message
}

/// A receipt for the message with this id.
pub fn receipt(to: &str, id: &str, confirmed: &str) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(receipts::received(confirmed));
    message.append_child(hints::store());
    message
}

/// A read marker up to the message with this id.
pub fn marker(to: &str, id: &str, displayed: &str) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(markers::displayed(displayed));
    message.append_child(hints::store());
    message
}

/// "Is writing" or "has paused"; worth nothing later, so nobody keeps it.
pub fn typing(to: &str, is_composing: bool) -> Element {
    let mut message = stanza::element("message", CLIENT, &[("to", to), ("type", "chat")]);
    message.append_child(chat_states::state(is_composing));
    message.append_child(hints::no_store());
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn own() -> BareJid {
        BareJid::new("romeo@example.org").unwrap()
    }

    fn parsed(xml: &str) -> Message {
        read(&xml.parse().unwrap(), &own()).unwrap()
    }

    #[test]
    fn what_we_write_we_can_read() {
        let message = read(
            &text("juliet@example.org", "m1", "Hark < & >", true),
            &own(),
        )
        .unwrap();

        assert_eq!(message.body.as_deref(), Some("Hark < & >"));
        assert_eq!(message.id, message.origin_id);
        assert!(message.wants_receipt && message.is_markable);
        assert_eq!(message.is_composing, Some(false));
    }

    #[test]
    fn an_unknown_type_is_a_normal_message() {
        let message = parsed(
            "<message xmlns='jabber:client' type='shout' from='juliet@example.org/a'><body>O</body></message>",
        );

        assert_eq!(message.kind, Kind::Normal);
        assert_eq!(message.body.as_deref(), Some("O"));
    }

    #[test]
    fn a10_of_several_bodies_always_the_same_one_is_chosen() {
        let message = parsed(
            "<message xmlns='jabber:client' from='juliet@example.org/a'><body xml:lang='de'>Nein</body>\
             <body>Yes</body><body xml:lang='fr'>Non</body></message>",
        );

        assert_eq!(message.body.as_deref(), Some("Yes"));
    }

    #[test]
    fn a11_an_error_says_nothing_but_the_error() {
        let message = parsed(
            "<message xmlns='jabber:client' type='error' id='m1' from='juliet@example.org'><body>Hark</body>\
             <received xmlns='urn:xmpp:receipts' id='m0'/><error type='cancel'>\
             <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        );

        assert_eq!(message.body, None);
        assert_eq!(message.receipt_for, None);
        assert_eq!(message.error.unwrap().condition, "remote-server-not-found");
    }

    #[test]
    fn an_invalid_sender_is_refused() {
        let message: Element = "<message xmlns='jabber:client' from='@'><body>O</body></message>"
            .parse()
            .unwrap();

        assert!(read(&message, &own()).is_err());
    }
}
