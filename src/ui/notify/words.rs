//! What a notification says. Pure.

use crate::engine::model::{ConversationRow, MessageKind, MessageRow};
use crate::engine::text::{self, action, preview};
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::timeline::notice;

/// How many of the newest messages of a chat are said.
const MOST_LINES: usize = 3;

/// What a notification says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Who wrote, or that somebody did.
    pub title: String,
    /// What; empty when that is nobody's business.
    pub body: String,
}

/// Returns what to say of the newest messages of a chat, the oldest first.
///
/// While `shows_content` is off it says neither who wrote nor what: it may
/// stand on a locked screen (attack A54).
pub fn said(chat: &ConversationRow, messages: &[MessageRow], shows_content: bool) -> Said {
    if !shows_content {
        return Said {
            title: gettext("New message"),
            body: String::new(),
        };
    }
    let unread = chat.unread.max(1);
    let title = if unread > 1 {
        let sentence = count(
            // Translators: name is a contact's name.
            "{name}: {count} new message",
            "{name}: {count} new messages",
            unread,
        );
        fill(&sentence, &[("name", &chat.name)])
    } else {
        chat.name.clone()
    };
    let first = messages.len().saturating_sub(MOST_LINES);
    let lines: Vec<String> = messages[first..]
        .iter()
        .map(|message| line(chat, message))
        .filter(|line| !line.is_empty())
        .collect();
    Said {
        title,
        body: plain(&lines.join("\n")),
    }
}

fn line(chat: &ConversationRow, message: &MessageRow) -> String {
    if message.kind != MessageKind::Text {
        return notice::preview(&message.kind).unwrap_or_default();
    }
    let words = preview(&message.body, message.is_styled);
    action(&words, &chat.name).unwrap_or(words)
}

/// Takes from a text what some desktops read as markup (attack A54): a bracket
/// that begins a tag has a mark of no width behind it, which no tag has.
fn plain(words: &str) -> String {
    let words = text::seen(words);
    let mut plain = String::with_capacity(words.len());
    let mut letters = words.chars().peekable();
    while let Some(letter) = letters.next() {
        plain.push(letter);
        let begins_tag = |next: &char| next.is_alphabetic() || matches!(next, '/' | '!' | '?');
        if letter == '<' && letters.peek().is_some_and(begins_tag) {
            plain.push('\u{2060}');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::{
        AccountId, ConversationId, Delivery, Direction, MessageId, Protection,
    };

    fn chat(unread: u32) -> ConversationRow {
        ConversationRow {
            id: ConversationId(1),
            account: AccountId(1),
            address: "juliet@example.org".to_owned(),
            name: "Juliet".to_owned(),
            picture: String::new(),
            own_name: "romeo".to_owned(),
            last_kind: MessageKind::Text,
            last_body: String::new(),
            last_time: 0,
            last_direction: None,
            last_delivery: None,
            unread,
            first_unread: None,
            is_history_complete: true,
            draft: String::new(),
            muted_until: 0,
            is_pinned: false,
            is_archived: false,
            is_marked_unread: false,
            is_request: false,
            asks_for_presence: false,
        }
    }

    #[test]
    fn the_newest_messages_of_a_chat_are_said_with_their_number() {
        let messages = ["one", "two", "three", "four"].map(message);

        let said = said(&chat(4), &messages, true);

        assert_eq!(said.title, "Juliet: 4 new messages");
        assert_eq!(said.body, "two\nthree\nfour");
    }

    #[test]
    fn signs_of_style_and_commands_are_read_before_they_are_said() {
        let messages = [message("/me sighs"), message("*O* Romeo")];

        let said = said(&chat(1), &messages, true);

        assert_eq!(said.title, "Juliet");
        assert_eq!(said.body, "* Juliet sighs\nO Romeo");
    }

    #[test]
    fn a54_hidden_content_names_neither_words_nor_people() {
        let said = said(&chat(1), &[message("The code is 74-16")], false);

        assert_eq!(said.title, "New message");
        assert_eq!(said.body, "");
    }

    #[test]
    fn a54_no_markup_of_others_reaches_the_desktop() {
        let body = "<b>bold</b> <img src='http://evil.example/'/> 1 < 2 <3";

        let said = said(&chat(1), &[message(body)], true);

        for tag in ["<b", "</b", "<img"] {
            assert!(!said.body.contains(tag), "{}", said.body);
        }
        assert!(said.body.contains("1 < 2 <3"), "{}", said.body);
    }

    fn message(body: &str) -> MessageRow {
        MessageRow {
            id: MessageId(1),
            conversation: ConversationId(1),
            direction: Direction::Incoming,
            kind: MessageKind::Text,
            body: body.to_owned(),
            time: 0,
            delivery: Delivery::Delivered,
            protection: Protection::None,
            is_styled: true,
            reply: None,
            reactions: Vec::new(),
            reaction_refused: None,
            edited: None,
        }
    }
}
