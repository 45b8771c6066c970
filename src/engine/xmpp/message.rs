//! What a message says: text, ids and the small signs that travel with it.
//!
//! Reads every message alike, however it came (live, copied, archived); what
//! it may do is decided by who delivered it, in [`super::origin`]. What it
//! leaves in the history is [`super::content`]'s. Left out so far: groups, subjects.
//!
//! # Source
//! RFC 6121 §5; each payload names its XEP in its own file.

use jid::{BareJid, Jid};
use minidom::Element;

use super::content::{self, Content};
use super::fallbacks::{self, Fallback};
use super::namespaces::{CLIENT, GROUP_USER, OMEMO, REACTIONS, REPLIES, RETRACTIONS};
use super::omemo_wire::Encrypted;
use super::reactions::{self, Reactions};
use super::replies::{self, ReplyTo};
use super::stanza::{self, StanzaError};
use super::{
    calls, chat_states, corrections, encryption, hints, invitations, markers, receipts,
    retractions, stanza_ids, styling,
};

/// A message, read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Signs that travel together or not.
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
    /// What it leaves in the history.
    pub content: Option<Content>,
    /// What it answers.
    pub reply: Option<ReplyTo>,
    /// Which words of what is sealed in it are only a quote of that.
    pub quote: Option<Fallback>,
    /// Id of the message that its text corrects. Like all that refers to other
    /// messages it stands beside what is sealed, and is only as sure as the server.
    pub corrects: Option<String>,
    /// With what the sender reacts to a message.
    pub reactions: Option<Reactions>,
    /// Id of the message that the sender takes back.
    pub retracts: Option<String>,
    /// It is what is left of one that was taken back; only an archive may say so.
    pub is_tombstone: bool,
    /// What is sealed in it by OMEMO: until it is opened, the content is
    /// something that cannot be read, or nothing.
    pub sealed: Option<Sealed>,
    /// The sender wants it shown as it was typed. Also believed beside what is
    /// sealed: whoever adds it can hide nothing by it.
    pub is_unstyled: bool,
    /// The sender wants a receipt.
    pub wants_receipt: bool,
    /// The sender wants read markers.
    pub is_markable: bool,
    /// Id of a message that arrived at the sender.
    pub receipt_for: Option<String>,
    /// Id of a message up to which the sender has read.
    pub displayed: Option<String>,
    /// Id of a call that the sender took or declined.
    pub answered_call: Option<String>,
    /// The sender began or stopped writing.
    pub is_composing: Option<bool>,
    /// Why a message of ours came back.
    pub error: Option<StanzaError>,
    /// Something in or by a group, not a direct message (attack A12). What a
    /// group says of an invitation is one, and leaves a row nonetheless.
    pub is_of_group: bool,
}

/// Something sealed by OMEMO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Its form is right.
    Understood(Box<Encrypted>),
    /// It is not what it should be.
    Damaged,
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
    let is_of_group = kind == Kind::Group || message.has_child("x", GROUP_USER);
    let may_leave = says && (!is_of_group || is_invitation(message, &from, own, kind));
    let sealed = sealed_in(message).filter(|_| says && !is_of_group);
    // What is done with other messages, it is done in a chat (attack A7).
    let may_act = matches!(kind, Kind::Chat | Kind::Normal) && !is_of_group;
    let mut reply = replies::read(message).filter(|_| may_act);
    let reactions = reactions::read(message).filter(|_| may_act);
    let retracts = retractions::retracted_id(message).filter(|_| may_act);
    let quote = reply
        .as_ref()
        .and_then(|_| fallbacks::read(message, REPLIES));
    let mut body = stanza::chosen_text(message, "body");
    if sealed.is_none() {
        let stands_in_for_acts = [
            reactions.as_ref().map(|_| REACTIONS),
            retracts.map(|_| RETRACTIONS),
        ];
        for namespace in stands_in_for_acts.into_iter().flatten() {
            body = without_words(message, body, namespace);
        }
        if let (Some(reply), Some(quote)) = (&mut reply, &quote) {
            body = body.map(|body| reply.part(body, quote));
        }
    }
    let content = may_leave
        .then_some(body.filter(|body| !body.is_empty()))
        .and_then(|body| content::read(message, body));
    // What cannot be read here has not arrived, as far as the sender should
    // know. What is sealed may be read yet.
    let is_seen = sealed.is_some() || content.as_ref().is_some_and(Content::is_seen);
    Ok(Message {
        from,
        to,
        kind,
        id: attribute("id"),
        origin_id: stanza_ids::origin_id(message).map(str::to_owned),
        content,
        quote: quote.filter(|_| sealed.is_some()),
        corrects: corrections::corrected_id(message)
            .filter(|_| may_act)
            .map(str::to_owned),
        reply,
        reactions,
        retracts: retracts.map(str::to_owned),
        is_tombstone: may_act && retractions::is_tombstone(message),
        sealed,
        is_unstyled: styling::is_unwanted(message),
        wants_receipt: is_seen && receipts::is_requested(message),
        is_markable: is_seen && markers::is_markable(message),
        receipt_for: receipts::confirmed_id(message)
            .filter(|_| says)
            .map(str::to_owned),
        displayed: markers::displayed_id(message)
            .filter(|_| says)
            .map(str::to_owned),
        answered_call: calls::answered(message).filter(|_| says).map(str::to_owned),
        is_composing: chat_states::is_composing(message).filter(|_| says),
        error: (kind == Kind::Error).then(|| stanza::error_of(message)),
        is_of_group,
    })
}

