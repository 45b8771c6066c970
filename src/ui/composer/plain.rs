//! What may stand in the field: letters, line breaks and tabs, and not more
//! than a message can carry.
//!
//! Pure. Every text that comes in passes through here, by whatever way: typed,
//! pasted, dropped, or chosen with the middle button.

use std::borrow::Cow;

/// The longest message that is written here, in bytes. Servers end the stream
/// of one who sends more than they take; the strictest usual limit is 64 KiB.
pub const LIMIT_BYTES: usize = 50_000;

/// Returns `text` with plain line breaks and without control characters, which
/// XML cannot carry and nobody can see.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unwanted) {
        return Cow::Borrowed(text);
    }
    let broken = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(broken.chars().filter(|c| !is_unwanted(*c)).collect())
}

/// Returns the beginning of `text` that fits into `room_bytes`, whole letters.
pub fn fitting(text: &str, room_bytes: usize) -> &str {
    let mut end = room_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// U+FFFC stands for a picture in a text view, U+FFFE and U+FFFF are forbidden
/// in XML.
fn is_unwanted(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{fffc}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_tabs_stay_and_other_control_characters_go() {
        assert_eq!(
            plain("a\tb\r\nc\rd\u{0}e\u{1b}[31mf\u{7f}\u{85}"),
            "a\tb\nc\nde[31mf"
        );
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "👩\u{200d}👧 שלום می\u{200c}خواهم\n\tend";

        assert!(matches!(plain(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn what_is_cut_ends_with_a_whole_letter() {
        assert_eq!(fitting("añb", 2), "a");
        assert_eq!(fitting("añb", 3), "añ");
        assert_eq!(fitting("añb", 99), "añb");
        assert_eq!(fitting("a", 0), "");
    }
}
