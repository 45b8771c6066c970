//! What is drawn of a message's text: its blocks, how their letters look, and
//! what in them is a link.
//!
//! Pure. The signs that make quotes and code are left out here, as those are
//! drawn as blocks; all others stay.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::text::{
    Block, Link, Role, Style, doer, isolated, links, seen, styled, unstyled, without_command,
};
use crate::ui::i18n::{fill, gettext};

/// More blocks than these are not laid out: each is a label.
pub const MOST_BLOCKS: usize = 40;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// A block as it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// In how many quotes it stands.
    pub depth: usize,
    /// How many of these it shares with the block before it.
    pub shared: usize,
    /// It is code.
    pub is_code: bool,
    /// Its letters.
    pub text: String,
    /// How parts of them look, in order; the rest is plain.
    pub looks: Vec<Look>,
    /// What in it can be opened.
    pub links: Vec<Link>,
    /// What in it is looked for, in bytes.
    pub marks: Vec<Range<usize>>,
}

/// How a part of a text looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which part, in bytes.
    pub range: Range<usize>,
    /// How.
    pub style: Style,
    /// It is a sign, and seen less than the words.
    pub is_sign: bool,
}

impl Drawn {
    /// Returns whether it is a text among texts, and no box of its own.
    pub fn is_plain(&self) -> bool {
        self.depth == 0 && !self.is_code
    }

    fn add(&mut self, words: &str, style: Style, is_sign: bool) {
        let start = self.text.len();
        self.text.push_str(words);
        if style != Style::PLAIN || is_sign {
            self.looks.push(Look {
                range: start..self.text.len(),
                style,
                is_sign,
            });
        }
    }

    /// An empty line beside a box is the box's own distance.
    fn trim(&mut self, is_first: bool, is_last: bool) {
        if !is_last {
            let length = self.text.trim_end_matches('\n').len();
            self.text.truncate(length);
        }
        if is_first {
            return;
        }
        let cut = self.text.len() - self.text.trim_start_matches('\n').len();
        self.text.drain(..cut);
        for look in &mut self.looks {
            look.range = look.range.start.saturating_sub(cut)..look.range.end.saturating_sub(cut);
        }
    }

    /// Code holds no links, and no sign is part of one. An address among words
    /// that are written leftwards keeps its own order.
    fn find_links(&mut self) {
        if self.is_code {
            return;
        }
        let mut bytes = self.text.clone().into_bytes();
        for look in &self.looks {
            if look.is_sign || look.style.has(Style::CODE) {
                bytes[look.range.clone()].fill(b' ');
            }
        }
        self.links = match String::from_utf8(bytes) {
            Ok(masked) => links(&masked),
            Err(_) => Vec::new(),
        };
        for place in (0..self.links.len()).rev() {
            let Range { start, end } = self.links[place].range.clone();
            if matches!(isolated(&self.text[start..end], &self.text), Cow::Owned(_)) {
                self.insert(end, POP_ISOLATE);
                self.insert(start, FIRST_STRONG_ISOLATE);
            }
        }
    }

    /// Puts a mark into the text, outside of what begins or ends there.
    fn insert(&mut self, at: usize, mark: char) {
        self.text.insert(at, mark);
        let move_range = |range: &mut Range<usize>| {
            if range.start >= at {
                range.start += mark.len_utf8();
            }
            if range.end > at {
                range.end += mark.len_utf8();
            }
        };
        self.looks
            .iter_mut()
            .for_each(|look| move_range(&mut look.range));
        self.links
            .iter_mut()
            .for_each(|link| move_range(&mut link.range));
    }
}

/// Returns the blocks of a message's text, and whether these are not all.
/// `who` wrote it.
pub fn drawn(body: &str, is_styled: bool, who: &str) -> (Vec<Drawn>, bool) {
    let blocks = blocks(body, is_styled);
    let doer = doer(body, who);
    let last = blocks.len().saturating_sub(1);
    let mut drawn: Vec<Drawn> = Vec::new();
    let mut shared = 0;
    for (place, block) in blocks.iter().enumerate() {
        shared = shared.min(block.depth);
        let mut next = Drawn {
            depth: block.depth,
            shared,
            is_code: block.is_code,
            ..Drawn::default()
        };
        for piece in block
            .pieces
            .iter()
            .filter(|piece| piece.role != Role::Frame)
        {
            let mut range = piece.range.clone();
            if let Some(doer) = doer.as_ref().filter(|_| range.start == 0) {
                next.add(doer, Style::PLAIN, false);
                range.start = body.len() - without_command(body).map_or(0, str::len);
            }
            let is_sign = piece.role == Role::Sign;
            next.add(&seen(&body[range]), piece.style, is_sign);
        }
        if !block.is_code {
            next.trim(drawn.is_empty(), place == last);
        }
        if next.text.is_empty() && !block.is_code {
            continue;
        }
        if drawn.len() == MOST_BLOCKS {
            return (drawn, true);
        }
        next.find_links();
        shared = block.depth;
        drawn.push(next);
    }
    (drawn, false)
}

