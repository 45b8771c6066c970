//! The dialog that chooses to whom messages go: several chats or contacts, found
//! by a few letters.
//!
//! Enter chooses what is marked, or does not any more, and Ctrl+Enter sends.

mod tick;

use std::collections::BTreeSet;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use super::chooser::people::{self, People, candidates};
use super::chooser::rank::{Candidate, rank};
use super::chooser::{self, Chooser, Heard};
use super::errors;
use super::i18n::{count, gettext};
use crate::engine::api::{Command, Engine};
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{ConversationId, MessageId};

/// More matches than this are no help.
const MOST_MATCHES: usize = 50;

/// What the dialog begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// What is forwarded.
    pub messages: Vec<MessageId>,
}

/// The dialog's state.
pub struct Forward {
    engine: Engine,
    chooser: Chooser,
    messages: Vec<MessageId>,
    candidates: Vec<Candidate>,
    has_read: bool,
    typed: String,
    /// Places in `candidates`, in the order of the list.
    found: Vec<usize>,
    /// Places in `candidates`.
    chosen: BTreeSet<usize>,
    is_sending: bool,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum ForwardMsg {
    /// The field or the list was used.
    Chooser(Heard),
    /// Send to all that are chosen.
    Send,
}

/// What the dialog tells.
#[derive(Debug)]
pub enum ForwardOutput {
    /// The messages went to so many chats.
    Forwarded(u32),
}

/// An answer of the engine.
#[derive(Debug)]
pub enum ForwardRead {
    /// Who there is.
    People(Result<People, StoreError>),
    /// The chats that were chosen, also of those who had none.
    Chats(Result<Vec<ConversationId>, OpenChatError>),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Forward {
    type Init = Init;
    type Input = ForwardMsg;
    type Output = ForwardOutput;
    type CommandOutput = ForwardRead;

    view! {
        adw::Dialog {
            set_title: &model.title(),
            set_content_width: 460,
            set_content_height: 520,
            set_width_request: 280,
            set_height_request: 260,
            set_focus: Some(&model.chooser.search),

            #[wrap(Some)]
            set_child = &adw::ToolbarView {
                add_top_bar = &adw::HeaderBar {},
                set_content: Some(&model.chooser.widget),
                add_bottom_bar = &gtk::Box {
                    set_css_classes: &["toolbar"],
                    gtk::Button {
                        set_hexpand: true,
                        set_use_underline: true,
                        set_css_classes: &["suggested-action"],
                        #[watch]
                        set_label: &model.label(),
                        #[watch]
                        set_sensitive: !model.chosen.is_empty() && !model.is_sending,
                        connect_clicked => ForwardMsg::Send,
                    },
                },
            },
        }
    }

    fn init(
        Init { engine, messages }: Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let reader = engine.clone();
        sender.oneshot_command(async move { ForwardRead::People(People::read(&reader).await) });
        let input = sender.input_sender().clone();
        let chooser = Chooser::new(
            &gettext("Name, address or account"),
            &gettext("Chats and contacts"),
            move |heard| input.emit(ForwardMsg::Chooser(heard)),
        );
        let model = Self {
            engine,
            chooser,
            messages,
            candidates: Vec::new(),
            has_read: false,
            typed: String::new(),
            found: Vec::new(),
            chosen: BTreeSet::new(),
            is_sending: false,
        };
        let widgets = view_output!();
        send_by_key(&root, &sender);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ForwardMsg, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            ForwardMsg::Chooser(Heard::Typed(text)) => {
                self.typed = text;
                self.chooser.show_trouble(None);
                self.show_found();
            }
            ForwardMsg::Chooser(Heard::Step(step)) => self.chooser.step(step),
            ForwardMsg::Chooser(Heard::Enter) => {
                if let Some(place) = self.chooser.marked() {
                    self.turn(place);
                }
            }
            ForwardMsg::Chooser(Heard::Clicked(place)) => self.turn(place),
            ForwardMsg::Chooser(Heard::Left) => {
                root.close();
            }
            ForwardMsg::Send => self.send(&sender),
        }
    }

    fn update_cmd(
        &mut self,
        answer: ForwardRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            ForwardRead::People(Ok(people)) => {
                self.candidates = candidates(people);
                self.has_read = true;
                self.show_found();
            }
            ForwardRead::People(Err(error)) => {
                self.chooser.show_trouble(Some(&errors::store(&error).text));
            }
            ForwardRead::Chats(Ok(to)) => {
                let chats = u32::try_from(to.len()).unwrap_or(u32::MAX);
                let messages = std::mem::take(&mut self.messages);
                self.engine.command(Command::Forward { messages, to });
                // Nobody listens while the window closes.
                let _ = sender.output(ForwardOutput::Forwarded(chats));
                root.close();
            }
            ForwardRead::Chats(Err(error)) => {
                self.is_sending = false;
                self.chooser.show_trouble(Some(&errors::open_chat(&error)));
            }
        }
    }
}

impl Forward {
    fn title(&self) -> String {
        let number = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        count("Forward Message", "Forward {count} Messages", number)
    }

    fn label(&self) -> String {
        match u32::try_from(self.chosen.len()).unwrap_or(u32::MAX) {
            0 => gettext("_Forward"),
            chosen => count(
                "_Forward to {count} Chat",
                "_Forward to {count} Chats",
                chosen,
            ),
        }
    }

    fn turn(&mut self, place: usize) {
        let Some(candidate) = self.found.get(place).copied() else {
            return;
        };
        if !self.chosen.remove(&candidate) {
            self.chosen.insert(candidate);
        }
        let is_chosen = self.chosen.contains(&candidate);
        if let Some(row) = self.chooser.line(place) {
            tick::show(&row, &people::words(&self.candidates[candidate]), is_chosen);
            self.chooser.say(&chooser::spoken(&row));
        }
    }

    fn send(&mut self, sender: &ComponentSender<Self>) {
        if self.chosen.is_empty() || std::mem::replace(&mut self.is_sending, true) {
            return;
        }
        let chosen = self
            .chosen
            .iter()
            .filter_map(|place| self.candidates.get(*place));
        let chosen: Vec<Candidate> = chosen.cloned().collect();
        let engine = self.engine.clone();
        sender.oneshot_command(async move {
            let chats = async {
                let mut chats = Vec::with_capacity(chosen.len());
                for candidate in chosen {
                    chats.push(match candidate.chat {
                        Some(chat) => chat,
                        None => {
                            engine
                                .open_chat(candidate.account, candidate.address)
                                .await?
                        }
                    });
                }
                Ok(chats)
            };
            ForwardRead::Chats(chats.await)
        });
    }

    fn show_found(&mut self) {
        self.found = rank(&self.typed, &self.candidates);
        self.found.truncate(MOST_MATCHES);
        let rows: Vec<_> = self
            .found
            .iter()
            .map(|place| {
                let candidate = &self.candidates[*place];
                let (row, content) = people::line(candidate);
                let words = people::words(candidate);
                tick::add(&row, &content, &words, self.chosen.contains(place));
                row
            })
            .collect();
        self.chooser
            .show(&rows, self.has_read.then(chooser::nothing_found));
    }
}

fn send_by_key(dialog: &adw::Dialog, sender: &ComponentSender<Forward>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
        if is_enter && modifiers.contains(gdk::ModifierType::CONTROL_MASK) {
            input.emit(ForwardMsg::Send);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    dialog.add_controller(keys);
}
