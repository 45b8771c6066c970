//! The dialog that chooses to whom messages go: several chats or contacts, found
//! by a few letters.
//!
//! The keyboard stays in the field: the arrows move a mark in the list, Enter
//! chooses what is marked, or does not any more, and Ctrl+Enter sends.

mod list;

use std::collections::BTreeSet;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use super::errors;
use super::i18n::{count, gettext};
use super::switcher::candidates;
use super::switcher::rank::{Candidate, rank};
use crate::engine::api::{Command, Engine};
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{Account, Contact, ConversationId, ConversationRow, MessageId};

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
    messages: Vec<MessageId>,
    candidates: Vec<Candidate>,
    has_read: bool,
    typed: String,
    /// Places in `candidates`, in the order of the list.
    found: Vec<usize>,
    /// Places in `candidates`.
    chosen: BTreeSet<usize>,
    trouble: Option<String>,
    is_sending: bool,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum ForwardMsg {
    /// The field holds this.
    Typed(String),
    /// Mark the next line, or the one before.
    Step(i32),
    /// Choose what is marked, or not any more.
    TurnMarked,
    /// Choose this line, or not any more.
    Turn(usize),
    /// Send to all that are chosen.
    Send,
}

/// What the dialog tells.
#[derive(Debug)]
pub enum ForwardOutput {
    /// The messages went to so many chats.
    Forwarded(u32),
}

/// Accounts, contacts and chats.
type People = (Vec<Account>, Vec<Contact>, Vec<ConversationRow>);

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
            set_focus: Some(&search),

            #[wrap(Some)]
            set_child = &adw::ToolbarView {
                add_top_bar = &adw::HeaderBar {},

                #[wrap(Some)]
                set_content = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 6,

                    #[name(search)]
                    gtk::SearchEntry {
                        set_placeholder_text: Some(&gettext("Name, address or account")),
                        update_property: &[gtk::accessible::Property::Label(&gettext("Name, address or account"))],
                        set_margin_start: 12,
                        set_margin_end: 12,
                        set_search_delay: 0,
                        connect_search_changed[sender] => move |entry| {
                            sender.input(ForwardMsg::Typed(entry.text().into()));
                        },
                        connect_activate => ForwardMsg::TurnMarked,
                        connect_stop_search[root] => move |_| { root.close(); },
                    },
                    gtk::Label {
                        set_wrap: true,
                        set_xalign: 0.0,
                        set_margin_start: 12,
                        set_margin_end: 12,
                        add_css_class: "error",
                        set_accessible_role: gtk::AccessibleRole::Alert,
                        #[watch]
                        set_visible: model.trouble.is_some(),
                        #[watch]
                        set_label: model.trouble.as_deref().unwrap_or_default(),
                    },
                    #[name(pages)]
                    gtk::Stack {
                        set_vexpand: true,
                        add_child = &gtk::Box {} -> {
                            set_name: "reading",
                        },
                        add_child = &gtk::ScrolledWindow {
                            set_hscrollbar_policy: gtk::PolicyType::Never,
                            #[name(list)]
                            gtk::ListBox {
                                set_css_classes: &["navigation-sidebar", "switcher"],
                                set_selection_mode: gtk::SelectionMode::Browse,
                                update_property: &[gtk::accessible::Property::Label(&gettext("Chats and contacts"))],
                                connect_row_activated[sender] => move |_, row| {
                                    sender.input(ForwardMsg::Turn(row.index().max(0) as usize));
                                },
                            },
                        } -> {
                            set_name: "found",
                        },
                        add_child = &adw::StatusPage {
                            set_title: &gettext("Nothing found"),
                            set_description: Some(&gettext("No chat and no contact has this name or address.")),
                            add_css_class: "compact",
                        } -> {
                            set_name: "nothing-found",
                        },
                    },
                },
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
        sender.oneshot_command(async move {
            let people = async {
                Ok((
                    reader.accounts().await?,
                    reader.contacts().await?,
                    reader.conversations().await?,
                ))
            };
            ForwardRead::People(people.await)
        });
        let model = Self {
            engine,
            messages,
            candidates: Vec::new(),
            has_read: false,
            typed: String::new(),
            found: Vec::new(),
            chosen: BTreeSet::new(),
            trouble: None,
            is_sending: false,
        };
        let widgets = view_output!();
        act_by_key(&widgets.search, &root, &sender);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: ForwardMsg,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            ForwardMsg::Typed(text) => {
                self.typed = text;
                self.trouble = None;
                self.show_found(widgets);
            }
            ForwardMsg::Step(step) => list::step_to(widgets, step),
            ForwardMsg::TurnMarked => {
                if let Some(row) = widgets.list.selected_row() {
                    self.turn(row.index().max(0) as usize, widgets);
                }
            }
            ForwardMsg::Turn(place) => self.turn(place, widgets),
            ForwardMsg::Send => self.send(&sender),
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        answer: ForwardRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            ForwardRead::People(Ok((accounts, contacts, chats))) => {
                self.candidates = candidates(&accounts, contacts, chats);
                self.has_read = true;
                self.show_found(widgets);
            }
            ForwardRead::People(Err(error)) => self.trouble = Some(errors::store(&error).text),
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
                self.trouble = Some(errors::open_chat(&error));
            }
        }
        self.update_view(widgets, sender);
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

    fn turn(&mut self, place: usize, widgets: &ForwardWidgets) {
        let Some(candidate) = self.found.get(place).copied() else {
            return;
        };
        if !self.chosen.remove(&candidate) {
            self.chosen.insert(candidate);
        }
        list::show_chosen(widgets, place, self.chosen.contains(&candidate));
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

    fn show_found(&mut self, widgets: &ForwardWidgets) {
        self.found = rank(&self.typed, &self.candidates);
        self.found.truncate(MOST_MATCHES);
        // Not `remove_all`: it would leave a freed row marked.
        while let Some(row) = widgets.list.row_at_index(0) {
            widgets.list.remove(&row);
        }
        for place in &self.found {
            let is_chosen = self.chosen.contains(place);
            widgets
                .list
                .append(&list::line(&self.candidates[*place], is_chosen));
        }
        widgets
            .list
            .select_row(widgets.list.row_at_index(0).as_ref());
        widgets.pages.set_visible_child_name(if !self.has_read {
            "reading"
        } else if self.found.is_empty() {
            "nothing-found"
        } else {
            "found"
        });
        if !self.typed.trim().is_empty() {
            list::say(widgets);
        }
    }
}

fn act_by_key(search: &gtk::SearchEntry, dialog: &adw::Dialog, sender: &ComponentSender<Forward>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, _| {
        let step = match key {
            gdk::Key::Down | gdk::Key::KP_Down => 1,
            gdk::Key::Up | gdk::Key::KP_Up => -1,
            _ => return glib::Propagation::Proceed,
        };
        input.emit(ForwardMsg::Step(step));
        glib::Propagation::Stop
    });
    search.add_controller(keys);
    let everywhere = gtk::EventControllerKey::new();
    everywhere.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    everywhere.connect_key_pressed(move |_, key, _, modifiers| {
        let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
        if is_enter && modifiers.contains(gdk::ModifierType::CONTROL_MASK) {
            input.emit(ForwardMsg::Send);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    dialog.add_controller(everywhere);
}
