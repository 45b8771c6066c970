//! The button that offers emoji, with GTK's own chooser, which is searched by
//! typing.
//!
//! The chooser knows some two thousand of them; it is made when it is first
//! opened. When it closes, the keyboard is in the text again.

use relm4::gtk::{self, prelude::*};

use super::field;
use crate::ui::i18n::gettext;

/// Returns the button; what is chosen goes into `view`.
pub fn button(view: &sourceview5::View) -> gtk::MenuButton {
    let button = gtk::MenuButton::builder()
        .icon_name("face-smile-symbolic")
        .tooltip_text(gettext("Emoji"))
        .valign(gtk::Align::End)
        .css_classes(["flat", "circular"])
        .direction(gtk::ArrowType::Up)
        .build();
    let view = view.downgrade();
    button.set_create_popup_func(move |button| {
        if let Some(view) = view.upgrade().filter(|_| button.popover().is_none()) {
            button.set_popover(Some(&chooser(&view)));
        }
    });
    button
}

fn chooser(view: &sourceview5::View) -> gtk::EmojiChooser {
    let chooser = gtk::EmojiChooser::new();
    let weak = view.downgrade();
    chooser.connect_emoji_picked(move |_, emoji| {
        if let Some(view) = weak.upgrade() {
            field::insert(&view, emoji);
        }
    });
    let weak = view.downgrade();
    chooser.connect_closed(move |_| {
        if let Some(view) = weak.upgrade() {
            view.grab_focus();
        }
    });
    chooser
}
