//! The lines of what a search found: the name of a chat, and below it messages
//! with what was looked for marked in them.

use relm4::gtk::{self, pango, prelude::*};

use crate::engine::model::{ConversationRow, Direction, Hit};
use crate::ui::format;
use crate::ui::i18n::{count, gettext};
use crate::ui::timeline::notice;
use crate::ui::widgets::{avatar, marks};

/// Returns the line with the name of a chat.
pub fn heading(row: &ConversationRow, hits: usize) -> gtk::ListBoxRow {
    let picture = avatar::new(24);
    avatar::show(&picture, &row.name, &row.address, &row.picture);
    let name = gtk::Label::builder()
        .label(&row.name)
        .css_classes(["heading", "dimmed"])
        .xalign(0.0)
        .hexpand(true)
        .ellipsize(pango::EllipsizeMode::End)
        .build();
    let hits = count(
        "{count} hit",
        "{count} hits",
        u32::try_from(hits).unwrap_or(u32::MAX),
    );
    let number = gtk::Label::builder()
        .label(&hits)
        .css_classes(["caption", "dimmed", "numeric"])
        .build();
    let content = gtk::Box::builder().spacing(8).build();
    content.append(&picture);
    content.append(&name);
    content.append(&number);
    let line = gtk::ListBoxRow::builder()
        .child(&content)
        .activatable(false)
        .selectable(false)
        .focusable(false)
        .css_classes(["hit-chat"])
        .build();
    line.update_property(&[gtk::accessible::Property::Label(&format!(
        "{}, {hits}",
        row.name
    ))]);
    line
}

/// Returns the line of a message.
pub fn line(row: &ConversationRow, hit: &Hit) -> gtk::ListBoxRow {
    let who = match hit.direction {
        Direction::Incoming => row.name.clone(),
        Direction::Outgoing => gettext("You"),
    };
    let name = gtk::Label::builder()
        .label(&who)
        .css_classes(["caption-heading"])
        .xalign(0.0)
        .hexpand(true)
        .ellipsize(pango::EllipsizeMode::End)
        .build();
    let when = format::short(&format::local(hit.time), &format::now());
    let time = gtk::Label::builder()
        .label(&when)
        .css_classes(["caption", "numeric", "when"])
        .build();
    let first = gtk::Box::builder().spacing(6).build();
    first.append(&name);
    first.append(&time);
    let said = notice::preview(&hit.kind);
    let text = said.as_ref().unwrap_or(&hit.excerpt);
    let words = gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .lines(2)
        .ellipsize(pango::EllipsizeMode::End)
        .css_classes(["excerpt"])
        .build();
    let attributes = pango::AttrList::new();
    attributes.insert(pango::AttrInt::new_insert_hyphens(false));
    if said.is_none() {
        marks::put(&attributes, &hit.marks);
    }
    words.set_attributes(Some(&attributes));
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(2)
        .build();
    content.append(&first);
    content.append(&words);
    let spoken = format!("{who}: {text}, {when}");
    let line = gtk::ListBoxRow::builder()
        .child(&content)
        .css_classes(["hit"])
        .build();
    line.set_widget_name(&spoken);
    line.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    line
}
