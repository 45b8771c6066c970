//! The list of chats, its search field, and the buttons above it.
//!
//! The list follows the store: after a change it is read again and merged, so
//! that lines which stay keep their widget and their place. Typing and presence
//! are not stored and are put onto the lines as they come.

mod filters;
mod hit_row;
pub mod item;
mod line_menu;
pub mod requests;
mod results;
pub mod row;
mod shown;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};

use self::item::{ConversationItem, Line};
use self::line_menu::LineMenu;
use self::results::{Results, ResultsMsg, ResultsOutput};
use self::row::SidebarRow;
use self::shown::{Before, Shows};
use super::conversation::banner::Banner;
use super::conversation::chat_menu::{ChatWish, now};
use super::conversation::empty;
use super::i18n::gettext;
use super::list::merge::merge;
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{
    Account, AccountId, ConversationId, ConversationRow, MessageId, Presence, Timestamp,
};
use crate::engine::text::Term;
use crate::ui::widgets::account_mark::AccountMark;

/// How high the names that are found may get while messages are found as well.
const NAMES_HEIGHT: i32 = 190;

/// The chat list's state.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
pub struct Sidebar {
    engine: Engine,
    /// All chats, newest first.
    items: gio::ListStore,
    filter: gtk::CustomFilter,
    /// Which of them are to be seen.
    shows: Rc<RefCell<Shows>>,
    results: Controller<Results>,
    /// How many messages the search field finds; `None`: it is being looked.
    hits: Option<usize>,
    /// Where the search began; `None`: nobody searches.
    before: Option<Before>,
    list: gtk::ListView,
    search: gtk::SearchEntry,
    shown: gtk::NoSelection,
    typing: BTreeSet<ConversationId>,
    open: Option<ConversationId>,
    is_reading: bool,
    is_stale: bool,
    has_read: bool,
    banner: Option<Banner>,
    is_narrow: bool,
    /// The menu of a line, and whose it is.
    _menu: LineMenu,
    /// When the next muted chat is heard of again.
    unmute: Option<Timestamp>,
    /// A chat to open as soon as its line is here: it was made a moment ago.
    opens_soon: Option<ConversationId>,
    /// The chat that was open last time: the keyboard is put on it, once.
    points_at: Option<ConversationId>,
    accounts: Vec<Account>,
}

