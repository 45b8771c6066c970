//! The history stays where the reader looks, whatever comes and goes.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::gtk::{self, prelude::*};
use stonechat::ui::timeline::history_view::{HistoryView, Place, RowSource};

use crate::Test;
use crate::support::{frames, show, until};

pub const TESTS: &[Test] = &[
    (
        "opening_shows_the_newest_row_at_the_bottom",
        opening_shows_the_newest_row_at_the_bottom,
    ),
    (
        "a_short_chat_stands_at_the_bottom",
        a_short_chat_stands_at_the_bottom,
    ),
    (
        "the_wheel_moves_the_row_in_the_middle_by_exactly_its_step",
        the_wheel_moves_the_row_in_the_middle_by_exactly_its_step,
    ),
    (
        "a_fling_moves_the_row_in_the_middle_by_exactly_its_step",
        a_fling_moves_the_row_in_the_middle_by_exactly_its_step,
    ),
    (
        "a_message_at_the_bottom_keeps_the_view_at_the_bottom",
        a_message_at_the_bottom_keeps_the_view_at_the_bottom,
    ),
    (
        "a_message_while_reading_moves_nothing",
        a_message_while_reading_moves_nothing,
    ),
    (
        "earlier_messages_move_nothing",
        earlier_messages_move_nothing,
    ),
    (
        "earlier_messages_at_the_very_top_move_nothing",
        earlier_messages_at_the_very_top_move_nothing,
    ),
    (
        "a_message_put_in_or_taken_out_above_moves_nothing",
        a_message_put_in_or_taken_out_above_moves_nothing,
    ),
    (
        "growth_above_the_middle_moves_nothing",
        growth_above_the_middle_moves_nothing,
    ),
    (
        "a_narrower_window_keeps_the_row_in_the_middle",
        a_narrower_window_keeps_the_row_in_the_middle,
    ),
    (
        "a_narrower_window_stays_at_the_bottom",
        a_narrower_window_stays_at_the_bottom,
    ),
    (
        "dragging_the_slider_reaches_both_ends_and_leaves_no_gap",
        dragging_the_slider_reaches_both_ends_and_leaves_no_gap,
    ),
    ("a_jump_shows_the_row", a_jump_shows_the_row),
    (
        "a_jump_reaches_its_row_though_earlier_ones_come_first",
        a_jump_reaches_its_row_though_earlier_ones_come_first,
    ),
    (
        "siblings_stand_in_the_order_of_the_list",
        siblings_stand_in_the_order_of_the_list,
    ),
    (
        "the_list_and_its_rows_say_what_they_are",
        the_list_and_its_rows_say_what_they_are,
    ),
    (
        "the_keyboard_goes_from_row_to_row",
        the_keyboard_goes_from_row_to_row,
    ),
    ("few_rows_exist_at_a_time", few_rows_exist_at_a_time),
];

const WIDTH: i32 = 700;
const HEIGHT: i32 = 600;

/// Rows of one wrapped label each.
struct Texts(RefCell<Vec<String>>);

impl RowSource for Texts {
    fn count(&self) -> usize {
        self.0.borrow().len()
    }

    fn make_row(&self) -> gtk::Widget {
        let row = gtk::Box::builder()
            .accessible_role(gtk::AccessibleRole::ListItem)
            .focusable(true)
            .build();
        row.append(&gtk::Label::builder().wrap(true).xalign(0.0).build());
        row.upcast()
    }

    fn bind(&self, row: &gtk::Widget, index: usize) {
        label(row).set_label(&self.0.borrow()[index]);
    }
}

fn label(row: &gtk::Widget) -> gtk::Label {
    row.first_child().unwrap().downcast().unwrap()
}

fn text(number: usize) -> String {
    format!("{number}: {}", "word ".repeat(1 + number * 7919 % 150))
}

struct Scene {
    texts: Rc<Texts>,
    view: HistoryView,
    window: gtk::Window,
    adjustment: gtk::Adjustment,
}

impl Scene {
    fn new(count: usize) -> Self {
        let texts = Rc::new(Texts(RefCell::new((0..count).map(text).collect())));
        let view = HistoryView::default();
        view.set_source(Some(texts.clone()));
        let scrolled = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .child(&view)
            .build();
        let adjustment = scrolled.vadjustment();
        let window = show(&scrolled, WIDTH, HEIGHT);
        until("a layout", || {
            view.height() > 0 && !view.live_rows().is_empty()
        });
        Self {
            texts,
            view,
            window,
            adjustment,
        }
    }

