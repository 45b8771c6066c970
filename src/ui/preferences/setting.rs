//! One change of one setting, and telling it.

use std::cell::Cell;
use std::rc::Rc;

use relm4::Sender;

use super::PreferencesMsg;
use crate::engine::model::{AccountId, Preferences, StyleChoice};

/// What the user set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The other person sees when the user writes.
    TellsTyping(bool),
    /// The other person sees that a message arrived.
    SendsReceipts(bool),
    /// The other person sees up to where the user has read.
    SendsReadMarkers(bool),
    /// Light or dark.
    Style(StyleChoice),
    /// Size of all text, in percent.
    TextSize(u16),
    /// Misspelled words are marked.
    ChecksSpelling(bool),
    /// A new chat begins with this account.
    WriteFrom(AccountId),
}

impl Setting {
    /// Puts the change into all settings.
    pub fn apply(self, preferences: &mut Preferences) {
        match self {
            Self::TellsTyping(is_on) => preferences.tells_typing = is_on,
            Self::SendsReceipts(is_on) => preferences.sends_receipts = is_on,
            Self::SendsReadMarkers(is_on) => preferences.sends_read_markers = is_on,
            Self::Style(style) => preferences.style = style,
            Self::TextSize(percent) => preferences.text_size_percent = percent,
            Self::ChecksSpelling(is_on) => preferences.checks_spelling = is_on,
            Self::WriteFrom(account) => preferences.write_from = Some(account),
        }
    }
}

/// Tells what the user set. What is only shown is not set.
#[derive(Clone)]
pub struct Setter {
    input: Sender<PreferencesMsg>,
    is_showing: Rc<Cell<bool>>,
}

impl Setter {
    /// Makes one that tells `input`.
    pub fn new(input: &Sender<PreferencesMsg>) -> Self {
        Self {
            input: input.clone(),
            is_showing: Rc::default(),
        }
    }

    /// Tells that the user set something, unless it is being shown.
    pub fn set(&self, setting: Setting) {
        if !self.is_showing.get() {
            self.input.emit(PreferencesMsg::Set(setting));
        }
    }

    /// Runs `show`; what it moves counts as shown.
    pub fn while_showing(&self, show: impl FnOnce()) {
        self.is_showing.set(true);
        show();
        self.is_showing.set(false);
    }
}
