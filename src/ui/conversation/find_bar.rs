//! Searching in the open chat: a field, how many there are, and the way from
//! one to the next. The keyboard stays in the field; the history marks what is
//! found and goes to it.

use relm4::gtk::{self, gdk, glib, prelude::*};
use relm4::{Component, ComponentParts, ComponentSender};

use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, FoundInChat, MessageId};
use crate::engine::text::{Term, Wanted};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::voice;

/// The search in the open chat.
#[derive(Debug)]
pub struct FindBar {
    engine: Engine,
    chat: Option<ConversationId>,
    is_shown: bool,
    wanted: Wanted,
    found: FoundInChat,
    /// Which of those found one is at.
    at: Option<usize>,
    /// Go to this one when it is among those found.
    goes_to: Option<MessageId>,
    /// Something was looked for, and the answer is here.
    has_looked: bool,
    field: gtk::SearchEntry,
}

/// What the search is told.
#[derive(Debug)]
pub enum FindBarMsg {
    /// This chat is open now, or none.
    Chat(Option<ConversationId>),
    /// Show it and give it the keyboard.
    Show,
    /// Show it with what was looked for elsewhere, at this message.
    ShowAt(String, MessageId),
    /// Messages of the chat changed.
    Changed,
    /// The field holds this.
    Typed(String),
    /// Go so many towards newer ones.
    Step(isize),
    /// Hide it; `true`: and go back to where one was.
    Close(bool),
}

