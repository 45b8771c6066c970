//! The tick at the end of a line: whether somebody is chosen.

use relm4::gtk::{self, prelude::*};

use crate::ui::i18n::{fill, gettext};

/// Puts a tick at the end of the line of somebody; `words` are theirs.
pub fn add(row: &gtk::ListBoxRow, content: &gtk::Box, words: &str, is_chosen: bool) {
    let tick = gtk::CheckButton::builder()
        .css_classes(["selection-mode"])
        .valign(gtk::Align::Center)
        // A click anywhere on the line ticks, and the line says so.
        .can_target(false)
        .focusable(false)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    content.append(&tick);
    show(row, words, is_chosen);
}

/// Shows whether somebody is chosen. Those who listen hear it with the line.
pub fn show(row: &gtk::ListBoxRow, words: &str, is_chosen: bool) {
    let tick: Option<gtk::CheckButton> = row
        .child()
        .and_then(|content| content.last_child())
        .and_downcast();
    if let Some(tick) = tick {
        tick.set_active(is_chosen);
    }
    if is_chosen {
        // Translators: for a screen reader; somebody to whom a message is forwarded.
        row.set_widget_name(&fill(&gettext("{name}, chosen"), &[("name", words)]));
    } else {
        row.set_widget_name(words);
    }
    row.update_state(&[gtk::accessible::State::Checked(if is_chosen {
        gtk::AccessibleTristate::True
    } else {
        gtk::AccessibleTristate::False
    })]);
}
