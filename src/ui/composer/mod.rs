//! Where the user writes: the field, emoji, and the button that sends.
//!
//! What was typed in a chat and not sent stays with that chat while the
//! program runs.

pub mod typing;

use std::collections::BTreeMap;

use relm4::gtk::{self, gdk, glib, pango, prelude::*};
use relm4::{Component, ComponentParts, ComponentSender};
use sourceview5::prelude::*;

use self::typing::{PAUSE, Typing};
use crate::engine::api::{Command, Engine};
use crate::engine::model::ConversationId;
use crate::ui::i18n::{fill, gettext};

/// The composer's state.
pub struct Composer {
    engine: Engine,
    open: Option<ConversationId>,
    drafts: BTreeMap<ConversationId, String>,
    buffer: sourceview5::Buffer,
    view: sourceview5::View,
    typing: Typing,
    pause: Option<glib::SourceId>,
    has_text: bool,
    /// The text is being replaced by the program, not by the user.
    is_setting: bool,
}

/// What the composer is told.
#[derive(Debug)]
pub enum ComposerMsg {
    /// Write in this chat, with this name, or in none.
    Open(Option<(ConversationId, String)>),
    /// Send what is written.
    Send,
    /// The text changed.
    Changed,
    /// Nothing was typed for a while.
    Paused,
    /// Give the keyboard to the field.
    Focus,
    /// A letter typed elsewhere in the chat belongs here.
    Insert(String),
}

