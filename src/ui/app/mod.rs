//! The window itself: which page is shown, and who hears what.
//!
//! Holds no domain data but the accounts and their connections, which concern
//! every part. Events of the engine come in as one [`Batch`] and go down to the
//! children; what children tell comes up here.

mod actions;
mod events;
mod network;
mod password;
pub mod route;

use std::collections::BTreeMap;
use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};

use self::network::Network;
use self::route::Batch;
use super::account_setup::form::Form;
use super::account_setup::{AccountSetup, AccountSetupMsg, AccountSetupOutput};
use super::conversation::banner::{self, Action, Banner};
use super::conversation::{self, ConversationMsg, ConversationOutput, ConversationView, Part};
use super::errors;
use super::i18n::gettext;
use super::sidebar::new_chat::{NewChat, NewChatOutput};
use super::sidebar::{Sidebar, SidebarMsg, SidebarOutput};
use crate::engine::api::{Command, Engine};
use crate::engine::error::{OpenChatError, StartError, StoreError};
use crate::engine::model::{
    Account, AccountId, ConnectionProblem, ConnectionState, ConversationId, ConversationRow,
    ServerLacks,
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
    /// What servers lack, as far as the user was not told before.
    lacks: BTreeMap<AccountId, ServerLacks>,
    banner: Option<Banner>,
    open: Option<ConversationRow>,
    is_narrow: bool,
    shows_chat: bool,
    new_chat: Option<Controller<NewChat>>,
    is_stopping: bool,
    had_store_trouble: bool,
}

/// What there is once the engine runs.
struct Parts {
    engine: Engine,
    sidebar: Controller<Sidebar>,
    conversation: Controller<ConversationView>,
    setup: Controller<AccountSetup>,
    _network: Network,
}

/// What the window is told.
#[derive(Debug)]
pub enum AppMsg {
    /// The engine has news.
    Engine(Box<Batch>),
    /// A chat was chosen.
    Opened(Box<ConversationRow>),
    /// The open chat is gone.
    Closed,
    /// The list has chats, or none.
    HasChats(bool),
    /// Find somebody to write to.
    NewChat,
    /// An address in a message was clicked.
    WriteTo(String),
    /// The dialog found somebody.
    Found(ConversationId),
    /// Somebody signed in.
    SignedIn,
    /// The history could not be read.
    Trouble(StoreError),
    /// The banner's button.
    MendConnection,
    /// The window came into use, or went out of it.
    Active(bool),
    /// The window became narrow, or wide.
    Narrow(bool),
    /// In a narrow window the chat is visible, or the list.
    ShowsChat(bool),
    /// Open the next chat, or the one before.
    Step(i32),
    /// Give the keyboard to the next part of the window, or the one before.
    Region(i32),
    /// Go to the newest message.
    JumpToEnd,
    /// Escape: in a narrow window back to the list.
    Back,
    /// Say what this program is.
    About,
    /// End the program.
    Quit,
    /// The engine has stopped.
    Stopped,
    /// Midnight passed.
    NewDay,
}

