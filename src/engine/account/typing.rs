//! Who was last heard to write, so that a flood of "writes" and "writes no
//! more" does not become a flood of work for the window (attack A56).

use std::collections::BTreeMap;
use std::time::Duration;

use jid::BareJid;
use tokio::time::Instant;

/// How soon the same person may begin to write again.
const PAUSE: Duration = Duration::from_secs(1);
/// Of how many people that is remembered.
const MOST_PEOPLE: usize = 500;

/// What was told of each person's writing on one stream.
#[derive(Debug, Default)]
pub(super) struct Writers {
    heard: BTreeMap<BareJid, Writer>,
}

#[derive(Debug)]
struct Writer {
    /// When the person last began; `None`: only stopped so far.
    began: Option<Instant>,
    writes: bool,
}

impl Writer {
    fn began_just_now(&self, now: Instant) -> bool {
        self.began
            .is_some_and(|began| now.duration_since(began) < PAUSE)
    }
}

impl Writers {
    /// Returns whether it is worth telling that somebody began or stopped.
    pub fn heard(&mut self, who: &BareJid, is_composing: bool) -> bool {
        let now = Instant::now();
        let began = is_composing.then_some(now);
        if let Some(writer) = self.heard.get_mut(who) {
            if !is_composing {
                return std::mem::replace(&mut writer.writes, false);
            }
            if writer.began_just_now(now) {
                return false;
            }
            (writer.began, writer.writes) = (began, true);
            return true;
        }
        if self.heard.len() >= MOST_PEOPLE {
            self.heard.retain(|_, writer| writer.began_just_now(now));
        }
        if self.heard.len() >= MOST_PEOPLE {
            return false;
        }
        let writes = is_composing;
        self.heard.insert(who.clone(), Writer { began, writes });
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn somebody(number: usize) -> BareJid {
        BareJid::new(&format!("romeo{number}@example.org")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a56_a_flood_of_typing_is_told_once_a_second() {
        let (mut writers, romeo) = (Writers::default(), somebody(0));

        let told = (0..1_000)
            .filter(|turn| writers.heard(&romeo, turn % 2 == 0))
            .count();

        assert_eq!(told, 2, "that he began, and that he stopped");
        tokio::time::advance(PAUSE).await;
        assert!(writers.heard(&romeo, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a56_the_end_of_writing_is_never_held_back() {
        let (mut writers, romeo) = (Writers::default(), somebody(0));

        assert!(writers.heard(&romeo, true));
        assert!(!writers.heard(&romeo, true));
        assert!(writers.heard(&romeo, false));
        assert!(!writers.heard(&romeo, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a56_a_flood_of_ends_without_a_beginning_is_told_once() {
        let (mut writers, romeo) = (Writers::default(), somebody(0));

        let told = (0..1_000).filter(|_| writers.heard(&romeo, false)).count();

        assert_eq!(told, 1);
        assert!(
            writers.heard(&romeo, true),
            "who then begins is heard at once"
        );
        assert!(writers.heard(&romeo, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a56_a_crowd_of_writers_takes_bounded_room_and_passes() {
        let mut writers = Writers::default();
        for number in 0..MOST_PEOPLE * 3 {
            writers.heard(&somebody(number), true);
        }
        assert!(writers.heard.len() <= MOST_PEOPLE);

        tokio::time::advance(PAUSE).await;

        assert!(writers.heard(&somebody(MOST_PEOPLE * 4), true));
    }
}
