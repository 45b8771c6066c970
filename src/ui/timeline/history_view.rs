//! The scrollable of the history: a long list of rows of very unequal height.
//!
//! Only the rows near the view exist as widgets ("live" rows, a contiguous
//! range of the list). They are placed in content coordinates, and the one
//! rule is: **scrolling never rewrites the adjustment's `value`; loading only
//! moves `lower` and `upper`**, which may be negative. A fling, which sets
//! absolute positions, so goes on undisturbed while rows come and go.
//!
//! What rows show is not known here: see [`RowSource`]. Sibling order is list
//! order, so that Tab and screen readers meet the messages in their order.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use relm4::gtk::{self, gdk, glib, graphene, gsk, prelude::*, subclass::prelude::*};

/// Rows are kept live this far beyond the view, and recycled twice as far.
const MARGIN: f64 = 600.0;
/// Recycled widgets kept for the next row; the rest is freed.
const MOST_SPARE_ROWS: usize = 24;
/// So near to the end counts as being there.
const BOTTOM_TOLERANCE: f64 = 2.0;

/// What the rows of a [`HistoryView`] show.
pub trait RowSource {
    /// Returns how many rows there are.
    fn count(&self) -> usize;
    /// Makes a row that shows nothing yet. It should have the list item role.
    fn make_row(&self) -> gtk::Widget;
    /// Lets a row show the message at `index`.
    fn bind(&self, row: &gtk::Widget, index: usize);
}

/// Where a row that was jumped to stands in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Near the top, with a little of what comes before.
    Top,
    /// In the middle.
    Middle,
}

struct LiveRow {
    widget: gtk::Widget,
    /// As measured in the last layout; 0 before the first.
    height: f64,
}

mod imp {
    use super::*;

    pub struct HistoryView {
        pub(super) source: RefCell<Option<Rc<dyn RowSource>>>,
        pub(super) live: RefCell<VecDeque<LiveRow>>,
        pub(super) spare: RefCell<Vec<gtk::Widget>>,
        /// Index of the first live row.
        pub(super) first: Cell<usize>,
        /// Content coordinate of the first live row.
        pub(super) top: Cell<f64>,
        pub(super) is_sticky: Cell<bool>,
        pub(super) target: Cell<Option<(usize, Place)>>,
        /// Height assumed for rows that were never live; frozen for a chat,
        /// because any later change would move the scrollbar's slider.
        pub(super) average: Cell<Option<f64>>,
        /// The row that has, or last had, the keyboard.
        pub(super) current: Cell<Option<usize>>,
        is_laying_out: Cell<bool>,
        has_told: Cell<bool>,
        horizontal: RefCell<Option<gtk::Adjustment>>,
        vertical: RefCell<Option<(gtk::Adjustment, glib::SignalHandlerId)>>,
    }

    impl Default for HistoryView {
        fn default() -> Self {
            Self {
                source: RefCell::default(),
                live: RefCell::default(),
                spare: RefCell::default(),
                first: Cell::default(),
                top: Cell::default(),
                is_sticky: Cell::new(true),
                target: Cell::default(),
                average: Cell::default(),
                current: Cell::default(),
                is_laying_out: Cell::default(),
                has_told: Cell::default(),
                horizontal: RefCell::default(),
                vertical: RefCell::default(),
            }
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for HistoryView {
        const NAME: &'static str = "StonechatHistoryView";
        type Type = super::HistoryView;
        type ParentType = gtk::Widget;
        type Interfaces = (gtk::Scrollable,);

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("history");
            class.set_accessible_role(gtk::AccessibleRole::List);
        }
    }

    impl ObjectImpl for HistoryView {
        fn properties() -> &'static [glib::ParamSpec] {
            static PROPERTIES: std::sync::OnceLock<Vec<glib::ParamSpec>> =
                std::sync::OnceLock::new();
            PROPERTIES.get_or_init(|| {
                [
                    "hadjustment",
                    "vadjustment",
                    "hscroll-policy",
                    "vscroll-policy",
                ]
                .iter()
                .map(|name| glib::ParamSpecOverride::for_interface::<gtk::Scrollable>(name))
                .collect()
            })
        }

        fn signals() -> &'static [glib::subclass::Signal] {
            static SIGNALS: std::sync::OnceLock<Vec<glib::subclass::Signal>> =
                std::sync::OnceLock::new();
            SIGNALS.get_or_init(|| vec![glib::subclass::Signal::builder("moved").build()])
        }

