//! What accounts publish about themselves (XEP-0163 v1.2 over XEP-0060 v1.26,
//! `http://jabber.org/protocol/pubsub`).
//!
//! Nodes of one item that everybody may read: read the newest one, publish it,
//! hear of changes. A node that others must read before they may know us (keys)
//! is open; where a server made it otherwise, it is configured once. And nodes
//! of many items that only the user may read (XEP-0223 v1.1.1). Left out: nodes of services, subscribing by hand.
//!
//! # Source
//! XEP-0060 §6.5 (reading), §7.1 (publishing, options), §8.2 (configuring);
//! XEP-0163 §3, §4.3 (events).

use jid::BareJid;
use minidom::Element;

use super::namespaces::{
    DATA_FORMS, DELAY, NODE_CONFIG, PUBLISH_OPTIONS, PUBSUB, PUBSUB_ERRORS, PUBSUB_EVENT,
    PUBSUB_OWNER,
};
use super::stanza::{self, element, text_element};

/// The item that nodes with one item hold (XEP-0060 §12.20).
pub const CURRENT: &str = "current";

/// Asks for the newest item of a node.
pub fn newest(node: &str) -> Element {
    let mut pubsub = Element::bare("pubsub", PUBSUB);
    // By node alone: which id the item has is the publisher's business.
    let items = element("items", PUBSUB, &[("node", node), ("max_items", "1")]);
    pubsub.append_child(items);
    pubsub
}

/// Reads the newest item of an answer: what is published; `None` when nothing is.
///
/// Some servers give all items whatever was asked for; then the one called
/// `current` is meant, or else the last.
pub fn item<'a>(answer: &'a Element, node: &str) -> Option<&'a Element> {
    let items = answer
        .get_child("pubsub", PUBSUB)?
        .get_child("items", PUBSUB)?;
    if items.attr("node").is_some_and(|given| given != node) {
        return None;
    }
    chosen(items, PUBSUB)
}

/// Publishes the one item of a node, which everybody may read.
///
/// The options ask the server to make the node so, or to refuse when it is
/// otherwise: then `precondition-not-met` comes back, see [`is_closed`].
pub fn publish(node: &str, payload: Element) -> Element {
    let mut pubsub = publish_as_it_is(node, payload);
    let mut options = Element::bare("publish-options", PUBSUB);
    options.append_child(form(PUBLISH_OPTIONS, OPEN));
    pubsub.append_child(options);
    pubsub
}

/// Asks for all items of a node.
pub fn all(node: &str) -> Element {
    let mut pubsub = Element::bare("pubsub", PUBSUB);
    pubsub.append_child(element("items", PUBSUB, &[("node", node)]));
    pubsub
}

/// Publishes one of the items of a node that nobody but the user may read; the
/// server refuses where the node is not so, see [`is_closed`].
pub fn publish_privately(node: &str, id: &str, payload: Element) -> Element {
    let mut item = element("item", PUBSUB, &[("id", id)]);
    item.append_child(payload);
    let mut publish = element("publish", PUBSUB, &[("node", node)]);
    publish.append_child(item);
    let mut options = Element::bare("publish-options", PUBSUB);
    options.append_child(form(PUBLISH_OPTIONS, PRIVATE));
    let mut pubsub = Element::bare("pubsub", PUBSUB);
    pubsub.append_child(publish);
    pubsub.append_child(options);
    pubsub
}

/// Makes a node one that nobody but the user may read.
pub fn close(node: &str) -> Element {
    configure(node, Some(form(NODE_CONFIG, PRIVATE)))
}

/// Asks how a node is set up.
pub fn set_up(node: &str) -> Element {
    configure(node, None)
}

/// Returns whether an answer says that nobody but the user may read the node.
pub fn is_private(answer: &Element) -> bool {
    let form = answer
        .get_child("pubsub", PUBSUB_OWNER)
        .and_then(|pubsub| pubsub.get_child("configure", PUBSUB_OWNER))
        .and_then(|configure| configure.get_child("x", DATA_FORMS));
    let field = form.and_then(|form| {
        form.children()
            .find(|field| field.attr("var") == Some("pubsub#access_model"))
    });
    field
        .and_then(|field| field.get_child("value", DATA_FORMS))
        .is_some_and(|value| value.text().trim() == "whitelist")
}

/// Returns the items of a node in an answer, or in an event, with their ids;
/// each without an id or anything in it is left out.
pub fn items<'a>(stanza: &'a Element, node: &str) -> Vec<(&'a str, &'a Element)> {
    let (outer, namespace) = match stanza.get_child("event", PUBSUB_EVENT) {
        Some(event) => (Some(event), PUBSUB_EVENT),
        None => (stanza.get_child("pubsub", PUBSUB), PUBSUB),
    };
    let Some(items) = outer.and_then(|outer| outer.get_child("items", namespace)) else {
        return Vec::new();
    };
    if items.attr("node") != Some(node) {
        return Vec::new();
    }
    items
        .children()
        .filter(|child| child.is("item", namespace))
        .filter_map(|item| Some((item.attr("id")?, item.children().next()?)))
        .collect()
}

