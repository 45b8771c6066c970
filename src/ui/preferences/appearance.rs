//! Light or dark, and how large the text is. Both take effect at once.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use super::page::{Builder, Built, Page};
use super::setting::Setter;
use crate::engine::model::{Preferences, Setting, StyleChoice};
use crate::ui::i18n::gettext;

/// The page's rows.
pub struct AppearancePage {
    styles: Vec<(StyleChoice, gtk::CheckButton)>,
    size: adw::SpinRow,
}

impl AppearancePage {
    /// Builds the page.
    pub fn new(setter: &Setter) -> (Self, Built) {
        let mut page = Builder::new(Page::Appearance);
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Style"))
            .build();
        let mut styles: Vec<(StyleChoice, gtk::CheckButton)> = Vec::new();
        for (style, title, subtitle) in [
            (
                StyleChoice::System,
                gettext("As the Desktop"),
                gettext("Light or dark, as the rest of this computer"),
            ),
            (StyleChoice::Light, gettext("Light"), String::new()),
            (StyleChoice::Dark, gettext("Dark"), String::new()),
        ] {
            let button = gtk::CheckButton::builder()
                .valign(gtk::Align::Center)
                .build();
            button.set_group(styles.first().map(|(_, first)| first));
            let setter = setter.clone();
            button.connect_toggled(move |button| {
                if button.is_active() {
                    setter.set(Setting::Style(style));
                }
            });
            let row = choice_row(&title, &subtitle, &button);
            group.add(&row);
            page.findable_row(&row);
            styles.push((style, button));
        }
        page.add(&group);

        let group = adw::PreferencesGroup::builder()
            .title(gettext("Text"))
            .build();
        let size = adw::SpinRow::with_range(80.0, 200.0, 10.0);
        size.set_title(&gettext("Text Size"));
        size.set_subtitle(&gettext("In percent of what the desktop says"));
        size.set_title_lines(0);
        size.set_subtitle_lines(0);
        size.set_numeric(true);
        let setter = setter.clone();
        size.connect_value_notify(move |size| {
            let percent = size.value().clamp(80.0, 200.0) as u16;
            setter.set(Setting::TextSize(percent));
        });
        group.add(&size);
        page.findable(
            size.title().into(),
            gettext("Letters, larger or smaller"),
            &size,
        );
        page.add(&group);
        (Self { styles, size }, page.build())
    }

    /// Shows what is set.
    pub fn show(&self, preferences: &Preferences) {
        for (style, button) in &self.styles {
            if *style == preferences.style {
                button.set_active(true);
            }
        }
        self.size
            .set_value(f64::from(preferences.text_size_percent));
    }
}

/// Returns a row of a choice: a click anywhere chooses it.
pub fn choice_row(title: &str, subtitle: &str, button: &gtk::CheckButton) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(title)
        .subtitle(subtitle)
        .title_lines(0)
        .subtitle_lines(0)
        .activatable_widget(button)
        .build();
    row.add_prefix(button);
    let name = if subtitle.is_empty() {
        title.to_owned()
    } else {
        format!("{title}. {subtitle}")
    };
    button.update_property(&[gtk::accessible::Property::Label(&name)]);
    row
}
