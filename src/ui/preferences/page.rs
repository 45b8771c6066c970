//! The pages of the preferences, and what stands on them by name.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};

use super::find::Entry;
use crate::ui::i18n::{gettext, pgettext};

/// A page of the preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The user's accounts.
    Accounts,
    /// Light or dark, and how large.
    Appearance,
    /// What the desktop is told.
    Notifications,
    /// What others notice.
    Privacy,
    /// Whether chats are encrypted, and for which devices.
    Encryption,
    /// Help with writing.
    Writing,
    /// Where things are.
    Advanced,
}

impl Page {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Appearance,
        Self::Notifications,
        Self::Privacy,
        Self::Encryption,
        Self::Writing,
        Self::Advanced,
    ];

    /// Returns its title.
    pub fn title(self) -> String {
        match self {
            Self::Accounts => gettext("Accounts"),
            Self::Appearance => gettext("Appearance"),
            Self::Notifications => gettext("Notifications"),
            Self::Privacy => gettext("Privacy"),
            Self::Encryption => gettext("Encryption"),
            Self::Writing => gettext("Writing"),
            // Translators: the last page of the preferences.
            Self::Advanced => pgettext("preferences", "Advanced"),
        }
    }

    /// Returns the name of its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Accounts => "avatar-default-symbolic",
            Self::Appearance => "preferences-desktop-appearance-symbolic",
            Self::Notifications => "preferences-system-notifications-symbolic",
            Self::Privacy => "preferences-system-privacy-symbolic",
            Self::Encryption => "message-locked-symbolic",
            Self::Writing => "tools-check-spelling-symbolic",
            Self::Advanced => "applications-engineering-symbolic",
        }
    }
}

/// A page with what can be found on it.
pub struct Built {
    /// The widget.
    pub page: adw::NavigationPage,
    /// What the search finds.
    pub entries: Vec<Entry>,
}

/// Collects the groups of a page, and the rows a search finds.
pub struct Builder {
    page: Page,
    content: adw::PreferencesPage,
    entries: Vec<Entry>,
}

impl Builder {
    /// Begins a page.
    pub fn new(page: Page) -> Self {
        Self {
            page,
            content: adw::PreferencesPage::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a group.
    pub fn add(&self, group: &adw::PreferencesGroup) {
        self.content.add(group);
    }

    /// Lets a search find `widget` by `title`, or by other words for it.
    pub fn findable(&mut self, title: String, words: String, widget: &impl IsA<gtk::Widget>) {
        self.entries.push(Entry {
            page: self.page,
            title,
            words,
            widget: widget.clone().upcast(),
        });
    }

    /// Lets a search find a row by its title and subtitle.
    pub fn findable_row(&mut self, row: &impl IsA<adw::ActionRow>) {
        let title = row.as_ref().title().to_string();
        let words = row.as_ref().subtitle().unwrap_or_default().to_string();
        self.findable(title, words, row.as_ref());
    }

    /// Ends the page.
    pub fn build(self) -> Built {
        Built {
            page: navigation_page(&self.page.title(), &self.content),
            entries: self.entries,
        }
    }
}

/// Returns an address or a name as the title of a row, which is markup. A hyphen
/// at the end of a line would be read as part of it.
pub fn as_title(text: &str) -> String {
    let text = glib::markup_escape_text(text);
    format!("<span insert_hyphens=\"false\">{text}</span>")
}

/// Returns a page with a header bar.
pub fn navigation_page(title: &str, content: &impl IsA<gtk::Widget>) -> adw::NavigationPage {
    let view = adw::ToolbarView::builder().content(content).build();
    view.add_top_bar(&adw::HeaderBar::new());
    adw::NavigationPage::builder()
        .title(title)
        .child(&view)
        .build()
}
