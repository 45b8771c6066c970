//! The middle of a page: a column of parts that scrolls, and is no wider than
//! one likes to read.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

/// Returns an empty column for groups of rows.
pub fn column() -> gtk::Box {
    gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(24)
        .margin_top(12)
        .margin_bottom(24)
        .margin_start(12)
        .margin_end(12)
        .build()
}

/// Lets content scroll that is at most so many pixels wide.
pub fn scrolled(content: &impl IsA<gtk::Widget>, most: i32) -> gtk::ScrolledWindow {
    let clamp = adw::Clamp::builder()
        .maximum_size(most)
        .child(content)
        .build();
    gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(&clamp)
        .build()
}

/// Puts a header above the middle of a page. Returns both, to be the page's child.
pub fn framed(bar: &adw::HeaderBar, middle: &impl IsA<gtk::Widget>) -> adw::ToolbarView {
    let view = adw::ToolbarView::builder().content(middle).build();
    view.add_top_bar(bar);
    view
}
