//! A text as it is drawn: without what would draw over or turn around others.
//!
//! Only what is drawn: what is kept, copied and sent is the text as it came.

use super::names::is_mark;

/// How many marks may stand on one letter; more climb out of the line. Hebrew
/// and Arabic marks are not counted, as their fonts keep them in it.
const MOST_MARKS: usize = 4;

/// Returns a text without what has no shape, without overrides of the direction
/// of writing (attack A13), and with no pile of marks on a letter. A zero byte
/// would also end a C string.
pub fn seen(text: &str) -> String {
    let mut marks = 0;
    text.chars()
        .filter(|&character| {
            marks = if is_mark(character) { marks + 1 } else { 0 };
            let is_shapeless = character.is_control() && !matches!(character, '\n' | '\t');
            // An override makes an address or a file's name read backwards;
            // writing needs embeddings and isolates only, which end with the line.
            let turns_around = matches!(character, '\u{202d}' | '\u{202e}');
            !is_shapeless && !turns_around && marks <= MOST_MARKS
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_text_stays_as_it_is() {
        for text in [
            "Wherefore\n\tart thou?",
            "שָׁלוֹם",
            "مرحبا",
            "👩\u{200d}👧",
            "Tiếng Việt: e\u{302}\u{301}",
            "\u{2068}abc\u{2069}",
        ] {
            assert_eq!(seen(text), text);
        }
    }

    #[test]
    fn what_has_no_shape_is_left_out() {
        assert_eq!(seen("a\0b\u{7f}c\rd"), "abcd");
    }

    #[test]
    fn a13_nothing_reads_backwards() {
        assert_eq!(
            seen("\u{202e}moc.elpmaxe//:sptth\u{202c}"),
            "moc.elpmaxe//:sptth\u{202c}"
        );
    }

    #[test]
    fn ten_thousand_marks_on_a_letter_are_four() {
        let text = format!("a{}b", "\u{301}".repeat(10_000));

        assert_eq!(seen(&text).chars().count(), 2 + MOST_MARKS);
    }
}
