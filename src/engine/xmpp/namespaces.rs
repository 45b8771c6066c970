//! Every namespace we read or write, and the list of those we announce.
//!
//! # Source
//! XEP-0030 §3 for what an announced feature promises.

/// Stanzas of a client's stream (RFC 6120).
pub const CLIENT: &str = "jabber:client";
/// Conditions of stanza errors (RFC 6120 §8.3).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// Contact list (RFC 6121 §2).
pub const ROSTER: &str = "jabber:iq:roster";
/// What an entity can do (XEP-0030).
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// Data forms (XEP-0004).
pub const DATA_FORMS: &str = "jabber:x:data";
/// Paging (XEP-0059).
pub const RESULT_SET: &str = "http://jabber.org/protocol/rsm";
/// Typing notifications (XEP-0085).
pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
/// Capabilities in presence (XEP-0115).
pub const CAPABILITIES: &str = "http://jabber.org/protocol/caps";
/// Receipts (XEP-0184).
pub const RECEIPTS: &str = "urn:xmpp:receipts";
/// Ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Delayed delivery (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";
/// Copies for one's other devices (XEP-0280).
pub const CARBONS: &str = "urn:xmpp:carbons:2";
/// A stanza inside another (XEP-0297).
pub const FORWARD: &str = "urn:xmpp:forward:0";
/// Archive (XEP-0313).
pub const ARCHIVE: &str = "urn:xmpp:mam:2";
/// Read markers (XEP-0333).
pub const MARKERS: &str = "urn:xmpp:chat-markers:0";
/// How servers should treat a message (XEP-0334).
pub const HINTS: &str = "urn:xmpp:hints";
/// Unique ids (XEP-0359).
pub const STANZA_IDS: &str = "urn:xmpp:sid:0";
/// A private message in a group carries this (XEP-0045).
pub const GROUP_USER: &str = "http://jabber.org/protocol/muc#user";

/// What we tell others we understand. Sorted, as XEP-0115 hashes it.
pub const ANNOUNCED: [&str; 7] = [
    CAPABILITIES,
    CHAT_STATES,
    DISCO_INFO,
    MARKERS,
    PING,
    RECEIPTS,
    STANZA_IDS,
];
