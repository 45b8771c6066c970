//! Finds what can be opened in a text: web, chat, mail and map addresses.
//!
//! Only schemes on the list below become links. A message is written by
//! somebody else, so `file:`, `javascript:` and what programs register for
//! themselves stay plain text.

use std::borrow::Cow;
use std::ops::Range;

use super::names::{is_hidden, mixes_alphabets};

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

/// How long the part of a mail address before its @ may get (RFC 5321 §4.5.3.1).
const LONGEST_MAILBOX: usize = 64;

/// What can be opened in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it is in the text, in bytes.
    pub range: Range<usize>,
    /// What to open.
    pub address: String,
}

/// Returns the links in `text`, in order; none is within another.
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    // Links, and what holds a key.
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(colon) = text[from..].find(':').map(|place| from + place) {
        let range = match link_around(text, from, colon) {
            Some(range) => {
                let address = &text[range.clone()];
                if !is_deceptive(address) {
                    found.push(Link {
                        range: range.clone(),
                        address: address.to_owned(),
                    });
                }
                range
            }
            None if bears_key(&text[from..colon]) => {
                let rest = &text[colon..];
                from..colon + rest.find(ends_link).unwrap_or(rest.len())
            }
            None => {
                from = colon + 1;
                continue;
            }
        };
        from = range.end;
        taken.push(range);
    }
    let mails = mail_addresses(text).filter(|mail| {
        let after = taken.partition_point(|taken| taken.end <= mail.start);
        taken.get(after).is_none_or(|taken| mail.end <= taken.start)
    });
    let mails: Vec<Link> = mails
        .map(|range| Link {
            address: format!("mailto:{}", &text[range.clone()]),
            range,
        })
        .collect();
    found.extend(mails);
    found.sort_by_key(|link| link.range.start);
    found
}

/// Returns the ranges of mail addresses that stand by themselves, in order.
fn mail_addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('@').filter_map(|(at, _)| {
        let mailbox = text.as_bytes()[..at]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte))
            .take(LONGEST_MAILBOX + 1)
            .count();
        let start = at - mailbox;
        let before = text[..start].chars().next_back();
        let stands_alone = before
            .is_none_or(|before| before.is_whitespace() || "(<[\"'„“‚‘«,;*_~".contains(before));
        let host = text[at + 1..]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
            .take(255)
            .count();
        let host = text[at + 1..=at + host].trim_end_matches(['.', '-']);
        let end = at + 1 + host.len();
        let after = text[end..].chars().next();
        let is_whole = after
            .is_none_or(|after| !after.is_alphanumeric() && !"@/_:".contains(after))
            || text[end..].starts_with(": ");
        let (name, last) = host.rsplit_once('.')?;
        let is_host = last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
            && name
                .split('.')
                .all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'));
        let is_mailbox = (1..=LONGEST_MAILBOX).contains(&mailbox)
            && !text[start..].starts_with(['.', '-', '+', '%'])
            && !text[..at].ends_with('.');
        (stands_alone && is_whole && is_host && is_mailbox).then_some(start..end)
    })
}

/// Returns the host that a web address leads to, where one could take it for
/// another: it has letters beside those of ASCII, which come as they are sent,
/// or something in front of it that looks like a host.
pub fn leads_to(address: &str) -> Option<String> {
    let (authority, host) = host(address)?;
    let plain = idna::domain_to_ascii(host).unwrap_or_default();
    let is_plain = host.is_ascii() && authority.starts_with(host);
    (!is_plain).then_some(if plain.is_empty() {
        host.to_owned()
    } else {
        plain
    })
}

/// Returns the authority of a web address, and the host in it.
fn host(address: &str) -> Option<(&str, &str)> {
    let (_, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    Some((authority, host))
}

/// Returns whether a web address was made to look like another one (attack A13).
fn is_deceptive(address: &str) -> bool {
    host(address).is_some_and(|(_, host)| mixes_alphabets(host) || host.chars().any(is_hidden))
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
    links(address)
        .first()
        .is_some_and(|link| link.range == (0..address.len()) && link.address == address)
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
        links(text)
            .into_iter()
            .map(|link| &text[link.range])
            .collect()
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
    fn mail_addresses_that_stand_alone_are_found() {
        let text = "Juliet: juliet@example.org, (nurse+bed@mail.example.org). *a@b.example*";

        let found = links(text);

        assert_eq!(
            found
                .iter()
                .map(|link| link.address.as_str())
                .collect::<Vec<_>>(),
            [
                "mailto:juliet@example.org",
                "mailto:nurse+bed@mail.example.org",
                "mailto:a@b.example"
            ]
        );
        assert!(found.iter().all(|link| may_open(&link.address)));
    }

    #[test]
    fn what_only_looks_like_a_mail_address_is_none() {
        for text in [
            "@juliet",
            "juliet@",
            "a@b",
            "a@b.1",
            "a@@b.example",
            "a@b.example@c",
            "ü@b.example",
            "a@-b.example",
            "a@b..example",
            ".a@b.example",
            "a@b.example/balcony",
            "see/a@b.example",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_mail_address_in_a_link_is_part_of_it() {
        for text in [
            "mailto:juliet@example.org",
            "xmpp:juliet@example.org?message",
            "https://juliet@example.org/",
        ] {
            assert_eq!(found(text), [text]);
        }
        assert_eq!(found("aesgcm://a.example/juliet@example.org#00"), [""; 0]);
        assert_eq!(found("aesgcm:a,juliet@example.org"), [""; 0]);
    }

    #[test]
    fn a13_a_host_that_mixes_alphabets_is_no_link() {
        assert_eq!(found("https://ex\u{430}mple.org/"), [""; 0]);
        assert_eq!(found("https://example.org.\u{435}vil.example/"), [""; 0]);
        assert_eq!(found("https://exa\u{ad}mple.org/"), [""; 0]);
        assert!(!may_open("https://ex\u{430}mple.org/"));
        for fine in [
            "https://bücher.example/",
            "https://пример.example/",
            "https://日本.example/",
        ] {
            assert_eq!(found(fine), [fine]);
        }
    }

    #[test]
    fn a13_a_host_one_could_take_for_another_is_told() {
        for (address, host) in [
            ("https://example.org/a@b", None),
            ("https://example.org:8443/", None),
            ("mailto:juliet@example.org", None),
            ("https://bücher.example/", Some("xn--bcher-kva.example")),
            ("https://bank.example@evil.example/", Some("evil.example")),
        ] {
            assert_eq!(leads_to(address).as_deref(), host, "{address}");
        }
    }

    #[test]
    fn a_megabyte_of_signs_takes_no_time() {
        for unit in [
            "@",
            "a@",
            "a@b.",
            "a@b.example",
            ":",
            "https://",
            "mailto:a@",
        ] {
            let text = unit.repeat(1_000_000 / unit.len());
            let begin = std::time::Instant::now();

            let _ = links(&text);

            assert!(begin.elapsed().as_secs() < 5, "{unit}");
        }
    }

    #[test]
    fn only_whole_addresses_may_be_opened() {
        assert!(may_open("https://example.org/a"));
        assert!(!may_open("javascript:location='https://example.org'"));
        assert!(!may_open(""));
    }
}
