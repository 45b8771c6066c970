//! The menu on a message: right click beside its text, a long press, the menu
//! key, Shift+F10 or Enter.
//!
//! One popover serves all rows; it belongs to what is around the history,
//! because rows are recycled while it is open. On the text itself GTK shows the
//! menu of a text, where the details are added.

use relm4::gtk::{self, gdk, gio, glib, graphene, prelude::*};

use super::history_view::HistoryView;
use super::message::MessageRow;
use crate::ui::i18n::gettext;
use crate::ui::widgets::menu_place::menu_place;

/// The menu of the message it was asked for.
pub struct RowMenu {
    popover: gtk::PopoverMenu,
}

impl RowMenu {
    /// Makes the menu of the rows of `history`, which stands in `around`.
    pub fn new(around: &gtk::Overlay, history: &HistoryView) -> Self {
        let popover = gtk::PopoverMenu::builder()
            .has_arrow(false)
            .halign(gtk::Align::Start)
            .build();
        popover.set_parent(around);
        let weak = popover.downgrade();
        let ask = move |row: &MessageRow, at: Option<graphene::Point>| {
            let Some(popover) = weak.upgrade().filter(|_| row.id() != 0) else {
                return;
            };
            popover.set_menu_model(Some(&menu(row.id())));
            popover.set_pointing_to(menu_place(&popover, row, at).as_ref());
            popover.popup();
        };
        ask_by_pointer(history, ask.clone());
        ask_by_key(history, ask);
        Self { popover }
    }
}

impl Drop for RowMenu {
    fn drop(&mut self) {
        if self.popover.parent().is_some() {
            self.popover.unparent();
        }
    }
}

fn menu(id: i64) -> gio::Menu {
    let menu = gio::Menu::new();
    for (label, action) in [
        (gettext("_Copy"), "message.copy"),
        (gettext("_Details"), "message.details"),
    ] {
        let item = gio::MenuItem::new(Some(&label), None);
        item.set_action_and_target_value(Some(action), Some(&id.to_variant()));
        menu.append_item(&item);
    }
    menu
}

fn ask_by_pointer(
    history: &HistoryView,
    ask: impl Fn(&MessageRow, Option<graphene::Point>) + Clone + 'static,
) {
    let at = move |history: &gtk::Widget, x: f64, y: f64| {
        let row = history
            .pick(x, y, gtk::PickFlags::DEFAULT)
            .and_then(|widget| row(&widget))?;
        let point = graphene::Point::new(x as f32, y as f32);
        let point = history.compute_point(&row, &point);
        ask(&row, point);
        Some(())
    };
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_SECONDARY)
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

fn ask_by_key(history: &HistoryView, ask: impl Fn(&MessageRow, Option<graphene::Point>) + 'static) {
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
                ask(&row, None);
                glib::Propagation::Stop
            }
            None => glib::Propagation::Proceed,
        }
    });
    history.add_controller(keys);
}

/// Returns the row a widget is, or is a part of.
fn row(widget: &gtk::Widget) -> Option<MessageRow> {
    let is_row = widget.clone().downcast::<MessageRow>().ok();
    is_row.or_else(|| widget.ancestor(MessageRow::static_type())?.downcast().ok())
}
