//! The history of the open chat: which messages, where the view stands, and
//! what the user has seen of them.
//!
//! Everything comes from the store. On a change the messages concerned are
//! read again; when the set of messages changed, the list of ids is read and
//! [merged](crate::ui::list::merge). Answers for a chat that is no longer open
//! are dropped.

mod blocks;
pub mod body;
mod bubble;
mod deeds;
pub mod delivery;
mod doing;
mod drawn;
mod faces;
mod fold;
mod fold_line;
mod gap;
pub mod history_view;
mod hover;
mod jump;
pub mod layout;
mod mark;
pub mod message;
pub mod notice;
mod picker;
mod possible;
mod reacted;
mod reactions;
mod reply;
mod row_menu;
mod rows;
mod selection;
mod side;
pub mod source;
mod unreadable;
pub mod versions;
mod whole_text;

use std::rc::Rc;
use std::time::Duration;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{Component, ComponentParts, ComponentSender, Controller, adw, gtk};

use self::deeds::Deed;
use self::history_view::{HistoryView, Place, RowSource};
use self::jump::Jump;
use self::picker::Picker;
use self::row_menu::RowMenu;
use self::selection::{Choice, SelectionBar};
use self::source::{MessageSource, Names};
use super::composer::purpose::{Edit, Quoted};
use super::forward::Forward;
use super::i18n::{count, gettext};
use crate::engine::api::{Command, Engine};
use crate::engine::error::StoreError;
use crate::engine::model::{
    ConversationId, ConversationRow, Direction, Gap, MessageId, MessageRow, Reader, Version,
};
use crate::engine::text::{Term, file_link};
use crate::ui::widgets::tooltip::TooltipExt;

/// So many messages are painted at once when a chat opens.
const FIRST_PAGE: usize = 64;
/// Of more that change at once, only those are read that were read before: the
/// others are read when they come near.
const MANY: usize = 64;
/// When so many messages at the top stand in one line, the next page is fetched
/// once that line was opened: it takes no room, however much is fetched.
const MOST_UNSEEN: usize = 500;
/// Waiting is shown after this time, never before.
const PATIENCE: Duration = Duration::from_millis(300);
/// After this time without an answer from the archive one may ask again.
const EARLIER_TIMEOUT: Duration = Duration::from_secs(15);

