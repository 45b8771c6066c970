//! Who a chat is with: name, address, presence, labels, and what one can do.
//!
//! A dialog over the window. Somebody who is not in the contact list has
//! details too; what is not known of a stranger is not claimed.

pub mod contact;
mod encryption;
mod page;
mod settings;

use relm4::adw::prelude::*;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};

use self::page::Page;
use crate::engine::api::{Command, Engine};
use crate::engine::error::StoreError;
use crate::engine::model::{
    Account, Blocked, ChatSettings, ConnectionState, Contact, ConversationRow, Device, Preferences,
};
use crate::ui::conversation::chat_menu::{self, ChatWish};
use crate::ui::conversation::header::{self, Doing};
use crate::ui::encryption::devices::{self, Devices, DevicesOutput};
use crate::ui::i18n::gettext;

/// What the details are made with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The chat.
    pub row: ConversationRow,
    /// The user's account, when there are several.
    pub account: Option<Account>,
}

/// The details' state.
pub struct Details {
    engine: Engine,
    row: ConversationRow,
    account: Option<Account>,
    /// The other side lets us see whether they are around.
    shows_presence: bool,
    page: Page,
    /// What the contact list says; `None` for a stranger.
    contact: Option<Contact>,
    has_settings: bool,
    devices: Option<Controller<Devices>>,
}

/// What the details are told.
#[derive(Debug)]
pub enum DetailsMsg {
    /// Chats or contacts changed.
    Changed,
    /// Somebody came or left, or the account did.
    Presence,
    /// Copy the address.
    Copy,
    /// Show the devices.
    Devices,
    /// Add them to the contacts, or change what those say.
    EditContact,
    /// Take them out of the contacts, after a question.
    RemoveContact,
    /// Let them in again.
    Unblock,
    /// The user wishes something for this chat.
    Wish(ChatWish),
}

/// What the details tell.
#[derive(Debug)]
pub enum DetailsOutput {
    /// The user wishes something for this chat.
    Wish(ChatWish, Box<ConversationRow>),
}

