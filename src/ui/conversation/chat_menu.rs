//! What one can do with a chat as a whole: the same menu in the chat's header
//! and on its line in the list.
//!
//! Who shows the menu puts [`actions`] into its widgets under the name
//! [`GROUP`] and says which chat is meant; the window does the rest.

use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use crate::engine::model::{ChatSetting, ConversationRow, Timestamp};
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};

/// Name of the group that the menu's actions are in.
pub const GROUP: &str = "chat";

const MINUTE: Timestamp = 60_000;
const HOUR: Timestamp = 60 * MINUTE;

/// What the user wishes for a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatWish {
    /// See who it is with.
    Details,
    /// Hear of new messages again, or not for a while.
    Mute(Mute),
    /// Delete it here, after a question.
    Delete,
    /// Keep the other side away, after a question.
    Block,
    /// Set this for it.
    Set(ChatSetting),
    /// Write it to a file.
    Export,
    /// Compare the keys of the other side's devices.
    Verify,
    /// See the other side's devices.
    Devices,
    /// See the devices of the user's own account.
    OwnDevices,
}

/// For how long nothing is told of new messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mute {
    /// It is told again.
    Off,
    /// One hour.
    Hour,
    /// Eight hours: a night, or a day at work.
    EightHours,
    /// Until the user says so.
    Always,
}

impl Mute {
    const ALL: [Self; 4] = [Self::Off, Self::Hour, Self::EightHours, Self::Always];

    /// Returns until when, as the engine wants it.
    pub fn until(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Off => 0,
            Self::Hour => now + HOUR,
            Self::EightHours => now + 8 * HOUR,
            Self::Always => Timestamp::MAX,
        }
    }

    fn target(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Hour => "hour",
            Self::EightHours => "eight-hours",
            Self::Always => "always",
        }
    }
}

/// Returns the menu of a chat as it is now.
pub fn menu(row: &ConversationRow) -> gio::Menu {
    let menu = gio::Menu::new();
    let first = gio::Menu::new();
    let details = gio::MenuItem::new(Some(&gettext("Contact _Details")), Some("chat.details"));
    // Shown beside it; the window listens for the key.
    details.set_attribute_value("accel", Some(&"<Alt>Return".to_variant()));
    first.append_item(&details);
    menu.append_section(None, &first);
    menu.append_section(None, &places(row));
    if row.is_muted(now()) {
        menu.append_section(Some(&until(row.muted_until)), &end_of_mute());
    } else {
        let second = gio::Menu::new();
        second.append_submenu(Some(&gettext("_Mute")), &durations());
        menu.append_section(None, &second);
    }
    let third = gio::Menu::new();
    third.append(Some(&gettext("_Export Chat…")), Some("chat.export"));
    third.append(Some(&gettext("_Delete Chat…")), Some("chat.delete"));
    third.append(Some(&gettext("_Block…")), Some("chat.block"));
    menu.append_section(None, &third);
    menu
}

/// Returns where a chat can stand in the list, as a menu.
fn places(row: &ConversationRow) -> gio::Menu {
    let menu = gio::Menu::new();
    let pin = if row.is_pinned {
        (gettext("Un_pin"), "chat.unpin")
    } else {
        (gettext("_Pin to the Top"), "chat.pin")
    };
    let mark = if row.is_marked_unread {
        (gettext("Mark as _Read"), "chat.mark-read")
    } else {
        (gettext("Mark as _Unread"), "chat.mark-unread")
    };
    let archive = if row.is_archived {
        (gettext("Take Out of the _Archive"), "chat.unarchive")
    } else {
        (gettext("_Archive"), "chat.archive")
    };
    for (words, action) in [pin, mark, archive] {
        menu.append(Some(&words), Some(action));
    }
    menu
}

/// Returns for how long a chat can be muted, as a menu.
pub fn durations() -> gio::Menu {
    let menu = gio::Menu::new();
    for (label, mute) in [
        (gettext("For 1 _Hour"), Mute::Hour),
        (gettext("For _8 Hours"), Mute::EightHours),
        (gettext("Until I Turn It _On Again"), Mute::Always),
    ] {
        let action = format!("{GROUP}.mute::{}", mute.target());
        menu.append(Some(&label), Some(&action));
    }
    menu
}

/// Returns what can be done about a muted chat, as a menu.
pub fn end_of_mute() -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some(&gettext("_Unmute")), Some("chat.mute::off"));
    menu
}

/// Returns the actions of the menu; `wish` hears what is chosen.
pub fn actions(wish: impl Fn(ChatWish) + Clone + 'static) -> gio::SimpleActionGroup {
    let group = gio::SimpleActionGroup::new();
    for (name, wished) in [
        ("details", ChatWish::Details),
        ("delete", ChatWish::Delete),
        ("block", ChatWish::Block),
        ("export", ChatWish::Export),
        ("pin", ChatWish::Set(ChatSetting::Pinned(true))),
        ("unpin", ChatWish::Set(ChatSetting::Pinned(false))),
        ("archive", ChatWish::Set(ChatSetting::Archived(true))),
        ("unarchive", ChatWish::Set(ChatSetting::Archived(false))),
        (
            "mark-unread",
            ChatWish::Set(ChatSetting::MarkedUnread(true)),
        ),
        ("mark-read", ChatWish::Set(ChatSetting::MarkedUnread(false))),
    ] {
        let action = gio::SimpleAction::new(name, None);
        let wish = wish.clone();
        action.connect_activate(move |_, _| wish(wished));
        group.add_action(&action);
    }
    let mute = gio::SimpleAction::new("mute", Some(glib::VariantTy::STRING));
    mute.connect_activate(move |_, target| {
        let target = target.and_then(|target| target.str());
        if let Some(mute) = Mute::ALL.iter().find(|mute| Some(mute.target()) == target) {
            wish(ChatWish::Mute(*mute));
        }
    });
    group.add_action(&mute);
    group
}

/// Returns until when a chat is muted, in a sentence without a full stop.
pub fn until(muted_until: Timestamp) -> String {
    if muted_until == Timestamp::MAX {
        return gettext("Muted until you turn it on again");
    }
    let time = format::local(muted_until);
    let clock = format::clock(&time);
    let is_today = format::day_number(&time) == format::day_number(&format::now());
    let sentence = if is_today {
        // Translators: time is a time of day such as "21:47".
        gettext("Muted until {time}")
    } else {
        // Translators: time is a time of day such as "07:30".
        gettext("Muted until tomorrow at {time}")
    };
    fill(&sentence, &[("time", &clock)])
}

/// Returns the present moment as the engine counts it.
pub fn now() -> Timestamp {
    format::now().to_unix() * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_ends_after_an_hour_and_always_never() {
        assert_eq!(Mute::Hour.until(1), 1 + 3_600_000);
        assert_eq!(Mute::EightHours.until(0), 8 * 3_600_000);
        assert_eq!(Mute::Always.until(1), Timestamp::MAX);
        assert_eq!(Mute::Off.until(1), 0);
    }

    #[test]
    fn until_when_is_said_in_words() {
        assert_eq!(until(Timestamp::MAX), "Muted until you turn it on again");
        let tomorrow = until(now() + 24 * HOUR);
        assert!(
            tomorrow.starts_with("Muted until tomorrow at "),
            "{tomorrow}"
        );
    }
}