        fn property(&self, _id: usize, property: &glib::ParamSpec) -> glib::Value {
            match property.name() {
                "hadjustment" => self.horizontal.borrow().to_value(),
                "vadjustment" => self.adjustment().to_value(),
                _ => gtk::ScrollablePolicy::Natural.to_value(),
            }
        }

        fn set_property(&self, _id: usize, value: &glib::Value, property: &glib::ParamSpec) {
            match property.name() {
                "hadjustment" => {
                    self.horizontal.replace(value.get().unwrap_or_default());
                }
                "vadjustment" => self.set_vertical(value.get().unwrap_or_default()),
                // The policies of a widget that always fills its place say nothing.
                _ => {}
            }
        }

        fn constructed(&self) {
            self.parent_constructed();
            let view = self.obj();
            view.set_overflow(gtk::Overflow::Hidden);
            view.set_focusable(true);
            // Before the labels in the rows see the key: they would move a text cursor.
            let keys = gtk::EventControllerKey::new();
            keys.set_propagation_phase(gtk::PropagationPhase::Capture);
            let weak = view.downgrade();
            keys.connect_key_pressed(move |_, key, _, modifiers| {
                let Some(view) = weak.upgrade() else {
                    return glib::Propagation::Proceed;
                };
                let held = modifiers & gtk::accelerator_get_default_mod_mask();
                if held.is_empty() && view.imp().move_by_key(key) {
                    glib::Propagation::Stop
                } else {
                    glib::Propagation::Proceed
                }
            });
            view.add_controller(keys);
        }

