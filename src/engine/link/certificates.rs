//! What a server's certificate says, for whoever looks at it and for channel
//! binding.
//!
//! Nothing is decided here: whether a certificate is trusted is TLS's
//! business. What surprises: only the server's own certificate was checked to
//! belong to it. Those above it are shown as they were sent, so their names
//! are cut and cleaned like any text of a stranger.
//!
//! # Source
//! RFC 5280 §4.1, RFC 5929 §4.1 (tls-server-end-point), RFC 7469 §2.4 (the
//! digest of a key), RFC 4055 §3.1 (RSASSA-PSS).

use std::fmt::Write as _;

use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::{ContextSpecific, ObjectIdentifier};
use x509_cert::der::{Decode, Encode, Reader, SliceReader, TagNumber};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::engine::model::{CertificateFacts, Timestamp};

/// More certificates than this are no chain that anybody reads.
const MOST_CERTIFICATES: usize = 10;
/// More names than this nobody reads either.
const MOST_NAMES: usize = 100;
/// Characters of a name that are shown.
const LONGEST_NAME: usize = 200;

/// The hash functions that a signature may name.
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// Returns what the certificates say, in their order. One that cannot be read
/// is left out.
pub(super) fn facts<'a>(chain: impl IntoIterator<Item = &'a [u8]>) -> Vec<CertificateFacts> {
    chain
        .into_iter()
        .take(MOST_CERTIFICATES)
        .filter_map(|der| match Certificate::from_der(der) {
            Ok(certificate) => Some(read(&certificate)),
            Err(error) => {
                tracing::debug!(%error, "a certificate cannot be read");
                None
            }
        })
        .collect()
}

/// Returns the SHA-256 of a certificate's public key, the whole
/// `SubjectPublicKeyInfo`; `None` when it cannot be read.
pub(super) fn key_sha256(der: &[u8]) -> Option<[u8; 32]> {
    key_of(&Certificate::from_der(der).ok()?)
}

/// Returns the `tls-server-end-point` value of a certificate: its digest by
/// the hash function of its signature, but SHA-256 where that is older.
///
/// `None` for signatures that name no single hash function, such as Ed25519:
/// for them the value is not defined.
pub(super) fn end_point(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(match signature_hash(certificate.signature_algorithm())? {
        SignatureHash::Sha256OrOlder => Sha256::digest(der).to_vec(),
        SignatureHash::Sha384 => Sha384::digest(der).to_vec(),
        SignatureHash::Sha512 => Sha512::digest(der).to_vec(),
    })
}

enum SignatureHash {
    Sha256OrOlder,
    Sha384,
    Sha512,
}

fn signature_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<SignatureHash> {
    if algorithm.oid == RSASSA_PSS {
        return pss_hash(algorithm);
    }
    Some(match algorithm.oid.to_string().as_str() {
        // RSA with MD5, SHA-1 and SHA-256, then ECDSA with SHA-1 and SHA-256.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => SignatureHash::Sha256OrOlder,
        // RSA and ECDSA with SHA-384, then with SHA-512.
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => SignatureHash::Sha384,
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => SignatureHash::Sha512,
        _ => return None,
    })
}

/// The hash function of RSASSA-PSS stands in its parameters; SHA-1 if it does not.
fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<SignatureHash> {
    let parameters = algorithm.parameters.as_ref()?;
    let mut reader = SliceReader::new(parameters.value()).ok()?;
    if reader.is_finished() {
        return Some(SignatureHash::Sha256OrOlder);
    }
    let hash =
        ContextSpecific::<AlgorithmIdentifierOwned>::decode_explicit(&mut reader, TagNumber(0));
    match hash.ok()?.map(|field| field.value.oid) {
        None | Some(SHA_256) => Some(SignatureHash::Sha256OrOlder),
        Some(SHA_384) => Some(SignatureHash::Sha384),
        Some(SHA_512) => Some(SignatureHash::Sha512),
        Some(_) => None,
    }
}

fn read(certificate: &Certificate) -> CertificateFacts {
    let content = certificate.tbs_certificate();
    let validity = content.validity();
    CertificateFacts {
        subject: shown(
            &common_name(content.subject()).unwrap_or_else(|| content.subject().to_string()),
        ),
        issuer: shown(&issuer(content.issuer())),
        valid_from: milliseconds(validity.not_before),
        valid_until: milliseconds(validity.not_after),
        names: names(certificate),
        key_sha256: key_of(certificate).map(|key| hex(&key)).unwrap_or_default(),
    }
}

fn common_name(name: &Name) -> Option<String> {
    let value = name.common_name().ok()??.value().trim().to_owned();
    Some(value).filter(|value| !value.is_empty())
}

/// Names a signer: `Organisation (R3)` says more than `R3`.
fn issuer(name: &Name) -> String {
    let organisation = name
        .organization()
        .ok()
        .flatten()
        .map(|value| value.value().trim().to_owned())
        .filter(|value| !value.is_empty());
    match (organisation, common_name(name)) {
        (Some(organisation), Some(own)) if organisation != own => format!("{organisation} ({own})"),
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) => name.to_string(),
    }
}

fn names(certificate: &Certificate) -> Vec<String> {
    let Ok(Some((_, SubjectAltName(names)))) = certificate.tbs_certificate().get_extension() else {
        return vec![];
    };
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(shown(name.as_str())),
            GeneralName::IpAddress(bytes) => address(bytes.as_bytes()),
            _ => None,
        })
        .take(MOST_NAMES)
        .collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(sixteen).to_string())
}

fn milliseconds(time: Time) -> Timestamp {
    i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX)
}

fn key_of(certificate: &Certificate) -> Option<[u8; 32]> {
    let key = certificate.tbs_certificate().subject_public_key_info();
    Some(Sha256::digest(key.to_der().ok()?).into())
}

/// Returns bytes as small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Cuts a text, and takes out what would not be seen or would turn lines around.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !is_hidden(*character))
        .take(LONGEST_NAME)
        .collect()
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
