//! What a message answers, above its text: whose words, and the beginning of
//! them. It leads to the message, where that is here.

use relm4::gtk::{self, pango, prelude::*};

use super::notice;
use super::source::Names;
use crate::engine::model::{Direction, Reply};
use crate::engine::text::preview;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::avatar::sender_class;

/// So many lines of the words are shown at most.
const MOST_LINES: i32 = 2;
/// They make a bubble no wider than this, in characters.
const WIDEST: i32 = 48;

/// The head of an answer.
#[derive(Debug)]
pub struct ReplyHead {
    /// All of it.
    pub root: gtk::Button,
    who: gtk::Label,
    words: gtk::Label,
    missing: gtk::Label,
}

impl Default for ReplyHead {
    fn default() -> Self {
        let who = label("who");
        let words = label("excerpt");
        words.set_wrap(true);
        words.set_wrap_mode(pango::WrapMode::WordChar);
        words.set_lines(MOST_LINES);
        words.set_max_width_chars(WIDEST);
        let missing = label("missing");
        // Translators: below the words of an answered message that is not in this history.
        missing.set_label(&gettext("Message not here"));
        let lines = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .build();
        for line in [&who, &words, &missing] {
            lines.append(line);
        }
        let root = gtk::Button::builder()
            .css_classes(["reply"])
            .child(&lines)
            .build();
        // The target first: GTK checks it when the name is set.
        root.set_action_target_value(Some(&0_i64.to_variant()));
        Self {
            root,
            who,
            words,
            missing,
        }
    }
}

impl ReplyHead {
    /// Shows what is answered.
    pub fn show(&self, reply: &Reply, names: &Names) {
        self.root.set_visible(true);
        let who = who(reply, names);
        let sender = match reply.by {
            Some(Direction::Outgoing) => sender_class(&names.own_address),
            Some(Direction::Incoming) => sender_class(&names.other_address),
            None => "unknown".to_owned(),
        };
        self.root.set_css_classes(&["reply", &sender]);
        self.who.set_label(&who);
        let words = words(reply);
        self.words.set_label(&words);
        self.missing.set_visible(reply.target.is_none());
        self.root.set_action_name(None);
        if let Some(target) = reply.target {
            self.root
                .set_action_target_value(Some(&target.0.to_variant()));
            self.root.set_sensitive(true);
            self.root.set_action_name(Some("message.jump"));
        } else {
            self.root.set_sensitive(false);
        }
        let places = [("name", who.as_str()), ("text", words.as_str())];
        let sentence = if reply.target.is_some() {
            // Translators: a button above an answer; it leads to what is answered.
            gettext("In reply to {name}: {text}. Go to this message")
        } else {
            gettext("In reply to {name}: {text}. This message is not here")
        };
        self.root
            .update_property(&[gtk::accessible::Property::Label(&fill(&sentence, &places))]);
    }
}

/// Returns who wrote what is answered, as one reads it.
fn who(reply: &Reply, names: &Names) -> String {
    match reply.by {
        Some(Direction::Outgoing) => gettext("You"),
        Some(Direction::Incoming) => names.other.clone(),
        // Translators: instead of the name of who wrote a message that is not here.
        None => gettext("Earlier message"),
    }
}

/// The words are somebody's, and bounded once more.
fn words(reply: &Reply) -> String {
    if let Some(words) = notice::preview(&reply.kind) {
        return words;
    }
    let words = preview(&reply.words, false);
    if words.is_empty() {
        // Translators: instead of the words of an answered message that has none, a file say.
        gettext("Message without words")
    } else {
        words
    }
}

/// Returns what is heard before an answer: "in reply to you".
pub fn spoken(reply: &Reply, names: &Names) -> String {
    match reply.by {
        Some(Direction::Outgoing) => gettext("in reply to you"),
        Some(Direction::Incoming) => {
            fill(&gettext("in reply to {name}"), &[("name", &names.other)])
        }
        None => gettext("in reply to a message that is not here"),
    }
}

fn label(class: &str) -> gtk::Label {
    gtk::Label::builder()
        .css_classes([class])
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .build()
}
