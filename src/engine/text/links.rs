//! Finds what can be opened in a text: web, chat, mail and map addresses.
//!
//! Only schemes on the list below become links. A message is written by
//! somebody else, so `file:`, `javascript:` and what programs register for
//! themselves stay plain text.

use std::borrow::Cow;
use std::ops::Range;

/// What may be opened, and what has to follow the colon.
const SCHEMES: [(&str, &str); 5] = [
    ("https", "//"),
    ("http", "//"),
    ("xmpp", ""),
    ("mailto", ""),
    ("geo", ""),
];

/// Links that carry the key to what they lead to (XEP-0454). Nothing in one is
/// a link, not even an address inside it (attack A35).
const WITH_A_KEY: &str = "aesgcm";

/// Returns the byte ranges of the links in `text`, in order.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(colon) = text[from..].find(':').map(|place| from + place) {
        from = match link_around(text, from, colon) {
            Some(link) => {
                let end = link.end;
                found.push(link);
                end
            }
            None if bears_key(&text[from..colon]) => {
                let rest = &text[colon..];
                colon + rest.find(ends_link).unwrap_or(rest.len())
            }
            None => colon + 1,
        };
    }
    found
}

/// Returns a text without the keys of links that carry one: whoever reads,
/// hears or copies it needs to know where the link leads, and nobody the key.
pub fn without_keys(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let (mut from, mut written) = (0, 0);
    while let Some(colon) = text[from..].find(':').map(|place| from + place) {
        if !bears_key(&text[from..colon]) {
            from = colon + 1;
            continue;
        }
        let rest = &text[colon..];
        // Up to the next space, so that no odd character saves part of a key.
        from = colon + rest.find(char::is_whitespace).unwrap_or(rest.len());
        if let Some(key) = text[colon..from].find('#') {
            shown.push_str(&text[written..colon + key]);
            written = from;
        }
    }
    if written == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[written..]);
    Cow::Owned(shown)
}

/// Returns whether an address may be opened: the same list, for addresses that
/// were not found by [`links`].
pub fn may_open(address: &str) -> bool {
    links(address).first() == Some(&(0..address.len()))
}

fn link_around(text: &str, from: usize, colon: usize) -> Option<Range<usize>> {
    let before = &text[from..colon];
    let after = &text[colon + 1..];
    let (start, rest) = SCHEMES.iter().find_map(|(scheme, follows)| {
        let start = before.len().checked_sub(scheme.len())?;
        let is_scheme = before.get(start..)?.eq_ignore_ascii_case(scheme);
        let is_word =
            !before[..start].ends_with(|c: char| c.is_alphanumeric() || "+-._".contains(c));
        let rest = after.strip_prefix(follows)?;
        (is_scheme && is_word).then_some((from + start, rest))
    })?;
    let length = rest.find(ends_link).unwrap_or(rest.len());
    let address = trim(&rest[..length]);
    if !address.starts_with(|c: char| c.is_alphanumeric() || "[-+?".contains(c)) {
        return None;
    }
    let end = text.len() - rest.len() + address.len();
    Some(start..end)
}

fn bears_key(before: &str) -> bool {
    before
        .len()
        .checked_sub(WITH_A_KEY.len())
        .and_then(|start| before.get(start..))
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(WITH_A_KEY))
}

fn ends_link(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '«' | '»' | '“' | '”')
        // Marks that turn the direction of text could make one address look like another.
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A sentence's full stop, or the bracket around a link, is not part of it.
fn trim(address: &str) -> &str {
    let mut address = address;
    while let Some(last) = address.chars().next_back() {
        let belongs = match last {
            ')' => address.matches('(').count() >= address.matches(')').count(),
            ']' => address.matches('[').count() >= address.matches(']').count(),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' => false,
            _ => true,
        };
        if belongs {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        links(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn every_scheme_on_the_list_is_found() {
        let text = "http://a.example https://b.example/ xmpp:romeo@example.org \
                    mailto:juliet@example.org geo:45.44,10.99";

        assert_eq!(found(text).len(), 5);
    }

    #[test]
    fn other_schemes_stay_text() {
        assert_eq!(
            found("javascript:alert(1) file:///etc/passwd data:text/html,x myhttps://x"),
            [""; 0]
        );
    }

    #[test]
    fn a35_nothing_in_a_link_with_a_key_is_a_link() {
        assert_eq!(
            found("See aesgcm://example.org/https://example.org/a#00112233 or https://b.example/"),
            ["https://b.example/"]
        );
        assert_eq!(found("AESGCM:https://example.org/a#00112233"), [""; 0]);
    }

    #[test]
    fn a35_no_key_stays_in_a_text() {
        for (text, shown) in [
            (
                "See aesgcm://a.example/b.jpg#0011 and https://a.example/#c",
                "See aesgcm://a.example/b.jpg and https://a.example/#c",
            ),
            (
                "(AESGCM://a.example/b#00\"11).\nB: aesgcm://a.example/c#22\u{202e}33",
                "(AESGCM://a.example/b\nB: aesgcm://a.example/c",
            ),
            ("x:aesgcm:a#00:aesgcm:b#11", "x:aesgcm:a"),
            (
                "aesgcm://a.example/b is #1: ß#",
                "aesgcm://a.example/b is #1: ß#",
            ),
        ] {
            assert_eq!(without_keys(text), shown);
        }
    }

    #[test]
    fn the_sentence_around_a_link_is_not_part_of_it() {
        let text = "See https://example.org/a. (Or https://example.org/b_(c), he said: https://example.org/d?)";

        assert_eq!(
            found(text),
            [
                "https://example.org/a",
                "https://example.org/b_(c)",
                "https://example.org/d"
            ]
        );
    }

    #[test]
    fn a_scheme_without_an_address_is_no_link() {
        assert_eq!(found("https:// and mailto: and geo:, xmpp: ..."), [""; 0]);
    }

    #[test]
    fn a_link_ends_at_marks_that_turn_the_direction() {
        assert_eq!(
            found("https://example.org/\u{202e}gpj.exe"),
            ["https://example.org/"]
        );
    }

    #[test]
    fn letters_beside_a_link_do_not_break_it() {
        assert_eq!(
            found("שלום https://example.org/שלום 日本https://example.org"),
            ["https://example.org/שלום"]
        );
    }

    #[test]
    fn only_whole_addresses_may_be_opened() {
        assert!(may_open("https://example.org/a"));
        assert!(!may_open("javascript:location='https://example.org'"));
        assert!(!may_open(""));
    }
}