/// An answer of the engine.
#[derive(Debug)]
pub enum AppRead {
    /// The accounts.
    Accounts(Result<Vec<Account>, StoreError>),
    /// How many messages wait.
    Waiting(Result<BTreeMap<AccountId, u32>, StoreError>),
    /// What a server lacks, and what the user was told of it before.
    Lacks(AccountId, ServerLacks, Result<Option<String>, StoreError>),
    /// The chat with an address that was clicked.
    Chat(Result<ConversationId, OpenChatError>),
    /// What the user was told is kept.
    Kept(Result<(), StoreError>),
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
                sender.input(AppMsg::Active(window.is_active()));
            },
            connect_close_request[sender] => move |_| {
                sender.input(AppMsg::Quit);
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
                            sender.input(AppMsg::ShowsChat(split.shows_content()));
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
            lacks: BTreeMap::new(),
            banner: None,
            open: None,
            is_narrow: false,
            shows_chat: false,
            new_chat: None,
            is_stopping: false,
            had_store_trouble: false,
        };
        let widgets = view_output!();
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
            AppMsg::Opened(row) => self.open(*row, widgets),
            AppMsg::Closed => self.close_chat(widgets),
            AppMsg::HasChats(has_chats) => self.tell_chat(ConversationMsg::HasChats(has_chats)),
            // What is behind a dialog is out of reach.
            AppMsg::NewChat | AppMsg::Step(_) | AppMsg::Region(_) | AppMsg::Back
                if root.visible_dialog().is_some() => {}
            AppMsg::NewChat => self.show_new_chat(&sender),
            AppMsg::WriteTo(address) => self.write_to(address, &sender),
            AppMsg::Found(id) => self.tell_list(SidebarMsg::OpenSoon(id)),
            AppMsg::SignedIn => {
                self.read_accounts(&sender);
                self.tell_list(SidebarMsg::Changed);
            }
            AppMsg::Trouble(error) => show_toast(widgets, &errors::store(&error).title),
            AppMsg::MendConnection => self.answer_banner(&sender),
            AppMsg::Active(is_active) => self.tell_chat(ConversationMsg::Active(is_active)),
            AppMsg::Narrow(is_narrow) => {
                self.is_narrow = is_narrow;
                widgets.split.set_show_content(self.open.is_some());
                self.tell_chat(ConversationMsg::Narrow(is_narrow));
                self.tell_list(SidebarMsg::Narrow(is_narrow));
            }
            AppMsg::ShowsChat(shows_chat) => {
                self.shows_chat = shows_chat;
                if self.is_narrow && !shows_chat && self.open.is_some() {
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
            AppMsg::About => about().present(Some(root)),
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
            AppRead::Accounts(Ok(accounts)) => self.accounts_came(accounts, widgets),
            AppRead::Waiting(Ok(waiting)) => self.waiting = waiting,
            AppRead::Lacks(account, lacks, Ok(told)) => {
                if told != Some(lacks_code(lacks)) {
                    self.lacks.insert(account, lacks);
                }
            }
            AppRead::Chat(Ok(id)) => self.tell_list(SidebarMsg::OpenSoon(id)),
            AppRead::Chat(Err(error)) => show_toast(widgets, &errors::open_chat(&error)),
            AppRead::Kept(Ok(())) => {}
            AppRead::Accounts(Err(error))
            | AppRead::Waiting(Err(error))
            | AppRead::Lacks(_, _, Err(error))
            | AppRead::Kept(Err(error)) => {
                show_toast(widgets, &errors::store(&error).title);
            }
        }
        self.show_banner();
        self.update_view(widgets, sender);
    }
}

impl App {
    fn begin(&mut self, engine: Engine, widgets: &AppWidgets, sender: &ComponentSender<Self>) {
        events::listen(engine.subscribe(), sender.input_sender().clone());
        let sidebar =
            Sidebar::builder()
                .launch(engine.clone())
                .forward(sender.input_sender(), |output| match output {
                    SidebarOutput::Opened(row) => AppMsg::Opened(row),
                    SidebarOutput::HasChats(has_chats) => AppMsg::HasChats(has_chats),
                    SidebarOutput::Closed => AppMsg::Closed,
                    SidebarOutput::Trouble(error) => AppMsg::Trouble(error),
                });
        let conversation = ConversationView::builder().launch(engine.clone()).forward(
            sender.input_sender(),
            |ConversationOutput::Trouble(error)| AppMsg::Trouble(error),
        );
        let setup = AccountSetup::builder()
            .launch(engine.clone())
            .forward(sender.input_sender(), |AccountSetupOutput::Added(_)| {
                AppMsg::SignedIn
            });
        widgets.list_page.set_child(Some(sidebar.widget()));
        widgets.chat_page.set_child(Some(conversation.widget()));
        widgets.pages.add_named(setup.widget(), Some("setup"));
        self.connections = engine.connections();
        let network = Network::follow(&engine);
        self.parts = Some(Parts {
            engine,
            sidebar,
            conversation,
            setup,
            _network: network,
        });
        self.read_accounts(sender);
        self.read_waiting(sender);
        new_day(sender);
    }

