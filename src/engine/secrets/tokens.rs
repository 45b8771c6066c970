//! Tokens that sign in instead of a password (XEP-0484), kept beside it: they
//! are worth as much. Where the person wants to be asked for the password each
//! time, they are gone with the program, too.

use super::{Secrets, SecretsProblem};
use crate::engine::model::{PasswordPlace, Secret};

impl Secrets {
    /// Returns the token of an account; `None` when none was kept.
    ///
    /// # Errors
    /// The problem that kept the place from answering.
    pub async fn token(
        &self,
        address: &str,
        place: PasswordPlace,
    ) -> Result<Option<Secret>, SecretsProblem> {
        self.password(&name(address), place).await
    }

    /// Keeps the token of an account, for this run in any case.
    ///
    /// # Errors
    /// The problem that keeps it from outliving this run.
    pub async fn store_token(
        &self,
        address: &str,
        place: PasswordPlace,
        token: &Secret,
    ) -> Result<(), SecretsProblem> {
        self.store(&name(address), place, token).await
    }

    /// Keeps the token of an account for this run.
    pub fn keep_token_for_this_run(&self, address: &str, token: &Secret) {
        self.keep_for_this_run(&name(address), token);
    }

    /// Forgets the token of an account.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn forget_token(
        &self,
        address: &str,
        place: PasswordPlace,
    ) -> Result<(), SecretsProblem> {
        self.forget(&name(address), place).await
    }

    /// Forgets the token of an account in one place, though not for this run.
    ///
    /// # Errors
    /// The problem that left it there.
    pub async fn forget_token_in(
        &self,
        address: &str,
        place: PasswordPlace,
    ) -> Result<(), SecretsProblem> {
        self.forget_in(&name(address), place).await
    }
}

/// What a token is found by; no address looks like this.
pub(super) fn name(address: &str) -> String {
    format!("{address} (token)")
}
