//! Scrolls a chat and looks at every frame: what it cost, whether the row in
//! the middle went where the hand wanted it, and whether a part was empty.

use relm4::gtk::{self, prelude::*};
use rustix::time::{ClockId, clock_gettime};
use stonechat::ui::timeline::history_view::HistoryView;
use stonechat::ui::timeline::message::MessageRow;

use crate::scene::Scene;
use crate::support::{all, frames};

const FRAMES: u32 = 300;

/// How the position is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A step from where the view is, as a wheel makes.
    Wheel,
    /// Absolute positions from where it began, as a scrolled window sets them
    /// while a fling slows down.
    Fling,
}

/// What was seen.
#[derive(Default)]
pub struct Seen {
    pub frames: u32,
    /// Milliseconds of the drawing thread for each frame.
    pub cpu: Vec<f64>,
    /// Frames in which the row in the middle moved by something else, or was gone.
    pub off_path: u32,
    /// Frames with a gap, or with a message that was not read yet.
    pub blank: u32,
}

/// Scrolls the open chat up from its end, and looks at each frame.
pub fn run(scene: &Scene, way: Way, step: f64) -> Seen {
    let history = scene.history();
    let adjustment =
        all::<gtk::ScrolledWindow>(&scene.window, |scrolled| history.is_ancestor(scrolled))
            .remove(0)
            .vadjustment();
    history.scroll_to_end();
    scene.settle();

    let mut seen = Seen::default();
    let start = adjustment.value();
    for frame in 1..=FRAMES {
        let middle = middle(&history);
        let before = middle.as_ref().map(|(row, id)| (y(&history, row), *id));
        let began = cpu_ms();
        adjustment.set_value(match way {
            Way::Wheel => adjustment.value() + step,
            Way::Fling => start + step * f64::from(frame),
        });
        frames(&scene.window, 1);
        seen.cpu.push(cpu_ms() - began);
        seen.frames += 1;
        let is_on_path = middle.zip(before).is_some_and(|((row, _), (before, id))| {
            let moved = f64::from(before - y(&history, &row));
            // A row that went out of the view may be another message by now,
            // which a step of most of a page does to the one in the middle.
            row.id() == id && (moved - step).abs() <= 1.0
        });
        seen.off_path += u32::from(!is_on_path);
        seen.blank += u32::from(has_blank(&history));
    }
    seen
}

fn middle(history: &HistoryView) -> Option<(MessageRow, i64)> {
    let middle = history.height() as f32 / 2.0;
    visible(history).find_map(|row| {
        let top = y(history, &row);
        let id = row.id();
        (top <= middle && top + row.height() as f32 > middle).then_some((row, id))
    })
}

fn has_blank(history: &HistoryView) -> bool {
    let mut end = 0.0_f32;
    for row in visible(history) {
        let top = y(history, &row);
        if top > end + 1.0 || row.opacity() < 1.0 {
            return true;
        }
        end = top + row.height() as f32;
    }
    end + 1.0 < history.height() as f32
}

fn visible(history: &HistoryView) -> impl Iterator<Item = MessageRow> {
    history
        .visible_rows()
        .filter_map(|index| history.row(index))
        .filter_map(|row| row.downcast::<MessageRow>().ok())
}

fn y(history: &HistoryView, row: &MessageRow) -> f32 {
    row.compute_bounds(history)
        .map_or(f32::NAN, |bounds| bounds.y())
}

/// Returns the processor time this thread has used.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
