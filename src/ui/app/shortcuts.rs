//! Every key of the program in one table, and the dialog that shows it.
//!
//! [`super::actions`] binds the keys that call an action of the window. The
//! others belong to a widget that acts on them itself; they stand here so that
//! a person finds them.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use crate::ui::i18n::gettext;
use crate::ui::widgets::keys;

/// Keys and what they do.
pub struct Shortcut {
    /// As GTK writes them, such as `<Control>n`.
    pub keys: &'static str,
    /// The window's action they call; `None`: the focused widget's own affair.
    pub calls: Option<&'static str>,
    /// What they do, in the user's words.
    pub title: fn() -> String,
    /// The heading they stand under.
    pub topic: Topic,
}

/// A heading in the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The window and the program.
    General,
    /// From chat to chat.
    Chats,
    /// Among the messages of a chat.
    Messages,
    /// In the field one writes in.
    Writing,
}

impl Topic {
    const ALL: [Self; 4] = [Self::General, Self::Chats, Self::Messages, Self::Writing];

    fn title(self) -> String {
        match self {
            Self::General => gettext("General"),
            Self::Chats => gettext("Chats"),
            Self::Messages => gettext("Messages"),
            Self::Writing => gettext("Writing"),
        }
    }
}

const fn action(
    topic: Topic,
    keys: &'static str,
    calls: &'static str,
    title: fn() -> String,
) -> Shortcut {
    Shortcut {
        keys,
        calls: Some(calls),
        title,
        topic,
    }
}

const fn of_widget(topic: Topic, keys: &'static str, title: fn() -> String) -> Shortcut {
    Shortcut {
        keys,
        calls: None,
        title,
        topic,
    }
}

/// All keys, in the order they are shown.
pub const SHORTCUTS: &[Shortcut] = &[
    of_widget(Topic::General, "F10", || gettext("Main menu")),
    action(Topic::General, "F6", "next-region", || {
        gettext("Next part of the window")
    }),
    action(Topic::General, "<Shift>F6", "previous-region", || {
        gettext("Previous part of the window")
    }),
    action(Topic::General, "Escape", "back", || {
        gettext("Close, or back to the chats")
    }),
    action(Topic::General, "<Control>comma", "preferences", || {
        gettext("Preferences")
    }),
    action(Topic::General, "<Control>question", "shortcuts", || {
        gettext("Keyboard shortcuts")
    }),
    action(Topic::General, "<Control>w", "close", || {
        gettext("Close the window")
    }),
    action(Topic::General, "<Control>q", "quit", || gettext("Quit")),
    action(Topic::Chats, "<Control>n", "new-chat", || {
        gettext("New chat")
    }),
    action(Topic::Chats, "<Control>k", "switch-chat", || {
        gettext("Go to a chat")
    }),
    action(Topic::Chats, "<Control>f", "search", || {
        gettext("Search the open chat")
    }),
    action(Topic::Chats, "<Control><Shift>f", "search-chats", || {
        gettext("Search all chats")
    }),
    action(Topic::Chats, "<Control>F10", "chat-menu", || {
        gettext("Menu of the chat")
    }),
    action(Topic::Chats, "<Alt>Return", "contact-details", || {
        gettext("Who the chat is with")
    }),
    action(Topic::Chats, "<Alt>Down", "next-chat", || {
        gettext("Next chat")
    }),
    action(Topic::Chats, "<Alt>Up", "previous-chat", || {
        gettext("Previous chat")
    }),
    of_widget(Topic::Messages, "Up", || gettext("Previous message")),
    of_widget(Topic::Messages, "Down", || gettext("Next message")),
    of_widget(Topic::Messages, "Page_Up", || gettext("One page up")),
    of_widget(Topic::Messages, "Page_Down", || gettext("One page down")),
    of_widget(Topic::Messages, "Home", || gettext("Oldest message here")),
    of_widget(Topic::Messages, "End", || gettext("Newest message here")),
    action(
        Topic::Messages,
        "<Control><Shift>Down",
        "newest-message",
        || gettext("Newest message"),
    ),
    of_widget(Topic::Messages, "Return", || gettext("Menu of the message")),
    of_widget(Topic::Messages, "Menu", || gettext("Menu of the message")),
    of_widget(Topic::Messages, "space", || {
        gettext("Choose the message, while choosing several")
    }),
    of_widget(Topic::Messages, "r", || gettext("Reply")),
    of_widget(Topic::Messages, "e", || gettext("React")),
    of_widget(Topic::Messages, "<Control>c", || {
        gettext("Copy the message")
    }),
    of_widget(Topic::Messages, "Delete", || {
        gettext("Delete the message here")
    }),
    of_widget(Topic::Writing, "Return", || gettext("Send")),
    of_widget(Topic::Writing, "<Shift>Return", || gettext("New line")),
    of_widget(Topic::Writing, "<Control>period", || gettext("Emoji")),
    of_widget(Topic::Writing, "<Control><Shift>v", || {
        gettext("Paste without styles")
    }),
    of_widget(Topic::Writing, "<Control>b", || gettext("Bold")),
    of_widget(Topic::Writing, "<Control>i", || gettext("Italic")),
    of_widget(Topic::Writing, "<Control><Shift>x", || {
        gettext("Struck through")
    }),
    of_widget(Topic::Writing, "<Control>grave", || gettext("Code")),
    of_widget(Topic::Writing, "Up", || {
        gettext("Edit the last message, in an empty field")
    }),
];

/// Returns the dialog that shows all keys.
pub fn dialog() -> adw::Dialog {
    let page = adw::PreferencesPage::new();
    for topic in Topic::ALL {
        let group = adw::PreferencesGroup::builder()
            .title(topic.title())
            .build();
        for shortcut in SHORTCUTS.iter().filter(|shortcut| shortcut.topic == topic) {
            group.add(&row(shortcut));
        }
        page.add(&group);
    }
    let view = adw::ToolbarView::builder().content(&page).build();
    view.add_top_bar(&adw::HeaderBar::new());
    adw::Dialog::builder()
        .title(gettext("Keyboard Shortcuts"))
        .content_width(460)
        .content_height(640)
        .child(&view)
        .build()
}

fn row(shortcut: &Shortcut) -> adw::ActionRow {
    let title = (shortcut.title)();
    let row = adw::ActionRow::builder()
        .title(&title)
        .title_lines(0)
        .build();
    row.add_suffix(&keys::keys(shortcut.keys));
    let spoken = format!("{title}: {}", keys::words(shortcut.keys));
    row.upcast_ref::<gtk::Widget>()
        .update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_keys_do_two_things_in_one_place() {
        let mut seen = BTreeSet::new();
        for shortcut in SHORTCUTS {
            let place = shortcut.calls.map_or(shortcut.topic as u8, |_| u8::MAX);
            assert!(seen.insert((place, shortcut.keys)), "{}", shortcut.keys);
        }
    }
}
