//! SCRAM: proving the password without showing it, in both directions.
//!
//! Pure: texts in, texts out. The server must prove that it knows the password
//! too; [`Proof::verify`] is the only way to a finished exchange. The numbers
//! a server may choose are limited: too few iterations would let it collect
//! cheap hashes, too many would keep us busy for ever (attack A24).
//!
//! # Source
//! RFC 5802, RFC 7677 (SHA-256), RFC 9266 (tls-exporter).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Fewer would make the password cheap to guess (RFC 7677 §4).
const FEWEST_ITERATIONS: u32 = 4096;
/// More would keep this machine busy for many seconds.
const MOST_ITERATIONS: u32 = 10_000_000;
/// A longer salt or nonce serves nobody.
const LONGEST_VALUE: usize = 1024;

/// Which hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// SCRAM-SHA-1.
    Sha1,
    /// SCRAM-SHA-256.
    Sha256,
}

/// How the exchange is tied to the TLS connection it runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// Tied, by the `tls-exporter` value of the connection.
    TlsExporter([u8; 32]),
    /// We could, but the server did not offer it. Told to the server, which
    /// then knows if somebody on the way removed its offer.
    NotOffered,
    /// We could not.
    NotPossible,
}

impl Binding {
    fn gs2_header(&self) -> &'static str {
        match self {
            Self::TlsExporter(_) => "p=tls-exporter,,",
            Self::NotOffered => "y,,",
            Self::NotPossible => "n,,",
        }
    }
}

/// Why an exchange ended.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScramProblem {
    /// The server said so, with this value.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The server's message is no SCRAM message.
    #[error("not a SCRAM message: {0}")]
    Malformed(&'static str),
    /// The server answered somebody else's question.
    #[error("the nonce is not ours")]
    WrongNonce,
    /// The server chose a number of iterations that we do not accept.
    #[error("{0} iterations are not acceptable")]
    Iterations(u32),
    /// The server does not know the password.
    #[error("the server's signature is wrong")]
    WrongSignature,
}

/// An exchange that has begun.
#[derive(Debug)]
pub(super) struct Exchange {
    hash: Hash,
    binding: Binding,
    nonce: String,
    first_bare: String,
}

/// What the server asks of us.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    text: String,
    nonce: String,
    salt: Vec<u8>,
    iterations: u32,
}

/// Our proof, and what the server's must be.
pub(super) struct Proof {
    hash: Hash,
    server_key: Vec<u8>,
    signed: String,
    message: String,
}

impl Exchange {
    /// Begins an exchange for a user name, with a nonce never used before.
    pub fn new(hash: Hash, user: &str, binding: Binding, nonce: String) -> Self {
        let user = prepare(user).replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={user},r={nonce}");
        Self {
            hash,
            binding,
            nonce,
            first_bare,
        }
    }

    /// Returns the first message to the server.
    pub fn first_message(&self) -> String {
        format!("{}{}", self.binding.gs2_header(), self.first_bare)
    }

    /// Reads the server's first message.
    ///
    /// # Errors
    /// [`ScramProblem`] unless everything in it is acceptable.
    pub fn read_challenge(&self, text: &str) -> Result<Challenge, ScramProblem> {
        let mut fields = text.split(',');
        let mut field = |name: &str, missing| {
            let value = fields.next().and_then(|field| field.strip_prefix(name));
            value.ok_or(ScramProblem::Malformed(missing))
        };
        if let Some(error) = text.strip_prefix("e=") {
            return Err(ScramProblem::Refused(error.to_owned()));
        }
        // A message that begins with the reserved `m=` fails here, as it must.
        let nonce = field("r=", "no nonce")?;
        let salt = field("s=", "no salt")?;
        let iterations = field("i=", "no iterations")?;
        let is_ours = nonce.starts_with(&self.nonce) && nonce.len() > self.nonce.len();
        if !is_ours || nonce.len() > LONGEST_VALUE {
            return Err(ScramProblem::WrongNonce);
        }
        let salt = BASE64.decode(salt).unwrap_or_default();
        if salt.is_empty() || salt.len() > LONGEST_VALUE {
            return Err(ScramProblem::Malformed("no usable salt"));
        }
        let iterations = iterations
            .parse()
            .map_err(|_| ScramProblem::Malformed("iterations are no number"))?;
        if !(FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(ScramProblem::Iterations(iterations));
        }
        Ok(Challenge {
            text: text.to_owned(),
            nonce: nonce.to_owned(),
            salt,
            iterations,
        })
    }