    fn hear(&mut self, batch: Batch, widgets: &AppWidgets, sender: &ComponentSender<Self>) {
        let open = self.open.as_ref().map(|open| open.id);
        if batch.accounts || batch.everything {
            self.read_accounts(sender);
        }
        if batch.chats || batch.everything {
            self.tell_list(SidebarMsg::Changed);
        }
        if batch.everything {
            self.tell_chat(ConversationMsg::Reload);
        } else {
            if open.is_some_and(|open| batch.lines.contains(&open)) {
                self.tell_chat(ConversationMsg::LineChanged);
            }
            if let Some(ids) = open.and_then(|open| batch.messages.get(&open)) {
                self.tell_chat(ConversationMsg::Changed(ids.iter().copied().collect()));
            }
        }
        if !batch.messages.is_empty() || batch.everything {
            self.read_waiting(sender);
        }
        for (conversation, is_composing) in batch.typing {
            self.tell_list(SidebarMsg::Typing(conversation, is_composing));
            if open == Some(conversation) {
                self.tell_chat(ConversationMsg::Typing(is_composing));
            }
        }
        for ((account, address), presence) in batch.presences {
            if self
                .open
                .as_ref()
                .is_some_and(|open| open.account == account && open.address == address)
            {
                self.tell_chat(ConversationMsg::Presence(presence));
            }
            self.tell_list(SidebarMsg::Presence(account, address, presence));
        }
        for (account, lacks) in batch.lacks {
            self.read_lacks(account, lacks, sender);
        }
        for (account, state) in batch.connections {
            self.connection_changed(account, state);
        }
        if batch.has_store_trouble && !std::mem::replace(&mut self.had_store_trouble, true) {
            let title = errors::store(&StoreError::ReadOnly).title;
            let toast = adw::Toast::builder().title(glib::markup_escape_text(&title));
            // It stays until it was read: what the user does now may be lost.
            widgets.toasts.add_toast(toast.timeout(0).build());
        }
        self.show_banner();
    }

    fn connection_changed(&mut self, account: AccountId, state: ConnectionState) {
        if !state.is_online()
            && self
                .connections
                .get(&account)
                .is_some_and(ConnectionState::is_online)
        {
            self.tell_list(SidebarMsg::Gone(account));
        }
        if let ConnectionState::Stopped(problem @ ConnectionProblem::PasswordMissing) = &state
            && let Some((parts, account)) = self.parts.as_ref().zip(self.account(account))
            && self.window.visible_dialog().is_none()
        {
            password::ask(&self.window, &parts.engine, account, problem);
        }
        // While it is being tried again, the banner stays and does not blink.
        let was_offline = self.connections.get(&account).is_some_and(|old| {
            matches!(
                old,
                ConnectionState::Waiting { .. }
                    | ConnectionState::Offline
                    | ConnectionState::Stopped(_)
            )
        });
        if state == ConnectionState::Connecting && was_offline {
            return;
        }
        self.connections.insert(account, state);
        self.tell_online();
    }

    fn tell_online(&self) {
        let state = self
            .open
            .as_ref()
            .and_then(|open| self.connections.get(&open.account));
        self.tell_chat(ConversationMsg::Online(
            state.is_some_and(ConnectionState::is_online),
        ));
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
        // A question that came before the accounts were known.
        if is_first {
            for (account, state) in self.connections.clone() {
                self.connection_changed(account, state);
            }
        }
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
        self.tell_list(SidebarMsg::Open(Some(row.id)));
        self.open = Some(row.clone());
        self.tell_chat(ConversationMsg::Open(Some(Box::new(row))));
        self.tell_online();
        widgets.split.set_show_content(true);
        self.tell_chat(ConversationMsg::Focus(Part::Composer));
    }

