//! SCRAM against the examples of the RFCs and servers that lie.
#![allow(clippy::unwrap_used)]

use super::*;

/// Makes the keys for a challenge, and the proof of them.
fn prove(exchange: &Exchange, password: &str, challenge: &Challenge) -> Proof {
    exchange.prove(&Keys::new(exchange.hash, password, challenge), challenge)
}

fn exchange(hash: Hash, nonce: &str) -> Exchange {
    Exchange::new(hash, "user", Binding::NotPossible, nonce.to_owned())
}

#[test]
fn the_example_of_rfc_5802_comes_out() {
    let exchange = exchange(Hash::Sha1, "fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(
        exchange.first_message(),
        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    );
    let challenge = exchange
        .read_challenge("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
        .unwrap();

    let proof = prove(&exchange, "pencil", &challenge);

    assert_eq!(
        proof.message(),
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
         p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    );
    assert_eq!(proof.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), Ok(()));
}

#[test]
fn the_example_of_rfc_7677_comes_out() {
    let exchange = exchange(Hash::Sha256, "rOprNGfwEbeRWgbNEkqO");
    let challenge = exchange
        .read_challenge(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        )
        .unwrap();

    let proof = prove(&exchange, "pencil", &challenge);

    assert_eq!(
        proof.message(),
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert_eq!(
        proof.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        Ok(())
    );
}

#[test]
fn an_exchange_by_sha_512_comes_out() {
    // Computed by Python's hashlib and hmac from RFC 5802 §3.
    let exchange = exchange(Hash::Sha512, "rOprNGfwEbeRWgbNEkqO");
    let challenge = exchange
        .read_challenge(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        )
        .unwrap();

    let proof = prove(&exchange, "pencil", &challenge);

    assert_eq!(
        proof.message(),
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw\
         +3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ=="
    );
    assert_eq!(
        proof.verify(
            "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0v\
         SVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
        ),
        Ok(())
    );
}

#[test]
fn d10_keys_are_good_for_one_salt_and_number_only() {
    let sha_256 = exchange(Hash::Sha256, "abc");
    let read = |text: &str| sha_256.read_challenge(text).unwrap();
    let challenge = read("r=abcd,s=QSXC,i=4096");
    let keys = Keys::new(Hash::Sha256, "pencil", &challenge);

    assert!(sha_256.takes(&keys, &read("r=abcef,s=QSXC,i=4096")));
    assert!(!sha_256.takes(&keys, &read("r=abcd,s=QSXD,i=4096")));
    assert!(!sha_256.takes(&keys, &read("r=abcd,s=QSXC,i=4097")));
    assert!(!exchange(Hash::Sha1, "abc").takes(&keys, &challenge));
}

#[test]
fn a24_what_is_said_twice_is_refused_and_what_is_not_known_is_not() {
    let exchange = exchange(Hash::Sha1, "abc");
    let read = |rest: &str| exchange.read_challenge(&format!("r=abcd,s=QSXC,i=4096{rest}"));

    let challenge = read(",x=y,h=A=,t=0304,").unwrap();
    assert_eq!(challenge.offered.as_deref(), Some("A="));
    assert_eq!(challenge.tls_version.as_deref(), Some("0304"));
    assert!(matches!(read(",h=A,h=A"), Err(ScramProblem::Malformed(_))));
}

#[test]
fn the_channel_is_part_of_the_proof() {
    let bound = Exchange::new(
        Hash::Sha256,
        "user",
        Binding::Tied {
            kind: "tls-exporter",
            value: vec![7; 32],
        },
        "abc".to_owned(),
    );
    let challenge = bound
        .read_challenge("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
        .unwrap();

    let message = prove(&bound, "pencil", &challenge).message().to_owned();

    assert!(bound.first_message().starts_with("p=tls-exporter,,n=user,"));
    let mut expected = b"p=tls-exporter,,".to_vec();
    expected.extend([7; 32]);
    assert!(message.starts_with(&format!("c={},r=abcdef,p=", BASE64.encode(expected))));
}

#[test]
fn a_missing_offer_is_told_to_the_server() {
    let exchange = Exchange::new(Hash::Sha1, "user", Binding::NotOffered, "abc".to_owned());
    let challenge = exchange.read_challenge("r=abcdef,s=QSXC,i=4096").unwrap();

    assert!(exchange.first_message().starts_with("y,,"));
    // "eSws" is "y,,".
    assert!(
        prove(&exchange, "p", &challenge)
            .message()
            .starts_with("c=eSws,")
    );
}

#[test]
fn commas_and_equals_signs_in_a_name_are_escaped() {
    let exchange = Exchange::new(Hash::Sha1, "us=er,x", Binding::NotPossible, "a".to_owned());

    assert_eq!(exchange.first_message(), "n,,n=us=3Der=2Cx,r=a");
}

#[test]
fn passwords_are_prepared_and_newer_characters_do_not_stop_them() {
    // The examples of RFC 4013 §3, and a character newer than it.
    assert_eq!(prepare("I\u{ad}X"), "IX");
    assert_eq!(prepare("\u{aa}"), "a");
    assert_eq!(prepare("🐦"), "🐦");
}

#[test]
fn a24_a_nonce_that_is_not_ours_is_refused() {
    let exchange = exchange(Hash::Sha1, "abc");

    for nonce in ["xyzabc", "ab", "abc"] {
        let challenge = format!("r={nonce},s=QSXCR+Q6sek8bf92,i=4096");
        assert_eq!(
            exchange.read_challenge(&challenge),
            Err(ScramProblem::WrongNonce)
        );
    }
}

#[test]
fn a24_too_few_and_too_many_iterations_are_refused() {
    let exchange = exchange(Hash::Sha1, "abc");
    let read = |number: &str| exchange.read_challenge(&format!("r=abcd,s=QSXC,i={number}"));

    for number in [0, 1, 4095, 10_000_001, u32::MAX] {
        assert_eq!(
            read(&number.to_string()),
            Err(ScramProblem::Iterations(number))
        );
    }
    assert!(read("4096").is_ok());
    assert!(read("10000000").is_ok());
    assert!(matches!(read("-5"), Err(ScramProblem::Malformed(_))));
    assert!(matches!(
        read("99999999999"),
        Err(ScramProblem::Malformed(_))
    ));
}

#[test]
fn a24_messages_that_are_none_are_refused() {
    let exchange = exchange(Hash::Sha1, "abc");

    for text in [
        "",
        "m=x,r=abcd,s=QSXC,i=4096",
        "r=abcd,s=,i=4096",
        "r=abcd,s=!,i=4096",
        "r=abcd,i=4096",
        "s=QSXC,r=abcd,i=4096",
        "\u{0}",
    ] {
        assert!(exchange.read_challenge(text).is_err(), "{text}");
    }
}

#[test]
fn a24_a_wrong_or_missing_signature_of_the_server_is_refused() {
    let exchange = exchange(Hash::Sha1, "abc");
    let challenge = exchange.read_challenge("r=abcd,s=QSXC,i=4096").unwrap();
    let proof = prove(&exchange, "pencil", &challenge);

    for text in ["", "v=", "v=AAAA", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "x=1"] {
        assert_eq!(
            proof.verify(text),
            Err(ScramProblem::WrongSignature),
            "{text}"
        );
    }
    assert_eq!(
        proof.verify("e=unknown-user"),
        Err(ScramProblem::Refused("unknown-user".to_owned()))
    );
}
