//! Which parts of a text are no words to spell: links and code.
//!
//! Pure.
//!
//! # Source
//!
//! XEP-0393 v1.1.1 §5.1.3 (a block between lines that begin with three back
//! ticks, or to the end) and §5.2.4 (a span between back ticks on one line,
//! nothing empty, no white space after the first).

use std::ops::Range;

use crate::engine::text::links;

const FENCE: &str = "```";

/// Returns the ranges that are not checked, in characters and in order.
pub fn unchecked(text: &str) -> Vec<Range<usize>> {
    let mut ranges = links(text);
    let mut fence: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        match fence {
            Some(from) if line.trim_end() == FENCE => {
                ranges.push(from..end);
                fence = None;
            }
            None if line.starts_with(FENCE) => fence = Some(start),
            None => {
                ranges.extend(code_spans(line).map(|span| start + span.start..start + span.end));
            }
            Some(_) => {}
        }
        start = end;
    }
    if let Some(from) = fence {
        ranges.push(from..text.len());
    }
    in_characters(text, merged(ranges))
}

fn code_spans(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(open) = line[from..].find('`').map(|at| from + at) {
            let inside = &line[open + 1..];
            let Some(length) = inside.find('`') else {
                break;
            };
            let is_code = length > 0 && !inside.starts_with(char::is_whitespace);
            let close = open + 1 + length;
            if is_code {
                from = close + 1;
                return Some(open..close + 1);
            }
            from = close;
        }
        None
    })
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
