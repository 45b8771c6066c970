//! One chat: header, banner, history and composer. Without an open chat, a
//! page that says so.

mod asking;
pub mod banner;
pub mod chat_menu;
pub mod empty;
mod encryption;
pub mod find_bar;
mod finding;
pub mod header;
mod message;
mod other_side;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{
    Component, ComponentController, ComponentParts, ComponentSender, Controller, adw, gtk,
};

use self::asking::Asking;
use self::banner::Banner;
use self::find_bar::{FindBar, FindBarMsg};
pub use self::finding::Find;
use self::header::{Doing, Header};
pub use self::message::{ConversationMsg, ConversationOutput, Part};
use super::composer::{self, Composer, ComposerMsg, ComposerOutput};
use super::encryption::chat::{self, ChatEncryptionMsg, EncryptionOfChat};
use super::encryption::lock::Lock;
use super::i18n::gettext;
use super::timeline::{Timeline, TimelineMsg};
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{Account, ConversationId, ConversationRow, Presence};

/// The open chat.
pub struct ConversationView {
    engine: Engine,
    open: Option<ConversationRow>,
    has_chats: bool,
    doing: Doing,
    header: Header,
    asking: Asking,
    timeline: Controller<Timeline>,
    composer: Controller<Composer>,
    find: Controller<FindBar>,
    encryption: Controller<EncryptionOfChat>,
    /// Every device that can read the open chat is verified.
    is_verified: bool,
    banner: Option<Banner>,
    /// When the header says another number of minutes.
    minute: Option<glib::SourceId>,
    is_narrow: bool,
    accounts: Vec<Account>,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for ConversationView {
    type Init = Engine;
    type Input = ConversationMsg;
    type Output = ConversationOutput;
    type CommandOutput = (ConversationId, Result<Option<ConversationRow>, StoreError>);

    view! {
        adw::ToolbarView {
            add_top_bar = &adw::HeaderBar {
                set_show_title: false,
                pack_start = &gtk::Box {
                    #[local_ref]
                    header_button -> gtk::Button {
                        #[watch]
                        set_visible: model.open.is_some(),
                    },
                },
                pack_end = &gtk::Box {
                    #[local_ref]
                    menu_button -> gtk::MenuButton {
                        #[watch]
                        set_visible: model.open.is_some(),
                    },
                },
                pack_end = &gtk::Button {
                    set_icon_name: "edit-find-symbolic",
                    set_tooltip_text: Some(&gettext("Search in This Chat")),
                    // In a narrow window the menu has it.
                    #[watch]
                    set_visible: model.open.is_some() && !model.is_narrow,
                    connect_clicked => ConversationMsg::Find(Find::Here),
                },
            },
            #[local_ref]
            add_top_bar = &find_bar -> gtk::Box {},
            add_top_bar = &adw::Banner {
                #[watch]
                set_revealed: model.banner.is_some(),
                #[watch]
                set_title: &glib::markup_escape_text(model.banner.as_ref().map_or("", |banner| &banner.text)),
                #[watch]
                set_button_label: model.banner.as_ref().map(|banner| banner.action.label()).as_deref(),
                set_action_name: Some("win.mend-connection"),
            },

            #[wrap(Some)]
            set_content = &gtk::Stack {
                // A page that is not shown must not keep the chat wide.
                set_hhomogeneous: false,
                add_child = &empty::no_chat_open() -> adw::StatusPage {} -> {
                    set_name: "no-chat-open",
                },
                add_child = &empty::no_chats() -> adw::StatusPage {} -> {
                    set_name: "no-chats",
                },
                add_child = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,

                    #[local_ref]
                    timeline_widget -> gtk::Box {},
                    adw::Clamp {
                        set_maximum_size: 896,
                        set_tightening_threshold: 896,
                        #[local_ref]
                        writing -> gtk::Box {},
                    },
                } -> {
                    set_name: "chat",
                },
                #[watch]
                set_visible_child_name: model.page(),
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let timeline = Timeline::builder()
            .launch(engine.clone())
            .forward(sender.input_sender(), ConversationMsg::Timeline);
        let lock = Lock::new();
        let composer = Composer::builder()
            .launch(composer::Init {
                engine: engine.clone(),
                lock: lock.button.clone(),
            })
            .forward(sender.input_sender(), |output| match output {
                ComposerOutput::Sent => ConversationMsg::JumpToEnd,
                ComposerOutput::Stopped => ConversationMsg::Stopped,
                ComposerOutput::HasText(has_text) => ConversationMsg::HasText(has_text),
                ComposerOutput::Notice(text) => ConversationMsg::Notice(text),
            });
        let encryption = EncryptionOfChat::builder()
            .launch(chat::Init {
                engine: engine.clone(),
                lock,
            })
            .forward(sender.input_sender(), ConversationMsg::Encryption);
        let find = FindBar::builder()
            .launch(engine.clone())
            .forward(sender.input_sender(), ConversationMsg::FindBar);
        let writing = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .css_classes(["writing"])
            .build();
        let input = sender.input_sender().clone();
        let asking = Asking::new(move |may| input.emit(ConversationMsg::Asked(may)));
        writing.append(&asking.root);
        writing.append(encryption.widget());
        writing.append(composer.widget());
        write_from_history(timeline.widget(), &sender);
        let model = Self {
            engine,
            open: None,
            has_chats: true,
            doing: Doing::default(),
            header: Header::default(),
            asking,
            timeline,
            composer,
            find,
            encryption,
            is_verified: false,
            banner: None,
            minute: None,
            is_narrow: false,
            accounts: Vec::new(),
        };
        let input = sender.input_sender().clone();
        root.insert_action_group(
            chat_menu::GROUP,
            Some(&chat_menu::actions(move |wish| {
                input.emit(ConversationMsg::Wish(wish));
            })),
        );
        let header_button = model.header.button.clone();
        let menu_button = model.header.menu.clone();
        let find_bar = model.find.widget().clone();
        let timeline_widget = model.timeline.widget().clone();
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(
        &mut self,
        message: ConversationMsg,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            ConversationMsg::Open(row) => self.show(row, &sender),
            ConversationMsg::LineChanged => {
                self.read_line(&sender);
                self.tell_encryption(ChatEncryptionMsg::Changed);
            }
            ConversationMsg::Asked(may) => self.answer(may),
            ConversationMsg::Devices => self.tell_encryption(ChatEncryptionMsg::Changed),
            ConversationMsg::Stopped => self.tell_encryption(ChatEncryptionMsg::Stopped),
            ConversationMsg::HasText(has_text) => {
                self.tell_encryption(ChatEncryptionMsg::HasText(has_text));
            }
            ConversationMsg::Encryption(output) => self.encryption_says(output, &sender),
            ConversationMsg::Timeline(output) => self.timeline_says(output, &sender),
            ConversationMsg::Changed(ids) => {
                self.tell_timeline(TimelineMsg::Changed(ids));
                self.tell_find(FindBarMsg::Changed);
            }
            ConversationMsg::Gaps => self.tell_timeline(TimelineMsg::Gaps),
            ConversationMsg::Reload => {
                self.read_line(&sender);
                self.tell_timeline(TimelineMsg::Reload);
                self.tell_encryption(ChatEncryptionMsg::Changed);
            }
            ConversationMsg::Typing(is_typing) => {
                self.doing.is_typing = is_typing;
                self.show_header();
            }
            ConversationMsg::Presence(presence) => {
                self.doing.is_typing &= presence != Presence::Offline;
                self.read_presence(&sender);
                self.show_header();
            }
            ConversationMsg::Minute => {
                self.minute = None;
                self.read_presence(&sender);
                self.show_header();
            }
            ConversationMsg::Online(is_online) => {
                self.doing.is_known = is_online;
                self.doing.is_typing &= is_online;
                self.show_header();
                self.tell_timeline(TimelineMsg::Online(is_online));
                self.tell_encryption(ChatEncryptionMsg::Changed);
            }
            ConversationMsg::MayFetch(may_fetch) => {
                self.tell_timeline(TimelineMsg::MayFetch(may_fetch));
            }
            ConversationMsg::Accounts(accounts) => {
                self.accounts = accounts;
                self.tell_own_address();
                self.show_header();
                self.tell_encryption(ChatEncryptionMsg::Open(self.open_chat()));
            }
            ConversationMsg::Banner(banner) => self.banner = banner,
            ConversationMsg::HasChats(has_chats) => self.has_chats = has_chats,
            ConversationMsg::Active(is_active) => {
                self.tell_timeline(TimelineMsg::Active(is_active));
            }
            ConversationMsg::Narrow(is_narrow) => {
                self.is_narrow = is_narrow;
                self.tell_timeline(TimelineMsg::Narrow(is_narrow));
            }
            ConversationMsg::JumpToEnd => self.tell_timeline(TimelineMsg::JumpToEnd),
            // Nobody listens while the window closes.
            ConversationMsg::Notice(text) => {
                let _ = sender.output(ConversationOutput::Notice(text));
            }
            ConversationMsg::Preferences => self.tell_composer(ComposerMsg::Preferences),
            ConversationMsg::Keep(handed_over) => {
                self.tell_composer(ComposerMsg::Keep(Some(handed_over)));
            }
            ConversationMsg::Forget(id, forgotten) => {
                self.tell_composer(ComposerMsg::Forget(id, forgotten));
            }
            ConversationMsg::Wish(wish) => {
                if let Some(open) = self.open.clone() {
                    // Nobody listens while the window closes.
                    let _ = sender.output(ConversationOutput::Wish(wish, Box::new(open)));
                }
            }
            ConversationMsg::Find(wish) => self.find(wish),
            ConversationMsg::FindBar(output) => self.find_says(output, &sender),
            ConversationMsg::Menu => self.header.show_menu(),
            ConversationMsg::GiveBack(id, text) => {
                self.tell_composer(ComposerMsg::GiveBack(id, text));
            }
            ConversationMsg::Typed(text) => self.tell_composer(ComposerMsg::Insert(text)),
            ConversationMsg::Focus(part) => match part {
                Part::Header => {
                    self.header.button.grab_focus();
                }
                Part::History => self.tell_timeline(TimelineMsg::Focus),
                Part::Composer => self.tell_composer(ComposerMsg::Focus),
            },
        }
    }

    fn update_cmd(
        &mut self,
        (id, line): Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if self.open.as_ref().is_none_or(|open| open.id != id) {
            return;
        }
        match line {
            Ok(Some(row)) => {
                self.tell_timeline(TimelineMsg::Line(Box::new(row.clone())));
                self.open = Some(row);
                self.show_header();
                self.tell_encryption(ChatEncryptionMsg::Open(self.open_chat()));
            }
            Ok(None) => self.show(None, &sender),
            // Nobody listens while the window closes.
            Err(error) => drop(sender.output(ConversationOutput::Trouble(error))),
        }
    }
}

impl ConversationView {
    fn show(&mut self, row: Option<Box<ConversationRow>>, sender: &ComponentSender<Self>) {
        self.tell_timeline(TimelineMsg::Open(row.clone()));
        self.tell_find(FindBarMsg::Chat(row.as_ref().map(|row| row.id)));
        self.tell_composer(ComposerMsg::Open(
            row.as_ref().map(|row| (row.id, row.name.clone())),
        ));
        self.doing = Doing {
            is_known: self.doing.is_known,
            ..Doing::default()
        };
        self.open = row.map(|row| *row);
        self.tell_own_address();
        self.is_verified = false;
        self.tell_encryption(ChatEncryptionMsg::Open(self.open_chat()));
        self.read_presence(sender);
        self.show_header();
    }

    // While the window closes, a part may be gone before the whole.

    fn tell_timeline(&self, message: TimelineMsg) {
        let _ = self.timeline.sender().send(message);
    }

    fn tell_composer(&self, message: ComposerMsg) {
        let _ = self.composer.sender().send(message);
    }

    fn tell_own_address(&self) {
        if let Some(open) = self.open_chat() {
            self.tell_timeline(TimelineMsg::OwnAddress(open.own_address));
        }
    }

    fn page(&self) -> &'static str {
        match (&self.open, self.has_chats) {
            (Some(_), _) => "chat",
            (None, true) => "no-chat-open",
            (None, false) => "no-chats",
        }
    }
}

/// A letter typed while the messages have the keyboard goes to the composer.
fn write_from_history(timeline: &gtk::Box, sender: &ComponentSender<ConversationView>) {
    let keys = gtk::EventControllerKey::new();
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let held = modifiers
            & (gdk::ModifierType::CONTROL_MASK
                | gdk::ModifierType::ALT_MASK
                | gdk::ModifierType::SUPER_MASK);
        match key.to_unicode() {
            Some(letter) if held.is_empty() && !letter.is_control() && letter != ' ' => {
                input.emit(ConversationMsg::Typed(letter.to_string()));
                glib::Propagation::Stop
            }
            _ => glib::Propagation::Proceed,
        }
    });
    timeline.add_controller(keys);
}

/// Returns a title for the page of a chat, for those who listen.
pub fn title(row: Option<&ConversationRow>) -> String {
    row.map_or_else(|| gettext("No Chat Open"), |row| row.name.clone())
}
