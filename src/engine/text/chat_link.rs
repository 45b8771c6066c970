//! Reads `xmpp:` links: whose address, and what the link asks for.
//!
//! Pure, and it does nothing: a link comes from anybody, so what it asks for is
//! shown to the user before anything happens. What is read here is bounded and
//! without signs that could make one address look like another. Passwords and
//! invitations in a link are not read at all; keys are read by
//! [`VerificationLink`](super::VerificationLink).
//!
//! # Source
//!
//! RFC 5122 §2 for the form, XEP-0147 for what stands after the question mark,
//! its registry for the names of actions.

use std::str::FromStr;

use jid::BareJid;

/// A longer link is refused: no address and no message in a link needs more.
const MOST_BYTES: usize = 16 * 1024;
/// Letters of an unknown action that are shown.
const MOST_OF_ACTION: usize = 40;

/// What a link points to and asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLink {
    /// The address, without what stands after a slash; of a person, a group or
    /// a server.
    pub address: String,
    /// What the link wants to be done.
    pub wish: LinkWish,
}

/// What a link wants to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkWish {
    /// Open a chat.
    Chat,
    /// Open a chat with a text that is ready to be sent. Never empty.
    Message(String),
    /// Add the address to the contacts, or show each other who is around.
    AddContact,
    /// Remove the address from the contacts, or end showing each other.
    RemoveContact,
    /// Enter a group.
    EnterGroup,
    /// Make an account.
    MakeAccount,
    /// Trust the keys that the link holds.
    TrustKeys,
    /// Something else, by its name in the link.
    Other(String),
}

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// It is longer than a link needs to be.
    TooLong,
    /// It leads to no address.
    NoAddress,
    /// Its percent signs do not make letters.
    Unreadable,
}

impl ChatLink {
    /// Returns whether the address can be one of a person.
    pub fn is_person(&self) -> bool {
        self.address.contains('@')
    }
}

/// Reads an `xmpp:` link.
///
/// # Errors
/// A [`LinkFault`] when there is nothing in it that could be shown.
pub fn chat_link(link: &str) -> Result<ChatLink, LinkFault> {
    if link.len() > MOST_BYTES {
        return Err(LinkFault::TooLong);
    }
    let (scheme, rest) = link.trim().split_once(':').ok_or(LinkFault::NoAddress)?;
    if !scheme.eq_ignore_ascii_case("xmpp") {
        return Err(LinkFault::NoAddress);
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok(ChatLink {
        address: address(path)?,
        wish: wish(query)?,
    })
}

/// The account to act as, `//account/`, is left aside: that is for the user to
/// choose. What stands after the address and a slash names one of a person's
/// programs; one writes to the person.
fn address(path: &str) -> Result<String, LinkFault> {
    let path = match path.strip_prefix("//") {
        Some(rest) => rest.split_once('/').ok_or(LinkFault::NoAddress)?.1,
        None => path,
    };
    let bare = path.split('/').next().unwrap_or_default();
    let bare = decoded(bare)?;
    // The rules for addresses leave out control characters and those that turn
    // the direction of text.
    let bare = BareJid::from_str(&bare).map_err(|_| LinkFault::NoAddress)?;
    let address = bare.to_string();
    if address.chars().any(is_unseen) {
        return Err(LinkFault::NoAddress);
    }
    Ok(address)
}

fn wish(query: &str) -> Result<LinkWish, LinkFault> {
    let mut parts = query.split(';');
    let action = parts.next().unwrap_or_default();
    // Links with keys may leave the action out.
    let holds_key = |part: &str| {
        let part = part.to_ascii_lowercase();
        part.starts_with("omemo-sid-") || part.starts_with("omemo=")
    };
    if query.split(';').any(holds_key) {
        return Ok(LinkWish::TrustKeys);
    }
    Ok(match action.to_ascii_lowercase().as_str() {
        "" => LinkWish::Chat,
        "message" => {
            let body = parts.find_map(|part| part.strip_prefix("body="));
            let body = shown(&decoded(body.unwrap_or_default())?);
            if body.trim().is_empty() {
                LinkWish::Chat
            } else {
                LinkWish::Message(body)
            }
        }
        "roster" | "subscribe" => LinkWish::AddContact,
        "remove" | "unsubscribe" => LinkWish::RemoveContact,
        "join" | "invite" => LinkWish::EnterGroup,
        "register" => LinkWish::MakeAccount,
        _ => {
            let name = super::name(&decoded(action)?);
            LinkWish::Other(name.chars().take(MOST_OF_ACTION).collect())
        }
    })
}

/// Undoes `%41`. A plus sign is one (XEP-0147 §2).
fn decoded(text: &str) -> Result<String, LinkFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(rest.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(LinkFault::Unreadable);
        };
        bytes.push(high * 16 + low);
    }
    String::from_utf8(bytes).map_err(|_| LinkFault::Unreadable)
}

/// The letters that have a shape, lines and tabs. What is shown to the user and
/// what comes into the composer is the same text.
fn shown(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|&character| matches!(character, '\n' | '\t') || !is_unseen(character))
        .collect()
}

