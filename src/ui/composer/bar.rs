//! The bar above the field: which message one answers, or which one edits.

use relm4::Sender;
use relm4::gtk::{self, pango, prelude::*};

use super::ComposerMsg;
use super::purpose::Purpose;
use crate::ui::i18n::{fill, gettext};

/// The bar; hidden while an ordinary message is written.
#[derive(Debug)]
pub struct Bar {
    /// All of it.
    pub root: gtk::Box,
    icon: gtk::Image,
    title: gtk::Label,
    words: gtk::Label,
    close: gtk::Button,
}

impl Bar {
    /// Makes the bar; its button tells `composer`.
    pub fn new(composer: &Sender<ComposerMsg>) -> Self {
        let root = gtk::Box::builder()
            .css_classes(["context"])
            .spacing(12)
            .visible(false)
            .accessible_role(gtk::AccessibleRole::Group)
            .build();
        let icon = gtk::Image::builder()
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .hexpand(true)
            .valign(gtk::Align::Center)
            .build();
        let title = line(&["caption-heading"]);
        let words = line(&["caption"]);
        lines.append(&title);
        lines.append(&words);
        let close = gtk::Button::builder()
            .icon_name("window-close-symbolic")
            .css_classes(["flat", "circular"])
            .valign(gtk::Align::Center)
            .build();
        let input = composer.clone();
        close.connect_clicked(move |_| input.emit(ComposerMsg::EndPurpose));
        root.append(&icon);
        root.append(&lines);
        root.append(&close);
        Self {
            root,
            icon,
            title,
            words,
            close,
        }
    }

    /// Shows what the text in the field is for.
    pub fn show(&self, purpose: &Purpose) {
        let (icon, title, words, close) = match purpose {
            Purpose::New => {
                self.root.set_visible(false);
                return;
            }
            Purpose::Reply(quoted) => (
                "message-reply-symbolic",
                match &quoted.who {
                    // Translators: name is who wrote the message that is answered.
                    Some(name) => fill(&gettext("Reply to {name}"), &[("name", name)]),
                    None => gettext("Reply to yourself"),
                },
                &quoted.words,
                gettext("Do Not Reply"),
            ),
            Purpose::Edit(edit) => (
                "message-edit-symbolic",
                gettext("Edit message"),
                &edit.words,
                gettext("Do Not Edit"),
            ),
        };
        self.icon.set_icon_name(Some(icon));
        self.title.set_label(&title);
        self.words.set_label(words);
        self.close.set_tooltip_text(Some(&close));
        let spoken = format!("{title}: {words}");
        self.root
            .update_property(&[gtk::accessible::Property::Label(&spoken)]);
        self.root.set_visible(true);
    }
}

fn line(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .css_classes(classes.to_vec())
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .single_line_mode(true)
        .build()
}
