//! What encryption costs: reading ten thousand messages as the ratchet alone
//! does and as we do, with the step and the row kept for each; and writing to
//! thirty devices.
//!
//! Processor time of this thread, which does all of it.

use rustix::time::{ClockId, clock_gettime};
use stonechat::engine::testing::speed::{Crowd, Ten};

use super::tell;

const MESSAGES: usize = 10_000;
/// Messages of one transaction: a page of the archive.
const PAGE: usize = 250;
const DEVICES: usize = 30;

/// Measures and tells.
pub fn measure() {
    let ten = Ten::thousand(MESSAGES);
    let bare = seconds(|| assert!(ten.read_bare() > MESSAGES));
    let stepwise = seconds(|| assert!(ten.read_stepwise() > MESSAGES));
    let mut ten = ten;
    let kept = seconds(|| assert_eq!(ten.read_and_keep(PAGE), MESSAGES));
    tell(
        "10,000 encrypted messages read, bare ratchet",
        MESSAGES as f64 / bare,
    );
    tell(
        "10,000 encrypted messages read, each step written",
        MESSAGES as f64 / stepwise,
    );
    tell(
        "10,000 encrypted messages read and kept",
        MESSAGES as f64 / kept,
    );
    tell("share of the bare ratchet", 100.0 * bare / kept);
    tell(
        "share of the ratchet with each step written",
        100.0 * stepwise / kept,
    );
    let mut crowd = Crowd::of(DEVICES);
    let rounds = 20;
    let all = seconds(|| {
        for _ in 0..rounds {
            assert_eq!(crowd.write(), DEVICES);
        }
    });
    tell(
        "encrypting to 30 devices, CPU",
        all * 1_000.0 / f64::from(rounds),
    );
}

fn seconds(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let start = now();
    work();
    now() - start
}
