//! The page with the longer words about a problem.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use super::explain::Explanation;
use crate::ui::i18n::gettext;
use crate::ui::widgets::label::sentence;

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
    let clamp = adw::Clamp::builder()
        .maximum_size(560)
        .child(&content)
        .build();
    let scrolled = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(&clamp)
        .build();
    let view = adw::ToolbarView::builder().content(&scrolled).build();
    view.add_top_bar(&adw::HeaderBar::new());
    adw::NavigationPage::builder()
        .title(gettext("What This Means"))
        .child(&view)
        .build()
}
