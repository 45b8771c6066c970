//! Writing while an archive is read into the same chat: how long the eye waits
//! for a letter, and for a message after Enter. Milliseconds on the clock, to
//! the end of the frame that shows it; a frame alone takes up to 16.7.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use relm4::gtk::{glib, prelude::*};
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Delivery};
use stonechat::engine::testing::NewMessage;
use stonechat::ui::timeline::message::MessageRow;

use crate::catching_up::Archive;
use crate::scene::{Scene, now};

const MESSAGES: usize = 20;
const LETTERS: usize = 12;
/// Between two keys of a fast writer.
const PAUSE: Duration = Duration::from_millis(60);
/// More than either takes when nothing is wrong.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far back the archive lies: what is written now stands below it.
const AGE_MS: i64 = 3_600_000;

/// What the eye waited for.
#[derive(Default)]
pub struct Waited {
    /// From the key to the painted letter.
    pub letters: Vec<f64>,
    /// From Enter to the painted message.
    pub messages: Vec<f64>,
}

/// Writes into the open chat, its newest messages in sight.
pub fn run(scene: &mut Scene, chat: ConversationId) -> Waited {
    let mut archive = Archive::read(chat, now() - AGE_MS, 60.0);
    let mut waited = Waited::default();
    let painted = Rc::new(Cell::new(0_u32));
    let count = painted.clone();
    let clock = scene.window.frame_clock().expect("the window is shown");
    let handler = clock.connect_after_paint(move |_| count.set(count.get() + 1));
    for message in 0..MESSAGES {
        for letter in 0..LETTERS {
            pass(scene, &mut archive, PAUSE);
            let (began, before) = (Instant::now(), painted.get());
            let text = if letter % 5 == 4 { " " } else { "a" };
            scene.composer().buffer().insert_at_cursor(text);
            while painted.get() == before {
                step(scene, &mut archive);
            }
            waited.letters.push(milliseconds(began));
        }
        pass(scene, &mut archive, PAUSE);
        let text = format!("Written while reading {message}");
        scene.composer().buffer().set_text(&text);
        pass(scene, &mut archive, PAUSE);
        scene.commands.taken_commands();
        let began = Instant::now();
        scene.button("Send").emit_clicked();
        while !is_asked(scene) {
            assert!(began.elapsed() < PATIENCE, "nothing was sent");
            step(scene, &mut archive);
        }
        let sent = NewMessage::outgoing(chat, now(), &text, Delivery::Pending);
        let id = Scene::block_on(scene.commands.message(sent)).unwrap();
        while !shows(scene, id.0) {
            assert!(began.elapsed() < PATIENCE, "what was sent is not shown");
            step(scene, &mut archive);
        }
        let before = painted.get();
        while painted.get() == before {
            step(scene, &mut archive);
        }
        waited.messages.push(milliseconds(began));
    }
    assert!(archive.goes_on(), "the archive ended too early");
    clock.disconnect(handler);
    waited
}

fn is_asked(scene: &mut Scene) -> bool {
    scene
        .commands
        .taken_commands()
        .iter()
        .any(|command| matches!(command, Command::SendText { .. }))
}

fn shows(scene: &Scene, id: i64) -> bool {
    let history = scene.history();
    history
        .visible_rows()
        .filter_map(|row| history.row(row).and_downcast::<MessageRow>())
        .any(|row| row.id() == id && row.opacity() > 0.0)
}

fn pass(scene: &Scene, archive: &mut Archive, time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        step(scene, archive);
    }
}

fn step(scene: &Scene, archive: &mut Archive) {
    archive.write_due(scene);
    if !glib::MainContext::default().iteration(false) {
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
