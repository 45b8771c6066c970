//! What counts as one emoji, for reactions.
//!
//! A text that came as a reaction is drawn as a small button, so it has to be
//! one sign: a check of its form, by the ranges that emoji are in. New emoji
//! lie in the same ranges, so this knows those of years to come.
//!
//! # Source
//! UTS #51 (Unicode Emoji) §1.4.9, ED-17: emoji sequence.

/// So many emoji are taken of one person on one message.
const MOST: usize = 20;
/// The longest sequence in use has ten characters (two people of two skin
/// colours, kissing); flags of regions have seven.
const LONGEST: usize = 16;

/// As an emoji, not as a sign of the text.
const VARIATION: char = '\u{fe0f}';
/// Joins emoji into one.
const JOINER: char = '\u{200d}';
/// A frame around a digit.
const KEYCAP: char = '\u{20e3}';
/// Ends the tags behind a flag.
const LAST_TAG: char = '\u{e007f}';

/// Returns the emoji among texts, each once, in order, and no more than 20.
pub fn chosen_emoji(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut chosen = Vec::new();
    for text in texts {
        if chosen.len() >= MOST {
            break;
        }
        if is_emoji(&text) && !chosen.contains(&text) {
            chosen.push(text);
        }
    }
    chosen
}

/// Returns whether a text is one emoji and nothing else.
pub fn is_emoji(text: &str) -> bool {
    let characters: Vec<char> = text.chars().take(LONGEST + 1).collect();
    if characters.len() > LONGEST {
        return false;
    }
    match characters.as_slice() {
        ['0'..='9' | '#' | '*', KEYCAP] | ['0'..='9' | '#' | '*', VARIATION, KEYCAP] => true,
        [first, second] if is_region(*first) => is_region(*second),
        whole => whole
            .split(|character| *character == JOINER)
            .all(is_element),
    }
}

/// Returns whether these are an emoji that may be joined with others.
fn is_element(characters: &[char]) -> bool {
    let [base, rest @ ..] = characters else {
        return false;
    };
    let rest = match rest {
        [VARIATION, rest @ ..] | rest => rest,
    };
    let rest = match rest {
        [skin, rest @ ..] if is_skin(*skin) => rest,
        rest => rest,
    };
    let is_tagged = match rest {
        [] => true,
        [tags @ .., LAST_TAG] => tags
            .iter()
            .all(|tag| ('\u{e0020}'..='\u{e007e}').contains(tag)),
        _ => false,
    };
    is_base(*base) && is_tagged
}

fn is_region(character: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&character)
}

fn is_skin(character: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&character)
}

/// The ranges of `emoji-data.txt`, property `Extended_Pictographic`, with the
/// skin colours, which may stand alone.
fn is_base(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2194}'..='\u{2199}' | '\u{21a9}'..='\u{21aa}' | '\u{231a}'..='\u{231b}'
            | '\u{2328}' | '\u{23cf}' | '\u{23e9}'..='\u{23f3}' | '\u{23f8}'..='\u{23fa}'
            | '\u{24c2}' | '\u{25aa}'..='\u{25ab}' | '\u{25b6}' | '\u{25c0}'
            | '\u{25fb}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
            | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
            | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1f0ff}' | '\u{1f170}'..='\u{1f171}' | '\u{1f17e}'..='\u{1f17f}'
            | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}'..='\u{1f202}' | '\u{1f21a}'
            | '\u{1f22f}' | '\u{1f232}'..='\u{1f23a}' | '\u{1f250}'..='\u{1f251}'
            | '\u{1f300}'..='\u{1faff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_of_every_form_are_emoji() {
        for emoji in [
            "👍",
            "👍🏽",
            "❤",
            "❤️",
            "❤️‍🔥",
            "🇮🇹",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "1️⃣",
            "#⃣",
            "👩‍👩‍👧‍👦",
            "👩🏻‍❤️‍💋‍👨🏿",
            "🏳️‍🌈",
            "🧑🏽‍🚀",
            "☺️",
            "🫠",
        ] {
            assert!(is_emoji(emoji), "{emoji}");
        }
    }

    #[test]
    fn a11_anything_else_is_none() {
        for text in [
            "",
            " ",
            "a",
            "OK",
            "1",
            "👍👍",
            "👍a",
            "👍 ",
            "🇮",
            "🇮🇹🇮🇹",
            "\u{fe0f}",
            "\u{200d}",
            "👍\u{200d}",
            "👍\u{301}",
            "\u{202e}👍",
            "é",
            "漢",
        ] {
            assert!(!is_emoji(text), "{text:?}");
        }
    }

    #[test]
    fn a56_an_endless_sequence_is_none() {
        assert!(!is_emoji(&vec!["👩"; 10_000].join("\u{200d}")));
        assert!(!is_emoji(&format!("👍{}", "\u{fe0f}".repeat(10_000))));
    }

    #[test]
    fn each_emoji_counts_once() {
        let texts = ["👍", "no", "👎", "👍"].map(str::to_owned);

        assert_eq!(chosen_emoji(texts), ["👍", "👎"]);
    }
}
