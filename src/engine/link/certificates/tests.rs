//! Certificates as servers have them, and bytes that are none.
#![allow(clippy::unwrap_used)]

use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData, SanType, date_time_ymd};

use super::*;

/// Returns a certificate whose signature is of an algorithm.
fn signed_by(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let params = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

#[test]
fn a_certificate_says_whose_it_is_for_which_names_and_until_when() {
    let mut params = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "Example");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Capulet & Co");
    params
        .subject_alt_names
        .push(SanType::IpAddress("192.0.2.7".parse().unwrap()));
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2050, 1, 1);
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();

    let facts = facts([der.as_slice()]).remove(0);

    assert_eq!(facts.subject, "Example");
    assert_eq!(facts.issuer, "Capulet & Co (Example)");
    assert_eq!(facts.names, ["example.org", "192.0.2.7"]);
    assert_eq!(facts.valid_from, 1_767_225_600_000);
    assert_eq!(facts.valid_until, 2_524_608_000_000);
    assert_eq!(
        facts.key_sha256,
        hex(&Sha256::digest(key.subject_public_key_info()))
    );
}

#[test]
fn a_certificate_above_the_servers_cannot_hide_or_turn_its_name_around() {
    let mut params = CertificateParams::new(vec![]).unwrap();
    let name = format!("R3\u{202e}\n{}", "x".repeat(1000));
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();

    let facts = facts([der.as_slice()]).remove(0);

    assert!(facts.subject.starts_with("R3xxx"));
    assert_eq!(facts.subject.chars().count(), LONGEST_NAME);
}

#[test]
fn of_a_chain_without_end_the_beginning_is_read() {
    let der = signed_by(&rcgen::PKCS_ECDSA_P256_SHA256);

    assert_eq!(
        facts(std::iter::repeat_n(der.as_slice(), 1000)).len(),
        MOST_CERTIFICATES
    );
}

#[test]
fn the_end_point_is_the_digest_by_the_hash_of_the_signature() {
    let sha_256 = signed_by(&rcgen::PKCS_ECDSA_P256_SHA256);
    let sha_384 = signed_by(&rcgen::PKCS_ECDSA_P384_SHA384);
    let ed25519 = signed_by(&rcgen::PKCS_ED25519);

    assert_eq!(end_point(&sha_256), Some(Sha256::digest(&sha_256).to_vec()));
    assert_eq!(end_point(&sha_384), Some(Sha384::digest(&sha_384).to_vec()));
    assert_eq!(end_point(&ed25519), None);
}

#[test]
fn the_hash_of_a_pss_signature_stands_in_its_parameters() {
    // SEQUENCE { OID rsassa-pss, SEQUENCE { [0] { SEQUENCE { OID hash } } } }
    let with = |last: u8| {
        let hash = [
            0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last,
        ];
        let mut der = vec![0x30, 0x1c];
        der.extend([
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a,
        ]);
        der.extend([0x30, 0x0f, 0xa0, 0x0d, 0x30, 0x0b]);
        der.extend(hash);
        AlgorithmIdentifierOwned::from_der(&der).unwrap()
    };

    assert!(matches!(
        signature_hash(&with(1)),
        Some(SignatureHash::Sha256OrOlder)
    ));
    assert!(matches!(
        signature_hash(&with(2)),
        Some(SignatureHash::Sha384)
    ));
    assert!(matches!(
        signature_hash(&with(3)),
        Some(SignatureHash::Sha512)
    ));
    assert!(signature_hash(&with(9)).is_none());
}

#[test]
fn bytes_that_are_no_certificate_tell_nothing() {
    let good = signed_by(&rcgen::PKCS_ECDSA_P256_SHA256);
    for bytes in [
        &b""[..],
        b"\x30\x80",
        &good[..good.len() - 1],
        &[0x30; 4096],
    ] {
        assert_eq!(facts([bytes]), []);
        assert_eq!(key_sha256(bytes), None);
        assert_eq!(end_point(bytes), None);
    }
}
