//! The two short pages: help with writing, and where things are.

use std::path::Path;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{Sender, adw, gtk};

use super::PreferencesMsg;
use super::page::{Builder, Built, Page};
use super::privacy::switch;
use super::setting::Setter;
use crate::engine::model::{Preferences, Setting};
use crate::ui::i18n::gettext;
use crate::ui::widgets::way::way;

/// The page about writing.
pub struct WritingPage {
    spelling: adw::SwitchRow,
    styling: adw::SwitchRow,
}

impl WritingPage {
    /// Builds the page.
    pub fn new(setter: &Setter) -> (Self, Built) {
        let mut page = Builder::new(Page::Writing);
        let group = adw::PreferencesGroup::new();
        let spelling = switch(
            &gettext("Check Spelling"),
            &gettext(
                "Words that the dictionary does not know are underlined. Nothing leaves this computer for it",
            ),
            Setting::ChecksSpelling,
            setter,
        );
        group.add(&spelling);
        page.findable_row(&spelling);
        let styling = switch(
            &gettext("Style Messages"),
            &gettext(
                "*Strong*, _emphasized_, ~struck out~, `code` and lines that begin with > look like what they mean. Off, their signs are shown as they were typed, and others are asked to show your messages so",
            ),
            Setting::StylesMessages,
            setter,
        );
        group.add(&styling);
        page.findable_row(&styling);
        page.add(&group);
        (Self { spelling, styling }, page.build())
    }

    /// Shows what is set.
    pub fn show(&self, preferences: &Preferences) {
        self.spelling.set_active(preferences.checks_spelling);
        self.styling.set_active(preferences.styles_messages);
    }
}

/// Builds the page that says where the data is, and leads to the XML console.
pub fn advanced(folder: &Path, input: &Sender<PreferencesMsg>) -> Built {
    let mut page = Builder::new(Page::Advanced);
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Data"))
        .description(gettext(
            "What this computer keeps of your chats, the settings and what waits to be sent is in this folder. Whoever can open it can read the chats.",
        ))
        .build();
    let row = adw::ActionRow::builder()
        .title(gettext("Folder"))
        .subtitle(glib::markup_escape_text(&folder.to_string_lossy()))
        .subtitle_lines(0)
        .subtitle_selectable(true)
        .css_classes(["property"])
        .build();
    let open = gtk::Button::builder()
        .icon_name("folder-open-symbolic")
        .tooltip_text(gettext("Show the folder in the file manager"))
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let file = gio::File::for_path(folder);
    open.connect_clicked(move |button| {
        let window = button.root().and_downcast::<gtk::Window>();
        gtk::FileLauncher::new(Some(&file)).launch(
            window.as_ref(),
            gio::Cancellable::NONE,
            |opened| {
                if let Err(error) = opened {
                    tracing::warn!(%error, "the folder cannot be shown");
                }
            },
        );
    });
    row.add_suffix(&open);
    group.add(&row);
    page.findable(
        row.title().into(),
        gettext("Where the history is, backup, files"),
        &open,
    );
    page.add(&group);
    let tools = adw::PreferencesGroup::builder()
        .title(gettext("For Developers"))
        .build();
    let console = console(input);
    tools.add(&console);
    page.findable_row(&console);
    page.add(&tools);
    page.build()
}

/// The way to the XML console.
fn console(input: &Sender<PreferencesMsg>) -> adw::ActionRow {
    let row = way(
        &gettext("XML Console"),
        &gettext("What passes between Stonechat and a server, live. Nothing is recorded"),
    );
    let sender = input.clone();
    row.connect_activated(move |_| sender.emit(PreferencesMsg::Console));
    row
}
