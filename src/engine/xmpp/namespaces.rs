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
/// What an account publishes (XEP-0060).
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// What its owner may do with it.
pub const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// It has changed.
pub const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// What is wrong with a request about it.
pub const PUBSUB_ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
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
/// How far chats were read, for the user's own devices (XEP-0490).
pub const DISPLAYED_SYNC: &str = "urn:xmpp:mds:displayed:0";
/// We want to hear when that changes (XEP-0163 §4).
pub const DISPLAYED_SYNC_CHANGED: &str = "urn:xmpp:mds:displayed:0+notify";
/// What an account publishes can be kept private from the first moment on (XEP-0060 §7.1.5).
pub const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// How a node is set up (XEP-0060 §8.2).
pub const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
/// Since when nobody used a program (XEP-0319).
pub const IDLE: &str = "urn:xmpp:idle:1";
/// Asking with the token of an invitation (XEP-0379).
pub const PRE_AUTHENTICATION: &str = "urn:xmpp:pars:0";
/// Keeping somebody away (XEP-0191).
pub const BLOCKING: &str = "urn:xmpp:blocking";
/// Telling the server why (XEP-0377).
pub const REPORTING: &str = "urn:xmpp:reporting:1";
/// How servers should treat a message (XEP-0334).
pub const HINTS: &str = "urn:xmpp:hints";
/// Unique ids (XEP-0359).
pub const STANZA_IDS: &str = "urn:xmpp:sid:0";
/// Whether somebody looks (XEP-0352).
pub const CLIENT_STATE: &str = "urn:xmpp:csi:0";
/// A private message in a group carries this (XEP-0045).
pub const GROUP_USER: &str = "http://jabber.org/protocol/muc#user";

/// An invitation by a person (XEP-0249).
pub const DIRECT_INVITATION: &str = "jabber:x:conference";
/// A link beside a text (XEP-0066).
pub const OUT_OF_BAND: &str = "jabber:x:oob";
/// Something named in a text (XEP-0372).
pub const REFERENCES: &str = "urn:xmpp:reference:0";
/// A file named in a text (XEP-0385).
pub const STATELESS_INLINE_MEDIA: &str = "urn:xmpp:sims:1";
/// A file and where it is (XEP-0447).
pub const STATELESS_FILES: &str = "urn:xmpp:sfs:0";
/// A place of a file on the web (XEP-0103).
pub const URL_DATA: &str = "http://jabber.org/protocol/url-data";
/// A message is encrypted (XEP-0380).
pub const ENCRYPTION_MARK: &str = "urn:xmpp:eme:0";
/// What accounts say about their pictures (XEP-0084).
pub const AVATAR_METADATA: &str = "urn:xmpp:avatar:metadata";
/// We want to hear when that changes.
pub const AVATAR_METADATA_CHANGED: &str = "urn:xmpp:avatar:metadata+notify";
/// The pictures themselves.
pub const AVATAR_DATA: &str = "urn:xmpp:avatar:data";
/// Cards of people (XEP-0054).
pub const CARD: &str = "vcard-temp";
/// Which picture is in a card (XEP-0153).
pub const CARD_UPDATE: &str = "vcard-temp:x:update";
/// What people call themselves (XEP-0172).
pub const NICKNAME: &str = "http://jabber.org/protocol/nick";
/// We want to hear when that changes.
pub const NICKNAME_CHANGED: &str = "http://jabber.org/protocol/nick+notify";
/// OMEMO as nearly everybody speaks it (XEP-0384 v0.3).
pub const OMEMO: &str = "eu.siacs.conversations.axolotl";
/// Which devices an account has (XEP-0384 v0.3 §4.2).
pub const OMEMO_DEVICES: &str = "eu.siacs.conversations.axolotl.devicelist";
/// We want to hear when that changes (XEP-0163 §4).
pub const OMEMO_DEVICES_CHANGED: &str = "eu.siacs.conversations.axolotl.devicelist+notify";
/// The keys of one device; its number follows.
pub const OMEMO_BUNDLES: &str = "eu.siacs.conversations.axolotl.bundles:";
/// OMEMO for a short time (XEP-0384 v0.4).
pub const OMEMO_1: &str = "urn:xmpp:omemo:1";
/// OMEMO today (XEP-0384 v0.8).
pub const OMEMO_2: &str = "urn:xmpp:omemo:2";
/// OpenPGP (XEP-0373).
pub const OPENPGP: &str = "urn:xmpp:openpgp:0";
/// OpenPGP as it was (XEP-0027).
pub const OLD_OPENPGP: &str = "jabber:x:encrypted";
/// Calls offered by message (XEP-0353).
pub const CALL_OFFERS: &str = "urn:xmpp:jingle-message:0";
/// Message styling, and the wish for none (XEP-0393).
pub const STYLING: &str = "urn:xmpp:styling:0";
/// Words for programs that do not know better (XEP-0428).
pub const FALLBACKS: &str = "urn:xmpp:fallback:0";
/// Corrections (XEP-0308).
pub const CORRECTIONS: &str = "urn:xmpp:message-correct:0";
/// Taking messages back (XEP-0424).
pub const RETRACTIONS: &str = "urn:xmpp:message-retract:1";
/// Emoji on messages (XEP-0444).
pub const REACTIONS: &str = "urn:xmpp:reactions:0";
/// Replies (XEP-0461).
pub const REPLIES: &str = "urn:xmpp:reply:0";
/// Calls themselves (XEP-0166).
pub const CALLS: &str = "urn:xmpp:jingle:1";
/// Sound and pictures of a call (XEP-0167).
pub const CALL_MEDIA: &str = "urn:xmpp:jingle:apps:rtp:1";

/// What we tell others we understand. Sorted, as XEP-0115 hashes it.
pub const ANNOUNCED: [&str; 19] = [
    OMEMO_DEVICES_CHANGED,
    CAPABILITIES,
    CHAT_STATES,
    DISCO_INFO,
    NICKNAME_CHANGED,
    OUT_OF_BAND,
    AVATAR_METADATA_CHANGED,
    MARKERS,
    ENCRYPTION_MARK,
    FALLBACKS,
    DISPLAYED_SYNC_CHANGED,
    CORRECTIONS,
    RETRACTIONS,
    PING,
    REACTIONS,
    RECEIPTS,
    REPLIES,
    STANZA_IDS,
    STYLING,
];
