//! What the text in the field is for: a new message, an answer to one, or an
//! edit of one. Each chat has its own, as it has its own draft.
//!
//! An edit has a text of its own: what was written before it stays the chat's
//! draft, and is in the field again when the edit ends. Pure.

use std::collections::BTreeMap;

use crate::engine::model::{ConversationId, MessageId};

/// What the text in the field is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A new message.
    #[default]
    New,
    /// An answer.
    Reply(Quoted),
    /// An edit.
    Edit(Edit),
}

/// The message that is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Which one.
    pub message: MessageId,
    /// Who wrote it; `None`: the user.
    pub who: Option<String>,
    /// Its words in one line.
    pub words: String,
}

/// The message that is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which one.
    pub message: MessageId,
    /// Its words in one line.
    pub words: String,
    /// Its text before.
    pub body: String,
}

/// The purposes of this run.
#[derive(Debug, Default)]
pub struct Purposes {
    known: BTreeMap<ConversationId, Purpose>,
    /// What stands in the field while a message is edited.
    edits: BTreeMap<ConversationId, String>,
}

impl Purposes {
    /// Returns what is written in a chat.
    pub fn of(&self, chat: Option<ConversationId>) -> &Purpose {
        const NEW: &Purpose = &Purpose::New;
        chat.and_then(|chat| self.known.get(&chat)).unwrap_or(NEW)
    }

    /// Returns the text of a chat's edit, when a message is edited there.
    pub fn edited(&self, chat: Option<ConversationId>) -> Option<&str> {
        self.edits.get(&chat?).map(String::as_str)
    }

    /// Takes note of what the field holds while a message is edited; false when
    /// none is.
    pub fn note(&mut self, chat: ConversationId, text: &str) -> bool {
        let edit = self.edits.get_mut(&chat);
        if let Some(edit) = edit {
            text.clone_into(edit);
            return true;
        }
        false
    }

    /// Begins another.
    pub fn begin(&mut self, chat: ConversationId, purpose: Purpose) {
        self.edits.remove(&chat);
        if let Purpose::Edit(edit) = &purpose {
            self.edits.insert(chat, edit.body.clone());
        }
        self.known.insert(chat, purpose);
    }

    /// Ends it: a new message is written. Returns what was.
    pub fn end(&mut self, chat: ConversationId) -> Purpose {
        self.edits.remove(&chat);
        self.known.remove(&chat).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JULIET: ConversationId = ConversationId(1);

    fn edit() -> Purpose {
        Purpose::Edit(Edit {
            message: MessageId(5),
            words: "south".into(),
            body: "the south gate".into(),
        })
    }

    #[test]
    fn an_edit_has_a_text_of_its_own() {
        let mut purposes = Purposes::default();
        assert!(!purposes.note(JULIET, "But"));

        purposes.begin(JULIET, edit());
        assert_eq!(purposes.edited(Some(JULIET)), Some("the south gate"));
        assert!(purposes.note(JULIET, "the north gate"));

        assert_eq!(purposes.edited(Some(JULIET)), Some("the north gate"));
        assert_eq!(purposes.end(JULIET), edit());
        assert_eq!(purposes.edited(Some(JULIET)), None);
        assert_eq!(*purposes.of(Some(JULIET)), Purpose::New);
    }

    #[test]
    fn each_chat_has_its_own() {
        let mut purposes = Purposes::default();

        purposes.begin(JULIET, edit());

        assert_eq!(*purposes.of(Some(ConversationId(2))), Purpose::New);
        assert_eq!(*purposes.of(None), Purpose::New);
    }
}
