//! Which messages stand together in one row: those from before this device
//! existed, which nobody can ever read here, where several follow each other.
//!
//! Pure. A place counts messages, a row counts what stands in the history; the
//! two differ from the first such run on. What a message is becomes known when
//! it is read, so a run grows while earlier pages come; its key stays, and so
//! does its row. Opened by the user, a run keeps its line, and its messages
//! follow below.

use std::collections::HashSet;
use std::ops::Range;

use crate::engine::model::MessageId;

/// So many make a run; one alone says what it is itself.
const LEAST: usize = 2;

/// What tells a row from the others, also while messages come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The row of this message.
    Message(MessageId),
    /// The line of the run in which this message is.
    Run(MessageId),
}

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The message at this place.
    Message(usize),
    /// The line of a run.
    Run(Run),
}

/// Messages that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// One of its messages, by which it is known.
    pub key: MessageId,
    /// Where its messages are.
    pub places: Range<usize>,
    /// Its messages stand below its line.
    pub is_open: bool,
    /// The row of its line.
    pub row: usize,
}

impl Run {
    /// Returns the first row after the run.
    fn end_row(&self) -> usize {
        self.row + 1 + if self.is_open { self.places.len() } else { 0 }
    }
}

/// The runs of a chat, from the oldest.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    runs: Vec<Run>,
}

