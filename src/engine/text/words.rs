//! The words of a text, as searching sees them: without case and accents, and
//! with each character by itself where writing puts no spaces.
//!
//! Index, query and marks all go through [`words`] or [`searchable`], so that
//! what is found is also marked.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::names::is_hidden;
use super::wanted::Term;

/// How much of a text is looked through, in bytes.
const LONGEST: usize = 64 * 1024;
/// How long an excerpt may get, in characters.
const EXCERPT: usize = 140;
/// How much of an excerpt stands before what was found, in characters.
const BEFORE: usize = 40;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Without case and accents.
    pub folded: String,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
}

/// Returns the words of a text in their order.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, character)| character.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        if !stands_alone(first) {
            while let Some(&(place, character)) = rest.peek() {
                let goes_on = character.is_alphanumeric() && !stands_alone(character);
                if !goes_on && !is_accent(character) {
                    break;
                }
                end = place + character.len_utf8();
                rest.next();
            }
        }
        Some(Word {
            folded: fold(&text[start..end]),
            place: start..end,
        })
    })
}

/// Returns as much of a text as is looked through.
pub fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Returns whether a name holds a part of a name, without case and accents.
pub fn holds(name: &str, part: &str) -> bool {
    fold(name).contains(&fold(part))
}

/// Returns a text as it goes into the index: folded, with a space around each
/// character that is a word by itself. Of a very long text it is the beginning.
pub fn searchable(text: &str) -> Cow<'_, str> {
    let text = beginning(text);
    if text.is_ascii() {
        // The index folds the case by itself.
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() + text.len() / 2);
    for character in fold(text).chars() {
        if stands_alone(character) {
            spaced.push(' ');
            spaced.push(character);
            spaced.push(' ');
        } else {
            spaced.push(character);
        }
    }
    Cow::Owned(spaced)
}

/// Returns where a text holds what is looked for, in bytes, in order and
/// without overlaps.
pub fn found(text: &str, terms: &[Term]) -> Vec<Range<usize>> {
    if terms.is_empty() {
        return Vec::new();
    }
    let text = beginning(text);
    let words: Vec<Word> = words(text).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for first in 0..words.len() {
        let longest = terms
            .iter()
            .filter(|term| begins(&words[first..], term))
            .map(|term| term.words.len())
            .max();
        let Some(length) = longest else { continue };
        let place = words[first].place.start..words[first + length - 1].place.end;
        match found.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => found.push(place),
        }
    }
    found
}

fn begins(words: &[Word], term: &Term) -> bool {
    let count = term.words.len();
    words.len() >= count
        && term
            .words
            .iter()
            .zip(words)
            .enumerate()
            .all(|(place, (wanted, word))| {
                let may_go_on = term.is_begun && place + 1 == count;
                word.folded == *wanted || may_go_on && word.folded.starts_with(wanted.as_str())
            })
}

/// Returns the part of a text around what was found first, in one line, and
/// where it holds what is looked for.
pub fn excerpt(text: &str, terms: &[Term]) -> (String, Vec<Range<usize>>) {
    let line = one_line(beginning(text));
    let first = found(&line, terms).first().map_or(0, |place| place.start);
    let start = start_of(&line, first);
    let end = line[start..]
        .char_indices()
        .nth(EXCERPT)
        .map_or(line.len(), |(place, _)| start + place);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    shown.push_str(&line[start..end]);
    if end < line.len() {
        shown.push('…');
    }
    let places = found(&shown, terms);
    (shown, places)
}

/// Returns where an excerpt begins that is to show what stands at `found`.
fn start_of(line: &str, found: usize) -> usize {
    let before = line[..found].char_indices().rev();
    let Some((far, _)) = before.clone().nth(BEFORE) else {
        return 0;
    };
    // At a word, where there is one.
    line[far..found]
        .find(char::is_whitespace)
        .map_or(far, |space| far + space + 1)
}

/// Folds white space, and leaves out what has no shape.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for part in text.split_whitespace() {
        let shown: String = part.chars().filter(|&sign| !is_hidden(sign)).collect();
        if shown.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shown);
    }
    line
}