    fn close_chat(&mut self, widgets: &AppWidgets) {
        self.open = None;
        self.tell_list(SidebarMsg::Open(None));
        self.tell_chat(ConversationMsg::Open(None));
        widgets.split.set_show_content(false);
    }

    fn show_new_chat(&mut self, sender: &ComponentSender<Self>) {
        let Some(parts) = self.parts.as_ref().filter(|_| !self.accounts.is_empty()) else {
            return;
        };
        let dialog = NewChat::builder()
            .launch(parts.engine.clone())
            .forward(sender.input_sender(), |NewChatOutput::Opened(id)| {
                AppMsg::Found(id)
            });
        dialog.widget().present(Some(&self.window));
        self.new_chat = Some(dialog);
    }

    /// Opens the chat with an address, from the account of the open chat.
    fn write_to(&self, address: String, sender: &ComponentSender<Self>) {
        let (Some(parts), Some(open)) = (&self.parts, &self.open) else {
            return;
        };
        let (engine, account) = (parts.engine.clone(), open.account);
        sender.oneshot_command(
            async move { AppRead::Chat(engine.open_chat(account, address).await) },
        );
    }

    fn answer_banner(&mut self, sender: &ComponentSender<Self>) {
        let (Some(parts), Some(banner)) = (&self.parts, &self.banner) else {
            return;
        };
        let id = banner.account;
        match (banner.action, self.connections.get(&id), self.account(id)) {
            (Action::EnterPassword, Some(ConnectionState::Stopped(problem)), Some(account)) => {
                password::ask(&self.window, &parts.engine, account, problem);
            }
            (Action::Dismiss, _, _) => {
                let engine = parts.engine.clone();
                if let Some(lacks) = self.lacks.remove(&id) {
                    sender.oneshot_command(async move {
                        AppRead::Kept(engine.set_setting(&lacks_key(id), &lacks_code(lacks)).await)
                    });
                }
            }
            _ => parts.engine.command(Command::TryNow),
        }
        self.show_banner();
    }

    fn show_banner(&mut self) {
        let banner = banner::banner(&self.accounts, &self.connections, &self.waiting)
            .or_else(|| banner::lacks(&self.accounts, &self.lacks));
        if banner != self.banner {
            self.banner.clone_from(&banner);
            self.tell_list(SidebarMsg::Banner(banner.clone()));
            self.tell_chat(ConversationMsg::Banner(banner));
        }
    }

    fn read_lacks(
        &mut self,
        account: AccountId,
        lacks: ServerLacks,
        sender: &ComponentSender<Self>,
    ) {
        self.lacks.remove(&account);
        let Some(parts) = self.parts.as_ref().filter(|_| lacks.is_anything()) else {
            return;
        };
        let engine = parts.engine.clone();
        sender.oneshot_command(async move {
            AppRead::Lacks(account, lacks, engine.setting(&lacks_key(account)).await)
        });
    }

    /// Chat list, messages, composer, header: the parts F6 goes through.
    fn next_region(&self, step: i32, widgets: &AppWidgets) {
        let focus = RootExt::focus(&self.window);
        let is_in = |widget: &gtk::Widget| {
            focus
                .as_ref()
                .is_some_and(|focus| focus == widget || focus.is_ancestor(widget))
        };
        let list: gtk::Widget = widgets.list_page.clone().upcast();
        let here = if is_in(&list) {
            0
        } else {
            focus.as_ref().map_or(0, |focus| {
                if focus
                    .ancestor(super::timeline::history_view::HistoryView::static_type())
                    .is_some()
                {
                    1
                } else if focus.is::<gtk::TextView>() || focus.has_css_class("send") {
                    2
                } else {
                    3
                }
            })
        };
        let regions = if self.open.is_some() { 4 } else { 1 };
        match (here + step).rem_euclid(regions) {
            0 => self.tell_list(SidebarMsg::Focus),
            1 => self.tell_chat(ConversationMsg::Focus(Part::History)),
            2 => self.tell_chat(ConversationMsg::Focus(Part::Composer)),
            _ => self.tell_chat(ConversationMsg::Focus(Part::Header)),
        }
    }