/// The history's state.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
pub struct Timeline {
    engine: Engine,
    source: Rc<MessageSource>,
    history: HistoryView,
    open: Option<ConversationRow>,
    /// The ids of the whole chat are here, not only the first page.
    is_whole: bool,
    /// The ids are being read.
    is_reading_ids: bool,
    /// Ids changed while they were being read.
    has_old_ids: bool,
    /// The window is in use: what is on screen is being read.
    is_active: bool,
    is_online: bool,
    fetch: gio::SimpleAction,
    marked: Option<MessageId>,
    /// Counts the requests for earlier messages, so that an old timeout ends none but its own.
    earlier: Earlier,
    is_far: bool,
    own_address: String,
    _picker: Rc<Picker>,
    selection: SelectionBar,
    forward: Option<Controller<Forward>>,
    menu: RowMenu,
    jump: Jump,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Earlier {
    is_asked: bool,
    is_shown: bool,
    number: u32,
}

/// What the timeline is told.
#[derive(Debug)]
pub enum TimelineMsg {
    /// Show this chat, or none.
    Open(Option<Box<ConversationRow>>),
    /// The open chat's line was read again.
    Line(Box<ConversationRow>),
    /// Messages of the open chat changed.
    Changed(Vec<MessageId>),
    /// What is missing here changed.
    Gaps,
    /// Fetch what is missing.
    FetchMissing,
    /// Something unnamed changed: read all again.
    Reload,
    /// The window came into use, or went out of it.
    Active(bool),
    /// The chat's account came online, or went offline.
    Online(bool),
    /// What is missing could be fetched now, or could not.
    MayFetch(bool),
    /// The window became narrow, or wide again.
    Narrow(bool),
    /// Go to the newest message.
    JumpToEnd,
    /// The view moved.
    Moved,
    /// A row needs messages that were not read yet.
    Missing(Vec<MessageId>),
    /// The archive has taken long enough for this request to be shown.
    EarlierIsSlow(u32),
    /// The archive has not answered this request.
    EarlierTimedOut(u32),
    /// Try a failed message again.
    Retry(i64),
    /// Remove a failed message.
    Discard(i64),
    /// Open this run of messages from before this device existed, or fold it.
    TurnRun(i64),
    /// Open a file that a message links to.
    OpenFile(String),
    /// Give the keyboard to the messages.
    Focus,
    /// Do this about a message.
    Deed(Deed, MessageId),
    /// React with this emoji, or do not any more.
    TurnReaction(MessageId, String),
    /// Do this with all chosen messages.
    Choice(Choice),
    /// Delete these here; the user was asked.
    Delete(Vec<MessageId>),
    /// Messages were sent to so many chats.
    Forwarded(u32),
    /// The user has had time to see this message, to which they came.
    JumpSeen(MessageId),
    /// Copy this text.
    CopyText(String),
    /// The bare address of the open chat's account.
    OwnAddress(String),
    /// Mark what is looked for, and go to a message of the open chat.
    LookFor(Vec<Term>, Option<MessageId>),
    /// Remember where the view stands.
    Remember,
    /// Forget where it stood; `true`: and go back there.
    Return(bool),
}

/// What the timeline tells.
#[derive(Debug)]
pub enum TimelineOutput {
    /// The history could not be read.
    Trouble(StoreError),
    /// Show the devices of the other side (false) or of the user (true).
    Devices {
        /// The user's own.
        is_own: bool,
    },
    /// Show what protected this message.
    Details(Box<MessageRow>),
    /// Write an answer to this message.
    Reply(Quoted),
    /// Edit this message.
    Edit(Edit),
    /// The user is to know this.
    Notice(String),
}

/// An answer of the store.
#[derive(Debug)]
pub enum TimelineRead {
    /// The newest messages.
    Latest(ConversationId, Result<Vec<MessageRow>, StoreError>),
    /// The ids of the whole chat.
    Ids(ConversationId, Result<Vec<MessageId>, StoreError>),
    /// What is missing here.
    Gaps(ConversationId, Result<Vec<Gap>, StoreError>),
    /// Who has read up to where.
    Readers(ConversationId, Result<Vec<Reader>, StoreError>),
    /// Messages that were missing or changed: the ids asked for, and what is there.
    Messages(
        ConversationId,
        Vec<MessageId>,
        Result<Vec<MessageRow>, StoreError>,
    ),
    /// The texts of a message.
    Versions(Result<Vec<Version>, StoreError>),
    /// Messages to copy.
    ToCopy(Result<Vec<MessageRow>, StoreError>),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Timeline {
    type Init = Engine;
    type Input = TimelineMsg;
    type Output = TimelineOutput;
    type CommandOutput = TimelineRead;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,

            #[name(overlay)]
            gtk::Overlay {
                set_vexpand: true,

                gtk::ScrolledWindow {
                    set_hscrollbar_policy: gtk::PolicyType::Never,

                    adw::ClampScrollable {
                        set_maximum_size: 896,
                        set_tightening_threshold: 896,

                        #[local_ref]
                        history -> HistoryView {
                            update_property: &[gtk::accessible::Property::Label(&gettext("Messages"))],
                        },
                    },
                },

                add_overlay = &gtk::Revealer {
                    set_halign: gtk::Align::End,
                    set_valign: gtk::Align::End,
                    set_transition_type: gtk::RevealerTransitionType::Crossfade,
                    #[watch]
                    set_reveal_child: model.is_far,
                    #[watch]
                    set_can_target: model.is_far,

                    gtk::Overlay {
                        gtk::Button {
                            set_icon_name: "jump-to-end-symbolic",
                            set_css_classes: &["circular", "jump"],
                            #[watch]
                            set_tooltip: &model.jump_name(),
                            connect_clicked => TimelineMsg::JumpToEnd,
                        },
                        add_overlay = &gtk::Label {
                            set_css_classes: &["badge", "numeric"],
                            set_halign: gtk::Align::Center,
                            set_valign: gtk::Align::Start,
                            set_margin_top: 8,
                            set_can_target: false,
                            set_accessible_role: gtk::AccessibleRole::Presentation,
                            #[watch]
                            set_visible: model.unread() > 0,
                            #[watch]
                            set_label: &model.unread().to_string(),
                        },
                    },
                },

                add_overlay = &gtk::Revealer {
                    set_halign: gtk::Align::Center,
                    set_valign: gtk::Align::Start,
                    set_can_target: false,
                    set_transition_type: gtk::RevealerTransitionType::Crossfade,
                    #[watch]
                    set_reveal_child: model.earlier.is_shown,

                    adw::Spinner {
                        set_css_classes: &["loading-earlier"],
                        set_size_request: (32, 32),
                        set_tooltip_text: Some(&gettext("Loading earlier messages")),
                    },
                },
            },

            #[local_ref]
            selection_bar -> gtk::Box {},
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let input = sender.input_sender().clone();
        let source = Rc::new(MessageSource::new(move |ids| {
            // The timeline may be gone when its last row asks.
            let _ = input.send(TimelineMsg::Missing(ids));
        }));
        let history = HistoryView::default();
        history.set_source(Some(source.clone()));
        let input = sender.input_sender().clone();
        history.connect_moved(move |_| {
            // The timeline may be gone when its view moves a last time.
            let _ = input.send(TimelineMsg::Moved);
        });
        let fetch = gio::SimpleAction::new("fetch-missing", None);
        fetch.set_enabled(false);
        let group = actions(&fetch, &sender);
        deeds::add_actions(&group, sender.input_sender());
        root.insert_action_group("message", Some(&group));

        let selection = SelectionBar::new(&history, sender.input_sender());
        let selection_bar = selection.root.clone();
        let input = sender.input_sender().clone();
        let picker = Rc::new(Picker::new(&root, move |id, emoji| {
            // The timeline may be gone when the window closes.
            let _ = input.send(TimelineMsg::TurnReaction(MessageId(id), emoji));
        }));
        group.add_action(&Picker::action(&picker, &history, &source));

        let model = Self {
            engine,
            source: source.clone(),
            history: history.clone(),
            open: None,
            is_whole: false,
            is_reading_ids: false,
            has_old_ids: false,
            is_active: false,
            is_online: false,
            fetch,
            marked: None,
            earlier: Earlier::default(),
            is_far: false,
            own_address: String::new(),
            _picker: picker,
            selection,
            forward: None,
            menu: RowMenu::new(&root, &history, &source),
            jump: Jump::default(),
        };
        let widgets = view_output!();
        hover::add(&widgets.overlay, &model.history, &model.source);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: TimelineMsg, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            TimelineMsg::Open(row) => self.show(row.map(|row| *row), &sender),
            TimelineMsg::Line(row) => self.line_changed(*row, &sender),
            TimelineMsg::Changed(ids) => self.changed(ids, &sender),
            TimelineMsg::Missing(ids) => self.read(ids, &sender),
            TimelineMsg::Gaps => self.read_gaps(&sender),
            TimelineMsg::FetchMissing => {
                if let Some(open) = &self.open {
                    self.engine.command(Command::FetchMissing(open.account));
                }
            }
            TimelineMsg::Reload => {
                if let Some(open) = &self.open {
                    self.read_ids(open.id, &sender);
                    let live = self.source.ids_in(self.history.live_rows());
                    self.source.keep_only(&live);
                    self.read(live, &sender);
                }
            }
            TimelineMsg::Active(is_active) => {
                self.is_active = is_active;
                self.mark_read();
            }
            TimelineMsg::Online(is_online) => {
                self.is_online = is_online;
                // A request that went under with the connection may be made again.
                self.earlier_came();
                self.moved(&sender);
            }
            TimelineMsg::MayFetch(may_fetch) => self.fetch.set_enabled(may_fetch),
            // Only when it changes: all that is shown gets its style anew.
            TimelineMsg::Narrow(true) => self.history.add_css_class("narrow"),
            TimelineMsg::Narrow(false) => self.history.remove_css_class("narrow"),
            TimelineMsg::JumpToEnd => self.history.scroll_to_end(),
            TimelineMsg::Moved => self.moved(&sender),
            TimelineMsg::EarlierIsSlow(number) => {
                self.earlier.is_shown = self.earlier.is_asked && self.earlier.number == number;
            }
            TimelineMsg::EarlierTimedOut(number) => {
                if self.earlier.number == number {
                    self.earlier_came();
                }
            }
            TimelineMsg::Retry(id) => self.engine.command(Command::Retry(MessageId(id))),
            TimelineMsg::Discard(id) => self.engine.command(Command::Discard(MessageId(id))),
            TimelineMsg::TurnRun(run) => self.turn_run(MessageId(run)),
            TimelineMsg::OpenFile(url) => {
                if file_link(&url).is_some() {
                    body::open(root, &url);
                }
            }
            TimelineMsg::Focus => {
                self.history.grab_focus();
            }
            TimelineMsg::Deed(deed, id) => self.deed(deed, id, root, &sender),
            TimelineMsg::TurnReaction(id, emoji) => self.turn_reaction(id, &emoji),
            TimelineMsg::Choice(choice) => self.choice(choice, root, &sender),
            TimelineMsg::Delete(messages) => self.delete(messages),
            TimelineMsg::Forwarded(chats) => self.forwarded(chats, &sender),
            TimelineMsg::JumpSeen(id) => self.jump_seen(id),
            TimelineMsg::CopyText(text) => root.clipboard().set_text(&text),
            TimelineMsg::OwnAddress(address) => self.own_address_is(address),
            TimelineMsg::LookFor(wanted, found) => self.look_for(wanted, found),
            TimelineMsg::Remember => self.remember(),
            TimelineMsg::Return(goes_back) => self.go_back(goes_back),
        }
    }

