//! Rows that lead to another page.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

/// Returns a row that leads on when it is activated.
pub fn way(title: &str, subtitle: &str) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(title)
        .subtitle(subtitle)
        .title_lines(0)
        .subtitle_lines(0)
        .activatable(true)
        .build();
    leads_on(&row);
    row
}

/// Puts the arrow at the end of a row that leads on.
pub fn leads_on(row: &adw::ActionRow) {
    row.add_suffix(&icon("go-next-symbolic"));
}

/// Returns an icon that says nothing that the words beside it do not.
pub fn icon(name: &str) -> gtk::Image {
    gtk::Image::builder()
        .icon_name(name)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build()
}
