//! Reading what the window shows.

use std::collections::BTreeMap;

use super::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{
    Account, AccountId, Blocked, Contact, ConversationId, ConversationRow, Gap, MessageId,
    MessageRow, Preferences, Reader, Version,
};
use crate::engine::store::{
    accounts, archive, blocked, contacts, conversations, gaps, preferences, profiles, reading,
    settings, versions, window,
};

/// Every query is a consistent picture of one moment. It ends with an error
/// only when the file cannot be read, or after the engine has stopped.
impl Engine {
    /// Returns the user's accounts, the oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.store().read(accounts::all).await
    }

    /// Returns the chat list of all accounts: what is pinned, then the newest
    /// chat first, then what is put away.
    pub async fn conversations(&self) -> Result<Vec<ConversationRow>, StoreError> {
        self.store().read(conversations::rows).await
    }

    /// Returns what of a chat is known to be missing here, the oldest first.
    pub async fn gaps(&self, id: ConversationId) -> Result<Vec<Gap>, StoreError> {
        self.store()
            .read(move |connection| gaps::of_chat(connection, id))
            .await
    }

    /// Returns one line of the chat list; `None` when the list has none.
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        self.store()
            .read(move |connection| conversations::shown(connection, id))
            .await
    }

    /// Returns the contacts of all accounts by the name that is shown.
    pub async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.store().read(contacts::all).await
    }

    /// Returns one contact; `None` when the address is not in the account's list.
    pub async fn contact(
        &self,
        account: AccountId,
        address: &str,
    ) -> Result<Option<Contact>, StoreError> {
        let address = address.to_owned();
        self.store()
            .read(move |connection| contacts::get(connection, account, &address))
            .await
    }

    /// Returns a picture that somebody published, a small square PNG file, by
    /// its hash; `None` when it is not here any more.
    pub async fn picture(&self, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let hash = hash.to_owned();
        self.store()
            .read(move |connection| profiles::picture(connection, &hash))
            .await
    }

    /// Returns the whole of what was written in a chat and not sent.
    pub async fn draft(&self, conversation: ConversationId) -> Result<String, StoreError> {
        self.store()
            .read(move |connection| conversations::draft(connection, conversation))
            .await
    }

    /// Returns who has read a chat up to which message.
    pub async fn readers(&self, conversation: ConversationId) -> Result<Vec<Reader>, StoreError> {
        self.store()
            .read(move |connection| reading::readers(connection, conversation))
            .await
    }

    /// Returns who is blocked, by account and address.
    pub async fn blocked(&self) -> Result<Vec<Blocked>, StoreError> {
        self.store().read(blocked::all).await
    }

    /// Returns what the user set for the program as a whole. A setting that is
    /// not understood counts as not set.
    pub async fn preferences(&self) -> Result<Preferences, StoreError> {
        self.store().read(preferences::read).await
    }

    /// Returns the ids of a whole chat, the oldest message first.
    pub async fn message_ids(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.store()
            .read(move |connection| window::message_ids(connection, conversation))
            .await
    }

    /// Returns the newest `count` messages of a chat, the oldest of them first.
    pub async fn latest_messages(
        &self,
        conversation: ConversationId,
        count: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        self.store()
            .read(move |connection| window::latest(connection, conversation, count))
            .await
    }

    /// Returns messages in the order of `ids`; those that are gone are left out.
    pub async fn messages(&self, ids: Vec<MessageId>) -> Result<Vec<MessageRow>, StoreError> {
        self.store()
            .read(move |connection| window::by_ids(connection, &ids))
            .await
    }

    /// Returns whether the archive on the user's server is known to hold a message.
    pub async fn is_archived(&self, message: MessageId) -> Result<bool, StoreError> {
        self.store()
            .read(move |connection| archive::holds(connection, message))
            .await
    }

    /// Returns the texts that a corrected message had, the oldest first; the
    /// last is the one it has. Of others none.
    pub async fn versions(&self, message: MessageId) -> Result<Vec<Version>, StoreError> {
        self.store()
            .read(move |connection| versions::of_message(connection, message))
            .await
    }

    /// Returns the newest text of the user's own in a chat.
    pub async fn last_own_text(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<MessageId>, StoreError> {
        self.store()
            .read(move |connection| window::last_own_text(connection, conversation))
            .await
    }

    /// Returns how many of the user's messages have not left yet, by account;
    /// accounts without any are left out.
    pub async fn waiting_messages(&self) -> Result<BTreeMap<AccountId, u32>, StoreError> {
        self.store().read(conversations::waiting).await
    }

    /// Returns a setting, when it was ever set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.store()
            .read(move |connection| settings::get(connection, &key))
            .await
    }

    /// Sets a setting.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.store()
            .write(move |tx, _| settings::set(tx, &key, &value).map(drop))
            .await
    }
}
