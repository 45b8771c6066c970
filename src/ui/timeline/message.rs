//! The row of one message: day, unread line, bubble, and what failed.

mod build;
mod spoken;

use std::cell::{Cell, OnceCell, RefCell};

use relm4::adw;
use relm4::gtk::{self, gdk, glib, prelude::*, subclass::prelude::*};

use super::blocks::Blocks;
use super::bubble::Bubble;
use super::faces::{Face, FaceLine};
use super::fold::Run;
use super::fold_line::{self, FoldLine};
use super::gap::{self, GapLine};
use super::layout::{Group, Parts};
use super::mark::Mark;
use super::notice::{self, Head, Words};
use super::reactions::Reactions;
use super::reply::ReplyHead;
use super::side::Side;
use super::source::Names;
use super::unreadable::Foot;
use super::{body, delivery, drawn};
use crate::engine::model::{
    Delivery, Direction, GapReason, MessageKind, MessageRow as Message, SendFailure,
};
use crate::engine::text::Term;
use crate::ui::encryption::words::message as encryption;
use crate::ui::widgets::tooltip::{Tooltip, TooltipExt};
use crate::ui::{errors, format};

struct Widgets {
    /// Made for the first message that stands beside a gap.
    gap_above: OnceCell<GapLine>,
    gap_below: OnceCell<GapLine>,
    /// Made for the first reader whose last message stands here.
    faces: OnceCell<FaceLine>,
    /// Made for the first run of messages that stands here in one line.
    fold: OnceCell<FoldLine>,
    day: gtk::Label,
    unread_line: gtk::Box,
    side: Side,
    bubble: Bubble,
    /// Made for the first answer.
    reply: OnceCell<ReplyHead>,
    /// Made for the first message that somebody reacted to.
    reactions: OnceCell<Reactions>,
    /// Made for the first message that was edited.
    edited: OnceCell<gtk::Button>,
    meta: gtk::Box,
    /// Made for the first message that needs it: most are texts.
    head: OnceCell<Head>,
    blocks: OnceCell<Blocks>,
    foot: OnceCell<Foot>,
    text: gtk::Label,
    mark: Mark,
    time: gtk::Label,
    time_tooltip: Tooltip,
    state: gtk::Image,
    failed: adw::WrapBox,
    reason: gtk::Label,
    retry: gtk::Button,
    edit: gtk::Button,
    discard: gtk::Button,
    plain: gtk::Button,
    devices: gtk::Button,
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct MessageRow {
        pub(super) widgets: OnceCell<Widgets>,
        pub(super) whole_text: RefCell<String>,
        pub(super) is_styled: Cell<bool>,
        pub(super) id: Cell<i64>,
        /// The run whose line this is.
        pub(super) run: Cell<Option<i64>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for MessageRow {
        const NAME: &'static str = "StonechatMessageRow";
        type Type = super::MessageRow;
        type ParentType = gtk::Box;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("row");
            class.set_accessible_role(gtk::AccessibleRole::ListItem);
            // In the menu that GTK shows on a text; elsewhere the row has its own.
            class.install_action("row.details", None, |row, _, _| {
                let id = row.imp().id.get().to_variant();
                if let Err(error) = row.activate_action("message.details", Some(&id)) {
                    tracing::debug!(%error, "a row stands outside of a history");
                }
            });
        }
    }

    impl ObjectImpl for MessageRow {
        fn constructed(&self) {
            self.parent_constructed();
            let row = self.obj();
            row.set_orientation(gtk::Orientation::Vertical);
            row.set_focusable(true);
            self.widgets.get_or_init(|| build::build(&row));
            row.act_by_key();
        }
    }

    impl WidgetImpl for MessageRow {}
    impl BoxImpl for MessageRow {}
}

