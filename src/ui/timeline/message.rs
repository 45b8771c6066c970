//! The row of one message: day, unread line, bubble, and what failed.

mod build;

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
use super::side::Side;
use super::source::Names;
use super::unreadable::Foot;
use super::{body, delivery, drawn};
use crate::engine::model::{Delivery, Direction, GapReason, MessageRow as Message, SendFailure};
use crate::ui::encryption::words::message as encryption;
use crate::ui::i18n::{fill, gettext};
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
    /// Made for the first message that needs it: most are texts.
    head: OnceCell<Head>,
    blocks: OnceCell<Blocks>,
    foot: OnceCell<Foot>,
    text: gtk::Label,
    mark: Mark,
    time: gtk::Label,
    state: gtk::Image,
    failed: adw::WrapBox,
    reason: gtk::Label,
    retry: gtk::Button,
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

impl MessageRow {
    /// Shows a message. `is_wished`: what can be done about it was asked for already.
    pub fn show(&self, message: &Message, parts: Parts, names: &Names, is_wished: bool) {
        let other = names.other.as_str();
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        let (time, now) = (format::local(message.time), format::now());
        self.imp().id.set(message.id.0);
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
        let look = show_content(widgets, message, words.as_ref(), who);
        show_foot(widgets, message, words.as_ref(), is_wished);
        let side = if is_own { "outgoing" } else { "incoming" };
        let mut classes = vec!["bubble", side, parts.group.class()];
        classes.extend(look);
        widgets.bubble.set_css_classes(&classes);
        widgets.side.set_at_end(is_own);
        let starts_group = matches!(parts.group, Group::Single | Group::First)
            && !parts.has_day
            && !parts.has_unread_line;
        widgets.side.set_css_classes(if starts_group {
            &["message", "starts-group"]
        } else {
            &["message"]
        });

        widgets.time.set_label(&format::clock(&time));
        let protected = encryption::protection(message.protection, is_own).title;
        let whole = format::whole(&time, &now);
        widgets
            .time
            .set_tooltip_text(Some(&format!("{whole}\n{protected}")));
        widgets
            .mark
            .show(encryption::mark(message.protection).as_ref());
        show_delivery(widgets, message);
        let heard = words.as_ref().map_or_else(
            || drawn::spoken(&body::spoken(&message.body), message.is_styled, who),
            Words::whole,
        );
        self.name(message, &heard, &format::whole(&time, &now), other);
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

    /// Returns the whole text of the message shown, which may be longer than
    /// what is laid out of it.
    pub fn whole_text(&self) -> String {
        self.imp().whole_text.borrow().clone()
    }

    /// What is heard: "Juliet, 20:57: The small one, by the orchard."
    fn name(&self, message: &Message, text: &str, time: &str, other: &str) {
        // What was not protected as the chat is must be heard too.
        let marked;
        let time = match encryption::mark(message.protection) {
            Some(mark) => {
                marked = format!("{time}, {}", mark.word);
                &marked
            }
            None => time,
        };
        let places = |state: &str, sentence: &str| {
            fill(
                sentence,
                &[
                    ("name", other),
                    ("time", time),
                    ("state", state),
                    ("text", &body::spoken(text)),
                ],
            )
        };
        let name = if message.direction == Direction::Outgoing {
            let state = match message.delivery {
                Delivery::Failed(failure) => errors::send_failure(failure),
                other => delivery::mark(other).word,
            };
            // Translators: what a screen reader says for one of the user's messages; state is a word such as "Delivered".
            places(&state, &gettext("You, {time}: {text}. {state}"))
        } else {
            // Translators: what a screen reader says for a received message.
            places("", &gettext("{name}, {time}: {text}"))
        };
        self.update_property(&[gtk::accessible::Property::Label(&name)]);
    }

    /// Copies what the row says, or opens the run whose line it is.
    fn act_by_key(&self) {
        let keys = gtk::EventControllerKey::new();
        let weak = self.downgrade();
        keys.connect_key_pressed(move |_, key, _, modifiers| {
            let Some(row) = weak.upgrade().filter(WidgetExt::has_focus) else {
                return glib::Propagation::Proceed;
            };
            let is_copy = matches!(key, gdk::Key::c | gdk::Key::C)
                && modifiers.contains(gdk::ModifierType::CONTROL_MASK);
            let is_enter = matches!(key, gdk::Key::Return | gdk::Key::KP_Enter);
            if is_copy {
                row.clipboard().set_text(&row.imp().whole_text.borrow());
            } else if let Some(run) = row.imp().run.get().filter(|_| is_enter) {
                if let Err(error) = row.activate_action("message.turn-run", Some(&run.to_variant()))
                {
                    tracing::debug!(%error, "a row stands outside of a history");
                }
            } else {
                return glib::Propagation::Proceed;
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
) -> Option<&'static str> {
    let Some(words) = words else {
        if let Some(head) = widgets.head.get() {
            head.hide(&widgets.text);
        }
        let text = body::Text {
            body: &message.body,
            is_styled: message.is_styled,
            who,
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

fn show_delivery(widgets: &Widgets, message: &Message) {
    let is_own = message.direction == Direction::Outgoing;
    let failure = match message.delivery {
        Delivery::Failed(failure) if is_own => Some(failure),
        _ => None,
    };
    widgets.state.set_visible(is_own && failure.is_none());
    let mark = delivery::mark(message.delivery);
    widgets.state.set_icon_name(Some(mark.icon));
    widgets.state.set_tooltip_text(Some(&mark.word));
    widgets.state.set_css_classes(mark.class.as_slice());

    widgets.failed.set_visible(failure.is_some());
    if let Some(failure) = failure {
        widgets.reason.set_label(&errors::send_failure(failure));
        let id = message.id.0.to_variant();
        widgets.retry.set_action_target_value(Some(&id));
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
