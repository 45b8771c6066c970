//! A bubble at one side of the column, as narrow as its text allows, with
//! reactions on its lower edge and a line about a failure below it. While
//! messages are chosen, a box to tick stands at the start of the column.

use std::cell::{Cell, OnceCell, RefCell};

use relm4::gtk::{self, glib, pango, prelude::*, subclass::prelude::*};

use super::bubble::{Bubble, moved};

/// A bubble is at most so many times the font size wide.
const MOST_EM: f64 = 46.0;
/// Below this width of the column bubbles take more of it.
const NARROW: i32 = 480;
/// Reactions stand this far over the bubble's lower edge.
const OVERLAP: i32 = 7;
/// And this far from its side.
const INSET: i32 = 10;

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct Side {
        pub(super) bubble: OnceCell<Bubble>,
        pub(super) reactions: OnceCell<gtk::Widget>,
        pub(super) below: RefCell<Option<gtk::Widget>>,
        /// Made when messages are chosen for the first time.
        pub(super) tick: OnceCell<gtk::CheckButton>,
        pub(super) is_end: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Side {
        const NAME: &'static str = "StonechatBubbleSide";
        type Type = super::Side;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("side");
            class.set_accessible_role(gtk::AccessibleRole::Group);
        }
    }

    impl ObjectImpl for Side {
        fn dispose(&self) {
            while let Some(child) = self.obj().first_child() {
                child.unparent();
            }
        }
    }

    impl WidgetImpl for Side {
        fn request_mode(&self) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::HeightForWidth
        }

        fn measure(&self, orientation: gtk::Orientation, for_size: i32) -> (i32, i32, i32, i32) {
            let Some(bubble) = self.bubble.get() else {
                return (0, 0, -1, -1);
            };
            if orientation == gtk::Orientation::Horizontal {
                let (least, natural, ..) = bubble.measure(orientation, -1);
                return (least, natural, -1, -1);
            }
            let width = if for_size < 0 { i32::MAX } else { for_size };
            let width = (width - self.tick_width()).max(1);
            let (_, height, ..) = bubble.measure(orientation, self.bubble_width(width));
            let reactions = self
                .reactions(width)
                .map_or(0, |(_, _, height)| (height - OVERLAP).max(0));
            let below = self.below(width).map_or(0, |(_, _, height)| height);
            let height = height + reactions + below;
            (height, height, -1, -1)
        }

        fn size_allocate(&self, width: i32, height: i32, _baseline: i32) {
            let Some(bubble) = self.bubble.get() else {
                return;
            };
            let tick_width = self.tick_width();
            let is_reversed = self.obj().direction() == gtk::TextDirection::Rtl;
            let offset = if is_reversed { 0 } else { tick_width };
            if let Some(tick) = self.tick() {
                let x = if is_reversed { width - tick_width } else { 0 };
                tick.allocate(tick_width, height, -1, moved(x, 0));
            }
            let width = (width - tick_width).max(1);
            let bubble_width = self.bubble_width(width);
            let (_, height, ..) = bubble.measure(gtk::Orientation::Vertical, bubble_width);
            bubble.allocate(
                bubble_width,
                height,
                -1,
                moved(offset + self.x(width, bubble_width), 0),
            );
            let mut y = height;
            if let Some((reactions, reactions_width, reactions_height)) = self.reactions(width) {
                let x = offset + INSET + self.x(width - 2 * INSET, reactions_width);
                y -= OVERLAP;
                reactions.allocate(reactions_width, reactions_height, -1, moved(x, y));
                y = (y + reactions_height).max(height);
            }
            if let Some((below, below_width, below_height)) = self.below(width) {
                below.allocate(
                    below_width,
                    below_height,
                    -1,
                    moved(offset + self.x(width, below_width), y),
                );
            }
        }
    }

    impl Side {
        fn x(&self, width: i32, child: i32) -> i32 {
            let is_reversed = self.obj().direction() == gtk::TextDirection::Rtl;
            if self.is_end.get() == is_reversed {
                0
            } else {
                width - child
            }
        }

        fn bubble_width(&self, width: i32) -> i32 {
            let Some(bubble) = self.bubble.get() else {
                return 0;
            };
            let share = if width < NARROW { 0.90 } else { 0.82 };
            let limit = (f64::from(width) * share).min(self.em() * MOST_EM) as i32;
            let (least, ..) = bubble.measure(gtk::Orientation::Horizontal, -1);
            bubble.tight_width(limit).max(least)
        }

        fn tick(&self) -> Option<&gtk::CheckButton> {
            self.tick.get().filter(|tick| tick.is_visible())
        }

        fn tick_width(&self) -> i32 {
            self.tick()
                .map_or(0, |tick| tick.measure(gtk::Orientation::Horizontal, -1).1)
        }

        /// The reactions with the width and height they get.
        fn reactions(&self, width: i32) -> Option<(gtk::Widget, i32, i32)> {
            fitted(self.reactions.get().cloned(), width - 2 * INSET)
        }

        /// The line below with the width and height it gets.
        fn below(&self, width: i32) -> Option<(gtk::Widget, i32, i32)> {
            fitted(self.below.borrow().clone(), width)
        }

        /// The font size in pixels.
        fn em(&self) -> f64 {
            let side = self.obj();
            let context = side.pango_context();
            let Some(font) = context.font_description() else {
                return 15.0;
            };
            let size = f64::from(font.size()) / f64::from(pango::SCALE);
            if font.is_size_absolute() {
                return size;
            }
            let dpi = f64::from(side.settings().gtk_xft_dpi()) / 1024.0;
            size * if dpi > 0.0 { dpi } else { 96.0 } / 72.0
        }
    }
}

