//! The dialog with the texts that a message had.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use super::body;
use crate::engine::model::Version;
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::page;

/// Of more texts than these the newest are shown.
const MOST_SHOWN: usize = 50;

/// Shows the texts over the window that `near` is in; the newest stands first.
pub fn show(near: &impl IsA<gtk::Widget>, versions: &[Version]) {
    let content = page::column();
    content.set_spacing(12);
    content.append(&list(versions));
    let view = page::framed(&adw::HeaderBar::new(), &page::scrolled(&content, 600));
    let dialog = adw::Dialog::builder()
        .title(gettext("Texts of This Message"))
        .content_width(480)
        .content_height(420)
        .width_request(280)
        .height_request(200)
        .child(&view)
        .build();
    dialog.present(Some(near));
}

/// Returns the texts as a list, the newest first.
pub fn list(versions: &[Version]) -> gtk::ListBox {
    let list = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list", "versions"])
        .build();
    list.update_property(&[gtk::accessible::Property::Label(&gettext(
        "Texts of this message",
    ))]);
    let newest = versions.len().saturating_sub(1);
    for (place, version) in versions.iter().enumerate().rev().take(MOST_SHOWN) {
        list.append(&row(version, place == newest));
    }
    list
}

fn row(version: &Version, is_newest: bool) -> gtk::ListBoxRow {
    let time = format::whole(&format::local(version.time), &format::now());
    let time = if is_newest {
        // Translators: about the newest of several texts of a message.
        fill(&gettext("{time}, as it is now"), &[("time", &time)])
    } else {
        time
    };
    let when = gtk::Label::builder()
        .label(&time)
        .xalign(0.0)
        .wrap(true)
        .css_classes(["caption", "dimmed"])
        .build();
    let text = gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .selectable(true)
        .build();
    body::show_plain(&text, &version.body);
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(2)
        .margin_top(10)
        .margin_bottom(10)
        .margin_start(12)
        .margin_end(12)
        .build();
    content.append(&when);
    content.append(&text);
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .activatable(false)
        .build();
    let spoken = format!("{time}: {}", text.text());
    row.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}
