//! Reads `xmpp:` links: whose address, and what the link asks for.
//!
//! Pure, and it does nothing: a link comes from anybody, so what it asks for is
//! shown to the user before anything happens. What is read here is bounded and
//! without signs that could make one address look like another. Passwords in a
//! link are not read at all; keys are read by
//! [`VerificationLink`](super::VerificationLink).
//!
//! # Source
//!
//! RFC 5122 §2 for the form, XEP-0147 for what stands after the question mark,
//! its registry for the names of actions; XEP-0379 v0.1.1 §3.2 for the token of
//! an invitation, XEP-0401 v0.6.0 §5.1 and XEP-0445 for one to a server.

use std::str::FromStr;

use jid::BareJid;

/// A longer link is refused: no address and no message in a link needs more.
const MOST_BYTES: usize = 16 * 1024;
/// Letters of an unknown action that are shown.
const MOST_OF_ACTION: usize = 40;
/// Letters of a token; a longer one is none of those that programs make.
const MOST_OF_TOKEN: usize = 512;

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
    AddContact(Invitation),
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

/// What a link that adds a contact says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// What it calls them, for the user to change; empty: nothing.
    pub name: String,
    /// By this their program knows that it made the link, and agrees by itself;
    /// empty: none.
    pub token: String,
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
    plain_address(&decoded(bare)?)
}

/// Reads an address that is written as it is.
pub(super) fn plain_address(text: &str) -> Result<String, LinkFault> {
    // The rules for addresses leave out control characters and those that turn
    // the direction of text.
    let bare = BareJid::from_str(text).map_err(|_| LinkFault::NoAddress)?;
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
    // So do those on the pages of invitations (XEP-0379 §3.3).
    if action.starts_with("preauth=") {
        return Ok(LinkWish::AddContact(invitation(query.split(';'))?));
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
        "roster" | "subscribe" => LinkWish::AddContact(invitation(parts)?),
        "remove" | "unsubscribe" => LinkWish::RemoveContact,
        "join" | "invite" => LinkWish::EnterGroup,
        "register" => LinkWish::MakeAccount,
        _ => {
            let name = super::name(&decoded(action)?);
            LinkWish::Other(name.chars().take(MOST_OF_ACTION).collect())
        }
    })
}

fn invitation<'link>(
    parts: impl Iterator<Item = &'link str> + Clone,
) -> Result<Invitation, LinkFault> {
    let value = |name: &str| {
        let found = parts.clone().find_map(|part| part.strip_prefix(name));
        decoded(found.unwrap_or_default())
    };
    let token = value("preauth=")?;
    // What no program makes is not sent to anybody.
    let is_token =
        token.len() <= MOST_OF_TOKEN && token.bytes().all(|byte| byte.is_ascii_graphic());
    Ok(Invitation {
        name: super::name(&value("name=")?),
        token: if is_token { token } else { String::new() },
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
mod tests;
