//! Emoji by their names: what `:hea` may mean.
//!
//! The names are those of GTK's own chooser, read from it when somebody first
//! asks; the few short names that people know from elsewhere come first.

use std::cell::OnceCell;

use relm4::gtk::gio;
use relm4::gtk::glib::{Bytes, Variant, VariantTy};

/// Where GTK keeps what its chooser knows.
const NAMES: &str = "/org/gtk/libgtk/emoji/en.data";
/// Letters, English name, name, English words, words, group (GTK 4.18).
const FORM: &str = "a(aussasasu)";
/// More than these are not offered.
const MOST_OFFERED: usize = 8;
/// Stands in the table where a colour of skin may be put.
const SKIN: std::ops::RangeInclusive<u32> = 0x1f3fb..=0x1f3ff;

/// Short names that people know from other programs.
const KNOWN: [(&str, &str); 24] = [
    ("+1", "👍"),
    ("-1", "👎"),
    ("100", "💯"),
    ("clap", "👏"),
    ("cry", "😢"),
    ("eyes", "👀"),
    ("fire", "🔥"),
    ("heart", "❤️"),
    ("joy", "😂"),
    ("kiss", "😘"),
    ("moon", "🌙"),
    ("ok", "👌"),
    ("party", "🥳"),
    ("pray", "🙏"),
    ("rocket", "🚀"),
    ("rose", "🌹"),
    ("smile", "😄"),
    ("sob", "😭"),
    ("tada", "🎉"),
    ("thinking", "🤔"),
    ("thumbsdown", "👎"),
    ("thumbsup", "👍"),
    ("wave", "👋"),
    ("wink", "😉"),
];

/// An emoji that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Its letters.
    pub letters: String,
    /// What it is called: "grinning face".
    pub name: String,
    /// What was typed is all of this name, or of a short one.
    pub is_exact: bool,
}

/// The names of all emoji; read when first asked.
#[derive(Debug, Default)]
pub struct EmojiNames {
    known: OnceCell<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    letters: String,
    name: String,
    words: Vec<String>,
    short: Vec<&'static str>,
}

/// How well a name fits; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    ShortName,
    Whole,
    ShortBegins,
    Beginning,
    Word,
    WordBegins,
    OtherWord,
}

impl EmojiNames {
    /// Returns the emoji that `typed` may mean, the likeliest first.
    pub fn find(&self, typed: &str) -> Vec<Emoji> {
        let typed = typed.to_lowercase().replace('_', " ");
        let known = self.known.get_or_init(read);
        let mut found: Vec<(Fit, usize, &Known)> = Vec::new();
        for (place, known) in known.iter().enumerate() {
            if let Some(fit) = fit(&typed, known) {
                found.push((fit, place, known));
            }
        }
        found.sort_by_key(|(fit, place, _)| (*fit, *place));
        found.truncate(MOST_OFFERED);
        found
            .into_iter()
            .map(|(fit, _, known)| Emoji {
                letters: known.letters.clone(),
                name: known.name.clone(),
                is_exact: fit <= Fit::Whole,
            })
            .collect()
    }
}

fn fit(typed: &str, known: &Known) -> Option<Fit> {
    let mut words = known.name.split([' ', '-']);
    if known.short.contains(&typed) {
        return Some(Fit::ShortName);
    }
    if known.short.iter().any(|name| name.starts_with(typed)) {
        return Some(Fit::ShortBegins);
    }
    if known.name == typed {
        Some(Fit::Whole)
    } else if known.name.starts_with(typed) {
        Some(Fit::Beginning)
    } else if words.clone().any(|word| word == typed) {
        Some(Fit::Word)
    } else if words.any(|word| word.starts_with(typed)) {
        Some(Fit::WordBegins)
    } else if known.words.iter().any(|word| word.starts_with(typed)) {
        Some(Fit::OtherWord)
    } else {
        None
    }
}

fn read() -> Vec<Known> {
    let bytes = match gio::resources_lookup_data(NAMES, gio::ResourceLookupFlags::NONE) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::info!(%error, "GTK has no names of emoji where they used to be");
            return Vec::new();
        }
    };
    let Ok(form) = VariantTy::new(FORM) else {
        return Vec::new();
    };
    Variant::from_bytes_with_type(&Bytes::from(&bytes[..]), form)
        .iter()
        .filter_map(|entry| {
            let letters = entry.try_child_value(0)?;
            let letters: String = letters
                .iter()
                .filter_map(|letter| letter.get::<u32>())
                .filter(|letter| *letter != 0 && !SKIN.contains(letter))
                .filter_map(char::from_u32)
                .collect();
            Some(Known {
                short: short_names(&letters),
                letters,
                name: entry.try_child_value(1)?.str()?.to_lowercase(),
                words: entry.try_child_value(3)?.get()?,
            })
        })
        .collect()
}

