//! The line that says that messages are missing in this place, why, and how to
//! fetch them.

use relm4::gtk::{self, pango, prelude::*};

use crate::engine::model::GapReason;
use crate::ui::i18n::gettext;

/// Returns what the line says.
pub fn sentence(reason: GapReason) -> String {
    match reason {
        GapReason::NotFetched => gettext("Some messages could not be fetched yet."),
        GapReason::Expired => {
            gettext("Older messages are no longer on the server. Some may be missing here.")
        }
        GapReason::Refused => {
            gettext("The server refuses to give the messages that are missing here.")
        }
    }
}

/// A gap's line; rows make one when they need it.
#[derive(Debug)]
pub struct GapLine {
    /// All of it.
    pub root: gtk::Box,
    label: gtk::Label,
    fetch: gtk::Button,
}

impl Default for GapLine {
    fn default() -> Self {
        let root = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .css_classes(["gap-line"])
            .halign(gtk::Align::Center)
            .spacing(4)
            .build();
        let label = gtk::Label::builder()
            .wrap(true)
            .wrap_mode(pango::WrapMode::WordChar)
            .justify(gtk::Justification::Center)
            .build();
        let fetch = gtk::Button::builder()
            .label(gettext("Try Again"))
            .css_classes(["flat"])
            .halign(gtk::Align::Center)
            .action_name("message.fetch-missing")
            .build();
        fetch.update_property(&[gtk::accessible::Property::Label(&gettext(
            "Try again to fetch the missing messages",
        ))]);
        root.append(&label);
        root.append(&fetch);
        Self { root, label, fetch }
    }
}

impl GapLine {
    /// Says why messages are missing; what is gone cannot be fetched.
    pub fn show(&self, reason: GapReason) {
        self.label.set_label(&sentence(reason));
        self.fetch.set_visible(reason != GapReason::Expired);
        self.root.set_visible(true);
    }
}
