//! Laying out: which rows are live, where they stand, and the bounds of the
//! adjustment. Here the one rule is kept.

use relm4::gtk::{self, graphene, gsk, prelude::*};

use super::live_rows::height_of;
use super::{MARGIN, MOST_TO_WALK, Place, imp};

impl imp::HistoryView {
    pub(super) fn lay_out(&self, width: i32, height: i32) {
        let Some(adjustment) = self.adjustment() else {
            return;
        };
        if width <= 0 || height <= 0 {
            return;
        }
        self.is_laying_out.set(true);
        let page = f64::from(height);
        let count = self.count();
        if count == 0 {
            self.clear();
            self.top.set(0.0);
            adjustment.configure(0.0, 0.0, page, page * 0.1, page * 0.9, page);
        } else {
            let value = adjustment.value();
            let beyond = count - (self.first.get() + self.live.borrow().len()).min(count);
            if self.is_sticky.get() && beyond > MOST_TO_WALK {
                // The view goes to the end: all on the way there would be made
                // and measured for nothing.
                self.clear();
            }
            self.measure_again(width, self.held_top().unwrap_or(value + page / 2.0));
            self.anchor_again(width, page, count, &adjustment);
            let end = self.fill(width, value, page, count);
            let value = self.set_bounds(value, end, page, count, &adjustment);
            self.place(width, value);
            let has_turned = self.is_turning.take();
            let target = self.target.take();
            if let Some((index, _)) = target {
                self.held.set(Some(index));
            }
            if target.is_some() || has_turned {
                self.is_sticky.set(self.is_at_end());
            }
        }
        self.is_laying_out.set(false);
        self.tell();
    }

    /// Returns where the row that was jumped to begins, in content coordinates.
    fn held_top(&self) -> Option<f64> {
        let place = self.held.get()?.checked_sub(self.first.get())?;
        let live = self.live.borrow();
        let above = live.iter().take(place).map(|row| row.height);
        (place < live.len()).then(|| above.fold(self.top.get(), |y, height| y + height))
    }

    /// Measures the live rows. What grew or shrank wholly above `middle`, that
    /// of the view or a row that is held, moves the rows above it, so that the
    /// middle stays.
    pub(super) fn measure_again(&self, width: i32, middle: f64) {
        let mut y = self.top.get();
        let mut moved = 0.0;
        for row in self.live.borrow_mut().iter_mut() {
            let height = height_of(&row.widget, width);
            if y + row.height <= middle {
                moved += height - row.height;
            }
            y += row.height;
            row.height = height;
        }
        self.top.set(self.top.get() - moved);
    }

    /// After a jump, or when the slider was dragged away from everything
    /// live, starts again from one row.
    pub(super) fn anchor_again(
        &self,
        width: i32,
        page: f64,
        count: usize,
        adjustment: &gtk::Adjustment,
    ) {
        let value = adjustment.value();
        if let Some((index, place)) = self.target.get() {
            self.clear();
            let height = self.start_at(index.min(count - 1), width);
            self.top.set(match place {
                Place::Top => value + page * 0.15,
                Place::Middle => value + ((page - height) / 2.0).floor(),
            });
            self.is_sticky.set(false);
            return;
        }
        let is_lost = value + page < self.top.get() || value > self.live_end();
        if !is_lost && !self.live.borrow().is_empty() {
            return;
        }
        let range = adjustment.upper() - adjustment.lower() - page;
        let fraction = if self.is_sticky.get() {
            1.0
        } else {
            ((value - adjustment.lower()) / range.max(1.0)).clamp(0.0, 1.0)
        };
        self.clear();
        let index = ((count - 1) as f64 * fraction).round() as usize;
        let height = self.start_at(index, width);
        self.top.set((value + (page - height) * fraction).round());
    }

    pub(super) fn start_at(&self, index: usize, width: i32) -> f64 {
        self.first.set(index);
        let row = self.take(index, width, None);
        let height = row.height;
        self.live.borrow_mut().push_back(row);
        height
    }

    /// Makes rows live on both sides until the view and its margin are
    /// covered, and recycles those far outside. Returns the live end.
    pub(super) fn fill(&self, width: i32, value: f64, page: f64, count: usize) -> f64 {
        while self.first.get() > 0 && self.top.get() > value - MARGIN {
            let index = self.first.get() - 1;
            let row = self.take(index, width, None);
            self.top.set(self.top.get() - row.height);
            self.first.set(index);
            self.live.borrow_mut().push_front(row);
        }
        let mut end = self.live_end();
        loop {
            let index = self.first.get() + self.live.borrow().len();
            if index >= count || !(self.is_sticky.get() || end < value + page + MARGIN) {
                break;
            }
            let before = self.live.borrow().back().map(|row| row.widget.clone());
            let row = self.take(index, width, before.as_ref());
            end += row.height;
            self.live.borrow_mut().push_back(row);
        }
        // With the bottom held, what counts is where the view will stand.
        let value = if self.is_sticky.get() {
            end - page
        } else {
            value
        };
        while self
            .front_height()
            .is_some_and(|height| self.top.get() + height < value - 2.0 * MARGIN)
        {
            self.drop_front();
        }
        while self
            .back_height()
            .is_some_and(|height| end - height > value + page + 2.0 * MARGIN)
        {
            let row = self.live.borrow_mut().pop_back();
            if let Some(row) = row {
                end -= row.height;
                self.recycle(row.widget);
            }
        }
        end
    }

    /// Sets the adjustment: exact where the list's own end is live, else estimated.
    pub(super) fn set_bounds(
        &self,
        value: f64,
        end: f64,
        page: f64,
        count: usize,
        adjustment: &gtk::Adjustment,
    ) -> f64 {
        let live = self.live.borrow().len();
        let average = self.average.get().unwrap_or_else(|| {
            let average = (end - self.top.get()) / live as f64;
            self.average.set(Some(average));
            average
        });
        let first = self.first.get();
        let mut lower = self.top.get() - first as f64 * average;
        let upper = end + (count - first - live) as f64 * average;
        if upper - lower < page {
            // A short chat stands at the bottom.
            lower = upper - page;
        }
        let value = if self.is_sticky.get() {
            upper - page
        } else {
            value
        };
        let value = value.clamp(lower, upper - page);
        adjustment.configure(value, lower, upper, page * 0.1, page * 0.9, page);
        value
    }

    pub(super) fn place(&self, width: i32, value: f64) {
        let mut y = self.top.get() - value;
        for row in self.live.borrow().iter() {
            let position = graphene::Point::new(0.0, y.round() as f32);
            let transform = gsk::Transform::new().translate(&position);
            row.widget
                .allocate(width, row.height as i32, -1, Some(transform));
            y += row.height;
        }
    }
}
