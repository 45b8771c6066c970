//! The quick switcher: a few letters, then Enter, and another chat is open.
//!
//! Chats and contacts are read once when the dialog opens;
//! `super::chooser::rank` decides their order.

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use super::chooser::people::{self, People, candidates};
use super::chooser::rank::{Candidate, rank};
use super::chooser::{self, Chooser, Heard, Instead};
use super::errors;
use super::i18n::gettext;
use crate::engine::api::Engine;
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::ConversationId;

/// More matches than this are no help.
const MOST_MATCHES: usize = 30;

/// The dialog's state.
pub struct Switcher {
    engine: Engine,
    chooser: Chooser,
    candidates: Vec<Candidate>,
    has_read: bool,
    typed: String,
    /// Places in `candidates`, in the order of the list.
    found: Vec<usize>,
    is_opening: bool,
}

/// What the dialog tells.
#[derive(Debug)]
pub enum SwitcherOutput {
    /// This chat is to be opened.
    Chosen(ConversationId),
}

/// An answer of the engine.
#[derive(Debug)]
pub enum SwitcherRead {
    /// Who there is.
    People(Result<People, StoreError>),
    /// The chat with somebody who had none.
    Chat(Result<ConversationId, OpenChatError>),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Switcher {
    type Init = Engine;
    type Input = Heard;
    type Output = SwitcherOutput;
    type CommandOutput = SwitcherRead;

    view! {
        adw::Dialog {
            set_title: &gettext("Go to a Chat"),
            set_content_width: 460,
            set_content_height: 480,
            set_focus: Some(&model.chooser.search),

            #[wrap(Some)]
            set_child = &adw::ToolbarView {
                add_top_bar = &adw::HeaderBar {},
                set_content: Some(&model.chooser.widget),
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let reader = engine.clone();
        sender.oneshot_command(async move { SwitcherRead::People(People::read(&reader).await) });
        let input = sender.input_sender().clone();
        let chooser = Chooser::new(
            &gettext("Name, address or account"),
            &gettext("Chats and contacts"),
            move |heard| input.emit(heard),
        );
        go_on_by_key(&chooser.search, &sender);
        let model = Self {
            engine,
            chooser,
            candidates: Vec::new(),
            has_read: false,
            typed: String::new(),
            found: Vec::new(),
            is_opening: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, heard: Heard, sender: ComponentSender<Self>, root: &Self::Root) {
        match heard {
            Heard::Typed(text) => {
                self.typed = text;
                self.chooser.show_trouble(None);
                self.show_found();
            }
            Heard::Step(step) => self.chooser.step(step),
            Heard::Enter => {
                if let Some(place) = self.chooser.marked() {
                    self.go(place, root, &sender);
                }
            }
            Heard::Clicked(place) => self.go(place, root, &sender),
            Heard::Left => {
                root.close();
            }
        }
    }

    fn update_cmd(
        &mut self,
        answer: SwitcherRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            SwitcherRead::People(Ok(mut people)) => {
                people.chats.retain(|chat| !chat.is_request);
                self.candidates = candidates(people);
                self.has_read = true;
                self.show_found();
            }
            SwitcherRead::People(Err(error)) => {
                self.chooser.show_trouble(Some(&errors::store(&error).text));
            }
            SwitcherRead::Chat(Ok(id)) => choose(id, root, &sender),
            SwitcherRead::Chat(Err(error)) => {
                self.is_opening = false;
                self.chooser.show_trouble(Some(&errors::open_chat(&error)));
            }
        }
    }
}

impl Switcher {
    fn go(&mut self, place: usize, root: &adw::Dialog, sender: &ComponentSender<Self>) {
        let Some(candidate) = self.found.get(place).map(|place| &self.candidates[*place]) else {
            return;
        };
        if std::mem::replace(&mut self.is_opening, true) {
            return;
        }
        if let Some(chat) = candidate.chat {
            choose(chat, root, sender);
            return;
        }
        let (engine, account, address) = (
            self.engine.clone(),
            candidate.account,
            candidate.address.clone(),
        );
        sender.oneshot_command(async move {
            SwitcherRead::Chat(engine.open_chat(account, address).await)
        });
    }

    fn show_found(&mut self) {
        self.found = rank(&self.typed, &self.candidates);
        self.found.truncate(MOST_MATCHES);
        let candidates = self.found.iter().map(|place| &self.candidates[*place]);
        let rows: Vec<_> = candidates.map(|found| people::line(found).0).collect();
        let instead = self.has_read.then(|| {
            if self.candidates.is_empty() {
                Instead {
                    title: gettext("No chats yet"),
                    text: gettext("Your chats and contacts will be listed here."),
                }
            } else {
                chooser::nothing_found()
            }
        });
        self.chooser.show(&rows, instead);
    }
}

fn choose(id: ConversationId, root: &adw::Dialog, sender: &ComponentSender<Switcher>) {
    // Nobody listens while the window closes.
    let _ = sender.output(SwitcherOutput::Chosen(id));
    root.close();
}

/// The key that opened it, pressed again, goes on to the next, as in other
/// programs.
fn go_on_by_key(search: &gtk::SearchEntry, sender: &ComponentSender<Switcher>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        if key == gdk::Key::k && modifiers.contains(gdk::ModifierType::CONTROL_MASK) {
            input.emit(Heard::Step(1));
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    search.add_controller(keys);
}
