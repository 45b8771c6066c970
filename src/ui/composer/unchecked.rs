//! Which parts of a text are no words to spell: links and code.
//!
//! Pure.

use std::ops::Range;

use crate::engine::text::{Style, links, styled};

/// Returns the ranges that are not checked, in characters and in order.
pub fn unchecked(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<_> = links(text).into_iter().map(|link| link.range).collect();
    let pieces = styled(text).into_iter().flat_map(|block| block.pieces);
    let code = pieces.filter(|piece| piece.style.has(Style::CODE));
    ranges.extend(code.map(|piece| piece.range));
    in_characters(text, merged(ranges))
}

fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn in_characters(text: &str, ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let (mut byte, mut character) = (0, 0);
    let mut count_to = |end: usize| {
        character += text[byte..end].chars().count();
        byte = end;
        character
    };
    ranges
        .into_iter()
        .map(|range| count_to(range.start)..count_to(range.end))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        unchecked(text)
            .into_iter()
            .map(|range| letters[range].iter().collect())
            .collect()
    }

    #[test]
    fn links_are_left_out() {
        assert_eq!(
            parts("Só https://example.org/grden and xmpp:juliet@example.org"),
            ["https://example.org/grden", "xmpp:juliet@example.org"]
        );
    }

    #[test]
    fn code_between_back_ticks_is_left_out() {
        assert_eq!(parts("ü `fn mian` and `x`."), ["`fn mian`", "`x`"]);
    }

    #[test]
    fn back_ticks_that_hold_nothing_are_text() {
        assert_eq!(parts("a ` b ` c `` d `open"), Vec::<String>::new());
    }

    #[test]
    fn a_block_of_code_is_left_out_to_its_end() {
        assert_eq!(parts("see\n```\nlett x\n```\nso"), ["```\nlett x\n```\n"]);
        assert_eq!(parts("```rust\nlett `x"), ["```rust\nlett `x"]);
    }

    #[test]
    fn a_link_inside_code_counts_once() {
        assert_eq!(
            parts("`https://example.org/x` y"),
            ["`https://example.org/x`"]
        );
    }
}
