//! The menu on a line of the chat list: right click, a long press, the menu key
//! or Shift+F10.
//!
//! One popover serves all lines. It belongs to the box around the list, not to a
//! line: lines are recycled while it is open.

use std::cell::Cell;
use std::rc::Rc;

use relm4::gtk::{self, gdk, glib, graphene, prelude::*};

use super::requests;
use super::row::SidebarRow;
use crate::engine::model::ConversationId;
use crate::ui::conversation::chat_menu::{self, ChatWish};
use crate::ui::widgets::menu_place::menu_place;

/// The menu of the line it was asked for.
pub struct LineMenu {
    popover: gtk::PopoverMenu,
}

impl LineMenu {
    /// Makes the menu of `list`, which stands somewhere in `around`; `wish`
    /// hears what is chosen, for which chat.
    pub fn new(
        around: &gtk::Box,
        list: &gtk::ListView,
        wish: impl Fn(ConversationId, ChatWish) + Clone + 'static,
    ) -> Self {
        let popover = gtk::PopoverMenu::builder()
            .has_arrow(false)
            .halign(gtk::Align::Start)
            .build();
        popover.set_parent(around);
        let asked: Rc<Cell<Option<ConversationId>>> = Rc::default();
        let of = asked.clone();
        let actions = chat_menu::actions(move |chosen| {
            if let Some(id) = of.get() {
                wish(id, chosen);
            }
        });
        around.insert_action_group(chat_menu::GROUP, Some(&actions));
        let weak = popover.downgrade();
        let ask = move |row: &SidebarRow, at: Option<graphene::Point>| {
            let (Some(popover), Some(item)) = (weak.upgrade(), row.item()) else {
                return;
            };
            let line = item.line().row;
            if line.id == requests::ROW {
                // All that can be done about them stands on their page.
                return;
            }
            asked.set(Some(line.id));
            popover.set_menu_model(Some(&chat_menu::menu(&line)));
            popover.set_pointing_to(menu_place(&popover, row, at).as_ref());
            popover.popup();
        };
        ask_by_pointer(list, ask.clone());
        ask_by_key(list, ask);
        Self { popover }
    }
}

impl Drop for LineMenu {
    fn drop(&mut self) {
        if self.popover.parent().is_some() {
            self.popover.unparent();
        }
    }
}

fn ask_by_pointer(
    list: &gtk::ListView,
    ask: impl Fn(&SidebarRow, Option<graphene::Point>) + Clone + 'static,
) {
    let at = move |list: &gtk::Widget, x: f64, y: f64| {
        let row = list
            .pick(x, y, gtk::PickFlags::DEFAULT)
            .and_then(|widget| line(&widget))?;
        let point = graphene::Point::new(x as f32, y as f32);
        let point = list.compute_point(&row, &point);
        ask(&row, point);
        Some(())
    };
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_SECONDARY)
        .build();
    let open = at.clone();
    click.connect_pressed(move |click, _, x, y| {
        if click.widget().and_then(|list| open(&list, x, y)).is_some() {
            click.set_state(gtk::EventSequenceState::Claimed);
        }
    });
    list.add_controller(click);
    let press = gtk::GestureLongPress::builder().touch_only(true).build();
    press.connect_pressed(move |press, x, y| {
        if press.widget().and_then(|list| at(&list, x, y)).is_some() {
            press.set_state(gtk::EventSequenceState::Claimed);
        }
    });
    list.add_controller(press);
}

fn ask_by_key(list: &gtk::ListView, ask: impl Fn(&SidebarRow, Option<graphene::Point>) + 'static) {
    let keys = gtk::EventControllerKey::new();
    keys.connect_key_pressed(move |keys, key, _, modifiers| {
        let is_shifted = modifiers.contains(gdk::ModifierType::SHIFT_MASK);
        if key != gdk::Key::Menu && !(key == gdk::Key::F10 && is_shifted) {
            return glib::Propagation::Proceed;
        }
        let focus = keys.widget().and_then(|list| list.focus_child());
        let Some(row) = focus.and_then(|place| place.first_child()) else {
            return glib::Propagation::Proceed;
        };
        let Some(row) = line(&row) else {
            return glib::Propagation::Proceed;
        };
        ask(&row, None);
        glib::Propagation::Stop
    });
    list.add_controller(keys);
}

/// Returns the line a widget is, or is a part of.
fn line(widget: &gtk::Widget) -> Option<SidebarRow> {
    widget
        .clone()
        .downcast::<SidebarRow>()
        .ok()
        .or_else(|| widget.ancestor(SidebarRow::static_type())?.downcast().ok())
        .or_else(|| widget.first_child()?.downcast().ok())
}
