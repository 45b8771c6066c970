//! Running on without a window, and from when the user signs in to the desktop.
//!
//! The first time the window is closed the user is asked what that means; the
//! answer is kept and can be changed in the preferences. Outside a sandbox the
//! program may simply stay; inside one the portal is asked, and knows of the
//! start with the desktop as well. Outside, that is an entry in the user's
//! autostart folder.
//!
//! # Source
//! org.freedesktop.portal.Background; the Desktop Application Autostart
//! Specification 0.5.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{ComponentSender, adw};

use super::App;
use super::message::AppMsg;
use crate::engine::model::{OnClose, Setting};
use crate::ui::APPLICATION_ID;
use crate::ui::i18n::gettext;

impl App {
    /// Hides the window or ends the program, as the user wants it; asks where
    /// that is not known.
    pub(super) fn window_closed(&mut self, sender: &ComponentSender<Self>) {
        // Without an account there is nothing to wait for.
        let on_close = if self.accounts.is_empty() {
            OnClose::Quit
        } else {
            self.preferences.on_close
        };
        match on_close {
            OnClose::Ask => self.ask_what_closing_means(sender),
            OnClose::KeepRunning => self.hide(),
            OnClose::Quit => self.stop(sender),
        }
    }

    /// Keeps what closing the window means, and does it.
    pub(super) fn closing(&mut self, on_close: OnClose, sender: &ComponentSender<Self>) {
        self.set(Setting::OnClose(on_close));
        self.window_closed(sender);
    }

    fn ask_what_closing_means(&self, sender: &ComponentSender<Self>) {
        let question = adw::AlertDialog::new(
            Some(&gettext("Keep Stonechat running?")),
            Some(&gettext(
                "Without a window it can still tell you of new messages. You can change this in the preferences.",
            )),
        );
        question.add_responses(&[
            ("cancel", &gettext("_Cancel")),
            ("quit", &gettext("_Quit")),
            ("keep", &gettext("_Keep Running")),
        ]);
        question.set_response_appearance("keep", adw::ResponseAppearance::Suggested);
        question.set_default_response(Some("keep"));
        question.set_close_response("cancel");
        let input = sender.input_sender().clone();
        question.connect_response(None, move |_, answer| {
            let on_close = match answer {
                "keep" => OnClose::KeepRunning,
                "quit" => OnClose::Quit,
                _ => return,
            };
            // The window may be closing.
            let _ = input.send(AppMsg::Closing(on_close));
        });
        question.present(Some(&self.window));
    }

    /// Puts the window away; what comes is told by the desktop from here on.
    fn hide(&mut self) {
        self.keep_window();
        self.window.set_visible(false);
        if is_sandboxed() {
            ask_portal(self.preferences.starts_with_desktop);
        }
    }

    /// Has the desktop start the program, or not any more.
    pub(super) fn start_with_desktop(is_wanted: bool) {
        if is_sandboxed() {
            ask_portal(is_wanted);
            return;
        }
        let folder = glib::user_config_dir().join("autostart");
        let program = std::env::current_exe();
        glib::spawn_future_local(async move {
            let done = gio::spawn_blocking(move || match program {
                Ok(program) => set_autostart(&folder, &program, is_wanted),
                Err(error) => Err(error),
            });
            match done.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the start with the desktop could not be set up");
                }
                Err(_) => tracing::warn!("the start with the desktop was not set up"),
            }
        });
    }
}

fn is_sandboxed() -> bool {
    Path::new("/.flatpak-info").exists()
}

/// Asks the portal to let the program run without a window. Desktops without
/// it let every program do so.
fn ask_portal(starts_with_desktop: bool) {
    let application = relm4::main_application();
    let Some(bus) = application.dbus_connection() else {
        return;
    };
    let options = glib::VariantDict::new(None);
    options.insert(
        "reason",
        gettext("Stonechat tells you of new messages while its window is closed."),
    );
    options.insert("autostart", starts_with_desktop);
    options.insert("dbus-activatable", false);
    options.insert("commandline", vec!["stonechat", "--gapplication-service"]);
    bus.call(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Background",
        "RequestBackground",
        Some(&glib::Variant::tuple_from_iter([
            "".to_variant(),
            options.end(),
        ])),
        None,
        gio::DBusCallFlags::NONE,
        -1,
        gio::Cancellable::NONE,
        |answer| {
            if let Err(error) = answer {
                tracing::info!(%error, "no portal was asked whether the program may go on");
            }
        },
    );
}

/// Writes or removes the entry that starts the program without a window.
fn set_autostart(folder: &Path, program: &Path, is_wanted: bool) -> io::Result<()> {
    let entry = entry(folder);
    if !is_wanted {
        return match fs::remove_file(entry) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    fs::create_dir_all(folder)?;
    let program = program
        .to_string_lossy()
        .replace('\\', "\\\\\\\\")
        .replace('"', "\\\\\"")
        .replace('$', "\\\\$")
        .replace('`', "\\\\`")
        .replace('%', "%%");
    let text = format!(
        "[Desktop Entry]\nType=Application\nName=Stonechat\nIcon={APPLICATION_ID}\n\
         Exec=\"{program}\" --gapplication-service\nX-GNOME-UsesNotifications=true\n"
    );
    fs::write(entry, text)
}

fn entry(folder: &Path) -> PathBuf {
    folder.join(format!("{APPLICATION_ID}.desktop"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_start_with_the_desktop_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("autostart");

        set_autostart(&folder, Path::new("/opt/my programs/stonechat"), true).unwrap();

        let text = fs::read_to_string(entry(&folder)).unwrap();
        assert!(
            text.contains("Exec=\"/opt/my programs/stonechat\" --gapplication-service\n"),
            "{text}"
        );
        for _ in 0..2 {
            set_autostart(&folder, Path::new("/opt/stonechat"), false).unwrap();
            assert!(!entry(&folder).exists());
        }
    }
}
