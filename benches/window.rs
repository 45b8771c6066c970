//! The window on long chats, from inside: what opening, scrolling and changing
//! chats costs. Wants a display (`build-aux/with-display`).
//!
//! "CPU" is the processor time of the thread that draws, which another load on
//! the machine hardly changes; milliseconds on the clock are what they are.

use std::time::{Duration, Instant};

use relm4::adw::prelude::*;
use relm4::{adw, gtk};
use stonechat::engine::testing;
use stonechat::ui::timeline::message::MessageRow;

use crate::scene::{ROMEO, Scene, now};
use crate::support::{self, frames};
use crate::{catching_up, history, scrolling, tell, typing};

const LONG_CHAT: usize = 100_000;
const SHORT_CHATS: usize = 20;
const SHORT_CHAT: usize = 300;
const SWITCHES: usize = 1_000;
/// Chats changed before memory is measured for the first time: by then each
/// was open, and the pools and caches are as full as they get.
const WARM_UP: usize = 200;
/// More than a jump takes when nothing is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn measure() {
    gtk::init().expect("a display: run this through build-aux/with-display");
    adw::init().unwrap();
    support::prepare();

    let mut newest = Vec::new();
    let mut long_chat = None;
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let end = now();
        for number in 0..SHORT_CHATS {
            let time = end - 60_000 * i64::try_from(number + 1).unwrap();
            let address = format!("guest{number}@example.org");
            let chat = testing::conversation(tx, account, &address, time);
            newest.push(history::fill(tx, chat, SHORT_CHAT, time).unwrap().0);
        }
        let chat = testing::conversation(tx, account, "juliet@example.org", end);
        // Nobody is there whom anything could be encrypted for.
        tx.execute(
            "UPDATE conversations SET encryption = 2 WHERE id = ?1",
            [chat.0],
        )
        .unwrap();
        long_chat = Some(chat);
        newest.insert(0, history::fill(tx, chat, LONG_CHAT, end).unwrap().0);
    });

    let long_chat = long_chat.unwrap();
    let mut bench = Bench { scene, newest };
    tell("first chat opened, first rows", bench.open(0));
    let mut opened: Vec<f64> = (0..9)
        .map(|_| {
            bench.open(1);
            bench.open(0)
        })
        .collect();
    tell("100,000 messages opened, first rows", median(&mut opened));
    bench.scene.settle();
    for (name, way, step) in [
        ("wheel of 60 px", scrolling::Way::Wheel, -60.0),
        ("fling of 60 px", scrolling::Way::Fling, -60.0),
        ("wheel of 600 px", scrolling::Way::Wheel, -600.0),
        ("fling of 600 px", scrolling::Way::Fling, -600.0),
    ] {
        let mut seen = scrolling::run(&bench.scene, way, step);
        tell(
            &format!("{name}, frame CPU p50"),
            percentile(&mut seen.cpu, 50),
        );
        tell(
            &format!("{name}, frame CPU p95"),
            percentile(&mut seen.cpu, 95),
        );
        tell(&format!("{name}, frames"), f64::from(seen.frames));
        tell(
            &format!("{name}, frames off the path"),
            f64::from(seen.off_path),
        );
        tell(
            &format!("{name}, frames with a blank part"),
            f64::from(seen.blank),
        );
    }
    bench.switch_for_long();
    bench.open(0);
    bench.scene.settle();
    let mut jumps = bench.walk_hits();
    tell("jump to a hit, p50", percentile(&mut jumps, 50));
    tell("jump to a hit, p95", percentile(&mut jumps, 95));
    let mut waited = typing::run(&mut bench.scene, long_chat);
    for percent in [50, 95] {
        let name = format!("writing while catching up, a letter, p{percent}");
        tell(&name, percentile(&mut waited.letters, percent));
        let name = format!("writing while catching up, Enter to message, p{percent}");
        tell(&name, percentile(&mut waited.messages, percent));
    }
    let mut cpu = catching_up::run(&bench.scene, long_chat);
    for percent in [50, 95, 100] {
        let name = format!("catching up at 3,000 messages a second, frame CPU p{percent}");
        tell(&name, percentile(&mut cpu, percent));
    }
}

struct Bench {
    scene: Scene,
    /// The newest message of each chat, in the order of the list.
    newest: Vec<i64>,
}

impl Bench {
    /// Opens a chat of the list. Returns the milliseconds until its newest
    /// message stood in a painted frame.
    fn open(&self, position: usize) -> f64 {
        let started = Instant::now();
        self.scene
            .chat_list()
            .emit_by_name::<()>("activate", &[&u32::try_from(position).unwrap()]);
        while !self.shows(self.newest[position]) {
            frames(&self.scene.window, 1);
        }
        started.elapsed().as_secs_f64() * 1e3
    }

    fn shows(&self, message: i64) -> bool {
        let Some(history) = self.scene.history_if_any() else {
            return false;
        };
        let row = history
            .visible_rows()
            .last()
            .and_then(|last| history.row(last))
            .and_downcast::<MessageRow>();
        history.is_mapped() && row.is_some_and(|row| row.id() == message && row.opacity() > 0.0)
    }

    /// Walks the hits of a rare word in the long chat, which is open. Returns
    /// the milliseconds from Enter until each stood ringed in a painted frame.
    fn walk_hits(&self) -> Vec<f64> {
        let window = &self.scene.window;
        let search = support::all::<gtk::SearchEntry>(window, |entry| {
            entry.placeholder_text().as_deref() == Some("Search")
        })
        .remove(0);
        search.set_text(&format!("{} in:juliet", history::RARE));
        support::until("the hits", || {
            self.scene.settle();
            self.scene.reads("20 hits")
        });
        self.scene.settle();
        let mut last = None;
        let jumps = (0..20)
            .map(|_| {
                let started = Instant::now();
                search.emit_by_name::<()>("activate", &[]);
                while self.ringed().is_none_or(|ringed| Some(ringed) == last) {
                    assert!(started.elapsed() < PATIENCE, "no next hit after {last:?}");
                    frames(window, 1);
                }
                last = self.ringed();
                started.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        // Leads back to where the chat was.
        search.emit_by_name::<()>("stop-search", &[]);
        support::until("the end of the chat", || {
            self.scene.settle();
            self.shows(self.newest[0])
        });
        jumps
    }

    /// Returns the message with the ring.
    fn ringed(&self) -> Option<i64> {
        let history = self.scene.history_if_any()?;
        history
            .visible_rows()
            .filter_map(|row| history.row(row).and_downcast::<MessageRow>())
            .find(|row| {
                !support::all::<gtk::Widget>(row, |part| part.has_css_class("found")).is_empty()
            })
            .map(|row| row.id())
    }

    fn switch_for_long(&self) {
        let switch = |count: usize| {
            let times: Vec<f64> = (0..count)
                .map(|number| self.open(1 + number % SHORT_CHATS))
                .collect();
            times
        };
        switch(WARM_UP);
        let before = pss_mib();
        let mut times = switch(SWITCHES);
        tell(
            "memory grown over 1,000 changes of chat",
            pss_mib() - before,
        );
        tell("change of chat, first rows", median(&mut times));
        tell("memory of the window bench at its end", pss_mib());
    }
}

/// Returns the proportional share of the memory of this process.
fn pss_mib() -> f64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * percent / 100]
}

fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}
