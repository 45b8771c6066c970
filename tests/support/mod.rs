//! What the tests against real servers share: a private Prosody, people with
//! accounts on it, our engine as one of them uses it, clients that are not
//! ours, and a line between them that can be cut.
//!
//! Nothing here is ever skipped: a server or client that cannot be started
//! fails the test with the reason.

pub mod accounts;
pub mod heard;
pub mod killable;
pub mod link_cutter;
pub mod ours;
pub mod peers;
pub mod prosody;
pub mod slixmpp_peer;
pub mod tokio_xmpp_peer;
