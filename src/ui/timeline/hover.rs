//! React, Reply and More beside the message under the pointer. The keyboard has
//! keys of its own for them, and the menu.

use std::cell::Cell;
use std::rc::Rc;

use relm4::gtk::{self, gdk, glib, graphene, prelude::*};

use super::history_view::HistoryView;
use super::message::MessageRow;
use super::possible::Possible;
use super::row_menu;
use super::source::MessageSource;
use crate::engine::model::{Direction, MessageId};
use crate::ui::i18n::gettext;

/// Kept free between them and the bubble.
const GAP: i32 = 8;

/// The buttons, and where they stand.
struct HoverActions {
    root: gtk::Box,
    buttons: [gtk::Button; 3],
    overlay: glib::WeakRef<gtk::Overlay>,
    history: HistoryView,
    source: Rc<MessageSource>,
    /// Where they stand on what is around the history.
    place: Cell<Option<gdk::Rectangle>>,
    message: Cell<i64>,
}

/// Shows the buttons on `overlay`, in which `history` is.
pub(super) fn add(overlay: &gtk::Overlay, history: &HistoryView, source: &Rc<MessageSource>) {
    let root = gtk::Box::builder()
        .css_classes(["hover-actions"])
        .visible(false)
        .build();
    let buttons = [
        ("face-smile-symbolic", gettext("React"), "message.react"),
        (
            "mail-reply-sender-symbolic",
            gettext("Reply"),
            "message.reply",
        ),
        ("view-more-symbolic", gettext("More"), "message.menu"),
    ]
    .map(|(icon, words, action)| {
        let button = gtk::Button::builder()
            .icon_name(icon)
            .tooltip_text(words)
            .css_classes(["flat", "circular"])
            .focusable(false)
            .focus_on_click(false)
            .build();
        // The target first: GTK checks it when the name is set.
        button.set_action_target_value(Some(&0_i64.to_variant()));
        button.set_action_name(Some(action));
        root.append(&button);
        button
    });
    overlay.add_overlay(&root);
    let hover = Rc::new(HoverActions {
        root,
        buttons,
        overlay: overlay.downgrade(),
        history: history.clone(),
        source: source.clone(),
        place: Cell::default(),
        message: Cell::default(),
    });
    let shown = hover.clone();
    overlay.connect_get_child_position(move |_, child| {
        let place = shown.place.get();
        place.filter(|_| *child == shown.root)
    });
    let motion = gtk::EventControllerMotion::new();
    motion.set_propagation_phase(gtk::PropagationPhase::Capture);
    let moving = hover.clone();
    motion.connect_motion(move |_, x, y| moving.point(x, y));
    let left = hover.clone();
    motion.connect_leave(move |_| left.hide());
    overlay.add_controller(motion);
    history.connect_moved(move |_| hover.hide());
}

impl HoverActions {
    fn hide(&self) {
        self.message.set(0);
        self.root.set_visible(false);
    }

    /// The pointer is here, on what is around the history.
    fn point(&self, x: f64, y: f64) {
        let Some(overlay) = self.overlay.upgrade() else {
            return;
        };
        if self.is_over(x, y) {
            return;
        }
        let point = graphene::Point::new(x as f32, y as f32);
        let row = overlay
            .compute_point(&self.history, &point)
            .and_then(|point| {
                let (x, y) = (f64::from(point.x()), f64::from(point.y()));
                self.history.pick(x, y, gtk::PickFlags::DEFAULT)
            })
            .and_then(|widget| row_menu::row(&widget));
        let Some(row) = row else {
            self.hide();
            return;
        };
        if row.id() == self.message.get() && self.root.is_visible() {
            return;
        }
        self.hide();
        let message = self.source.message(MessageId(row.id()));
        let is_choosing = self.source.chosen().is_some();
        if let Some(message) =
            message.filter(|message| !is_choosing && Possible::of(message).answer)
            && let Some(place) = self.beside(&row, message.direction, &overlay)
        {
            self.message.set(row.id());
            self.place.set(Some(place));
            for button in &self.buttons {
                button.set_action_target_value(Some(&row.id().to_variant()));
            }
            overlay.queue_allocate();
        } else {
            self.hide();
        }
    }

    /// Whether the pointer is at the buttons, or on the way there.
    fn is_over(&self, x: f64, y: f64) -> bool {
        let Some(place) = self.place.get().filter(|_| self.root.is_visible()) else {
            return false;
        };
        let (left, top) = (f64::from(place.x() - GAP), f64::from(place.y()));
        (left..left + f64::from(place.width() + 2 * GAP)).contains(&x)
            && (top..top + f64::from(place.height())).contains(&y)
    }

    /// A place beside the bubble, towards the middle; none where there is no room.
    fn beside(
        &self,
        row: &MessageRow,
        direction: Direction,
        overlay: &gtk::Overlay,
    ) -> Option<gdk::Rectangle> {
        let bubble = row.bubble()?.compute_bounds(overlay)?;
        // What is hidden has no size.
        self.root.set_visible(true);
        let measure = |orientation| self.root.measure(orientation, -1).1;
        let (width, height) = (
            measure(gtk::Orientation::Horizontal),
            measure(gtk::Orientation::Vertical),
        );
        let is_reversed = row.direction() == gtk::TextDirection::Rtl;
        let is_at_right = (direction == Direction::Outgoing) != is_reversed;
        let (left, right) = (bubble.x() as i32, (bubble.x() + bubble.width()) as i32);
        let x = if is_at_right {
            left - GAP - width
        } else {
            right + GAP
        };
        let middle = bubble.y() as i32 + (bubble.height() as i32 - height) / 2;
        let y = middle.clamp(0, (overlay.height() - height).max(0));
        (x >= 0 && x + width <= overlay.width()).then(|| gdk::Rectangle::new(x, y, width, height))
    }
}