    /// Where a row's top edge is in the view.
    fn y(&self, row: &gtk::Widget) -> f32 {
        row.compute_bounds(&self.view).unwrap().y()
    }

    fn row_in_the_middle(&self) -> gtk::Widget {
        let middle = self.view.height() as f32 / 2.0;
        let live = self.view.live_rows();
        live.filter_map(|index| self.view.row(index))
            .find(|row| {
                let bounds = row.compute_bounds(&self.view).unwrap();
                bounds.y() <= middle && bounds.y() + bounds.height() > middle
            })
            .expect("the middle of the view is covered")
    }

    fn go(&self, value: f64) {
        self.adjustment.set_value(value);
        frames(&self.window, 1);
    }

    fn read_in_the_middle(&self) {
        self.view.scroll_to(self.texts.count() / 2, Place::Middle);
        frames(&self.window, 3);
    }

    fn assert_covered(&self) {
        let mut end: Option<f32> = None;
        for index in self.view.live_rows() {
            let bounds = self
                .view
                .row(index)
                .unwrap()
                .compute_bounds(&self.view)
                .unwrap();
            assert!(
                end.is_none_or(|end| (bounds.y() - end).abs() < 0.01),
                "a gap above row {index}"
            );
            assert!(
                end.is_some() || bounds.y() <= 0.0,
                "nothing at the top of the view"
            );
            end = Some(bounds.y() + bounds.height());
        }
        assert!(
            end.is_some_and(|end| end >= self.view.height() as f32),
            "nothing at the bottom of the view"
        );
    }

    /// Makes a change and checks that the row in the middle stays where it was.
    #[track_caller]
    fn assert_still(&self, change: impl FnOnce(&Self)) {
        let shown = label(&self.row_in_the_middle()).label();
        let before = self.y(&self.row_in_the_middle());

        change(self);
        frames(&self.window, 3);

        let same = self
            .view
            .live_rows()
            .filter_map(|index| self.view.row(index))
            .find(|row| label(row).label() == shown)
            .expect("the row is still live");
        let moved = self.y(&same) - before;
        assert!(moved.abs() < 0.01, "the row in the middle moved by {moved}");
        self.assert_covered();
    }

    fn splice(&self, position: usize, removed: usize, added: Vec<String>) {
        let count = added.len();
        self.texts
            .0
            .borrow_mut()
            .splice(position..position + removed, added);
        self.view.splice(position, removed, count);
    }
}

fn opening_shows_the_newest_row_at_the_bottom() {
    let scene = Scene::new(10_000);

    assert_eq!(scene.view.visible_rows().end, 10_000);
    assert!(scene.view.is_at_bottom());
    let last = scene
        .view
        .row(9_999)
        .unwrap()
        .compute_bounds(&scene.view)
        .unwrap();
    assert!((last.y() + last.height() - scene.view.height() as f32).abs() < 0.01);
    scene.assert_covered();
}

fn a_short_chat_stands_at_the_bottom() {
    let scene = Scene::new(1);

    let only = scene
        .view
        .row(0)
        .unwrap()
        .compute_bounds(&scene.view)
        .unwrap();

    assert!((only.y() + only.height() - scene.view.height() as f32).abs() < 0.01);
}

fn the_wheel_moves_the_row_in_the_middle_by_exactly_its_step() {
    let scene = Scene::new(10_000);
    scene.read_in_the_middle();
    for step in [60.0, -60.0, 590.0, -590.0, -7.0] {
        for _ in 0..25 {
            let row = scene.row_in_the_middle();
            let (before, shown) = (scene.y(&row), label(&row).label());

            scene.go(scene.adjustment.value() + step);

            assert_eq!(
                label(&row).label(),
                shown,
                "the row was taken for another message"
            );
            let moved = before - scene.y(&row);
            assert!(
                (f64::from(moved) - step).abs() < 0.01,
                "{moved} instead of {step}"
            );
            scene.assert_covered();
        }
    }
}

