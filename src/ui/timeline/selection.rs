//! Choosing several messages: the box beside each, and the bar that says what
//! one can do with all of them.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::gtk::{self, gdk, glib};
use relm4::{ComponentSender, Sender};

use super::doing::{ask_to_delete, say};
use super::history_view::{HistoryView, RowSource};
use super::row_menu::row;
use super::{Timeline, TimelineMsg, TimelineRead, notice};
use crate::engine::model::{Direction, MessageId, MessageRow};
use crate::ui::format;
use crate::ui::i18n::{count, gettext};
use crate::ui::widgets::voice;

/// What is done with all chosen messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Choose a message, or not any more.
    Turn(MessageId),
    /// Copy them with names and times.
    Copy,
    /// Send them to others.
    Forward,
    /// Ask whether to delete them here.
    Delete,
    /// Choose none.
    End,
}

/// The bar below the messages, and whether it is there.
pub struct SelectionBar {
    /// All of it; hidden while nothing is to be chosen.
    pub root: gtk::Box,
    label: gtk::Label,
    deeds: Vec<gtk::Button>,
    is_choosing: Rc<Cell<bool>>,
}

impl SelectionBar {
    /// Makes the bar, and lets the rows of `history` be chosen.
    pub fn new(history: &HistoryView, timeline: &Sender<TimelineMsg>) -> Self {
        let root = gtk::Box::builder()
            .css_classes(["selection-bar"])
            .spacing(6)
            .visible(false)
            .accessible_role(gtk::AccessibleRole::Toolbar)
            .build();
        root.update_property(&[gtk::accessible::Property::Label(&gettext(
            "Selected messages",
        ))]);
        let label = gtk::Label::builder()
            .xalign(0.0)
            .hexpand(true)
            .wrap(true)
            .css_classes(["heading"])
            .build();
        root.append(&label);
        let button = |icon: &str, words: &str, choice: Choice| {
            let button = gtk::Button::builder()
                .icon_name(icon)
                .tooltip_text(words)
                .css_classes(["flat"])
                .valign(gtk::Align::Center)
                .build();
            let input = timeline.clone();
            button.connect_clicked(move |_| input.emit(TimelineMsg::Choice(choice)));
            root.append(&button);
            button
        };
        let deeds = vec![
            button("edit-copy-symbolic", &gettext("Copy"), Choice::Copy),
            button(
                "mail-forward-symbolic",
                &gettext("Forward…"),
                Choice::Forward,
            ),
            button(
                "user-trash-symbolic",
                &gettext("Delete Here…"),
                Choice::Delete,
            ),
        ];
        button(
            "window-close-symbolic",
            &gettext("Stop Selecting"),
            Choice::End,
        );
        let is_choosing = Rc::new(Cell::new(false));
        choose_by_pointer(history, &is_choosing, timeline);
        choose_by_key(history, &is_choosing, timeline);
        end_by_escape(&root, timeline);
        Self {
            root,
            label,
            deeds,
            is_choosing,
        }
    }

    /// Shows how many are chosen; `None`: none is to be.
    pub fn show(&self, chosen: Option<usize>) {
        self.is_choosing.set(chosen.is_some());
        self.root.set_visible(chosen.is_some());
        let Some(chosen) = chosen else { return };
        let number = u32::try_from(chosen).unwrap_or(u32::MAX);
        let words = count(
            "{count} message selected",
            "{count} messages selected",
            number,
        );
        if self.label.label() != words {
            voice::say(&self.label, &words, false);
        }
        self.label.set_label(&words);
        for deed in &self.deeds {
            deed.set_sensitive(chosen > 0);
        }
    }
}

fn choose_by_pointer(
    history: &HistoryView,
    is_choosing: &Rc<Cell<bool>>,
    timeline: &Sender<TimelineMsg>,
) {
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_PRIMARY)
        // Before texts and buttons in the row.
        .propagation_phase(gtk::PropagationPhase::Capture)
        .build();
    let (is_choosing, input) = (is_choosing.clone(), timeline.clone());
    click.connect_pressed(move |click, _, x, y| {
        if !is_choosing.get() {
            return;
        }
        let picked = click
            .widget()
            .and_then(|history| history.pick(x, y, gtk::PickFlags::DEFAULT));
        if let Some(row) = picked.and_then(|widget| row(&widget))
            && row.id() != 0
        {
            click.set_state(gtk::EventSequenceState::Claimed);
            row.grab_focus();
            input.emit(TimelineMsg::Choice(Choice::Turn(MessageId(row.id()))));
        }
    });
    history.add_controller(click);
}

