//! A person in the contact list, and whether they are around.

use super::{AccountId, Timestamp};

/// One entry of an account's contact list (RFC 6121 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Account whose list this is.
    pub account: AccountId,
    /// Bare XMPP address.
    pub address: String,
    /// The name the user gave; empty when none was given.
    pub name: String,
    /// Who may see whose presence.
    pub subscription: Subscription,
    /// What they call themselves; empty when they do not say.
    pub nickname: String,
    /// Hash of the picture they published, see `Engine::picture`; empty: none.
    pub picture: String,
    /// The labels the user gave, in order (groups in RFC 6121 §2.1.2.3).
    pub labels: Vec<String>,
}

impl Contact {
    /// Returns the name to show: the one the user gave, else what they call
    /// themselves, else the address.
    pub fn shown_name(&self) -> &str {
        [&self.name, &self.nickname, &self.address]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or(&self.address)
    }
}

/// Who sees whose presence (RFC 6121 §2.1.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subscription {
    /// Neither.
    #[default]
    None,
    /// We see theirs.
    To,
    /// They see ours.
    From,
    /// Both.
    Both,
}

impl Subscription {
    /// Returns whether the contact may see our presence, and so may learn
    /// from receipts and markers that we are here (attack A18).
    pub fn shows_us(self) -> bool {
        matches!(self, Self::From | Self::Both)
    }

    /// Returns whether we may see the contact's presence.
    pub fn shows_them(self) -> bool {
        matches!(self, Self::To | Self::Both)
    }
}

/// The best presence among a contact's programs. Not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Not signed in, or not telling us.
    #[default]
    Offline,
    /// Away for long.
    LongAway,
    /// Away.
    Away,
    /// Does not want to be disturbed.
    Busy,
    /// Here.
    Here,
}

/// How a contact is around, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The best presence among their programs.
    pub presence: Presence,
    /// Since when they used none of those; `None`: they do, or it is not told.
    pub idle_since: Option<Timestamp>,
}
