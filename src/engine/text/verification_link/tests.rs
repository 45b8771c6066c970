//! Tests of links with keys: each dialect, what is refused, and random damage.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const FIRST: &str = "0e4a2c1f9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f";
const SECOND: &str = "91c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6";

fn key(text: &str) -> Fingerprint {
    text.parse().expect("a fingerprint")
}

/// What every dialect of the two devices says.
fn juliet() -> VerificationLink {
    VerificationLink {
        address: "juliet@example.org".to_owned(),
        devices: vec![(1_024, key(FIRST)), (77, key(SECOND))],
    }
}

#[test]
fn all_three_dialects_say_the_same() {
    for link in [
        // Conversations, and ours.
        format!("xmpp:juliet@example.org?omemo-sid-1024={FIRST};omemo-sid-77={SECOND}"),
        // Gajim: an action goes before.
        format!("xmpp:juliet@example.org?message;omemo-sid-1024={FIRST};omemo-sid-77={SECOND}"),
        // Conversations, as a link to a page.
        format!(
            "https://conversations.im/i/juliet@example.org?omemo-sid-1024={FIRST}&omemo-sid-77={SECOND}"
        ),
        format!(
            "https://conversations.im/i/juliet/example.org?omemo-sid-1024={FIRST}&omemo-sid-77={SECOND}"
        ),
    ] {
        assert_eq!(VerificationLink::read(&link), Ok(juliet()), "{link}");
    }
    // Dino: one device.
    let dino = VerificationLink::read(&format!("xmpp:juliet@example.org?omemo-sid-77={SECOND}"));
    assert_eq!(dino.map(|link| link.devices), Ok(vec![(77, key(SECOND))]));
}

#[test]
fn case_spaces_and_lines_make_no_difference() {
    let shouted = FIRST.to_uppercase();
    let grouped: Vec<&str> = (0..8)
        .map(|group| &FIRST[group * 8..group * 8 + 8])
        .collect();
    for value in [
        shouted,
        format!("05{FIRST}"),
        grouped.join(" "),
        grouped.join("%20"),
        grouped.join("\r\n"),
    ] {
        let link =
            format!(" XMPP:Juliet@Example.org?OMEMO-SID-1024={value};omemo-sid-77={SECOND}\n");

        assert_eq!(VerificationLink::read(&link), Ok(juliet()), "{link}");
    }
}

#[test]
fn a_key_without_a_device_has_the_number_0() {
    let link = VerificationLink::read(&format!("xmpp:juliet@example.org?omemo={FIRST}"));

    assert_eq!(link.map(|link| link.devices), Ok(vec![(0, key(FIRST))]));
}

#[test]
fn a_device_that_comes_twice_with_one_key_is_one_device() {
    let link = format!("xmpp:juliet@example.org?omemo-sid-7={FIRST};omemo-sid-7={FIRST}");

    let devices = VerificationLink::read(&link).map(|link| link.devices.len());

    assert_eq!(devices, Ok(1));
}

#[test]
fn what_is_not_whole_is_refused_whole() {
    let cut = &FIRST[..63];
    for (query, fault) in [
        (String::new(), VerificationFault::NoKeys),
        ("message;body=hi".to_owned(), VerificationFault::NoKeys),
        ("roster;preauth=x".to_owned(), VerificationFault::NoKeys),
        (format!("omemo-sid-1={cut}"), VerificationFault::Damaged),
        (format!("omemo-sid-1={FIRST}0"), VerificationFault::Damaged),
        (format!("omemo-sid-1={cut}g"), VerificationFault::Damaged),
        (format!("omemo-sid-1={cut}é"), VerificationFault::Damaged),
        ("omemo-sid-1=".to_owned(), VerificationFault::Damaged),
        ("omemo-sid-1".to_owned(), VerificationFault::Damaged),
        (format!("omemo-sid-={FIRST}"), VerificationFault::Damaged),
        (format!("omemo-sid-x={FIRST}"), VerificationFault::Damaged),
        (format!("omemo-sid--1={FIRST}"), VerificationFault::Damaged),
        (
            format!("omemo-sid-4294967296={FIRST}"),
            VerificationFault::Damaged,
        ),
        (
            format!("omemo-sid-1={FIRST};omemo-sid-2={cut}"),
            VerificationFault::Damaged,
        ),
        (
            format!("omemo-sid-1={FIRST};omemo-sid-1={SECOND}"),
            VerificationFault::Damaged,
        ),
        (
            format!("trust-message;encryption=urn:xmpp:omemo:2;trust={FIRST}"),
            VerificationFault::OtherKeys,
        ),
        (
            format!("otr-fingerprint={}", &FIRST[..40]),
            VerificationFault::OtherKeys,
        ),
    ] {
        let link = format!("xmpp:juliet@example.org?{query}");

        assert_eq!(VerificationLink::read(&link), Err(fault), "{link}");
    }
}

