//! The menu on a message: right click, a long press, the menu key, Shift+F10 or
//! Enter.
//!
//! One popover serves all rows; it belongs to what is around the history,
//! because rows are recycled while it is open. It also stands in place of the
//! menu that GTK has for a text, and can copy what that one could.

use std::rc::Rc;

use relm4::gtk::{self, gdk, glib, graphene, prelude::*};

use super::history_view::HistoryView;
use super::message::MessageRow;
use super::possible::{self, Clicked};
use super::source::MessageSource;
use crate::engine::model::{MessageId, MessageRow as Message};
use crate::ui::i18n::gettext;
use crate::ui::widgets::menu_place::menu_place;

/// The menu of the message it was asked for.
pub struct RowMenu {
    popover: gtk::PopoverMenu,
    before: Before,
    ask: Ask,
}

/// What had the keyboard before the menu, and gets it back: a dialog that the
/// menu opens gives it back to the same place.
type Before = Rc<glib::WeakRef<gtk::Widget>>;

/// Shows the menu of a row, at a place in it, for what was clicked there.
type Ask = Rc<dyn Fn(&MessageRow, Option<graphene::Point>, &Clicked)>;

impl RowMenu {
    /// Makes the menu of the rows of `history`, which stands in `around`.
    pub fn new(around: &gtk::Box, history: &HistoryView, source: &Rc<MessageSource>) -> Self {
        let popover = gtk::PopoverMenu::builder()
            .has_arrow(false)
            .halign(gtk::Align::Start)
            .build();
        popover.set_parent(around);
        let before = Before::default();
        let back = before.clone();
        popover.connect_closed(move |_| {
            if let Some(widget) = back.upgrade().filter(WidgetExt::is_mapped) {
                widget.grab_focus();
            }
        });
        let (weak, source) = (popover.downgrade(), source.clone());
        let remembered = before.clone();
        let ask: Ask = Rc::new(move |row, at, clicked| {
            // While messages are chosen there is a bar for all of them.
            let is_choosing = source.chosen().is_some();
            let message = source.message(MessageId(row.id()));
            let Some((popover, message)) = weak.upgrade().zip(message).filter(|_| !is_choosing)
            else {
                return;
            };
            popover.set_menu_model(Some(&possible::menu(&message, clicked)));
            popover.set_pointing_to(menu_place(&popover, row, at).as_ref());
            remembered.set(keyboard(row).as_ref());
            name(&popover, &gettext("Menu of the message"));
            popover.popup();
        });
        ask_by_pointer(history, &ask);
        ask_by_key(history, &ask);
        Self {
            popover,
            before,
            ask,
        }
    }

    /// Offers emoji to react with to the message of a row.
    pub fn ask_for_emoji(&self, row: &MessageRow, message: &Message) {
        self.popover.set_menu_model(Some(&possible::emoji(message)));
        self.popover
            .set_pointing_to(menu_place(&self.popover, row, None).as_ref());
        self.before.set(keyboard(row).as_ref());
        name(&self.popover, &gettext("React"));
        self.popover.popup();
    }

    /// Shows the menu of a row.
    pub fn ask(&self, row: &MessageRow) {
        (self.ask)(row, None, &Clicked::default());
    }
}

impl Drop for RowMenu {
    fn drop(&mut self) {
        if self.popover.parent().is_some() {
            self.popover.unparent();
        }
    }
}

fn name(popover: &gtk::PopoverMenu, words: &str) {
    popover.update_property(&[gtk::accessible::Property::Label(words)]);
}

/// Returns what has the keyboard in the window of a row.
fn keyboard(row: &MessageRow) -> Option<gtk::Widget> {
    row.root()?.focus()
}

fn ask_by_pointer(history: &HistoryView, ask: &Ask) {
    let ask = ask.clone();
    let at = move |history: &gtk::Widget, x: f64, y: f64| {
        let widget = history.pick(x, y, gtk::PickFlags::DEFAULT)?;
        let row = row(&widget)?;
        let point = graphene::Point::new(x as f32, y as f32);
        let point = history.compute_point(&row, &point);
        ask(&row, point, &clicked(&widget));
        Some(())
    };
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_SECONDARY)
        // Before the menu of the text.
        .propagation_phase(gtk::PropagationPhase::Capture)
        .build();
    let open = at.clone();
    click.connect_pressed(move |click, _, x, y| {
        let history = click.widget();
        if history.and_then(|history| open(&history, x, y)).is_some() {
            click.set_state(gtk::EventSequenceState::Claimed);
        }
    });
    history.add_controller(click);
    let press = gtk::GestureLongPress::builder().touch_only(true).build();
    press.connect_pressed(move |press, x, y| {
        let history = press.widget();
        if history.and_then(|history| at(&history, x, y)).is_some() {
            press.set_state(gtk::EventSequenceState::Claimed);
        }
    });
    history.add_controller(press);
}

fn clicked(widget: &gtk::Widget) -> Clicked {
    let Some(label) = widget.downcast_ref::<gtk::Label>() else {
        return Clicked::default();
    };
    let selected = label.selection_bounds().map(|(start, end)| {
        let start = usize::try_from(start).unwrap_or_default();
        let length = usize::try_from(end).unwrap_or_default() - start;
        label.text().chars().skip(start).take(length).collect()
    });
    Clicked {
        selected,
        link: label.current_uri().map(Into::into),
    }
}

fn ask_by_key(history: &HistoryView, ask: &Ask) {
    let ask = ask.clone();
    let keys = gtk::EventControllerKey::new();
    keys.connect_key_pressed(move |keys, key, _, modifiers| {
        let is_shifted = modifiers.contains(gdk::ModifierType::SHIFT_MASK);
        let is_menu = matches!(key, gdk::Key::Menu | gdk::Key::Return | gdk::Key::KP_Enter)
            || (key == gdk::Key::F10 && is_shifted);
        let row = keys
            .widget()
            .and_then(|history| history.focus_child())
            .and_then(|child| child.downcast::<MessageRow>().ok());
        // What is focused inside a row, a button say, has keys of its own.
        match row.filter(|row| is_menu && row.has_focus()) {
            Some(row) => {
                ask(&row, None, &Clicked::default());
                glib::Propagation::Stop
            }
            None => glib::Propagation::Proceed,
        }
    });
    history.add_controller(keys);
}

/// Returns the row a widget is, or is a part of.
pub(super) fn row(widget: &gtk::Widget) -> Option<MessageRow> {
    let is_row = widget.clone().downcast::<MessageRow>().ok();
    is_row.or_else(|| widget.ancestor(MessageRow::static_type())?.downcast().ok())
}
