//! Puts the widgets of a message's row together, once.

use std::cell::OnceCell;

use relm4::adw;
use relm4::gtk::{self, gio, prelude::*};

use super::{MessageRow, Widgets};
use crate::ui::i18n::gettext;
use crate::ui::timeline::body;
use crate::ui::timeline::bubble::Bubble;
use crate::ui::timeline::mark::Mark;
use crate::ui::timeline::side::Side;
use crate::ui::widgets::tooltip::Tooltip;

/// Makes the widgets of a row, and puts them into it.
pub(super) fn build(row: &MessageRow) -> Widgets {
    let day = gtk::Label::builder()
        .css_classes(["day"])
        .halign(gtk::Align::Center)
        .visible(false)
        .build();
    row.append(&day);

    let unread_line = gtk::Box::builder()
        .css_classes(["unread-line"])
        .spacing(10)
        .visible(false)
        .build();
    unread_line.append(&separator());
    unread_line.append(&gtk::Label::new(Some(&gettext("New messages"))));
    unread_line.append(&separator());
    row.append(&unread_line);

    let text = body::label();
    let more = gio::Menu::new();
    more.append(Some(&gettext("_Details")), Some("row.details"));
    text.set_extra_menu(Some(&more));
    let meta = gtk::Box::builder().css_classes(["meta"]).spacing(4).build();
    let time = gtk::Label::builder().css_classes(["numeric"]).build();
    let time_tooltip = Tooltip::of(&time);
    let state = gtk::Image::new();
    let mark = Mark::default();
    meta.append(&mark.root);
    meta.append(&time);
    meta.append(&state);
    let bubble = Bubble::new(&text, &meta);

    // In little room the buttons go below the reason.
    let failed = adw::WrapBox::builder()
        .css_classes(["failed-line"])
        .child_spacing(4)
        .visible(false)
        .build();
    let why = gtk::Box::builder().spacing(4).build();
    why.append(&gtk::Image::from_icon_name("message-failed-symbolic"));
    let reason = gtk::Label::builder()
        .wrap(true)
        .xalign(0.0)
        .hexpand(true)
        .build();
    why.append(&reason);
    failed.append(&why);
    let retry = link_button(&gettext("Retry"), "message.retry");
    let edit = link_button(&gettext("Edit"), "message.edit");
    let discard = link_button(&gettext("Discard"), "message.discard");
    let devices = link_button(&gettext("Devices"), "message.devices");
    let plain = link_button(&gettext("Send Unencrypted…"), "message.send-plain");
    for button in [&devices, &retry, &plain, &edit, &discard] {
        failed.append(button);
    }

    let side = Side::new(&bubble, &failed);
    row.append(&side);
    Widgets {
        gap_above: OnceCell::new(),
        gap_below: OnceCell::new(),
        faces: OnceCell::new(),
        fold: OnceCell::new(),
        day,
        unread_line,
        side,
        bubble,
        reply: OnceCell::new(),
        reactions: OnceCell::new(),
        edited: OnceCell::new(),
        meta,
        head: OnceCell::new(),
        blocks: OnceCell::new(),
        foot: OnceCell::new(),
        text,
        mark,
        time,
        time_tooltip,
        state,
        failed,
        reason,
        retry,
        edit,
        discard,
        plain,
        devices,
    }
}

/// Makes the word beside the time of a message that was edited; it shows the
/// texts before.
pub(super) fn edited() -> gtk::Button {
    // Translators: a small word beside the time of a message.
    let edited = link_button(&gettext("edited"), "message.versions");
    edited.add_css_class("edited");
    edited.set_tooltip_text(Some(&gettext("Show Earlier Texts")));
    let words = gettext("Edited. Show earlier texts");
    edited.update_property(&[gtk::accessible::Property::Label(&words)]);
    edited
}

fn separator() -> gtk::Separator {
    gtk::Separator::builder()
        .orientation(gtk::Orientation::Horizontal)
        .hexpand(true)
        .valign(gtk::Align::Center)
        .build()
}

fn link_button(label: &str, action: &str) -> gtk::Button {
    let button = gtk::Button::builder()
        .label(label)
        .css_classes(["flat"])
        .valign(gtk::Align::Center)
        .build();
    // The target first: GTK checks it when the name is set.
    button.set_action_target_value(Some(&0_i64.to_variant()));
    button.set_action_name(Some(action));
    button
}
