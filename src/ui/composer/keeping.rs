//! What the field holds, chat by chat: drafts, answers and edits.

use relm4::gtk::prelude::*;
use relm4::{ComponentSender, gtk};

use super::purpose::{Edit, Purpose};
use super::{Composer, ComposerRead};
use crate::engine::api::Command;
use crate::engine::model::{ConversationId, MessageRow};
use crate::engine::text::preview;
use crate::ui::i18n::{fill, gettext};

impl Composer {
    /// Writes in another chat, or in none.
    pub(super) fn open(
        &mut self,
        chat: Option<(ConversationId, String)>,
        sender: &ComponentSender<Self>,
    ) {
        let id = chat.as_ref().map(|(id, _)| *id);
        if let Some((_, name)) = &chat {
            let label = fill(&gettext("Message to {name}"), &[("name", name)]);
            self.view
                .upcast_ref::<gtk::Widget>()
                .update_property(&[gtk::accessible::Property::Label(&label)]);
        }
        if id == self.open {
            return;
        }
        self.end_typing();
        self.note();
        self.keep();
        self.open = id;
        let is_known = id.is_none_or(|id| self.drafts.of(id).is_some());
        self.show_purpose();
        self.show_text();
        if let Some(id) = id.filter(|_| !is_known) {
            let engine = self.engine.clone();
            sender.oneshot_command(async move { ComposerRead::Draft(id, engine.draft(id).await) });
        }
    }

    /// Takes note of what the field holds: its change may not have been heard
    /// yet. Returns whether this is the first change that waits to be kept.
    pub(super) fn note(&mut self) -> bool {
        let (Some(conversation), text) = (self.open, self.text()) else {
            return false;
        };
        if self.purposes.note(conversation, &text) {
            // The draft stays as it was before the edit.
            return false;
        }
        self.drafts.of(conversation).unwrap_or_default() != text
            && self.drafts.written(conversation, text)
    }

    /// Hands what was written and not kept yet to the engine.
    pub(super) fn keep(&mut self) {
        for (conversation, text) in self.drafts.take_unsaved() {
            self.engine
                .command(Command::SaveDraft { conversation, text });
        }
    }

    pub(super) fn text(&self) -> String {
        let (start, end) = self.buffer.bounds();
        self.buffer.text(&start, &end, false).into()
    }

    /// Replaces the text. Nothing of the old one can be brought back by undoing:
    /// it may be meant for somebody else.
    pub(super) fn set_text(&mut self, text: &str) {
        self.is_setting.set(true);
        self.buffer.set_text(text);
        self.is_setting.set(false);
        self.spelling.text_changed();
        self.is_full = false;
        self.has_text = !text.trim().is_empty();
    }

    /// Shows in the field what is written in the open chat.
    pub(super) fn show_text(&mut self) {
        let edited = self.purposes.edited(self.open);
        let draft = || self.open.and_then(|open| self.drafts.of(open));
        let text = edited.or_else(draft).unwrap_or_default().to_owned();
        self.set_text(&text);
        self.buffer.place_cursor(&self.buffer.end_iter());
    }

    /// Puts a text back that was not sent, above what was written since.
    pub(super) fn give_back(&mut self, chat: ConversationId, mut text: String) {
        self.note();
        let since = self.drafts.of(chat).unwrap_or_default();
        if !since.trim().is_empty() {
            text.push('\n');
            text.push_str(since);
        }
        self.drafts.written(chat, text);
        if self.open == Some(chat) {
            self.show_text();
        }
    }

    /// Forgets what is written in a chat that is deleted.
    pub(super) fn forget(&mut self, chat: ConversationId) {
        self.drafts.forget(chat);
        self.purposes.end(chat);
        if self.open == Some(chat) {
            self.set_text("");
            self.show_purpose();
        }
    }

    /// Begins an answer, or an edit, in the open chat.
    pub(super) fn begin(&mut self, purpose: Purpose) {
        let Some(open) = self.open else { return };
        self.note();
        let is_edit = matches!(purpose, Purpose::Edit(_));
        let was_edit = self.purposes.edited(self.open).is_some();
        self.purposes.begin(open, purpose);
        self.show_purpose();
        if is_edit || was_edit {
            self.show_text();
        }
        self.view.grab_focus();
    }

    /// Goes back to a new message; of an edit, to what was written before.
    pub(super) fn end_purpose(&mut self) {
        let Some(open) = self.open else { return };
        self.note();
        let was = self.purposes.end(open);
        self.show_purpose();
        if matches!(was, Purpose::Edit(_)) {
            self.show_text();
        }
        self.view.grab_focus();
    }

    pub(super) fn show_purpose(&self) {
        self.completion.close();
        self.bar.show(self.purposes.of(self.open));
    }

    /// Finds the last message of the user's own.
    pub(super) fn read_last(&self, sender: &ComponentSender<Self>) {
        let Some(open) = self.open else { return };
        let engine = self.engine.clone();
        sender.oneshot_command(async move {
            let read = async {
                let Some(last) = engine.last_own_text(open).await? else {
                    return Ok(None);
                };
                Ok(engine.messages(vec![last]).await?.pop().map(Box::new))
            };
            ComposerRead::Last(open, read.await)
        });
    }

    /// Edits a message, unless something was written meanwhile.
    pub(super) fn edit_last(&mut self, chat: ConversationId, last: Option<Box<MessageRow>>) {
        let is_free = self.open == Some(chat) && self.text().is_empty();
        if let Some(last) = last.filter(|_| is_free) {
            self.begin(Purpose::Edit(edit(&last)));
        }
    }
}

/// Returns what an edit of a message begins with.
pub fn edit(message: &MessageRow) -> Edit {
    Edit {
        message: message.id,
        words: preview(&message.body, message.is_styled),
        body: message.body.clone(),
    }
}
