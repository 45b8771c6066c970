//! The shape of a bubble: text, and time and state on its last line when there
//! is room for them.
//!
//! [`Bubble`] is text and time. [`Side`] puts it at one side of the column,
//! as narrow as its text allows, with a line about a failure below it.

use std::cell::{Cell, OnceCell, RefCell};

use relm4::gtk::{self, glib, graphene, gsk, pango, prelude::*, subclass::prelude::*};

/// Kept free between the text and the time.
const GAP: i32 = 8;
/// A bubble is at most so many times the font size wide.
const MOST_EM: f64 = 46.0;
/// Below this width of the column bubbles take more of it.
const NARROW: i32 = 480;

/// Text and time at a given width.
struct Shape {
    text_width: i32,
    text_height: i32,
    meta_width: i32,
    meta_height: i32,
    /// The time stands on the last line of the text.
    shares_line: bool,
    is_one_line: bool,
}

impl Shape {
    fn width(&self) -> i32 {
        self.text_width.max(self.meta_width)
    }

    fn height(&self) -> i32 {
        if self.shares_line {
            self.text_height.max(self.meta_height)
        } else {
            self.text_height + self.meta_height
        }
    }
}

mod bubble_imp {
    use super::*;

    #[derive(Default)]
    pub struct Bubble {
        pub(super) text: OnceCell<gtk::Label>,
        pub(super) meta: OnceCell<gtk::Widget>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Bubble {
        const NAME: &'static str = "StonechatBubble";
        type Type = super::Bubble;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("bubble");
            class.set_accessible_role(gtk::AccessibleRole::Group);
        }
    }

    impl ObjectImpl for Bubble {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().add_css_class("bubble");
        }

        fn dispose(&self) {
            while let Some(child) = self.obj().first_child() {
                child.unparent();
            }
        }
    }

    impl WidgetImpl for Bubble {
        fn request_mode(&self) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::HeightForWidth
        }

        fn measure(&self, orientation: gtk::Orientation, for_size: i32) -> (i32, i32, i32, i32) {
            if orientation == gtk::Orientation::Vertical {
                let height = self.shape(for_size).map_or(0, |shape| shape.height());
                return (height, height, -1, -1);
            }
            let (Some(text), Some(meta)) = (self.text.get(), self.meta.get()) else {
                return (0, 0, -1, -1);
            };
            let least = text
                .measure(orientation, -1)
                .0
                .max(meta.measure(orientation, -1).0);
            let natural = self.shape(-1).map_or(0, |shape| shape.width());
            (least, natural.max(least), -1, -1)
        }

        fn size_allocate(&self, width: i32, height: i32, _baseline: i32) {
            let (Some(text), Some(meta), Some(shape)) =
                (self.text.get(), self.meta.get(), self.shape(width))
            else {
                return;
            };
            let is_reversed = self.obj().direction() == gtk::TextDirection::Rtl;
            // One line beside the time must not slide below it.
            let text_width = if shape.is_one_line && shape.shares_line {
                width - GAP - shape.meta_width
            } else {
                width
            };
            let text_x = if is_reversed { width - text_width } else { 0 };
            let (least, ..) = text.measure(gtk::Orientation::Horizontal, -1);
            text.allocate(
                text_width.max(least),
                shape.text_height,
                -1,
                moved(text_x, 0),
            );
            let meta_x = if is_reversed {
                0
            } else {
                width - shape.meta_width
            };
            meta.allocate(
                shape.meta_width,
                shape.meta_height,
                -1,
                moved(meta_x, height - shape.meta_height),
            );
        }
    }

    impl Bubble {
        /// Lays text and time out; a width below 0 is as wide as it likes.
        fn shape(&self, width: i32) -> Option<Shape> {
            let (text, meta) = (self.text.get()?, self.meta.get()?);
            let (_, meta_width, ..) = meta.measure(gtk::Orientation::Horizontal, -1);
            let (_, meta_height, ..) = meta.measure(gtk::Orientation::Vertical, -1);
            let layout = text.layout().copy();
            layout.set_width(if width < 0 { -1 } else { width * pango::SCALE });
            let (natural, text_height) = layout.pixel_size();
            let lines = layout.line_count();
            let last = layout.line_readonly(lines - 1);
            let last_width = last
                .as_ref()
                .map_or(0, |line| line.pixel_extents().1.width());
            let reads_other_way = last.as_ref().is_some_and(|line| {
                (line.resolved_direction() == pango::Direction::Rtl)
                    != (self.obj().direction() == gtk::TextDirection::Rtl)
            });
            let together = last_width + GAP + meta_width;
            let is_one_line = lines == 1;
            let shares_line = (width < 0 || together <= width) && (is_one_line || !reads_other_way);
            Some(Shape {
                text_width: if shares_line {
                    natural.max(together)
                } else {
                    natural
                },
                text_height,
                meta_width,
                meta_height,
                shares_line,
                is_one_line,
            })
        }

        /// Returns the least width that breaks no line more than `limit` does.
        pub(super) fn tight_width(&self, limit: i32) -> i32 {
            let bubble = self.obj();
            let (_, natural, ..) = bubble.measure(gtk::Orientation::Horizontal, -1);
            let padding = natural - self.shape(-1).map_or(0, |shape| shape.width());
            if natural <= limit {
                return natural;
            }
            let width = self.shape(limit - padding).map_or(0, |shape| shape.width());
            (width + padding).min(limit)
        }
    }
}

