//! What this program is: version, licence, and what a report of a fault needs.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};

use crate::ui::APPLICATION_ID;
use crate::ui::i18n::gettext;

/// Returns the dialog.
pub fn dialog() -> adw::AboutDialog {
    adw::AboutDialog::builder()
        .application_name("Stonechat")
        .application_icon(APPLICATION_ID)
        .version(env!("CARGO_PKG_VERSION"))
        .developer_name(gettext("The Stonechat maintainers"))
        .developers([gettext("The Stonechat maintainers")])
        .translator_credits(translators())
        .license_type(gtk::License::Agpl30)
        .comments(gettext("Messages that arrive, on a network nobody owns."))
        .debug_info(facts())
        .debug_info_filename("stonechat-debug-information.txt")
        .build()
}

/// Whoever translated what is shown; nobody when it is not translated.
fn translators() -> String {
    // Translators: put your names here, one a line.
    let names = gettext("translator-credits");
    if names == "translator-credits" {
        String::new()
    } else {
        names
    }
}

/// Versions and surroundings. No address, no name of the user, no folder.
fn facts() -> String {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| "–".to_owned());
    let display = gtk::gdk::Display::default();
    let backend = display
        .as_ref()
        .map_or("–", |display| match display.type_().name() {
            name if name.contains("Wayland") => "Wayland",
            name if name.contains("X11") => "X11",
            name => name,
        });
    let renderer = gtk::Window::list_toplevels()
        .into_iter()
        .filter_map(|window| window.downcast::<gtk::Window>().ok())
        .find_map(|window| window.renderer())
        .map_or("–", |renderer| renderer.type_().name());
    let kind = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let sandbox = if std::path::Path::new("/.flatpak-info").exists() {
        "Flatpak"
    } else {
        "none"
    };
    let scale = gtk::Settings::default().map_or(96, |settings| settings.gtk_xft_dpi() / 1024);
    [
        format!("Stonechat {} ({kind})", env!("CARGO_PKG_VERSION")),
        format!(
            "GTK {}.{}.{}",
            gtk::major_version(),
            gtk::minor_version(),
            gtk::micro_version()
        ),
        format!(
            "libadwaita {}.{}.{}",
            adw::major_version(),
            adw::minor_version(),
            adw::micro_version()
        ),
        format!("Display: {backend}"),
        format!("Renderer: {renderer}"),
        format!("Text: {scale} dpi"),
        format!("Desktop: {}", variable("XDG_CURRENT_DESKTOP")),
        format!("Language: {}", language()),
        format!("Sandbox: {sandbox}"),
        format!(
            "System: {} {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    ]
    .join("\n")
}

fn language() -> String {
    glib::language_names()
        .first()
        .map_or_else(|| "–".to_owned(), ToString::to_string)
}
