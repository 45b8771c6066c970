//! Message styling: what of a text is a quote, code, strong, emphasized or
//! struck out.
//!
//! Nothing is taken out or rewritten: every byte of the text is in one of the
//! pieces, in order, and whoever draws them decides what stays out of sight.
//! Signs that style nothing are text. Lines that look alike are one block
//! here, as they are drawn together, although each of them is a block to the
//! specification; so spans are looked for line by line, in [`spans`].
//!
//! The time taken grows as the text does, whatever the text.
//!
//! # Source
//! XEP-0393 v1.1.1 §6.1. Where we differ: quotes nest eight deep, as a bubble
//! has no room for more; signs beyond are text.

mod spans;
#[cfg(test)]
mod tests;

use std::ops::{BitOr, Range};

/// How deep quotes nest.
pub const DEEPEST_QUOTE: usize = 8;

const FENCE: &str = "```";

/// Lines of a text that are drawn together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// In how many quotes it stands.
    pub depth: usize,
    /// Preformatted text, in which nothing is styled.
    pub is_code: bool,
    /// All of it, in order.
    pub pieces: Vec<Piece>,
}

/// A part of a text that looks the same throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it is in the text, in bytes.
    pub range: Range<usize>,
    /// What it is there for.
    pub role: Role,
    /// How it looks.
    pub style: Style,
}

impl Block {
    /// Returns whether anything of it is seen where it is drawn as a block.
    pub fn is_seen(&self) -> bool {
        self.pieces.iter().any(|piece| piece.role != Role::Frame)
    }

    /// Returns what is to be read in it, without the signs that style it.
    /// `text` is what it was found in.
    pub fn words(&self, text: &str) -> String {
        let of = |most: Role| -> String {
            let read = self.pieces.iter().filter(|piece| piece.role <= most);
            read.map(|piece| &text[piece.range.clone()]).collect()
        };
        let words = of(Role::Text);
        if words.trim().is_empty() {
            // Nobody hides words beside the sign that begins code.
            return of(Role::Sign);
        }
        words
    }
}

/// What a piece of a text is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// To be read.
    Text,
    /// A sign that styles what is beside it, or the words behind the sign that
    /// begins code: seen, but less.
    Sign,
    /// What makes a block one, and ends its last line: not seen where the
    /// block is drawn as one.
    Frame,
}

/// How a text looks: any of these together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style(u8);

impl Style {
    /// As the text around it.
    pub const PLAIN: Self = Self(0);
    /// Bold.
    pub const STRONG: Self = Self(1);
    /// In italics.
    pub const EMPHASIS: Self = Self(2);
    /// With a line through it.
    pub const STRIKE: Self = Self(4);
    /// In letters of one width.
    pub const CODE: Self = Self(8);

    /// Returns whether all of `other` is in this style.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Style {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Returns the blocks of a text as its signs style it.
pub fn styled(text: &str) -> Vec<Block> {
    let mut blocks = Blocks::default();
    // In how many quotes the code stands that has not ended yet.
    let mut code = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.strip_suffix('\n').unwrap_or(line).len();
        let (depth, at) = quotes(text, start..end, code.unwrap_or(DEEPEST_QUOTE));
        if code.is_some_and(|code| depth < code) {
            code = None;
        }
        let kind = match (code, &text[at..end]) {
            (Some(_), FENCE) => LineKind::EndsCode,
            (Some(_), _) => LineKind::Code,
            (None, words) if words.starts_with(FENCE) => LineKind::BeginsCode,
            (None, _) => LineKind::Plain,
        };
        blocks.begin_line(depth, kind);
        blocks.push(start..at, Role::Frame, kind.style());
        match kind {
            LineKind::BeginsCode => {
                code = Some(depth);
                let behind = at + FENCE.len();
                blocks.push(at..behind, Role::Frame, Style::CODE);
                blocks.push(behind..end, Role::Sign, Style::CODE);
            }
            LineKind::Code => blocks.push(at..end, Role::Text, Style::CODE),
            LineKind::EndsCode => {
                code = None;
                blocks.push(at..end, Role::Frame, Style::CODE);
            }
            LineKind::Plain => {
                spans::find(text, at..end, Style::PLAIN, &mut |range, role, style| {
                    blocks.push(range, role, style);
                });
            }
        }
        start += line.len();
        blocks.line_end = (end < start).then_some(end);
    }
    blocks.end_line(Role::Frame);
    blocks.found
}

/// Returns a text as one piece that nothing styles.
pub fn unstyled(text: &str) -> Vec<Block> {
    if text.is_empty() {
        return Vec::new();
    }
    let piece = Piece {
        range: 0..text.len(),
        role: Role::Text,
        style: Style::PLAIN,
    };
    vec![Block {
        depth: 0,
        is_code: false,
        pieces: vec![piece],
    }]
}

/// Returns in how many quotes a line stands, and where its words begin.
fn quotes(text: &str, line: Range<usize>, most: usize) -> (usize, usize) {
    let (mut depth, mut at) = (0, line.start);
    while depth < most && text[at..line.end].starts_with('>') {
        at += 1;
        let gap = text[at..line.end].chars().next();
        at += gap
            .filter(|gap| gap.is_whitespace())
            .map_or(0, char::len_utf8);
        depth += 1;
    }
    (depth, at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Plain,
    BeginsCode,
    Code,
    EndsCode,
}

impl LineKind {
    fn style(self) -> Style {
        if self == Self::Plain {
            Style::PLAIN
        } else {
            Style::CODE
        }
    }
}

/// The blocks found so far.
#[derive(Default)]
struct Blocks {
    found: Vec<Block>,
    /// Nothing is added to the last one any more.
    is_ended: bool,
    /// Where the last line ends, until it is known what that end is.
    line_end: Option<usize>,
}

impl Blocks {
    /// Begins a line: in the last block, where it is of that.
    fn begin_line(&mut self, depth: usize, kind: LineKind) {
        let is_code = kind != LineKind::Plain;
        let is_of_last = kind != LineKind::BeginsCode
            && !self.is_ended
            && self
                .found
                .last()
                .is_some_and(|last| last.depth == depth && last.is_code == is_code);
        self.is_ended = kind == LineKind::EndsCode;
        if !is_of_last {
            self.end_line(Role::Frame);
            self.found.push(Block {
                depth,
                is_code,
                pieces: Vec::new(),
            });
            return;
        }
        // A line with nothing but the sign that begins or ends code is not seen.
        let is_seen = self.found.last().is_some_and(Block::is_seen);
        let ends_unseen = kind == LineKind::EndsCode || is_code && !is_seen;
        self.end_line(if ends_unseen { Role::Frame } else { Role::Text });
    }

    fn end_line(&mut self, role: Role) {
        if let Some(end) = self.line_end.take() {
            let is_code = self.found.last().is_some_and(|last| last.is_code);
            let style = if is_code { Style::CODE } else { Style::PLAIN };
            self.push(end..end + 1, role, style);
        }
    }

    /// Adds to the last block; what looks the same is one piece.
    fn push(&mut self, range: Range<usize>, role: Role, style: Style) {
        let Some(block) = self.found.last_mut().filter(|_| !range.is_empty()) else {
            return;
        };
        match block.pieces.last_mut() {
            Some(last) if last.role == role && last.style == style => last.range.end = range.end,
            _ => block.pieces.push(Piece { range, role, style }),
        }
    }
}