glib::wrapper! {
    /// Text with time and state.
    pub struct Bubble(ObjectSubclass<bubble_imp::Bubble>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Bubble {
    /// Makes a bubble of these two.
    pub fn new(text: &gtk::Label, meta: &impl IsA<gtk::Widget>) -> Self {
        let bubble: Self = glib::Object::new();
        text.set_parent(&bubble);
        meta.set_parent(&bubble);
        let imp = bubble.imp();
        // Both are set once, right here.
        imp.text.get_or_init(|| text.clone());
        imp.meta.get_or_init(|| meta.clone().upcast());
        bubble
    }
}

mod side_imp {
    use super::*;

    #[derive(Default)]
    pub struct Side {
        pub(super) bubble: OnceCell<Bubble>,
        pub(super) below: RefCell<Option<gtk::Widget>>,
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
            let (_, height, ..) = bubble.measure(orientation, self.bubble_width(width));
            let below = self.below(width).map_or(0, |(_, _, height)| height);
            (height + below, height + below, -1, -1)
        }

        fn size_allocate(&self, width: i32, _height: i32, _baseline: i32) {
            let Some(bubble) = self.bubble.get() else {
                return;
            };
            let bubble_width = self.bubble_width(width);
            let (_, height, ..) = bubble.measure(gtk::Orientation::Vertical, bubble_width);
            bubble.allocate(
                bubble_width,
                height,
                -1,
                moved(self.x(width, bubble_width), 0),
            );
            if let Some((below, below_width, below_height)) = self.below(width) {
                below.allocate(
                    below_width,
                    below_height,
                    -1,
                    moved(self.x(width, below_width), height),
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
            bubble.imp().tight_width(limit).max(least)
        }

        /// The line below with the width and height it gets.
        fn below(&self, width: i32) -> Option<(gtk::Widget, i32, i32)> {
            let below = self
                .below
                .borrow()
                .clone()
                .filter(|below| below.is_visible())?;
            let (least, natural, ..) = below.measure(gtk::Orientation::Horizontal, -1);
            let width = natural.min(width).max(least);
            let (_, height, ..) = below.measure(gtk::Orientation::Vertical, width);
            Some((below, width, height))
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

glib::wrapper! {
    /// A bubble at the start or the end of the column.
    pub struct Side(ObjectSubclass<side_imp::Side>)
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

    /// Chooses the side: the end for the user's own messages.
    pub fn set_at_end(&self, is_end: bool) {
        if self.imp().is_end.replace(is_end) != is_end {
            self.queue_allocate();
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as `allocate` takes it")]
fn moved(x: i32, y: i32) -> Option<gsk::Transform> {
    Some(gsk::Transform::new().translate(&graphene::Point::new(x as f32, y as f32)))
}
