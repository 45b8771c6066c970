//! The lock in the composer: whether the chat is encrypted, and the choice.
//!
//! Two choices with what each gives and takes, and below them the ways to the
//! devices and to their verification. The choice stays for the chat.

use std::cell::Cell;
use std::rc::Rc;

use relm4::Sender;
use relm4::gtk::{self, prelude::*};

use super::chat::ChatEncryptionMsg;
use super::words::{self, Words};
use crate::engine::model::ChatEncryption;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::label::sentence;

/// A sentence in the menu is at most about so many letters wide.
const LINE: i32 = 42;

/// The button and its menu.
pub struct Lock {
    /// The button in the composer.
    pub button: gtk::MenuButton,
    encrypted: Choice,
    plain: Choice,
    verify: gtk::Label,
    /// To the verification, and to the devices.
    ways: [gtk::Button; 2],
    /// The menu shows the state; nobody chooses.
    is_showing: Rc<Cell<bool>>,
}

struct Choice {
    button: gtk::CheckButton,
    title: gtk::Label,
    text: gtk::Label,
}

impl Lock {
    /// Makes the button; without a chat it is hidden.
    pub fn new() -> Self {
        let encrypted = Choice::new("message-locked-symbolic");
        let plain = Choice::new("message-unlocked-symbolic");
        plain.button.set_group(Some(&encrypted.button));
        let verify = sentence("", &[]);
        let menu = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .css_classes(["lock-menu"])
            .build();
        menu.append(&encrypted.button);
        menu.append(&plain.button);
        menu.append(&gtk::Separator::new(gtk::Orientation::Horizontal));
        let devices = sentence("", &[]);
        devices.set_label(&gettext("Devices"));
        let ways = [
            way("verify-code-symbolic", &verify),
            way("phone-symbolic", &devices),
        ];
        for way in &ways {
            menu.append(way);
        }
        let popover = gtk::Popover::builder()
            .child(&menu)
            .css_classes(["lock-popover"])
            .build();
        let button = gtk::MenuButton::builder()
            .icon_name("message-locked-symbolic")
            .valign(gtk::Align::End)
            .css_classes(["flat", "circular", "lock"])
            .direction(gtk::ArrowType::Up)
            .popover(&popover)
            .visible(false)
            .build();
        Self {
            button,
            encrypted,
            plain,
            verify,
            ways,
            is_showing: Rc::default(),
        }
    }

    /// Tells `input` what is chosen.
    pub fn connect(&self, input: &Sender<ChatEncryptionMsg>) {
        for (choice, is_on) in [(&self.encrypted, true), (&self.plain, false)] {
            let (input, is_showing) = (input.clone(), self.is_showing.clone());
            choice.button.connect_toggled(move |button| {
                if button.is_active() && !is_showing.get() {
                    input.emit(ChatEncryptionMsg::Choose(is_on));
                }
            });
        }
        let messages: [fn() -> ChatEncryptionMsg; 2] = [
            || ChatEncryptionMsg::Verify,
            || ChatEncryptionMsg::TheirDevices,
        ];
        for (way, message) in self.ways.iter().zip(messages) {
            let (input, button) = (input.clone(), self.button.clone());
            way.connect_clicked(move |_| {
                button.popdown();
                input.emit(message());
            });
        }
    }

    /// Shows how a chat with `name` is encrypted; `None`: not known yet.
    pub fn show(&self, state: Option<&ChatEncryption>, name: &str) {
        self.button.set_visible(state.is_some());
        let Some(state) = state else { return };
        let lock = words::lock(state);
        self.button.set_icon_name(lock.icon);
        self.button.set_tooltip_text(Some(&lock.name));
        if lock.is_warning {
            self.button.add_css_class("open");
        } else {
            self.button.remove_css_class("open");
        }
        self.encrypted.show(&words::choice(true, name));
        self.plain.show(&words::choice(false, name));
        self.verify
            .set_label(&fill(&gettext("Verify {name}…"), &[("name", name)]));
        self.is_showing.set(true);
        let chosen = if state.is_on {
            &self.encrypted
        } else {
            &self.plain
        };
        chosen.button.set_active(true);
        self.is_showing.set(false);
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self::new()
    }
}

impl Choice {
    fn new(icon: &str) -> Self {
        let title = sentence("", &["heading"]);
        let text = sentence("", &["caption"]);
        text.set_max_width_chars(LINE);
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(2)
            .hexpand(true)
            .build();
        lines.append(&title);
        lines.append(&text);
        let content = gtk::Box::builder().spacing(12).build();
        content.append(&lines);
        content.append(
            &gtk::Image::builder()
                .icon_name(icon)
                .valign(gtk::Align::Start)
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build(),
        );
        let button = gtk::CheckButton::builder().child(&content).build();
        Self {
            button,
            title,
            text,
        }
    }

    fn show(&self, words: &Words) {
        self.title.set_label(&words.title);
        self.text.set_label(&words.text);
        self.button.update_property(&[
            gtk::accessible::Property::Label(&words.title),
            gtk::accessible::Property::Description(&words.text),
        ]);
    }
}

/// A line of the menu that leads somewhere.
fn way(icon: &str, words: &gtk::Label) -> gtk::Button {
    let content = gtk::Box::builder().spacing(12).build();
    content.append(
        &gtk::Image::builder()
            .icon_name(icon)
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    content.append(words);
    gtk::Button::builder()
        .child(&content)
        .css_classes(["flat", "way"])
        .build()
}
