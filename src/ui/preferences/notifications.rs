//! What the desktop is told, and whether the program runs without a window.

use relm4::adw;
use relm4::adw::prelude::*;

use super::page::{Builder, Built, Page};
use super::privacy::switch;
use super::setting::Setter;
use crate::engine::model::{OnClose, Preferences, Setting};
use crate::ui::i18n::gettext;

/// The page's switches.
pub struct NotificationsPage {
    content: adw::SwitchRow,
    keep_running: adw::SwitchRow,
    autostart: adw::SwitchRow,
}

impl NotificationsPage {
    /// Builds the page.
    pub fn new(setter: &Setter) -> (Self, Built) {
        let mut page = Builder::new(Page::Notifications);
        let told = adw::PreferencesGroup::builder()
            .title(gettext("New Messages"))
            .description(gettext(
                "You are told of new messages in all chats that are not muted. Strangers wait under Requests, without a sound.",
            ))
            .build();
        let content = switch(
            &gettext("Show Who Wrote and What"),
            &gettext("Off, a notification only says that there is a new message"),
            Setting::ShowsContent,
            setter,
        );
        told.add(&content);
        page.findable_row(&content);
        page.add(&told);
        let background = adw::PreferencesGroup::builder()
            .title(gettext("Without a Window"))
            .build();
        let keep_running = switch(
            &gettext("Keep Running When the Window Is Closed"),
            &gettext(
                "You are still told of new messages. Off, closing the window ends the program",
            ),
            on_close,
            setter,
        );
        let autostart = switch(
            &gettext("Start with the Desktop"),
            &gettext("When you sign in to this computer, without a window"),
            Setting::StartsWithDesktop,
            setter,
        );
        for row in [&keep_running, &autostart] {
            background.add(row);
            page.findable_row(row);
        }
        page.add(&background);
        let rows = Self {
            content,
            keep_running,
            autostart,
        };
        (rows, page.build())
    }

    /// Shows what is set.
    pub fn show(&self, preferences: &Preferences) {
        self.content.set_active(preferences.shows_content);
        let keeps_running = preferences.on_close == OnClose::KeepRunning;
        self.keep_running.set_active(keeps_running);
        self.autostart.set_active(preferences.starts_with_desktop);
    }
}

fn on_close(keeps_running: bool) -> Setting {
    Setting::OnClose(if keeps_running {
        OnClose::KeepRunning
    } else {
        OnClose::Quit
    })
}
