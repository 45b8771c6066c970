//! What one can do with a message, and the menu that offers it.

use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib::variant::ToVariant;

use crate::engine::model::{Delivery, Direction, MessageKind, MessageRow};
use crate::ui::i18n::gettext;

/// Reactions at hand.
const QUICK: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/// What can be done with a message, besides what can be done with all.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Possible {
    /// Answer it and react to it.
    pub answer: bool,
    /// Give it another text.
    pub edit: bool,
    /// Ask others to remove it.
    pub take_back: bool,
    /// Send it to others.
    pub forward: bool,
    /// Try again, or give it up: it was not sent.
    pub retry: bool,
}

impl Possible {
    /// Returns what can be done with a message.
    pub fn of(message: &MessageRow) -> Self {
        let is_own = message.direction == Direction::Outgoing;
        let has_failed = is_own && matches!(message.delivery, Delivery::Failed(_));
        let is_content = matches!(
            message.kind,
            MessageKind::Text
                | MessageKind::File { .. }
                | MessageKind::EncryptedFile
                | MessageKind::GroupInvitation { .. }
        );
        Self {
            answer: is_content && !has_failed,
            edit: is_own && message.kind == MessageKind::Text,
            take_back: is_own && is_content && !has_failed,
            forward: matches!(message.kind, MessageKind::Text | MessageKind::File { .. }),
            retry: has_failed,
        }
    }
}

/// What was clicked inside of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clicked {
    /// Letters that are selected there.
    pub selected: Option<String>,
    /// Address of the link there.
    pub link: Option<String>,
}

/// Returns the emoji one reacts with most, as a menu, and the way to all others.
pub fn emoji(message: &MessageRow) -> gio::Menu {
    let emoji = gio::Menu::new();
    for letters in QUICK {
        let item = gio::MenuItem::new(Some(letters), None);
        let target = (message.id.0, letters).to_variant();
        item.set_action_and_target_value(Some("message.turn-reaction"), Some(&target));
        emoji.append_item(&item);
    }
    let item = gio::MenuItem::new(Some(&gettext("_Other Emoji…")), None);
    item.set_action_and_target_value(
        Some("message.other-emoji"),
        Some(&message.id.0.to_variant()),
    );
    emoji.append_item(&item);
    emoji
}

/// Returns the menu of a message.
pub fn menu(message: &MessageRow, clicked: &Clicked) -> gio::Menu {
    let possible = Possible::of(message);
    let id = message.id.0;
    let menu = gio::Menu::new();
    let section = |entries: &[Option<gio::MenuItem>]| {
        let section = gio::Menu::new();
        for entry in entries.iter().flatten() {
            section.append_item(entry);
        }
        if section.n_items() > 0 {
            menu.append_section(None, &section);
        }
    };
    let entry = |is_there: bool, label: String, action: &str, keys: &str| {
        is_there.then(|| {
            let item = gio::MenuItem::new(Some(&label), None);
            item.set_action_and_target_value(Some(action), Some(&id.to_variant()));
            if !keys.is_empty() {
                item.set_attribute_value("accel", Some(&keys.to_variant()));
            }
            item
        })
    };
    let copies = |text: &Option<String>, label: String| {
        text.as_ref().map(|text| {
            let item = gio::MenuItem::new(Some(&label), None);
            item.set_action_and_target_value(Some("message.copy-text"), Some(&text.to_variant()));
            item
        })
    };
    section(&[
        entry(possible.retry, gettext("_Retry"), "message.retry", ""),
        entry(possible.answer, gettext("_Reply"), "message.reply", "r"),
        possible
            .answer
            .then(|| gio::MenuItem::new_submenu(Some(&gettext("R_eact")), &emoji(message))),
        entry(possible.edit, gettext("E_dit"), "message.edit", ""),
        entry(
            possible.take_back,
            gettext("_Take Back…"),
            "message.take-back",
            "",
        ),
        entry(possible.retry, gettext("D_iscard"), "message.discard", ""),
    ]);
    section(&[
        entry(
            possible.forward,
            gettext("_Forward…"),
            "message.forward",
            "",
        ),
        copies(&clicked.selected, gettext("Copy Se_lected Text")),
        copies(&clicked.link, gettext("Copy Li_nk Address")),
        entry(true, gettext("_Copy"), "message.copy", "<Control>c"),
        entry(true, gettext("_Select"), "message.choose", ""),
    ]);
    section(&[
        entry(true, gettext("Deta_ils"), "message.details", ""),
        entry(true, gettext("Delete _Here…"), "message.delete", "Delete"),
    ]);
    menu
}
