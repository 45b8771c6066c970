//! Where the user writes: the field, emoji, and the button that sends.
//!
//! What was typed in a chat and not sent stays with that chat: here while the
//! program runs, and in the store for the next run. What it is for, an answer or
//! an edit, stands in a bar above the field.

mod bar;
pub mod clipboard;
mod completion;
mod drafts;
mod emoji;
pub mod emoji_names;
mod field;
mod formatting;
mod keeping;
mod keys;
mod message;
mod plain;
pub mod purpose;
mod sending;
pub mod spelling;
mod spelling_choice;
pub mod typing;
mod unchecked;

use std::cell::Cell;
use std::rc::Rc;

use relm4::gtk::{self, glib, pango, prelude::*};
use relm4::{Component, ComponentParts, ComponentSender};

use self::bar::Bar;
use self::completion::Completion;
use self::drafts::Drafts;
pub use self::keeping::edit;
pub use self::message::{ComposerMsg, ComposerOutput, ComposerRead};
use self::purpose::{Purpose, Purposes};
use self::spelling::Spelling;
use self::typing::{PAUSE, Typing};
use crate::engine::api::{Command, Engine};
use crate::engine::model::ConversationId;
use crate::ui::i18n::gettext;

/// What the composer begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The lock that stands in the field.
    pub lock: gtk::MenuButton,
}

