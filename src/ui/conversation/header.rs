//! Who one talks to: avatar, name, and what they are doing.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw;
use relm4::gtk::{self, gio, pango, prelude::*};

use super::chat_menu;
use crate::engine::model::{Around, ConversationRow, Presence, Timestamp};
use crate::engine::text::address;
use crate::ui::i18n::{count, fill, gettext, pgettext};
use crate::ui::widgets::account_mark::{self, AccountMark};
use crate::ui::widgets::avatar;

/// The button that says who the chat is with and opens the details, and the
/// chat's menu.
pub struct Header {
    /// Opens the details.
    pub button: gtk::Button,
    /// Shows the chat's menu, made anew each time.
    pub menu: gtk::MenuButton,
    shown: Rc<RefCell<Option<ConversationRow>>>,
    avatar: adw::Avatar,
    name: gtk::Label,
    verified: gtk::Image,
    caption: gtk::Label,
    account: gtk::Box,
}

/// What is known of the other side right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// They are writing.
    pub is_typing: bool,
    /// Whether they are around, and since when idle.
    pub around: Around,
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
        let verified = gtk::Image::builder()
            .icon_name("device-verified-symbolic")
            .css_classes(["success"])
            .accessible_role(gtk::AccessibleRole::Presentation)
            .visible(false)
            .build();
        let first = gtk::Box::builder().spacing(6).build();
        first.append(&name);
        first.append(&verified);
        lines.append(&first);
        let account = account_mark::new();
        let below = gtk::Box::builder().spacing(8).build();
        below.append(&caption);
        below.append(&account);
        lines.append(&below);
        let content = gtk::Box::builder().spacing(10).build();
        content.append(&avatar);
        content.append(&lines);

        let button = gtk::Button::builder()
            .child(&content)
            .css_classes(["flat", "chat-header"])
            .action_name("chat.details")
            .build();
        let menu = gtk::MenuButton::builder()
            .icon_name("view-more-symbolic")
            .tooltip_text(gettext("Chat Menu"))
            .build();
        let shown: Rc<RefCell<Option<ConversationRow>>> = Rc::default();
        let row = shown.clone();
        menu.set_create_popup_func(move |button| {
            let row = row.borrow();
            button.set_menu_model(row.as_ref().map(menu_of).as_ref());
        });
        Self {
            button,
            menu,
            shown,
            avatar,
            name,
            verified,
            caption,
            account,
        }
    }
}

impl Header {
    /// Shows a chat's other side, and whether all their devices are verified.
    pub fn show(
        &self,
        row: &ConversationRow,
        doing: Doing,
        is_verified: bool,
        account: Option<&AccountMark>,
    ) {
        self.shown.replace(Some(row.clone()));
        avatar::show(&self.avatar, &row.name, &row.address, &row.picture);
        self.name.set_label(&row.name);
        self.verified.set_visible(is_verified);
        let caption = caption(doing);
        self.caption.set_label(&caption);
        self.caption.set_visible(!caption.is_empty());
        self.caption.set_css_classes(if doing.is_typing {
            &["caption", "typing"]
        } else {
            &["caption"]
        });
        account_mark::show(&self.account, account);
        let verified = is_verified.then(|| pgettext("chat", "verified"));
        let state = [
            verified,
            Some(caption),
            account.map(|account| account.name.clone()),
        ]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
        let label = if state.is_empty() {
            // Translators: the chat header for a screen reader.
            fill(&gettext("{name}. Open details"), &[("name", &row.name)])
        } else {
            // Translators: the chat header for a screen reader; state is a word such as "typing…".
            let sentence = gettext("{name}, {state}. Open details");
            fill(&sentence, &[("name", &row.name), ("state", &state)])
        };
        self.button
            .update_property(&[gtk::accessible::Property::Label(&label)]);
        self.button.set_tooltip_text(Some(&address(&row.address)));
    }

    /// Opens the chat's menu.
    pub fn show_menu(&self) {
        self.menu.popup();
    }
}

/// Returns the menu of the open chat: that of its line, and what only an open
/// chat has.
fn menu_of(row: &ConversationRow) -> gio::Menu {
    let menu = chat_menu::menu(row);
    let find = gio::Menu::new();
    let item = gio::MenuItem::new(Some(&gettext("_Search in This Chat")), Some("win.search"));
    // Shown beside it; the window listens for the key.
    item.set_attribute_value("accel", Some(&"<Control>f".to_variant()));
    find.append_item(&item);
    menu.insert_section(1, None, &find);
    menu
}

/// Returns the line under the name.
pub fn caption(doing: Doing) -> String {
    if doing.is_typing {
        return gettext("typing…");
    }
    if !doing.is_known {
        return String::new();
    }
    let idle = doing.around.idle_since;
    let last_here = || idle.and_then(|since| last_here(chat_menu::now() - since));
    match doing.around.presence {
        Presence::Offline => gettext("Offline"),
        Presence::LongAway | Presence::Away => last_here().unwrap_or_else(|| gettext("Away")),
        Presence::Busy => gettext("Busy"),
        Presence::Here => last_here().unwrap_or_else(|| gettext("Here now")),
    }
}

/// Says how long ago somebody was there, in the largest unit of which there is
/// one; `None`: just now. `ago` is in milliseconds.
fn last_here(ago: Timestamp) -> Option<String> {
    let minutes = u32::try_from(ago / 60_000).unwrap_or_default();
    let words = match minutes {
        0 => return None,
        1..60 => count(
            "Last here {count} minute ago",
            "Last here {count} minutes ago",
            minutes,
        ),
        60..1_440 => count(
            "Last here {count} hour ago",
            "Last here {count} hours ago",
            minutes / 60,
        ),
        _ => count(
            "Last here {count} day ago",
            "Last here {count} days ago",
            minutes / 1_440,
        ),
    };
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_somebody_is_idle_is_said_in_the_largest_unit() {
        const MINUTE: Timestamp = 60_000;
        for (ago, words) in [
            (MINUTE, "Last here 1 minute ago"),
            (59 * MINUTE + 59_999, "Last here 59 minutes ago"),
            (60 * MINUTE, "Last here 1 hour ago"),
            (23 * 60 * MINUTE, "Last here 23 hours ago"),
            (3 * 24 * 60 * MINUTE, "Last here 3 days ago"),
        ] {
            assert_eq!(last_here(ago).as_deref(), Some(words));
        }
        // The clock may have been set back since.
        for ago in [0, 59_999, -5 * MINUTE] {
            assert_eq!(last_here(ago), None);
        }
    }
}
