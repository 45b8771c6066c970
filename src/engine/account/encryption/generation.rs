//! Whether this history is a copy of another one, or an old state of itself.
//!
//! Two programs that turn the same ratchet end up with sessions that nobody
//! can read any more, so a copy must become a device of its own. At each start
//! a new random word is written here and in the desktop's keyring; a history
//! whose word is not the keyring's was copied, or put back from a backup.
//! Where there is no keyring nothing can be told.
//!
//! The word is written here first, as the next one, then in the keyring, then
//! here for good: a program that is killed in between finds either of the two.

use std::time::Duration;

use tokio::time::timeout;

use super::super::requests::random_id;
use super::super::session::Session;
use super::Asking;
use crate::engine::api::{Event, NewIdentity};
use crate::engine::error::StoreError;
use crate::engine::model::{PasswordPlace, Secret};
use crate::engine::omemo;
use crate::engine::store::ratchet;

/// How long the keyring may take. Then it is not asked in this run.
const PATIENCE: Duration = Duration::from_secs(10);
/// Parts the word that holds from the one that is to hold.
const NEXT: char = ' ';

impl Session {
    /// Makes new keys if this history is a copy. Done once in a run, before
    /// anything is encrypted or published.
    pub(super) async fn check_generation(&mut self) -> Result<(), StoreError> {
        if self.is_generation_checked || self.account.password_place != PasswordPlace::Keyring {
            return Ok(());
        }
        let account = self.account.id;
        let known = self
            .context
            .store
            .read(move |connection| ratchet::identity(connection, account))
            .await?
            .map(|identity| identity.generation);
        let Some(known) = known else {
            return Ok(());
        };
        let address = self.own.to_string();
        let found = timeout(PATIENCE, self.context.secrets.generation(&address)).await;
        let Ok(Ok(found)) = found else {
            tracing::info!("Whether this history is a copy cannot be told.");
            return Ok(());
        };
        if !is_of_one(&known, found.as_ref().map(Secret::reveal)) {
            tracing::warn!("This history is a copy of another; it gets keys of its own.");
            self.new_identity(NewIdentity::Copied).await?;
        }
        Ok(())
    }

    /// Writes the word of this run, once.
    pub(super) async fn begin_generation(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.is_generation_checked, true) {
            return Ok(());
        }
        self.next_generation().await
    }

    /// Writes a new word, here and in the keyring.
    async fn next_generation(&mut self) -> Result<(), StoreError> {
        if self.account.password_place != PasswordPlace::Keyring {
            return Ok(());
        }
        let account = self.account.id;
        let next = random_id();
        let written = next.clone();
        self.context
            .store
            .write(move |tx, _| {
                let now = ratchet::identity(tx, account)?;
                let now = now.map(|identity| identity.generation).unwrap_or_default();
                let now = now.split(NEXT).next().unwrap_or_default();
                ratchet::set_generation(tx, account, &format!("{now}{NEXT}{written}"))
            })
            .await?;
        let address = self.own.to_string();
        let secret = Secret::new(&next);
        let kept = self.context.secrets.store_generation(&address, &secret);
        if !matches!(timeout(PATIENCE, kept).await, Ok(Ok(()))) {
            // Both words stay good.
            return Ok(());
        }
        self.context
            .store
            .write(move |tx, _| ratchet::set_generation(tx, account, &next))
            .await
    }

    /// The user wants new keys for this device: the old ones go, here and
    /// where they were published.
    pub(in crate::engine::account) async fn identity_is_wanted(
        &mut self,
    ) -> Result<(), StoreError> {
        let account = self.account.id;
        let old = self
            .context
            .store
            .read(move |connection| ratchet::identity(connection, account))
            .await?;
        self.new_identity(NewIdentity::Asked).await?;
        self.next_generation().await?;
        if let Some(stream) = &mut self.stream {
            stream.keys.are_own_keys_checked = false;
        }
        match old {
            Some(old) => self.remove_device(old.device).await,
            None => self.mend_own_keys().await,
        }
    }

    /// Makes new keys for this device, under a new number, and tells.
    async fn new_identity(&mut self, why: NewIdentity) -> Result<(), StoreError> {
        let listed = self
            .stream
            .as_ref()
            .and_then(|stream| stream.keys.own_list.as_ref());
        let taken: Vec<u32> = listed
            .into_iter()
            .flat_map(|list| list.devices.iter().map(|device| device.id))
            .collect();
        let (account, now) = (self.account.id, self.context.clock.now());
        self.context
            .store
            .write(move |tx, changes| {
                omemo::new_identity(tx, changes, account, &taken, now)?;
                Ok(())
            })
            .await?;
        if let Some(stream) = &mut self.stream {
            // With the sessions went all that was here of others' keys.
            stream
                .keys
                .bundles
                .retain(|_, asking| *asking == Asking::Asked);
        }
        self.context.tell(Event::NewIdentity { account, why });
        Ok(())
    }
}

/// Returns whether a history with this word, or these two, belongs to the
/// keyring's. One whose first word never got there does.
fn is_of_one(known: &str, found: Option<&str>) -> bool {
    let never_kept = known.is_empty() || known.starts_with(NEXT);
    never_kept || found.is_some_and(|found| known.split(NEXT).any(|word| word == found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a61_a_history_whose_word_is_not_the_keyrings_is_a_copy() {
        for (known, found, is_one) in [
            ("", None, true),
            ("", Some("a"), true),
            ("a", Some("a"), true),
            ("a b", Some("a"), true),
            ("a b", Some("b"), true),
            // Killed before the very first word was in the keyring.
            (" b", None, true),
            ("a", Some("b"), false),
            ("a b", Some("c"), false),
            ("a", None, false),
        ] {
            assert_eq!(is_of_one(known, found), is_one, "{known:?} {found:?}");
        }
    }
}
