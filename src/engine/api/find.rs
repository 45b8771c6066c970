//! Finding messages, and what is set for single chats.

use super::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{ChatSettings, ConversationId, Found, FoundInChat, FoundUpTo};
use crate::engine::store::{chat_settings, search};
use crate::engine::text::Wanted;

/// Only one search runs at a time: the next one ends it, and its answer is
/// `None`.
impl Engine {
    /// Looks for messages in all chats, the newest first, some at a time; `from`
    /// is where the search before this one came to.
    pub async fn search(
        &self,
        wanted: Wanted,
        from: Option<FoundUpTo>,
    ) -> Result<Option<Found>, StoreError> {
        self.store()
            .search(move |connection| search::look(connection, &wanted, None, from))
            .await
    }

    /// Looks for messages in one chat; of very many the newest are found.
    pub async fn search_in_chat(
        &self,
        wanted: Wanted,
        conversation: ConversationId,
    ) -> Result<Option<FoundInChat>, StoreError> {
        self.store()
            .search(move |connection| search::look_in_chat(connection, &wanted, conversation))
            .await
    }

    /// Returns what is set for a chat.
    pub async fn chat_settings(
        &self,
        conversation: ConversationId,
    ) -> Result<ChatSettings, StoreError> {
        self.store()
            .read(move |connection| chat_settings::read(connection, conversation))
            .await
    }
}
