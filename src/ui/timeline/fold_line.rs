//! The line that stands for messages from before this device existed: how many
//! they are, why nobody can read them here, and how to see them one by one.

use relm4::adw::prelude::*;
use relm4::gtk::glib::variant::ToVariant;
use relm4::gtk::pango;
use relm4::{adw, gtk};

use super::fold::Run;
use crate::ui::i18n::{count, gettext};

/// Returns what the line says of so many messages.
pub fn sentence(messages: usize) -> String {
    count(
        "{count} older message was encrypted before this device existed.",
        "{count} older messages were encrypted before this device existed.",
        u32::try_from(messages).unwrap_or(u32::MAX),
    )
}

/// A run's line; rows make one when they need it.
#[derive(Debug)]
pub struct FoldLine {
    /// All of it.
    pub root: gtk::Box,
    label: gtk::Label,
    why: gtk::Button,
    turn: gtk::Button,
}

impl Default for FoldLine {
    fn default() -> Self {
        let root = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .css_classes(["fold-line"])
            .halign(gtk::Align::Center)
            .spacing(4)
            .build();
        let label = gtk::Label::builder()
            .wrap(true)
            .wrap_mode(pango::WrapMode::WordChar)
            .justify(gtk::Justification::Center)
            .build();
        // Translators: a button that says why messages cannot be read.
        let why = button(&gettext("Why?"));
        why.update_property(&[gtk::accessible::Property::Label(&gettext(
            "Why can these messages not be read?",
        ))]);
        let turn = button("");
        let buttons = adw::WrapBox::builder()
            .child_spacing(6)
            .line_spacing(4)
            .halign(gtk::Align::Center)
            .build();
        buttons.append(&turn);
        buttons.append(&why);
        root.append(&label);
        root.append(&buttons);
        Self {
            root,
            label,
            why,
            turn,
        }
    }
}

impl FoldLine {
    /// Shows how many messages stand here.
    pub fn show(&self, run: &Run) {
        self.label.set_label(&sentence(run.places.len()));
        let (word, name) = if run.is_open {
            // Translators: a button that folds messages into one line again.
            (gettext("Hide"), gettext("Hide these messages"))
        } else {
            // Translators: a button that opens a line into its messages.
            (gettext("Show"), gettext("Show these messages one by one"))
        };
        self.turn.set_label(&word);
        self.turn
            .update_property(&[gtk::accessible::Property::Label(&name)]);
        self.turn
            .update_state(&[gtk::accessible::State::Expanded(Some(run.is_open))]);
        for (button, action) in [(&self.turn, "message.turn-run"), (&self.why, "message.why")] {
            // The target first: GTK checks it when the name is set.
            button.set_action_target_value(Some(&run.key.0.to_variant()));
            button.set_action_name(Some(action));
        }
        self.root.set_visible(true);
    }
}

fn button(label: &str) -> gtk::Button {
    gtk::Button::builder()
        .label(label)
        .css_classes(["flat"])
        .build()
}