/// Returns what is known of a message that was too large to be read, as the
/// reader gives its attributes; `None` when it says nothing to the user.
pub fn too_large(
    own: &BareJid,
    from: Option<&str>,
    id: Option<String>,
    kind: Option<&str>,
    bytes: u64,
) -> Option<Message> {
    // One by our own account holds somebody else's, who is not known any more.
    let from = Jid::new(from?).ok().filter(|from| from.to_bare() != *own)?;
    let kind = match kind {
        Some("chat") => Kind::Chat,
        Some("groupchat" | "headline" | "error") => return None,
        _ => Kind::Normal,
    };
    Some(Message {
        from,
        to: own.clone(),
        kind,
        id,
        origin_id: None,
        content: Some(Content::TooLarge { bytes }),
        reply: None,
        quote: None,
        corrects: None,
        reactions: None,
        retracts: None,
        is_tombstone: false,
        sealed: None,
        is_unstyled: false,
        wants_receipt: false,
        is_markable: false,
        receipt_for: None,
        displayed: None,
        answered_call: None,
        is_composing: None,
        error: None,
        is_of_group: false,
    })
}

/// Returns a body without the words that stand in for something understood here.
fn without_words(message: &Element, body: Option<String>, namespace: &str) -> Option<String> {
    let body = body?;
    let parted = fallbacks::read(message, namespace)
        .and_then(|fallback| fallbacks::parted(&body, &fallback));
    match parted {
        Some((said, _)) => Some(said).filter(|said| !said.trim().is_empty()),
        None => Some(body),
    }
}

fn sealed_in(message: &Element) -> Option<Sealed> {
    let encrypted = message.get_child("encrypted", OMEMO)?;
    Some(match Encrypted::read(encrypted) {
        Ok(encrypted) => Sealed::Understood(Box::new(encrypted)),
        Err(error) => {
            tracing::debug!(%error, "Something sealed was not understood.");
            Sealed::Damaged
        }
    })
}

/// Returns whether a group speaks for itself, to us.
fn is_invitation(message: &Element, from: &Jid, own: &BareJid, kind: Kind) -> bool {
    kind != Kind::Group && from.to_bare() != *own && invitations::by_group(message).is_some()
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

/// A sealed text as we send it: like [`text`], with nothing of what it says
/// beside it.
pub fn sealed(to: &str, id: &str, encrypted: Element, tells_typing: bool) -> Element {
    let mut message = text(to, id, encryption::INSTEAD, tells_typing);
    message.append_child(encrypted);
    message.append_child(encryption::mark());
    message.append_child(hints::store());
    message
}

/// A text with the wish to be shown as it was typed, unless it is styled.
pub fn styled(mut text: Element, is_styled: bool) -> Element {
    if !is_styled {
        text.append_child(styling::unwanted());
    }
    text
}

/// A text that answers the message with this id, which `by` wrote; its first
/// `quoted` characters only quote that.
pub fn answering(mut text: Element, id: &str, by: Option<&str>, quoted: usize) -> Element {
    text.append_child(replies::reply(id, by));
    if quoted > 0 {
        text.append_child(fallbacks::beginning(REPLIES, quoted));
    }
    text
}

/// A text in place of that of the message with this id.
pub fn correcting(mut text: Element, id: &str) -> Element {
    text.append_child(corrections::replace(id));
    text
}

/// All with which we react to the message with the id `to_id`.
pub fn reaction(to: &str, id: &str, to_id: &str, emoji: &[String]) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(reactions::reactions(to_id, emoji));
    message.append_child(stanza_ids::origin(id));
    message.append_child(hints::store());
    message
}

