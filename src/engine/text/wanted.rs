//! What somebody looks for, as it was typed: words, phrases in quotes, and
//! filters such as `from:`.
//!
//! Nothing that is typed is an error: what is no filter is a word, and a filter
//! that is not finished yet is as if it were not there, because the text is
//! read again at every key.

use super::words::{Word, words};

/// More is not looked for, in bytes.
const LONGEST: usize = 500;
/// So many words or phrases are looked for at most.
const MOST_TERMS: usize = 16;

/// What is looked for. All of it has to be true of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words and phrases.
    pub terms: Vec<Term>,
    /// Written by one of these: parts of names or addresses, or [`Wanted::ME`].
    pub from: Vec<String>,
    /// In one of these chats: parts of names or addresses.
    pub within: Vec<String>,
    /// Written before this day begins.
    pub before: Option<Day>,
    /// Written on this day or later.
    pub after: Option<Day>,
    /// Holds a link.
    pub has_link: bool,
    /// Is a file.
    pub has_file: bool,
}

/// A word, or words that stand one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The words, folded.
    pub words: Vec<String>,
    /// The last word is still being typed: longer ones are meant too.
    pub is_begun: bool,
}

/// A day of the calendar where the user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The year, 1970 to 9999.
    pub year: i32,
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
}

impl Wanted {
    /// What stands for the user in `from:`.
    pub const ME: &str = "me";

    /// Reads what was typed.
    pub fn read(typed: &str) -> Self {
        let typed = &typed[..typed.floor_char_boundary(LONGEST)];
        let mut wanted = Self::default();
        let mut rest = typed.trim_start();
        while !rest.is_empty() {
            let (part, after) = first_part(rest);
            let is_last = after.is_empty();
            if !wanted.filter(part) {
                wanted.term(part, is_last);
            }
            rest = after.trim_start();
        }
        wanted
    }

    /// Returns what was typed without its filters; `None` when it has none, or
    /// nothing besides.
    pub fn without_filters(typed: &str) -> Option<String> {
        let mut words = Vec::new();
        let mut has_filters = false;
        let mut rest = typed.trim_start();
        while !rest.is_empty() {
            let (part, after) = first_part(rest);
            if Self::default().filter(part) {
                has_filters = true;
            } else {
                words.push(part);
            }
            rest = after.trim_start();
        }
        (has_filters && !words.is_empty()).then(|| words.join(" "))
    }

    /// Returns whether anything is looked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a part as a filter; false when it is none.
    fn filter(&mut self, part: &str) -> bool {
        let Some((name, value)) = part.split_once(':') else {
            return false;
        };
        let value = value.trim_matches('"').trim();
        let folded = || value.to_lowercase();
        match name {
            "from" => self.from.extend(some(folded())),
            "in" => self.within.extend(some(folded())),
            "before" => self.before = Day::read(value).or(self.before),
            "after" => self.after = Day::read(value).or(self.after),
            "has" => match value {
                "link" => self.has_link = true,
                "file" => self.has_file = true,
                unfinished => {
                    return "link".starts_with(unfinished) || "file".starts_with(unfinished);
                }
            },
            _ => return false,
        }
        true
    }

    fn term(&mut self, part: &str, is_last: bool) {
        let is_phrase = part.starts_with('"');
        let is_closed = is_phrase && part.len() > 1 && part.ends_with('"');
        let words: Vec<String> = words(part).map(|Word { folded, .. }| folded).collect();
        let Some(last) = words.last() else { return };
        if self.terms.len() == MOST_TERMS {
            return;
        }
        // Of one letter everything begins.
        let is_long = last.chars().nth(1).is_some();
        self.terms.push(Term {
            is_begun: is_last && !is_closed && is_long,
            words,
        });
    }
}

