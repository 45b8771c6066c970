//! Plain data that crosses the border between the engine and the window.
//!
//! Every type here is `Clone + Send`, holds no handle to anything and makes no
//! sentence for a person. Times are milliseconds since 1970 in UTC
//! ([`Timestamp`]); addresses are bare XMPP addresses as normalised text.

mod account;
mod chat_settings;
mod console;
mod contact;
mod conversation;
mod found;
mod gap;
mod ids;
mod message;
mod people;
mod preferences;
mod secret;
mod security;
mod trust;

pub use account::{
    Account, AccountEdit, ConnectionProblem, ConnectionState, PasswordPlace, ServerLacks, place,
};
pub use chat_settings::{ChatSetting, ChatSettings, Keep};
pub use console::{ConsoleLine, ConsoleWay};
pub use contact::{Around, Contact, Presence, Subscription};
pub use conversation::ConversationRow;
pub use found::{Found, FoundInChat, FoundUpTo, Hit};
pub use gap::{Gap, GapReason};
pub use ids::{AccountId, ConversationId, MessageId};
pub use message::{
    Delivery, Direction, MessageKind, MessageRow, Reaction, Reply, SendFailure, Version,
};
pub use people::{Blocked, Reader, ReportReason};
pub use preferences::{OnClose, Preferences, Setting, StyleChoice, WindowPlace};
pub use secret::{PasswordTrouble, Secret};
pub use security::{CertificateFacts, SecurityReport, Weaker};
pub use trust::{
    CannotRead, ChatEncryption, Device, EncryptionChoice, Fingerprint, LeftOut, MessageProtection,
    NoFingerprint, Protection, Readiness, Trust, Verified,
};

/// Milliseconds since 1970-01-01 00:00 UTC.
pub type Timestamp = i64;
