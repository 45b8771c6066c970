//! The shape of a bubble: text, and time and state on its last line when there
//! is room for them; above the text a head, and below it a foot with buttons,
//! where it is no mere text; above all of it what is answered.
//!
//! [`Side`](super::side::Side) puts it at one side of the column.

use std::cell::OnceCell;

use relm4::gtk::{self, glib, graphene, gsk, pango, prelude::*, subclass::prelude::*};

/// Kept free between the text and the time.
const GAP: i32 = 8;

/// Kept free between what is answered and the answer.
const REPLY_GAP: i32 = 5;

/// Kept free between the head and the text.
const HEAD_GAP: i32 = 2;

/// Kept free between the text and the foot.
const FOOT_GAP: i32 = 6;

/// Head, text, foot and time at a given width.
#[derive(Default)]
struct Shape {
    /// Of what is answered, with the gap below it.
    reply_height: i32,
    /// Of the wider of head and what is answered.
    head_width: i32,
    /// With the gap below it, and all above it.
    head_height: i32,
    text_width: i32,
    text_height: i32,
    foot_width: i32,
    /// With the gap above it.
    foot_height: i32,
    meta_width: i32,
    meta_height: i32,
    /// The time stands on the last line of the text, or beside the foot.
    shares_line: bool,
    is_one_line: bool,
}

impl Shape {
    fn width(&self) -> i32 {
        let below = if self.foot_width == 0 {
            self.meta_width
        } else if self.shares_line {
            self.foot_width + GAP + self.meta_width
        } else {
            self.foot_width.max(self.meta_width)
        };
        self.head_width.max(self.text_width).max(below)
    }

    fn height(&self) -> i32 {
        let below = match (self.foot_height > 0, self.shares_line) {
            (true, true) => self.text_height + self.foot_height.max(self.meta_height),
            (true, false) => self.text_height + self.foot_height + self.meta_height,
            (false, true) => self.text_height.max(self.meta_height),
            (false, false) => self.text_height + self.meta_height,
        };
        self.head_height + below
    }
}

mod bubble_imp {
    use super::*;

    #[derive(Default)]
    pub struct Bubble {
        pub(super) text: OnceCell<gtk::Label>,
        pub(super) meta: OnceCell<gtk::Widget>,
        pub(super) reply: OnceCell<gtk::Widget>,
        pub(super) head: OnceCell<gtk::Widget>,
        pub(super) blocks: OnceCell<gtk::Widget>,
        pub(super) foot: OnceCell<gtk::Widget>,
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
                .max(meta.measure(orientation, -1).0)
                .max(
                    [self.reply(), self.head(), self.foot()]
                        .into_iter()
                        .flatten()
                        .map(|part| part.measure(orientation, -1).0)
                        .max()
                        .unwrap_or_default(),
                );
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
            if let Some(reply) = self.reply() {
                reply.allocate(width, shape.reply_height - REPLY_GAP, -1, None);
            }
            if let Some(head) = self.head() {
                let head_height = shape.head_height - shape.reply_height - HEAD_GAP;
                head.allocate(width, head_height, -1, moved(0, shape.reply_height));
            }
            if let Some(foot) = self.foot() {
                let foot_width = if shape.shares_line {
                    shape.foot_width
                } else {
                    width
                };
                let x = if is_reversed { width - foot_width } else { 0 };
                let y = shape.head_height + shape.text_height + FOOT_GAP;
                foot.allocate(foot_width, shape.foot_height - FOOT_GAP, -1, moved(x, y));
            }
            // One line beside the time must not slide below it.
            let text_width = if shape.is_one_line && shape.shares_line && shape.foot_height == 0 {
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
                moved(text_x, shape.head_height),
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
            let around = self.around(width, meta_width, meta_height);
            if !text.is_visible() {
                return Some(around);
            }
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
            let has_foot = around.foot_height > 0;
            let shares_line = if has_foot {
                around.shares_line
            } else {
                (width < 0 || together <= width) && (is_one_line || !reads_other_way)
            };
            Some(Shape {
                text_width: if shares_line && !has_foot {
                    natural.max(together)
                } else {
                    natural
                },
                text_height,
                shares_line,
                is_one_line,
                ..around
            })
        }

