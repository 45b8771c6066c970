//! SCRAM with a server made here from the RFC alone, and with any bytes at all.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sha2::Sha256;

use super::*;

/// What a server knows of `password`, and its two messages.
struct Server {
    salt: Vec<u8>,
    iterations: u32,
    stored: Vec<u8>,
    key: Vec<u8>,
}

impl Server {
    fn new(password: &str, salt: Vec<u8>, iterations: u32) -> Self {
        let mut salted = [0; 32];
        let prepared = prepare(password);
        pbkdf2::pbkdf2_hmac::<Sha256>(prepared.as_bytes(), &salt, iterations, &mut salted);
        let client = Hash::Sha256.hmac(&salted, b"Client Key");
        Self {
            salt,
            iterations,
            stored: Sha256::digest(client).to_vec(),
            key: Hash::Sha256.hmac(&salted, b"Server Key"),
        }
    }

    fn challenge(&self, nonce: &str) -> String {
        let salt = BASE64.encode(&self.salt);
        format!("r={nonce}server,s={salt},i={}", self.iterations)
    }

    /// Checks the client's proof; returns the last message if it is right.
    fn last(&self, first_bare: &str, challenge: &str, message: &str) -> Option<String> {
        let (without_proof, proof) = message.split_once(",p=")?;
        let signed = format!("{first_bare},{challenge},{without_proof}");
        let signature = Hash::Sha256.hmac(&self.stored, signed.as_bytes());
        let proof = BASE64.decode(proof).ok()?;
        let client: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if Sha256::digest(client).to_vec() != self.stored {
            return None;
        }
        let signature = Hash::Sha256.hmac(&self.key, signed.as_bytes());
        Some(format!("v={}", BASE64.encode(signature)))
    }
}

fn exchange(user: &str) -> Exchange {
    Exchange::new(Hash::Sha256, user, Binding::NotPossible, "ours".to_owned())
}

proptest! {
    // Each case costs a stretching of 4096 rounds, twice.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a24_both_sides_believe_each_other_exactly_when_the_password_is_the_same(
        user in "\\PC{1,20}",
        password in "\\PC{1,20}",
        other in "\\PC{1,20}",
        salt in proptest::collection::vec(any::<u8>(), 1..64),
        flipped in 0..32_usize,
    ) {
        let server = Server::new(&password, salt, 4096);
        let exchange = exchange(&user);
        let text = server.challenge("ours");
        let challenge = exchange.read_challenge(&text).unwrap();
        let first_bare = exchange.first_message()[3..].to_owned();

        let keys = Keys::new(Hash::Sha256, &password, &challenge);
        let proof = exchange.prove(&keys, &challenge);
        let last = server.last(&first_bare, &text, proof.message()).unwrap();
        prop_assert_eq!(proof.verify(&last), Ok(()));

        // Not so for a server that signs something else by a bit.
        let mut signature = BASE64.decode(&last[2..]).unwrap();
        signature[flipped] ^= 1;
        let wrong = format!("v={}", BASE64.encode(signature));
        prop_assert_eq!(proof.verify(&wrong), Err(ScramProblem::WrongSignature));

        // Nor for a client that knows another password.
        let keys = Keys::new(Hash::Sha256, &other, &challenge);
        let proof = exchange.prove(&keys, &challenge);
        let is_same = prepare(&password) == prepare(&other);
        prop_assert_eq!(server.last(&first_bare, &text, proof.message()).is_some(), is_same);
    }

    #[test]
    fn a23_a_challenge_that_was_altered_on_the_way_fails_at_the_server(added in ",[a-lo-z]=[a-z]{0,8}") {
        let server = Server::new("pencil", vec![1, 2, 3], 4096);
        let exchange = exchange("romeo");
        let sent = server.challenge("ours");
        let first_bare = exchange.first_message()[3..].to_owned();

        let challenge = exchange.read_challenge(&format!("{sent}{added}")).unwrap();
        let keys = Keys::new(Hash::Sha256, "pencil", &challenge);
        let proof = exchange.prove(&keys, &challenge);

        prop_assert_eq!(server.last(&first_bare, &sent, proof.message()), None);
    }
}

proptest! {
    #[test]
    fn a24_no_challenge_whatever_makes_reading_fail_badly(text in "\\PC{0,200}") {
        let challenge = exchange("romeo").read_challenge(&text);
        prop_assert!(challenge.is_err());
    }

    #[test]
    fn a24_a_challenge_of_odd_parts_is_read_or_refused(
        nonce in "[ -+\\--~]{0,40}",
        salt in "[A-Za-z0-9+/=]{0,40}",
        iterations in "[0-9+-]{0,12}",
        rest in "(,[a-z]?=?[ -~]{0,10}){0,4}",
    ) {
        let text = format!("r=ours{nonce},s={salt},i={iterations}{rest}");
        if let Ok(challenge) = exchange("romeo").read_challenge(&text) {
            prop_assert!((FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&challenge.iterations));
            prop_assert!(!challenge.salt.is_empty() && !nonce.is_empty());
        }
    }
}