fn choose_by_key(
    history: &HistoryView,
    is_choosing: &Rc<Cell<bool>>,
    timeline: &Sender<TimelineMsg>,
) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let (is_choosing, input) = (is_choosing.clone(), timeline.clone());
    keys.connect_key_pressed(move |keys, key, _, modifiers| {
        if !is_choosing.get() {
            return glib::Propagation::Proceed;
        }
        let held = modifiers & gtk::accelerator_get_default_mod_mask();
        let focused = keys
            .widget()
            .and_then(|history| history.focus_child())
            .and_then(|child| row(&child))
            .map(|row| MessageId(row.id()));
        let choice = match key {
            gdk::Key::space | gdk::Key::Return | gdk::Key::KP_Enter if held.is_empty() => {
                focused.filter(|id| id.0 != 0).map(Choice::Turn)
            }
            gdk::Key::c if held == gdk::ModifierType::CONTROL_MASK => Some(Choice::Copy),
            gdk::Key::Delete | gdk::Key::KP_Delete if held.is_empty() => Some(Choice::Delete),
            gdk::Key::Escape if held.is_empty() => Some(Choice::End),
            _ => None,
        };
        match choice {
            Some(choice) => {
                input.emit(TimelineMsg::Choice(choice));
                glib::Propagation::Stop
            }
            None => glib::Propagation::Proceed,
        }
    });
    history.add_controller(keys);
}

fn end_by_escape(bar: &gtk::Box, timeline: &Sender<TimelineMsg>) {
    let keys = gtk::EventControllerKey::new();
    let input = timeline.clone();
    keys.connect_key_pressed(move |_, key, _, _| {
        if key == gdk::Key::Escape {
            input.emit(TimelineMsg::Choice(Choice::End));
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    bar.add_controller(keys);
}

impl Timeline {
    /// Begins to choose messages, with this one.
    pub(super) fn begin_to_choose(&self, first: MessageId) {
        self.source.choose(Some(first));
        self.show_chosen();
        if let Some(row) = self.source.row_of(first) {
            self.history.focus_row(row);
        }
    }

    /// Nothing is to be chosen any more.
    pub(super) fn end_choosing(&self) {
        if self.source.chosen().is_some() {
            self.source.choose(None);
            self.show_chosen();
        }
    }

    pub(super) fn choice(
        &mut self,
        choice: Choice,
        root: &gtk::Box,
        sender: &ComponentSender<Self>,
    ) {
        let Some(chosen) = self.source.chosen() else {
            return;
        };
        match choice {
            Choice::Turn(id) => {
                self.source.turn_chosen(id);
                self.show_chosen();
            }
            _ if chosen.is_empty() && choice != Choice::End => {}
            Choice::Copy => {
                // Those far from the view may not be in memory any more.
                let engine = self.engine.clone();
                sender.oneshot_command(async move {
                    TimelineRead::ToCopy(engine.messages(chosen).await)
                });
                self.end_choosing();
                self.history.grab_focus();
            }
            Choice::Forward => self.forward(chosen, root, sender),
            Choice::Delete => ask_to_delete(chosen, root, sender),
            Choice::End => {
                self.end_choosing();
                self.history.grab_focus();
            }
        }
    }

    /// Puts messages on the clipboard, with names and times.
    pub(super) fn copy(
        &self,
        messages: &[MessageRow],
        root: &gtk::Box,
        sender: &ComponentSender<Self>,
    ) {
        let names = self.source.names();
        let lines = messages
            .iter()
            .map(|message| line(message, &names.other, &names.own));
        root.clipboard()
            .set_text(&lines.collect::<Vec<_>>().join("\n"));
        let number = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let words = count("{count} message copied", "{count} messages copied", number);
        say(words, sender);
    }

    pub(super) fn show_chosen(&self) {
        let chosen = self.source.chosen().map(|chosen| chosen.len());
        self.selection.show(chosen);
        let live = self.history.live_rows();
        self.history
            .rows_changed(live.start..live.end.min(self.source.count()));
    }
}

/// A message as it is copied among others: "[21/11/2026, 21:02] Juliet: Who is there?"
fn line(message: &MessageRow, other: &str, own: &str) -> String {
    let who = match message.direction {
        Direction::Outgoing => own,
        Direction::Incoming => other,
    };
    let time = format::full(&format::local(message.time));
    // Nothing but what they wrote is added to the words of others.
    format!("[{time}] {who}: {}", notice::copied(message, other))
}
