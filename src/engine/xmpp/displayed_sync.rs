//! How far each chat was read, for the user's own devices (XEP-0490 v0.1.0,
//! `urn:xmpp:mds:displayed:0`).
//!
//! One item a chat, called by its bare address, in a node that only the user
//! may read. A message is named by its id in the user's own archive. Left out:
//! groups, which come later, and the server's help (§4.5).
//!
//! # Source
//! XEP-0490 §4.1, §4.2, §4.4; attack A4: whose node it is, the caller checks.

use jid::BareJid;
use minidom::Element;

use super::namespaces::{DISPLAYED_SYNC, DISPLAYED_SYNC_CHANGED, STANZA_IDS};
use super::stanza::element;

/// How long an id may be, in bytes; ours name one, and no server's is longer.
const LONGEST_ID: usize = 1_000;

/// A chat, and the last message seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Displayed {
    /// Bare address of the chat.
    pub chat: BareJid,
    /// Id of the message in the user's own archive.
    pub archive_id: String,
}

/// Returns whether an event is about the node, of which we asked to be told.
pub fn is_meant(node: &str) -> bool {
    DISPLAYED_SYNC_CHANGED.strip_suffix("+notify") == Some(node)
}

/// Reads one item; `None` for what says nothing of a chat with a person: by
/// another archive, without an id, or of somebody in a group.
pub fn read(id: &str, payload: &Element, own: &BareJid) -> Option<Displayed> {
    if !payload.is("displayed", DISPLAYED_SYNC) {
        return None;
    }
    let chat = BareJid::new(id).ok()?;
    let mut ids = payload
        .children()
        .filter(|child| child.is("stanza-id", STANZA_IDS));
    let (stanza_id, None) = (ids.next()?, ids.next()) else {
        return None;
    };
    let by = BareJid::new(stanza_id.attr("by")?).ok()?;
    let archive_id = stanza_id.attr("id")?;
    let is_id = !archive_id.is_empty() && archive_id.len() <= LONGEST_ID;
    (by == *own && is_id).then(|| Displayed {
        chat,
        archive_id: archive_id.to_owned(),
    })
}

/// Builds what an item holds.
pub fn write(own: &BareJid, archive_id: &str) -> Element {
    let mut displayed = Element::bare("displayed", DISPLAYED_SYNC);
    let id = [("by", own.as_str()), ("id", archive_id)];
    displayed.append_child(element("stanza-id", STANZA_IDS, &id));
    displayed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn own() -> BareJid {
        BareJid::new("romeo@example.org").unwrap()
    }

    fn read_item(id: &str, inside: &str) -> Option<Displayed> {
        let payload = format!("<displayed xmlns='urn:xmpp:mds:displayed:0'>{inside}</displayed>");
        read(id, &payload.parse().unwrap(), &own())
    }

    const ID: &str = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a-1'/>";

    #[test]
    fn what_is_written_is_read() {
        let written = write(&own(), "a-1");

        let read = read("juliet@example.org", &written, &own()).unwrap();

        assert_eq!(read.chat.as_str(), "juliet@example.org");
        assert_eq!(read.archive_id, "a-1");
    }

    #[test]
    fn a9_only_an_id_by_our_own_archive_counts() {
        assert!(read_item("juliet@example.org", ID).is_some());
        for inside in [
            "",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='a-1'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.org' id='a-1'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id=''/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' by='@' id='a-1'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org'/>",
            &format!("{ID}{ID}"),
        ] {
            assert_eq!(read_item("juliet@example.org", inside), None, "{inside}");
        }
        let long = ID.replace("a-1", &"a".repeat(LONGEST_ID + 1));
        assert_eq!(read_item("juliet@example.org", &long), None);
    }

    #[test]
    fn an_item_that_names_no_chat_with_a_person_is_left_out() {
        for id in ["", "@", "ball@rooms.example.org/Juliet", "current item"] {
            assert_eq!(read_item(id, ID), None, "{id}");
        }
        let other: Element = "<displayed xmlns='urn:xmpp:chat-markers:0'/>"
            .parse()
            .unwrap();
        assert_eq!(read("juliet@example.org", &other, &own()), None);
    }
}
