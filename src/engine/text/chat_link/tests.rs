//! Tests of reading links.

use proptest::prelude::*;

use super::*;

fn read(link: &str) -> ChatLink {
    chat_link(link).expect("a link that can be read")
}

fn added(name: &str, token: &str) -> LinkWish {
    LinkWish::AddContact(Invitation {
        name: name.to_owned(),
        token: token.to_owned(),
    })
}

#[test]
fn a34_the_name_in_a_link_is_bounded_and_its_token_is_one_or_none() {
    let long = "x".repeat(1_000);
    for (query, wish) in [
        (
            "roster;name=%E2%80%AEromeo%0A%C2%A0Montague".to_owned(),
            added("romeo Montague", ""),
        ),
        (
            format!("roster;name={long}"),
            added(&format!("{}…", &long[..100]), ""),
        ),
        (format!("roster;preauth={long}"), added("", "")),
        ("roster;preauth=a%20b".to_owned(), added("", "")),
        ("roster;preauth=%3Cx%2F%3E".to_owned(), added("", "<x/>")),
        ("roster;preauth=%C3%A9".to_owned(), added("", "")),
    ] {
        assert_eq!(read(&format!("xmpp:romeo@example.org?{query}")).wish, wish);
    }
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
        ("roster;name=Romeo;group=Friends", added("Romeo", "")),
        (
            "roster;preauth=1tMFqYDdKhfe2pwp;ibr=y",
            added("", "1tMFqYDdKhfe2pwp"),
        ),
        (
            "preauth=1tMFqYDdKhfe2pwp;name=Romeo%20Montague",
            added("Romeo Montague", "1tMFqYDdKhfe2pwp"),
        ),
        ("SUBSCRIBE", added("", "")),
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