/// A scrolled window that decelerates sets absolute positions, whatever else
/// happens to the adjustment in between.
fn a_fling_moves_the_row_in_the_middle_by_exactly_its_step() {
    let scene = Scene::new(10_000);
    for step in [-60.0, -590.0, 60.0] {
        let start = scene.adjustment.value();
        for frame in 1..40 {
            let row = scene.row_in_the_middle();
            let before = scene.y(&row);

            scene.go(start + step * f64::from(frame));

            let moved = before - scene.y(&row);
            assert!(
                (f64::from(moved) - step).abs() < 0.01,
                "{moved} instead of {step} in frame {frame}"
            );
            scene.assert_covered();
        }
    }
}

fn a_message_at_the_bottom_keeps_the_view_at_the_bottom() {
    let scene = Scene::new(200);
    for number in 200..210 {
        scene.splice(number, 0, vec![text(number)]);
        frames(&scene.window, 2);

        let last = scene
            .view
            .row(number)
            .unwrap()
            .compute_bounds(&scene.view)
            .unwrap();
        assert!((last.y() + last.height() - scene.view.height() as f32).abs() < 0.01);
        scene.assert_covered();
    }
}

fn a_message_while_reading_moves_nothing() {
    let scene = Scene::new(200);
    scene.go(scene.adjustment.value() - 300.0);

    scene.assert_still(|scene| scene.splice(200, 0, (200..210).map(text).collect()));

    assert!(!scene.view.is_at_bottom());
}

fn earlier_messages_move_nothing() {
    let scene = Scene::new(200);
    scene.read_in_the_middle();

    scene.assert_still(|scene| scene.splice(0, 0, (1000..1050).map(text).collect()));
}

fn earlier_messages_at_the_very_top_move_nothing() {
    let scene = Scene::new(200);
    scene.go(scene.adjustment.lower());
    scene.go(scene.adjustment.lower());
    assert_eq!(scene.view.visible_rows().start, 0);

    scene.assert_still(|scene| scene.splice(0, 0, (1000..1050).map(text).collect()));

    assert!(scene.view.visible_rows().start >= 50);
    scene.go(scene.adjustment.value() - 200.0);
    assert!(
        scene.view.visible_rows().start < 50,
        "the earlier messages can be reached"
    );
}

fn a_message_put_in_or_taken_out_above_moves_nothing() {
    let scene = Scene::new(200);
    scene.read_in_the_middle();
    let above = scene.view.visible_rows().start;

    scene.assert_still(|scene| scene.splice(above + 1, 0, (500..503).map(text).collect()));
    scene.assert_still(|scene| scene.splice(above + 1, 3, Vec::new()));
    scene.assert_still(|scene| scene.splice(above - 2, 2, vec![text(77)]));
    let below = scene.view.visible_rows().end;
    scene.assert_still(|scene| scene.splice(below - 1, 0, (500..503).map(text).collect()));
    scene.assert_still(|scene| scene.splice(below - 1, 3, Vec::new()));
}

fn growth_above_the_middle_moves_nothing() {
    let scene = Scene::new(200);
    scene.read_in_the_middle();
    let above = scene.view.visible_rows().start;

    scene.assert_still(|scene| {
        scene.texts.0.borrow_mut()[above] = "a late picture ".repeat(60);
        scene.view.rows_changed(above..above + 1);
    });
}

fn a_narrower_window_keeps_the_row_in_the_middle() {
    let scene = Scene::new(2_000);
    scene.read_in_the_middle();

    scene.assert_still(|scene| {
        scene.window.set_default_size(400, HEIGHT);
        until("the narrow window", || scene.window.width() == 400);
    });
}

fn a_narrower_window_stays_at_the_bottom() {
    let scene = Scene::new(2_000);

    scene.window.set_default_size(400, 500);
    until("the narrow window", || scene.window.width() == 400);
    frames(&scene.window, 3);

    assert_eq!(scene.view.visible_rows().end, 2_000);
    assert!(scene.view.distance_to_bottom() < 1.0);
}

