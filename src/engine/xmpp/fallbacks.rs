//! Words for programs that do not know what a message is (XEP-0428 v0.2.1,
//! `urn:xmpp:fallback:0`).
//!
//! Only words that stand in for something understood here are left out, and
//! only where the marks make sense; a mark that is wrong hides nothing (attack
//! A11).
//!
//! # Source
//! XEP-0428 §2.2; XEP-0426 §3: characters are counted as code points.

use std::ops::Range;

use minidom::Element;

use super::namespaces::{FALLBACKS, RETRACTIONS};
use super::stanza::element;

/// So many parts of a text may be marked.
const MOST_PARTS: usize = 8;

/// The words of a body that stand in for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// All of it.
    Whole,
    /// These parts, in characters from its beginning.
    Parts(Vec<Range<usize>>),
}

/// Returns which words of a message's body stand in for something with this
/// namespace.
pub fn read(message: &Element, instead_of: &str) -> Option<Fallback> {
    let fallback = message
        .children()
        .filter(|child| child.is("fallback", FALLBACKS))
        .find(|fallback| match fallback.attr("for") {
            Some(known) => known == instead_of,
            // Before version 0.2 a mark did not say what it is for; only the
            // words of those who take something back still come like this.
            None => instead_of == RETRACTIONS,
        })?;
    let bodies: Vec<&Element> = fallback
        .children()
        .filter(|child| child.is("body", FALLBACKS))
        .collect();
    if fallback.children().next().is_none() {
        return Some(Fallback::Whole);
    }
    let mut parts = Vec::new();
    for body in bodies {
        let (Some(start), Some(end)) = (body.attr("start"), body.attr("end")) else {
            return Some(Fallback::Whole);
        };
        parts.push(start.parse().ok()?..end.parse().ok()?);
    }
    Some(Fallback::Parts(parts)).filter(|_| fallback.children().count() <= MOST_PARTS)
}

/// Parts a text into what is said and what stands in for something; `None` when
/// the marks make no sense for it.
pub fn parted(text: &str, fallback: &Fallback) -> Option<(String, String)> {
    let Fallback::Parts(parts) = fallback else {
        return Some((String::new(), text.to_owned()));
    };
    let length = text.chars().count();
    let mut parts = parts.clone();
    parts.sort_unstable_by_key(|part| part.start);
    let is_sound = parts.iter().all(|part| part.start < part.end)
        && parts.last()?.end <= length
        && parts.windows(2).all(|pair| pair[0].end <= pair[1].start);
    if !is_sound {
        return None;
    }
    let (mut said, mut instead) = (String::new(), String::new());
    for (place, character) in text.chars().enumerate() {
        if parts.iter().any(|part| part.contains(&place)) {
            instead.push(character);
        } else {
            said.push(character);
        }
    }
    Some((said, instead))
}

/// Returns whether what would be left out of a text is whole lines of quotes.
///
/// What is sealed says nothing of these marks, so a server could add some, and
/// hide a word that changes what the sender said.
pub fn leaves_out_quotes_only(text: &str, fallback: &Fallback) -> bool {
    let Fallback::Parts(parts) = fallback else {
        return false;
    };
    let characters: Vec<char> = text.chars().collect();
    parts.iter().all(|part| {
        let Some(quote) = characters.get(part.clone()) else {
            return false;
        };
        let begins_a_line = part.start == 0 || characters[part.start - 1] == '\n';
        let ends_a_line = part.end == characters.len() || quote.last() == Some(&'\n');
        let quote: String = quote.iter().collect();
        begins_a_line && ends_a_line && quote.lines().all(|line| line.starts_with('>'))
    })
}

/// Builds the mark for all of a body.
pub fn whole(instead_of: &str) -> Element {
    let mut fallback = element("fallback", FALLBACKS, &[("for", instead_of)]);
    fallback.append_child(element("body", FALLBACKS, &[]));
    fallback
}