/// What the search tells.
#[derive(Debug)]
pub enum FindBarOutput {
    /// It begins: where one is now is where it leads back to.
    Began,
    /// Mark this, and go to that message.
    Found(Vec<Term>, Option<MessageId>),
    /// It is over; `true`: go back to where one was.
    Closed(bool),
    /// The history could not be read.
    Trouble(StoreError),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for FindBar {
    type Init = Engine;
    type Input = FindBarMsg;
    type Output = FindBarOutput;
    type CommandOutput = (
        ConversationId,
        Wanted,
        Result<Option<FoundInChat>, StoreError>,
    );

    view! {
        gtk::Box {
            set_spacing: 8,
            set_css_classes: &["find-bar"],
            #[watch]
            set_visible: model.is_shown,

            #[local_ref]
            field -> gtk::SearchEntry {
                set_hexpand: true,
                set_placeholder_text: Some(&gettext("Search in this chat")),
                update_property: &[gtk::accessible::Property::Label(&gettext("Search in this chat"))],
                connect_search_changed[sender] => move |field| {
                    // It comes a moment later, and the bar may be gone by then.
                    let _ = sender.input_sender().send(FindBarMsg::Typed(field.text().into()));
                },
                connect_activate => FindBarMsg::Step(-1),
                connect_next_match => FindBarMsg::Step(-1),
                connect_previous_match => FindBarMsg::Step(1),
                connect_stop_search => FindBarMsg::Close(true),
            },
            gtk::Label {
                set_css_classes: &["dimmed", "numeric"],
                #[watch]
                set_label: &model.place(),
                #[watch]
                set_visible: !model.place().is_empty(),
            },
            gtk::Box {
                set_css_classes: &["linked"],
                gtk::Button {
                    set_icon_name: "go-up-symbolic",
                    set_tooltip_text: Some(&gettext("Earlier Hit")),
                    #[watch]
                    set_sensitive: model.found.messages.len() > 1,
                    connect_clicked => FindBarMsg::Step(-1),
                },
                gtk::Button {
                    set_icon_name: "go-down-symbolic",
                    set_tooltip_text: Some(&gettext("Later Hit")),
                    #[watch]
                    set_sensitive: model.found.messages.len() > 1,
                    connect_clicked => FindBarMsg::Step(1),
                },
            },
            gtk::Button {
                set_label: &gettext("Done"),
                set_css_classes: &["flat"],
                connect_clicked => FindBarMsg::Close(false),
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let field = gtk::SearchEntry::builder().search_delay(50).build();
        step_back_by_key(&field, &sender);
        let model = Self {
            engine,
            chat: None,
            is_shown: false,
            wanted: Wanted::default(),
            found: FoundInChat::default(),
            at: None,
            goes_to: None,
            has_looked: false,
            field: field.clone(),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: FindBarMsg, sender: ComponentSender<Self>, _root: &Self::Root) {
        match message {
            FindBarMsg::Chat(chat) => {
                if chat != self.chat {
                    self.chat = chat;
                    self.is_shown = false;
                    self.forget();
                }
            }
            FindBarMsg::Show => self.show(&sender),
            FindBarMsg::ShowAt(typed, message) => {
                self.show(&sender);
                self.goes_to = Some(message);
                self.field.set_text(&typed);
                self.field.set_position(-1);
            }
            FindBarMsg::Changed => {
                if self.is_shown && !self.wanted.is_empty() {
                    self.goes_to = self.at.and_then(|at| self.found.messages.get(at)).copied();
                    self.look(&sender);
                }
            }
            FindBarMsg::Typed(typed) => {
                self.wanted = Wanted::read(&typed);
                self.look(&sender);
            }
            FindBarMsg::Step(step) => self.step(step, &sender),
            FindBarMsg::Close(goes_back) => {
                if std::mem::replace(&mut self.is_shown, false) {
                    self.forget();
                    tell(&sender, FindBarOutput::Closed(goes_back));
                }
            }
        }
    }

    fn update_cmd(
        &mut self,
        (chat, wanted, found): Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if self.chat != Some(chat) || self.wanted != wanted || !self.is_shown {
            return;
        }
        match found {
            Ok(Some(found)) => self.came(found, &sender),
            // Something else is looked for by now.
            Ok(None) => {}
            Err(error) => tell(&sender, FindBarOutput::Trouble(error)),
        }
    }
}

impl FindBar {
    fn show(&mut self, sender: &ComponentSender<Self>) {
        if self.chat.is_none() {
            return;
        }
        if !std::mem::replace(&mut self.is_shown, true) {
            tell(sender, FindBarOutput::Began);
        }
        self.field.set_visible(true);
        let field = self.field.clone();
        // Once it can be seen.
        glib::idle_add_local_once(move || {
            field.grab_focus();
        });
    }

    fn forget(&mut self) {
        self.wanted = Wanted::default();
        self.found = FoundInChat::default();
        self.at = None;
        self.goes_to = None;
        self.has_looked = false;
        self.field.set_text("");
    }

    fn look(&mut self, sender: &ComponentSender<Self>) {
        let Some(chat) = self.chat.filter(|_| self.is_shown) else {
            return;
        };
        if self.wanted.is_empty() {
            self.found = FoundInChat::default();
            self.has_looked = false;
            self.tell_found(None, sender);
            return;
        }
        let (engine, wanted) = (self.engine.clone(), self.wanted.clone());
        sender.oneshot_command(async move {
            let found = engine.search_in_chat(wanted.clone(), chat).await;
            (chat, wanted, found)
        });
    }

    fn came(&mut self, found: FoundInChat, sender: &ComponentSender<Self>) {
        let last = found.messages.len().checked_sub(1);
        let wished = self.goes_to.take();
        let wished = wished.and_then(|id| found.messages.iter().position(|known| *known == id));
        self.found = found;
        self.has_looked = true;
        self.tell_found(wished.or(last), sender);
        voice::say(&self.field, &self.place(), false);
    }

    /// Goes on, round the ends.
    fn step(&mut self, step: isize, sender: &ComponentSender<Self>) {
        let count = self.found.messages.len();
        let Some(at) = self.at.filter(|_| count > 0) else {
            return;
        };
        let next = (at as isize + step).rem_euclid(count as isize) as usize;
        self.tell_found(Some(next), sender);
        voice::say(&self.field, &self.place(), false);
    }

    fn tell_found(&mut self, at: Option<usize>, sender: &ComponentSender<Self>) {
        self.at = at;
        let message = at.and_then(|at| self.found.messages.get(at)).copied();
        let terms = self.wanted.terms.clone();
        tell(sender, FindBarOutput::Found(terms, message));
    }

    /// Returns where one is among those found.
    fn place(&self) -> String {
        let Some(at) = self.at.filter(|_| self.has_looked) else {
            return if self.has_looked {
                gettext("Nothing found")
            } else {
                String::new()
            };
        };
        let count = self.found.messages.len();
        // Translators: which of the messages that were found is shown.
        let sentence = if self.found.has_more {
            gettext("{place} of more than {count}")
        } else {
            gettext("{place} of {count}")
        };
        let (place, count) = ((at + 1).to_string(), count.to_string());
        fill(&sentence, &[("place", &place), ("count", &count)])
    }
}

/// Shift+Enter walks the other way.
fn step_back_by_key(field: &gtk::SearchEntry, sender: &ComponentSender<FindBar>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
        if is_enter && modifiers.contains(gdk::ModifierType::SHIFT_MASK) {
            input.emit(FindBarMsg::Step(1));
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    field.add_controller(keys);
}

fn tell(sender: &ComponentSender<FindBar>, output: FindBarOutput) {
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}