/// What the composer tells.
#[derive(Debug)]
pub enum ComposerOutput {
    /// A message was sent.
    Sent,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Composer {
    type Init = Engine;
    type Input = ComposerMsg;
    type Output = ComposerOutput;
    type CommandOutput = ();

    view! {
        gtk::Box {
            set_css_classes: &["composer"],
            set_spacing: 8,

            gtk::Box {
                set_css_classes: &["field"],
                set_hexpand: true,

                gtk::Overlay {
                    set_hexpand: true,
                    set_valign: gtk::Align::Center,
                    set_margin_start: 12,

                    gtk::ScrolledWindow {
                        set_hscrollbar_policy: gtk::PolicyType::Never,
                        // A scrollbar's least height is more than a line.
                        set_vscrollbar_policy: gtk::PolicyType::External,
                        set_propagate_natural_height: true,
                        set_max_content_height: 190,
                        set_min_content_height: 34,

                        #[local_ref]
                        view -> sourceview5::View {
                            set_wrap_mode: gtk::WrapMode::WordChar,
                            set_accepts_tab: false,
                            set_top_margin: 8,
                            set_bottom_margin: 6,
                            set_hexpand: true,
                            set_input_hints: gtk::InputHints::EMOJI | gtk::InputHints::SPELLCHECK,
                        },
                    },
                    add_overlay = &gtk::Label {
                        set_label: &gettext("Message"),
                        set_css_classes: &["placeholder"],
                        set_halign: gtk::Align::Start,
                        set_can_target: false,
                        set_ellipsize: pango::EllipsizeMode::End,
                        set_accessible_role: gtk::AccessibleRole::Presentation,
                        #[watch]
                        set_visible: !model.has_text,
                    },
                },

                gtk::MenuButton {
                    set_icon_name: "face-smile-symbolic",
                    set_tooltip_text: Some(&gettext("Emoji")),
                    set_valign: gtk::Align::End,
                    set_css_classes: &["flat", "circular"],
                    set_direction: gtk::ArrowType::Up,
                    #[wrap(Some)]
                    set_popover = &gtk::EmojiChooser {
                        connect_emoji_picked[view] => move |_, emoji| {
                            view.buffer().insert_at_cursor(emoji);
                            view.grab_focus();
                        },
                    },
                },
            },

            #[name(send)]
            gtk::Button {
                set_icon_name: "chat-send-symbolic",
                set_tooltip_text: Some(&gettext("Send")),
                set_valign: gtk::Align::End,
                set_css_classes: &["suggested-action", "circular", "send"],
                #[watch]
                set_sensitive: model.has_text && model.open.is_some(),
                connect_clicked => ComposerMsg::Send,
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let buffer = sourceview5::Buffer::new(None);
        buffer.set_highlight_matching_brackets(false);
        let view = sourceview5::View::with_buffer(&buffer);
        let input = sender.input_sender().clone();
        buffer.connect_changed(move |_| input.emit(ComposerMsg::Changed));
        send_by_enter(&view, &sender);

        let model = Self {
            engine,
            open: None,
            drafts: BTreeMap::new(),
            buffer,
            view: view.clone(),
            typing: Typing::default(),
            pause: None,
            has_text: false,
            is_setting: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ComposerMsg, sender: ComponentSender<Self>, _root: &Self::Root) {
        match message {
            ComposerMsg::Open(chat) => self.open(chat),
            ComposerMsg::Send => self.send(&sender),
            ComposerMsg::Changed => self.changed(&sender),
            ComposerMsg::Paused => {
                self.pause = None;
                let news = self.typing.ended();
                self.tell(news);
            }
            ComposerMsg::Focus => {
                self.view.grab_focus();
            }
            ComposerMsg::Insert(text) => {
                self.view.grab_focus();
                self.buffer.insert_at_cursor(&text);
            }
        }
    }

    fn shutdown(&mut self, _widgets: &mut Self::Widgets, _output: relm4::Sender<ComposerOutput>) {
        self.end_typing();
    }
}

impl Composer {
    fn open(&mut self, chat: Option<(ConversationId, String)>) {
        let id = chat.as_ref().map(|(id, _)| *id);
        if let Some((_, name)) = &chat {
            let label = fill(&gettext("Message to {name}"), &[("name", name)]);
            self.view
                .upcast_ref::<gtk::Widget>()
                .update_property(&[gtk::accessible::Property::Label(&label)]);
        }
        if id == self.open {
            return;
        }
        self.end_typing();
        if let Some(left) = self.open {
            self.drafts.insert(left, self.text());
        }
        self.open = id;
        let draft = id
            .and_then(|id| self.drafts.remove(&id))
            .unwrap_or_default();
        self.set_text(&draft);
    }

    fn send(&mut self, sender: &ComponentSender<Self>) {
        let (Some(conversation), body) = (self.open, self.text()) else {
            return;
        };
        if body.trim().is_empty() {
            return;
        }
        self.end_typing();
        self.engine
            .command(Command::SendText { conversation, body });
        self.set_text("");
        // Nobody listens while the window closes.
        let _ = sender.output(ComposerOutput::Sent);
    }

    fn changed(&mut self, sender: &ComponentSender<Self>) {
        let text = self.text();
        self.has_text = !text.trim().is_empty();
        if std::mem::take(&mut self.is_setting) {
            return;
        }
        let news = self.typing.changed(text.is_empty());
        self.tell(news);
        self.end_pause();
        if !text.is_empty() {
            let input = sender.input_sender().clone();
            self.pause = Some(glib::timeout_add_local_once(PAUSE, move || {
                input.emit(ComposerMsg::Paused);
            }));
        }
    }

    fn end_typing(&mut self) {
        self.end_pause();
        let news = self.typing.ended();
        self.tell(news);
    }

    fn end_pause(&mut self) {
        if let Some(pause) = self.pause.take() {
            pause.remove();
        }
    }

    fn tell(&self, news: Option<bool>) {
        if let (Some(is_composing), Some(conversation)) = (news, self.open) {
            self.engine.command(Command::Typing {
                conversation,
                is_composing,
            });
        }
    }

    fn text(&self) -> String {
        let (start, end) = self.buffer.bounds();
        self.buffer.text(&start, &end, false).into()
    }

    fn set_text(&mut self, text: &str) {
        if self.text() == text {
            return;
        }
        self.is_setting = true;
        self.buffer.set_text(text);
        self.has_text = !text.trim().is_empty();
    }
}

/// Enter sends, Shift+Enter breaks the line. The input method sees the key
/// first: Enter may choose what it offers.
fn send_by_enter(view: &sourceview5::View, sender: &ComponentSender<Composer>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let (weak, input) = (view.downgrade(), sender.input_sender().clone());
    keys.connect_key_pressed(move |keys, key, _, modifiers| {
        let is_enter = matches!(
            key,
            gdk::Key::Return | gdk::Key::KP_Enter | gdk::Key::ISO_Enter
        );
        if !is_enter || modifiers.contains(gdk::ModifierType::SHIFT_MASK) {
            return glib::Propagation::Proceed;
        }
        let is_taken = weak
            .upgrade()
            .zip(keys.current_event())
            .is_some_and(|(view, event)| view.im_context_filter_keypress(&event));
        if !is_taken {
            input.emit(ComposerMsg::Send);
        }
        glib::Propagation::Stop
    });
    view.add_controller(keys);
}
