//! Names and addresses of others, made fit to stand among our own words.
//!
//! A name comes from somebody else and may try to look like another one, to
//! turn the words beside it around, or to fill the window (attack A13). An
//! address is never changed where it says who somebody is: what cannot be
//! seen in it is shown as a sign instead.
//!
//! # Source
//! UAX #9 §2 (marks that turn direction, isolates), UAX #31 §2.3 (joiners),
//! UTS #39 §5 (mixed scripts, the part of it that European letters need).

use std::borrow::Cow;

/// How long a name may get, in characters.
const LONGEST: usize = 100;
/// How many marks may stand on one letter; writing needs two.
const MOST_MARKS: usize = 3;
/// Stands for what cannot be seen.
const UNSEEN: char = '\u{fffd}';
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// Returns a name as it may be shown: one line, without characters that cannot
/// be seen or that turn text around, at most 100 characters. Empty when nothing
/// is left to be seen.
pub fn name(foreign: &str) -> String {
    let mut shown = String::new();
    let (mut length, mut marks) = (0, 0);
    let mut gap = false;
    let mut characters = foreign.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_whitespace() || is_blank(character) {
            gap = length > 0;
            continue;
        }
        let joins = is_joiner(character)
            && !gap
            && shown.chars().next_back().is_some_and(may_be_joined)
            && characters.peek().copied().is_some_and(may_be_joined);
        let is_flag_tag = is_tag(character) && shown.chars().next_back().is_some_and(bears_tags);
        if is_hidden(character) && !is_flag_tag || is_joiner(character) && !joins {
            continue;
        }
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            continue;
        }
        if length + usize::from(gap) >= LONGEST {
            shown.push('…');
            break;
        }
        if std::mem::take(&mut gap) {
            shown.push(' ');
            length += 1;
        }
        shown.push(character);
        length += 1;
    }
    shown
}

/// Returns an address as it may be shown: whole, with a sign in the place of
/// each character that cannot be seen.
pub fn address(foreign: &str) -> Cow<'_, str> {
    let is_unseen = |character: char| {
        is_hidden(character)
            || is_joiner(character)
            || is_blank(character)
            || character.is_whitespace()
    };
    if !foreign.contains(is_unseen) {
        return Cow::Borrowed(foreign);
    }
    let shown = foreign.chars().map(|character| {
        if is_unseen(character) {
            UNSEEN
        } else {
            character
        }
    });
    Cow::Owned(shown.collect())
}

/// Returns whether an address mixes alphabets within one word, as one does that
/// is made to look like another: with a Cyrillic а in a Latin word.
pub fn mixes_alphabets(address: &str) -> bool {
    address
        .split(|character: char| !character.is_alphabetic())
        .any(|word| {
            let mut alphabets = word.chars().filter_map(Alphabet::of);
            let first = alphabets.next();
            alphabets.any(|other| Some(other) != first)
        })
}

/// Returns a text that does not turn the words around it, whatever its own
/// direction: with marks around it where it needs them.
pub fn isolated<'text>(text: &'text str, beside: &str) -> Cow<'text, str> {
    if !text.contains(reads_leftwards) && !beside.contains(reads_leftwards) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"))
}

/// Returns whether a character has no shape, or turns text around. Joiners are
/// not meant, as writing and emoji need them.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        )
        || matches!(character, '\u{180b}'..='\u{180f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(character, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters and signs that look like a space.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    )
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Between letters of our own alphabets a joiner does nothing that can be seen.
fn may_be_joined(character: char) -> bool {
    character >= '\u{590}' && !is_hidden(character) && !is_joiner(character)
}

/// Letters of the flags of countries within countries.
fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007f}')
}

fn bears_tags(character: char) -> bool {
    character == '\u{1f3f4}' || is_tag(character)
}

pub(super) fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