/// Returns the first word, phrase or filter, and what follows it. A word is
/// only being typed while nothing follows it, not even a space.
fn first_part(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (place, character) in text.char_indices() {
        if character == '"' {
            let ends = is_quoted && text.starts_with('"');
            is_quoted = !is_quoted;
            if ends {
                return text.split_at(place + 1);
            }
        } else if character.is_whitespace() && !is_quoted {
            return text.split_at(place);
        }
    }
    (text, "")
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl Day {
    /// Reads a year, a month or a day: `2026`, `2026-03`, `2026-03-14`. Of a
    /// year or a month it is the first day.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = number(parts.next()?, 4)?;
        let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
        let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
        let year = i32::try_from(year).ok().filter(|year| *year >= 1970)?;
        let is_day = parts.next().is_none() && (1..=12).contains(&month);
        (is_day && (1..=31).contains(&day)).then_some(Self { year, month, day })
    }
}

fn number(part: &str, digits: usize) -> Option<u32> {
    let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| part.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_taken_out_of_what_was_typed() {
        let without = |typed| Wanted::without_filters(typed);

        assert_eq!(
            without("from:juliet  \"the lark\" has:link morn").as_deref(),
            Some("\"the lark\" morn")
        );
        assert_eq!(without("the lark"), None);
        assert_eq!(without("from:juliet before:2026"), None);
        assert_eq!(without("https://example.org"), None);
    }

    fn terms(typed: &str) -> Vec<(String, bool)> {
        Wanted::read(typed)
            .terms
            .into_iter()
            .map(|term| (term.words.join(" "), term.is_begun))
            .collect()
    }

    fn term(words: &str, is_begun: bool) -> (String, bool) {
        (words.to_owned(), is_begun)
    }

    #[test]
    fn the_last_word_is_still_being_typed() {
        assert_eq!(
            terms("Garden wal"),
            [term("garden", false), term("wal", true)]
        );
        assert_eq!(terms("garden "), [term("garden", false)]);
        assert_eq!(terms("g"), [term("g", false)]);
    }

    #[test]
    fn what_stands_in_quotes_stands_together() {
        assert_eq!(
            terms("\"good night\" sweet"),
            [term("good night", false), term("sweet", true)]
        );
        assert_eq!(terms("\"good nig"), [term("good nig", true)]);
        assert_eq!(terms("\"\" \""), []);
    }

    #[test]
    fn filters_are_told_from_words() {
        let wanted =
            Wanted::read("from:me in:\"Juliet C\" before:2026-03 after:2025-01-31 has:link moon");

        assert_eq!(wanted.from, ["me"]);
        assert_eq!(wanted.within, ["juliet c"]);
        let day = |year, month, day| Some(Day { year, month, day });
        assert_eq!(wanted.before, day(2026, 3, 1));
        assert_eq!(wanted.after, day(2025, 1, 31));
        assert!(wanted.has_link && !wanted.has_file);
        assert_eq!(wanted.terms.len(), 1);
        assert_eq!(
            terms("https://example.org"),
            [term("https example org", true)]
        );
        assert_eq!(terms("has:wings"), [term("has wings", true)]);
    }

    #[test]
    fn a_filter_that_is_not_finished_is_not_there_yet() {
        for typed in [
            "from:",
            "in:\"",
            "before:",
            "before:20",
            "after:2026-13",
            "has:",
            "has:fi",
        ] {
            assert!(Wanted::read(typed).is_empty(), "{typed}");
        }
    }

    #[test]
    fn a33_signs_of_a_query_language_are_text() {
        assert_eq!(terms("NOT"), [term("not", true)]);
        assert_eq!(
            terms("a* OR (b) ^c -d {e}"),
            ["a", "or", "b", "c", "d", "e"].map(|word| term(word, false))
        );
        assert_eq!(
            terms("'; DROP TABLE messages; --"),
            ["drop", "table", "messages"].map(|word| term(word, false))
        );
        assert_eq!(terms("*** +-+ %_"), []);
    }

    #[test]
    fn very_much_is_cut() {
        assert_eq!(terms(&"wort ".repeat(1_000)).len(), MOST_TERMS);
        assert_eq!(terms(&"ß".repeat(1_000))[0].0.chars().count(), LONGEST / 2);
    }
}
