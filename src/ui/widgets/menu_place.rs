//! Where a menu of something points.

use relm4::gtk::{self, gdk, graphene, prelude::*};

/// Returns where a menu points, in the coordinates of what it hangs on: the
/// place in `target` that was clicked, else its middle. `None` when either is
/// not in a window.
pub fn menu_place(
    popover: &gtk::PopoverMenu,
    target: &impl IsA<gtk::Widget>,
    at: Option<graphene::Point>,
) -> Option<gdk::Rectangle> {
    let around = popover.parent()?;
    let point = at.unwrap_or_else(|| {
        graphene::Point::new(target.width() as f32 / 2.0, target.height() as f32 / 2.0)
    });
    let point = target.compute_point(&around, &point)?;
    Some(gdk::Rectangle::new(
        point.x() as i32,
        point.y() as i32,
        1,
        1,
    ))
}
