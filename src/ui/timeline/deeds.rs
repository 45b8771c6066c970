//! What one can do about a single message, besides trying it again: mend its
//! encryption, see how it was protected, copy it; what others have of it, too, is
//! done in `doing`.

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{ComponentSender, Sender, adw, gtk};

use super::doing::{ask_to_delete, ask_to_take_back, tell};
use super::possible::Possible;
use super::{Timeline, TimelineMsg, TimelineOutput, notice, unreadable};
use crate::engine::api::Command;
use crate::engine::model::{Direction, MessageId, MessageKind};
use crate::ui::composer::edit;
use crate::ui::i18n::gettext;

/// One of these things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Agree on new keys with the device that wrote it.
    Repair,
    /// Ask for it to be sent again.
    AskAgain,
    /// Say why it cannot be read.
    Why,
    /// Show the devices of who wrote it, or of whom it is for.
    Devices,
    /// Ask whether to send it unencrypted.
    AskToSendPlain,
    /// Send it unencrypted; the user was asked.
    SendPlain,
    /// Show how it was protected.
    Details,
    /// Copy its text.
    Copy,
    /// Answer it.
    Reply,
    /// Offer emoji to react with.
    React,
    /// Show who reacted with what.
    Reactions,
    /// Give it another text.
    Edit,
    /// Show the texts it had.
    Versions,
    /// Ask whether to take it back.
    AskToTakeBack,
    /// Take it back; the user was asked.
    TakeBack,
    /// Send it to others.
    Forward,
    /// Ask whether to delete it here.
    AskToDelete,
    /// Begin to choose messages, with this one.
    Choose,
    /// Go there.
    Jump,
    /// Show all that can be done.
    Menu,
}

/// Their names as actions; the message is the target.
const ACTIONS: [(&str, Deed); 18] = [
    ("repair", Deed::Repair),
    ("ask-again", Deed::AskAgain),
    ("why", Deed::Why),
    ("devices", Deed::Devices),
    ("send-plain", Deed::AskToSendPlain),
    ("details", Deed::Details),
    ("copy", Deed::Copy),
    ("reply", Deed::Reply),
    ("reactions", Deed::Reactions),
    ("edit", Deed::Edit),
    ("versions", Deed::Versions),
    ("take-back", Deed::AskToTakeBack),
    ("forward", Deed::Forward),
    ("delete", Deed::AskToDelete),
    ("choose", Deed::Choose),
    ("jump", Deed::Jump),
    ("menu", Deed::Menu),
    ("react", Deed::React),
];

/// Adds the actions to those of the rows.
pub(super) fn add_actions(group: &gio::SimpleActionGroup, timeline: &Sender<TimelineMsg>) {
    for (name, deed) in ACTIONS {
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::INT64));
        let input = timeline.clone();
        action.connect_activate(move |_, target| {
            if let Some(id) = target.and_then(|target| target.get::<i64>()) {
                // The timeline may be gone when the window closes.
                let _ = input.send(TimelineMsg::Deed(deed, MessageId(id)));
            }
        });
        group.add_action(&action);
    }
}

impl Timeline {
    pub(super) fn deed(
        &mut self,
        deed: Deed,
        id: MessageId,
        root: &gtk::Box,
        sender: &ComponentSender<Self>,
    ) {
        // What is answered may be far away, and not in memory.
        if deed == Deed::Jump {
            self.jump_to(id, sender);
            return;
        }
        let Some(message) = self.source.message(id) else {
            return;
        };
        let possible = Possible::of(&message);
        match deed {
            Deed::Reply if possible.answer => self.answer(&message, sender),
            Deed::React if possible.answer => self.show_emoji(id),
            Deed::Edit if possible.edit => {
                tell(TimelineOutput::Edit(edit(&message)), sender);
            }
            Deed::AskToTakeBack if possible.take_back => ask_to_take_back(root, id, sender),
            Deed::Forward if possible.forward => self.forward(vec![id], root, sender),
            // What the menu does not offer is not done by a key either.
            Deed::Reply
            | Deed::React
            | Deed::Edit
            | Deed::AskToTakeBack
            | Deed::Forward
            | Deed::Jump => {}
            Deed::Menu => self.show_menu(id),
            Deed::TakeBack => self.engine.command(Command::Retract(id)),
            Deed::Reactions => self.show_reactions(&message, root),
            Deed::Versions => self.read_versions(id, sender),
            Deed::AskToDelete => ask_to_delete(vec![id], root, sender),
            Deed::Choose => self.begin_to_choose(id),
            Deed::Repair => self.wish(Command::Repair(id), id),
            Deed::AskAgain => {
                let words = unreadable::asking();
                self.wish(Command::AskAgain { message: id, words }, id);
            }
            Deed::SendPlain => self.engine.command(Command::SendPlain(id)),
            Deed::Why => {
                if let MessageKind::Unreadable { why } = message.kind {
                    unreadable::explain(root, why, &self.source.other());
                }
            }
            Deed::Devices => {
                // Of one's own message that was stopped, the other side's are meant.
                let is_own = message.direction == Direction::Outgoing
                    && matches!(message.kind, MessageKind::Unreadable { .. });
                // Nobody listens while the window closes.
                let _ = sender.output(TimelineOutput::Devices { is_own });
            }
            Deed::AskToSendPlain => ask_to_send_plain(root, id, sender),
            Deed::Copy => {
                let text = notice::copied(&message, &self.source.other());
                root.clipboard().set_text(&text);
            }
            Deed::Details => {
                let _ = sender.output(TimelineOutput::Details(Box::new(message)));
            }
        }
    }

    /// Asks the engine for something about a message; its button says so.
    fn wish(&self, command: Command, id: MessageId) {
        self.engine.command(command);
        self.source.set_wished(id);
        if let Some(place) = self.source.row_of(id) {
            self.history.rows_changed(place..place + 1);
        }
    }
}

fn ask_to_send_plain(root: &gtk::Box, id: MessageId, sender: &ComponentSender<Timeline>) {
    let question = adw::AlertDialog::new(
        Some(&gettext("Send this message without encryption?")),
        Some(&gettext(
            "The servers on the way can read it, and may keep it. The chat stays encrypted.",
        )),
    );
    question.add_responses(&[
        ("cancel", &gettext("_Cancel")),
        ("send", &gettext("_Send Unencrypted")),
    ]);
    question.set_close_response("cancel");
    let input = sender.input_sender().clone();
    question.connect_response(Some("send"), move |_, _| {
        // The timeline may be gone when the window closes.
        let _ = input.send(TimelineMsg::Deed(Deed::SendPlain, id));
    });
    question.present(Some(root));
}
