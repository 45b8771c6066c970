//! What is set, and how the window was left: read before the window shows, put
//! into effect as it changes, kept at the end.
//!
//! Each setting is told by itself, and only when it changes: what else is set
//! stays as it is in the store, even while nobody could read that. How the
//! window was left is told only by one that could.

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentSender};

use super::message::{AppMsg, AppRead};
use super::pages::say_trouble;
use super::{App, AppWidgets};
use crate::engine::api::Command;
use crate::engine::error::StoreError;
use crate::engine::model::{Preferences, Setting, WindowPlace};
use crate::ui::console::{self, Console, ConsoleOutput};
use crate::ui::preferences::{self, PreferencesDialog, PreferencesMsg, PreferencesOutput};
use crate::ui::sidebar::SidebarMsg;

impl App {
    pub(super) fn read_preferences(&self, sender: &ComponentSender<Self>) {
        if let Some(parts) = &self.parts {
            let (engine, told) = (parts.engine.clone(), self.told_preferences);
            sender.oneshot_command(async move {
                AppRead::Preferences(engine.preferences().await.map(Box::new), told)
            });
        }
    }

    /// Takes over what was read. `told` is how often the engine had been told
    /// something when the reading began: what is older than that is left alone.
    pub(super) fn preferences_came(
        &mut self,
        read: Result<Box<Preferences>, StoreError>,
        told: u32,
        widgets: &AppWidgets,
    ) {
        let is_first = !std::mem::replace(&mut self.has_read_preferences, true);
        match read {
            Ok(preferences) if told == self.told_preferences => {
                self.preferences = *preferences;
                if !std::mem::replace(&mut self.knows_preferences, true) {
                    self.last_open = self.last_open.or(self.preferences.last_open);
                }
                self.look.show(&self.preferences);
                self.tell_preferences(PreferencesMsg::Preferences(self.preferences.clone()));
            }
            Ok(_) => {}
            Err(error) => say_trouble(widgets, &error),
        }
        if is_first {
            if let Some(chat) = self.last_open {
                self.tell_list(SidebarMsg::Point(chat));
            }
            self.restore_window();
            if self.is_wanted {
                self.window.present();
            }
        }
    }

    /// Shows the window, now or once it is known how it is to look.
    pub(super) fn come_to_the_front(&mut self) {
        self.is_wanted = true;
        if self.has_read_preferences || self.parts.is_none() {
            self.window.present();
        }
    }

    pub(super) fn set(&mut self, setting: Setting) {
        setting.apply(&mut self.preferences);
        if let Setting::StartsWithDesktop(is_wanted) = setting {
            Self::start_with_desktop(is_wanted);
        }
        self.look.show(&self.preferences);
        self.tell_settings(vec![setting]);
    }

    pub(super) fn show_preferences(&mut self, sender: &ComponentSender<Self>) {
        let Some(parts) = &self.parts else { return };
        let dialog = PreferencesDialog::builder()
            .launch(preferences::Init {
                engine: parts.engine.clone(),
                accounts: self.accounts.clone(),
                connections: self.connections.clone(),
                preferences: self.preferences.clone(),
            })
            .forward(sender.input_sender(), |output| match output {
                PreferencesOutput::Set(setting) => AppMsg::Set(setting),
                PreferencesOutput::Add => AppMsg::AddAccount,
                PreferencesOutput::Console => AppMsg::Console,
                PreferencesOutput::VerifyOwn(account) => AppMsg::VerifyOwn(account),
            });
        dialog.widget().present(Some(&self.window));
        self.preferences_dialog = Some(dialog);
    }

    /// Shows the XML console, in a window of its own.
    pub(super) fn show_console(&mut self, sender: &ComponentSender<Self>) {
        let Some(parts) = &self.parts else { return };
        if let Some(console) = &self.console {
            console.widget().present();
            return;
        }
        let init = console::Init {
            engine: parts.engine.clone(),
            accounts: self.accounts.clone(),
        };
        let console = Console::builder()
            .launch(init)
            .forward(sender.input_sender(), |ConsoleOutput::Closed| {
                AppMsg::ConsoleClosed
            });
        console.widget().present();
        self.console = Some(console);
    }

    pub(super) fn tell_preferences(&self, message: PreferencesMsg) {
        if let Some(dialog) = &self.preferences_dialog {
            // The dialog may be closed.
            let _ = dialog.sender().send(message);
        }
    }

    /// Keeps size and open chat for the next start, unless those of the last
    /// one are not known.
    pub(super) fn keep_window(&mut self) {
        if !self.knows_preferences {
            return;
        }
        let (width, height) = self.window.default_size();
        let old = &self.preferences;
        let place = WindowPlace {
            width: u16::try_from(width).unwrap_or(old.window.width),
            height: u16::try_from(height).unwrap_or(old.window.height),
            is_maximized: self.window.is_maximized(),
        };
        let mut settings = Vec::new();
        if place != old.window {
            settings.push(Setting::Window(place));
        }
        if let Some(chat) = self.last_open.filter(|chat| old.last_open != Some(*chat)) {
            settings.push(Setting::LastOpen(chat));
        }
        if !settings.is_empty() {
            self.tell_settings(settings);
        }
    }

    fn tell_settings(&mut self, settings: Vec<Setting>) {
        if let Some(parts) = &self.parts {
            self.told_preferences += 1;
            parts.engine.command(Command::Set(settings));
        }
    }

    fn restore_window(&self) {
        let place = self.preferences.window;
        self.window
            .set_default_size(place.width.into(), place.height.into());
        if place.is_maximized {
            self.window.maximize();
        }
    }
}