/// What is read for the details.
#[derive(Debug)]
pub struct Known {
    row: Option<ConversationRow>,
    contact: Option<Contact>,
    is_blocked: bool,
    preferences: Preferences,
    devices: Vec<Device>,
    settings: ChatSettings,
    /// For how many days the account keeps messages; 0: for ever.
    account_days: u32,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Details {
    type Init = Init;
    type Input = DetailsMsg;
    type Output = DetailsOutput;
    type CommandOutput = Result<Known, StoreError>;

    view! {
        adw::Dialog {
            set_title: &gettext("Contact Details"),
            set_content_width: 480,
            set_content_height: 640,
            add_css_class: "details",

            #[wrap(Some)]
            #[name(toasts)]
            set_child = &adw::ToastOverlay {
                #[wrap(Some)]
                #[name(pages)]
                set_child = &adw::NavigationView {
                    add = &adw::NavigationPage {
                        set_title: &gettext("Contact Details"),
                        #[wrap(Some)]
                        set_child = &adw::ToolbarView {
                            add_top_bar = &adw::HeaderBar {
                                set_show_title: false,
                            },
                            #[wrap(Some)]
                            set_content = &gtk::ScrolledWindow {
                                set_hscrollbar_policy: gtk::PolicyType::Never,
                                #[local_ref]
                                content -> gtk::Box {},
                            },
                        },
                    },
                },
            },
        }
    }

    fn init(init: Init, root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let page = Page::new(sender.input_sender());
        let input = sender.input_sender().clone();
        let actions = chat_menu::actions(move |wish| input.emit(DetailsMsg::Wish(wish)));
        root.insert_action_group(chat_menu::GROUP, Some(&actions));
        let content = page.widget.clone();
        let first = page.mute.clone();
        let model = Self {
            engine: init.engine,
            row: init.row,
            account: init.account,
            shows_presence: false,
            page,
            contact: None,
            has_settings: false,
            devices: None,
        };
        let widgets = view_output!();
        root.set_focus(Some(&first));
        model.page.show_row(&model.row, model.account.as_ref());
        model.show_presence();
        model.read(&sender);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: DetailsMsg,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match message {
            DetailsMsg::Changed => self.read(&sender),
            DetailsMsg::Presence => self.show_presence(),
            DetailsMsg::Copy => {
                root.clipboard().set_text(&self.row.address);
                let toast = adw::Toast::new(&gettext("Address copied"));
                widgets.toasts.add_toast(toast);
            }
            DetailsMsg::Devices => self.show_devices(widgets, &sender),
            DetailsMsg::EditContact => {
                contact::edit(root, &self.engine, &self.row, self.contact.as_ref());
            }
            DetailsMsg::RemoveContact => contact::ask_to_remove(root, &self.engine, &self.row),
            DetailsMsg::Unblock => self.engine.command(Command::Unblock {
                account: self.row.account,
                address: self.row.address.clone(),
            }),
            DetailsMsg::Wish(wish) => {
                // Nobody listens while the window closes.
                let _ = sender.output(DetailsOutput::Wish(wish, Box::new(self.row.clone())));
            }
        }
    }

    fn update_cmd(
        &mut self,
        known: Self::CommandOutput,
        _sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match known {
            Ok(known) => {
                if let Some(row) = known.row {
                    self.row = row;
                }
                self.page.show_row(&self.row, self.account.as_ref());
                let contact = known.contact.as_ref();
                self.shows_presence =
                    contact.is_some_and(|contact| contact.subscription.shows_them());
                let everywhere = known.preferences.sends_read_markers;
                let sends_markers = known.settings.sends_read_markers.unwrap_or(everywhere);
                if !std::mem::replace(&mut self.has_settings, true) {
                    // What is chosen there shows by itself.
                    self.page.settings.append(&settings::group(
                        &self.engine,
                        self.row.id,
                        &known.settings,
                        known.account_days,
                    ));
                }
                self.page
                    .show_contact(&self.row, known.contact.as_ref(), sends_markers);
                self.page.show_blocked(&self.row, known.is_blocked);
                self.page.show_devices(&self.row, &known.devices);
                self.contact = known.contact;
                self.show_presence();
            }
            Err(error) => tracing::warn!(%error, "A contact cannot be read."),
        }
    }
}

impl Details {
    fn read(&self, sender: &ComponentSender<Self>) {
        let (engine, row) = (self.engine.clone(), self.row.clone());
        sender.oneshot_command(async move {
            Ok(Known {
                contact: engine.contact(row.account, &row.address).await?,
                is_blocked: is_blocked(&row, &engine.blocked().await?),
                preferences: engine.preferences().await?,
                devices: engine.devices(row.account, &row.address).await?,
                row: engine.conversation(row.id).await?,
                settings: engine.chat_settings(row.id).await?,
                account_days: engine
                    .accounts()
                    .await?
                    .into_iter()
                    .find(|account| account.id == row.account)
                    .map_or(0, |account| account.keeps_days),
            })
        });
    }

    fn show_devices(&mut self, widgets: &DetailsWidgets, sender: &ComponentSender<Self>) {
        let init = devices::Init {
            engine: self.engine.clone(),
            account: self.row.account,
            address: self.row.address.clone(),
            name: self.row.name.clone(),
            is_own: false,
        };
        let page = Devices::builder()
            .launch(init)
            .forward(sender.input_sender(), |output| match output {
                DevicesOutput::Verify => DetailsMsg::Wish(ChatWish::Verify),
            });
        widgets.pages.push(page.widget());
        self.devices = Some(page);
    }

    fn show_presence(&self) {
        let connections = self.engine.connections();
        let is_online = connections
            .get(&self.row.account)
            .is_some_and(ConnectionState::is_online);
        let around = self.engine.around(self.row.account, &self.row.address);
        let words = header::caption(Doing {
            is_typing: false,
            around,
            is_known: is_online && self.shows_presence,
        });
        self.page.show_presence(around, &words);
        self.page.show_online(is_online);
    }
}

/// Returns whether the user keeps somebody away. A server that is blocked as a
/// whole is let in again in the preferences.
fn is_blocked(row: &ConversationRow, blocked: &[Blocked]) -> bool {
    blocked
        .iter()
        .any(|blocked| blocked.account == row.account && blocked.address == row.address)
}
