//! The live rows: taken, recycled, and kept in step with the list.

use std::collections::VecDeque;

use relm4::gtk::{self, prelude::*, subclass::prelude::*};

use super::{LiveRow, MOST_SPARE_ROWS, imp};

impl imp::HistoryView {
    pub(super) fn live_end(&self) -> f64 {
        self.top.get() + self.live.borrow().iter().map(|row| row.height).sum::<f64>()
    }

    /// Height of the first live row, unless it is the only one.
    pub(super) fn front_height(&self) -> Option<f64> {
        let live = self.live.borrow();
        if live.len() > 1 {
            live.front().map(|row| row.height)
        } else {
            None
        }
    }

    pub(super) fn back_height(&self) -> Option<f64> {
        let live = self.live.borrow();
        if live.len() > 1 {
            live.back().map(|row| row.height)
        } else {
            None
        }
    }

    pub(super) fn drop_front(&self) {
        let row = self.live.borrow_mut().pop_front();
        if let Some(row) = row {
            self.top.set(self.top.get() + row.height);
            self.first.set(self.first.get() + 1);
            self.recycle(row.widget);
        }
    }

    /// Returns a bound row, standing right after `before` among its siblings.
    pub(super) fn take(&self, index: usize, width: i32, before: Option<&gtk::Widget>) -> LiveRow {
        let source = self
            .source
            .borrow()
            .clone()
            .expect("rows are only taken where there are some");
        let spare = self.spare.borrow_mut().pop();
        let widget = spare.unwrap_or_else(|| source.make_row());
        widget.insert_after(&*self.obj(), before);
        widget.set_child_visible(true);
        source.bind(&widget, index);
        let height = height_of(&widget, width);
        LiveRow { widget, height }
    }

    pub(super) fn recycle(&self, widget: gtk::Widget) {
        let view = self.obj();
        if widget.is_ancestor(&*view) && view.focus_child().as_ref() == Some(&widget) {
            // The keyboard stays in the history while its row scrolls away.
            self.parent_grab_focus();
        }
        if self.spare.borrow().len() >= MOST_SPARE_ROWS {
            widget.unparent();
            return;
        }
        widget.set_child_visible(false);
        widget.insert_before(&*view, gtk::Widget::NONE);
        self.spare.borrow_mut().push(widget);
    }

    pub(super) fn clear(&self) {
        let rows: Vec<LiveRow> = self.live.borrow_mut().drain(..).collect();
        for row in rows {
            self.recycle(row.widget);
        }
    }

    pub(super) fn index_of(&self, row: &gtk::Widget) -> Option<usize> {
        let place = self
            .live
            .borrow()
            .iter()
            .position(|live| live.widget == *row)?;
        Some(self.first.get() + place)
    }

    /// Brings the list up to date after `removed` rows at `position` made
    /// room for `added` others. The row at `middle`, in content coordinates, stays.
    pub(super) fn splice(&self, position: usize, removed: usize, added: usize, middle: f64) {
        let removed_end = position + removed;

        let mut y = self.top.get();
        let mut kept = VecDeque::new();
        let first = self.first.get();
        let rows: Vec<LiveRow> = self.live.borrow_mut().drain(..).collect();
        for (index, row) in (first..).zip(rows) {
            let bottom = y + row.height;
            if (position..removed_end).contains(&index) {
                if bottom <= middle {
                    self.top.set(self.top.get() + row.height);
                }
                self.recycle(row.widget);
            } else {
                kept.push_back(row);
            }
            y = bottom;
        }
        self.live.replace(kept);
        let removed_above = removed_end.min(first) - position.min(first);
        self.first.set(first - removed_above);

        self.make_room(position, added, middle);
        let moved = |index: usize| {
            if index < position {
                Some(index)
            } else if index < removed_end {
                None
            } else {
                Some(index - removed + added)
            }
        };
        self.current.set(self.current.get().and_then(moved));
        self.held.set(self.held.get().and_then(moved));
        // A jump that was asked for and not made yet goes to the same row.
        let target = self.target.get();
        let target = target.and_then(|(index, place)| Some((moved(index)?, place)));
        self.target.set(target);
        self.obj().queue_allocate();
    }

    /// Live rows are contiguous: rows inserted among them part the range,
    /// and the part away from the middle is made anew in the next layout.
    pub(super) fn make_room(&self, position: usize, added: usize, middle: f64) {
        let first = self.first.get();
        let live = self.live.borrow().len();
        if added == 0 || live == 0 || position >= first + live {
            return;
        }
        if position <= first {
            self.first.set(first + added);
            return;
        }
        let above = position - first;
        let y = self.top.get()
            + self
                .live
                .borrow()
                .iter()
                .take(above)
                .map(|row| row.height)
                .sum::<f64>();
        if y <= middle {
            for _ in 0..above {
                self.drop_front();
            }
            self.first.set(self.first.get() + added);
        } else {
            let below: Vec<LiveRow> = self.live.borrow_mut().drain(above..).collect();
            for row in below {
                self.recycle(row.widget);
            }
        }
    }
}

/// Returns the height a row wants at this width.
pub(super) fn height_of(widget: &gtk::Widget, width: i32) -> f64 {
    let (_, natural, _, _) = widget.measure(gtk::Orientation::Vertical, width);
    f64::from(natural)
}
