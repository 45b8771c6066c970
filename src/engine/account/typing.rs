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
    began: BTreeMap<BareJid, (Instant, bool)>,
}

impl Writers {
    /// Returns whether it is worth telling that somebody began or stopped.
    pub fn heard(&mut self, who: &BareJid, is_composing: bool) -> bool {
        let now = Instant::now();
        if let Some((began, writes)) = self.began.get_mut(who) {
            if !is_composing {
                return std::mem::replace(writes, false);
            }
            if now.duration_since(*began) < PAUSE {
                return false;
            }
            (*began, *writes) = (now, true);
            return true;
        }
        if self.began.len() >= MOST_PEOPLE {
            self.began
                .retain(|_, (began, _)| now.duration_since(*began) < PAUSE);
        }
        if self.began.len() >= MOST_PEOPLE {
            return false;
        }
        if is_composing {
            self.began.insert(who.clone(), (now, true));
        }
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
    async fn a56_a_crowd_of_writers_takes_bounded_room_and_passes() {
        let mut writers = Writers::default();
        for number in 0..MOST_PEOPLE * 3 {
            writers.heard(&somebody(number), true);
        }
        assert!(writers.began.len() <= MOST_PEOPLE);

        tokio::time::advance(PAUSE).await;

        assert!(writers.heard(&somebody(MOST_PEOPLE * 4), true));
    }
}