    fn update_cmd(
        &mut self,
        answer: TimelineRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        let is_open = |id| self.open.as_ref().is_some_and(|open| open.id == id);
        let read = match answer {
            TimelineRead::Latest(id, rows) if is_open(id) => rows.map(|rows| self.first_page(rows)),
            TimelineRead::Ids(id, ids) if is_open(id) => {
                self.is_reading_ids = false;
                if std::mem::take(&mut self.has_old_ids) {
                    self.read_ids(id, &sender);
                }
                ids.map(|ids| self.ids_came(ids, &sender))
            }
            TimelineRead::Gaps(id, gaps) if is_open(id) => gaps.map(|gaps| {
                if self.source.set_gaps(gaps) {
                    self.history.rows_changed(self.history.live_rows());
                }
            }),
            TimelineRead::Readers(id, readers) if is_open(id) => {
                readers.map(|readers| self.readers_came(readers))
            }
            TimelineRead::Messages(id, asked, rows) if is_open(id) => {
                self.source.answered(&asked);
                rows.map(|rows| self.messages_came(id, &asked, rows, &sender))
            }
            TimelineRead::Versions(versions) => {
                versions.map(|versions| versions::show(root, &versions))
            }
            TimelineRead::ToCopy(rows) => rows.map(|rows| self.copy(&rows, root, &sender)),
            // The user went on to another chat.
            _ => Ok(()),
        };
        if let Err(error) = read {
            // Nobody hears it when the window is closing.
            let _ = sender.output(TimelineOutput::Trouble(error));
        }
    }
}

