//! What a device is called, looks like and is, in a line.

use relm4::gtk;
use relm4::gtk::prelude::*;

use crate::engine::model::{Device, Trust};
use crate::ui::i18n::pgettext;

/// Returns what a device is called, with its number when it has no name.
pub fn name(device: &Device) -> String {
    if device.label.is_empty() {
        // Translators: a device that its owner gave no name.
        format!("{} ({})", pgettext("device", "Unnamed"), device.id)
    } else {
        crate::engine::text::name(&device.label)
    }
}

/// Returns the icon of a device, by what its owner calls it.
pub fn icon(device: &Device) -> gtk::Image {
    let label = device.label.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| label.contains(word));
    let icon = if is(&["tablet", "ipad"]) {
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
        .icon_name(icon)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build()
}

/// Returns how far a device is trusted, in a word.
pub fn state(device: &Device) -> gtk::Box {
    let (word, class) = match device.trust {
        // Translators: the user compared the device's key.
        Trust::Verified => (pgettext("device", "Verified"), "success"),
        // Translators: the device is used, though its key was not compared.
        Trust::Blind => (pgettext("device", "On trust"), ""),
        // Translators: the device waits for the user's decision.
        Trust::Undecided => (pgettext("device", "New"), "warning"),
        // Translators: nothing is encrypted for the device.
        Trust::Distrusted => (pgettext("device", "Not used"), ""),
    };
    let content = gtk::Box::builder()
        .spacing(5)
        .valign(gtk::Align::Center)
        .css_classes(["state-chip", class])
        .build();
    if device.trust == Trust::Verified {
        content.append(
            &gtk::Image::builder()
                .icon_name("device-verified-symbolic")
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build(),
        );
    }
    content.append(&gtk::Label::new(Some(&word)));
    content
}
