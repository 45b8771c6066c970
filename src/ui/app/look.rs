//! Light or dark and the size of the text, for the whole program.

use relm4::adw;
use relm4::gtk;

use crate::engine::model::{Preferences, StyleChoice};

/// What was last put into effect.
#[derive(Debug, Default)]
pub struct Look {
    style: StyleChoice,
    /// The desktop's size of text is overridden.
    is_scaled: bool,
    percent: u16,
}

impl Look {
    /// Puts style and text size into effect. What is as the desktop says is left
    /// alone, so that it goes on following the desktop.
    pub fn show(&mut self, preferences: &Preferences) {
        if self.style != preferences.style {
            self.style = preferences.style;
            adw::StyleManager::default().set_color_scheme(match preferences.style {
                StyleChoice::System => adw::ColorScheme::Default,
                StyleChoice::Light => adw::ColorScheme::ForceLight,
                StyleChoice::Dark => adw::ColorScheme::ForceDark,
            });
        }
        let percent = preferences.text_size_percent;
        if self.percent != percent {
            self.percent = percent;
            if let Some(settings) = gtk::Settings::default() {
                self.scale(&settings);
            }
        }
    }

    /// Sets the resolution that all text is measured with.
    fn scale(&mut self, settings: &gtk::Settings) {
        if std::mem::take(&mut self.is_scaled) {
            settings.reset_property("gtk-xft-dpi");
        }
        if self.percent == 100 || self.percent == 0 {
            return;
        }
        let of_desktop = match settings.gtk_xft_dpi() {
            dpi if dpi > 0 => dpi,
            _ => 96 * 1024,
        };
        settings.set_gtk_xft_dpi(of_desktop * i32::from(self.percent) / 100);
        self.is_scaled = true;
        tracing::debug!(percent = self.percent, "text has another size");
    }
}
