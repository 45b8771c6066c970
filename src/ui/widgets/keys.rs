//! A shortcut drawn as keys, for people and for screen readers.

use relm4::gtk;
use relm4::gtk::prelude::*;

/// Returns a shortcut such as `<Control>k` drawn as keys.
pub fn keys(accelerator: &str) -> gtk::Box {
    let keys = gtk::Box::builder()
        .spacing(4)
        .halign(gtk::Align::End)
        .valign(gtk::Align::Center)
        .build();
    let whole = words(accelerator);
    // A plus at the end is a key of its own.
    for part in whole.split('+').map(|part| match part {
        "" => "+",
        part => part,
    }) {
        keys.append(
            &gtk::Label::builder()
                .label(part)
                .css_classes(["keycap"])
                .build(),
        );
    }
    keys.update_property(&[gtk::accessible::Property::Label(&whole)]);
    keys
}

/// Returns a shortcut in the user's language: "Ctrl+K".
pub fn words(accelerator: &str) -> String {
    gtk::accelerator_parse(accelerator).map_or_else(
        || accelerator.to_owned(),
        |(key, modifiers)| gtk::accelerator_get_label(key, modifiers).into(),
    )
}
