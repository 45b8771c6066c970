//! The widgets of the security pages: verdict, card, rows.

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{adw, gtk};

use super::facts::{Fact, Standing, Verdict};
use crate::ui::errors::Trouble;
use crate::ui::i18n::{gettext, pgettext};
use crate::ui::widgets::label::sentence;
use crate::ui::widgets::verdict as widgets;

/// Returns a row with a fact; its icon is spoken too.
pub fn fact(fact: &Fact) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(glib::markup_escape_text(&fact.title))
        .subtitle(glib::markup_escape_text(&fact.value))
        .title_lines(0)
        .subtitle_lines(0)
        .subtitle_selectable(true)
        .css_classes(["property"])
        .build();
    if let Some(icon) = mark(fact.standing) {
        row.add_suffix(&icon);
    }
    row
}

/// The tick or the warning at the end of a row.
fn mark(standing: Standing) -> Option<gtk::Image> {
    let (name, class, spoken) = match standing {
        Standing::Good => (
            "object-select-symbolic",
            "success",
            // Translators: spoken where a tick is shown.
            pgettext("security", "As it should be"),
        ),
        Standing::Weak => (
            "dialog-warning-symbolic",
            "error",
            // Translators: spoken where a warning sign is shown.
            pgettext("security", "Warning"),
        ),
        Standing::Fair => return None,
    };
    let icon = gtk::Image::builder()
        .icon_name(name)
        .css_classes([class])
        .accessible_role(gtk::AccessibleRole::Img)
        .build();
    icon.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    Some(icon)
}

/// Returns the verdict at the head of the page.
pub fn verdict(verdict: &Verdict) -> gtk::Box {
    let (icon, class) = match verdict.standing {
        Standing::Good => ("message-locked-symbolic", "good"),
        Standing::Fair => ("message-locked-symbolic", "fair"),
        Standing::Weak => ("dialog-warning-symbolic", "weak"),
    };
    widgets::verdict(icon, class, &verdict.title, &verdict.text)
}

/// Returns the card that says why there is no connection, with room for
/// buttons below its text.
pub fn trouble(trouble: &Trouble, buttons: &[gtk::Button]) -> gtk::Box {
    let card = gtk::Box::builder()
        .spacing(12)
        .css_classes(["trouble"])
        .accessible_role(gtk::AccessibleRole::Alert)
        .build();
    card.append(
        &gtk::Image::builder()
            .icon_name("dialog-warning-symbolic")
            .pixel_size(20)
            .valign(gtk::Align::Start)
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    let words = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(4)
        .hexpand(true)
        .build();
    words.append(&sentence(&trouble.title, &["heading"]));
    words.append(&sentence(&trouble.text, &[]));
    if !buttons.is_empty() {
        let deeds = adw::WrapBox::builder()
            .child_spacing(8)
            .line_spacing(6)
            .margin_top(6)
            .build();
        for button in buttons {
            deeds.append(button);
        }
        words.append(&deeds);
    }
    card.append(&words);
    card
}

/// Returns a button for the card.
pub fn deed(words: &str) -> gtk::Button {
    gtk::Button::builder()
        .label(words)
        .css_classes(["deed"])
        .build()
}

/// Returns the row that says whom to ask, and how.
pub fn operator() -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(gettext("Ask the Operator"))
        .subtitle(gettext(
            "Not by chat, but in a way that does not lead over this connection. Send the report along",
        ))
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    row.add_prefix(
        &gtk::Image::builder()
            .icon_name("dialog-information-symbolic")
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    row
}