/// Control characters, and marks that turn the direction of text.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(link: &str) -> ChatLink {
        chat_link(link).expect("a link that can be read")
    }

    #[test]
    fn a_link_names_an_address_and_nothing_else() {
        for link in [
            "xmpp:romeo@example.org",
            "XMPP:Romeo@Example.org",
            "xmpp:romeo@example.org/orchard",
            "xmpp:romeo@example.org?message",
            "xmpp:romeo@example.org?message;subject=hi",
            "xmpp:romeo@example.org?message;body=%20",
            "xmpp://juliet@example.com/romeo@example.org",
            "xmpp:///romeo@example.org?message",
            "xmpp:romeo@example.org#here",
        ] {
            let link = read(link);

            assert_eq!(link.address, "romeo@example.org");
            assert_eq!(link.wish, LinkWish::Chat);
            assert!(link.is_person());
        }
    }

    #[test]
    fn letters_beyond_ascii_are_read_plain_and_with_percent_signs() {
        assert_eq!(
            read("xmpp:%C5%99omeo@example.org").address,
            "řomeo@example.org"
        );
        assert_eq!(read("xmpp:řomeo@example.org").address, "řomeo@example.org");
    }

    #[test]
    fn the_text_of_a_message_keeps_its_lines() {
        let link = read("xmpp:romeo@example.org?message;subject=x;body=Good%20night%0D%0A1+1%3F");

        assert_eq!(link.wish, LinkWish::Message("Good night\n1+1?".to_owned()));
    }

    #[test]
    fn every_action_has_words() {
        for (query, wish) in [
            ("roster;name=Romeo;group=Friends", LinkWish::AddContact),
            (
                "roster;preauth=1tMFqYDdKhfe2pwp;ibr=y",
                LinkWish::AddContact,
            ),
            ("SUBSCRIBE", LinkWish::AddContact),
            ("remove", LinkWish::RemoveContact),
            ("unsubscribe", LinkWish::RemoveContact),
            ("join;password=cauldronburn", LinkWish::EnterGroup),
            ("invite;jid=juliet@example.org", LinkWish::EnterGroup),
            ("register;preauth=abc", LinkWish::MakeAccount),
            ("omemo-sid-1=05ab;omemo-sid-2=05cd", LinkWish::TrustKeys),
            ("message;omemo-sid-1=05ab;body=hi", LinkWish::TrustKeys),
            ("OMEMO-SID-1=05AB", LinkWish::TrustKeys),
            ("omemo=05ab", LinkWish::TrustKeys),
            (
                "pubsub;action=subscribe;node=x",
                LinkWish::Other("pubsub".to_owned()),
            ),
            ("dance", LinkWish::Other("dance".to_owned())),
        ] {
            let link = read(&format!("xmpp:example.org?{query}"));

            assert_eq!(link.wish, wish, "{query}");
            assert!(!link.is_person());
        }
    }

    #[test]
    fn what_leads_to_no_address_is_refused() {
        for link in [
            "",
            "xmpp",
            "xmpp:",
            "xmpp:?message",
            "xmpp:@",
            "xmpp:a@",
            "xmpp://x",
            "https://example.org/@romeo",
            "xmpp:ro%20meo@example.org",
            "xmpp:a@b@c",
            "xmpp:ro%2Fmeo@example.org",
            "xmpp:romeo%00@example.org",
        ] {
            assert_eq!(chat_link(link), Err(LinkFault::NoAddress), "{link}");
        }
    }

    #[test]
    fn a34_percent_signs_that_make_no_letters_are_refused() {
        for link in [
            "xmpp:%@example.org",
            "xmpp:%4@example.org",
            "xmpp:%zz@example.org",
            "xmpp:%ff%fe@example.org",
            "xmpp:romeo@example.org?message;body=%c3%28",
        ] {
            assert_eq!(chat_link(link), Err(LinkFault::Unreadable), "{link}");
        }
    }

    #[test]
    fn a34_a_link_of_a_hundred_kilobytes_is_refused() {
        let link = format!(
            "xmpp:romeo@example.org?message;body={}",
            "a".repeat(100_000)
        );

        assert_eq!(chat_link(&link), Err(LinkFault::TooLong));
    }

    #[test]
    fn a34_signs_that_nobody_sees_are_left_out_of_what_is_shown() {
        let link = read("xmpp:romeo@example.org?message;body=%E2%80%AEevil%00%1B%5B2J%07");
        assert_eq!(link.wish, LinkWish::Message("evil[2J".to_owned()));

        let link = read(&format!(
            "xmpp:romeo@example.org?%E2%80%AE%0A{}",
            "x".repeat(200)
        ));
        assert_eq!(link.wish, LinkWish::Other("x".repeat(MOST_OF_ACTION)));

        assert_eq!(
            chat_link("xmpp:%E2%80%AEoemor@example.org"),
            Err(LinkFault::NoAddress)
        );
    }

    proptest! {
        #[test]
        fn a34_any_text_gives_a_bounded_link_or_a_fault(text in "(xmpp:)?\\PC{0,200}[%@?;=/#a-f0-9]{0,40}\\PC{0,40}") {
            if let Ok(link) = chat_link(&text) {
                prop_assert!(link.address.len() <= 3 * 1024);
                prop_assert!(!link.address.contains('/'));
                prop_assert!(!link.address.chars().any(|letter| is_unseen(letter) || letter == '\n'));
                if let LinkWish::Message(body) = link.wish {
                    prop_assert!(body.len() <= text.len());
                }
            }
        }

        #[test]
        fn a34_any_bytes_behind_percent_signs_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let encoded: Vec<String> = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            let encoded = encoded.concat();

            let link = chat_link(&format!("xmpp:romeo@example.org?message;body={encoded}"));

            match String::from_utf8(bytes) {
                Err(_) => prop_assert_eq!(link, Err(LinkFault::Unreadable)),
                Ok(text) => match link.expect("text").wish {
                    LinkWish::Chat => prop_assert!(shown(&text).trim().is_empty()),
                    wish => prop_assert_eq!(wish, LinkWish::Message(shown(&text))),
                },
            }
        }
    }
}