glib::wrapper! {
    /// A recyclable row of the history.
    pub struct MessageRow(ObjectSubclass<imp::MessageRow>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for MessageRow {
    fn default() -> Self {
        glib::Object::new()
    }
}

/// What is shown of a message that is no part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What can be done about it was asked for already.
    pub is_wished: bool,
    /// It is chosen, or not; `None` while none is to be.
    pub is_chosen: Option<bool>,
    /// Somebody just came here from somewhere else.
    pub is_jumped_to: bool,
}

impl MessageRow {
    /// Shows a message.
    pub fn show(&self, message: &Message, parts: Parts, names: &Names, marks: Marks) {
        let other = names.other.as_str();
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        let (time, now) = (format::local(message.time), format::now());
        self.imp().id.set(message.id.0);
        self.imp().is_styled.set(message.is_styled);
        let words = notice::words(message, other);
        self.imp()
            .whole_text
            .replace(notice::copied(message, other));
        self.show_bubble(true);

        widgets.day.set_visible(parts.has_day);
        if parts.has_day {
            widgets.day.set_label(&format::day(&time, &now));
        }
        widgets.unread_line.set_visible(parts.has_unread_line);

        let is_own = message.direction == Direction::Outgoing;
        let who = if is_own { &names.own } else { other };
        let look = show_content(widgets, message, words.as_ref(), who, &names.wanted);
        show_foot(widgets, message, words.as_ref(), marks.is_wished);
        show_actions(widgets, Some(message), names);
        let side = if is_own { "outgoing" } else { "incoming" };
        let mut classes = vec!["bubble", side, parts.group.class()];
        classes.extend(look);
        if marks.is_jumped_to {
            classes.push("jumped-to");
        }
        classes.extend((names.found == Some(message.id)).then_some("found"));
        set_classes(&widgets.bubble, &classes);
        widgets.side.set_at_end(is_own);
        widgets.side.set_tick(marks.is_chosen);
        self.show_chosen(marks.is_chosen);
        let starts_group = matches!(parts.group, Group::Single | Group::First)
            && !parts.has_day
            && !parts.has_unread_line;
        let starts: &[&str] = if starts_group {
            &["message", "starts-group"]
        } else {
            &["message"]
        };
        set_classes(&widgets.side, starts);

        widgets.time.set_label(&format::clock(&time));
        let protected = encryption::protection(message.protection, is_own).title;
        let whole = format::whole(&time, &now);
        widgets.time_tooltip.set(format!("{whole}\n{protected}"));
        widgets
            .mark
            .show(encryption::mark(message.protection).as_ref());
        show_delivery(widgets, message);
        let heard = words.as_ref().map_or_else(
            || drawn::spoken(&body::spoken(&message.body), message.is_styled, who),
            Words::whole,
        );
        let sentence = spoken::sentence(message, &heard, &format::whole(&time, &now), names);
        self.update_property(&[gtk::accessible::Property::Label(&sentence)]);
    }

    /// Those who listen hear whether a message is chosen.
    fn show_chosen(&self, is_chosen: Option<bool>) {
        match is_chosen {
            Some(is_chosen) => {
                self.update_state(&[gtk::accessible::State::Selected(Some(is_chosen))]);
            }
            None => self.reset_state(gtk::AccessibleState::Selected),
        }
        if is_chosen == Some(true) {
            self.add_css_class("chosen");
        } else {
            self.remove_css_class("chosen");
        }
    }

    /// Returns the bubble, to point at.
    pub fn bubble(&self) -> Option<&gtk::Widget> {
        self.imp()
            .widgets
            .get()
            .map(|widgets| widgets.bubble.upcast_ref())
    }

    /// Shows who has read up to this message.
    pub fn show_faces(&self, faces: &[&Face]) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        if faces.is_empty() && widgets.faces.get().is_none() {
            return;
        }
        let line = widgets.faces.get_or_init(|| {
            let line = FaceLine::default();
            line.root.insert_after(self, Some(&widgets.side));
            line
        });
        line.show(faces);
    }

    /// Shows whether messages are missing above or below, and why.
    pub fn show_gaps(&self, above: Option<GapReason>, below: Option<GapReason>) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        for (gap, line, is_above) in [
            (above, &widgets.gap_above, true),
            (below, &widgets.gap_below, false),
        ] {
            let Some(reason) = gap else {
                if let Some(line) = line.get() {
                    line.root.set_visible(false);
                }
                continue;
            };
            let line = line.get_or_init(|| {
                let line = GapLine::default();
                if is_above {
                    self.prepend(&line.root);
                } else {
                    self.append(&line.root);
                }
                line
            });
            line.show(reason);
        }
        let said: Vec<String> = [above, below]
            .into_iter()
            .flatten()
            .map(gap::sentence)
            .collect();
        self.update_property(&[gtk::accessible::Property::Description(&said.join(" "))]);
    }

    /// Shows the line of messages that stand together.
    pub fn show_run(&self, run: &Run, has_unread_line: bool) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        let sentence = fold_line::sentence(run.places.len());
        self.update_property(&[gtk::accessible::Property::Label(&sentence)]);
        // No message: there are no details of it.
        self.imp().id.set(0);
        self.imp().whole_text.replace(sentence);
        self.show_bubble(false);
        self.show_chosen(None);
        self.imp().run.set(Some(run.key.0));
        widgets.day.set_visible(false);
        widgets.unread_line.set_visible(has_unread_line);
        let line = widgets.fold.get_or_init(|| {
            let line = FoldLine::default();
            line.root.insert_before(self, Some(&widgets.side));
            line
        });
        line.show(run);
    }

    /// Shows a message here, or the line of several.
    fn show_bubble(&self, is_message: bool) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        self.imp().run.set(None);
        self.set_opacity(1.0);
        widgets.side.set_visible(is_message);
        if let Some(line) = widgets.fold.get() {
            line.root.set_visible(!is_message);
        }
    }

    /// Shows that a message is there but not read from the store yet.
    pub fn show_nothing(&self) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        self.imp().whole_text.replace(String::new());
        self.show_bubble(true);
        widgets.day.set_visible(false);
        widgets.unread_line.set_visible(false);
        widgets.failed.set_visible(false);
        if let Some(head) = widgets.head.get() {
            head.hide(&widgets.text);
        }
        if let Some(blocks) = widgets.blocks.get() {
            blocks.hide();
        }
        if let Some(foot) = widgets.foot.get() {
            foot.hide();
        }
        show_actions(widgets, None, &Names::default());
        widgets.side.set_tick(None);
        self.show_chosen(None);
        widgets.text.set_visible(true);
        widgets.mark.show(None);
        widgets.text.set_text(" ");
        widgets.time.set_label("");
        widgets.state.set_visible(false);
        self.set_opacity(0.0);
    }

    /// Returns the id of the message shown.
    pub fn id(&self) -> i64 {
        self.imp().id.get()
    }

    /// Returns whether the signs in the message shown style it.
    pub fn is_styled(&self) -> bool {
        self.imp().is_styled.get()
    }

    /// Returns the whole text of the message shown, which may be longer than
    /// what is laid out of it.
    pub fn whole_text(&self) -> String {
        self.imp().whole_text.borrow().clone()
    }

    /// Copies what the row says, answers it, reacts to it, deletes it, or opens
    /// the run whose line it is.
    fn act_by_key(&self) {
        let keys = gtk::EventControllerKey::new();
        let weak = self.downgrade();
        keys.connect_key_pressed(move |_, key, _, modifiers| {
            let Some(row) = weak.upgrade().filter(WidgetExt::has_focus) else {
                return glib::Propagation::Proceed;
            };
            let held = modifiers & gtk::accelerator_get_default_mod_mask();
            let is_free = held.difference(gdk::ModifierType::SHIFT_MASK).is_empty();
            let (id, run) = (row.id(), row.imp().run.get());
            let (action, target) = match key {
                gdk::Key::c | gdk::Key::C if held == gdk::ModifierType::CONTROL_MASK => {
                    row.clipboard().set_text(&row.imp().whole_text.borrow());
                    return glib::Propagation::Stop;
                }
                gdk::Key::Return | gdk::Key::KP_Enter => ("message.turn-run", run),
                gdk::Key::r | gdk::Key::R if is_free => ("message.reply", Some(id)),
                gdk::Key::e | gdk::Key::E if is_free => ("message.react", Some(id)),
                gdk::Key::Delete | gdk::Key::KP_Delete => ("message.delete", Some(id)),
                _ => return glib::Propagation::Proceed,
            };
            let Some(target) = target.filter(|target| *target != 0) else {
                return glib::Propagation::Proceed;
            };
            if let Err(error) = row.activate_action(action, Some(&target.to_variant())) {
                tracing::debug!(%error, "a row stands outside of a history");
            }
            glib::Propagation::Stop
        });
        self.add_controller(keys);
    }
}