impl Folds {
    /// Finds the runs anew. `is_from_before` holds the messages known to be such.
    pub fn find(&mut self, ids: &[MessageId], is_from_before: &HashSet<MessageId>) {
        let old = std::mem::take(&mut self.runs);
        if is_from_before.is_empty() {
            return;
        }
        let mut row = 0;
        let mut place = 0;
        for group in
            ids.chunk_by(|one, next| is_from_before.contains(one) && is_from_before.contains(next))
        {
            let places = place..place + group.len();
            place = places.end;
            if group.len() < LEAST {
                row += group.len();
                continue;
            }
            // What grew, or grew together, goes on as it was.
            let mut known = old.iter().filter(|run| group.contains(&run.key)).peekable();
            let run = Run {
                key: known.peek().map_or(group[group.len() - 1], |run| run.key),
                places,
                is_open: known.any(|run| run.is_open),
                row,
            };
            row = run.end_row();
            self.runs.push(run);
        }
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Opens a run, or folds it again. Returns it as it is then; none when there
    /// is no such run.
    pub fn turn(&mut self, key: MessageId) -> Option<Run> {
        let at = self.runs.iter().position(|run| run.key == key)?;
        let run = &mut self.runs[at];
        run.is_open = !run.is_open;
        let run = run.clone();
        for later in &mut self.runs[at + 1..] {
            later.row = if run.is_open {
                later.row + run.places.len()
            } else {
                later.row - run.places.len()
            };
        }
        Some(run)
    }

    /// Returns the row in which a message stands.
    pub fn row_of(&self, place: usize) -> usize {
        let after = self.runs.partition_point(|run| run.places.start <= place);
        let Some(run) = after.checked_sub(1).map(|at| &self.runs[at]) else {
            return place;
        };
        if place >= run.places.end {
            run.end_row() + place - run.places.end
        } else if run.is_open {
            run.row + 1 + place - run.places.start
        } else {
            run.row
        }
    }

    /// Returns what stands in a row.
    pub fn at(&self, row: usize) -> Stands {
        let after = self.runs.partition_point(|run| run.row <= row);
        let Some(run) = after.checked_sub(1).map(|at| &self.runs[at]) else {
            return Stands::Message(row);
        };
        if row == run.row {
            Stands::Run(run.clone())
        } else if row < run.end_row() {
            Stands::Message(run.places.start + row - run.row - 1)
        } else {
            Stands::Message(run.places.end + row - run.end_row())
        }
    }

    /// Returns the places of the messages in some rows.
    pub fn places(&self, rows: Range<usize>) -> Range<usize> {
        if rows.is_empty() {
            return 0..0;
        }
        let start = match self.at(rows.start) {
            Stands::Message(place) => place,
            Stands::Run(run) => run.places.start,
        };
        let end = match self.at(rows.end - 1) {
            Stands::Message(place) => place + 1,
            Stands::Run(run) if run.is_open => run.places.start,
            Stands::Run(run) => run.places.end,
        };
        start..end.max(start)
    }

    /// Returns what tells the rows apart.
    pub fn keys(&self, ids: &[MessageId]) -> Vec<Key> {
        let count = self.row_of(ids.len());
        (0..count)
            .map(|row| match self.at(row) {
                Stands::Message(place) => Key::Message(ids[place]),
                Stands::Run(run) => Key::Run(run.key),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(ids: impl IntoIterator<Item = i64>) -> Vec<MessageId> {
        ids.into_iter().map(MessageId).collect()
    }

    fn before(from: impl IntoIterator<Item = i64>) -> HashSet<MessageId> {
        from.into_iter().map(MessageId).collect()
    }

    fn run(key: i64) -> Key {
        Key::Run(MessageId(key))
    }

    fn message(id: i64) -> Key {
        Key::Message(MessageId(id))
    }

    #[test]
    fn those_that_follow_each_other_stand_in_one_row() {
        let ids = ids(1..=7);
        let mut folds = Folds::default();

        folds.find(&ids, &before([1, 2, 4, 6, 7]));

        // One alone, 4, says what it is itself.
        let rows = [run(2), message(3), message(4), message(5), run(7)];
        assert_eq!(folds.keys(&ids), rows);
    }

    #[test]
    fn a_run_that_grows_upward_keeps_its_key() {
        let mut folds = Folds::default();
        folds.find(&ids(5..=7), &before([5, 6]));

        folds.find(&ids(1..=7), &before(2..=6));

        assert_eq!(folds.keys(&ids(1..=7)), [message(1), run(6), message(7)]);
    }

    #[test]
    fn a_run_that_grows_downward_keeps_its_key() {
        let mut folds = Folds::default();
        folds.find(&ids(1..=3), &before(1..=3));

        folds.find(&ids(1..=5), &before(1..=5));

        assert_eq!(folds.keys(&ids(1..=5)), [run(3)]);
    }

    #[test]
    fn two_runs_that_meet_become_one_and_stay_open() {
        let ids = ids(1..=5);
        let mut folds = Folds::default();
        folds.find(&ids, &before([1, 2, 4, 5]));
        folds.turn(MessageId(5));

        folds.find(&ids, &before(1..=5));

        let members = (1..=5).map(message);
        assert_eq!(
            folds.keys(&ids),
            [run(2)].into_iter().chain(members).collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_open_run_has_its_line_above_its_messages() {
        let ids = ids(1..=4);
        let mut folds = Folds::default();
        folds.find(&ids, &before([2, 3]));

        folds.turn(MessageId(3));

        let rows = [message(1), run(3), message(2), message(3), message(4)];
        assert_eq!(folds.keys(&ids), rows);
        folds.turn(MessageId(3));
        assert_eq!(folds.keys(&ids), [message(1), run(3), message(4)]);
    }

    #[test]
    fn the_messages_of_rows_include_those_of_a_folded_run() {
        let mut folds = Folds::default();
        folds.find(&ids(1..=6), &before([2, 3, 4]));

        assert_eq!(folds.places(0..2), 0..4);
        assert_eq!(folds.places(1..2), 1..4);
        assert_eq!(folds.places(2..4), 4..6);
    }

    proptest! {
        #[test]
        fn rows_and_places_belong_together(
            is_before in prop::collection::vec(any::<bool>(), 0..40),
            turned in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        ) {
            let ids = ids(0..is_before.len() as i64);
            let from_before = ids.iter().zip(&is_before);
            let from_before = from_before.filter_map(|(id, is)| is.then_some(*id)).collect();
            let mut folds = Folds::default();
            folds.find(&ids, &from_before);
            for turned in turned {
                if !folds.runs.is_empty() {
                    let key = turned.get(&folds.runs).key;
                    folds.turn(key);
                }
            }
            let rows = folds.runs.clone();
            folds.find(&ids, &from_before);
            prop_assert_eq!(&rows, &folds.runs);

            let keys = folds.keys(&ids);
            let distinct: HashSet<Key> = keys.iter().copied().collect();
            prop_assert_eq!(distinct.len(), keys.len());
            for (place, id) in ids.iter().enumerate() {
                let row = folds.row_of(place);
                match folds.at(row) {
                    Stands::Message(at) => {
                        prop_assert_eq!(at, place);
                        prop_assert_eq!(keys[row], Key::Message(*id));
                    }
                    Stands::Run(run) => {
                        prop_assert!(!run.is_open && run.places.contains(&place));
                    }
                }
                prop_assert!(folds.places(row..row + 1).contains(&place));
            }
        }
    }
}
