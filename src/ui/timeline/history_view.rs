//! The scrollable of the history: a long list of rows of very unequal height.
//!
//! Only the rows near the view exist as widgets ("live" rows, a contiguous
//! range of the list). They are placed in content coordinates, and the one
//! rule is: **scrolling never rewrites the adjustment's `value`; loading only
//! moves `lower` and `upper`**, which may be negative. A fling, which sets
//! absolute positions, so goes on undisturbed while rows come and go.
//!
//! Laying out is in `placing`, taking and recycling rows in `live_rows`, keys in
//! `keyboard`; here are the widget and what others may ask of it.
//!
//! What rows show is not known here: see [`RowSource`]. Sibling order is list
//! order, so that Tab and screen readers meet the messages in their order.

mod keyboard;
mod live_rows;
mod placing;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use relm4::gtk::{self, glib, prelude::*, subclass::prelude::*};

/// Rows are kept live this far beyond the view, and recycled twice as far.
const MARGIN: f64 = 600.0;
/// Recycled widgets kept for the next row; the rest is freed.
const MOST_SPARE_ROWS: usize = 24;
/// When more rows than these come below a view at the end, it starts anew there.
const MOST_TO_WALK: usize = 30;
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
        /// The row that was jumped to, which stays where it is while what is
        /// around it is read; until the user scrolls.
        pub(super) held: Cell<Option<usize>>,
        /// Rows were opened or folded: where the view stands is seen anew.
        pub(super) is_turning: Cell<bool>,
        /// Height assumed for rows that were never live; frozen for a chat,
        /// because any later change would move the scrollbar's slider.
        pub(super) average: Cell<Option<f64>>,
        /// The row that has, or last had, the keyboard.
        pub(super) current: Cell<Option<usize>>,
        pub(super) is_laying_out: Cell<bool>,
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
                held: Cell::default(),
                is_turning: Cell::default(),
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
        pub(super) fn scrolled(&self) {
            if self.is_laying_out.get() {
                return;
            }
            self.target.set(None);
            self.held.set(None);
            self.is_sticky.set(self.is_at_end());
            self.obj().queue_allocate();
        }

        pub(super) fn is_at_end(&self) -> bool {
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

        /// Content coordinate of the middle of the view.
        pub(super) fn middle(&self) -> f64 {
            self.adjustment().map_or(0.0, |adjustment| {
                adjustment.value() + adjustment.page_size() / 2.0
            })
        }

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
        pub(super) fn tell(&self) {
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
        imp.held.set(None);
        imp.is_sticky.set(true);
        self.queue_allocate();
    }

    /// Says that the source has replaced `removed` rows at `position` by
    /// `added` others. What is in the middle of the view does not move, and a
    /// view at the bottom stays there.
    pub fn splice(&self, position: usize, removed: usize, added: usize) {
        let imp = self.imp();
        imp.splice(position, removed, added, imp.middle());
    }

    /// As [`splice`](Self::splice), for what the user opens or folds: what is
    /// above stays where it is, and a view at the bottom does not go along.
    pub fn open_below(&self, position: usize, removed: usize, added: usize) {
        let imp = self.imp();
        imp.is_sticky.set(false);
        imp.is_turning.set(true);
        imp.splice(position, removed, added, f64::NEG_INFINITY);
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
        imp.held.set(None);
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

    /// Gives a row the keyboard; one that is not in the view is shown in its middle.
    pub fn go_to_row(&self, index: usize) {
        let imp = self.imp();
        if !imp.visible().contains(&index) {
            imp.target.set(Some((index, Place::Middle)));
            imp.lay_out(self.width(), self.height());
        }
        imp.focus_row(index);
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
