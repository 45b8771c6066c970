//! Emoji on a message (XEP-0444 v0.2.1, `urn:xmpp:reactions:0`).
//!
//! Left out: groups, and what a service says of emoji it does not take.
//!
//! # Source
//! XEP-0444 §3, §4.

use minidom::Element;

use super::namespaces::REACTIONS;
use super::stanza::{self, element};
use crate::engine::text::chosen_emoji;

/// With what somebody reacts to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reactions {
    /// Id of the message.
    pub id: String,
    /// All of the emoji; none: they take back what they had.
    pub emoji: Vec<String>,
}

/// Returns with what a message reacts to another. What is no emoji is left out.
pub fn read(message: &Element) -> Option<Reactions> {
    let reactions = message.get_child("reactions", REACTIONS)?;
    let emoji = reactions
        .children()
        .filter(|child| child.is("reaction", REACTIONS))
        .map(|reaction| reaction.text().trim().to_owned());
    Some(Reactions {
        id: stanza::reference(reactions)?.to_owned(),
        emoji: chosen_emoji(emoji),
    })
}

/// Builds all reactions to the message with this id.
pub fn reactions(id: &str, emoji: &[String]) -> Element {
    let mut reactions = element("reactions", REACTIONS, &[("id", id)]);
    for emoji in emoji {
        reactions.append_child(stanza::text_element("reaction", REACTIONS, emoji));
    }
    reactions
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(inside: &str) -> Option<Reactions> {
        let xml = format!(
            "<message xmlns='jabber:client'><reactions xmlns='urn:xmpp:reactions:0' id='m1'>{inside}</reactions></message>"
        );
        read(&xml.parse().unwrap())
    }

    #[test]
    fn the_examples_of_the_xep_are_read() {
        let both = parsed("<reaction>👋</reaction><reaction>🐢</reaction>").unwrap();

        assert_eq!(both.id, "m1");
        assert_eq!(both.emoji, ["👋", "🐢"]);
        assert!(parsed("").unwrap().emoji.is_empty());
    }

    #[test]
    fn a56_a_thousand_emoji_are_twenty() {
        let thousand: Vec<String> = (0..1000)
            .map(|number| char::from_u32(0x1f300 + number % 200).unwrap())
            .map(|emoji| format!("<reaction>{emoji}</reaction>"))
            .collect();

        assert_eq!(parsed(&thousand.concat()).unwrap().emoji.len(), 20);
    }

    #[test]
    fn a11_words_are_no_reaction() {
        let words = parsed(
            "<reaction>Send money</reaction><reaction>👋👋</reaction><reaction/>\
             <reaction>👋</reaction><reaction> 👋\n</reaction>",
        )
        .unwrap();

        assert_eq!(words.emoji, ["👋"]);
    }

    #[test]
    fn what_we_write_we_can_read() {
        let emoji = vec!["👋".to_owned(), "❤️".to_owned()];
        let mut message = Element::bare("message", "jabber:client");
        message.append_child(reactions("m1", &emoji));

        assert_eq!(
            read(&message),
            Some(Reactions {
                id: "m1".into(),
                emoji
            })
        );
    }
}
