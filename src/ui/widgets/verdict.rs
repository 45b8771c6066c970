//! How something stands as a whole: a disc in the colour of the verdict, and
//! what it means.

use relm4::gtk;
use relm4::gtk::prelude::*;

use super::label::sentence;

/// Returns the disc; `class` is `good`, `fair` or `weak`, `size` that of its
/// icon in pixels.
pub fn disc(icon: &str, class: &str, size: i32) -> gtk::Image {
    gtk::Image::builder()
        .icon_name(icon)
        .pixel_size(size)
        .css_classes(["verdict-disc", class])
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build()
}

/// Returns the disc with a title and a sentence beside it.
pub fn verdict(icon: &str, class: &str, title: &str, text: &str) -> gtk::Box {
    let disc = disc(icon, class, 20);
    disc.set_valign(gtk::Align::Start);
    let words = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .valign(gtk::Align::Center)
        .hexpand(true)
        .build();
    words.append(&sentence(title, &["heading"]));
    let text = sentence(text, &["dimmed"]);
    // It asks for no more than this, and takes what there is.
    text.set_max_width_chars(40);
    words.append(&text);
    let line = gtk::Box::builder().spacing(14).build();
    line.append(&disc);
    line.append(&words);
    line
}