/// The composer's state.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
pub struct Composer {
    engine: Engine,
    open: Option<ConversationId>,
    drafts: Drafts,
    purposes: Purposes,
    bar: Bar,
    completion: Rc<Completion>,
    buffer: sourceview5::Buffer,
    view: sourceview5::View,
    emoji: gtk::MenuButton,
    spelling: Rc<Spelling>,
    typing: Typing,
    pause: Option<glib::SourceId>,
    has_text: bool,
    /// As the chat was told.
    had_text: bool,
    has_asked: bool,
    /// Nothing may be sent: it would have to leave without its encryption.
    is_blocked: bool,
    /// The user was told that no more fits.
    is_full: bool,
    /// The text is being replaced by the program, not by the user.
    is_setting: Rc<Cell<bool>>,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Composer {
    type Init = Init;
    type Input = ComposerMsg;
    type Output = ComposerOutput;
    type CommandOutput = ComposerRead;

    view! {
        gtk::Box {
            set_css_classes: &["composer"],
            set_orientation: gtk::Orientation::Vertical,
            set_spacing: 8,

            #[local_ref]
            bar_root -> gtk::Box {},

            gtk::Box {
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

                    #[local_ref]
                    emoji -> gtk::MenuButton {},
                    #[local_ref]
                    lock -> gtk::MenuButton {},
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
            },
        }
    }

    fn init(
        Init { engine, lock }: Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let (buffer, view) = field::new(sender.input_sender());
        let emoji = emoji::button(&view);
        let input = sender.input_sender().clone();
        let spelling = Spelling::new(&view, &buffer, move |chosen| {
            input.emit(ComposerMsg::Spelling(chosen));
        });
        let is_setting = Rc::new(Cell::new(false));
        let (input, is_program) = (sender.input_sender().clone(), is_setting.clone());
        buffer.connect_changed(move |_| {
            if !is_program.get() {
                input.emit(ComposerMsg::Changed);
            }
        });

        let bar = Bar::new(sender.input_sender());
        let completion = Completion::new(&view, &root);
        keys::act(&view, &completion, &bar.root, sender.input_sender());
        keys::close_by_escape(&root, &bar.root, sender.input_sender());

        let bar_root = bar.root.clone();
        let model = Self {
            engine,
            open: None,
            drafts: Drafts::default(),
            purposes: Purposes::default(),
            bar,
            completion,
            buffer,
            view: view.clone(),
            emoji: emoji.clone(),
            spelling,
            typing: Typing::default(),
            pause: None,
            has_text: false,
            had_text: false,
            has_asked: false,
            is_blocked: false,
            is_full: false,
            is_setting,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ComposerMsg, sender: ComponentSender<Self>, _root: &Self::Root) {
        match message {
            ComposerMsg::Open(chat) => self.open(chat, &sender),
            ComposerMsg::Send => self.send(&sender),
            ComposerMsg::SendPlain => self.hand_over(true, &sender),
            ComposerMsg::Blocked(is_blocked) => self.is_blocked = is_blocked,
            ComposerMsg::Changed => self.changed(&sender),
            ComposerMsg::Paused => {
                self.pause = None;
                let news = self.typing.ended();
                self.tell(news);
            }
            ComposerMsg::Focus => {
                self.view.grab_focus();
            }
            ComposerMsg::Focused => {
                // Not before somebody is about to write.
                if !std::mem::replace(&mut self.has_asked, true) {
                    self.read_spelling(&sender);
                }
            }
            ComposerMsg::Preferences => self.read_spelling(&sender),
            ComposerMsg::Keep(handed_over) => {
                self.note();
                self.keep();
                drop(handed_over);
            }
            ComposerMsg::Forget(conversation, forgotten) => {
                self.forget(conversation);
                drop(forgotten);
            }
            ComposerMsg::GiveBack(chat, text) => {
                self.give_back(chat, text);
                keep_soon(&sender);
            }
            ComposerMsg::Insert(text) => {
                self.view.grab_focus();
                field::insert(&self.view, &text);
            }
            ComposerMsg::Paste => self.paste(&sender),
            // Another chat was opened meanwhile: the text was not for it.
            ComposerMsg::Pasted(conversation, _) if conversation != self.open => {}
            ComposerMsg::Pasted(_, text) => {
                if let Some(text) = text {
                    field::insert(&self.view, &text);
                }
            }
            // Once, not for every letter that does not fit.
            ComposerMsg::Cut if std::mem::replace(&mut self.is_full, true) => {}
            ComposerMsg::Cut => {
                let text = gettext("A message cannot be longer. The rest was left out.");
                // Nobody listens while the window closes.
                let _ = sender.output(ComposerOutput::Notice(text));
            }
            ComposerMsg::Format(format) => formatting::apply(&self.view, format),
            ComposerMsg::Reply(quoted) => self.begin(Purpose::Reply(quoted)),
            ComposerMsg::Edit(edit) => self.begin(Purpose::Edit(edit)),
            ComposerMsg::EditLast => self.read_last(&sender),
            ComposerMsg::EndPurpose => self.end_purpose(),
            ComposerMsg::ChooseEmoji => self.emoji.popup(),
            ComposerMsg::Spelling(chosen) => spelling_choice::keep(&self.engine, chosen),
        }
        self.tell_has_text(&sender);
    }

    fn update_cmd(
        &mut self,
        read: ComposerRead,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match read {
            ComposerRead::Spelling(is_wanted, language) => {
                self.spelling.set_preferred(language);
                self.spelling.set_wanted(is_wanted);
            }
            ComposerRead::Draft(conversation, Ok(stored)) => {
                self.note();
                keep_soon(&sender);
                self.drafts.read(conversation, stored);
                if self.open == Some(conversation) {
                    self.show_text();
                }
            }
            ComposerRead::Draft(_, Err(error)) => {
                tracing::warn!(%error, "A draft cannot be read.");
            }
            ComposerRead::Last(chat, Ok(last)) => self.edit_last(chat, last),
            ComposerRead::Last(_, Err(error)) => {
                tracing::warn!(%error, "The last message cannot be read.");
            }
        }
        self.tell_has_text(&sender);
    }

    fn shutdown(&mut self, _widgets: &mut Self::Widgets, _output: relm4::Sender<ComposerOutput>) {
        self.end_typing();
        self.keep();
    }
}

impl Composer {
    fn changed(&mut self, sender: &ComponentSender<Self>) {
        let text = self.text();
        self.has_text = !text.trim().is_empty();
        self.spelling.text_changed();
        self.completion.typed();
        self.is_full &= text.len() + 1 >= plain::LIMIT_BYTES;
        if self.note() {
            keep_soon(sender);
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

    fn paste(&self, sender: &ComponentSender<Self>) {
        let (clipboard, conversation) = (self.view.clipboard(), self.open);
        let input = sender.input_sender().clone();
        glib::spawn_future_local(async move {
            let text = clipboard::read_text(clipboard).await;
            // The window may be closed by then.
            let _ = input.send(ComposerMsg::Pasted(conversation, text));
        });
    }

    fn read_spelling(&self, sender: &ComponentSender<Self>) {
        let engine = self.engine.clone();
        sender.oneshot_command(async move {
            let (is_wanted, language) = spelling_choice::read(&engine).await;
            ComposerRead::Spelling(is_wanted, language)
        });
    }
}

fn keep_soon(sender: &ComponentSender<Composer>) {
    let input = sender.input_sender().clone();
    glib::timeout_add_local_once(drafts::DELAY, move || {
        // The window may be closed by then, and the draft kept.
        let _ = input.send(ComposerMsg::Keep(None));
    });
}
