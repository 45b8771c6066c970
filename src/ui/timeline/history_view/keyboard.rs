//! From message to message by keyboard.

use relm4::gtk::{gdk, prelude::*, subclass::prelude::*};

use super::{Place, imp};

impl imp::HistoryView {
    pub(super) fn current_or_last_visible(&self) -> Option<usize> {
        let visible = self.visible();
        let current = self
            .current
            .get()
            .filter(|current| visible.contains(current));
        current.or_else(|| visible.last())
    }

    pub(super) fn move_by_key(&self, key: gdk::Key) -> bool {
        let count = self.count();
        if count == 0 {
            return false;
        }
        let from = self.current_or_last_visible().unwrap_or(count - 1);
        let rows_in_view = self.visible().len().max(2) - 1;
        let to = match key {
            gdk::Key::Up | gdk::Key::KP_Up => from.saturating_sub(1),
            gdk::Key::Down | gdk::Key::KP_Down => from + 1,
            gdk::Key::Page_Up | gdk::Key::KP_Page_Up => from.saturating_sub(rows_in_view),
            gdk::Key::Page_Down | gdk::Key::KP_Page_Down => from + rows_in_view,
            gdk::Key::Home | gdk::Key::KP_Home => 0,
            gdk::Key::End | gdk::Key::KP_End => count - 1,
            _ => return false,
        };
        self.focus_row(to.min(count - 1))
    }

    /// Gives a row the keyboard and scrolls as little as shows it whole.
    pub(super) fn focus_row(&self, index: usize) -> bool {
        let view = self.obj();
        self.current.set(Some(index));
        let live = self.first.get()..self.first.get() + self.live.borrow().len();
        if !live.contains(&index) {
            self.target.set(Some((index, Place::Middle)));
            self.lay_out(view.width(), view.height());
        }
        let place = index.wrapping_sub(self.first.get());
        let Some(row) = self.live.borrow().get(place).map(|row| row.widget.clone()) else {
            return false;
        };
        self.scroll_into_view(place);
        row.grab_focus()
    }

    pub(super) fn scroll_into_view(&self, place: usize) {
        let Some(adjustment) = self.adjustment() else {
            return;
        };
        let live = self.live.borrow();
        let top = self.top.get() + live.iter().take(place).map(|row| row.height).sum::<f64>();
        let bottom = top + live[place].height;
        drop(live);
        if top < adjustment.value() {
            adjustment.set_value(top);
        } else if bottom > adjustment.value() + adjustment.page_size() {
            adjustment.set_value(bottom - adjustment.page_size());
        }
    }
}
