//! Tokens that a played server gives.

use super::Dialled;
use crate::engine::link::Token;
use crate::engine::model::{Secret, Timestamp};

impl Dialled {
    /// Gives a token that signs in instead of the password.
    pub fn gives_a_token(&mut self, secret: &str) {
        self.memory.token = Some(Token {
            mechanism: "HT-SHA-256-EXPR".to_owned(),
            secret: Secret::new(secret),
            expires_at: Timestamp::MAX,
            count: 0,
        });
    }
}