/// What is visible, with the width and height it gets.
fn fitted(part: Option<gtk::Widget>, width: i32) -> Option<(gtk::Widget, i32, i32)> {
    let part = part.filter(WidgetExt::is_visible)?;
    let (least, natural, ..) = part.measure(gtk::Orientation::Horizontal, -1);
    let width = natural.min(width).max(least);
    let (_, height, ..) = part.measure(gtk::Orientation::Vertical, width);
    Some((part, width, height))
}

glib::wrapper! {
    /// A bubble at the start or the end of the column.
    pub struct Side(ObjectSubclass<imp::Side>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Side {
    /// Makes a line with `bubble`, and `below` under it whenever it is visible.
    pub fn new(bubble: &Bubble, below: &impl IsA<gtk::Widget>) -> Self {
        let side: Self = glib::Object::new();
        bubble.set_parent(&side);
        below.set_parent(&side);
        side.imp().bubble.get_or_init(|| bubble.clone());
        side.imp().below.replace(Some(below.clone().upcast()));
        side
    }

    /// Puts reactions on the lower edge of the bubble, for good; they take room
    /// while they are visible.
    pub fn set_reactions(&self, reactions: &impl IsA<gtk::Widget>) {
        let imp = self.imp();
        imp.reactions.get_or_init(|| {
            reactions.insert_after(self, imp.bubble.get());
            reactions.clone().upcast()
        });
    }

    /// Shows whether the message is chosen; `None` while none is to be.
    pub fn set_tick(&self, is_chosen: Option<bool>) {
        let Some(is_chosen) = is_chosen else {
            if let Some(tick) = self.imp().tick.get() {
                tick.set_visible(false);
            }
            return;
        };
        let tick = self.imp().tick.get_or_init(|| {
            let tick = gtk::CheckButton::builder()
                .css_classes(["selection-mode"])
                .valign(gtk::Align::Center)
                // A click anywhere on the row ticks, and the row says so.
                .can_target(false)
                .focusable(false)
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build();
            tick.insert_after(self, gtk::Widget::NONE);
            tick
        });
        tick.set_visible(true);
        tick.set_active(is_chosen);
    }

    /// Chooses the side: the end for the user's own messages.
    pub fn set_at_end(&self, is_end: bool) {
        if self.imp().is_end.replace(is_end) != is_end {
            self.queue_allocate();
        }
    }
}