/// Fills the bubble. Returns the style class of what is in it.
fn show_content(
    widgets: &Widgets,
    message: &Message,
    words: Option<&Words>,
    who: &str,
    wanted: &[Term],
) -> Option<&'static str> {
    if let (MessageKind::Retracted, Some(words)) = (&message.kind, words) {
        if let Some(head) = widgets.head.get() {
            head.hide(&widgets.text);
        }
        if let Some(blocks) = widgets.blocks.get() {
            blocks.hide();
        }
        widgets.text.set_visible(true);
        body::show_plain(&widgets.text, &words.sentence);
        return Some("retracted");
    }
    let Some(words) = words else {
        if let Some(head) = widgets.head.get() {
            head.hide(&widgets.text);
        }
        let text = body::Text {
            body: &message.body,
            is_styled: message.is_styled,
            who,
            wanted,
        };
        return body::show(&widgets.text, &widgets.bubble, &widgets.blocks, &text)
            .then_some("emoji");
    };
    if let Some(blocks) = widgets.blocks.get() {
        blocks.hide();
    }
    let head = widgets.head.get_or_init(|| {
        let head = Head::default();
        widgets.bubble.set_head(&head.root);
        head
    });
    head.show(words, &widgets.text);
    Some(if words.link.is_some() {
        "file"
    } else {
        "notice"
    })
}