impl Timeline {
    fn show(&mut self, row: Option<ConversationRow>, sender: &ComponentSender<Self>) {
        let is_same = self.open.as_ref().map(|open| open.id) == row.as_ref().map(|row| row.id);
        if is_same {
            return;
        }
        self.is_whole = false;
        self.is_reading_ids = false;
        self.has_old_ids = false;
        self.marked = None;
        self.is_far = false;
        self.earlier_came();
        self.end_choosing();
        let names = row.as_ref().map_or_else(Names::default, |row| Names {
            other: row.name.clone(),
            own: row.own_name.clone(),
            other_address: row.address.clone(),
            own_address: self.own_address.clone(),
            ..Names::default()
        });
        self.jump = Jump::default();
        self.source
            .reset(names, row.as_ref().and_then(|row| row.first_unread));
        self.history.set_source(Some(self.source.clone()));
        self.open = row;
        if let Some(open) = &self.open {
            let (engine, id) = (self.engine.clone(), open.id);
            sender.oneshot_command(async move {
                TimelineRead::Latest(id, engine.latest_messages(id, FIRST_PAGE).await)
            });
            self.read_ids(id, sender);
            self.read_readers(sender);
        }
    }

    /// The user's own messages have the colour of their address where they are
    /// answered.
    fn own_address_is(&mut self, address: String) {
        if self.source.set_own_address(&address) {
            self.history.rows_changed(self.history.live_rows());
        }
        self.own_address = address;
    }

    fn line_changed(&mut self, row: ConversationRow, sender: &ComponentSender<Self>) {
        if self.open.as_ref().is_none_or(|open| open.id != row.id) {
            return;
        }
        if row.is_history_complete {
            self.earlier_came();
        }
        if let Some(unread) = row.first_unread
            && self.is_whole
            && (!self.is_active || !self.history.is_at_bottom())
            && self.source.first_unread().is_none()
        {
            self.source.set_first_unread(unread);
        }
        if self.source.set_other(&row.name) {
            self.history.rows_changed(self.history.live_rows());
        }
        self.open = Some(row);
        self.mark_read();
        self.load_earlier(sender);
    }

    // ---- reading

