//! Answering, reacting, editing, taking back, deleting, forwarding: what one
//! does with messages that are there, and what of it is asked first.

use std::time::Duration;

use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};
use relm4::{Component, ComponentController, ComponentSender};

use super::deeds::Deed;
use super::message::MessageRow as Row;
use super::{Timeline, TimelineMsg, TimelineOutput, TimelineRead, notice, reacted};
use crate::engine::api::Command;
use crate::engine::model::{Direction, MessageId, MessageRow};
use crate::engine::text::preview;
use crate::ui::composer::emoji_names::as_sent;
use crate::ui::composer::purpose::Quoted;
use crate::ui::forward::{self, Forward, ForwardOutput};
use crate::ui::i18n::{count, gettext, ngettext};
use crate::ui::widgets::question::dangerous;

/// So long one sees where one came to.
const SEEN_AFTER: Duration = Duration::from_millis(1200);

impl Timeline {
    /// Begins an answer in the composer.
    pub(super) fn answer(&self, message: &MessageRow, sender: &ComponentSender<Self>) {
        let names = self.source.names();
        let words = notice::preview(&message.kind)
            .unwrap_or_else(|| preview(&message.body, message.is_styled));
        let quoted = Quoted {
            message: message.id,
            who: (message.direction == Direction::Incoming).then_some(names.other),
            words,
        };
        tell(TimelineOutput::Reply(quoted), sender);
    }

    /// Shows all that can be done with a message.
    pub(super) fn show_menu(&self, id: MessageId) {
        if let Some(row) = self.row(id) {
            self.menu.ask(&row);
        }
    }

    pub(super) fn show_emoji(&self, id: MessageId) {
        if let Some((row, message)) = self.row(id).zip(self.source.message(id)) {
            self.menu.ask_for_emoji(&row, &message);
        }
    }

    /// Adds an emoji of the user's own, or takes it back.
    pub(super) fn turn_reaction(&self, id: MessageId, emoji: &str) {
        let Some(message) = self.source.message(id) else {
            return;
        };
        let mut mine = own_emoji(&message);
        // Others may write the same emoji with a mark that asks for colour.
        let same = |other: &String| as_sent(other) == as_sent(emoji);
        if mine.iter().any(same) {
            mine.retain(|other| !same(other));
        } else {
            let known = message.reactions.iter().map(|reaction| &reaction.emoji);
            let known = known.into_iter().find(|other| same(other)).cloned();
            mine.push(known.unwrap_or_else(|| as_sent(emoji)));
        }
        if let Some(row) = self.source.set_own_reactions(id, &mine) {
            self.history.rows_changed(row..row + 1);
        }
        self.engine.command(Command::React {
            message: id,
            emoji: mine,
        });
    }

    /// Shows who reacted with what.
    pub(super) fn show_reactions(&self, message: &MessageRow, root: &gtk::Box) {
        reacted::show(root, &message.reactions, &self.source.names());
    }

    /// Goes to a message, and shows which one it is.
    pub(super) fn jump_to(&mut self, id: MessageId, sender: &ComponentSender<Self>) {
        let Some(row) = self.source.row_of(id) else {
            say(gettext("This message is not here."), sender);
            return;
        };
        self.source.set_jumped_to(Some(id));
        self.history.go_to_row(row);
        let live = self.history.live_rows();
        self.history.rows_changed(live);
        let input = sender.input_sender().clone();
        glib::timeout_add_local_once(SEEN_AFTER, move || {
            // The timeline may be gone by then.
            let _ = input.send(TimelineMsg::JumpSeen(id));
        });
    }

    /// The user has had time to see where a jump led.
    pub(super) fn jump_seen(&self, id: MessageId) {
        if self.source.jumped_to() == Some(id)
            && let Some(row) = self.source.set_jumped_to(None)
        {
            self.history.rows_changed(row..row + 1);
        }
    }

    /// Reads the texts a message had.
    pub(super) fn read_versions(&self, id: MessageId, sender: &ComponentSender<Self>) {
        let engine = self.engine.clone();
        sender.oneshot_command(async move { TimelineRead::Versions(engine.versions(id).await) });
    }

    /// Lets the user choose to whom messages go.
    pub(super) fn forward(
        &mut self,
        messages: Vec<MessageId>,
        root: &gtk::Box,
        sender: &ComponentSender<Self>,
    ) {
        let init = forward::Init {
            engine: self.engine.clone(),
            messages,
        };
        let forward = Forward::builder()
            .launch(init)
            .forward(sender.input_sender(), |ForwardOutput::Forwarded(chats)| {
                TimelineMsg::Forwarded(chats)
            });
        forward.widget().present(Some(root));
        self.forward = Some(forward);
    }

    /// Messages went to so many chats.
    pub(super) fn forwarded(&mut self, chats: u32, sender: &ComponentSender<Self>) {
        self.end_choosing();
        let words = count(
            "Forwarded to {count} chat.",
            "Forwarded to {count} chats.",
            chats,
        );
        say(words, sender);
    }

    /// Deletes messages here; the user was asked.
    pub(super) fn delete(&self, messages: Vec<MessageId>) {
        self.end_choosing();
        self.engine.command(Command::DeleteMessages(messages));
        self.history.grab_focus();
    }

    /// The widget in which a message stands.
    fn row(&self, id: MessageId) -> Option<Row> {
        let row = self.history.row(self.source.row_of(id)?)?;
        row.downcast().ok()
    }
}

/// Asks whether messages are to be deleted here.
pub(super) fn ask_to_delete(
    messages: Vec<MessageId>,
    root: &gtk::Box,
    sender: &ComponentSender<Timeline>,
) {
    let number = u32::try_from(messages.len()).unwrap_or(u32::MAX);
    let question = dangerous(
        &count(
            "Delete this message here?",
            "Delete {count} messages here?",
            number,
        ),
        &ngettext(
            "It is removed from this computer for good. Your server, your other devices and the other person keep it.",
            "They are removed from this computer for good. Your server, your other devices and the other person keep them.",
            number,
        ),
        "delete",
        &gettext("_Delete Here"),
    );
    let input = sender.input_sender().clone();
    question.connect_response(Some("delete"), move |_, _| {
        // The timeline may be gone when the window closes.
        let _ = input.send(TimelineMsg::Delete(messages.clone()));
    });
    question.present(Some(root));
}

/// Asks whether a message is to be taken back.
pub(super) fn ask_to_take_back(root: &gtk::Box, id: MessageId, sender: &ComponentSender<Timeline>) {
    let question = dangerous(
        &gettext("Take this message back?"),
        &gettext(
            "The other person and your other devices are asked to remove it. They may have read it already, and programs that are older or made otherwise keep it.",
        ),
        "take-back",
        &gettext("_Take Back"),
    );
    let input = sender.input_sender().clone();
    question.connect_response(Some("take-back"), move |_, _| {
        // The timeline may be gone when the window closes.
        let _ = input.send(TimelineMsg::Deed(Deed::TakeBack, id));
    });
    question.present(Some(root));
}

/// Tells what is above the timeline.
pub(super) fn tell(output: TimelineOutput, sender: &ComponentSender<Timeline>) {
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}

/// Says something in passing.
pub(super) fn say(words: String, sender: &ComponentSender<Timeline>) {
    tell(TimelineOutput::Notice(words), sender);
}

/// Returns the emoji of the user's own on a message.
pub(super) fn own_emoji(message: &MessageRow) -> Vec<String> {
    let mine = message.reactions.iter().filter(|reaction| reaction.by_me);
    mine.map(|reaction| reaction.emoji.clone()).collect()
}