/// The request to remove our message with the id `retracted`.
pub fn retraction(to: &str, id: &str, retracted: &str) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(stanza::text_element("body", CLIENT, retractions::INSTEAD));
    message.append_child(retractions::retract(retracted));
    message.append_child(fallbacks::whole(RETRACTIONS));
    message.append_child(stanza_ids::origin(id));
    message.append_child(hints::store());
    message
}

/// Keys without a message.
pub fn keys(to: &str, id: &str, encrypted: Element) -> Element {
    let mut message = stanza::element(
        "message",
        CLIENT,
        &[("to", to), ("type", "chat"), ("id", id)],
    );
    message.append_child(encrypted);
    message.append_child(hints::store());
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

    fn said(message: &Message) -> Option<&str> {
        match &message.content {
            Some(Content::Text(text)) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn what_we_write_we_can_read() {
        let message = read(
            &text("juliet@example.org", "m1", "Hark < & >", true),
            &own(),
        )
        .unwrap();

        assert_eq!(said(&message), Some("Hark < & >"));
        assert_eq!(message.id, message.origin_id);
        assert!(message.wants_receipt && message.is_markable);
        assert_eq!(message.is_composing, Some(false));
    }

    #[test]
    fn a_wish_for_no_styling_is_written_and_read() {
        for is_styled in [true, false] {
            let typed = text("juliet@example.org", "m1", "> _ <", true);
            let message = read(&styled(typed, is_styled), &own()).unwrap();

            assert_eq!(message.is_unstyled, !is_styled);
            assert_eq!(said(&message), Some("> _ <"));
        }
        let example = "<message xmlns='jabber:client' from='juliet@example.org'><body>&gt; _ &lt;</body>\
                       <unstyled xmlns='urn:xmpp:styling:0'/></message>";
        assert!(parsed(example).is_unstyled);
    }

    #[test]
    fn an_unknown_type_is_a_normal_message() {
        let message = parsed(
            "<message xmlns='jabber:client' type='shout' from='juliet@example.org/a'><body>O</body></message>",
        );

        assert_eq!(message.kind, Kind::Normal);
        assert_eq!(said(&message), Some("O"));
    }

    #[test]
    fn a10_of_several_bodies_always_the_same_one_is_chosen() {
        let message = parsed(
            "<message xmlns='jabber:client' from='juliet@example.org/a'><body xml:lang='de'>Nein</body>\
             <body>Yes</body><body xml:lang='fr'>Non</body></message>",
        );

        assert_eq!(said(&message), Some("Yes"));
    }

    #[test]
    fn a11_an_error_says_nothing_but_the_error() {
        let message = parsed(
            "<message xmlns='jabber:client' type='error' id='m1' from='juliet@example.org'><body>Hark</body>\
             <received xmlns='urn:xmpp:receipts' id='m0'/><error type='cancel'>\
             <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        );

        assert_eq!(message.content, None);
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

    #[test]
    fn a12_what_is_said_in_a_group_leaves_nothing_in_a_direct_chat() {
        let private = parsed(
            "<message xmlns='jabber:client' type='chat' from='ball@rooms.example.org/tybalt'><body>O</body>\
             <x xmlns='http://jabber.org/protocol/muc#user'/>\
             <x xmlns='jabber:x:conference' jid='trap@rooms.example.org'/></message>",
        );
        let shouted = parsed(
            "<message xmlns='jabber:client' type='groupchat' from='ball@rooms.example.org'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='tybalt@example.org'/></x></message>",
        );
        let invited = parsed(
            "<message xmlns='jabber:client' from='ball@rooms.example.org'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='capulet@example.org'/></x></message>",
        );

        assert_eq!((private.content, private.is_of_group), (None, true));
        assert_eq!((shouted.content, shouted.is_of_group), (None, true));
        assert!(matches!(invited.content, Some(Content::Invitation(_))) && invited.is_of_group);
    }

    #[test]
    fn a18_what_cannot_be_read_here_is_not_confirmed() {
        let message = parsed(
            "<message xmlns='jabber:client' id='m1' from='juliet@example.org/a'><body>[encrypted]</body>\
             <encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>\
             <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>",
        );

        assert!(!message.wants_receipt && !message.is_markable);
    }
}