    /// Reads which messages there are; what changes meanwhile leads to one more
    /// reading.
    fn read_ids(&mut self, id: ConversationId, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.is_reading_ids, true) {
            self.has_old_ids = true;
            return;
        }
        let engine = self.engine.clone();
        sender.oneshot_command(async move { TimelineRead::Ids(id, engine.message_ids(id).await) });
    }

    fn read_gaps(&self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let (engine, id) = (self.engine.clone(), open.id);
        sender.oneshot_command(async move { TimelineRead::Gaps(id, engine.gaps(id).await) });
    }

    fn read_readers(&self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let (engine, id) = (self.engine.clone(), open.id);
        sender.oneshot_command(async move { TimelineRead::Readers(id, engine.readers(id).await) });
    }

    /// Shows who has read up to where.
    fn readers_came(&self, readers: Vec<Reader>) {
        let picture = self.open.as_ref().map_or("", |open| &open.picture);
        let faces = faces::faces(readers, &self.source.other(), picture);
        if self.source.set_faces(faces) {
            self.history.rows_changed(self.history.live_rows());
        }
    }

    fn changed(&mut self, mut ids: Vec<MessageId>, sender: &ComponentSender<Self>) {
        self.read_readers(sender);
        if ids.len() > MANY
            && let Some(id) = self.open.as_ref().map(|open| open.id)
        {
            ids.retain(|id| self.source.message(*id).is_some());
            self.read_ids(id, sender);
        }
        if !ids.is_empty() {
            self.read(ids, sender);
        }
    }

    fn read(&self, ids: Vec<MessageId>, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let (engine, id) = (self.engine.clone(), open.id);
        sender.oneshot_command(async move {
            let rows = engine.messages(ids.clone()).await;
            TimelineRead::Messages(id, ids, rows)
        });
    }

    fn first_page(&mut self, rows: Vec<MessageRow>) {
        let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
        let splices = self.source.keep(rows);
        self.splice(splices);
        if self.is_whole || self.source.message_count() > ids.len() {
            self.history.rows_changed(self.history.live_rows());
            return;
        }
        self.set_ids(ids);
        self.go_to_unread();
    }

    fn ids_came(&mut self, ids: Vec<MessageId>, sender: &ComponentSender<Self>) {
        let was_whole = std::mem::replace(&mut self.is_whole, true);
        let unread_was_here = self
            .source
            .first_unread()
            .is_some_and(|id| self.source.place_of(id).is_some());
        let first = self.source.oldest();
        if was_whole && first != ids.first().copied() {
            self.earlier_came();
        }
        self.set_ids(ids);
        if !was_whole && !unread_was_here {
            self.go_to_unread();
        }
        self.jump_now();
        // Where they stand depends on what is here.
        self.read_gaps(sender);
        self.mark_read();
    }

    /// Shows the chat from its first new message on, when there is one.
    fn go_to_unread(&self) {
        let unread = self
            .source
            .first_unread()
            .and_then(|id| self.source.row_of(id));
        if let Some(index) = unread {
            self.history.scroll_to(index, Place::Top);
        }
    }

    fn messages_came(
        &mut self,
        id: ConversationId,
        asked: &[MessageId],
        rows: Vec<MessageRow>,
        sender: &ComponentSender<Self>,
    ) {
        let is_gone = rows.len() < asked.len();
        let moved_or_new = rows.iter().any(|row| match self.source.message(row.id) {
            Some(known) => known.time != row.time,
            None => self.source.place_of(row.id).is_none(),
        });
        // Of the end, not one of an earlier page.
        let newest = self.source.newest();
        let new_received = rows.iter().find(|row| {
            row.direction == Direction::Incoming
                && self.source.place_of(row.id).is_none()
                && newest.as_ref().is_none_or(|newest| row.time >= newest.time)
        });
        if let Some(row) = new_received
            && self.is_whole
            && (!self.is_active || !self.history.is_at_bottom())
            && self.source.first_unread().is_none()
        {
            self.source.set_first_unread(row.id);
        }
        let read: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
        let splices = self.source.keep(rows);
        self.splice(splices);
        let rows = read.iter().filter_map(|id| self.source.row_of(*id));
        let rows: Vec<usize> = rows.collect();
        if let (Some(first), Some(last)) = (rows.iter().min(), rows.iter().max()) {
            self.history.rows_changed(first.saturating_sub(1)..last + 2);
        }
        if is_gone || moved_or_new {
            self.read_ids(id, sender);
        }
        self.load_earlier(sender);
    }

    // ---- where the view is

    fn moved(&mut self, sender: &ComponentSender<Self>) {
        let page = f64::from(self.history.height());
        self.is_far = self.source.count() > 1 && self.history.distance_to_bottom() > page.max(1.0);
        self.mark_read();
        self.load_earlier(sender);
    }

    /// Marks as read what is really on screen in a window that is in use.
    fn mark_read(&mut self) {
        let Some(open) = &self.open else { return };
        if !self.is_active || open.unread == 0 || !self.history.is_mapped() {
            return;
        }
        let Some(last) = self.source.last_received(self.history.visible_rows()) else {
            return;
        };
        let place = |id: MessageId| self.source.place_of(id);
        if self.marked.and_then(place) >= place(last) {
            return;
        }
        self.marked = Some(last);
        self.engine.command(Command::MarkRead {
            conversation: open.id,
            up_to: last,
        });
    }

    fn load_earlier(&mut self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let is_near =
            self.is_whole && self.history.live_rows().start == 0 && self.history.is_mapped();
        if open.is_history_complete || !is_near || !self.is_online || self.earlier.is_asked {
            return;
        }
        // What stands at the top is known once it was read.
        let is_read = self
            .source
            .oldest()
            .is_none_or(|id| self.source.message(id).is_some());
        if !is_read || self.source.folded_at_top() >= MOST_UNSEEN {
            return;
        }
        if self.engine.server_lacks(open.account).archive {
            return;
        }
        self.engine.command(Command::LoadEarlier(open.id));
        let number = self.earlier.number + 1;
        self.earlier = Earlier {
            is_asked: true,
            is_shown: false,
            number,
        };
        for (time, message) in [
            (PATIENCE, TimelineMsg::EarlierIsSlow(number)),
            (EARLIER_TIMEOUT, TimelineMsg::EarlierTimedOut(number)),
        ] {
            let input = sender.input_sender().clone();
            glib::timeout_add_local_once(time, move || {
                // The timeline may be gone by then.
                let _ = input.send(message);
            });
        }
    }

    fn earlier_came(&mut self) {
        self.earlier.is_asked = false;
        self.earlier.is_shown = false;
    }

    fn unread(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.unread)
    }

    fn jump_name(&self) -> String {
        match self.unread() {
            0 => gettext("Go to the newest message"),
            unread => count(
                "Go to the newest message, {count} new message",
                "Go to the newest message, {count} new messages",
                unread,
            ),
        }
    }
}

