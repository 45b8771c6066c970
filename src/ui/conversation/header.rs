//! Who one talks to: avatar, name, and what they are doing.

use relm4::adw;
use relm4::gtk::{self, pango, prelude::*};

use crate::engine::model::{ConversationRow, Presence};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::avatar;

/// The button in the middle of the header bar; it opens the full address.
pub struct Header {
    /// The widget.
    pub button: gtk::MenuButton,
    avatar: adw::Avatar,
    name: gtk::Label,
    caption: gtk::Label,
    whole_name: gtk::Label,
    address: gtk::Label,
}

/// What is known of the other side right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// They are writing.
    pub is_typing: bool,
    /// Whether they are around.
    pub presence: Presence,
    /// False while we are offline ourselves and cannot know.
    pub is_known: bool,
}

impl Default for Header {
    fn default() -> Self {
        let avatar = avatar::new(32);
        let name = gtk::Label::builder()
            .css_classes(["heading"])
            .xalign(0.0)
            .ellipsize(pango::EllipsizeMode::End)
            .build();
        let caption = gtk::Label::builder()
            .css_classes(["caption"])
            .xalign(0.0)
            .ellipsize(pango::EllipsizeMode::End)
            .build();
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .valign(gtk::Align::Center)
            .build();
        lines.append(&name);
        lines.append(&caption);
        let content = gtk::Box::builder().spacing(10).build();
        content.append(&avatar);
        content.append(&lines);

        let whole_name = gtk::Label::builder()
            .css_classes(["heading"])
            .wrap(true)
            .xalign(0.0)
            .build();
        let address = gtk::Label::builder()
            .selectable(true)
            .wrap(true)
            .wrap_mode(pango::WrapMode::Char)
            .xalign(0.0)
            .build();
        let details = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .margin_top(6)
            .margin_bottom(6)
            .margin_start(6)
            .margin_end(6)
            .build();
        details.append(&whole_name);
        details.append(&address);
        let popover = gtk::Popover::builder().child(&details).build();
        let button = gtk::MenuButton::builder()
            .child(&content)
            .popover(&popover)
            .css_classes(["flat"])
            .build();
        Self {
            button,
            avatar,
            name,
            caption,
            whole_name,
            address,
        }
    }
}

impl Header {
    /// Shows a chat's other side.
    pub fn show(&self, row: &ConversationRow, doing: Doing) {
        avatar::show(&self.avatar, &row.name, &row.address);
        self.name.set_label(&row.name);
        self.whole_name.set_label(&row.name);
        self.address.set_label(&row.address);
        let caption = caption(doing);
        self.caption.set_label(&caption);
        self.caption.set_visible(!caption.is_empty());
        self.caption.set_css_classes(if doing.is_typing {
            &["caption", "typing"]
        } else {
            &["caption"]
        });
        // Translators: the chat header for a screen reader; state is a word such as "typing…".
        let sentence = gettext("{name}, {state}. Show the address");
        let label = fill(&sentence, &[("name", &row.name), ("state", &caption)]);
        self.button
            .update_property(&[gtk::accessible::Property::Label(&label)]);
        self.button.set_tooltip_text(Some(&row.address));
    }
}

/// Returns the line under the name.
pub fn caption(doing: Doing) -> String {
    if doing.is_typing {
        return gettext("typing…");
    }
    if !doing.is_known {
        return String::new();
    }
    match doing.presence {
        Presence::Offline => gettext("Offline"),
        Presence::LongAway | Presence::Away => gettext("Away"),
        Presence::Busy => gettext("Busy"),
        Presence::Here => gettext("Here now"),
    }
}
