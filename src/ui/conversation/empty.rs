//! The pages without a chat.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::ui::i18n::gettext;
use crate::ui::widgets::keys;

/// Returns the page shown until a chat is chosen.
pub fn no_chat_open() -> adw::StatusPage {
    let shortcuts = gtk::Grid::builder()
        .column_spacing(36)
        .row_spacing(8)
        .halign(gtk::Align::Center)
        .build();
    let lines = [
        (gettext("New chat"), "<Control>n"),
        (gettext("Go to a chat"), "<Control>k"),
        (gettext("Search chats"), "<Control>f"),
        (gettext("All shortcuts"), "<Control>question"),
    ];
    for (row, (label, keys)) in (0..).zip(lines) {
        let label = gtk::Label::builder()
            .label(label)
            .xalign(0.0)
            .ellipsize(gtk::pango::EllipsizeMode::End)
            .css_classes(["dimmed"])
            .build();
        shortcuts.attach(&label, 0, row, 1, 1);
        shortcuts.attach(&keys::keys(keys), 1, row, 1, 1);
    }
    adw::StatusPage::builder()
        .icon_name("chat-new-symbolic")
        .title(gettext("Choose a chat"))
        .description(gettext("Nothing is marked as read until you open it."))
        .child(&shortcuts)
        .css_classes(["compact", "empty"])
        .build()
}

/// Returns the page shown while the list of chats is empty.
pub fn no_chats() -> adw::StatusPage {
    let button = gtk::Button::builder()
        .label(gettext("New Chat"))
        .css_classes(["pill", "suggested-action"])
        .halign(gtk::Align::Center)
        .action_name("win.new-chat")
        .build();
    adw::StatusPage::builder()
        .icon_name("chat-new-symbolic")
        .title(gettext("No chats yet"))
        .description(gettext("Write to somebody by name or address."))
        .child(&button)
        .css_classes(["compact", "empty"])
        .build()
}
