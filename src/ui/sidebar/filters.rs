//! The filters below the search field: each writes itself into the field.

use relm4::gtk::{self, gdk, glib, prelude::*};
use relm4::{Sender, adw};

use super::SidebarMsg;
use crate::engine::text::Wanted;
use crate::ui::i18n::{gettext, pgettext};

/// Returns the row of filters.
pub(super) fn filters(sidebar: &Sender<SidebarMsg>) -> adw::WrapBox {
    let row = adw::WrapBox::builder()
        .child_spacing(6)
        .line_spacing(6)
        .css_classes(["filters"])
        .build();
    for (words, tip, filter) in [
        // Translators: a search filter: who wrote a message.
        (
            pgettext("search", "From"),
            gettext("Written by somebody: a name, or me"),
            "from:",
        ),
        // Translators: a search filter: in which chat.
        (
            pgettext("search", "In"),
            gettext("In the chat with somebody"),
            "in:",
        ),
        // Translators: a search filter: when. before: and after: stay as they are.
        (
            pgettext("search", "Date"),
            gettext("Before a day, such as 2026-03-31, a month or a year. From a day on: after:"),
            "before:",
        ),
        (
            pgettext("search", "Links"),
            gettext("Messages with links"),
            "has:link",
        ),
        (pgettext("search", "Files"), gettext("Files"), "has:file"),
    ] {
        let button = gtk::Button::builder()
            .label(words)
            .tooltip_text(tip)
            .build();
        let sidebar = sidebar.clone();
        button.connect_clicked(move |_| sidebar.emit(SidebarMsg::Filter(filter)));
        row.append(&button);
    }
    row
}

/// Writes a filter behind what the field holds, or takes a whole one out that
/// is there already, and gives the field the keyboard.
pub(super) fn put(field: &gtk::SearchEntry, filter: &str) {
    let text = field.text();
    let is_there = text.split_whitespace().any(|part| part == filter);
    let wanted = if is_there {
        let others = text.split_whitespace().filter(|part| *part != filter);
        others.collect::<Vec<_>>().join(" ")
    } else {
        let gap = if text.is_empty() || text.ends_with(' ') {
            ""
        } else {
            " "
        };
        format!("{text}{gap}{filter}")
    };
    field.set_text(&wanted);
    field.grab_focus();
    field.set_position(-1);
}

/// Takes all filters out of what the field holds, and gives the field the
/// keyboard.
pub(super) fn drop_all(field: &gtk::SearchEntry) {
    if let Some(words) = Wanted::without_filters(&field.text()) {
        field.set_text(&words);
    }
    field.grab_focus();
    field.set_position(-1);
}

/// Shift+Enter in the field goes to the thing found before.
pub(super) fn walk_back_by_key(field: &gtk::SearchEntry, sidebar: &Sender<SidebarMsg>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let sidebar = sidebar.clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
        if is_enter && modifiers.contains(gdk::ModifierType::SHIFT_MASK) {
            sidebar.emit(SidebarMsg::Walk(-1));
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    field.add_controller(keys);
}
