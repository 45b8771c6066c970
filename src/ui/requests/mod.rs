//! The page of people who wait for the user's word: who they are, the first words
//! of strangers as plain text, and what to do about them.
//!
//! Nothing is fetched and nothing is told to anybody by looking at it. Many
//! from one server fold into one card.

mod cards;

use std::collections::BTreeSet;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use self::cards::Card;
use super::i18n::{count, gettext};
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, ConversationRow};
use crate::ui::sidebar::requests::waits;
use crate::ui::widgets::label::sentence;

/// The page's state.
pub struct Requests {
    engine: Engine,
    rows: Vec<ConversationRow>,
    /// Those that are being declined; the user may still undo it.
    declining: BTreeSet<ConversationId>,
    is_reading: bool,
    is_stale: bool,
}

/// What the page is told.
#[derive(Debug)]
pub enum RequestsMsg {
    /// Chats changed in the store.
    Changed,
    /// Let somebody in.
    Accept(ConversationId),
    /// Decline these, unless it is undone.
    Decline(Vec<ConversationId>),
    /// Decline all that are shown, unless it is undone.
    DeclineAll,
    /// These are not declined after all.
    Undone(Vec<ConversationId>),
    /// Ask whether to block this person, or this server.
    Block(AccountId, String, String),
    /// Give the keyboard to the first card.
    Focus,
}

/// What the page tells.
#[derive(Debug)]
pub enum RequestsOutput {
    /// Somebody was let in: their chat is to be opened.
    Accepted(ConversationId),
    /// These are to be declined in a while.
    Declining(Vec<ConversationId>),
    /// Ask whether to block: account, address, and what they are called.
    Block(AccountId, String, String),
    /// The history could not be read.
    Trouble(StoreError),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Requests {
    type Init = Engine;
    type Input = RequestsMsg;
    type Output = RequestsOutput;
    type CommandOutput = Result<Vec<ConversationRow>, StoreError>;

    view! {
        adw::ToolbarView {
            add_top_bar = &adw::HeaderBar {
                #[wrap(Some)]
                set_title_widget = &adw::WindowTitle {
                    set_title: &gettext("Requests"),
                    #[watch]
                    set_subtitle: &model.people(),
                },
                pack_end = &gtk::Button {
                    set_label: &gettext("Decline All"),
                    #[watch]
                    set_sensitive: !model.shown().is_empty(),
                    connect_clicked => RequestsMsg::DeclineAll,
                },
            },
            #[wrap(Some)]
            set_content = &gtk::ScrolledWindow {
                set_hscrollbar_policy: gtk::PolicyType::Never,
                adw::Clamp {
                    set_maximum_size: 620,
                    set_tightening_threshold: 620,
                    gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_css_classes: &["request-page"],
                        set_spacing: 12,
                        append: &sentence(
                            &gettext("People who are not among your contacts see nothing of you until you accept: no receipt, no “typing…”, and no picture is fetched."),
                            &["dimmed"],
                        ),
                        #[name(list)]
                        gtk::ListBox {
                            set_selection_mode: gtk::SelectionMode::None,
                            set_css_classes: &["requests"],
                            update_property: &[gtk::accessible::Property::Label(&gettext("Requests"))],
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
        let model = Self {
            engine,
            rows: Vec::new(),
            declining: BTreeSet::new(),
            is_reading: false,
            is_stale: false,
        };
        let widgets = view_output!();
        sender.input(RequestsMsg::Changed);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: RequestsMsg,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        // While the window closes nobody hears what is told.
        match message {
            RequestsMsg::Changed => self.read(&sender),
            RequestsMsg::Accept(id) => drop(sender.output(RequestsOutput::Accepted(id))),
            RequestsMsg::Decline(ids) => self.decline(ids, widgets, &sender),
            RequestsMsg::DeclineAll => {
                let all = self.shown().iter().map(|row| row.id).collect();
                self.decline(all, widgets, &sender);
            }
            RequestsMsg::Undone(ids) => {
                for id in ids {
                    self.declining.remove(&id);
                }
                self.show(widgets, &sender);
            }
            RequestsMsg::Block(account, address, name) => {
                let _ = sender.output(RequestsOutput::Block(account, address, name));
            }
            RequestsMsg::Focus => {
                widgets.list.child_focus(gtk::DirectionType::TabForward);
            }
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        read: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        self.is_reading = false;
        match read {
            Ok(rows) => {
                let waiting: Vec<ConversationRow> = rows.into_iter().filter(waits).collect();
                if waiting != self.rows {
                    self.rows = waiting;
                    self.show(widgets, &sender);
                }
            }
            // Nobody listens while the window closes.
            Err(error) => drop(sender.output(RequestsOutput::Trouble(error))),
        }
        if std::mem::take(&mut self.is_stale) {
            self.read(&sender);
        }
        self.update_view(widgets, sender);
    }
}

impl Requests {
    fn read(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.is_reading, true) {
            self.is_stale = true;
            return;
        }
        let engine = self.engine.clone();
        sender.oneshot_command(async move { engine.conversations().await });
    }

    fn shown(&self) -> Vec<&ConversationRow> {
        let is_shown = |row: &&ConversationRow| !self.declining.contains(&row.id);
        self.rows.iter().filter(is_shown).collect()
    }

    fn decline(
        &mut self,
        ids: Vec<ConversationId>,
        widgets: &RequestsWidgets,
        sender: &ComponentSender<Self>,
    ) {
        self.declining.extend(&ids);
        self.show(widgets, sender);
        // Nobody listens while the window closes.
        let _ = sender.output(RequestsOutput::Declining(ids));
    }

    fn show(&self, widgets: &RequestsWidgets, sender: &ComponentSender<Self>) {
        let had_focus = widgets.list.focus_child().is_some();
        widgets.list.remove_all();
        for card in cards::cards(&self.shown()) {
            let row = match card {
                Card::Person(row) => cards::person(row, sender.input_sender()),
                Card::Server(domain, rows) => cards::server(domain, &rows, sender.input_sender()),
                Card::More(left) => cards::more(left),
            };
            widgets.list.append(&row);
        }
        if had_focus {
            widgets.list.child_focus(gtk::DirectionType::TabForward);
        }
    }

    fn people(&self) -> String {
        let people = u32::try_from(self.shown().len()).unwrap_or(u32::MAX);
        count("{count} person", "{count} people", people)
    }
}
