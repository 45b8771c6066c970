//! What stands in a bubble that is no text: a sentence of ours, or a file.
//!
//! The words are here for everybody who needs them: the row, those who listen
//! to it, what is copied, and the chat list. A sender's words appear only as
//! what was said with an invitation, never as a link (attacks A16, A51).

use relm4::gtk::{self, glib, pango, prelude::*};

use super::body;
use crate::engine::model::{CannotRead, Delivery, Direction, MessageKind, MessageRow as Message};
use crate::engine::text::{address, file_link};
use crate::ui::encryption::words::message as encryption;
use crate::ui::i18n::{fill, gettext};

/// How a row looks that is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Icon of our own.
    pub icon: &'static str,
    /// What came; empty where the sentence says it all.
    pub title: String,
    /// What that means; of a file, who keeps it.
    pub sentence: String,
    /// What the sender said with it, in quotes; empty when nothing.
    pub said: String,
    /// The file to open.
    pub link: Option<String>,
    /// Why it cannot be read, where it cannot.
    pub why: Option<CannotRead>,
}

impl Words {
    /// Returns all of it in one text, as it is heard and copied.
    pub fn whole(&self) -> String {
        let mut whole = if self.title.is_empty() {
            self.sentence.clone()
        } else {
            format!("{}. {}", self.title, self.sentence)
        };
        if !self.said.is_empty() {
            whole.push('\n');
            whole.push_str(&self.said);
        }
        whole
    }
}

/// Returns how a message looks that is no text. `other` is the name of the other side.
pub fn words(message: &Message, other: &str) -> Option<Words> {
    let is_own = message.direction == Direction::Outgoing;
    let (icon, sentence) = match &message.kind {
        MessageKind::Text => return None,
        MessageKind::Unreadable { why } => (
            "message-locked-symbolic",
            encryption::cannot_read(*why, is_own),
        ),
        MessageKind::EncryptedFile => (
            "message-locked-symbolic",
            gettext("Stonechat cannot open encrypted files yet. Your other devices may."),
        ),
        MessageKind::File { url } => (
            "message-file-symbolic",
            file_link(url).map(|link| link.host).unwrap_or_default(),
        ),
        MessageKind::GroupInvitation {
            address: group,
            inviter,
        } => (
            "message-group-symbolic",
            invitation(is_own, other, &address(group), &address(inviter)),
        ),
        MessageKind::MissedCall => (
            "message-call-symbolic",
            fill(
                &gettext("{name} called. Stonechat cannot take calls yet. Your other devices may."),
                &[("name", other)],
            ),
        ),
        MessageKind::TooLarge { bytes } => (
            "message-large-symbolic",
            fill(
                // Translators: size is such as "5.1 MB".
                &gettext("A message of {size} was too large to read."),
                &[("size", &glib::format_size(*bytes))],
            ),
        ),
        MessageKind::Retracted if is_own && matches!(message.delivery, Delivery::Failed(_)) => (
            "",
            fill(
                &gettext(
                    "You took this message back here, but not at {name}: that was not accepted there.",
                ),
                &[("name", other)],
            ),
        ),
        MessageKind::Retracted if is_own => (
            "",
            gettext("You took this message back. Others may still have it."),
        ),
        MessageKind::Retracted => (
            "",
            fill(
                &gettext("{name} took this message back."),
                &[("name", other)],
            ),
        ),
    };
    let said = match message.kind {
        MessageKind::GroupInvitation { .. } if !message.body.is_empty() => {
            // Translators: the words of somebody else, among ours.
            fill(&gettext("“{text}”"), &[("text", &message.body)])
        }
        _ => String::new(),
    };
    let link = match &message.kind {
        MessageKind::File { url } => Some(url.clone()),
        _ => None,
    };
    Some(Words {
        icon,
        title: title(&message.kind),
        sentence,
        said,
        link,
        why: match &message.kind {
            MessageKind::Unreadable { why } => Some(*why),
            _ => None,
        },
    })
}

/// Returns what is copied of a message: its text, its file, or our sentence.
pub fn copied(message: &Message, other: &str) -> String {
    match words(message, other) {
        Some(words) => words.link.clone().unwrap_or_else(|| words.whole()),
        None => message.body.clone(),
    }
}

