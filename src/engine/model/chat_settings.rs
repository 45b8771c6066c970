//! What the user sets for one chat, and for how long messages are kept.

/// What is set for one chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatSettings {
    /// The other side sees when the user writes; `None`: as everywhere.
    pub tells_typing: Option<bool>,
    /// The other side sees up to where the user has read; `None`: as everywhere.
    pub sends_read_markers: Option<bool>,
    /// For how long its messages are kept here.
    pub keep: Keep,
}

/// For how long the messages of a chat are kept on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// As those of its account.
    #[default]
    AsAccount,
    /// For ever.
    ForEver,
    /// For so many days, at least one.
    Days(u32),
}

/// One setting of a chat, as it is to be from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatSetting {
    /// It stands above the others in the list.
    Pinned(bool),
    /// It is put away at the end of the list, until the next message comes,
    /// or for good when it is muted.
    Archived(bool),
    /// The user wants to come back to it, though all of it was read.
    MarkedUnread(bool),
    /// The other side sees when the user writes; `None`: as everywhere.
    TellsTyping(Option<bool>),
    /// The other side sees up to where the user has read; `None`: as everywhere.
    SendsReadMarkers(Option<bool>),
    /// For how long its messages are kept here.
    Keep(Keep),
}
