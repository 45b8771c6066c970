//! The window itself: which page is shown, and who hears what.
//!
//! Holds no domain data but the accounts and their connections, which concern
//! every part. Events of the engine come in as one [`route::Batch`] and go down
//! to the children (`hear`); what children tell comes up here. Messages, the
//! banner's state, keys and small pages have files of their own beside this.

mod about;
mod actions;
mod background;
mod chats;
mod connection;
mod contacts;
mod encryption;
mod events;
mod export;
mod finding;
mod hear;
mod link;
mod look;
mod message;
mod network;
mod notify;
mod pages;
mod password;
mod people;
mod region;
pub mod route;
mod seen;
mod settings;
mod shortcuts;
mod verification;

use std::collections::BTreeMap;
use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};
use tokio::sync::oneshot;

use self::link::Links;
use self::look::Look;
pub use self::message::{AppMsg, AppRead};
use self::network::Network;
pub use self::pages::menu;
use self::pages::{narrow, new_day, quit_on_signals, say_trouble, show_toast, start_failure};
use self::seen::Seen;
use super::account_setup::form::Form;
use super::account_setup::{AccountSetup, AccountSetupMsg, AccountSetupOutput};
use super::console::Console;
use super::conversation::banner::Banner;
use super::conversation::chat_menu::ChatWish;
use super::conversation::{
    self, ConversationMsg, ConversationOutput, ConversationView, Find, Part,
};
use super::details::Details;
use super::encryption::devices::Devices;
use super::encryption::message_details::MessageDetails;
use super::errors;
use super::i18n::gettext;
use super::new_chat::{NewChat, NewChatOutput};
use super::notify::Notifier;
use super::preferences::{PreferencesDialog, PreferencesMsg};
use super::requests::Requests;
use super::security::Security;
use super::sidebar::{Sidebar, SidebarMsg, SidebarOutput};
use super::switcher::{Switcher, SwitcherOutput};
use super::verification::Verification;
use super::widgets::faces;
use crate::engine::api::{Command, Engine, NewIdentity};
use crate::engine::error::{StartError, StoreTrouble};
use crate::engine::model::{
    Account, AccountId, ConnectionState, ConversationId, ConversationRow, PasswordTrouble,
    Preferences, ServerLacks,
};

/// What the program was started with.
pub struct Init {
    /// Starts the engine; called once the program knows to be the only one.
    pub start: Box<dyn FnOnce() -> Result<Engine, StartError>>,
    /// File that fills the sign-in form.
    pub sign_in_from: Option<PathBuf>,
}

/// The window's state.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
pub struct App {
    window: adw::ApplicationWindow,
    parts: Option<Parts>,
    sign_in_from: Option<PathBuf>,
    accounts: Vec<Account>,
    has_read_accounts: bool,
    connections: BTreeMap<AccountId, ConnectionState>,
    waiting: BTreeMap<AccountId, u32>,
    /// Devices of the user's own that nobody was told of yet.
    new_devices: BTreeMap<AccountId, u32>,
    /// What servers lack, as far as the user was not told before.
    lacks: BTreeMap<AccountId, ServerLacks>,
    banner: Option<Banner>,
    open: Option<ConversationRow>,
    is_narrow: bool,
    shows_chat: bool,
    new_chat: Option<Controller<NewChat>>,
    details: Option<Controller<Details>>,
    switcher: Option<Controller<Switcher>>,
    preferences_dialog: Option<Controller<PreferencesDialog>>,
    security: Option<Controller<Security>>,
    console: Option<Controller<Console>>,
    verification: Option<Controller<Verification>>,
    preferences: Preferences,
    /// The first reading of them is over, whether it worked or not.
    has_read_preferences: bool,
    /// A reading of them worked.
    knows_preferences: bool,
    /// Somebody asked for the window; before, it waits as a service.
    is_wanted: bool,
    /// How often the engine was told what is set.
    told_preferences: u32,
    look: Look,
    /// The chat that was open last, now or before the start.
    last_open: Option<ConversationId>,
    is_stopping: bool,
    links: Links,
    store_trouble: Option<StoreTrouble>,
    devices: Option<Controller<Devices>>,
    /// The page of requests, once it was shown.
    requests: Option<Controller<Requests>>,
    /// How many messages are unread, as the desktop knows it.
    unread: u32,
    /// The window is the one in use.
    is_active: bool,
    message_details: Option<Controller<MessageDetails>>,
    /// Accounts that have new keys here, and about which the user was not told yet.
    identities: Vec<(AccountId, NewIdentity)>,
    /// Passwords that could not be kept, and about which the user was not asked yet.
    passwords: BTreeMap<AccountId, PasswordTrouble>,
}