fn reads_leftwards(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// The alphabets whose letters look like each other's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

impl Alphabet {
    fn of(character: char) -> Option<Self> {
        match character {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                Some(Self::Latin)
            }
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Self::Greek),
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Some(Self::Cyrillic),
            '\u{531}'..='\u{587}' => Some(Self::Armenian),
            '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(Self::Cherokee),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a13_an_ordinary_name_stays_as_it_is() {
        for ordinary in [
            "Juliet Capulet",
            "Zoë Ångström-Nuñez",
            "Николай",
            "Ὅμηρος",
            "שלום עליכם",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "李 小龍",
            "👩\u{200d}👧 ❤\u{fe0f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Duncan",
            "Nguye\u{302}\u{303}n",
        ] {
            assert_eq!(name(ordinary), ordinary);
        }
    }

    #[test]
    fn a13_what_turns_a_name_around_is_removed() {
        assert_eq!(
            name("\u{202e}teluj\u{202c} \u{2067}x\u{2069}\u{200f}"),
            "teluj x"
        );
    }

    #[test]
    fn a13_what_cannot_be_seen_makes_no_other_name() {
        for disguised in [
            "Jul\u{200b}iet",
            "Jul\u{200d}iet",
            "\u{200c}Juliet\u{200c}",
            "Jul\u{ad}iet",
            "Juliet\u{2800}",
            "\u{3164}Juliet",
            "Ju\u{e0061}liet",
            "Juliet\u{fe00}",
            "\0Juliet\r\n",
            "Jul\u{1b}iet",
        ] {
            assert_eq!(name(disguised), "Juliet", "{disguised:?}");
        }
        assert_eq!(name(" \u{200b}\u{3164}\n\u{feff}"), "");
    }

    #[test]
    fn a13_a_name_takes_one_line_and_not_all_of_it() {
        assert_eq!(
            name("Juliet\n\nCapulet\tof  Verona"),
            "Juliet Capulet of Verona"
        );
        assert_eq!(name(&"ß".repeat(50_000)).chars().count(), LONGEST + 1);
        let heaped = format!("Z{}", "\u{335}".repeat(500));
        assert_eq!(name(&heaped).chars().count(), 1 + MOST_MARKS);
    }

    #[test]
    fn a13_an_address_shows_that_something_in_it_cannot_be_seen() {
        assert_eq!(address("juliet@example.org"), "juliet@example.org");
        assert_eq!(
            address("jul\u{2066}iet\u{200b}@example.org"),
            "jul\u{fffd}iet\u{fffd}@example.org"
        );
    }

    #[test]
    fn a13_an_address_of_two_alphabets_is_noticed() {
        assert!(mixes_alphabets("juliet@ex\u{430}mple.org"));
        assert!(mixes_alphabets("r\u{3bf}meo@example.org"));
        for honest in [
            "juliet@example.org",
            "николай@example.org",
            "zoë@müller.example",
            "ιουλιέτα@example.org",
            "李lee@example.org",
        ] {
            assert!(!mixes_alphabets(honest), "{honest}");
        }
    }

    #[test]
    fn a13_a_name_that_reads_leftwards_stands_by_itself() {
        assert_eq!(isolated("Juliet", "Remove {name}?"), "Juliet");
        assert_eq!(isolated("שלום", "Remove {name}?"), "\u{2068}שלום\u{2069}");
        assert_eq!(isolated("Juliet", "הסר {name}"), "\u{2068}Juliet\u{2069}");
    }

    proptest! {
        #[test]
        fn a13_no_name_keeps_what_is_hidden(foreign in any::<String>()) {
            let shown = name(&foreign);

            let hidden = shown.chars().find(|character| is_hidden(*character) && !is_tag(*character));
            prop_assert_eq!(hidden, None);
            prop_assert!(shown.chars().count() <= LONGEST + 1);
            prop_assert!(!shown.contains('\n') && shown.trim() == shown);
            prop_assert_eq!(&name(&shown), &shown);
        }

        #[test]
        fn a13_an_address_keeps_its_length(foreign in any::<String>()) {
            prop_assert_eq!(address(&foreign).chars().count(), foreign.chars().count());
        }
    }
}