/// What the chat list is told.
#[derive(Debug)]
pub enum SidebarMsg {
    /// Chats changed in the store.
    Changed,
    /// The other side of a chat writes, or stopped.
    Typing(ConversationId, bool),
    /// Somebody came, or left.
    Presence(AccountId, String, Presence),
    /// An account went offline: nobody of it is known to be around.
    Gone(AccountId),
    /// An account is online again: who is around is known again.
    Back(AccountId),
    /// This chat is open now, or none.
    Open(Option<ConversationId>),
    /// The accounts are these.
    Accounts(Vec<Account>),
    /// Put the keyboard on this chat, when it is in the list; open nothing.
    Point(ConversationId),
    /// The list is drawn: point now.
    PointNow,
    /// Open a chat that may have been made a moment ago.
    OpenSoon(ConversationId),
    /// A line was chosen.
    Activated(u32),
    /// Open the next chat, or the one before.
    Step(i32),
    /// The search field holds this.
    Search(String),
    /// Enter in the search field: go to the next thing found, or the one before.
    Walk(isize),
    /// Escape in the search field.
    EndSearch,
    /// Put this filter into the search field, or take it out.
    Filter(&'static str),
    /// Take all filters out of it.
    DropFilters,
    /// What the search among messages says.
    Results(ResultsOutput),
    /// Show only chats with something unread, or all.
    OnlyUnread(bool),
    /// Show the chats that are put away, or not.
    Archived(bool),
    /// The banner says this.
    Banner(Option<Banner>),
    /// Only one of list and chat is visible.
    Narrow(bool),
    /// Give the keyboard to the list.
    Focus,
    /// Give the keyboard to the search field.
    FocusSearch,
    /// Midnight passed, or the clock was set.
    Refresh,
    /// A chat that was muted may be heard of again.
    Unmuted,
    /// The user wishes something for the chat whose menu was open.
    Wish(ConversationId, ChatWish),
}

/// What the chat list tells.
#[derive(Debug)]
pub enum SidebarOutput {
    /// A chat was chosen.
    Opened(Box<ConversationRow>),
    /// The row of all requests was chosen.
    Requests,
    /// So many messages were not seen yet, in chats the user wants to hear of.
    Unread(u32),
    /// A message was found: show it, and mark what was looked for. The keyboard
    /// stays where it is.
    Hit {
        /// Its chat.
        row: Box<ConversationRow>,
        /// The message.
        message: MessageId,
        /// What was looked for.
        wanted: Vec<Term>,
        /// As it was typed.
        typed: String,
    },
    /// Nothing is looked for any more.
    SearchEnded,
    /// Back to no chat, where a search began.
    Left,
    /// There is at least one chat, or none.
    HasChats(bool),
    /// The open chat is gone.
    Closed,
    /// The history could not be read.
    Trouble(StoreError),
    /// The user wishes something for this chat.
    Wish(ChatWish, Box<ConversationRow>),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Sidebar {
    type Init = Engine;
    type Input = SidebarMsg;
    type Output = SidebarOutput;
    type CommandOutput = Result<Vec<ConversationRow>, StoreError>;

    view! {
        adw::ToolbarView {
            add_top_bar = &adw::HeaderBar {
                pack_start = &gtk::Button {
                    set_icon_name: "chat-new-symbolic",
                    set_tooltip_text: Some(&gettext("New Chat")),
                    set_action_name: Some("win.new-chat"),
                },
                pack_end = &gtk::MenuButton {
                    set_icon_name: "open-menu-symbolic",
                    set_tooltip_text: Some(&gettext("Main Menu")),
                    set_menu_model: Some(&super::app::menu()),
                    set_primary: true,
                },
            },
            add_top_bar = &gtk::Box {
                set_spacing: 6,
                set_margin_start: 8,
                set_margin_end: 8,
                set_margin_bottom: 6,
                #[watch]
                set_visible: model.items.n_items() > 0,

                #[local_ref]
                search -> gtk::SearchEntry {
                    set_hexpand: true,
                    set_placeholder_text: Some(&gettext("Search")),
                    update_property: &[gtk::accessible::Property::Label(&gettext("Search chats and messages"))],
                    connect_search_changed[sender] => move |entry| {
                        // It comes a moment later, and the list may be gone by then.
                        let _ = sender.input_sender().send(SidebarMsg::Search(entry.text().into()));
                    },
                    connect_activate => SidebarMsg::Walk(1),
                    connect_next_match => SidebarMsg::Walk(1),
                    connect_previous_match => SidebarMsg::Walk(-1),
                    connect_stop_search => SidebarMsg::EndSearch,
                },
                gtk::ToggleButton {
                    set_icon_name: "chat-unread-symbolic",
                    set_css_classes: &["flat"],
                    set_tooltip_text: Some(&gettext("Show Only Unread Chats")),
                    connect_toggled[sender] => move |button| {
                        sender.input(SidebarMsg::OnlyUnread(button.is_active()));
                    },
                },
            },
            #[local_ref]
            add_top_bar = &filters -> adw::WrapBox {
                #[watch]
                set_visible: model.before.is_some(),
            },
            add_top_bar = &adw::Banner {
                #[watch]
                set_revealed: model.is_narrow && model.banner.is_some(),
                #[watch]
                set_title: &glib::markup_escape_text(model.banner.as_ref().map_or("", |banner| &banner.text)),
                #[watch]
                set_button_label: model.banner.as_ref().map(|banner| banner.action.label()).as_deref(),
                set_action_name: Some("win.mend-connection"),
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                #[local_ref]
                content -> gtk::Box {
                gtk::Stack {
                set_hexpand: true,
                add_child = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,

                    gtk::ScrolledWindow {
                        set_hscrollbar_policy: gtk::PolicyType::Never,
                        set_propagate_natural_height: true,
                        // While messages are found as well, names take the least room.
                        #[watch]
                        set_vexpand: !model.has_hits(),
                        #[watch]
                        set_max_content_height: if model.has_hits() { NAMES_HEIGHT } else { -1 },
                        #[watch]
                        set_visible: model.shown.n_items() > 0 || !model.has_hits(),
                        #[local_ref]
                        list -> gtk::ListView {
                            add_css_class: "navigation-sidebar",
                            add_css_class: "chat-list",
                            set_single_click_activate: true,
                            update_property: &[gtk::accessible::Property::Label(&gettext("Chats"))],
                            connect_activate[sender] => move |_, position| {
                                sender.input(SidebarMsg::Activated(position));
                            },
                        },
                    },
                    #[local_ref]
                    results -> gtk::Box {
                        #[watch]
                        set_visible: model.has_hits(),
                    },
                    gtk::ToggleButton {
                        set_css_classes: &["flat", "archived"],
                        #[watch]
                        set_label: &model.archived_words(),
                        #[watch]
                        set_visible: model.archived() > 0 && model.before.is_none(),
                        connect_toggled[sender] => move |button| {
                            sender.input(SidebarMsg::Archived(button.is_active()));
                        },
                    },
                } -> {
                    set_name: "list",
                },
                add_child = &adw::StatusPage {
                    set_title: &gettext("Nothing found"),
                    #[watch]
                    set_description: Some(&model.nothing_words()),
                    add_css_class: "compact",
                    #[wrap(Some)]
                    set_child = &gtk::Button {
                        set_label: &gettext("Search without Filters"),
                        set_halign: gtk::Align::Center,
                        add_css_class: "pill",
                        #[watch]
                        set_visible: model.filters_narrow_it(),
                        connect_clicked => SidebarMsg::DropFilters,
                    },
                } -> {
                    set_name: "nothing-found",
                },
                add_child = &empty::no_chats() -> adw::StatusPage {} -> {
                    set_name: "no-chats",
                },
                add_child = &gtk::Box {} -> {
                    set_name: "nothing",
                },
                #[watch]
                set_visible_child_name: model.page(),
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
        let items = gio::ListStore::new::<ConversationItem>();
        let shows = Rc::new(RefCell::new(Shows::default()));
        let filter = shown::filter(&shows);
        let shown = gtk::NoSelection::new(Some(gtk::FilterListModel::new(
            Some(items.clone()),
            Some(filter.clone()),
        )));
        let search = gtk::SearchEntry::builder().search_delay(50).build();
        filters::walk_back_by_key(&search, sender.input_sender());
        let filters = filters::filters(sender.input_sender());
        let results = Results::builder()
            .launch(engine.clone())
            .forward(sender.input_sender(), SidebarMsg::Results);
        let list = gtk::ListView::new(Some(shown.clone()), Some(factory()));
        // Around the list, for a menu needs a parent that lays it out.
        let content = gtk::Box::default();
        let input = sender.input_sender().clone();
        let menu = LineMenu::new(&content, &list, move |id, wish| {
            input.emit(SidebarMsg::Wish(id, wish));
        });
        let model = Self {
            engine,
            items,
            filter,
            shows,
            results,
            hits: Some(0),
            before: None,
            list: list.clone(),
            search: search.clone(),
            shown,
            typing: BTreeSet::new(),
            open: None,
            is_reading: false,
            is_stale: false,
            has_read: false,
            banner: None,
            is_narrow: false,
            _menu: menu,
            unmute: None,
            opens_soon: None,
            points_at: None,
            accounts: Vec::new(),
        };
        sender.input(SidebarMsg::Changed);
        let results = model.results.widget().clone();
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: SidebarMsg, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            SidebarMsg::Changed => self.read(&sender),
            SidebarMsg::Typing(id, is_typing) => {
                if is_typing {
                    self.typing.insert(id);
                } else {
                    self.typing.remove(&id);
                }
                self.change(|row| row.id == id, |line| line.is_typing = is_typing);
            }
            SidebarMsg::Presence(account, address, presence) => self.change(
                |row| row.account == account && row.address == address,
                |line| {
                    line.presence = presence;
                    line.is_typing &= presence != Presence::Offline;
                },
            ),
            SidebarMsg::Gone(account) => {
                self.typing.clear();
                self.change(
                    |row| row.account == account,
                    |line| {
                        line.presence = Presence::Offline;
                        line.is_typing = false;
                    },
                );
            }
            SidebarMsg::Back(account) => {
                let engine = self.engine.clone();
                self.change(
                    |row| row.account == account,
                    |line| line.presence = engine.presence(account, &line.row.address),
                );
            }
            SidebarMsg::Open(id) => {
                self.open = id;
                self.show_others(|shows| shows.open = id);
                self.change(|_| true, |line| line.is_open = id == Some(line.row.id));
            }
            SidebarMsg::Accounts(accounts) => {
                self.accounts = accounts;
                self.change(
                    |_| true,
                    |line| {
                        line.account = AccountMark::of(&self.accounts, line.row.account);
                    },
                );
            }
            SidebarMsg::Point(id) => {
                self.points_at = Some(id);
                if self.has_read {
                    self.point();
                }
            }
            SidebarMsg::PointNow => self.point(),
            SidebarMsg::OpenSoon(id) => {
                self.opens_soon = Some(id);
                self.open_what_waits(&sender);
            }
            SidebarMsg::Activated(position) => self.open_at(position, &sender),
            SidebarMsg::Step(step) => self.step(step, &sender),
            SidebarMsg::Search(text) => self.look(&text, &sender),
            SidebarMsg::Walk(step) => self.walk(step, &sender),
            SidebarMsg::EndSearch => self.end_search(&sender),
            SidebarMsg::Filter(name) => filters::put(&self.search, name),
            SidebarMsg::DropFilters => filters::drop_all(&self.search),
            SidebarMsg::Results(output) => self.results_say(output, &sender),
            SidebarMsg::OnlyUnread(is_on) => self.show_others(|shows| shows.only_unread = is_on),
            SidebarMsg::Archived(is_on) => self.show_others(|shows| shows.archived = is_on),
            SidebarMsg::Banner(banner) => self.banner = banner,
            SidebarMsg::Narrow(is_narrow) => self.is_narrow = is_narrow,
            SidebarMsg::Focus => self.focus(root),
            SidebarMsg::FocusSearch => {
                self.search.grab_focus();
            }
            SidebarMsg::Refresh => self.refresh(),
            SidebarMsg::Unmuted => {
                self.unmute = None;
                self.refresh();
                self.wait_for_unmute(&sender);
            }
            SidebarMsg::Wish(id, wish) => {
                if let Some(item) = self.all().into_iter().find(|item| item.id() == id) {
                    let row = Box::new(item.line().row);
                    // Nobody listens while the window closes.
                    let _ = sender.output(SidebarOutput::Wish(wish, row));
                }
            }
        }
    }

    fn update_cmd(
        &mut self,
        read: Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        self.is_reading = false;
        match read {
            Ok(rows) => {
                tell_unread(&rows, &sender);
                self.merge(requests::fold(rows), &sender);
            }
            // Nobody listens while the window closes.
            Err(error) => drop(sender.output(SidebarOutput::Trouble(error))),
        }
        if std::mem::take(&mut self.is_stale) {
            self.read(&sender);
        }
    }
}

impl Sidebar {
    /// Reads the list; what changes meanwhile leads to one more reading.
    fn read(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.is_reading, true) {
            self.is_stale = true;
            return;
        }
        let engine = self.engine.clone();
        sender.oneshot_command(async move { engine.conversations().await });
    }

    fn merge(&mut self, rows: Vec<ConversationRow>, sender: &ComponentSender<Self>) {
        let known: Vec<ConversationItem> = self.all();
        let old: Vec<ConversationId> = known.iter().map(ConversationItem::id).collect();
        let new: Vec<ConversationId> = rows.iter().map(|row| row.id).collect();
        for splice in merge(&old, &new) {
            // Also a chat that moved gets a new object: one object twice in a
            // list, even for a moment, confuses the list view.
            let items: Vec<ConversationItem> = rows[splice.added]
                .iter()
                .map(|row| ConversationItem::new(self.line(row.clone())))
                .collect();
            self.items
                .splice(splice.position as u32, splice.removed as u32, &items);
        }
        // The window may be closing.
        let _ = self.results.sender().send(ResultsMsg::Chats(rows.clone()));
        for (item, row) in self.all().iter().zip(rows) {
            item.change(|line| line.row = row);
        }
        // What is read, pinned or put away may be seen, or not, from now on.
        self.show_others(|_| {});
        self.has_read = true;
        if self.points_at.is_some() {
            // Once the list is shown.
            sender.input(SidebarMsg::PointNow);
        }
        // Nobody listens while the window closes.
        let _ = sender.output(SidebarOutput::HasChats(!new.is_empty()));
        if self.open.is_some_and(|open| !new.contains(&open)) {
            let _ = sender.output(SidebarOutput::Closed);
        }
        self.open_what_waits(sender);
        self.wait_for_unmute(sender);
    }

    fn refresh(&self) {
        for item in self.all() {
            item.emit_by_name::<()>("changed", &[]);
        }
    }

    /// Draws the list anew when the time of a muted chat is over. A timer that
    /// comes too early does no harm.
    fn wait_for_unmute(&mut self, sender: &ComponentSender<Self>) {
        let now = now();
        let ends = self
            .all()
            .into_iter()
            .map(|item| item.line().row.muted_until);
        let next = ends
            .filter(|end| (now + 1..Timestamp::MAX).contains(end))
            .min();
        let Some(next) = next.filter(|next| self.unmute.is_none_or(|known| *next < known)) else {
            return;
        };
        self.unmute = Some(next);
        let wait = Duration::from_millis((next - now) as u64);
        let input = sender.input_sender().clone();
        glib::timeout_add_local_once(wait, move || {
            // The window may be closed by then.
            let _ = input.send(SidebarMsg::Unmuted);
        });
    }

    fn line(&self, row: ConversationRow) -> Line {
        Line {
            is_typing: self.typing.contains(&row.id),
            presence: self.engine.presence(row.account, &row.address),
            is_open: self.open == Some(row.id),
            account: AccountMark::of(&self.accounts, row.account),
            row,
        }
    }

    fn open_what_waits(&mut self, sender: &ComponentSender<Self>) {
        let Some(id) = self.opens_soon else { return };
        if let Some(item) = self.all().into_iter().find(|item| item.id() == id) {
            self.opens_soon = None;
            tell_opened(&item, sender);
        }
    }

    fn open_at(&self, position: u32, sender: &ComponentSender<Self>) {
        if let Some(item) = self.shown.item(position).and_downcast::<ConversationItem>() {
            tell_opened(&item, sender);
        }
    }

    fn step(&self, step: i32, sender: &ComponentSender<Self>) {
        let count = self.shown.n_items() as i32;
        let here = (0..count).find(|place| {
            let item = self
                .shown
                .item(*place as u32)
                .and_downcast::<ConversationItem>();
            item.is_some_and(|item| Some(item.id()) == self.open)
        });
        let next = here.map_or(if step > 0 { 0 } else { count - 1 }, |here| here + step);
        if (0..count).contains(&next) {
            self.open_at(next as u32, sender);
        }
    }

    fn focus(&self, root: &adw::ToolbarView) {
        if self.shown.n_items() == 0 {
            root.child_focus(gtk::DirectionType::TabForward);
            return;
        }
        if let Some(place) = self.open.and_then(|open| self.place(open)) {
            self.list
                .scroll_to(place, gtk::ListScrollFlags::FOCUS, None);
        }
        self.list.grab_focus();
    }

    /// Puts the keyboard where it was when the program ended.
    fn point(&mut self) {
        let place = self.points_at.take().and_then(|chat| self.place(chat));
        if let Some(place) = place.filter(|_| self.open.is_none()) {
            self.list
                .scroll_to(place, gtk::ListScrollFlags::FOCUS, None);
            self.list.grab_focus();
        }
    }

    fn place(&self, chat: ConversationId) -> Option<u32> {
        (0..self.shown.n_items()).find(|place| {
            let item = self.shown.item(*place).and_downcast::<ConversationItem>();
            item.is_some_and(|item| item.id() == chat)
        })
    }

    fn change(&self, concerns: impl Fn(&ConversationRow) -> bool, change: impl Fn(&mut Line)) {
        for item in self.all() {
            if concerns(&item.line().row) {
                item.change(&change);
            }
        }
    }

    fn all(&self) -> Vec<ConversationItem> {
        self.items
            .iter::<ConversationItem>()
            .filter_map(Result::ok)
            .collect()
    }

    fn page(&self) -> &'static str {
        if !self.has_read {
            "nothing"
        } else if self.items.n_items() == 0 {
            // In a wide window it stands where a chat would.
            if self.is_narrow {
                "no-chats"
            } else {
                "nothing"
            }
        } else if self.shown.n_items() == 0 && self.hits == Some(0) && self.is_narrowed() {
            "nothing-found"
        } else {
            "list"
        }
    }
}

fn tell_opened(item: &ConversationItem, sender: &ComponentSender<Sidebar>) {
    let output = if item.id() == requests::ROW {
        SidebarOutput::Requests
    } else {
        SidebarOutput::Opened(Box::new(item.line().row))
    };
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}

fn tell_unread(rows: &[ConversationRow], sender: &ComponentSender<Sidebar>) {
    let now = now();
    let unread = rows
        .iter()
        .filter(|row| !row.is_request && !row.is_muted(now))
        .map(|row| row.unread)
        .fold(0, u32::saturating_add);
    // Nobody listens while the window closes.
    let _ = sender.output(SidebarOutput::Unread(unread));
}

fn factory() -> gtk::SignalListItemFactory {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, object| {
        if let Some(place) = object.downcast_ref::<gtk::ListItem>() {
            place.set_child(Some(&SidebarRow::default()));
        }
    });
    factory.connect_bind(|_, object| {
        let Some(place) = object.downcast_ref::<gtk::ListItem>() else {
            return;
        };
        let Some(item) = place.item().and_downcast::<ConversationItem>() else {
            return;
        };
        let Some(row) = place.child().and_downcast::<SidebarRow>() else {
            return;
        };
        show(place, &item);
        let weak = place.downgrade();
        row.follow(&item, move |item| {
            if let Some(place) = weak.upgrade() {
                show(&place, item);
            }
        });
    });
    factory.connect_unbind(|_, object| {
        let place = object.downcast_ref::<gtk::ListItem>();
        if let Some(row) = place
            .and_then(|place| place.child())
            .and_downcast::<SidebarRow>()
        {
            row.let_go();
        }
    });
    factory
}

fn show(place: &gtk::ListItem, item: &ConversationItem) {
    let line = item.line();
    place.set_accessible_label(&row::spoken(&line));
    if let Some(row) = place.child().and_downcast::<SidebarRow>() {
        row.show(&line);
    }
}
