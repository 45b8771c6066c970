//! A message in one line, for the chat list and notifications.

use std::borrow::Cow;

use super::links::without_keys;
use super::names::is_hidden;
use super::styling::styled;

/// How long a preview may get, in characters; more is never seen in a line.
const LIMIT: usize = 200;

/// Returns `body` as one line, without the signs that style it and without its
/// quotes, where it is more than quotes: white space folded, characters without a shape
/// and marks that turn the direction of the text around them removed, cut to
/// 200 characters with an ellipsis. The keys of links are left out. The joiners that emoji and Persian words
/// are made with stay.
///
/// The marks are removed because a line of the chat list stands beside other
/// people's words, and an unclosed override would turn those around.
pub fn preview(body: &str, is_styled: bool) -> String {
    let body = without_keys(body);
    let words = if is_styled {
        Cow::Owned(words(&body))
    } else {
        body
    };
    let mut line = String::new();
    let mut length = 0;
    let mut gap = false;
    for character in words.chars() {
        if character.is_whitespace() {
            gap = length > 0;
            continue;
        }
        if is_hidden(character) {
            continue;
        }
        if length + usize::from(gap) >= LIMIT {
            line.push('…');
            break;
        }
        if std::mem::take(&mut gap) {
            line.push(' ');
            length += 1;
        }
        line.push(character);
        length += 1;
    }
    line
}

fn words(body: &str) -> String {
    let blocks: Vec<_> = styled(body)
        .into_iter()
        .map(|block| (block.depth, block.words(body)))
        .filter(|(_, words)| !words.trim().is_empty())
        .collect();
    let says_something = blocks.iter().any(|(depth, _)| *depth == 0);
    let own = blocks
        .into_iter()
        .filter(|(depth, _)| *depth == 0 || !says_something);
    own.map(|(_, words)| words).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(body: &str) -> String {
        super::preview(body, true)
    }

    #[test]
    fn signs_and_quotes_are_left_out() {
        assert_eq!(
            preview("> But _soft_!\n\nWhat *light* is `that`? 2 * 3 * 4"),
            "What light is that? 2 * 3 * 4"
        );
        assert_eq!(preview("> But _soft_!\n> "), "But soft!");
        assert_eq!(preview("```rust\nfn main() {}\n```"), "fn main() {}");
        assert_eq!(preview("```well```"), "well```");
        assert_eq!(super::preview("> _ <", false), "> _ <");
    }

    #[test]
    fn white_space_folds_into_single_spaces() {
        assert_eq!(
            preview("  But soft!\n\n\tWhat light \u{a0}there?\r\n"),
            "But soft! What light there?"
        );
        assert_eq!(preview(" \n\t "), "");
    }

    #[test]
    fn control_characters_and_direction_overrides_are_removed() {
        assert_eq!(
            preview("a\u{0}b\u{7f}c\u{202e}d\u{2066}e\u{200f}f"),
            "abcdef"
        );
    }

    #[test]
    fn emoji_sequences_and_right_to_left_words_stay_whole() {
        assert_eq!(
            preview("👩\u{200d}👧 שלום می\u{200c}خواهم"),
            "👩\u{200d}👧 שלום می\u{200c}خواهم"
        );
    }

    #[test]
    fn a_long_body_is_cut_by_characters() {
        let cut = preview(&"ß".repeat(LIMIT + 1));
        assert_eq!(cut.chars().count(), LIMIT + 1);
        assert!(cut.ends_with('…'));

        let fits = "ß".repeat(LIMIT);
        assert_eq!(preview(&format!("{fits} \n")), fits);
    }
}
