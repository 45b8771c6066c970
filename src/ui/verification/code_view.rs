//! A code on the screen: black on white with its margin, in dark style too.

use std::cell::RefCell;

use relm4::gtk::{self, gdk, glib, graphene, gsk, prelude::*, subclass::prelude::*};

use crate::engine::codes::Code;

/// Length of its side in pixels, margin included.
pub const SIDE: i32 = 288;
/// How round its corners are, in pixels; the margin of four squares is wider.
const RADIUS: f32 = 12.0;

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct CodeView {
        pub(super) squares: RefCell<Option<gdk::Texture>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for CodeView {
        const NAME: &'static str = "StonechatCodeView";
        type Type = super::CodeView;
        type ParentType = gtk::Widget;

        fn class_init(class: &mut Self::Class) {
            class.set_css_name("code");
            class.set_accessible_role(gtk::AccessibleRole::Img);
        }
    }

    impl ObjectImpl for CodeView {}

    impl WidgetImpl for CodeView {
        fn measure(&self, _: gtk::Orientation, _: i32) -> (i32, i32, i32, i32) {
            (SIDE, SIDE, -1, -1)
        }

        fn snapshot(&self, snapshot: &gtk::Snapshot) {
            let widget = self.obj();
            let side = widget.width().min(widget.height()) as f32;
            let bounds = graphene::Rect::new(
                (widget.width() as f32 - side) / 2.0,
                (widget.height() as f32 - side) / 2.0,
                side,
                side,
            );
            let paper = gsk::RoundedRect::from_rect(bounds, RADIUS);
            snapshot.push_rounded_clip(&paper);
            // A scanner needs it so, whatever the style.
            snapshot.append_color(&gdk::RGBA::WHITE, &bounds);
            if let Some(squares) = &*self.squares.borrow() {
                // Sharp edges: each square stays one.
                snapshot.append_scaled_texture(squares, gsk::ScalingFilter::Nearest, &bounds);
            }
            snapshot.pop();
        }
    }
}

glib::wrapper! {
    /// Shows a code.
    pub struct CodeView(ObjectSubclass<imp::CodeView>)
        @extends gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget;
}

impl Default for CodeView {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl CodeView {
    /// Shows a code, or white paper.
    pub fn show(&self, code: Option<&Code>) {
        let squares = code.map(|code| {
            let (side, pixels) = code.pixels(1);
            let texture = gdk::MemoryTexture::new(
                side as i32,
                side as i32,
                gdk::MemoryFormat::G8,
                &glib::Bytes::from_owned(pixels),
                side,
            );
            texture.upcast()
        });
        self.imp().squares.replace(squares);
        self.queue_draw();
    }
}
