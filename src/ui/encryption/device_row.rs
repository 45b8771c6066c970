//! The row of a device: what it is called, what is known of it, its state, and
//! inside its fingerprint.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};

use super::words::device::{self as words, Chip};
use crate::engine::model::{Device, Fingerprint, Timestamp};
use crate::ui::i18n::gettext;

/// Returns a row with icon, name, what is known, state, and a menu after it.
pub fn row(device: &Device, now: Timestamp, menu: Option<&gtk::MenuButton>) -> adw::ExpanderRow {
    let name = words::name(device);
    let row = adw::ExpanderRow::builder()
        .title(glib::markup_escape_text(&name))
        .subtitle(glib::markup_escape_text(&words::line(device, now)))
        .title_lines(0)
        .subtitle_lines(0)
        .enable_expansion(device.fingerprint.is_some())
        .build();
    row.add_prefix(&icon(device));
    // The one that is added last stands first.
    if let Some(menu) = menu {
        row.add_suffix(menu);
    }
    row.add_suffix(&chip(&words::chip(device)));
    if let Some(fingerprint) = &device.fingerprint {
        row.add_row(&fingerprint_row(fingerprint));
    }
    row
}

/// Returns the icon of a device, by what its owner calls it.
pub fn icon(device: &Device) -> gtk::Image {
    let label = device.label.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| label.contains(word));
    let name = if is(&["tablet", "ipad"]) {
        "tablet-symbolic"
    } else if is(&[
        "phone",
        "conversations",
        "android",
        "ios",
        "monal",
        "siskin",
    ]) {
        "phone-symbolic"
    } else {
        "computer-symbolic"
    };
    gtk::Image::builder()
        .icon_name(name)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build()
}

/// Returns a state in one word.
pub fn chip(chip: &Chip) -> gtk::Box {
    let content = gtk::Box::builder()
        .spacing(5)
        .valign(gtk::Align::Center)
        .css_classes(["state-chip"])
        .build();
    if let Some(class) = chip.class {
        content.add_css_class(class);
    }
    if let Some(icon) = chip.icon {
        content.append(
            &gtk::Image::builder()
                .icon_name(icon)
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build(),
        );
    }
    content.append(&gtk::Label::new(Some(&chip.word)));
    content
}

/// Returns the eight groups of a fingerprint, four in a line where there is
/// room, spoken group by group.
pub fn groups(fingerprint: &Fingerprint, classes: &[&str]) -> gtk::FlowBox {
    let groups = fingerprint.groups();
    let digits = gtk::FlowBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .min_children_per_line(1)
        .max_children_per_line(4)
        .build();
    for group in &groups {
        let label = gtk::Label::builder()
            .label(group)
            .css_classes(classes.to_vec())
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let child = gtk::FlowBoxChild::builder()
            .child(&label)
            .focusable(false)
            .build();
        digits.append(&child);
    }
    digits.update_property(&[gtk::accessible::Property::Label(&groups.join(", "))]);
    digits
}

/// Returns a row with a fingerprint in eight groups of eight, spoken group by
/// group, and a button that copies it without spaces.
pub fn fingerprint_row(fingerprint: &Fingerprint) -> adw::PreferencesRow {
    let spoken = fingerprint.groups().join(", ");
    let digits = groups(fingerprint, &["monospace"]);
    digits.set_column_spacing(8);
    digits.set_hexpand(true);
    digits.set_halign(gtk::Align::Start);
    let copy = gtk::Button::builder()
        .icon_name("edit-copy-symbolic")
        .tooltip_text(gettext("Copy Fingerprint"))
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let text = fingerprint.to_string();
    copy.connect_clicked(move |copy| {
        copy.clipboard().set_text(&text);
        copy.set_icon_name("object-select-symbolic");
    });
    let content = gtk::Box::builder()
        .spacing(8)
        .css_classes(["fingerprint"])
        .build();
    content.append(&digits);
    content.append(&copy);
    let row = adw::PreferencesRow::builder()
        .title(gettext("Fingerprint"))
        .activatable(false)
        .focusable(false)
        .child(&content)
        .build();
    row.upcast_ref::<gtk::Widget>().update_property(&[
        gtk::accessible::Property::Label(&gettext("Fingerprint")),
        gtk::accessible::Property::Description(&spoken),
    ]);
    row
}