    /// Computes the proof. Takes from milliseconds to seconds, by the server's
    /// choice: not for a task that others wait for.
    pub fn prove(&self, password: &str, challenge: &Challenge) -> Proof {
        let hash = self.hash;
        let salted = hash.stretch(prepare(password).as_bytes(), challenge);
        let client_key = hash.hmac(&salted, b"Client Key");
        let stored_key = hash.digest(&client_key);

        let mut bound = self.binding.gs2_header().as_bytes().to_vec();
        if let Binding::TlsExporter(value) = &self.binding {
            bound.extend_from_slice(value);
        }
        let without_proof = format!("c={},r={}", BASE64.encode(bound), challenge.nonce);
        let signed = format!("{},{},{without_proof}", self.first_bare, challenge.text);

        let signature = hash.hmac(&stored_key, signed.as_bytes());
        let proof: Vec<u8> = client_key
            .iter()
            .zip(&signature)
            .map(|(a, b)| a ^ b)
            .collect();
        let mut message = without_proof;
        // Writing to a `String` cannot fail.
        let _ = write!(message, ",p={}", BASE64.encode(proof));
        Proof {
            hash,
            server_key: hash.hmac(&salted, b"Server Key"),
            signed,
            message,
        }
    }
}

impl Proof {
    /// Returns the last message to the server.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Checks the server's last message, in constant time.
    ///
    /// # Errors
    /// [`ScramProblem::WrongSignature`] when the server does not know the
    /// password; [`ScramProblem::Refused`] when it says why it refuses ours.
    pub fn verify(&self, text: &str) -> Result<(), ScramProblem> {
        if let Some(error) = text.strip_prefix("e=") {
            let error = error.split(',').next().unwrap_or_default();
            return Err(ScramProblem::Refused(error.to_owned()));
        }
        let signature = text
            .strip_prefix("v=")
            .ok_or(ScramProblem::WrongSignature)?;
        let signature = signature.split(',').next().unwrap_or_default();
        let signature = BASE64
            .decode(signature)
            .map_err(|_| ScramProblem::WrongSignature)?;
        if self
            .hash
            .is_hmac(&self.server_key, self.signed.as_bytes(), &signature)
        {
            Ok(())
        } else {
            Err(ScramProblem::WrongSignature)
        }
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof(…)")
    }
}

impl Hash {
    fn stretch(self, password: &[u8], challenge: &Challenge) -> Vec<u8> {
        let (salt, iterations) = (&challenge.salt, challenge.iterations);
        match self {
            Self::Sha1 => {
                let mut salted = vec![0; 20];
                pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut salted);
                salted
            }
            Self::Sha256 => {
                let mut salted = vec![0; 32];
                pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut salted);
                salted
            }
        }
    }

    fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
        }
    }

    fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(key, data)
                .finalize()
                .into_bytes()
                .to_vec(),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, data)
                .finalize()
                .into_bytes()
                .to_vec(),
        }
    }

    /// Compares in constant time.
    fn is_hmac(self, key: &[u8], data: &[u8], claimed: &[u8]) -> bool {
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(key, data).verify_slice(claimed).is_ok(),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, data).verify_slice(claimed).is_ok(),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac
}

/// Prepares a name or password (SASLprep, RFC 4013).
///
/// Characters that are newer than the profile, such as emoji, make it fail;
/// servers then take the text as it is, and so do we.
pub(super) fn prepare(text: &str) -> std::borrow::Cow<'_, str> {
    stringprep::saslprep(text).unwrap_or(std::borrow::Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

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
            .read_challenge(
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            )
            .unwrap();

        let proof = exchange.prove("pencil", &challenge);

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

        let proof = exchange.prove("pencil", &challenge);

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
    fn the_channel_is_part_of_the_proof() {
        let bound = Exchange::new(
            Hash::Sha256,
            "user",
            Binding::TlsExporter([7; 32]),
            "abc".to_owned(),
        );
        let challenge = bound
            .read_challenge("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
            .unwrap();

        let message = bound.prove("pencil", &challenge).message().to_owned();

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
            exchange
                .prove("p", &challenge)
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
        let proof = exchange.prove("pencil", &challenge);

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
}