/// Builds the mark for the first `length` characters of a body.
pub fn beginning(instead_of: &str, length: usize) -> Element {
    let mut fallback = element("fallback", FALLBACKS, &[("for", instead_of)]);
    let end = length.to_string();
    fallback.append_child(element("body", FALLBACKS, &[("start", "0"), ("end", &end)]));
    fallback
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::single_range_in_vec_init)]
    use super::*;

    const REPLY: &str = "urn:xmpp:reply:0";

    fn parsed(inside: &str) -> Option<Fallback> {
        let xml = format!("<message xmlns='jabber:client'>{inside}</message>");
        read(&xml.parse().unwrap(), REPLY)
    }

    fn part(range: &str) -> String {
        format!(
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body {range}/></fallback>"
        )
    }

    #[test]
    fn the_example_of_the_xep_is_parted() {
        let body = "> Anna wrote:\n> We should bake a cake\nGreat idea!";

        let fallback = parsed(&part("start='0' end='38'")).unwrap();

        assert_eq!(
            parted(body, &fallback),
            Some((
                "Great idea!".into(),
                "> Anna wrote:\n> We should bake a cake\n".into()
            ))
        );
        assert!(leaves_out_quotes_only(body, &fallback));
    }

    #[test]
    fn characters_are_counted_as_code_points() {
        let body = "> 👩\u{200d}👧ß\nyes";

        let (said, _) = parted(body, &Fallback::Parts(vec![0..7])).unwrap();

        assert_eq!(said, "yes");
    }

    #[test]
    fn a11_marks_that_make_no_sense_hide_nothing() {
        for range in [
            "start='5' end='2'",
            "start='2' end='2'",
            "start='0' end='999'",
        ] {
            let fallback = parsed(&part(range)).unwrap();
            assert_eq!(parted("> a\nHark", &fallback), None, "{range}");
        }
        for range in ["start='-1' end='4'", "start='0' end='18446744073709551616'"] {
            assert_eq!(parsed(&part(range)), None, "{range}");
        }
        let overlapping = Fallback::Parts(vec![0..3, 2..4]);
        assert_eq!(parted("> a\nHark", &overlapping), None);
        let many = part("start='0' end='1'").replace(
            "<body start='0' end='1'/>",
            &"<body start='0' end='1'/>".repeat(10_000),
        );
        assert_eq!(parsed(&many), None);
    }

    #[test]
    fn a11_only_what_stands_in_for_this_counts() {
        assert_eq!(parsed("<fallback xmlns='urn:xmpp:fallback:0'/>"), None);
        assert_eq!(
            parsed("<fallback xmlns='urn:xmpp:fallback:0' for='urn:example:other'/>"),
            None
        );
        assert_eq!(
            parsed("<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'/>"),
            Some(Fallback::Whole)
        );
    }

    #[test]
    fn a11_a_subject_that_stands_in_for_something_hides_no_words() {
        let subject =
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><subject/></fallback>";

        let fallback = parsed(subject).unwrap();

        assert_eq!(parted("Hark", &fallback), None);
    }

    #[test]
    fn a11_no_word_of_a_sealed_text_can_be_marked_away() {
        for (text, part) in [
            ("Do not come", 3..7),
            ("> a\nDo not come", 0..11),
            ("> a\nb", 0..2),
            ("x> a\nb", 1..5),
            ("> a", 0..9),
        ] {
            assert!(!leaves_out_quotes_only(text, &Fallback::Parts(vec![part])));
        }
        assert!(!leaves_out_quotes_only("Hark", &Fallback::Whole));
        assert!(leaves_out_quotes_only(
            "> a\n> b\nc",
            &Fallback::Parts(vec![0..8])
        ));
    }

    #[test]
    fn what_we_mark_we_can_read() {
        let mut message = Element::bare("message", "jabber:client");
        message.append_child(beginning(REPLY, 4));
        assert_eq!(read(&message, REPLY), Some(Fallback::Parts(vec![0..4])));

        let mut message = Element::bare("message", "jabber:client");
        message.append_child(whole(REPLY));
        assert_eq!(read(&message, REPLY), Some(Fallback::Whole));
    }
}