/// Publishes the one item of a node, whoever may read it: for a server that
/// knows no options, or whose node is configured already.
pub fn publish_as_it_is(node: &str, payload: Element) -> Element {
    publish_item(node, CURRENT, payload)
}

/// Publishes an item under an id of its own, for whoever the server lets read
/// the node: without being told otherwise, our contacts (XEP-0163 §1).
pub fn publish_item(node: &str, id: &str, payload: Element) -> Element {
    let mut item = element("item", PUBSUB, &[("id", id)]);
    item.append_child(payload);
    let mut publish = element("publish", PUBSUB, &[("node", node)]);
    publish.append_child(item);
    let mut pubsub = Element::bare("pubsub", PUBSUB);
    pubsub.append_child(publish);
    pubsub
}

/// Makes a node readable for everybody, and lasting.
pub fn open(node: &str) -> Element {
    configure(node, Some(form(NODE_CONFIG, OPEN)))
}

fn configure(node: &str, form: Option<Element>) -> Element {
    let mut configure = element("configure", PUBSUB_OWNER, &[("node", node)]);
    if let Some(form) = form {
        configure.append_child(form);
    }
    let mut pubsub = Element::bare("pubsub", PUBSUB_OWNER);
    pubsub.append_child(configure);
    pubsub
}

/// Removes a node with all that it holds.
pub fn delete(node: &str) -> Element {
    let mut pubsub = Element::bare("pubsub", PUBSUB_OWNER);
    pubsub.append_child(element("delete", PUBSUB_OWNER, &[("node", node)]));
    pubsub
}

/// Returns whether an answer says that the node is not as the options want it.
pub fn is_closed(answer: &Element) -> bool {
    answer
        .get_child("error", super::namespaces::CLIENT)
        .is_some_and(|error| error.has_child("precondition-not-met", PUBSUB_ERRORS))
}

/// How a node that everybody may read is set up.
const OPEN: &[(&str, &str)] = &[
    ("pubsub#access_model", "open"),
    ("pubsub#persist_items", "true"),
];
/// How a node of many items is set up that nobody but the user may read
/// (XEP-0223 §4, XEP-0490 §4.2).
const PRIVATE: &[(&str, &str)] = &[
    ("pubsub#persist_items", "true"),
    ("pubsub#max_items", "max"),
    ("pubsub#send_last_published_item", "never"),
    ("pubsub#access_model", "whitelist"),
];

fn form(kind: &str, settings: &[(&str, &str)]) -> Element {
    let mut form = element("x", DATA_FORMS, &[("type", "submit")]);
    for (name, value) in [("FORM_TYPE", kind)].iter().chain(settings).copied() {
        let mut field = element("field", DATA_FORMS, &[("var", name)]);
        if name == "FORM_TYPE" {
            stanza::set(&mut field, "type", "hidden");
        }
        field.append_child(text_element("value", DATA_FORMS, value));
        form.append_child(field);
    }
    form
}

/// Something that an account publishes has changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Whose it is.
    pub owner: BareJid,
    /// Which node.
    pub node: String,
    /// What is published now; `None` when that has to be asked for: it was
    /// taken back, or the event is an old one.
    pub payload: Option<Element>,
}

/// Reads the event in a message that came to us directly.
///
/// It speaks for the account whose server sent it, so it comes from a bare
/// address; what a program of somebody sends in this form says nothing, and
/// what stands in a copy or an archive is not new.
pub fn changed(message: &Element, own: &BareJid) -> Option<Changed> {
    let event = message.get_child("event", PUBSUB_EVENT)?;
    if matches!(message.attr("type"), Some("error" | "groupchat")) {
        return None;
    }
    let owner = match stanza::from(message) {
        Ok(None) => own.clone(),
        Ok(Some(from)) if from.is_bare() && from.node().is_some() => from.into_bare(),
        _ => return None,
    };
    let told = event.children().find(|child| child.has_ns(PUBSUB_EVENT))?;
    let is_old = message.has_child("delay", DELAY);
    let payload = match told.name() {
        "items" if !is_old => chosen(told, PUBSUB_EVENT).cloned(),
        "items" | "purge" | "delete" => None,
        _ => return None,
    };
    Some(Changed {
        owner,
        node: told
            .attr("node")
            .filter(|node| !node.is_empty())?
            .to_owned(),
        payload,
    })
}

