//! The contact list (RFC 6121 §2) with versions (§2.6).
//!
//! Each entry is read by itself: one bad entry does not lose the list.
//!
//! # Source
//! RFC 6121 §2.1 to §2.6.

use std::collections::BTreeSet;

use jid::BareJid;
use minidom::Element;

use super::namespaces::ROSTER;
use super::stanza::{self, element, text_element};
use crate::engine::model::Subscription;
use crate::engine::text;

/// So many labels of one entry are kept.
const MOST_LABELS: usize = 50;

/// One entry as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Bare address.
    pub address: String,
    /// The name the user gave; empty when none.
    pub name: String,
    /// Who sees whom; `None`: the entry is gone.
    pub subscription: Option<Subscription>,
    /// Labels (groups in RFC 6121), each once and in order.
    pub labels: Vec<String>,
}

/// A list, or a change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// The version that results; empty when the server keeps none.
    pub version: String,
    /// The entries that could be read.
    pub entries: Vec<Entry>,
}

/// Asks for the list, unless it still is what we have.
pub fn query(version: &str) -> Element {
    // An empty version says that we know versions and have none (§2.6.2).
    element("query", ROSTER, &[("ver", version)])
}

/// Puts an entry into the list, or changes its name and labels. Who sees whom
/// is not changed by it (§2.3.1).
pub fn put(entry: &Entry) -> Element {
    let mut item = element("item", ROSTER, &[("jid", &entry.address)]);
    if !entry.name.is_empty() {
        stanza::set(&mut item, "name", &entry.name);
    }
    let labels: BTreeSet<String> = entry
        .labels
        .iter()
        .map(|label| text::name(label))
        .filter(|label| !label.is_empty())
        .take(MOST_LABELS)
        .collect();
    for label in &labels {
        item.append_child(text_element("group", ROSTER, label));
    }
    let mut query = Element::bare("query", ROSTER);
    query.append_child(item);
    query
}

/// Removes an entry; its server ends both sides' seeing each other (§2.5.1).
pub fn remove(address: &str) -> Element {
    let item = [("jid", address), ("subscription", "remove")];
    let mut query = Element::bare("query", ROSTER);
    query.append_child(element("item", ROSTER, &item));
    query
}

/// Reads the list in a request or an answer; `None` when there is none (it has
/// not changed).
pub fn entries(iq: &Element) -> Option<Entries> {
    let query = iq.get_child("query", ROSTER)?;
    Some(Entries {
        version: query.attr("ver").unwrap_or_default().to_owned(),
        entries: query
            .children()
            .filter(|child| child.is("item", ROSTER))
            .filter_map(entry)
            .collect(),
    })
}

fn entry(item: &Element) -> Option<Entry> {
    let address = BareJid::new(item.attr("jid")?).ok()?;
    let subscription = match item.attr("subscription") {
        Some("remove") => None,
        Some("to") => Some(Subscription::To),
        Some("from") => Some(Subscription::From),
        Some("both") => Some(Subscription::Both),
        _ => Some(Subscription::None),
    };
    Some(Entry {
        address: address.to_string(),
        name: item.attr("name").unwrap_or_default().to_owned(),
        subscription,
        labels: labels(item),
    })
}

/// Reads the labels of an entry as they can be shown, a bounded number of them.
fn labels(item: &Element) -> Vec<String> {
    let labels: BTreeSet<String> = item
        .children()
        .filter(|child| child.is("group", ROSTER))
        .map(|group| text::name(&group.text()))
        .filter(|label| !label.is_empty())
        .take(MOST_LABELS)
        .collect();
    labels.into_iter().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_entry_is_put_with_each_label_once() {
        let entry = Entry {
            address: "juliet@example.org".into(),
            name: "Juliet".into(),
            subscription: Some(Subscription::None),
            labels: ["Verona", " Verona ", "", "Balcony"]
                .map(str::to_owned)
                .to_vec(),
        };

        let written = put(&entry);

        let expected: Element = "<query xmlns='jabber:iq:roster'>\
            <item jid='juliet@example.org' name='Juliet'><group>Balcony</group>\
            <group>Verona</group></item></query>"
            .parse()
            .unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn one_bad_entry_does_not_lose_the_list() {
        let iq: Element =
            "<iq xmlns='jabber:client' type='result'><query xmlns='jabber:iq:roster' ver='7'>\
            <item jid='@@' name='Nobody'/><item name='No address'/>\
            <item jid='juliet@example.org' name='Juliet' subscription='both'/>\
            <item jid='Nurse@Example.org' subscription='odd'/>\
            <item jid='paris@example.org' subscription='remove'/></query></iq>"
                .parse()
                .unwrap();

        let entries = entries(&iq).unwrap();

        assert_eq!(entries.version, "7");
        let read: Vec<_> = entries
            .entries
            .iter()
            .map(|e| (e.address.as_str(), e.subscription))
            .collect();
        assert_eq!(
            read,
            [
                ("juliet@example.org", Some(Subscription::Both)),
                ("nurse@example.org", Some(Subscription::None)),
                ("paris@example.org", None),
            ]
        );
    }

    #[test]
    fn a13_labels_are_sorted_and_hold_nothing_that_is_not_seen() {
        let group = |text: &str| format!("<group>{text}</group>");
        let many: String = (0..200).map(|n| group(&format!("z{n:03}"))).collect();
        let iq: Element = format!(
            "<iq xmlns='jabber:client' type='result'><query xmlns='jabber:iq:roster'>\
             <item jid='juliet@example.org'>{}{}{}{}{}{many}</item></query></iq>",
            group("Verona"),
            group(" Family\u{202e}\n "),
            group("Verona"),
            group("\u{200b}"),
            group(&"long".repeat(500)),
        )
        .parse()
        .unwrap();

        let labels = &entries(&iq).unwrap().entries[0].labels;

        assert_eq!(labels[..2], ["Family", "Verona"]);
        assert!(labels.is_sorted() && labels.len() <= MOST_LABELS);
        assert!(labels.iter().all(|label| label.chars().count() <= 101));
    }
}
