//! Reading and verifying keys.

use std::collections::BTreeMap;

use super::Engine;
use crate::engine::error::{StoreError, VerifyError};
use crate::engine::model::{
    AccountId, ChatEncryption, ConversationId, Device, MessageId, MessageProtection, Verified,
};
use crate::engine::omemo::{chat, verifying};
use crate::engine::store::{accounts, devices, protection};
use crate::engine::text::VerificationLink;

impl Engine {
    /// Returns the devices of a bare address, or of the account itself, by
    /// their numbers; those that left their owner's list among them.
    pub async fn devices(
        &self,
        account: AccountId,
        address: &str,
    ) -> Result<Vec<Device>, StoreError> {
        let address = address.to_owned();
        self.store()
            .read(move |connection| {
                let known = devices::of_address(connection, account, &address)?;
                Ok(known.into_iter().map(|known| known.device).collect())
            })
            .await
    }

    /// Returns how many devices were added to the user's own accounts that the
    /// user was not told of yet, by account; accounts without any are left out.
    pub async fn new_own_devices(&self) -> Result<BTreeMap<AccountId, u32>, StoreError> {
        self.store().read(accounts::new_devices).await
    }

    /// Returns how a chat is encrypted; `None` when there is no such chat.
    pub async fn chat_encryption(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ChatEncryption>, StoreError> {
        self.store()
            .read(move |connection| chat::encryption_of(connection, conversation))
            .await
    }

    /// Returns for whom a message was encrypted, and by whom.
    pub async fn message_protection(
        &self,
        message: MessageId,
    ) -> Result<MessageProtection, StoreError> {
        self.store()
            .read(move |connection| protection::of_message(connection, message))
            .await
    }

    /// Returns the link that an account's own code holds; `None` while the
    /// account has no keys.
    pub async fn own_code(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        self.store()
            .read(move |connection| {
                Ok(verifying::own_code(connection, account)?.map(|link| link.to_string()))
            })
            .await
    }

    /// Marks the keys in a code as verified. `expected` is the bare address
    /// whose keys are to be verified, the account's own for own devices.
    ///
    /// # Errors
    /// Nothing was verified: the code is somebody else's, holds another key
    /// than the known one, or none.
    pub async fn verify(
        &self,
        account: AccountId,
        expected: &str,
        link: VerificationLink,
    ) -> Result<Verified, VerifyError> {
        if link.address != expected {
            let address = link.address;
            return Err(VerifyError::OtherAddress { address });
        }
        // What could not be verified is an answer, not a failure of the store.
        self.store()
            .write(
                move |tx, changes| match verifying::verify(tx, changes, account, &link) {
                    Err(VerifyError::Store(error)) => Err(error),
                    answer => Ok(answer),
                },
            )
            .await?
    }
}
