//! Tokens: what is sent, what is believed, and what is asked for.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::engine::link::memory::Strongest;

fn channel(exporter: Option<[u8; 32]>) -> Channel {
    Channel {
        exporter,
        ..Channel::default()
    }
}

fn memory(mechanism: &str) -> Memory {
    Memory {
        token: Some(Token {
            mechanism: mechanism.to_owned(),
            secret: Secret::new("secret-token:fast-3yVmLaBFAbYN"),
            expires_at: Timestamp::MAX,
            count: 0,
        }),
        ..Memory::default()
    }
}

fn tied(memory: Memory) -> Memory {
    Memory {
        strongest: Some(Strongest {
            mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
            channel_binding: Some("tls-exporter".to_owned()),
            seen_at: 1,
        }),
        ..memory
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

const ALL: [&str; 4] = [
    "HT-SHA-256-NONE",
    "HT-SHA-256-UNIQ",
    "HT-SHA-256-ENDP",
    "HT-SHA-256-EXPR",
];

#[test]
fn the_message_is_the_name_and_the_hash_of_who_begins() {
    let (_, message) = Exchange::begin(
        &memory("HT-SHA-256-NONE"),
        &names(&ALL),
        "romeo",
        &channel(None),
    )
    .unwrap();

    // printf 'Initiator' | openssl dgst -sha256 -hmac secret-token:fast-3yVmLaBFAbYN
    let hash = "1a7867c6b9eef15072982ce16b72776c4cc36459341fcfbe32eff9d312a327cc";
    assert_eq!(&message[..6], b"romeo\0");
    assert_eq!(hex(&message[6..]), hash);
}

#[test]
fn a25_the_hash_is_tied_to_the_connection() {
    let (_, message) = Exchange::begin(
        &memory("HT-SHA-256-EXPR"),
        &names(&ALL),
        "romeo",
        &channel(Some([7; 32])),
    )
    .unwrap();

    // The same with 32 bytes of value 7 behind it.
    let hash = "b7d238aaa60f91a5c254c60bbc378dfacdb316452c58a59769451714c65836a4";
    assert_eq!(hex(&message[6..]), hash);
}

#[test]
fn a25_a_token_for_the_exporter_is_of_no_use_where_there_is_none() {
    let memory = memory("HT-SHA-256-EXPR");

    assert!(Exchange::begin(&memory, &names(&ALL), "romeo", &channel(None)).is_none());
}

#[test]
fn a25_a_token_is_used_only_with_its_own_mechanism() {
    let memory = memory("HT-SHA-256-EXPR");
    let offered = names(&["HT-SHA-256-NONE"]);

    assert!(Exchange::begin(&memory, &offered, "romeo", &channel(Some([7; 32]))).is_none());
}

#[test]
fn a22_an_untied_token_is_neither_used_nor_taken_where_sign_in_was_tied() {
    let memory = tied(memory("HT-SHA-256-NONE"));
    let offered = names(&["HT-SHA-256-NONE"]);
    let channel = channel(Some([7; 32]));

    assert!(Exchange::begin(&memory, &offered, "romeo", &channel).is_none());
    assert_eq!(wanted(&memory, &offered, &channel, false), None);
    assert_eq!(wanted(&Memory::default(), &offered, &channel, true), None);
    assert_eq!(
        wanted(&Memory::default(), &offered, &channel, false),
        Some("HT-SHA-256-NONE")
    );
}

#[test]
fn the_tied_token_goes_before_the_other() {
    let memory = Memory::default();
    let offered = names(&ALL);

    assert_eq!(
        wanted(&memory, &offered, &channel(Some([7; 32])), false),
        Some("HT-SHA-256-EXPR")
    );
    assert_eq!(
        wanted(&memory, &offered, &channel(None), false),
        Some("HT-SHA-256-NONE")
    );
    let on_tls_12 = Channel {
        end_point: Some(vec![8; 32]),
        ..Channel::default()
    };
    assert_eq!(
        wanted(&memory, &offered, &on_tls_12, true),
        Some("HT-SHA-256-ENDP")
    );
}

#[test]
fn a_token_without_a_readable_end_is_kept_and_one_without_text_is_not() {
    let success = |inside: &str| -> Element {
        format!("<success xmlns='urn:xmpp:sasl:2'>{inside}</success>")
            .parse()
            .unwrap()
    };
    let token = |attributes: &str| {
        let inside = format!("<token xmlns='urn:xmpp:fast:0' {attributes}/>");
        read(&success(&inside), "HT-SHA-256-EXPR")
    };

    let given = token("token='t' expiry='2026-12-12T14:36:15Z'").unwrap();
    assert_eq!(given.expires_at, 1_797_086_175_000);
    assert_eq!(given.count, 0);
    assert_eq!(
        token("token='t' expiry='soon'").unwrap().expires_at,
        Timestamp::MAX
    );
    assert_eq!(token("token=''"), None);
    assert_eq!(token("expiry='2026-12-12T14:36:15Z'"), None);
    assert_eq!(
        token(&format!("token='{}'", "t".repeat(LONGEST_TOKEN + 1))),
        None
    );
    assert_eq!(read(&success(""), "HT-SHA-256-EXPR"), None);
}

proptest! {
    #[test]
    fn only_who_knows_the_token_and_the_connection_can_answer(
        value: [u8; 32], token in "[!-~]{1,64}", bytes in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut memory = memory("HT-SHA-256-EXPR");
        memory.token.as_mut().unwrap().secret = Secret::new(token);
        let (exchange, message) =
            Exchange::begin(&memory, &names(&ALL), "romeo", &channel(Some(value))).unwrap();

        let right = exchange.hash(b"Responder").finalize().into_bytes();
        prop_assert!(exchange.verify(&right).is_ok());
        // What we sent, sent back to us, proves nothing.
        prop_assert!(exchange.verify(&message[6..]).is_err());
        prop_assert_eq!(exchange.verify(&bytes).is_ok(), bytes == right.to_vec());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
