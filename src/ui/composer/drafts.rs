//! What is written and not sent, chat by chat.
//!
//! The truth about the chats visited in this run is here; it goes to the store
//! a moment after each change, so that a program that ends without a word loses
//! no more than that moment. Pure: the composer owns the clock and the door.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::engine::model::ConversationId;

/// How long a change waits before it is kept.
pub const DELAY: Duration = Duration::from_millis(700);

/// The drafts of this run.
#[derive(Debug, Default)]
pub struct Drafts {
    texts: BTreeMap<ConversationId, String>,
    unsaved: BTreeSet<ConversationId>,
}

impl Drafts {
    /// Takes note of what a chat's field holds now. Returns whether this is the
    /// first change that waits.
    pub fn written(&mut self, conversation: ConversationId, text: String) -> bool {
        self.texts.insert(conversation, text);
        let is_first = self.unsaved.is_empty();
        self.unsaved.insert(conversation);
        is_first
    }

    /// Takes note that a chat's text was sent; the store drops the draft itself.
    pub fn sent(&mut self, conversation: ConversationId) {
        self.texts.insert(conversation, String::new());
        self.unsaved.remove(&conversation);
    }

    /// Takes note of what the store has, and returns what the field is to hold.
    /// What was written while it was read stands behind it.
    pub fn read(&mut self, conversation: ConversationId, stored: String) -> &str {
        let text = self.texts.entry(conversation).or_default();
        if !text.is_empty() && !stored.is_empty() {
            self.unsaved.insert(conversation);
        }
        text.insert_str(0, &stored);
        text
    }

    /// Returns a chat's draft, when it is known.
    pub fn of(&self, conversation: ConversationId) -> Option<&str> {
        self.texts.get(&conversation).map(String::as_str)
    }

    /// Returns what is to be kept now, once.
    pub fn take_unsaved(&mut self) -> Vec<(ConversationId, String)> {
        let unsaved = std::mem::take(&mut self.unsaved).into_iter();
        let text = |id| self.texts.get(&id).cloned().unwrap_or_default();
        unsaved.map(|id| (id, text(id))).collect()
    }

    /// Forgets a chat that is deleted, also what was not kept yet.
    pub fn forget(&mut self, conversation: ConversationId) {
        self.texts.remove(&conversation);
        self.unsaved.remove(&conversation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JULIET: ConversationId = ConversationId(1);

    #[test]
    fn many_changes_are_kept_once() {
        let mut drafts = Drafts::default();

        assert!(drafts.written(JULIET, "B".into()));
        assert!(!drafts.written(JULIET, "Bu".into()));

        assert_eq!(drafts.take_unsaved(), [(JULIET, "Bu".to_owned())]);
        assert_eq!(drafts.take_unsaved(), []);
    }

    #[test]
    fn what_was_written_while_the_store_was_read_stands_behind_it() {
        let mut drafts = Drafts::default();
        drafts.written(JULIET, "new".into());
        drafts.take_unsaved();

        assert_eq!(drafts.read(JULIET, "old ".into()), "old new");

        assert_eq!(drafts.take_unsaved(), [(JULIET, "old new".to_owned())]);
    }

    #[test]
    fn what_was_only_read_is_not_kept_again() {
        let mut drafts = Drafts::default();

        assert_eq!(drafts.read(JULIET, "old".into()), "old");

        assert_eq!(drafts.take_unsaved(), []);
        assert_eq!(drafts.of(JULIET), Some("old"));
    }

    #[test]
    fn a_sent_text_is_not_kept_after_it() {
        let mut drafts = Drafts::default();
        drafts.written(JULIET, "But soft".into());

        drafts.sent(JULIET);

        assert_eq!(drafts.take_unsaved(), []);
        assert_eq!(drafts.of(JULIET), Some(""));
    }

    #[test]
    fn a_deleted_chat_leaves_nothing_to_keep() {
        let mut drafts = Drafts::default();
        drafts.written(JULIET, "But".into());

        drafts.forget(JULIET);

        assert_eq!(drafts.take_unsaved(), []);
        assert_eq!(drafts.of(JULIET), None);
    }
}