/// What there is once the engine runs.
struct Parts {
    engine: Engine,
    sidebar: Controller<Sidebar>,
    conversation: Controller<ConversationView>,
    setup: Controller<AccountSetup>,
    _network: Network,
    seen: Option<Seen>,
    notifier: Notifier,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for App {
    type Init = Init;
    type Input = AppMsg;
    type Output = ();
    type CommandOutput = AppRead;

    view! {
        adw::ApplicationWindow {
            set_title: Some("Stonechat"),
            set_icon_name: Some(super::APPLICATION_ID),
            set_default_size: (1100, 720),
            set_size_request: (360, 294),
            connect_is_active_notify[sender] => move |window| {
                // All but the window may be gone when it closes.
                let _ = sender.input_sender().send(AppMsg::Active(window.is_active()));
            },
            connect_close_request[sender] => move |_| {
                let _ = sender.input_sender().send(AppMsg::WindowClosed);
                glib::Propagation::Stop
            },

            #[wrap(Some)]
            #[name(toasts)]
            set_content = &adw::ToastOverlay {
                #[name(pages)]
                #[wrap(Some)]
                set_child = &gtk::Stack {
                    set_transition_type: gtk::StackTransitionType::Crossfade,

                    add_child = &gtk::Box {} -> {
                        set_name: "starting",
                    },
                    #[name(split)]
                    add_child = &adw::NavigationSplitView {
                        set_min_sidebar_width: 280.0,
                        set_max_sidebar_width: 340.0,
                        set_sidebar_width_fraction: 0.28,
                        #[watch]
                        set_collapsed: model.is_narrow,
                        connect_show_content_notify[sender] => move |split| {
                            let _ = sender.input_sender().send(AppMsg::ShowsChat(split.shows_content()));
                        },

                        #[name(list_page)]
                        #[wrap(Some)]
                        set_sidebar = &adw::NavigationPage {
                            set_title: &gettext("Chats"),
                        },
                        #[name(chat_page)]
                        #[wrap(Some)]
                        set_content = &adw::NavigationPage {
                            #[watch]
                            set_title: &conversation::title(model.open.as_ref()),
                        },
                    } -> {
                        set_name: "chats",
                    },
                },
            },
        }
    }

    fn init(init: Init, root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        actions::install(&root, sender.input_sender());
        let mut model = Self {
            window: root.clone(),
            parts: None,
            sign_in_from: init.sign_in_from,
            accounts: Vec::new(),
            has_read_accounts: false,
            connections: BTreeMap::new(),
            waiting: BTreeMap::new(),
            new_devices: BTreeMap::new(),
            lacks: BTreeMap::new(),
            banner: None,
            open: None,
            is_narrow: false,
            shows_chat: false,
            new_chat: None,
            details: None,
            switcher: None,
            preferences_dialog: None,
            security: None,
            console: None,
            verification: None,
            preferences: Preferences::default(),
            has_read_preferences: false,
            knows_preferences: false,
            is_wanted: false,
            told_preferences: 0,
            look: Look::default(),
            last_open: None,
            is_stopping: false,
            links: Links::default(),
            store_trouble: None,
            devices: None,
            requests: None,
            unread: 0,
            is_active: false,
            message_details: None,
            identities: Vec::new(),
            passwords: BTreeMap::new(),
        };
        let widgets = view_output!();
        quit_on_signals(&sender);
        root.add_breakpoint(narrow(&sender));
        match (init.start)() {
            Ok(engine) => model.begin(engine, &widgets, &sender),
            Err(error) => {
                tracing::error!(%error, "the engine did not start");
                widgets
                    .pages
                    .add_named(&start_failure(&error), Some("failure"));
                widgets.pages.set_visible_child_name("failure");
            }
        }
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: AppMsg,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match message {
            AppMsg::Engine(batch) => self.hear(*batch, widgets, &sender),
            AppMsg::Opened(row) => {
                self.leave_requests(widgets);
                self.open(*row, widgets);
            }
            AppMsg::Requests => self.show_requests(widgets, &sender),
            AppMsg::AcceptRequest(id) => self.accept_request(id),
            AppMsg::Decline(ids) => self.decline(ids, widgets, &sender),
            AppMsg::Undecline(ids) => self.undecline(ids),
            AppMsg::AskToBlock {
                account,
                address,
                name,
                is_report,
            } => self.ask_to_block(account, &address, &name, is_report, &sender),
            AppMsg::Block(account, address, report) => {
                self.command(Command::Block {
                    account,
                    address,
                    report,
                });
            }
            AppMsg::Answered(answer) => self.answered(answer),
            AppMsg::Unread(unread) => self.unread_is(unread),
            AppMsg::WindowClosed => self.window_closed(&sender),
            AppMsg::Closing(on_close) => self.closing(on_close, &sender),
            AppMsg::Closed => self.close_chat(widgets),
            AppMsg::HasChats(has_chats) => self.tell_chat(ConversationMsg::HasChats(has_chats)),
            // What is behind a dialog is out of reach.
            AppMsg::NewChat
            | AppMsg::SwitchChat
            | AppMsg::SearchChats
            | AppMsg::Search
            | AppMsg::Preferences
            | AppMsg::Shortcuts
            | AppMsg::About
            | AppMsg::Step(_)
            | AppMsg::Region(_)
            | AppMsg::Back
                if root.visible_dialog().is_some() => {}
            AppMsg::NewChat => {
                if !self.is_too_early(AppMsg::NewChat) {
                    self.show_new_chat(&sender);
                }
            }
            AppMsg::OpenLink(link) => self.open_link(link, widgets, &sender),
            AppMsg::WriteTo {
                account,
                address,
                text,
            } => self.write_to(account, address, text, &sender),
            AppMsg::AskToAdd(account, address, invitation) => {
                self.ask_to_add(account, (&address, &invitation), sender.input_sender());
            }
            AppMsg::AddContact {
                account,
                address,
                token,
                decision,
            } => {
                self.leave_new_chat();
                self.add_contact(account, (address, token), decision, &sender);
            }
            AppMsg::RemoveContact(account, address) => {
                self.leave_new_chat();
                self.command(Command::RemoveContact { account, address });
            }
            AppMsg::VerifyLink(account, link) => {
                self.leave_new_chat();
                self.verify_link(account, *link, &sender);
            }
            AppMsg::SwitchChat => self.show_switcher(&sender),
            AppMsg::SearchChats => {
                if self.is_narrow && self.shows_chat {
                    widgets.split.set_show_content(false);
                }
                self.tell_list(SidebarMsg::FocusSearch);
            }
            AppMsg::Search => self.search(&sender),
            AppMsg::Hit {
                row,
                message,
                wanted,
                typed,
            } => self.show_hit(*row, message, (wanted, typed), widgets),
            AppMsg::SearchEnded => self.tell_chat(ConversationMsg::Find(Find::Nowhere)),
            AppMsg::Found(id, text) => self.chat_found(id, text),
            AppMsg::SignedIn => {
                self.read_accounts(&sender);
                self.tell_list(SidebarMsg::Changed);
            }
            AppMsg::Trouble(error) => say_trouble(widgets, &error),
            AppMsg::Wish(wish, row) => self.wish(wish, *row, &sender),
            AppMsg::Delete(id) => self.delete(id, widgets),
            AppMsg::Verify {
                account,
                address,
                name,
            } => self.verify(account, address, name),
            AppMsg::VerifyOwn(account) => self.verify_own(account),
            AppMsg::MessageDetails(message, row) => self.show_message_details(*message, *row),
            AppMsg::ChatMenu if root.visible_dialog().is_none() => {
                self.tell_chat(ConversationMsg::Menu);
            }
            AppMsg::ChatMenu => {}
            AppMsg::Details => self.tell_chat(ConversationMsg::Wish(ChatWish::Details)),
            AppMsg::Notice(text) => show_toast(widgets, &text),
            AppMsg::MendConnection => self.answer_banner(&sender),
            AppMsg::Active(is_active) => {
                self.is_active = is_active;
                self.tell_chat(ConversationMsg::Active(is_active));
            }
            AppMsg::Narrow(is_narrow) => {
                self.is_narrow = is_narrow;
                let is_open = self.open.is_some() || self.requests_are_shown(widgets);
                widgets.split.set_show_content(is_open);
                self.tell_chat(ConversationMsg::Narrow(is_narrow));
                self.tell_list(SidebarMsg::Narrow(is_narrow));
            }
            AppMsg::ShowsChat(shows_chat) => {
                self.shows_chat = shows_chat;
                let shows_requests = self.requests_are_shown(widgets);
                if self.is_narrow && !shows_chat && (self.open.is_some() || shows_requests) {
                    self.close_chat(widgets);
                }
            }
            AppMsg::Step(step) => self.tell_list(SidebarMsg::Step(step)),
            AppMsg::Region(step) => self.next_region(step, widgets),
            AppMsg::JumpToEnd => self.tell_chat(ConversationMsg::JumpToEnd),
            AppMsg::Back => {
                if self.is_narrow && self.shows_chat {
                    widgets.split.set_show_content(false);
                    self.tell_list(SidebarMsg::Focus);
                }
            }
            AppMsg::Preferences => self.show_preferences(&sender),
            AppMsg::Console => self.show_console(&sender),
            AppMsg::ConsoleClosed => self.console = None,
            AppMsg::Set(setting) => self.set(setting),
            AppMsg::AddAccount => {
                widgets.pages.set_visible_child_name("setup");
                if let Some(parts) = &self.parts {
                    parts.setup.emit(AccountSetupMsg::ShowSignIn);
                }
            }
            AppMsg::LeftSignIn => {
                if !self.accounts.is_empty() {
                    widgets.pages.set_visible_child_name("chats");
                    self.tell_list(SidebarMsg::Focus);
                }
            }
            AppMsg::Shortcuts => shortcuts::dialog().present(Some(root)),
            AppMsg::About => about::dialog().present(Some(root)),
            AppMsg::Show => self.come_to_the_front(),
            AppMsg::Close => root.close(),
            AppMsg::Quit => self.stop(&sender),
            AppMsg::Stopped => {
                root.destroy();
                relm4::main_application().quit();
            }
            AppMsg::NewDay => {
                self.tell_list(SidebarMsg::Refresh);
                self.tell_chat(ConversationMsg::Reload);
                new_day(&sender);
            }
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        read: AppRead,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match read {
            AppRead::Accounts(Ok(accounts)) => {
                self.accounts_came(accounts, widgets);
                self.catch_up_with_links(&sender);
            }
            AppRead::Waiting(Ok(waiting)) => self.waiting = waiting,
            AppRead::NewDevices(Ok(new)) => self.new_devices = new,
            AppRead::Preferences(read, told) => self.preferences_came(read, told, widgets),
            AppRead::Lacks(account, lacks, Ok(told)) => {
                if told != Some(connection::lacks_code(lacks)) {
                    self.lacks.insert(account, lacks);
                }
            }
            AppRead::Chat(Ok(id), text) => self.chat_found(id, text),
            AppRead::Contacts(link, Ok(contacts)) => {
                self.ask_about_contacts(&link, &contacts, sender.input_sender());
            }
            AppRead::Verify(account, link, Ok(name)) => self.verify_named(account, *link, name),
            AppRead::Chat(Err(error), _) => show_toast(widgets, &errors::open_chat(&error)),
            AppRead::Kept(Ok(())) => {}
            AppRead::New(chat, Ok((row, messages))) => self.show_new(chat, row, &messages),
            AppRead::Told(chat, Ok(row)) => self.told_is(chat, row),
            AppRead::Blocked(Ok(blocked)) => {
                self.tell_preferences(PreferencesMsg::Blocked(blocked));
            }
            AppRead::Accounts(Err(error))
            | AppRead::Waiting(Err(error))
            | AppRead::NewDevices(Err(error))
            | AppRead::Lacks(_, _, Err(error))
            | AppRead::Verify(_, _, Err(error))
            | AppRead::Contacts(_, Err(error))
            | AppRead::New(_, Err(error))
            | AppRead::Told(_, Err(error))
            | AppRead::Blocked(Err(error))
            | AppRead::Kept(Err(error)) => {
                say_trouble(widgets, &error);
            }
        }
        self.show_banner();
        self.update_view(widgets, sender);
    }
}

impl App {
    fn begin(&mut self, engine: Engine, widgets: &AppWidgets, sender: &ComponentSender<Self>) {
        events::listen(engine.subscribe(), sender.input_sender().clone());
        faces::read_from(&engine);
        let sidebar =
            Sidebar::builder()
                .launch(engine.clone())
                .forward(sender.input_sender(), |output| match output {
                    SidebarOutput::Opened(row) => AppMsg::Opened(row),
                    SidebarOutput::Requests => AppMsg::Requests,
                    SidebarOutput::Unread(unread) => AppMsg::Unread(unread),
                    SidebarOutput::Hit {
                        row,
                        message,
                        wanted,
                        typed,
                    } => AppMsg::Hit {
                        row,
                        message,
                        wanted,
                        typed,
                    },
                    SidebarOutput::SearchEnded => AppMsg::SearchEnded,
                    SidebarOutput::HasChats(has_chats) => AppMsg::HasChats(has_chats),
                    SidebarOutput::Closed | SidebarOutput::Left => AppMsg::Closed,
                    SidebarOutput::Wish(wish, row) => AppMsg::Wish(wish, row),
                    SidebarOutput::Trouble(error) => AppMsg::Trouble(error),
                });
        let conversation = ConversationView::builder().launch(engine.clone()).forward(
            sender.input_sender(),
            |output| match output {
                ConversationOutput::Trouble(error) => AppMsg::Trouble(error),
                ConversationOutput::Notice(text) => AppMsg::Notice(text),
                ConversationOutput::Wish(wish, row) => AppMsg::Wish(wish, row),
                ConversationOutput::MessageDetails(message, row) => {
                    AppMsg::MessageDetails(message, row)
                }
            },
        );
        let setup = AccountSetup::builder().launch(engine.clone()).forward(
            sender.input_sender(),
            |output| match output {
                AccountSetupOutput::Added(_) => AppMsg::SignedIn,
                AccountSetupOutput::Left => AppMsg::LeftSignIn,
            },
        );
        widgets.list_page.set_child(Some(sidebar.widget()));
        widgets.chat_page.set_child(Some(conversation.widget()));
        widgets.pages.add_named(setup.widget(), Some("setup"));
        self.connections = engine.connections();
        self.store_trouble = engine.store_trouble();
        let network = Network::follow(&engine);
        let seen = Seen::follow(&self.window, &engine);
        self.parts = Some(Parts {
            engine,
            sidebar,
            conversation,
            setup,
            _network: network,
            seen: Some(seen),
            notifier: Self::notifier(sender),
        });
        self.read_preferences(sender);
        self.read_accounts(sender);
        self.read_waiting(sender);
        self.read_new_devices(sender);
        new_day(sender);
    }

    fn accounts_came(&mut self, accounts: Vec<Account>, widgets: &AppWidgets) {
        let is_first = !std::mem::replace(&mut self.has_read_accounts, true);
        let page = if accounts.is_empty() {
            "setup"
        } else {
            "chats"
        };
        self.accounts = accounts;
        widgets.pages.set_visible_child_name(page);
        self.tell_list(SidebarMsg::Accounts(self.accounts.clone()));
        self.tell_chat(ConversationMsg::Accounts(self.accounts.clone()));
        self.tell_preferences(PreferencesMsg::Accounts(self.accounts.clone()));
        // The welcome page would stand behind it.
        if let Some(dialog) = &self.preferences_dialog
            && self.accounts.is_empty()
            && !is_first
        {
            dialog.widget().force_close();
        }
        // A question that came before the accounts were known.
        if is_first {
            for (account, state) in self.connections.clone() {
                self.connection_changed(account, state);
            }
        }
        self.ask_where_passwords_go(widgets);
        self.tell_new_identities(widgets);
        if let Some(path) = self.sign_in_from.take() {
            self.sign_in_from_file(&path, widgets);
        }
    }

    fn sign_in_from_file(&self, path: &std::path::Path, widgets: &AppWidgets) {
        let Some(parts) = &self.parts else { return };
        match Form::read(path) {
            Ok(form)
                if self
                    .accounts
                    .iter()
                    .any(|account| account.address == form.address) => {}
            Ok(form) => {
                widgets.pages.set_visible_child_name("setup");
                parts
                    .setup
                    .emit(AccountSetupMsg::SignInWith(Box::new(form)));
            }
            Err(error) => {
                tracing::error!(%error, "the file for signing in cannot be read");
                show_toast(
                    widgets,
                    &gettext("The file given to --sign-in-from cannot be read."),
                );
            }
        }
    }

    fn open(&mut self, row: ConversationRow, widgets: &AppWidgets) {
        self.show_chat(row, widgets);
        self.tell_chat(ConversationMsg::Focus(Part::Composer));
    }

    fn show_chat(&mut self, row: ConversationRow, widgets: &AppWidgets) {
        self.tell_list(SidebarMsg::Open(Some(row.id)));
        let id = row.id;
        self.came_back_to(&row);
        self.last_open = Some(row.id);
        self.open = Some(row.clone());
        self.tell_chat(ConversationMsg::Open(Some(Box::new(row))));
        self.tell_online();
        widgets.split.set_show_content(true);
        self.suggest(id);
    }

    fn close_chat(&mut self, widgets: &AppWidgets) {
        self.open = None;
        self.leave_requests(widgets);
        self.tell_list(SidebarMsg::Open(None));
        self.tell_chat(ConversationMsg::Open(None));
        widgets.split.set_show_content(false);
    }

    fn show_new_chat(&mut self, sender: &ComponentSender<Self>) {
        let Some(parts) = self.parts.as_ref().filter(|_| !self.accounts.is_empty()) else {
            return;
        };
        let dialog = NewChat::builder().launch(parts.engine.clone()).forward(
            sender.input_sender(),
            |output| match output {
                NewChatOutput::Opened(id, text) => AppMsg::Found(id, text),
                NewChatOutput::Add(account, address, invitation) => {
                    AppMsg::AskToAdd(account, address, invitation)
                }
                NewChatOutput::Link(link) => AppMsg::OpenLink(link),
            },
        );
        dialog.widget().present(Some(&self.window));
        self.new_chat = Some(dialog);
    }

    fn show_switcher(&mut self, sender: &ComponentSender<Self>) {
        let Some(parts) = self.parts.as_ref().filter(|_| !self.accounts.is_empty()) else {
            return;
        };
        let dialog = Switcher::builder().launch(parts.engine.clone()).forward(
            sender.input_sender(),
            |output| match output {
                SwitcherOutput::Chosen(id) => AppMsg::Found(id, String::new()),
            },
        );
        dialog.widget().present(Some(&self.window));
        self.switcher = Some(dialog);
    }

    /// Closes streams and history, then the window. It hides at once.
    fn stop(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.is_stopping, true) {
            return;
        }
        self.keep_window();
        // That nobody sees it now is no news to anybody.
        if let Some(parts) = &mut self.parts {
            parts.seen = None;
        }
        self.window.set_visible(false);
        if let Some(console) = &self.console {
            console.widget().close();
        }
        let engine = self.parts.as_ref().map(|parts| parts.engine.clone());
        let input = sender.input_sender().clone();
        let (handed_over, is_kept) = oneshot::channel();
        self.tell_chat(ConversationMsg::Keep(handed_over));
        glib::spawn_future_local(async move {
            // Without an answer there is nobody who has a draft.
            let _ = is_kept.await;
            if let Some(engine) = engine {
                engine.stop().await;
            }
            input.emit(AppMsg::Stopped);
        });
    }

    fn read_accounts(&self, sender: &ComponentSender<Self>) {
        if let Some(parts) = &self.parts {
            let engine = parts.engine.clone();
            sender.oneshot_command(async move { AppRead::Accounts(engine.accounts().await) });
        }
    }

    fn read_waiting(&self, sender: &ComponentSender<Self>) {
        if let Some(parts) = &self.parts {
            let engine = parts.engine.clone();
            sender
                .oneshot_command(async move { AppRead::Waiting(engine.waiting_messages().await) });
        }
    }

    fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    // While the window closes, a part may be gone before the whole.

    fn tell_list(&self, message: SidebarMsg) {
        if let Some(parts) = &self.parts {
            let _ = parts.sidebar.sender().send(message);
        }
    }

    fn tell_chat(&self, message: ConversationMsg) {
        if let Some(parts) = &self.parts {
            let _ = parts.conversation.sender().send(message);
        }
    }
}