/// Leaves out case and accents.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text.nfd().filter(|&character| !is_accent(character));
    let folded = bare.nfc().flat_map(char::to_lowercase);
    // Greek writes this letter in another way at the end of a word.
    let folded = folded.map(|character| if character == 'ς' { 'σ' } else { character });
    folded.collect()
}

/// Accents of European letters; marks that other writing needs are not meant.
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Returns whether a character is a word by itself, as writing puts no spaces
/// between words there: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
fn stands_alone(character: char) -> bool {
    matches!(
        character,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{2fdf}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{312f}'
            | '\u{31a0}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9f}'
            | '\u{20000}'..='\u{323af}'
    )
}

#[cfg(test)]
mod tests {
    use super::super::wanted::Wanted;
    use super::*;

    fn marked(text: &str, typed: &str) -> String {
        mark(text, &found(text, &Wanted::read(typed).terms))
    }

    fn mark(text: &str, places: &[Range<usize>]) -> String {
        let mut marked = String::new();
        let mut done = 0;
        for place in places {
            marked += &text[done..place.start];
            marked += "[";
            marked += &text[place.clone()];
            marked += "]";
            done = place.end;
        }
        marked + &text[done..]
    }

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(marked("Über den Dächern", "uber "), "[Über] den Dächern");
        assert_eq!(
            marked("A cafe\u{301}, twice", "café "),
            "A [cafe\u{301}], twice"
        );
        assert_eq!(marked("ΆΝΘΟΣ", "ανθος "), "[ΆΝΘΟΣ]");
        assert_eq!(marked("İstanbul", "istanbul "), "[İstanbul]");
    }

    #[test]
    fn a_word_that_is_being_typed_finds_longer_ones() {
        assert_eq!(
            marked("gardens, a gardener", "garden"),
            "[gardens], a [gardener]"
        );
        assert_eq!(
            marked("gardens, a garden", "garden "),
            "gardens, a [garden]"
        );
    }

    #[test]
    fn a_phrase_is_found_as_a_whole() {
        assert_eq!(
            marked("Good night, good\nnight! Good day, night", "\"good night\""),
            "[Good night], [good\nnight]! Good day, night"
        );
    }

    #[test]
    fn chinese_and_thai_are_found_without_spaces() {
        assert_eq!(marked("明天的会议在三点", "会议"), "明天的[会议]在三点");
        assert_eq!(marked("明天的会议", "议会"), "明天的会议");
        assert_eq!(searchable("一b二"), " 一 b 二 ");
        assert_eq!(marked("ประชุมพรุ่งนี้", "ประชุม"), "[ประชุม]พรุ่งนี้");
        // The sign of a voiced sound is not an accent.
        assert_eq!(marked("かがみ", "がみ"), "か[がみ]");
    }

    #[test]
    fn an_excerpt_shows_what_was_found() {
        let text = format!(
            "{} the garden\n\ndoor {}",
            "before ".repeat(40),
            "after ".repeat(60)
        );
        let (shown, places) = excerpt(&text, &Wanted::read("garden").terms);

        assert!(shown.starts_with("…before"), "{shown}");
        assert!(shown.ends_with('…'), "{shown}");
        assert!(
            mark(&shown, &places).contains("the [garden] door"),
            "{shown}"
        );
        assert!(shown.chars().count() <= EXCERPT + 2);
    }

    #[test]
    fn an_excerpt_of_a_short_text_is_all_of_it() {
        let (shown, places) = excerpt("a\u{202e}b  c", &Wanted::read("c").terms);
        assert_eq!(mark(&shown, &places), "ab [c]");
        assert_eq!(excerpt("", &[]), (String::new(), Vec::new()));
    }

    #[test]
    fn ten_thousand_marks_and_a_megabyte_do_not_matter() {
        let text = format!("a{}b {}", "\u{301}".repeat(10_000), "x".repeat(1_000_000));

        assert_eq!(found(&text, &Wanted::read("ab ").terms).len(), 1);
        assert!(searchable(&text).len() <= LONGEST * 2);
        assert!(excerpt(&text, &Wanted::read("ab ").terms).0.chars().count() <= EXCERPT + 2);
    }
}
