//! What others notice of the user, each with a switch.

use relm4::adw;
use relm4::adw::prelude::*;

use super::blocked::BlockedList;
use super::page::{Builder, Built, Page};
use super::setting::Setter;
use crate::engine::model::{Preferences, Setting};
use crate::ui::i18n::gettext;

/// The page's switches.
pub struct PrivacyPage {
    typing: adw::SwitchRow,
    receipts: adw::SwitchRow,
    read: adw::SwitchRow,
    /// Who is blocked.
    pub blocked: BlockedList,
}

impl PrivacyPage {
    /// Builds the page.
    pub fn new(setter: &Setter) -> (Self, Built) {
        let mut page = Builder::new(Page::Privacy);
        let group = adw::PreferencesGroup::builder()
            .title(gettext("What Others Notice"))
            .description(gettext(
                "Strangers see none of it. What you switch off is not told to anybody, and you still see it of those who tell.",
            ))
            .build();
        let mut row = |title: String, subtitle: String, setting: fn(bool) -> Setting| {
            let row = switch(&title, &subtitle, setting, setter);
            group.add(&row);
            page.findable_row(&row);
            row
        };
        let typing = row(
            gettext("Say That I Am Typing"),
            gettext("Your contacts see “typing…” while you write"),
            Setting::TellsTyping,
        );
        let receipts = row(
            gettext("Confirm That a Message Arrived"),
            gettext("The sender sees two ticks"),
            Setting::SendsReceipts,
        );
        let read = row(
            gettext("Show How Far I Have Read"),
            gettext(
                "Your contacts see which messages you have read. Your other devices learn it in any case, where your server can keep it private",
            ),
            Setting::SendsReadMarkers,
        );
        page.add(&group);
        let blocked = BlockedList::new(&mut page);
        let rows = Self {
            typing,
            receipts,
            read,
            blocked,
        };
        (rows, page.build())
    }

    /// Shows what is set.
    pub fn show(&self, preferences: &Preferences) {
        self.typing.set_active(preferences.tells_typing);
        self.receipts.set_active(preferences.sends_receipts);
        self.read.set_active(preferences.sends_read_markers);
    }
}

/// Returns a row that says `setting` when it is switched.
pub fn switch(
    title: &str,
    subtitle: &str,
    setting: fn(bool) -> Setting,
    setter: &Setter,
) -> adw::SwitchRow {
    let row = adw::SwitchRow::builder()
        .title(title)
        .subtitle(subtitle)
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    let setter = setter.clone();
    row.connect_active_notify(move |row| setter.set(setting(row.is_active())));
    row
}