#[test]
fn what_leads_to_no_address_is_no_link() {
    for link in [
        String::new(),
        "juliet".to_owned(),
        "https://example.org/juliet".to_owned(),
        format!("xmpp:?omemo-sid-1={FIRST}"),
        format!("xmpp:ju%FFliet@example.org?omemo-sid-1={FIRST}"),
        format!("https://example.org/i/juliet@example.org?omemo-sid-1={FIRST}"),
        format!("https://conversations.im/?omemo-sid-1={FIRST}"),
        format!("https://conversations.im/j/room@example.org?omemo-sid-1={FIRST}"),
        FIRST.to_owned(),
    ] {
        let read = VerificationLink::read(&link);

        assert_eq!(read, Err(VerificationFault::NotALink), "{link}");
    }
}

#[test]
fn a43_a_link_with_two_thousand_devices_is_refused() {
    let devices: Vec<String> = (1..=2_000)
        .map(|device| format!("omemo-sid-{device}={FIRST}"))
        .collect();
    let long = format!("xmpp:juliet@example.org?{}", devices.join(";"));
    let many = format!("xmpp:juliet@example.org?{}", devices[..150].join(";"));

    assert_eq!(
        VerificationLink::read(&long),
        Err(VerificationFault::TooLong)
    );
    assert_eq!(
        VerificationLink::read(&many),
        Err(VerificationFault::TooLong)
    );
}

#[test]
fn our_link_keeps_the_order_of_its_devices() {
    assert_eq!(
        juliet().to_string(),
        format!("xmpp:juliet@example.org?omemo-sid-1024={FIRST};omemo-sid-77={SECOND}")
    );
}

/// An address as the rules for addresses leave it.
fn address() -> impl Strategy<Value = String> {
    "[a-z0-9éж!#$%*+=?^_`{|}~.-]{1,20}@[a-z]{1,8}\\.[a-z]{2,4}"
        .prop_filter_map("an address", |text| {
            jid::BareJid::new(&text).ok().map(|jid| jid.to_string())
        })
}

/// As many as the environment wishes, 2,000 else.
fn cases() -> u32 {
    std::env::var("STONECHAT_FUZZ_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn what_we_write_we_read(address in address(), keys in proptest::collection::btree_map(any::<u32>(), any::<[u8; 32]>(), 1..30)) {
        let devices = keys
            .into_iter()
            .map(|(device, bytes)| (device, Fingerprint(bytes)))
            .collect();
        let link = VerificationLink { address, devices };

        prop_assert_eq!(VerificationLink::read(&link.to_string()), Ok(link));
    }

    /// Attack A34: a link comes from anybody.
    #[test]
    fn a34_any_text_is_a_bounded_link_or_a_fault(text in "(xmpp:|https://conversations.im/i/)?[a-z@./%]{0,30}(\\?|&|;|omemo-sid-|[0-9a-f]{64}|\\PC|=){0,30}") {
        if let Ok(link) = VerificationLink::read(&text) {
            prop_assert!(!link.devices.is_empty() && link.devices.len() <= MOST_DEVICES);
            prop_assert!(!link.address.is_empty() && link.address.len() <= 3 * 1024);
        }
    }

    /// A link with one sign of its keys changed says no less than it did, or is
    /// refused; a part of it is lost only where it is no longer one of a device.
    #[test]
    fn a34_a_damaged_link_never_loses_a_device_in_silence(place in any::<Index>(), sign in "[ -~é]") {
        let mut damaged = juliet().to_string();
        // Behind the address.
        let place = 24 + place.index(damaged.len() - 24);
        damaged.replace_range(place..=place, &sign);

        if let Ok(link) = VerificationLink::read(&damaged) {
            let names = damaged.split('#').next().unwrap_or_default();
            let names = names.to_ascii_lowercase().matches("omemo-sid-").count();
            prop_assert_eq!(link.devices.len(), names, "{}", damaged);
        }
    }
}
