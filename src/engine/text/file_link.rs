//! What a link to a file says of itself: its name and who keeps it.
//!
//! # Source
//! RFC 3986 §3 (parts of an address), §2.1 (percent signs).

use super::links::may_open;
use super::names::name;

/// A longer link is a text.
const LONGEST: usize = 4_096;
/// Of a long name the beginning and the end are shown: the end says what kind
/// of file it is.
const LONGEST_NAME: usize = 90;
const END_OF_NAME: usize = 30;

/// The parts of a link that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// Name of the file; empty when the link has none.
    pub name: String,
    /// Whose server has it.
    pub host: String,
}

/// Returns the parts of a link to a file on the web; `None` for any other
/// address, and for those that pretend to be on another host.
pub fn file_link(url: &str) -> Option<FileLink> {
    const SCHEME: &str = "https://";
    let is_web = url
        .get(..SCHEME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    if !is_web || url.len() > LONGEST || !may_open(url) {
        return None;
    }
    let rest = &url[SCHEME.len()..];
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    // A name before an at sign looks like a host and is none.
    if host.is_empty() || authority.contains('@') {
        return None;
    }
    let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let last = path.rsplit('/').next().unwrap_or_default();
    Some(FileLink {
        name: shown(&decoded(last)),
        host: host.to_owned(),
    })
}

/// Decoding may bring new slashes; what stands before them is a folder (attack A30).
fn shown(decoded: &str) -> String {
    let last = decoded.rsplit(['/', '\\']).next().unwrap_or_default();
    let whole: Vec<char> = last.chars().collect();
    if whole.len() <= LONGEST_NAME {
        return name(last);
    }
    let text = |part: &[char]| name(&part.iter().collect::<String>());
    let start = text(&whole[..LONGEST_NAME - END_OF_NAME]);
    let end = text(&whole[whole.len() - END_OF_NAME..]);
    format!("{start}…{end}")
}

fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |place: usize| {
            let digit = after.get(place).copied().map(char::from)?;
            digit.to_digit(16)
        };
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            bytes.push((high * 16 + low) as u8);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_parts(url: &str, name: &str, host: &str) {
        let link = file_link(url).map(|link| (link.name, link.host));

        assert_eq!(link, Some((name.to_owned(), host.to_owned())), "{url}");
    }

    #[test]
    fn a_link_tells_its_name_and_host() {
        assert_parts(
            "https://upload.example.org:5281/8f/Sonnet%20No.%2018.pdf?v=1#page=2",
            "Sonnet No. 18.pdf",
            "upload.example.org",
        );
        assert_parts("HTTPS://example.org", "", "example.org");
        assert_parts("https://[2001:db8::1]:443/a", "a", "[2001:db8::1]");
        assert_parts("https://[2001:db8::1]/a", "a", "[2001:db8::1]");
    }

    #[test]
    fn a13_a_name_hides_nothing_and_turns_nothing_around() {
        assert_parts(
            "https://example.org/photo%E2%80%AEgpj.exe%00%0A",
            "photogpj.exe",
            "example.org",
        );
        assert_parts(
            "https://example.org/%FF%FE%41",
            "\u{fffd}\u{fffd}A",
            "example.org",
        );
        assert_parts("https://example.org/100%", "100%", "example.org");
    }

    #[test]
    fn a30_a_name_is_no_path() {
        assert_parts(
            "https://example.org/a/..%2F..%2Fetc%5Cpasswd",
            "passwd",
            "example.org",
        );
    }

    #[test]
    fn a30_the_end_of_a_long_name_is_shown() {
        let url = format!("https://example.org/{}.jpg.exe", "a".repeat(400));

        let name = file_link(&url).map(|link| link.name).unwrap_or_default();

        assert!(name.ends_with(".jpg.exe"), "{name}");
        assert_eq!(name.chars().count(), LONGEST_NAME + 1);
    }

    #[test]
    fn what_pretends_to_be_elsewhere_is_no_file() {
        for url in [
            "https://good.example@evil.example/a.pdf",
            "https://evil.example\\@good.example/a.pdf",
            "https:///a.pdf",
            "http://example.org/a.pdf",
            "aesgcm://example.org/a.pdf",
            "https://example.org/a b",
            "https://example.org/\u{202e}fdp.exe",
        ] {
            assert_eq!(file_link(url), None, "{url}");
        }
    }
}