/// What can be done about a message that cannot be read.
fn show_foot(widgets: &Widgets, message: &Message, words: Option<&Words>, is_wished: bool) {
    if let Some(why) = words.and_then(|words| words.why) {
        let foot = widgets.foot.get_or_init(|| {
            let foot = Foot::default();
            widgets.bubble.set_foot(&foot.root);
            foot
        });
        foot.show(message, why, is_wished);
    } else if let Some(foot) = widgets.foot.get() {
        foot.hide();
    }
}

/// What was done with a message: it answers one, was edited, was reacted to.
/// What stays is not hidden in between: it may have the keyboard.
fn show_actions(widgets: &Widgets, message: Option<&Message>, names: &Names) {
    let message = message.filter(|message| message.kind != MessageKind::Retracted);
    if let Some(reply) = message.and_then(|message| message.reply.as_ref()) {
        let head = widgets.reply.get_or_init(|| {
            let head = ReplyHead::default();
            widgets.bubble.set_reply(&head.root);
            head
        });
        head.show(reply, names);
    } else if let Some(reply) = widgets.reply.get() {
        reply.root.set_visible(false);
    }
    if let Some(message) = message.filter(|message| message.edited.is_some()) {
        let edited = widgets.edited.get_or_init(|| {
            let edited = build::edited();
            widgets
                .meta
                .insert_child_after(&edited, Some(&widgets.mark.root));
            edited
        });
        edited.set_visible(true);
        edited.set_action_target_value(Some(&message.id.0.to_variant()));
    } else if let Some(edited) = widgets.edited.get() {
        edited.set_visible(false);
    }
    if let Some(message) = message.filter(|message| !message.reactions.is_empty()) {
        let reactions = widgets.reactions.get_or_init(|| {
            let reactions = Reactions::default();
            widgets.side.set_reactions(&reactions.root);
            reactions
        });
        reactions.show(message.id.0, &message.reactions, names);
    } else if let Some(reactions) = widgets.reactions.get() {
        reactions.root.set_visible(false);
    }
}

fn show_delivery(widgets: &Widgets, message: &Message) {
    let is_own = message.direction == Direction::Outgoing && message.kind != MessageKind::Retracted;
    let failure = match message.delivery {
        Delivery::Failed(failure) if is_own => Some(failure),
        _ => None,
    };
    widgets.state.set_visible(is_own && failure.is_none());
    let mark = delivery::mark(message.delivery);
    widgets.state.set_icon_name(Some(mark.icon));
    widgets.state.set_tooltip(&mark.word);
    set_classes(&widgets.state, mark.class.as_slice());

    let reaction = message.reaction_refused.filter(|_| failure.is_none());
    widgets
        .failed
        .set_visible(failure.is_some() || reaction.is_some());
    widgets.retry.set_visible(failure.is_some());
    let id = message.id.0.to_variant();
    if let Some(failure) = reaction {
        widgets.reason.set_label(&errors::reaction_refused(failure));
        widgets.discard.set_action_target_value(Some(&id));
        for button in [&widgets.edit, &widgets.plain, &widgets.devices] {
            button.set_visible(false);
        }
    }
    if let Some(failure) = failure {
        widgets.reason.set_label(&errors::send_failure(failure));
        widgets.retry.set_action_target_value(Some(&id));
        widgets.edit.set_action_target_value(Some(&id));
        widgets.edit.set_visible(message.kind == MessageKind::Text);
        widgets.discard.set_action_target_value(Some(&id));
        widgets.plain.set_action_target_value(Some(&id));
        widgets.devices.set_action_target_value(Some(&id));
        let waits = failure == SendFailure::NotConfirmed;
        widgets.devices.set_visible(waits);
        widgets
            .plain
            .set_visible(waits || failure == SendFailure::NoKeys);
    }
}

/// Gives a widget these classes and no others. GTK looks for the style of all
/// that is below it anew when classes are set, also when they are the same.
fn set_classes(widget: &impl IsA<gtk::Widget>, classes: &[&str]) {
    let has = widget.css_classes();
    if has.len() != classes.len() || !classes.iter().all(|class| widget.has_css_class(class)) {
        widget.set_css_classes(classes);
    }
}
