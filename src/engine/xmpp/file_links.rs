//! Links that stand for a file: plain ones (XEP-0066 v1.5, `jabber:x:oob`;
//! XEP-0385 v0.3, `urn:xmpp:sims:1`; XEP-0447 v0.3, `urn:xmpp:sfs:0`), and
//! encrypted ones, which carry their key (XEP-0454 v0.1, `aesgcm:`).
//!
//! A body is taken for a file only when it is nothing but the link that the
//! sharing element names, so no text is lost. Left out: size, type, hash,
//! thumbnail and all other sources; they come with files.
//!
//! # Source
//! XEP-0066 §3, XEP-0385 §3, XEP-0447 §3, XEP-0454 §3.

use minidom::Element;

use super::namespaces::{
    OUT_OF_BAND, REFERENCES, STATELESS_FILES, STATELESS_INLINE_MEDIA, URL_DATA,
};
use crate::engine::text::file_link;

/// How many sources of a file are looked at.
const MOST_SOURCES: usize = 16;

/// Returns whether a body is nothing but links to encrypted files, with their
/// thumbnails as `data:` addresses on lines of their own.
pub fn is_encrypted_file(body: &str) -> bool {
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_single = |line: &str| !line.contains(char::is_whitespace);
    lines
        .next()
        .is_some_and(|first| has_scheme(first, "aesgcm://") && is_single(first))
        && lines.all(|line| {
            (has_scheme(line, "aesgcm://") || has_scheme(line, "data:")) && is_single(line)
        })
}

/// Returns the link of a message that is a file and nothing else.
pub fn read(message: &Element, body: Option<&str>) -> Option<String> {
    let mut sources = sources(message).filter(|source| file_link(source).is_some());
    match body.map(str::trim) {
        Some(body) => sources.find(|source| source == body),
        None => sources.next(),
    }
}

fn sources(message: &Element) -> impl Iterator<Item = String> {
    message
        .children()
        .flat_map(|child| {
            if child.is("x", OUT_OF_BAND) {
                let url = child.get_child("url", OUT_OF_BAND);
                url.map(Element::text).into_iter().collect()
            } else if child.is("reference", REFERENCES) {
                let sources = child
                    .get_child("media-sharing", STATELESS_INLINE_MEDIA)
                    .and_then(|sharing| sharing.get_child("sources", STATELESS_INLINE_MEDIA));
                addresses(sources, "reference", REFERENCES, "uri")
            } else if child.is("file-sharing", STATELESS_FILES) {
                let sources = child.get_child("sources", STATELESS_FILES);
                addresses(sources, "url-data", URL_DATA, "target")
            } else {
                Vec::new()
            }
        })
        .take(MOST_SOURCES)
        .map(|source| source.trim().to_owned())
}

fn addresses(
    sources: Option<&Element>,
    name: &str,
    namespace: &str,
    attribute: &str,
) -> Vec<String> {
    sources
        .into_iter()
        .flat_map(Element::children)
        .filter(|source| source.is(name, namespace))
        .filter_map(|source| source.attr(attribute).map(str::to_owned))
        .take(MOST_SOURCES)
        .collect()
}

fn has_scheme(line: &str, scheme: &str) -> bool {
    line.get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        && line.len() > scheme.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LINK: &str = "https://upload.example.org/8f/sonnets.pdf";

    fn parsed(body: Option<&str>, inside: &str) -> Option<String> {
        let xml = format!("<message xmlns='jabber:client'>{inside}</message>");
        read(&xml.parse().unwrap(), body)
    }

    fn out_of_band(url: &str) -> String {
        format!("<x xmlns='jabber:x:oob'><url>{url}</url></x>")
    }

    #[test]
    fn a_body_that_is_only_the_shared_link_is_a_file() {
        for inside in [
            out_of_band(LINK),
            format!(
                "<reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing xmlns='urn:xmpp:sims:1'>\
                 <file xmlns='urn:xmpp:jingle:apps:file-transfer:5'><name>sonnets.pdf</name></file>\
                 <sources><reference xmlns='urn:xmpp:reference:0' type='data' uri='{LINK}'/></sources>\
                 </media-sharing></reference>"
            ),
            format!(
                "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'/>\
                 <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='{LINK}'/></sources>\
                 </file-sharing>"
            ),
        ] {
            assert_eq!(
                parsed(Some(LINK), &inside).as_deref(),
                Some(LINK),
                "{inside}"
            );
            assert_eq!(parsed(None, &inside).as_deref(), Some(LINK), "{inside}");
        }
    }

    #[test]
    fn a_text_beside_the_link_stays_a_text() {
        let text = format!("Read this: {LINK}");

        assert_eq!(parsed(Some(&text), &out_of_band(LINK)), None);
        assert_eq!(parsed(Some(LINK), ""), None);
        assert_eq!(
            parsed(Some(LINK), &out_of_band("https://example.org/another")),
            None
        );
    }

    #[test]
    fn a32_only_the_encrypted_web_is_a_file() {
        for url in [
            "http://example.org/a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "smb://example.org/a",
            "https://romeo@example.org/a",
        ] {
            assert_eq!(parsed(Some(url), &out_of_band(url)), None, "{url}");
            assert_eq!(parsed(None, &out_of_band(url)), None, "{url}");
        }
    }

    #[test]
    fn a35_a_link_with_a_key_and_its_thumbnail_are_an_encrypted_file() {
        for body in [
            "aesgcm://upload.example.org/8f/a.jpg#00112233",
            "AesGcm://upload.example.org/8f/a.jpg#00112233\n",
            "aesgcm://upload.example.org/8f/a.jpg#00\ndata:image/jpeg,/9j/4AAQ",
            "aesgcm://upload.example.org/8f/a.jpg#00\r\n\r\ndata:image/png;base64,iVBO=",
            "aesgcm://upload.example.org/a#00\naesgcm://upload.example.org/b#11",
        ] {
            assert!(is_encrypted_file(body), "{body}");
        }
        for body in [
            "",
            "aesgcm://",
            "See aesgcm://upload.example.org/a#00",
            "aesgcm://upload.example.org/a#00 and more",
            "aesgcm://upload.example.org/a#00\nDid you see it?",
            "data:image/png;base64,iVBO=",
        ] {
            assert!(!is_encrypted_file(body), "{body}");
        }
    }
}
