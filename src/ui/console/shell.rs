//! The widgets of the XML console.

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Sender, adw, gtk};

use super::ConsoleMsg;
use super::lines::Lines;
use crate::engine::model::{Account, ConsoleWay};
use crate::ui::i18n::gettext;
use crate::ui::widgets::account_mark;

/// What changes in the window.
pub struct Widgets {
    view: gtk::TextView,
    scrolled: gtk::ScrolledWindow,
    stack: gtk::Stack,
    entry: gtk::TextView,
    pub(super) trouble: gtk::Label,
}

impl Widgets {
    /// Shows the lines. Who looks at the newest keeps looking at the newest.
    pub(super) fn show(&self, lines: &Lines) {
        let place = self.scrolled.vadjustment();
        let is_at_end = place.value() + place.page_size() >= place.upper() - 40.0;
        let buffer = self.view.buffer();
        buffer.set_text("");
        let mut end = buffer.end_iter();
        for line in lines.shown() {
            let (arrow, tag) = match line.way {
                Some(ConsoleWay::Sent) => ("→ ", "sent"),
                Some(ConsoleWay::Received) => ("← ", "received"),
                None => ("", "received"),
            };
            buffer.insert_with_tags_by_name(
                &mut end,
                &format!("{arrow}{}\n", line.head),
                &["head", tag],
            );
            if !line.text.is_empty() {
                buffer.insert(&mut end, &line.text);
                buffer.insert(&mut end, "\n");
            }
            buffer.insert(&mut end, "\n");
        }
        let is_empty = buffer.char_count() == 0;
        self.stack
            .set_visible_child_name(if is_empty { "nothing" } else { "lines" });
        if is_at_end {
            let mark = buffer.create_mark(None, &buffer.end_iter(), false);
            self.view.scroll_mark_onscreen(&mark);
            buffer.delete_mark(&mark);
        }
    }

    /// Returns what was typed.
    pub(super) fn typed(&self) -> String {
        let buffer = self.entry.buffer();
        let (start, end) = buffer.bounds();
        buffer.text(&start, &end, false).into()
    }

    /// Empties the field: it was sent.
    pub(super) fn sent(&self) {
        self.entry.buffer().set_text("");
        self.show_trouble(None);
    }

    /// Says why something was not sent.
    pub(super) fn show_trouble(&self, words: Option<&str>) {
        self.trouble.set_label(words.unwrap_or_default());
        self.trouble.set_visible(words.is_some());
    }
}

/// Builds the window.
pub(super) fn build(
    root: &adw::Window,
    accounts: &[Account],
    input: &Sender<ConsoleMsg>,
) -> Widgets {
    let view = text_view(&gettext("What was sent and received"));
    view.set_editable(false);
    view.set_vexpand(true);
    let tags = view.buffer().tag_table();
    tags.add(&gtk::TextTag::builder().name("head").weight(700).build());
    tags.add(&gtk::TextTag::builder().name("sent").build());
    tags.add(&gtk::TextTag::builder().name("received").build());
    let scrolled = scrolled(&view);
    let nothing = adw::StatusPage::builder()
        .icon_name("utilities-terminal-symbolic")
        .title(gettext("Nothing sent or received yet"))
        .description(gettext(
            "What is sent and received from now on shows here, as it is on the wire. Passwords and keys to sign in are left out; messages are not.",
        ))
        .css_classes(["compact"])
        .build();
    let stack = gtk::Stack::new();
    stack.add_named(&nothing, Some("nothing"));
    stack.add_named(&scrolled, Some("lines"));
    stack.set_vexpand(true);

    let entry = text_view(&gettext("XML to send"));
    let sender = input.clone();
    entry.buffer().connect_changed(move |_| {
        // The window may be closing.
        let _ = sender.send(ConsoleMsg::Typed);
    });
    let (send_row, trouble) = sending(&entry, input);

    let page = adw::ToolbarView::builder().content(&stack).build();
    page.add_top_bar(&header(accounts, input));
    page.add_top_bar(&filter(input));
    page.add_bottom_bar(&send_row);
    root.set_content(Some(&page));
    let sender = input.clone();
    root.connect_close_request(move |_| {
        let _ = sender.send(ConsoleMsg::Close);
        glib::Propagation::Proceed
    });
    close_by_escape(root);
    Widgets {
        view,
        scrolled,
        stack,
        entry,
        trouble,
    }
}