        /// The shape without a text: head, foot, and the time beside or below it.
        fn around(&self, width: i32, meta_width: i32, meta_height: i32) -> Shape {
            let mut shape = Shape {
                meta_width,
                meta_height,
                ..Shape::default()
            };
            let above = |shape: &mut Shape, part: &gtk::Widget, gap: i32| {
                let (least, natural, ..) = part.measure(gtk::Orientation::Horizontal, -1);
                let part_width = if width < 0 {
                    natural
                } else {
                    natural.min(width).max(least)
                };
                let for_width = if width < 0 { natural } else { width.max(least) };
                let (_, height, ..) = part.measure(gtk::Orientation::Vertical, for_width);
                shape.head_width = shape.head_width.max(part_width);
                shape.head_height += height + gap;
            };
            if let Some(reply) = self.reply() {
                above(&mut shape, reply, REPLY_GAP);
                shape.reply_height = shape.head_height;
            }
            if let Some(head) = self.head() {
                above(&mut shape, head, HEAD_GAP);
            }
            if let Some(foot) = self.foot() {
                let (least, natural, ..) = foot.measure(gtk::Orientation::Horizontal, -1);
                shape.shares_line = width < 0 || natural + GAP + meta_width <= width;
                shape.foot_width = if shape.shares_line {
                    natural
                } else {
                    natural.min(width).max(least)
                };
                let (_, height, ..) = foot.measure(gtk::Orientation::Vertical, shape.foot_width);
                shape.foot_height = height + FOOT_GAP;
            }
            shape
        }

        /// What stands above the text: never both of the two.
        fn head(&self) -> Option<&gtk::Widget> {
            [&self.head, &self.blocks]
                .into_iter()
                .filter_map(OnceCell::get)
                .find(|head| head.is_visible())
        }

        fn reply(&self) -> Option<&gtk::Widget> {
            self.reply.get().filter(|reply| reply.is_visible())
        }

        fn foot(&self) -> Option<&gtk::Widget> {
            self.foot.get().filter(|foot| foot.is_visible())
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

    /// Returns the least width that breaks no line more than `limit` does.
    pub fn tight_width(&self, limit: i32) -> i32 {
        self.imp().tight_width(limit)
    }

    /// Puts what is answered above everything, for good; it takes room while it
    /// is visible.
    pub fn set_reply(&self, reply: &impl IsA<gtk::Widget>) {
        self.imp().reply.get_or_init(|| {
            reply.insert_before(self, self.first_child().as_ref());
            reply.clone().upcast()
        });
    }

    /// Puts a head above the text, for good; it takes room while it is visible.
    pub fn set_head(&self, head: &impl IsA<gtk::Widget>) {
        self.imp().head.get_or_init(|| {
            head.insert_after(self, self.imp().reply.get());
            head.clone().upcast()
        });
    }

    /// Puts blocks of the text above the rest of it, for good; they take room
    /// while they are visible and no head is.
    pub fn set_blocks(&self, blocks: &impl IsA<gtk::Widget>) {
        self.imp().blocks.get_or_init(|| {
            blocks.insert_after(self, self.imp().reply.get());
            blocks.clone().upcast()
        });
    }

    /// Puts a foot below the text, for good; it takes room while it is visible.
    pub fn set_foot(&self, foot: &impl IsA<gtk::Widget>) {
        let imp = self.imp();
        imp.foot.get_or_init(|| {
            // Before the time, as one reads it.
            foot.insert_before(self, imp.meta.get());
            foot.clone().upcast()
        });
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as `allocate` takes it")]
pub(super) fn moved(x: i32, y: i32) -> Option<gsk::Transform> {
    Some(gsk::Transform::new().translate(&graphene::Point::new(x as f32, y as f32)))
}
