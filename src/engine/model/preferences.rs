//! What the user set for the program as a whole, and one change of it.

use super::{AccountId, ConversationId};

/// All settings. Each has a default, so that there always is one.
///
/// The three privacy switches are obeyed by the engine. They are about what
/// others see: the user's own devices learn what was read in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Switches, each with a row of its own.
pub struct Preferences {
    /// The other person sees when the user writes.
    pub tells_typing: bool,
    /// The other person sees that a message arrived here.
    pub sends_receipts: bool,
    /// The other person sees up to where the user has read.
    pub sends_read_markers: bool,
    /// Light or dark.
    pub style: StyleChoice,
    /// Size of all text, in percent of the desktop's: 80 to 200.
    pub text_size_percent: u16,
    /// Misspelled words are marked while writing.
    pub checks_spelling: bool,
    /// Signs in messages style them, here and in what the user sends.
    pub styles_messages: bool,
    /// Notifications say who wrote, and what.
    pub shows_content: bool,
    /// What closing the window does.
    pub on_close: OnClose,
    /// The program waits for messages from when the user signs in to the desktop.
    pub starts_with_desktop: bool,
    /// Account that a new chat begins with; `None`: the first one. It may be gone.
    pub write_from: Option<AccountId>,
    /// The window as it was left.
    pub window: WindowPlace,
    /// The chat that was open when the program ended. It may be gone.
    pub last_open: Option<ConversationId>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StyleChoice {
    /// As the desktop says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What closing the window does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClose {
    /// The user was not asked yet.
    #[default]
    Ask,
    /// The program goes on and tells of new messages.
    KeepRunning,
    /// The program ends.
    Quit,
}

/// How large the window is, in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowPlace {
    /// Width when it is not maximised: 360 to 10 000.
    pub width: u16,
    /// Height when it is not maximised: 240 to 10 000.
    pub height: u16,
    /// True when it fills the screen.
    pub is_maximized: bool,
}

impl Default for WindowPlace {
    fn default() -> Self {
        Self {
            width: 1_100,
            height: 720,
            is_maximized: false,
        }
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            tells_typing: true,
            sends_receipts: true,
            sends_read_markers: true,
            style: StyleChoice::default(),
            text_size_percent: 100,
            checks_spelling: true,
            styles_messages: true,
            shows_content: true,
            on_close: OnClose::default(),
            starts_with_desktop: false,
            write_from: None,
            window: WindowPlace::default(),
            last_open: None,
        }
    }
}

/// One setting, as it is to be from now on.
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
    /// Signs in messages style them.
    StylesMessages(bool),
    /// Notifications say who wrote, and what.
    ShowsContent(bool),
    /// What closing the window does.
    OnClose(OnClose),
    /// The program starts with the desktop.
    StartsWithDesktop(bool),
    /// A new chat begins with this account.
    WriteFrom(AccountId),
    /// The window is left like this.
    Window(WindowPlace),
    /// This chat is the last one that was open.
    LastOpen(ConversationId),
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
            Self::StylesMessages(is_on) => preferences.styles_messages = is_on,
            Self::ShowsContent(is_on) => preferences.shows_content = is_on,
            Self::OnClose(on_close) => preferences.on_close = on_close,
            Self::StartsWithDesktop(is_on) => preferences.starts_with_desktop = is_on,
            Self::WriteFrom(account) => preferences.write_from = Some(account),
            Self::Window(place) => preferences.window = place,
            Self::LastOpen(chat) => preferences.last_open = Some(chat),
        }
    }
}

impl Preferences {
    /// Returns the same with every number brought into its range.
    #[must_use]
    pub fn in_range(mut self) -> Self {
        self.text_size_percent = self.text_size_percent.clamp(80, 200);
        self.window.width = self.window.width.clamp(360, 10_000);
        self.window.height = self.window.height.clamp(240, 10_000);
        self
    }
}