fn text_view(name: &str) -> gtk::TextView {
    let view = gtk::TextView::builder()
        .monospace(true)
        .wrap_mode(gtk::WrapMode::WordChar)
        .accepts_tab(false)
        .top_margin(8)
        .bottom_margin(8)
        .left_margin(12)
        .right_margin(12)
        .build();
    view.update_property(&[gtk::accessible::Property::Label(name)]);
    view
}

fn scrolled(child: &gtk::TextView) -> gtk::ScrolledWindow {
    gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(child)
        .build()
}

fn header(accounts: &[Account], input: &Sender<ConsoleMsg>) -> adw::HeaderBar {
    let bar = adw::HeaderBar::new();
    let pause = gtk::ToggleButton::builder()
        .icon_name("media-playback-pause-symbolic")
        .tooltip_text(gettext("Pause"))
        .build();
    let sender = input.clone();
    pause.connect_toggled(move |button| {
        let _ = sender.send(ConsoleMsg::Pause(button.is_active()));
    });
    let clear = gtk::Button::builder()
        .icon_name("edit-clear-all-symbolic")
        .tooltip_text(gettext("Clear"))
        .build();
    let sender = input.clone();
    clear.connect_clicked(move |_| {
        let _ = sender.send(ConsoleMsg::Clear);
    });
    bar.pack_start(&pause);
    bar.pack_start(&clear);
    let names: Vec<&str> = accounts.iter().map(account_mark::name).collect();
    if let [name] = names[..] {
        let title = adw::WindowTitle::new(&gettext("XML Console"), name);
        bar.set_title_widget(Some(&title));
        return bar;
    }
    let chooser = gtk::DropDown::from_strings(&names);
    chooser.update_property(&[gtk::accessible::Property::Label(&gettext("Account"))]);
    let sender = input.clone();
    chooser.connect_selected_notify(move |chooser| {
        let _ = sender.send(ConsoleMsg::Account(chooser.selected()));
    });
    bar.set_title_widget(Some(&chooser));
    bar
}

fn filter(input: &Sender<ConsoleMsg>) -> gtk::SearchEntry {
    let filter = gtk::SearchEntry::builder()
        .placeholder_text(gettext("Show only what holds these words"))
        .margin_start(12)
        .margin_end(12)
        .margin_bottom(6)
        .build();
    filter.update_property(&[gtk::accessible::Property::Label(&gettext(
        "Show only what holds these words",
    ))]);
    let sender = input.clone();
    filter.connect_search_changed(move |filter| {
        let _ = sender.send(ConsoleMsg::Filter(filter.text().into()));
    });
    filter
}

/// The field at the bottom, its button, and why something was not sent.
fn sending(entry: &gtk::TextView, input: &Sender<ConsoleMsg>) -> (gtk::Box, gtk::Label) {
    let field = scrolled(entry);
    field.set_min_content_height(64);
    field.set_max_content_height(160);
    field.set_propagate_natural_height(true);
    field.set_hexpand(true);
    field.add_css_class("console-field");
    let send = gtk::Button::builder()
        .label(gettext("Send"))
        .tooltip_text(gettext("Send (Ctrl+Enter)"))
        .css_classes(["suggested-action"])
        .valign(gtk::Align::End)
        .build();
    let sender = input.clone();
    send.connect_clicked(move |_| {
        let _ = sender.send(ConsoleMsg::Send);
    });
    let keys = gtk::EventControllerKey::new();
    let sender = input.clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
        if is_enter && modifiers.contains(gdk::ModifierType::CONTROL_MASK) {
            let _ = sender.send(ConsoleMsg::Send);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    entry.add_controller(keys);
    let line = gtk::Box::builder().spacing(8).build();
    line.append(&field);
    line.append(&send);
    let trouble = gtk::Label::builder()
        .css_classes(["error"])
        .wrap(true)
        .xalign(0.0)
        .visible(false)
        .accessible_role(gtk::AccessibleRole::Alert)
        .build();
    let row = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(6)
        .margin_top(6)
        .margin_bottom(12)
        .margin_start(12)
        .margin_end(12)
        .build();
    row.append(&trouble);
    row.append(&line);
    (row, trouble)
}

fn close_by_escape(root: &adw::Window) {
    let keys = gtk::EventControllerKey::new();
    let weak = root.downgrade();
    keys.connect_key_pressed(move |_, key, _, _| {
        let Some(root) = weak.upgrade().filter(|_| key == gdk::Key::Escape) else {
            return glib::Propagation::Proceed;
        };
        root.close();
        glib::Propagation::Stop
    });
    root.add_controller(keys);
}