fn short_names(letters: &str) -> Vec<&'static str> {
    let bare = |letters: &str| letters.trim_end_matches('\u{fe0f}').to_owned();
    let letters = bare(letters);
    let known = KNOWN.iter().filter(|(_, known)| bare(known) == letters);
    known.map(|(name, _)| *name).collect()
}

/// Returns the name of an emoji that is being typed before the cursor: where its
/// colon is, in bytes, and what stands behind it.
pub fn typed_name(before: &str) -> Option<(usize, &str)> {
    let colon = before.rfind(':')?;
    let typed = &before[colon + 1..];
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '+' | '-');
    let is_alone = before[..colon]
        .chars()
        .next_back()
        .is_none_or(|letter| !letter.is_alphanumeric() && letter != ':');
    let is_long = typed.chars().count() >= 2;
    (is_alone && is_long && typed.chars().all(is_part)).then_some((colon, typed))
}

/// Returns an emoji as it is sent: without the mark that asks for colour
/// (U+FE0F) where it is in colour anyhow, so that it is the same one that other
/// programs send.
pub fn as_sent(letters: &str) -> String {
    match letters.strip_suffix('\u{fe0f}') {
        Some(bare) if bare.chars().next_back().is_some_and(is_in_colour) => bare.to_owned(),
        _ => letters.to_owned(),
    }
}

/// Unicode's `Emoji_Presentation`, where the plane of emoji has it.
fn is_in_colour(letter: char) -> bool {
    let wants_mark = matches!(
        u32::from(letter),
        0x1f170..=0x1f171
            | 0x1f17e..=0x1f17f
            | 0x1f202
            | 0x1f237
            | 0x1f321
            | 0x1f324..=0x1f32c
            | 0x1f336
            | 0x1f37d
            | 0x1f396..=0x1f397
            | 0x1f399..=0x1f39b
            | 0x1f39e..=0x1f39f
            | 0x1f3cb..=0x1f3ce
            | 0x1f3d4..=0x1f3df
            | 0x1f3f3
            | 0x1f3f5
            | 0x1f3f7
            | 0x1f43f
            | 0x1f441
            | 0x1f4fd
            | 0x1f549..=0x1f54a
            | 0x1f56f..=0x1f570
            | 0x1f573..=0x1f579
            | 0x1f587
            | 0x1f58a..=0x1f58d
            | 0x1f590
            | 0x1f5a5
            | 0x1f5a8
            | 0x1f5b1..=0x1f5b2
            | 0x1f5bc
            | 0x1f5c2..=0x1f5c4
            | 0x1f5d1..=0x1f5d3
            | 0x1f5dc..=0x1f5de
            | 0x1f5e1
            | 0x1f5e3
            | 0x1f5e8
            | 0x1f5ef
            | 0x1f5f3
            | 0x1f5fa
            | 0x1f6cb
            | 0x1f6cd..=0x1f6cf
            | 0x1f6e0..=0x1f6e5
            | 0x1f6e9
            | 0x1f6f0
            | 0x1f6f3
    );
    letter >= '\u{1f000}' && !wants_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_with_a_colon_that_stands_alone() {
        assert_eq!(typed_name("night :mo"), Some((6, "mo")));
        assert_eq!(typed_name("(:+1"), Some((1, "+1")));
        for text in [
            "", ":", ":m", "12:30", "a:bc", "http://a", "::ab", ":a b", "so: yes",
        ] {
            assert_eq!(typed_name(text), None, "{text}");
        }
    }

    #[test]
    fn an_emoji_is_sent_as_others_send_it() {
        assert_eq!(as_sent("👍\u{fe0f}"), "👍");
        assert_eq!(as_sent("👍🏽\u{fe0f}"), "👍🏽");
        for letters in [
            "❤\u{fe0f}",
            "🕷\u{fe0f}",
            "👍",
            "👩\u{200d}❤\u{fe0f}\u{200d}👩",
        ] {
            assert_eq!(as_sent(letters), letters);
        }
    }

    #[test]
    fn the_likeliest_comes_first() {
        let names = EmojiNames::default();
        let known = |letters: &str, name: &str, words: &[&str]| Known {
            letters: letters.to_owned(),
            short: short_names(letters),
            name: name.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let all = vec![
            known("😍", "smiling face with heart-eyes", &["heart"]),
            known("💘", "heart with arrow", &["cupid"]),
            known("❤\u{fe0f}", "red heart", &["emotion"]),
            known("🫀", "anatomical heart", &["pulse"]),
        ];
        names.known.set(all).expect("nothing was read yet");

        let found = |typed| {
            let found = names.find(typed).into_iter();
            found.map(|emoji| emoji.letters).collect::<Vec<_>>()
        };

        assert_eq!(found("heart"), ["❤\u{fe0f}", "💘", "😍", "🫀"]);
        assert_eq!(found("pul"), ["🫀"]);
        assert_eq!(found("nothing"), Vec::<String>::new());
        assert!(names.find("red_heart")[0].is_exact);
    }
}
