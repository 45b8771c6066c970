//! The window while an archive is read: what its thread spends of each frame's
//! time, while messages are written into the open chat, a long one, as fast as
//! a catch-up may bring them.

use std::time::{Duration, Instant};

use relm4::gtk::glib;
use rustix::time::{ClockId, clock_gettime};
use stonechat::engine::model::{ConversationId, Timestamp};
use stonechat::engine::testing::NewMessage;

use crate::history;
use crate::scene::{Scene, now};

const FRAME: Duration = Duration::from_micros(16_667);
const FRAMES: u32 = 300;
/// What is written at once.
const STRETCH: usize = 100;
const PER_SECOND: f64 = 3_000.0;

/// An archive that is read into the open chat.
pub struct Archive {
    waiting: Vec<Vec<NewMessage>>,
    started: Instant,
    written: usize,
}

impl Archive {
    /// Begins to read messages of a chat, the oldest of this time, for so many
    /// seconds.
    pub fn read(chat: ConversationId, from: Timestamp, seconds: f64) -> Self {
        let stretches = (seconds * PER_SECOND) as usize / STRETCH;
        let waiting = (0..stretches)
            .rev()
            .map(|stretch| {
                (0..STRETCH)
                    .map(|number| {
                        let number = stretch * STRETCH + number;
                        let time = from + Timestamp::try_from(number).unwrap();
                        NewMessage::incoming(chat, time, &history::text(number))
                    })
                    .collect()
            })
            .collect();
        Self {
            waiting,
            started: Instant::now(),
            written: 0,
        }
    }

    /// Writes what came by now.
    pub fn write_due(&mut self, scene: &Scene) {
        let due = (self.started.elapsed().as_secs_f64() * PER_SECOND) as usize / STRETCH;
        while self.written < due
            && let Some(stretch) = self.waiting.pop()
        {
            scene.commands.writes(stretch);
            self.written += 1;
        }
    }

    /// Returns whether there is more.
    pub fn goes_on(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// Milliseconds of the drawing thread for each frame's time.
pub fn run(scene: &Scene, chat: ConversationId) -> Vec<f64> {
    let context = glib::MainContext::default();
    let seconds = FRAME.as_secs_f64() * f64::from(FRAMES);
    let mut archive = Archive::read(chat, now(), seconds);
    let started = Instant::now();
    let mut cpu = Vec::new();
    for frame in 1..=FRAMES {
        archive.write_due(scene);
        let began = cpu_ms();
        let until = started + FRAME * frame;
        while Instant::now() < until {
            while context.iteration(false) {}
            std::thread::sleep(Duration::from_micros(500));
        }
        cpu.push(cpu_ms() - began);
    }
    cpu
}

/// Returns the processor time this thread has used.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
