//! The spans of one line: what stands between two signs of a kind.
//!
//! # Source
//! XEP-0393 v1.1.1 §6.2. A sign is an "opening styling directive", after which
//! one of another kind may stand, only where it has an end: the rules let
//! nothing else count as one.

use std::ops::Range;

use super::{Role, Style};

/// Finds the pieces of `range`, which holds no line end, and hands them on in
/// order. `style` is what all of it has already.
///
/// A span holds none of its own kind, as the first sign that may end one does;
/// so it calls itself four times at most, one inside the other.
pub fn find(
    text: &str,
    range: Range<usize>,
    style: Style,
    found: &mut dyn FnMut(Range<usize>, Role, Style),
) {
    let bytes = text.as_bytes();
    // Kinds that no sign of ends any more before the end of the range.
    let mut endless = Style::PLAIN;
    let (mut at, mut written) = (range.start, range.start);
    while at < range.end {
        let open = at;
        at += 1;
        let Some(kind) = kind_of(bytes[open]) else {
            continue;
        };
        if open + 1 < range.end && bytes[open + 1] == bytes[open] {
            // With nothing between them neither of the two counts.
            at += 1;
            continue;
        }
        if endless.has(kind) || !may_open(text, &range, open) {
            continue;
        }
        let Some(close) = close_of(text, open, range.end) else {
            endless = endless | kind;
            continue;
        };
        found(written..open, Role::Text, style);
        let within = style | kind;
        found(open..open + 1, Role::Sign, within);
        if kind == Style::CODE {
            found(open + 1..close, Role::Text, within);
        } else {
            find(text, open + 1..close, within, found);
        }
        found(close..close + 1, Role::Sign, within);
        at = close + 1;
        written = at;
    }
    found(written..range.end, Role::Text, style);
}

fn kind_of(sign: u8) -> Option<Style> {
    Some(match sign {
        b'*' => Style::STRONG,
        b'_' => Style::EMPHASIS,
        b'~' => Style::STRIKE,
        b'`' => Style::CODE,
        _ => return None,
    })
}

/// Returns whether a sign stands where a span may begin: at the beginning, and
/// so right after a sign that opened one, or after white space.
fn may_open(text: &str, range: &Range<usize>, open: usize) -> bool {
    let before = text[range.start..open].chars().next_back();
    let after = text[open + 1..range.end].chars().next();
    before.is_none_or(char::is_whitespace) && after.is_some_and(|after| !after.is_whitespace())
}

/// Returns the first place where the span that begins at `open` may end.
fn close_of(text: &str, open: usize, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (open + 2..end).find(|&close| {
        bytes[close] == bytes[open]
            && text[open + 1..close]
                .chars()
                .next_back()
                .is_some_and(|before| !before.is_whitespace())
    })
}
