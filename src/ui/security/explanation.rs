//! The page with the longer words about a problem.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use super::explain::Explanation;
use crate::ui::i18n::gettext;
use crate::ui::widgets::label::sentence;
use crate::ui::widgets::page as frame;

/// Builds the page; `copy` copies the report.
pub fn page(title: &str, words: &Explanation, copy: &gtk::Button) -> adw::NavigationPage {
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(18)
        .margin_top(18)
        .margin_bottom(24)
        .margin_start(24)
        .margin_end(24)
        .build();
    let head = sentence(title, &["title-2"]);
    content.append(&head);
    for (heading, text) in words {
        let part = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .build();
        part.append(&sentence(heading, &["heading"]));
        part.append(&sentence(text, &[]));
        content.append(&part);
    }
    copy.set_halign(gtk::Align::Start);
    content.append(copy);
    let view = frame::framed(&adw::HeaderBar::new(), &frame::scrolled(&content, 560));
    adw::NavigationPage::builder()
        .title(gettext("What This Means"))
        .child(&view)
        .build()
}
