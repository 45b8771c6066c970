//! What is said of a link: what it asks for, what comes of it, or why it cannot
//! be opened.
//!
//! What stands in a link is its writer's; into these sentences goes no more of
//! it than its address and the name of an action, both short and on one line.

use super::i18n::{fill, gettext};
use crate::engine::text::{ChatLink, LinkFault, LinkWish};

/// Letters of an address that are shown; more would fill the screen.
const MOST_SHOWN: usize = 120;

/// Says what a link asks for, and what comes of it.
pub fn words(link: &ChatLink) -> (String, String) {
    let address = shortened(&link.address);
    let say = |sentence: String| fill(&sentence, &[("address", &address)]);
    match &link.wish {
        // Keys are another question, see `verification`.
        LinkWish::Chat | LinkWish::TrustKeys => (
            say(gettext("Write to {address}?")),
            gettext("A link leads to this address. Nothing is sent before you send it."),
        ),
        LinkWish::Message(_) => (
            say(gettext("Write to {address}?")),
            gettext(
                "A link suggests the text below. It is put where you write, and is not sent before you send it.",
            ),
        ),
        // Where it is one of a person, it is asked about the contacts instead.
        LinkWish::AddContact(_) => (
            gettext("This link asks to add a contact"),
            say(gettext(
                "{address} is the address of no person. Nothing has changed.",
            )),
        ),
        LinkWish::RemoveContact => (
            gettext("This link asks to remove a contact"),
            say(gettext(
                "{address} is not among your contacts. Nothing has changed.",
            )),
        ),
        LinkWish::EnterGroup => (
            gettext("This link asks to enter a group"),
            say(gettext(
                "It is the group {address}. Stonechat cannot do that yet. Nothing was sent.",
            )),
        ),
        LinkWish::MakeAccount => (
            gettext("This link asks to make an account"),
            say(gettext(
                "It would be an account of your own at {address}, and adds nobody to your contacts. Stonechat cannot do that yet. Nothing was sent.",
            )),
        ),
        LinkWish::Other(action) => (
            gettext("This link asks for something unknown"),
            fill(
                // Translators: action is a word from the link, such as "pubsub".
                &gettext(
                    "It says “{action}” about {address}. Stonechat cannot do that yet. Nothing was sent.",
                ),
                &[("action", action), ("address", &address)],
            ),
        ),
    }
}

/// Says why a link cannot be opened.
pub fn refusal(fault: LinkFault) -> (String, String) {
    let text = match fault {
        LinkFault::TooLong => gettext("It is far longer than a link to an address needs to be."),
        LinkFault::NoAddress => gettext("It does not lead to an address one can write to."),
        LinkFault::Unreadable => gettext("It holds characters that cannot be read."),
    };
    (gettext("This link cannot be opened"), text)
}

/// Returns an address that is not too long to be shown. The server is what it
/// stands or falls with, so its end stays.
pub fn shortened(address: &str) -> String {
    let letters: Vec<char> = address.chars().collect();
    if letters.len() <= MOST_SHOWN {
        return address.to_owned();
    }
    let half = MOST_SHOWN / 2;
    let start: String = letters[..half].iter().collect();
    let end: String = letters[letters.len() - half..].iter().collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::chat_link;

    #[test]
    fn a34_every_wish_has_words() {
        for query in [
            "",
            "?message;body=hi",
            "?roster;preauth=1",
            "?remove",
            "?join",
            "?register",
            "?pubsub",
        ] {
            let link = chat_link(&format!("xmpp:romeo@example.org{query}")).expect("a link");

            let (title, text) = words(&link);
            assert!(format!("{title} {text}").contains("romeo@example.org"));
        }
    }

    #[test]
    fn a34_a_long_address_keeps_its_server() {
        let address = format!("{}@example.org", "r".repeat(900));

        let shown = shortened(&address);

        assert_eq!(shown.chars().count(), MOST_SHOWN + 1);
        assert!(shown.ends_with("@example.org"));
    }
}
