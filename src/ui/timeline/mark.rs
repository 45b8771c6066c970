//! The mark before the time of a message that was protected less than its chat.

use relm4::gtk::{self, prelude::*};

use crate::ui::encryption::words::message as words;

/// Icon and word; hidden for most messages.
#[derive(Debug)]
pub struct Mark {
    /// All of it.
    pub root: gtk::Box,
    icon: gtk::Image,
    word: gtk::Label,
}

impl Default for Mark {
    fn default() -> Self {
        let icon = gtk::Image::builder()
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let word = gtk::Label::new(None);
        let root = gtk::Box::builder()
            .css_classes(["mark"])
            .spacing(3)
            .visible(false)
            .build();
        root.append(&icon);
        root.append(&word);
        Self { root, icon, word }
    }
}

impl Mark {
    /// Shows a mark, or none.
    pub fn show(&self, mark: Option<&words::Mark>) {
        self.root.set_visible(mark.is_some());
        if let Some(mark) = mark {
            self.icon.set_icon_name(Some(mark.icon));
            self.word.set_label(&mark.word);
        }
    }
}
