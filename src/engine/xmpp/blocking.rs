//! Keeping somebody away (XEP-0191 v1.3, `urn:xmpp:blocking`), and telling the
//! server why (XEP-0377 v0.3, `urn:xmpp:reporting:1`).
//!
//! The list is the server's; it tells all of the user's devices of changes.
//! Left out: addresses with a resource are kept and shown, never made by us.
//!
//! # Source
//! XEP-0191 §3; XEP-0377 §3 (reasons, ids of the messages meant).

use jid::{BareJid, Jid};
use minidom::Element;

use super::namespaces::{BLOCKING, REPORTING, STANZA_IDS};
use super::stanza::element;
use crate::engine::model::ReportReason;

/// A change of the list, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These are blocked now.
    Added(Vec<String>),
    /// These are let in again.
    Removed(Vec<String>),
    /// Everybody is let in again.
    Cleared,
}

/// Asks for the list.
pub fn list() -> Element {
    Element::bare("blocklist", BLOCKING)
}

/// Reads the list in an answer; `None` when it holds none. Addresses that are
/// none are left out.
pub fn read_list(answer: &Element) -> Option<Vec<String>> {
    answer.get_child("blocklist", BLOCKING).map(addresses)
}

/// Reads a change of the list.
pub fn read_change(request: &Element) -> Option<Change> {
    if let Some(block) = request.get_child("block", BLOCKING) {
        return Some(Change::Added(addresses(block)));
    }
    let unblock = request.get_child("unblock", BLOCKING)?;
    if unblock.children().next().is_none() {
        return Some(Change::Cleared);
    }
    Some(Change::Removed(addresses(unblock)))
}

/// Blocks an address.
pub fn block(address: &str) -> Element {
    with_item("block", address, None)
}

/// Blocks an address and reports what came from there; `messages` are ids in
/// the archive of `own`.
pub fn block_and_report(
    address: &str,
    reason: ReportReason,
    own: &BareJid,
    messages: &[String],
) -> Element {
    let reason = match reason {
        ReportReason::Spam => "urn:xmpp:reporting:spam",
        ReportReason::Abuse => "urn:xmpp:reporting:abuse",
    };
    let mut report = element("report", REPORTING, &[("reason", reason)]);
    for id in messages {
        let id = [("by", own.as_str()), ("id", id)];
        report.append_child(element("stanza-id", STANZA_IDS, &id));
    }
    with_item("block", address, Some(report))
}

/// Lets an address in again.
pub fn unblock(address: &str) -> Element {
    with_item("unblock", address, None)
}

fn with_item(name: &str, address: &str, inside: Option<Element>) -> Element {
    let mut item = element("item", BLOCKING, &[("jid", address)]);
    if let Some(inside) = inside {
        item.append_child(inside);
    }
    let mut request = Element::bare(name, BLOCKING);
    request.append_child(item);
    request
}

fn addresses(list: &Element) -> Vec<String> {
    list.children()
        .filter(|child| child.is("item", BLOCKING))
        .filter_map(|item| Jid::new(item.attr("jid")?).ok())
        .map(|address| address.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn iq(inside: &str) -> Element {
        format!("<iq xmlns='jabber:client' type='set'>{inside}</iq>")
            .parse()
            .unwrap()
    }

    #[test]
    fn a_list_is_read_without_what_is_no_address() {
        let answer = iq(
            "<blocklist xmlns='urn:xmpp:blocking'><item jid='tybalt@example.org'/>\
             <item jid='@'/><item/><item jid='spam.example'/></blocklist>",
        );

        let list = read_list(&answer).unwrap();

        assert_eq!(list, ["tybalt@example.org", "spam.example"]);
        assert_eq!(read_list(&iq("")), None);
    }

    #[test]
    fn changes_are_read() {
        let change = |inside: &str| read_change(&iq(inside));

        assert_eq!(
            change("<block xmlns='urn:xmpp:blocking'><item jid='Tybalt@example.org'/></block>"),
            Some(Change::Added(vec!["tybalt@example.org".into()]))
        );
        assert_eq!(
            change("<unblock xmlns='urn:xmpp:blocking'><item jid='spam.example'/></unblock>"),
            Some(Change::Removed(vec!["spam.example".into()]))
        );
        assert_eq!(
            change("<unblock xmlns='urn:xmpp:blocking'/>"),
            Some(Change::Cleared)
        );
        // What is none must not let everybody in.
        assert_eq!(
            change("<unblock xmlns='urn:xmpp:blocking'><item jid='@'/></unblock>"),
            Some(Change::Removed(Vec::new()))
        );
        assert_eq!(change("<query xmlns='jabber:iq:roster'/>"), None);
    }

    #[test]
    fn a_report_names_the_reason_and_the_messages() {
        let own = BareJid::new("romeo@example.org").unwrap();

        let report = block_and_report(
            "tybalt@example.org",
            ReportReason::Spam,
            &own,
            &["a-1".to_owned(), "a-2".to_owned()],
        );

        let expected: Element = "<block xmlns='urn:xmpp:blocking'><item jid='tybalt@example.org'>\
            <report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a-1'/>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a-2'/>\
            </report></item></block>"
            .parse()
            .unwrap();
        assert_eq!(report, expected);
    }
}
