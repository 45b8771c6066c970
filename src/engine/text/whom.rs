//! Reads what was typed or pasted to say whom one wants: some letters of a name,
//! an address, an `xmpp:` link, or a web page that stands for one.
//!
//! Pure, and nothing is fetched: of a web page only its address is read. Pages
//! of invitations carry the link behind a `#`, or the address behind `/i/`.
//!
//! # Source
//! RFC 7622 §3.1 for addresses; XEP-0379 v0.1.1 §3.3 for pages of invitations.

use super::chat_link::{self, ChatLink, LinkFault, chat_link};

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Nothing, or a part of a name or an address.
    Words,
    /// The whole address of a person.
    Address(String),
    /// A link.
    Link(ChatLink),
    /// A link that cannot be opened.
    Damaged(LinkFault),
    /// A web page that names nobody. It may be one of an invitation.
    WebPage,
}

/// Reads it.
pub fn whom(typed: &str) -> Whom {
    let typed = typed.trim();
    match scheme(typed) {
        Some("xmpp") => chat_link(typed).map_or_else(Whom::Damaged, Whom::Link),
        Some("https" | "http") => page(typed),
        _ => address(typed),
    }
}

fn scheme(typed: &str) -> Option<&'static str> {
    let (scheme, _) = typed.split_once(':')?;
    ["xmpp", "https", "http"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known))
}

fn page(typed: &str) -> Whom {
    let behind = |mark: &str| typed.split_once(mark).map(|(_, rest)| rest);
    [behind("#"), behind("/i/")]
        .into_iter()
        .flatten()
        .filter_map(|rest| chat_link(&format!("xmpp:{rest}")).ok())
        .find(ChatLink::is_person)
        .map_or(Whom::WebPage, Whom::Link)
}

fn address(typed: &str) -> Whom {
    // One writes to the person, not to one of their programs.
    let bare = typed.split('/').next().unwrap_or_default();
    match chat_link::plain_address(bare) {
        Ok(address) if address.contains('@') => Whom::Address(address),
        _ => Whom::Words,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::text::LinkWish;

    #[test]
    fn a_whole_address_is_one_and_half_of_it_is_words() {
        for typed in [
            "Ros@Example.org",
            " ros@example.org ",
            "ros@example.org/phone",
        ] {
            assert_eq!(whom(typed), Whom::Address("ros@example.org".to_owned()));
        }
        for typed in [
            "",
            "ros",
            "ros@",
            "@example.org",
            "ros @example.org",
            "example.org",
        ] {
            assert_eq!(whom(typed), Whom::Words, "{typed}");
        }
    }

    #[test]
    fn a_link_is_a_link_also_on_the_page_of_an_invitation() {
        for typed in [
            "xmpp:ros@example.org?roster;preauth=t0ken",
            "XMPP:ros@example.org?roster;preauth=t0ken",
            "https://yax.example/i/#ros@example.org?roster;preauth=t0ken",
            "https://chat.example/i/#ros@example.org?preauth=t0ken",
            "https://chat.example/i/ros@example.org?roster;preauth=t0ken",
        ] {
            let Whom::Link(link) = whom(typed) else {
                panic!("{typed} is a link");
            };
            assert_eq!(link.address, "ros@example.org");
            assert!(
                matches!(link.wish, LinkWish::AddContact(said) if said.token == "t0ken"),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_page_that_names_nobody_is_not_taken_for_a_person() {
        for typed in [
            "https://example.org/invite/#t0ken",
            "https://example.org/register?t=t0ken",
            "https://ros@example.org/",
            "https:",
        ] {
            assert_eq!(whom(typed), Whom::WebPage, "{typed}");
        }
    }

    #[test]
    fn a34_a_damaged_link_is_said_to_be_one() {
        assert_eq!(whom("xmpp:"), Whom::Damaged(LinkFault::NoAddress));
        assert_eq!(
            whom(&format!(
                "xmpp:a@b.example?message;body={}",
                "a".repeat(100_000)
            )),
            Whom::Damaged(LinkFault::TooLong)
        );
    }

    proptest! {
        #[test]
        fn a34_whatever_is_pasted_is_read_as_something(typed in "(xmpp:|https://x/i/#?)?\\PC{0,80}(@[a-z.]{1,9})?\\PC{0,40}") {
            if let Whom::Address(address) = whom(&typed) {
                prop_assert!(address.contains('@') && !address.contains('/'));
            }
        }
    }
}