        fn dispose(&self) {
            self.set_vertical(None);
            while let Some(child) = self.obj().first_child() {
                child.unparent();
            }
        }
    }

    impl WidgetImpl for HistoryView {
        fn request_mode(&self) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::ConstantSize
        }

        fn measure(&self, _orientation: gtk::Orientation, _for_size: i32) -> (i32, i32, i32, i32) {
            (0, 0, -1, -1)
        }

        fn size_allocate(&self, width: i32, height: i32, _baseline: i32) {
            self.lay_out(width, height);
        }

        /// Tab enters at one row, goes through that row, and leaves.
        fn focus(&self, direction: gtk::DirectionType) -> bool {
            if !matches!(
                direction,
                gtk::DirectionType::TabForward | gtk::DirectionType::TabBackward
            ) {
                return false;
            }
            match self.obj().focus_child() {
                Some(row) => row.child_focus(direction),
                None => self.grab_focus(),
            }
        }

        fn grab_focus(&self) -> bool {
            match self.current_or_last_visible() {
                Some(index) => self.focus_row(index),
                None => self.parent_grab_focus(),
            }
        }

        fn set_focus_child(&self, child: Option<&gtk::Widget>) {
            self.parent_set_focus_child(child);
            if let Some(index) = child.and_then(|child| self.index_of(child)) {
                self.current.set(Some(index));
            }
        }
    }

    impl ScrollableImpl for HistoryView {}

    impl HistoryView {
        pub(super) fn adjustment(&self) -> Option<gtk::Adjustment> {
            self.vertical
                .borrow()
                .as_ref()
                .map(|(adjustment, _)| adjustment.clone())
        }

        fn set_vertical(&self, adjustment: Option<gtk::Adjustment>) {
            if let Some((old, handler)) = self.vertical.take() {
                old.disconnect(handler);
            }
            let Some(adjustment) = adjustment else { return };
            let weak = self.obj().downgrade();
            let handler = adjustment.connect_value_changed(move |_| {
                if let Some(view) = weak.upgrade() {
                    view.imp().scrolled();
                }
            });
            self.vertical.replace(Some((adjustment, handler)));
        }

        /// The user, or a fling, set a new position.
        fn scrolled(&self) {
            if self.is_laying_out.get() {
                return;
            }
            self.target.set(None);
            self.is_sticky.set(self.is_at_end());
            self.obj().queue_allocate();
        }

        fn is_at_end(&self) -> bool {
            let Some(adjustment) = self.adjustment() else {
                return true;
            };
            self.first.get() + self.live.borrow().len() == self.count()
                && adjustment.value() + adjustment.page_size()
                    >= adjustment.upper() - BOTTOM_TOLERANCE
        }

        pub(super) fn count(&self) -> usize {
            self.source
                .borrow()
                .as_ref()
                .map_or(0, |source| source.count())
        }

        // ---- layout

        fn lay_out(&self, width: i32, height: i32) {
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
                self.measure_again(width, value + page / 2.0);
                self.anchor_again(width, page, count, &adjustment);
                let end = self.fill(width, value, page, count);
                let value = self.set_bounds(value, end, page, count, &adjustment);
                self.place(width, value);
                if self.target.take().is_some() {
                    self.is_sticky.set(self.is_at_end());
                }
            }
            self.is_laying_out.set(false);
            self.tell();
        }

        /// Measures the live rows. What grew or shrank wholly above the middle
        /// of the view moves the rows above it, so that the middle stays.
        fn measure_again(&self, width: i32, middle: f64) {
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
        fn anchor_again(&self, width: i32, page: f64, count: usize, adjustment: &gtk::Adjustment) {
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

        fn start_at(&self, index: usize, width: i32) -> f64 {
            self.first.set(index);
            let row = self.take(index, width, None);
            let height = row.height;
            self.live.borrow_mut().push_back(row);
            height
        }

        /// Makes rows live on both sides until the view and its margin are
        /// covered, and recycles those far outside. Returns the live end.
        fn fill(&self, width: i32, value: f64, page: f64, count: usize) -> f64 {
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
        fn set_bounds(
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

        fn place(&self, width: i32, value: f64) {
            let mut y = self.top.get() - value;
            for row in self.live.borrow().iter() {
                let position = graphene::Point::new(0.0, y.round() as f32);
                let transform = gsk::Transform::new().translate(&position);
                row.widget
                    .allocate(width, row.height as i32, -1, Some(transform));
                y += row.height;
            }
        }

        // ---- rows

        fn live_end(&self) -> f64 {
            self.top.get() + self.live.borrow().iter().map(|row| row.height).sum::<f64>()
        }

        /// Height of the first live row, unless it is the only one.
        fn front_height(&self) -> Option<f64> {
            let live = self.live.borrow();
            if live.len() > 1 {
                live.front().map(|row| row.height)
            } else {
                None
            }
        }

        fn back_height(&self) -> Option<f64> {
            let live = self.live.borrow();
            if live.len() > 1 {
                live.back().map(|row| row.height)
            } else {
                None
            }
        }

        fn drop_front(&self) {
            let row = self.live.borrow_mut().pop_front();
            if let Some(row) = row {
                self.top.set(self.top.get() + row.height);
                self.first.set(self.first.get() + 1);
                self.recycle(row.widget);
            }
        }

        /// Returns a bound row, standing right after `before` among its siblings.
        fn take(&self, index: usize, width: i32, before: Option<&gtk::Widget>) -> LiveRow {
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

        fn recycle(&self, widget: gtk::Widget) {
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
        /// room for `added` others. The row in the middle of the view stays.
        pub(super) fn splice(&self, position: usize, removed: usize, added: usize) {
            let middle = self.adjustment().map_or(0.0, |adjustment| {
                adjustment.value() + adjustment.page_size() / 2.0
            });
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
            self.current.set(self.current.get().and_then(|current| {
                if current < position {
                    Some(current)
                } else if current < removed_end {
                    None
                } else {
                    Some(current - removed + added)
                }
            }));
            self.obj().queue_allocate();
        }

        /// Live rows are contiguous: rows inserted among them part the range,
        /// and the part away from the middle is made anew in the next layout.
        fn make_room(&self, position: usize, added: usize, middle: f64) {
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

        // ---- what is on screen

        /// Range of the rows of which at least a part is in the view.
        pub(super) fn visible(&self) -> std::ops::Range<usize> {
            let Some(adjustment) = self.adjustment() else {
                return 0..0;
            };
            let (view_top, view_end) = (
                adjustment.value(),
                adjustment.value() + adjustment.page_size(),
            );
            let first = self.first.get();
            let mut y = self.top.get();
            let mut range = first..first;
            for (index, row) in (first..).zip(self.live.borrow().iter()) {
                if y + row.height <= view_top {
                    range = index + 1..index + 1;
                } else if y < view_end {
                    range.end = index + 1;
                }
                y += row.height;
            }
            range
        }

        /// Says "moved" once, after the layout: widgets may not change inside it.
        fn tell(&self) {
            if self.has_told.replace(true) {
                return;
            }
            let weak = self.obj().downgrade();
            glib::idle_add_local_once(move || {
                if let Some(view) = weak.upgrade() {
                    view.imp().has_told.set(false);
                    view.emit_by_name::<()>("moved", &[]);
                }
            });
        }

        // ---- keyboard

        fn current_or_last_visible(&self) -> Option<usize> {
            let visible = self.visible();
            let current = self
                .current
                .get()
                .filter(|current| visible.contains(current));
            current.or_else(|| visible.last())
        }

        fn move_by_key(&self, key: gdk::Key) -> bool {
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

        fn scroll_into_view(&self, place: usize) {
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
}

glib::wrapper! {
    /// The list of a chat's messages. Put it into a `GtkScrolledWindow`.
    pub struct HistoryView(ObjectSubclass<imp::HistoryView>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Scrollable;
}

impl Default for HistoryView {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl HistoryView {
    /// Shows another list, from its end.
    pub fn set_source(&self, source: Option<Rc<dyn RowSource>>) {
        let imp = self.imp();
        imp.clear();
        imp.source.replace(source);
        imp.first.set(0);
        imp.top.set(0.0);
        imp.average.set(None);
        imp.current.set(None);
        imp.target.set(None);
        imp.is_sticky.set(true);
        self.queue_allocate();
    }

    /// Says that the source has replaced `removed` rows at `position` by
    /// `added` others. What is in the middle of the view does not move, and a
    /// view at the bottom stays there.
    pub fn splice(&self, position: usize, removed: usize, added: usize) {
        self.imp().splice(position, removed, added);
    }

    /// Says that rows look different now.
    pub fn rows_changed(&self, range: std::ops::Range<usize>) {
        let imp = self.imp();
        let Some(source) = imp.source.borrow().clone() else {
            return;
        };
        let first = imp.first.get();
        let rows: Vec<(usize, gtk::Widget)> = (first..)
            .zip(imp.live.borrow().iter().map(|row| row.widget.clone()))
            .filter(|(index, _)| range.contains(index))
            .collect();
        for (index, row) in rows {
            source.bind(&row, index);
        }
    }

    /// Goes to the end, and stays there when messages are added.
    pub fn scroll_to_end(&self) {
        let imp = self.imp();
        imp.target.set(None);
        imp.is_sticky.set(true);
        let live_end = imp.first.get() + imp.live.borrow().len();
        if live_end < imp.count() {
            imp.clear();
        }
        self.queue_allocate();
    }

    /// Goes to a row.
    pub fn scroll_to(&self, index: usize, place: Place) {
        self.imp().target.set(Some((index, place)));
        self.queue_allocate();
    }

    /// Gives a row the keyboard, and shows it.
    pub fn focus_row(&self, index: usize) {
        self.imp().focus_row(index);
    }

    /// Returns which rows are on screen, at least in part.
    pub fn visible_rows(&self) -> std::ops::Range<usize> {
        self.imp().visible()
    }

    /// Returns which rows exist as widgets.
    pub fn live_rows(&self) -> std::ops::Range<usize> {
        let imp = self.imp();
        imp.first.get()..imp.first.get() + imp.live.borrow().len()
    }

    /// Returns the widget of a row near the view.
    pub fn row(&self, index: usize) -> Option<gtk::Widget> {
        let imp = self.imp();
        let place = index.checked_sub(imp.first.get())?;
        imp.live.borrow().get(place).map(|row| row.widget.clone())
    }

    /// Returns whether the view stands at the newest message and stays there.
    pub fn is_at_bottom(&self) -> bool {
        self.imp().is_sticky.get()
    }

    /// Returns how far the end is below the view, in pixels.
    pub fn distance_to_bottom(&self) -> f64 {
        self.imp().adjustment().map_or(0.0, |adjustment| {
            adjustment.upper() - adjustment.value() - adjustment.page_size()
        })
    }

    /// Calls `heard` after the view moved, grew or got other rows.
    pub fn connect_moved(&self, heard: impl Fn(&Self) + 'static) {
        self.connect_closure(
            "moved",
            false,
            glib::closure_local!(move |view: &Self| heard(view)),
        );
    }
}

fn height_of(widget: &gtk::Widget, width: i32) -> f64 {
    let (_, natural, _, _) = widget.measure(gtk::Orientation::Vertical, width);
    f64::from(natural)
}