/// What the buttons in the rows do; the message is the action's target.
fn actions(
    fetch: &gio::SimpleAction,
    sender: &ComponentSender<Timeline>,
) -> gio::SimpleActionGroup {
    let group = gio::SimpleActionGroup::new();
    for (name, wish) in [
        ("retry", TimelineMsg::Retry as fn(i64) -> TimelineMsg),
        ("discard", TimelineMsg::Discard),
        ("turn-run", TimelineMsg::TurnRun),
    ] {
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::INT64));
        let input = sender.input_sender().clone();
        action.connect_activate(move |_, target| {
            if let Some(id) = target.and_then(|target| target.get::<i64>()) {
                input.emit(wish(id));
            }
        });
        group.add_action(&action);
    }
    let input = sender.input_sender().clone();
    fetch.connect_activate(move |_, _| {
        // The timeline may be gone when the window closes.
        let _ = input.send(TimelineMsg::FetchMissing);
    });
    group.add_action(fetch);
    for (name, wish) in [
        (
            "open-file",
            TimelineMsg::OpenFile as fn(String) -> TimelineMsg,
        ),
        ("copy-text", TimelineMsg::CopyText),
    ] {
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::STRING));
        let input = sender.input_sender().clone();
        action.connect_activate(move |_, target| {
            if let Some(text) = target.and_then(|target| target.get::<String>()) {
                // The timeline may be gone when the window closes.
                let _ = input.send(wish(text));
            }
        });
        group.add_action(&action);
    }
    let turn = gio::SimpleAction::new(
        "turn-reaction",
        Some(&<(i64, String)>::static_variant_type()),
    );
    let input = sender.input_sender().clone();
    turn.connect_activate(move |_, target| {
        if let Some((id, emoji)) = target.and_then(|target| target.get::<(i64, String)>()) {
            // The timeline may be gone when the window closes.
            let _ = input.send(TimelineMsg::TurnReaction(MessageId(id), emoji));
        }
    });
    group.add_action(&turn);
    group
}
