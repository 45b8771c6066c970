//! The bar above the composer: new devices that wait for the user, or why
//! nothing can be encrypted, each with what one can do about it.
//!
//! It never takes the keyboard and never answers for the user. In little room
//! its buttons stand below its text.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::chat::ChatEncryptionMsg;
use super::words::Words;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::label::sentence;
use crate::ui::widgets::voice;

/// What the bar is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Devices of the other side wait for the user.
    NewDevices,
    /// Nothing can be encrypted.
    Blocked {
        /// There are devices that could be confirmed.
        may_confirm: bool,
    },
}

/// A button of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Ignore,
    Trust,
    Verify,
    KeepWaiting,
    SendPlain,
}

impl Deed {
    fn label(self) -> String {
        match self {
            // Translators: a button that puts the notice about a new device away.
            Self::Ignore => gettext("Ignore"),
            // Translators: a button: use the new device without having compared its key.
            Self::Trust => gettext("Trust"),
            Self::Verify => gettext("Verify…"),
            Self::KeepWaiting => gettext("Keep Waiting"),
            Self::SendPlain => gettext("Send Unencrypted…"),
        }
    }

    fn message(self) -> ChatEncryptionMsg {
        match self {
            Self::Ignore => ChatEncryptionMsg::Ignore,
            Self::Trust => ChatEncryptionMsg::Trust,
            Self::Verify => ChatEncryptionMsg::Verify,
            Self::KeepWaiting => ChatEncryptionMsg::KeepWaiting,
            Self::SendPlain => ChatEncryptionMsg::AskToSendPlain,
        }
    }
}

impl About {
    fn icon(&self) -> &'static str {
        match self {
            Self::NewDevices => "dialog-warning-symbolic",
            Self::Blocked { .. } => "message-unlocked-symbolic",
        }
    }

    /// The last one is the best way out; where that would be less protection,
    /// there is no best.
    fn deeds(&self) -> &'static [Deed] {
        match self {
            Self::NewDevices => &[Deed::Ignore, Deed::Trust, Deed::Verify],
            Self::Blocked { may_confirm: true } => &[Deed::SendPlain, Deed::Trust, Deed::Verify],
            Self::Blocked { may_confirm: false } => &[Deed::KeepWaiting, Deed::SendPlain],
        }
    }
}

/// The bar's widgets.
pub struct Bar {
    /// Slides in and out.
    pub root: gtk::Revealer,
    icon: gtk::Image,
    title: gtk::Label,
    text: gtk::Label,
    deeds: adw::WrapBox,
    input: Sender<ChatEncryptionMsg>,
    shown: Option<(About, Words)>,
}

impl Bar {
    /// Makes the bar; it is hidden.
    pub fn new(input: &Sender<ChatEncryptionMsg>) -> Self {
        let icon = gtk::Image::builder()
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let title = sentence("", &["heading"]);
        let text = sentence("", &["caption"]);
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .valign(gtk::Align::Center)
            .build();
        lines.append(&title);
        lines.append(&text);
        let words = gtk::Box::builder().spacing(12).build();
        words.append(&icon);
        words.append(&lines);
        let deeds = adw::WrapBox::builder()
            .child_spacing(8)
            .line_spacing(6)
            .valign(gtk::Align::Center)
            .build();
        let content = adw::WrapBox::builder()
            .child_spacing(12)
            .line_spacing(6)
            .justify(adw::JustifyMode::Spread)
            .justify_last_line(true)
            .css_classes(["warning-bar"])
            .accessible_role(gtk::AccessibleRole::Alert)
            .build();
        content.append(&words);
        content.append(&deeds);
        let root = gtk::Revealer::builder()
            .transition_type(gtk::RevealerTransitionType::SlideUp)
            .child(&content)
            .build();
        Self {
            root,
            icon,
            title,
            text,
            deeds,
            input: input.clone(),
            shown: None,
        }
    }

    /// Shows what there is to say, or nothing. What is new is said aloud, once.
    pub fn show(&mut self, shown: Option<(About, Words)>, name: &str) {
        self.root.set_reveal_child(shown.is_some());
        if self.shown == shown {
            return;
        }
        if let Some((about, words)) = &shown {
            self.icon.set_icon_name(Some(about.icon()));
            self.title.set_label(&words.title);
            self.text.set_label(&words.text);
            let is_same = self.shown.as_ref().is_some_and(|(known, _)| known == about);
            if !is_same {
                self.show_deeds(about, name);
            }
            voice::say(
                &self.root,
                &format!("{}. {}", words.title, words.text),
                true,
            );
        }
        self.shown = shown;
    }

    fn show_deeds(&self, about: &About, name: &str) {
        while let Some(old) = self.deeds.first_child() {
            self.deeds.remove(&old);
        }
        let deeds = about.deeds();
        for deed in deeds {
            let button = gtk::Button::builder()
                .label(deed.label())
                // What has the keyboard is what the user writes in.
                .focus_on_click(false)
                .build();
            // In large text and little room the words need a second line.
            if let Some(label) = button.child().and_downcast::<gtk::Label>() {
                label.set_wrap(true);
                label.set_justify(gtk::Justification::Center);
            }
            match deed {
                Deed::Ignore | Deed::KeepWaiting => button.add_css_class("flat"),
                Deed::Verify => button.add_css_class("suggested-action"),
                Deed::Trust | Deed::SendPlain => {}
            }
            if *deed == Deed::Verify {
                let spoken = fill(&gettext("Verify {name}…"), &[("name", name)]);
                button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
            }
            let (input, deed) = (self.input.clone(), *deed);
            button.connect_clicked(move |_| input.emit(deed.message()));
            self.deeds.append(&button);
        }
    }
}