/// Returns what a screen reader says of a message's text: its words without
/// the signs, and what stands for them where they mean something.
pub fn spoken(body: &str, is_styled: bool, who: &str) -> String {
    let words = |block: &Block| {
        let words = block.words(body);
        let words = words.trim();
        if words.is_empty() {
            return None;
        }
        Some(if block.depth > 0 {
            // Translators: for a screen reader; a part of a message that repeats another.
            fill(&gettext("Quote: {text}"), &[("text", words)])
        } else if block.is_code {
            // Translators: for a screen reader; a part of a message that is program code.
            fill(&gettext("Code: {text}"), &[("text", words)])
        } else {
            words.to_owned()
        })
    };
    let said: Vec<String> = blocks(body, is_styled).iter().filter_map(words).collect();
    let said = said.join("\n");
    match without_command(&said).filter(|_| without_command(body).is_some()) {
        Some(deed) => format!("{who} {deed}"),
        None => said,
    }
}

/// A text of nothing but signs is shown as it is.
fn blocks(body: &str, is_styled: bool) -> Vec<Block> {
    let blocks = if is_styled { styled(body) } else { Vec::new() };
    let is_read = |block: &Block| !block.words(body).trim().is_empty();
    if blocks.iter().any(is_read) {
        blocks
    } else {
        unstyled(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str) -> Drawn {
        let (mut blocks, is_cut) = drawn(body, true, "Juliet");
        assert_eq!((blocks.len(), is_cut), (1, false), "{blocks:?}");
        blocks.remove(0)
    }

    /// Depth, what is shared of it, code, and the words of each block.
    fn blocks_of(body: &str) -> Vec<(usize, usize, bool, String)> {
        let (blocks, _) = drawn(body, true, "Juliet");
        blocks
            .into_iter()
            .map(|block| (block.depth, block.shared, block.is_code, block.text))
            .collect()
    }

    #[test]
    fn signs_stay_and_are_seen_less() {
        let block = one("the *balcony* is");

        assert_eq!(block.text, "the *balcony* is");
        let signs = block.looks.iter().filter(|look| look.is_sign);
        assert_eq!(
            signs.map(|look| look.range.clone()).collect::<Vec<_>>(),
            [4..5, 12..13]
        );
        assert!(block.looks.iter().all(|look| look.style == Style::STRONG));
    }

    #[test]
    fn quotes_and_code_are_blocks_without_their_signs() {
        assert_eq!(
            blocks_of("> But soft!\n>> What light\n\nIt is the east\n```rust\nlet sun;\n```"),
            [
                (1, 0, false, "But soft!".to_owned()),
                (2, 1, false, "What light".to_owned()),
                (0, 0, false, "It is the east".to_owned()),
                (0, 0, true, "rust\nlet sun;".to_owned()),
            ]
        );
    }

    #[test]
    fn quotes_with_an_empty_line_between_them_are_two() {
        assert_eq!(
            blocks_of("> a\n\n> b"),
            [(1, 0, false, "a".to_owned()), (1, 0, false, "b".to_owned())]
        );
    }

    #[test]
    fn a_text_of_nothing_but_signs_is_shown_as_it_is() {
        for body in ["```", ">", "> \n>", ">>>>"] {
            assert_eq!(one(body).text, body);
        }
    }

    #[test]
    fn without_styling_everything_is_as_it_was_typed() {
        let (blocks, _) = drawn("> *a* `b`\nc", false, "Juliet");

        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].text, "> *a* `b`\nc");
        assert!(blocks[0].looks.is_empty());
    }

    #[test]
    fn code_holds_no_links() {
        assert!(one("`https://example.org/`").links.is_empty());
        assert!(one("```\nhttps://example.org/\n```").links.is_empty());
    }

    #[test]
    fn a_sign_beside_a_link_is_not_part_of_it() {
        let block = one("_https://example.org/a_ and *juliet@example.org*");

        let found: Vec<_> = block
            .links
            .iter()
            .map(|link| (&block.text[link.range.clone()], link.address.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("https://example.org/a", "https://example.org/a"),
                ("juliet@example.org", "mailto:juliet@example.org"),
            ]
        );
    }

    #[test]
    fn a13_an_address_among_leftward_words_keeps_its_order() {
        let block = one("שלום https://example.org/ *או* a@b.example");

        assert_eq!(
            block.text,
            "שלום \u{2068}https://example.org/\u{2069} *או* \u{2068}a@b.example\u{2069}"
        );
        let linked = block
            .links
            .iter()
            .map(|link| &block.text[link.range.clone()]);
        assert_eq!(
            linked.collect::<Vec<_>>(),
            ["https://example.org/", "a@b.example"]
        );
        let looks: Vec<_> = block
            .looks
            .iter()
            .map(|look| &block.text[look.range.clone()])
            .collect();
        assert_eq!(looks, ["*", "או", "*"]);
    }

    #[test]
    fn an_action_names_who_does_it() {
        let block = one("/me *nods*");

        assert_eq!(block.text, "* Juliet *nods*");
        assert_eq!(&block.text[block.looks[0].range.clone()], "*");
        assert_eq!(block.looks[0].range.start, "* Juliet ".len());
    }

    #[test]
    fn more_blocks_than_a_bubble_holds_are_cut() {
        let (blocks, is_cut) = drawn(&"> a\nb\n".repeat(1_000), true, "Juliet");

        assert_eq!((blocks.len(), is_cut), (MOST_BLOCKS, true));
    }

    #[test]
    fn what_is_heard_has_no_signs() {
        assert_eq!(
            spoken(
                "> But _soft_!\n\nWhat *light*?\n```\nlet sun;\n```",
                true,
                "Juliet"
            ),
            "Quote: But soft!\nWhat light?\nCode: let sun;"
        );
        assert_eq!(spoken("/me *nods*", true, "Juliet"), "Juliet nods");
        assert_eq!(spoken("> _ <", false, "Juliet"), "> _ <");
    }
}
