//! SCRAM: proving the password without showing it, in both directions.
//!
//! Pure: texts in, texts out. The server must prove that it knows the password
//! too; [`Proof::verify`] is the only way to a finished exchange. The numbers
//! a server may choose are limited: too few iterations would let it collect
//! cheap hashes, too many would keep us busy for ever (attack A24). What the
//! server adds to its first message is kept as it stands: whoever compares it
//! can rely on it as soon as the exchange is finished, because both proofs are
//! made over it.
//!
//! # Source
//! RFC 5802, RFC 7677 (SHA-256), RFC 9266 (tls-exporter), XEP-0474 v0.5.0 and
//! XEP-0515 v0.1.0 (what is added).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

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
    /// SCRAM-SHA-512.
    Sha512,
}

/// How the exchange is tied to the TLS connection it runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// Tied, by a value of the connection.
    Tied {
        /// The channel binding type.
        kind: &'static str,
        /// Its value.
        value: Vec<u8>,
    },
    /// We could, but the server did not offer it. Told to the server, which
    /// then knows if somebody on the way removed its offer.
    NotOffered,
    /// We could not.
    NotPossible,
}

impl Binding {
    fn gs2_header(&self) -> String {
        match self {
            Self::Tied { kind, .. } => format!("p={kind},,"),
            Self::NotOffered => "y,,".to_owned(),
            Self::NotPossible => "n,,".to_owned(),
        }
    }

    /// Returns the channel binding type, if it is tied.
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Tied { kind, .. } => Some(kind),
            Self::NotOffered | Self::NotPossible => None,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    text: String,
    nonce: String,
    salt: Vec<u8>,
    iterations: u32,
    /// What the server says it offered, as a hash (XEP-0474).
    pub offered: Option<String>,
    /// The TLS version that the server sees (XEP-0515).
    pub tls_version: Option<String>,
}

/// What many thousand hashes make of a password: enough to sign in by, as long
/// as the server keeps its salt.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Keys {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    client: Zeroizing<Vec<u8>>,
    server: Zeroizing<Vec<u8>>,
}

/// Our proof, and what the server's must be.
pub(super) struct Proof {
    hash: Hash,
    server_key: Zeroizing<Vec<u8>>,
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
        let (offered, tls_version) = extensions(fields)?;
        if !(FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(ScramProblem::Iterations(iterations));
        }
        Ok(Challenge {
            text: text.to_owned(),
            nonce: nonce.to_owned(),
            salt,
            iterations,
            offered,
            tls_version,
        })
    }

    /// Returns whether keys are those that this challenge asks for.
    pub fn takes(&self, keys: &Keys, challenge: &Challenge) -> bool {
        keys.hash == self.hash
            && keys.salt == challenge.salt
            && keys.iterations == challenge.iterations
    }

    /// Makes the proof, by keys that are for this challenge.
    pub fn prove(&self, keys: &Keys, challenge: &Challenge) -> Proof {
        let hash = self.hash;
        let stored_key = hash.digest(&keys.client);

        let mut bound = self.binding.gs2_header().into_bytes();
        if let Binding::Tied { value, .. } = &self.binding {
            bound.extend_from_slice(value);
        }
        let without_proof = format!("c={},r={}", BASE64.encode(bound), challenge.nonce);
        let signed = format!("{},{},{without_proof}", self.first_bare, challenge.text);

        let signature = hash.hmac(&stored_key, signed.as_bytes());
        let proof: Vec<u8> = keys
            .client
            .iter()
            .zip(&signature)
            .map(|(a, b)| a ^ b)
            .collect();
        let mut message = without_proof;
        // Writing to a `String` cannot fail.
        let _ = write!(message, ",p={}", BASE64.encode(proof));
        Proof {
            hash,
            server_key: keys.server.clone(),
            signed,
            message,
        }
    }
}

impl Keys {
    /// Makes the keys that a challenge asks for. Takes from milliseconds to
    /// seconds, by the server's choice: not for a task that others wait for.
    pub fn new(hash: Hash, password: &str, challenge: &Challenge) -> Self {
        let salted = hash.stretch(prepare(password).as_bytes(), challenge);
        Self {
            hash,
            salt: challenge.salt.clone(),
            iterations: challenge.iterations,
            client: Zeroizing::new(hash.hmac(&salted, b"Client Key")),
            server: Zeroizing::new(hash.hmac(&salted, b"Server Key")),
        }
    }
}

/// Reads what follows the iterations. What is not known is passed over, as the
/// RFC asks for; what is said twice would be read differently by others.
fn extensions<'a>(
    fields: impl Iterator<Item = &'a str>,
) -> Result<(Option<String>, Option<String>), ScramProblem> {
    let (mut offered, mut tls_version) = (None, None);
    for field in fields {
        let place = match field.split_once('=') {
            Some(("h", _)) => &mut offered,
            Some(("t", _)) => &mut tls_version,
            _ => continue,
        };
        let value = field[2..].to_owned();
        if place.replace(value).is_some() {
            return Err(ScramProblem::Malformed("something is said twice"));
        }
    }
    Ok((offered, tls_version))
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

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof(…)")
    }
}

impl Hash {
    fn stretch(self, password: &[u8], challenge: &Challenge) -> Zeroizing<Vec<u8>> {
        let (salt, iterations) = (&challenge.salt, challenge.iterations);
        let length = match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        };
        let mut salted = Zeroizing::new(vec![0; length]);
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut salted),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut salted),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut salted),
        }
        salted
    }

    /// Returns the digest of data.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
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
            Self::Sha512 => mac::<Hmac<Sha512>>(key, data)
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
            Self::Sha512 => mac::<Hmac<Sha512>>(key, data).verify_slice(claimed).is_ok(),
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
mod properties;
#[cfg(test)]
mod tests;
