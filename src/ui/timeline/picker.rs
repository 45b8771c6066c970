//! The few emoji one reacts with most, and the way to all of them.

use std::cell::Cell;
use std::rc::Rc;

use relm4::gtk::{self, gdk, gio, glib, prelude::*};

use super::doing::own_emoji;
use super::history_view::HistoryView;
use super::message::MessageRow;
use super::possible::Possible;
use super::source::MessageSource;
use crate::engine::model::MessageId;
use crate::ui::composer::emoji_names::as_sent;
use crate::ui::i18n::{fill, gettext};

/// Reactions at hand.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/// One popover that serves all rows; it hangs on what is around the history,
/// because rows are recycled while it is open. It closes when the keyboard or a
/// click goes elsewhere.
pub struct Picker {
    popover: gtk::Popover,
    buttons: Vec<gtk::ToggleButton>,
    /// The message that is reacted to.
    message: Rc<Cell<i64>>,
    /// The keyboard goes back there.
    row: Rc<glib::WeakRef<MessageRow>>,
}

impl Picker {
    /// Makes it; `react` is told the message and the emoji.
    pub fn new(around: &gtk::Box, react: impl Fn(i64, String) + 'static) -> Self {
        let message = Rc::new(Cell::new(0));
        let row = Rc::new(glib::WeakRef::<MessageRow>::new());
        let line = gtk::Box::builder().css_classes(["quick-reactions"]).build();
        let popover = gtk::Popover::builder()
            .child(&line)
            .position(gtk::PositionType::Bottom)
            .has_arrow(false)
            .autohide(false)
            .css_classes(["quick-reactions"])
            .build();
        popover.update_property(&[gtk::accessible::Property::Label(&gettext("React"))]);
        popover.set_parent(around);
        let (weak, about, back) = (popover.downgrade(), message.clone(), row.clone());
        let chosen: Rc<dyn Fn(&str)> = Rc::new(move |emoji| {
            close(&weak, &back);
            react(about.get(), as_sent(emoji));
        });
        let buttons: Vec<gtk::ToggleButton> = QUICK
            .iter()
            .map(|emoji| {
                let button = gtk::ToggleButton::builder()
                    .label(*emoji)
                    .css_classes(["flat", "circular"])
                    .build();
                let chosen = chosen.clone();
                button.connect_clicked(move |_| chosen(emoji));
                line.append(&button);
                button
            })
            .collect();
        line.append(&all(chosen));
        close_elsewhere(&popover, around, &row);
        Self {
            popover,
            buttons,
            message,
            row,
        }
    }

    /// Returns the action that offers emoji for a message of `history`: at once,
    /// while its key is still being heard.
    pub fn action(
        picker: &Rc<Self>,
        history: &HistoryView,
        source: &Rc<MessageSource>,
    ) -> gio::SimpleAction {
        let action = gio::SimpleAction::new("other-emoji", Some(glib::VariantTy::INT64));
        let (picker, history) = (Rc::downgrade(picker), history.downgrade());
        let source = source.clone();
        action.connect_activate(move |_, target| {
            let id = target.and_then(|target| target.get::<i64>());
            let message = id.and_then(|id| source.message(MessageId(id)));
            let (Some(picker), Some(history), Some(message)) =
                (picker.upgrade(), history.upgrade(), message)
            else {
                return;
            };
            let row = source.row_of(message.id).and_then(|row| history.row(row));
            if let Some(row) = row.and_downcast::<MessageRow>()
                && Possible::of(&message).answer
            {
                picker.ask(&row, &own_emoji(&message));
            }
        });
        action
    }

    /// Offers emoji for the message in `row`; `mine` are there already.
    pub fn ask(&self, row: &MessageRow, mine: &[String]) {
        self.message.set(row.id());
        self.row.set(Some(row));
        for (button, emoji) in self.buttons.iter().zip(QUICK) {
            let is_mine = mine.iter().any(|mine| as_sent(mine) == as_sent(emoji));
            button.set_active(is_mine);
            let words = if is_mine {
                gettext("Take {emoji} back")
            } else {
                gettext("React with {emoji}")
            };
            let words = fill(&words, &[("emoji", emoji)]);
            button.update_property(&[gtk::accessible::Property::Label(&words)]);
        }
        self.popover.set_pointing_to(self.place(row).as_ref());
        self.popover.popup();
        if let Some(first) = self.buttons.first() {
            first.grab_focus();
        }
    }

    /// The bubble, as far as it can be seen.
    fn place(&self, row: &MessageRow) -> Option<gdk::Rectangle> {
        let around = self.popover.parent()?;
        let bounds = row.bubble()?.compute_bounds(&around)?;
        let bubble = gdk::Rectangle::new(
            bounds.x() as i32,
            bounds.y() as i32,
            bounds.width() as i32,
            bounds.height() as i32,
        );
        let seen = gdk::Rectangle::new(0, 0, around.width(), around.height());
        Some(bubble.intersect(&seen).unwrap_or(seen))
    }
}

impl Drop for Picker {
    fn drop(&mut self) {
        if self.popover.parent().is_some() {
            self.popover.unparent();
        }
    }
}

/// The button that offers all emoji; GTK's chooser is made when it is first opened.
fn all(chosen: Rc<dyn Fn(&str)>) -> gtk::MenuButton {
    let more = gtk::MenuButton::builder()
        .icon_name("list-add-symbolic")
        .tooltip_text(gettext("Other Emoji"))
        .css_classes(["flat", "circular"])
        .build();
    more.set_create_popup_func(move |button| {
        if button.popover().is_none() {
            let chooser = gtk::EmojiChooser::new();
            let chosen = chosen.clone();
            chooser.connect_emoji_picked(move |_, emoji| chosen(emoji));
            button.set_popover(Some(&chooser));
        }
    });
    more
}

/// Closes it, and gives the keyboard back to the message.
fn close(popover: &glib::WeakRef<gtk::Popover>, row: &glib::WeakRef<MessageRow>) {
    let Some(popover) = popover.upgrade().filter(WidgetExt::is_visible) else {
        return;
    };
    // First: what is hidden with the keyboard gives it to anybody.
    if let Some(row) = row.upgrade().filter(WidgetExt::is_mapped) {
        row.grab_focus();
    }
    popover.popdown();
}

fn close_elsewhere(popover: &gtk::Popover, around: &gtk::Box, row: &Rc<glib::WeakRef<MessageRow>>) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let (weak, back) = (popover.downgrade(), row.clone());
    keys.connect_key_pressed(move |_, key, _, _| {
        if key == gdk::Key::Escape {
            close(&weak, &back);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    popover.add_controller(keys);
    let focus = gtk::EventControllerFocus::new();
    let weak = popover.downgrade();
    focus.connect_leave(move |_| {
        if let Some(popover) = weak.upgrade() {
            popover.popdown();
        }
    });
    popover.add_controller(focus);
    let click = gtk::GestureClick::builder()
        .button(0)
        .propagation_phase(gtk::PropagationPhase::Capture)
        .build();
    let weak = popover.downgrade();
    click.connect_pressed(move |click, _, x, y| {
        let Some(popover) = weak.upgrade().filter(WidgetExt::is_visible) else {
            return;
        };
        let picked = click
            .widget()
            .and_then(|around| around.pick(x, y, gtk::PickFlags::DEFAULT));
        if !picked.is_some_and(|picked| picked.is_ancestor(&popover)) {
            popover.popdown();
        }
    });
    around.add_controller(click);
}