    /// Closes streams and history, then the window. It hides at once.
    fn stop(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.is_stopping, true) {
            return;
        }
        self.window.set_visible(false);
        let engine = self.parts.as_ref().map(|parts| parts.engine.clone());
        let input = sender.input_sender().clone();
        glib::spawn_future_local(async move {
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

    fn tell_list(&self, message: SidebarMsg) {
        if let Some(parts) = &self.parts {
            parts.sidebar.emit(message);
        }
    }

    fn tell_chat(&self, message: ConversationMsg) {
        if let Some(parts) = &self.parts {
            parts.conversation.emit(message);
        }
    }
}

/// The setting that holds what the user was told of a server.
fn lacks_key(account: AccountId) -> String {
    format!("told-server-lacks-{}", account.0)
}

fn lacks_code(lacks: ServerLacks) -> String {
    format!("{lacks:?}")
}

/// Returns the main menu; its actions are the window's.
pub fn menu() -> gio::Menu {
    let menu = gio::Menu::new();
    menu.append(Some(&gettext("_About Stonechat")), Some("win.about"));
    menu.append(Some(&gettext("_Quit")), Some("win.quit"));
    menu
}

fn narrow(sender: &ComponentSender<App>) -> adw::Breakpoint {
    let condition = adw::BreakpointCondition::new_length(
        adw::BreakpointConditionLengthType::MaxWidth,
        640.0,
        adw::LengthUnit::Sp,
    );
    let breakpoint = adw::Breakpoint::new(condition);
    for (is_narrow, signal) in [(true, "apply"), (false, "unapply")] {
        let input = sender.input_sender().clone();
        breakpoint.connect_local(signal, false, move |_| {
            input.emit(AppMsg::Narrow(is_narrow));
            None
        });
    }
    breakpoint
}

fn start_failure(error: &StartError) -> adw::ToolbarView {
    let trouble = errors::start(error);
    let page = adw::StatusPage::builder()
        .icon_name("message-failed-symbolic")
        .title(&trouble.title)
        .description(glib::markup_escape_text(&trouble.text))
        .build();
    let close = gtk::Button::builder()
        .label(gettext("Close"))
        .css_classes(["pill"])
        .halign(gtk::Align::Center)
        .action_name("win.quit")
        .build();
    page.set_child(Some(&close));
    let view = adw::ToolbarView::builder().content(&page).build();
    view.add_top_bar(&adw::HeaderBar::new());
    view
}

fn show_toast(widgets: &AppWidgets, text: &str) {
    let toast = adw::Toast::builder()
        .title(glib::markup_escape_text(text))
        .timeout(8)
        .build();
    widgets.toasts.add_toast(toast);
}

fn about() -> adw::AboutDialog {
    adw::AboutDialog::builder()
        .application_name("Stonechat")
        .application_icon(super::APPLICATION_ID)
        .version(env!("CARGO_PKG_VERSION"))
        .developer_name(gettext("The Stonechat maintainers"))
        .license_type(gtk::License::Agpl30)
        .comments(gettext("Messages that arrive, on a network nobody owns."))
        .build()
}

/// Says [`AppMsg::NewDay`] shortly after the next midnight: "Today" is another then.
fn new_day(sender: &ComponentSender<App>) {
    let now = super::format::now();
    let passed =
        i64::from(now.hour()) * 3600 + i64::from(now.minute()) * 60 + i64::from(now.second());
    let left = u32::try_from(24 * 3600 - passed + 1).unwrap_or(3600);
    let input = sender.input_sender().clone();
    glib::timeout_add_seconds_local_once(left, move || {
        // The window may be closed by then.
        let _ = input.send(AppMsg::NewDay);
    });
}
