//! "This answers that message" (XEP-0461 v0.2.1, `urn:xmpp:reply:0`).
//!
//! For programs that do not know replies the answered words stand before the
//! text as a quote, which [`super::fallbacks`] marks. Left out: replies in groups.
//!
//! # Source
//! XEP-0461 §3, §4.1.

use jid::{BareJid, Jid};
use minidom::Element;

use super::fallbacks::{self, Fallback};
use super::namespaces::REPLIES;
use super::stanza::{self, element};

/// No more of what is quoted is kept, in characters.
const MOST_QUOTED: usize = 500;
/// No more lines of it.
const MOST_LINES: usize = 8;

/// What a message answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// Id of the answered message.
    pub id: String,
    /// Whose it is, as the sender says.
    pub to: Option<BareJid>,
    /// Its words, as the sender quotes them; empty: not quoted.
    pub words: String,
}

impl ReplyTo {
    /// Takes the quote off a text and keeps its words. A text that would say
    /// nothing without it stays whole (attack A11).
    pub fn part(&mut self, body: String, quote: &Fallback) -> String {
        match fallbacks::parted(&body, quote) {
            Some((said, quote)) if !said.trim().is_empty() => {
                self.words = unquote(&quote);
                said
            }
            _ => body,
        }
    }
}

/// Returns what a message answers, without the words.
pub fn read(message: &Element) -> Option<ReplyTo> {
    let reply = message.get_child("reply", REPLIES)?;
    Some(ReplyTo {
        id: stanza::reference(reply)?.to_owned(),
        to: reply
            .attr("to")
            .and_then(|to| Jid::new(to).ok())
            .map(Jid::into_bare),
        words: String::new(),
    })
}

/// Builds the reference to the message with this id; `to` wrote it.
pub fn reply(id: &str, to: Option<&str>) -> Element {
    match to {
        Some(to) => element("reply", REPLIES, &[("to", to), ("id", id)]),
        None => element("reply", REPLIES, &[("id", id)]),
    }
}

/// Returns as much of a text as is quoted.
pub fn quoted(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take(MOST_LINES).collect();
    lines.join("\n").chars().take(MOST_QUOTED).collect()
}

/// Writes words as a quote, to stand before a text.
pub fn quote(words: &str) -> String {
    words.lines().fold(String::new(), |mut quote, line| {
        quote.push_str("> ");
        quote.push_str(line);
        quote.push('\n');
        quote
    })
}

/// Returns the words of a quote.
pub fn unquote(quote: &str) -> String {
    let lines = quote.lines().map(|line| {
        let line = line.strip_prefix('>').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    quoted(&lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_reply_names_what_it_answers_and_whose_that_is() {
        let message: Element = "<message xmlns='jabber:client'>\
            <reply xmlns='urn:xmpp:reply:0' to='anna@example.com/tablet' id='message-id1'/></message>"
            .parse()
            .unwrap();

        let reply = read(&message).unwrap();

        assert_eq!(reply.id, "message-id1");
        assert_eq!(reply.to, BareJid::new("anna@example.com").ok());
    }

    #[test]
    fn a7_a_reply_without_a_usable_id_is_none() {
        let long = "x".repeat(2000);
        for id in [String::new(), "id=''".into(), format!("id='{long}'")] {
            let xml = format!(
                "<message xmlns='jabber:client'><reply xmlns='urn:xmpp:reply:0' {id}/></message>"
            );
            assert_eq!(read(&xml.parse().unwrap()), None);
        }
    }

    #[test]
    fn what_is_quoted_is_read_again() {
        let words = "We should bake a cake\n> and eat it";

        assert_eq!(quote(words), "> We should bake a cake\n> > and eat it\n");
        assert_eq!(unquote(&quote(words)), words);
        assert_eq!(quote(""), "");
    }

    #[test]
    fn only_the_beginning_of_much_is_quoted() {
        assert_eq!(quoted(&"ß".repeat(5000)).chars().count(), MOST_QUOTED);
        assert_eq!(quoted(&"line\n".repeat(500)).lines().count(), MOST_LINES);
    }
}
