//! The quick switcher: a few letters, then Enter, and another chat is open.
//!
//! The keyboard stays in the field; the arrows move a mark in the list below it,
//! and what is marked is said aloud. Chats and contacts are read once when the
//! dialog opens; [`rank`](mod@rank) decides their order.

mod list;
pub mod rank;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use self::rank::{Candidate, rank};
use super::errors;
use super::i18n::gettext;
use super::widgets::account_mark::AccountMark;
use crate::engine::api::Engine;
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{Account, AccountId, Contact, ConversationId, ConversationRow};

/// More matches than this are no help.
const MOST_MATCHES: usize = 30;

/// The dialog's state.
pub struct Switcher {
    engine: Engine,
    candidates: Vec<Candidate>,
    has_read: bool,
    typed: String,
    /// Places in `candidates`, in the order of the list.
    found: Vec<usize>,
    trouble: Option<String>,
    is_opening: bool,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum SwitcherMsg {
    /// The field holds this.
    Typed(String),
    /// Mark the next line, or the one before.
    Step(i32),
    /// Enter: go to what is marked.
    Go,
    /// A line was clicked.
    Clicked(usize),
}

/// What the dialog tells.
#[derive(Debug)]
pub enum SwitcherOutput {
    /// This chat is to be opened.
    Chosen(ConversationId),
}

/// Accounts, contacts and chats.
type People = (Vec<Account>, Vec<Contact>, Vec<ConversationRow>);

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
    type Input = SwitcherMsg;
    type Output = SwitcherOutput;
    type CommandOutput = SwitcherRead;

    view! {
        adw::Dialog {
            set_title: &gettext("Go to a Chat"),
            set_content_width: 460,
            set_content_height: 480,
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
                            sender.input(SwitcherMsg::Typed(entry.text().into()));
                        },
                        connect_activate => SwitcherMsg::Go,
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
                                    sender.input(SwitcherMsg::Clicked(row.index().max(0) as usize));
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
                        add_child = &adw::StatusPage {
                            set_title: &gettext("No chats yet"),
                            set_description: Some(&gettext("Your chats and contacts will be listed here.")),
                            add_css_class: "compact",
                        } -> {
                            set_name: "nobody",
                        },
                    },
                },
            },
        }
    }

    fn init(
        engine: Engine,
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
            SwitcherRead::People(people.await)
        });
        let model = Self {
            engine,
            candidates: Vec::new(),
            has_read: false,
            typed: String::new(),
            found: Vec::new(),
            trouble: None,
            is_opening: false,
        };
        let widgets = view_output!();
        walk_by_arrows(&widgets.search, &sender);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: SwitcherMsg,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match message {
            SwitcherMsg::Typed(text) => {
                self.typed = text;
                self.trouble = None;
                self.show_found(widgets);
            }
            SwitcherMsg::Step(step) => list::step_to(widgets, step),
            SwitcherMsg::Go => {
                if let Some(row) = widgets.list.selected_row() {
                    self.go(row.index().max(0) as usize, root, &sender);
                }
            }
            SwitcherMsg::Clicked(place) => self.go(place, root, &sender),
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        answer: SwitcherRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            SwitcherRead::People(Ok((accounts, contacts, mut chats))) => {
                chats.retain(|chat| !chat.is_request);
                self.candidates = candidates(&accounts, contacts, chats);
                self.has_read = true;
                self.show_found(widgets);
            }
            SwitcherRead::People(Err(error)) => self.trouble = Some(errors::store(&error).text),
            SwitcherRead::Chat(Ok(id)) => choose(id, root, &sender),
            SwitcherRead::Chat(Err(error)) => {
                self.is_opening = false;
                self.trouble = Some(errors::open_chat(&error));
            }
        }
        self.update_view(widgets, sender);
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

    fn show_found(&mut self, widgets: &SwitcherWidgets) {
        self.found = rank(&self.typed, &self.candidates);
        self.found.truncate(MOST_MATCHES);
        // Not `remove_all`: it would leave a freed row marked.
        while let Some(row) = widgets.list.row_at_index(0) {
            widgets.list.remove(&row);
        }
        for place in &self.found {
            widgets.list.append(&list::line(&self.candidates[*place]));
        }
        widgets
            .list
            .select_row(widgets.list.row_at_index(0).as_ref());
        widgets.pages.set_visible_child_name(if !self.has_read {
            "reading"
        } else if self.candidates.is_empty() {
            "nobody"
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

fn choose(id: ConversationId, root: &adw::Dialog, sender: &ComponentSender<Switcher>) {
    // Nobody listens while the window closes.
    let _ = sender.output(SwitcherOutput::Chosen(id));
    root.close();
}

/// Returns chats, and those contacts who have none.
pub fn candidates(
    accounts: &[Account],
    contacts: Vec<Contact>,
    chats: Vec<ConversationRow>,
) -> Vec<Candidate> {
    let address_of = |id: AccountId| {
        let account = accounts.iter().find(|account| account.id == id);
        account
            .filter(|_| accounts.len() > 1)
            .map_or_else(String::new, |account| account.address.clone())
    };
    let without_chat: Vec<Candidate> = contacts
        .into_iter()
        .filter(|contact| {
            !chats
                .iter()
                .any(|chat| chat.account == contact.account && chat.address == contact.address)
        })
        .map(|contact| Candidate {
            account: contact.account,
            mark: AccountMark::of(accounts, contact.account),
            account_address: address_of(contact.account),
            name: contact.shown_name().to_owned(),
            picture: contact.picture.clone(),
            address: contact.address,
            chat: None,
            time: 0,
        })
        .collect();
    chats
        .into_iter()
        .map(|chat| Candidate {
            account: chat.account,
            mark: AccountMark::of(accounts, chat.account),
            account_address: address_of(chat.account),
            name: chat.name,
            picture: chat.picture,
            address: chat.address,
            chat: Some(chat.id),
            time: chat.last_time,
        })
        .chain(without_chat)
        .collect()
}

fn walk_by_arrows(search: &gtk::SearchEntry, sender: &ComponentSender<Switcher>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let step = match key {
            gdk::Key::Down | gdk::Key::KP_Down => 1,
            gdk::Key::Up | gdk::Key::KP_Up => -1,
            // Pressed again, it goes on to the next, as in other programs.
            gdk::Key::k if modifiers.contains(gdk::ModifierType::CONTROL_MASK) => 1,
            _ => return glib::Propagation::Proceed,
        };
        input.emit(SwitcherMsg::Step(step));
        glib::Propagation::Stop
    });
    search.add_controller(keys);
}
