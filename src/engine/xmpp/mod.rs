//! Wire formats: stanza ⇄ plain data. Pure functions: no store, no clock, no socket.
//!
//! A stanza reaches this module as one guarded [`minidom::Element`]. What cannot
//! be understood in a payload is left out, never an error for the whole stanza.
//!
//! # How to add a feature
//! 1. a file named by the feature: parse and build, with fixtures as on the wire;
//! 2. its namespace in [`namespaces`], if others may use it with us;
//! 3. a function in `store/`, with a test;
//! 4. a branch in `account/incoming.rs`, behind the gate of [`origin`];
//! 5. a command, if the user starts it, and its place in the window;
//! 6. an integration test, and the row in the README.

pub mod archive;
pub mod avatars;
pub mod blocking;
pub mod calls;
pub mod capabilities;
pub mod carbons;
pub mod chat_states;
pub mod content;
pub mod corrections;
pub mod delay;
pub mod discovery;
pub mod displayed_sync;
pub mod encryption;
pub mod fallbacks;
pub mod file_links;
pub mod hints;
pub mod invitations;
pub mod markers;
pub mod message;
pub mod namespaces;
pub mod nicknames;
pub mod omemo_wire;
pub mod origin;
pub mod otr;
pub mod presence;
pub mod pubsub;
pub mod reactions;
pub mod receipts;
pub mod replies;
pub mod retractions;
pub mod roster;
pub mod stanza;
pub mod stanza_ids;
pub mod styling;