fn invitation(is_own: bool, other: &str, group: &str, inviter: &str) -> String {
    let sentence = if is_own {
        gettext("You invited {name} to the group {group}. Groups come in a later version.")
    } else if inviter.is_empty() {
        gettext("{name} invites you to the group {group}. Groups come in a later version.")
    } else {
        // Translators: the group's server says who invites; nobody else confirms it.
        gettext(
            "The group {group} invites you, and says that {inviter} asked for it. Groups come in a later version.",
        )
    };
    let places = [("name", other), ("group", group), ("inviter", inviter)];
    fill(&sentence, &places)
}

fn title(kind: &MessageKind) -> String {
    match kind {
        MessageKind::Text | MessageKind::Retracted => String::new(),
        MessageKind::Unreadable { .. } => gettext("This message cannot be read"),
        MessageKind::EncryptedFile => gettext("Encrypted file"),
        MessageKind::File { url } => file_name(url).unwrap_or_else(|| gettext("File")),
        MessageKind::GroupInvitation { .. } => gettext("Invitation to a group"),
        MessageKind::MissedCall => gettext("Missed call"),
        MessageKind::TooLarge { .. } => gettext("Message too large"),
    }
}

/// Returns the words of the chat list for a message that is no text.
pub fn preview(kind: &MessageKind) -> Option<String> {
    match kind {
        MessageKind::Text => None,
        MessageKind::Unreadable { .. } => Some(gettext("Encrypted message")),
        // Translators: in the chat list, and above an answer to such a message.
        MessageKind::Retracted => Some(gettext("Message taken back")),
        MessageKind::File { url } => Some(match file_name(url) {
            Some(name) => fill(&gettext("File: {name}"), &[("name", &name)]),
            None => gettext("File"),
        }),
        MessageKind::EncryptedFile
        | MessageKind::GroupInvitation { .. }
        | MessageKind::MissedCall
        | MessageKind::TooLarge { .. } => Some(title(kind)),
    }
}

fn file_name(url: &str) -> Option<String> {
    file_link(url)
        .map(|link| link.name)
        .filter(|name| !name.is_empty())
}

/// The head of such a bubble: icon, title, and the button that opens a file.
#[derive(Debug)]
pub struct Head {
    /// All of it.
    pub root: gtk::Box,
    icon: gtk::Image,
    title: gtk::Label,
    caption: gtk::Label,
    open: gtk::Button,
}

impl Default for Head {
    fn default() -> Self {
        let root = gtk::Box::builder().css_classes(["head"]).spacing(8).build();
        let icon = gtk::Image::builder()
            .accessible_role(gtk::AccessibleRole::Presentation)
            .valign(gtk::Align::Center)
            .build();
        let title = line("title");
        let caption = line("caption");
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .valign(gtk::Align::Center)
            .hexpand(true)
            .build();
        lines.append(&title);
        lines.append(&caption);
        let open = gtk::Button::builder()
            .label(gettext("Open"))
            .valign(gtk::Align::Center)
            .build();
        // The target first: GTK checks it when the name is set.
        open.set_action_target_value(Some(&String::new().to_variant()));
        open.set_action_name(Some("message.open-file"));
        root.append(&icon);
        root.append(&lines);
        root.append(&open);
        Self {
            root,
            icon,
            title,
            caption,
            open,
        }
    }
}

impl Head {
    /// Shows what came, with the rest of its words in the bubble's text.
    pub fn show(&self, words: &Words, text: &gtk::Label) {
        self.root.set_visible(true);
        self.icon.set_icon_name(Some(words.icon));
        self.title.set_label(&words.title);
        let is_file = words.link.is_some();
        self.caption.set_visible(is_file);
        self.open.set_visible(is_file);
        text.set_visible(!is_file);
        if let Some(link) = &words.link {
            self.caption.set_label(&words.sentence);
            self.open.set_action_target_value(Some(&link.to_variant()));
            // Translators: opens a file in the browser; host is the server that has it.
            let name = fill(
                &gettext("Open {name} from {host}"),
                &[("name", &words.title), ("host", &words.sentence)],
            );
            self.open
                .update_property(&[gtk::accessible::Property::Label(&name)]);
            text.set_text("");
        } else if words.said.is_empty() {
            body::show_plain(text, &words.sentence);
        } else {
            body::show_plain(text, &format!("{}\n{}", words.sentence, words.said));
        }
    }

    /// Leaves the bubble to its text.
    pub fn hide(&self, text: &gtk::Label) {
        self.root.set_visible(false);
        text.set_visible(true);
    }
}

fn line(class: &str) -> gtk::Label {
    gtk::Label::builder()
        .css_classes([class])
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .xalign(0.0)
        .build()
}
