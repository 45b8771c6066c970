//! Translated sentences: gettext, with places that have names.
//!
//! A sentence is written whole, with `{name}` where something is put in, so
//! that a translator may move it: `fill(&gettext("Write to {address}"),
//! &[("address", "ros@example.org")])`.

use std::path::{Path, PathBuf};

pub use gettextrs::{gettext, ngettext, pgettext};

use crate::engine::text::isolated;

const DOMAIN: &str = "stonechat";

/// Says where the catalogues are. The language is the one of the environment:
/// GTK sets the locale when it starts.
pub fn set_up() {
    if let Some(folder) = folder() {
        set_up_from(&folder);
    } else {
        tracing::warn!("no translations, as the program does not know where it is");
    }
}

/// Takes the catalogues below `folder`: `de/LC_MESSAGES/stonechat.mo`.
pub fn set_up_from(folder: &Path) {
    let chosen = gettextrs::bindtextdomain(DOMAIN, folder)
        .and_then(|_| gettextrs::bind_textdomain_codeset(DOMAIN, "UTF-8"))
        .and_then(|_| gettextrs::textdomain(DOMAIN));
    if let Err(error) = chosen {
        tracing::warn!(%error, "no translations");
    }
}

/// The folder that a packager named at build time, else the one that belongs to
/// this very program: the same build works below any prefix.
fn folder() -> Option<PathBuf> {
    match option_env!("STONECHAT_LOCALE_DIR") {
        Some(folder) => Some(folder.into()),
        None => beside(&std::env::current_exe().ok()?),
    }
}

/// `PREFIX/share/locale` for `PREFIX/bin/stonechat`; for one that was built and
/// not installed, `locale` in its folder.
fn beside(program: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    if folder.ends_with("bin") {
        Some(folder.parent()?.join("share/locale"))
    } else {
        Some(folder.join("locale"))
    }
}

/// Puts values into the named places of a translated sentence. What a value
/// itself holds is never looked at again, and one that reads in the other
/// direction does not turn the sentence around (attack A13).
pub fn fill(sentence: &str, places: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        filled.push_str(before);
        let place = places.iter().find_map(|(name, value)| {
            let end = after.get(1..)?.strip_prefix(name)?.strip_prefix('}')?;
            Some((value, end))
        });
        if let Some((value, end)) = place {
            filled.push_str(&isolated(value, sentence));
            rest = end;
        } else {
            filled.push('{');
            rest = &after[1..];
        }
    }
    filled.push_str(rest);
    filled
}

/// Returns a sentence in the plural form for `count`, with `{count}` filled in.
pub fn count(singular: &str, plural: &str, count: u32) -> String {
    fill(
        &ngettext(singular, plural, count),
        &[("count", &count.to_string())],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogues_belong_to_the_program_wherever_it_is() {
        for (program, catalogues) in [
            ("/usr/bin/stonechat", "/usr/share/locale"),
            ("/app/bin/stonechat", "/app/share/locale"),
            ("/src/target/debug/stonechat", "/src/target/debug/locale"),
        ] {
            assert_eq!(beside(Path::new(program)), Some(catalogues.into()));
        }
    }

    #[test]
    fn places_are_filled_by_name_in_any_order() {
        let filled = fill("{b} and {a}", &[("a", "one"), ("b", "two")]);

        assert_eq!(filled, "two and one");
    }

    #[test]
    fn a_value_that_looks_like_a_place_is_left_alone() {
        let filled = fill("{a} {b}", &[("a", "{b}"), ("b", "x")]);

        assert_eq!(filled, "{b} x");
    }

    #[test]
    fn a13_a_name_that_reads_leftwards_does_not_turn_the_sentence() {
        let filled = fill(
            "{name}, {count} unread",
            &[("name", "שלום"), ("count", "4")],
        );

        assert_eq!(filled, "\u{2068}שלום\u{2069}, 4 unread");
    }

    #[test]
    fn an_unknown_place_stays_readable() {
        assert_eq!(fill("{nobody} {", &[("a", "x")]), "{nobody} {");
    }

    #[test]
    fn the_count_chooses_the_form() {
        let one = count("{count} message", "{count} messages", 1);
        let three = count("{count} message", "{count} messages", 3);

        assert_eq!((one.as_str(), three.as_str()), ("1 message", "3 messages"));
    }
}
