//! Searching, as far as the open chat has to do with it.

use relm4::{ComponentController, ComponentSender};

use super::find_bar::{FindBarMsg, FindBarOutput};
use super::{ConversationOutput, ConversationView};
use crate::engine::model::MessageId;
use crate::engine::text::Term;
use crate::ui::composer::ComposerMsg;
use crate::ui::timeline::TimelineMsg;

/// What is to be searched, and shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// Search in the open chat.
    Here,
    /// Search in the open chat for what was typed, from this message on.
    HereAt(String, MessageId),
    /// Mark what is looked for in all chats, and go to a message.
    Everywhere(Vec<Term>, MessageId),
    /// Nothing is looked for in all chats any more.
    Nowhere,
}

impl ConversationView {
    pub(super) fn find(&self, wish: Find) {
        match wish {
            Find::Here => self.tell_find(FindBarMsg::Show),
            Find::HereAt(typed, message) => self.tell_find(FindBarMsg::ShowAt(typed, message)),
            Find::Everywhere(wanted, message) => {
                self.tell_timeline(TimelineMsg::Remember);
                self.tell_timeline(TimelineMsg::LookFor(wanted, Some(message)));
            }
            Find::Nowhere => {
                self.tell_timeline(TimelineMsg::LookFor(Vec::new(), None));
                self.tell_timeline(TimelineMsg::Return(true));
            }
        }
    }

    pub(super) fn tell_find(&self, message: FindBarMsg) {
        let _ = self.find.sender().send(message);
    }

    pub(super) fn find_says(&self, output: FindBarOutput, sender: &ComponentSender<Self>) {
        match output {
            FindBarOutput::Began => self.tell_timeline(TimelineMsg::Remember),
            FindBarOutput::Found(wanted, message) => {
                self.tell_timeline(TimelineMsg::LookFor(wanted, message));
            }
            FindBarOutput::Closed(goes_back) => {
                self.tell_timeline(TimelineMsg::LookFor(Vec::new(), None));
                self.tell_timeline(TimelineMsg::Return(goes_back));
                self.tell_composer(ComposerMsg::Focus);
            }
            // Nobody listens while the window closes.
            FindBarOutput::Trouble(error) => {
                let _ = sender.output(ConversationOutput::Trouble(error));
            }
        }
    }
}
