//! Finding a setting by a word for it.

use relm4::gtk;

use super::page::Page;

/// A setting that can be found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it is.
    pub page: Page,
    /// What it is called.
    pub title: String,
    /// Other words for it.
    pub words: String,
    /// What gets the keyboard.
    pub widget: gtk::Widget,
}

/// Returns the places of what `typed` may mean: titles that begin so, then titles
/// that hold it, then other words, then whatever is on a page of that name.
pub fn find<'a>(
    typed: &str,
    entries: impl Iterator<Item = (&'a str, &'a str, String)>,
) -> Vec<usize> {
    let typed = typed.trim().to_lowercase();
    let mut found: Vec<(u8, usize)> = entries
        .enumerate()
        .filter_map(|(place, (title, words, page))| {
            let title = title.to_lowercase();
            let fit = if title.starts_with(&typed) {
                0
            } else if title.contains(&typed) {
                1
            } else if words.to_lowercase().contains(&typed) {
                2
            } else if page.to_lowercase().starts_with(&typed) {
                3
            } else {
                return None;
            };
            Some((fit, place))
        })
        .collect();
    found.sort_by_key(|(fit, _)| *fit);
    found.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_counts_more_than_what_is_said_about_it() {
        let settings = [
            ("Dark", "Always a dark window", "Appearance"),
            ("Text Size", "Larger or smaller letters", "Appearance"),
            ("Say That I Am Typing", "Your contacts see dots", "Privacy"),
        ];
        let look = |typed: &str| {
            find(
                typed,
                settings
                    .iter()
                    .map(|(title, words, page)| (*title, *words, (*page).to_owned())),
            )
        };

        assert_eq!(look("siz"), [1]);
        assert_eq!(look("s"), [2, 1, 0]);
        assert_eq!(look("contacts"), [2]);
        assert_eq!(look("appear"), [0, 1]);
        assert_eq!(look("nothing of the kind"), Vec::<usize>::new());
    }
}