fn dragging_the_slider_reaches_both_ends_and_leaves_no_gap() {
    let scene = Scene::new(10_000);
    for percent in [0, 25, 50, 90, 0, 100] {
        let range =
            scene.adjustment.upper() - scene.adjustment.lower() - scene.adjustment.page_size();
        let value = scene.adjustment.lower() + range * f64::from(percent) / 100.0;
        scene.go(value);
        frames(&scene.window, 2);
        // At an end the estimate becomes exact, and the rest can be gone.
        if percent == 100 {
            scene.go(scene.adjustment.upper());
        }

        let visible = scene.view.visible_rows();
        let wanted = 10_000.0 * f64::from(percent) / 100.0;
        let start = visible.start as f64;
        assert!(
            (start - wanted).abs() < 60.0,
            "{percent} %: rows {visible:?}"
        );
        scene.assert_covered();
        if percent == 0 {
            assert_eq!(visible.start, 0);
            assert!(scene.y(&scene.view.row(0).unwrap()).abs() < 0.01);
        }
        if percent == 100 {
            assert_eq!(visible.end, 10_000);
        }
    }
}

fn a_jump_reaches_its_row_though_earlier_ones_come_first() {
    let scene = Scene::new(64);

    scene.view.scroll_to(62, Place::Middle);
    scene.splice(0, 0, (1000..2200).map(text).collect());
    frames(&scene.window, 3);

    let rows = scene.view.visible_rows();
    assert!(rows.contains(&1262), "{rows:?}");
    assert!(
        label(&scene.view.row(1262).unwrap())
            .label()
            .starts_with("62: ")
    );
}

fn a_jump_shows_the_row() {
    let scene = Scene::new(10_000);
    for (index, place) in [
        (0, Place::Middle),
        (5_000, Place::Middle),
        (123, Place::Top),
        (9_999, Place::Top),
    ] {
        scene.view.scroll_to(index, place);
        frames(&scene.window, 2);

        assert!(scene.view.visible_rows().contains(&index), "row {index}");
        assert!(
            label(&scene.view.row(index).unwrap())
                .label()
                .starts_with(&format!("{index}: "))
        );
        scene.assert_covered();
    }
    assert!(
        scene.view.is_at_bottom(),
        "a jump to the last row ends at the bottom"
    );
}

fn siblings_stand_in_the_order_of_the_list() {
    let scene = Scene::new(1_000);
    scene.read_in_the_middle();
    for step in [-500.0, -500.0, -500.0, 500.0, 500.0, -1200.0, 3_000.0] {
        scene.go(scene.adjustment.value() + step);

        let live: Vec<gtk::Widget> = scene
            .view
            .live_rows()
            .map(|index| scene.view.row(index).unwrap())
            .collect();
        let mut siblings = Vec::new();
        let mut child = scene.view.first_child();
        while let Some(widget) = child {
            child = widget.next_sibling();
            if widget.is_child_visible() {
                siblings.push(widget);
            }
        }
        assert_eq!(siblings, live);
    }
}

fn the_list_and_its_rows_say_what_they_are() {
    let scene = Scene::new(50);

    assert_eq!(scene.view.accessible_role(), gtk::AccessibleRole::List);
    for index in scene.view.live_rows() {
        assert_eq!(
            scene.view.row(index).unwrap().accessible_role(),
            gtk::AccessibleRole::ListItem
        );
    }
}

fn the_keyboard_goes_from_row_to_row() {
    let scene = Scene::new(1_000);
    let has_focus = |index: usize| scene.view.row(index).is_some_and(|row| row.has_focus());
    scene.view.grab_focus();
    assert!(
        has_focus(999),
        "entering goes to the newest message on screen"
    );

    scene.view.focus_row(998);
    frames(&scene.window, 1);
    assert!(has_focus(998));
    scene.view.focus_row(0);
    frames(&scene.window, 2);
    assert!(has_focus(0));
    assert_eq!(scene.view.visible_rows().start, 0);
    scene.view.focus_row(999);
    frames(&scene.window, 2);
    assert!(has_focus(999));
    assert!(scene.view.is_at_bottom());

    // The focused row scrolls away: the keyboard stays in the history.
    scene.go(scene.adjustment.value() - 5_000.0);
    let focus = RootExt::focus(&scene.window).expect("something has the keyboard");
    assert!(focus == scene.view.clone().upcast::<gtk::Widget>() || focus.is_ancestor(&scene.view));
}

fn few_rows_exist_at_a_time() {
    let scene = Scene::new(10_000);
    for _ in 0..30 {
        scene.go(scene.adjustment.value() - 2_000.0);
    }

    let mut children = 0;
    let mut child = scene.view.first_child();
    while let Some(widget) = child {
        children += 1;
        child = widget.next_sibling();
    }

    assert!(children < 150, "{children} rows");
}