/// Returns what the item that counts holds.
fn chosen<'a>(items: &'a Element, namespace: &str) -> Option<&'a Element> {
    let all = || items.children().filter(|child| child.is("item", namespace));
    let is_current = |item: &&Element| item.attr("id") == Some(CURRENT);
    let item = all().find(is_current).or_else(|| all().last())?;
    item.children().next()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NODE: &str = "eu.siacs.conversations.axolotl.devicelist";

    fn own() -> BareJid {
        BareJid::new("romeo@example.org").unwrap()
    }

    fn event(from: &str, attributes: &str, inside: &str) -> Option<Changed> {
        let xml = format!(
            "<message xmlns='jabber:client' {from} {attributes}>\
             <event xmlns='http://jabber.org/protocol/pubsub#event'>{inside}</event></message>"
        );
        changed(&xml.parse().unwrap(), &own())
    }

    const LIST: &str = "<items node='eu.siacs.conversations.axolotl.devicelist'>\
        <item id='current'><list xmlns='eu.siacs.conversations.axolotl'/></item></items>";

    #[test]
    fn what_is_published_is_open_to_everybody() {
        let published = publish(
            NODE,
            Element::bare("list", "eu.siacs.conversations.axolotl"),
        );

        let expected: Element = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>\
            <publish node='eu.siacs.conversations.axolotl.devicelist'><item id='current'>\
            <list xmlns='eu.siacs.conversations.axolotl'/></item></publish>\
            <publish-options><x xmlns='jabber:x:data' type='submit'>\
            <field var='FORM_TYPE' type='hidden'>\
            <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
            <field var='pubsub#access_model'><value>open</value></field>\
            <field var='pubsub#persist_items'><value>true</value></field></x>\
            </publish-options></pubsub>"
            .parse()
            .unwrap();
        assert_eq!(published, expected);
    }

    #[test]
    fn the_item_is_found_whatever_it_is_called() {
        let answer = |items: &str| -> Element {
            format!(
                "<iq xmlns='jabber:client' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <items node='{NODE}'>{items}</items></pubsub></iq>"
            )
            .parse()
            .unwrap()
        };
        let found = |items: &str| {
            let answer = answer(items);
            item(&answer, NODE).map(|payload| payload.name().to_owned())
        };

        assert_eq!(
            found("<item id='1'><list xmlns='a'/></item>").as_deref(),
            Some("list")
        );
        let several = "<item id='old'><a xmlns='a'/></item><item id='current'><b xmlns='a'/></item>\
                       <item id='x'><c xmlns='a'/></item>";
        assert_eq!(found(several).as_deref(), Some("b"));
        assert_eq!(
            found("<item id='a'><a xmlns='a'/></item><item id='b'><c xmlns='a'/></item>")
                .as_deref(),
            Some("c")
        );
        assert_eq!(found(""), None);
        assert_eq!(found("<item id='current'/>"), None);
        assert_eq!(
            item(&answer("<item><a xmlns='a'/></item>"), "another"),
            None
        );
    }

    #[test]
    fn a_refusal_for_the_sake_of_the_options_is_known() {
        let refusal = |inside: &str| -> Element {
            format!(
                "<iq xmlns='jabber:client' type='error'><error type='cancel'>\
                 <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>{inside}</error></iq>"
            )
            .parse()
            .unwrap()
        };

        assert!(is_closed(&refusal(
            "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>"
        )));
        assert!(!is_closed(&refusal("")));
    }

    #[test]
    fn an_event_speaks_for_the_account_whose_server_sent_it() {
        let by_juliet = event("from='juliet@example.org'", "type='headline'", LIST).unwrap();
        let ours = event("", "", LIST).unwrap();

        assert_eq!(by_juliet.owner.as_str(), "juliet@example.org");
        assert!(
            by_juliet
                .payload
                .unwrap()
                .is("list", "eu.siacs.conversations.axolotl")
        );
        assert_eq!((ours.owner, ours.node.as_str()), (own(), NODE));
    }

    #[test]
    fn a43_an_event_that_a_program_wrote_says_nothing() {
        for (from, attributes) in [
            ("from='juliet@example.org/balcony'", ""),
            ("from='romeo@example.org/other'", ""),
            ("from='example.org'", ""),
            ("from='@'", ""),
            ("from='juliet@example.org'", "type='error'"),
            ("from='ball@rooms.example.org'", "type='groupchat'"),
        ] {
            assert_eq!(event(from, attributes, LIST), None, "{from} {attributes}");
        }
    }

    #[test]
    fn what_was_taken_back_or_is_old_has_to_be_asked_for() {
        let from = "from='juliet@example.org'";
        for inside in [
            "<purge node='eu.siacs.conversations.axolotl.devicelist'/>".to_owned(),
            "<delete node='eu.siacs.conversations.axolotl.devicelist'/>".to_owned(),
            "<items node='eu.siacs.conversations.axolotl.devicelist'><retract id='current'/></items>"
                .to_owned(),
            format!("{LIST}</event><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/><event>"),
        ] {
            let changed = event(from, "", &inside).unwrap();
            assert_eq!((changed.node.as_str(), changed.payload), (NODE, None), "{inside}");
        }
        assert_eq!(event(from, "", "<subscription/>"), None);
        assert_eq!(event(from, "", "<items/>"), None);
    }
}
