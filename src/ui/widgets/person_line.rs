//! Somebody in a list of people: the picture, the name, and a line below it.

use relm4::gtk::{self, pango, prelude::*};

use super::account_mark::{self, AccountMark};
use super::avatar;

/// Returns the line of the person with this name, address and picture (a hash;
/// empty: none). `below` stands
/// under `title`, beside the dot of `mark`, and is left out when it is empty.
/// The caller adds what stands at the end, and the margins.
pub fn new(
    picture_size: i32,
    (name, address, hash): (&str, &str, &str),
    title: &str,
    below: &str,
    mark: Option<&AccountMark>,
) -> gtk::Box {
    let content = gtk::Box::builder().spacing(12).build();
    let picture = avatar::new(picture_size);
    avatar::show(&picture, name, address, hash);
    content.append(&picture);
    let lines = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .hexpand(true)
        .valign(gtk::Align::Center)
        .build();
    lines.append(&text(title, &[]));
    if !below.is_empty() {
        let under = gtk::Box::builder().spacing(6).build();
        if let Some(mark) = mark {
            let dot = account_mark::dot();
            account_mark::show_dot(&dot, mark.colour);
            under.append(&dot);
        }
        under.append(&text(below, &["caption", "dimmed"]));
        lines.append(&under);
    }
    content.append(&lines);
    content
}

fn text(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .css_classes(classes.to_vec())
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .build()
}
