//! The difference between two states of a list, as few splices.
//!
//! A list on screen is never cleared and filled again: rows that stay keep
//! their widget, selection and place. Items are told apart by a key; one that
//! moved is taken out and put in again.

use std::collections::HashMap;
use std::hash::Hash;

/// One change of a list: at `position`, `removed` items make room for the items
/// `added` of the new list. Splices apply in order, each to the result of the
/// one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where, in the list as the earlier splices left it.
    pub position: usize,
    /// How many items go.
    pub removed: usize,
    /// Which items of the new list come.
    pub added: std::ops::Range<usize>,
}

/// Returns the splices that turn `old` into `new`. Keys are unique in each.
pub fn merge<K: Copy + Eq + Hash>(old: &[K], new: &[K]) -> Vec<Splice> {
    // Mostly a few come at one end of very many.
    let is_same = |(one, other): &(&K, &K)| one == other;
    let before = old.iter().zip(new).take_while(is_same).count();
    let (old, new) = (&old[before..], &new[before..]);
    let backwards = old.iter().rev().zip(new.iter().rev());
    let after = backwards.take_while(is_same).count();
    let mut splices = merge_all(&old[..old.len() - after], &new[..new.len() - after]);
    for splice in &mut splices {
        splice.position += before;
        splice.added = splice.added.start + before..splice.added.end + before;
    }
    splices
}

fn merge_all<K: Copy + Eq + Hash>(old: &[K], new: &[K]) -> Vec<Splice> {
    let mut old_places = places(old);
    let mut new_places = places(new);
    let mut splices = Vec::new();
    let (mut from, mut to) = (0, 0);
    while from < old.len() || to < new.len() {
        let leaving = old.get(from).map(|key| new_places.get(key).copied());
        let coming = new.get(to).map(|key| old_places.get(key).copied());
        match (leaving, coming) {
            (Some(None), _) => {
                remove(&mut splices, to);
                from += 1;
            }
            (_, Some(None)) => {
                insert(&mut splices, to);
                to += 1;
            }
            (Some(Some(new_place)), Some(Some(old_place)))
                if new_place != to || old_place != from =>
            {
                // One of the two moved: the one that went further.
                if old_place - from > new_place - to {
                    new_places.remove(&new[to]);
                    insert(&mut splices, to);
                    to += 1;
                } else {
                    old_places.remove(&old[from]);
                    remove(&mut splices, to);
                    from += 1;
                }
            }
            _ => {
                from += 1;
                to += 1;
            }
        }
    }
    splices
}

fn places<K: Copy + Eq + Hash>(keys: &[K]) -> HashMap<K, usize> {
    keys.iter()
        .enumerate()
        .map(|(place, key)| (*key, place))
        .collect()
}

/// Everything before `position` is final already, so it is the place in both
/// the new list and the one being changed.
fn remove(splices: &mut Vec<Splice>, position: usize) {
    match splices.last_mut() {
        Some(last)
            if last.added.end == position && last.position + last.added.len() == position =>
        {
            last.removed += 1;
        }
        _ => splices.push(Splice {
            position,
            removed: 1,
            added: position..position,
        }),
    }
}

fn insert(splices: &mut Vec<Splice>, position: usize) {
    match splices.last_mut() {
        Some(last)
            if last.added.end == position && last.position + last.added.len() == position =>
        {
            last.added.end += 1;
        }
        _ => splices.push(Splice {
            position,
            removed: 0,
            added: position..position + 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(old: &[u8], new: &[u8]) -> (Vec<u8>, usize) {
        let splices = merge(old, new);
        let mut list = old.to_vec();
        for splice in &splices {
            let end = splice.position + splice.removed;
            list.splice(
                splice.position..end,
                new[splice.added.clone()].iter().copied(),
            );
        }
        (list, splices.len())
    }

    #[test]
    fn an_unchanged_list_has_no_splices() {
        assert_eq!(merge(&[1, 2, 3], &[1, 2, 3]), []);
    }

    #[test]
    fn a_new_message_is_one_splice_at_the_end() {
        let splices = merge(&[1, 2], &[1, 2, 3]);

        assert_eq!(
            splices,
            [Splice {
                position: 2,
                removed: 0,
                added: 2..3
            }]
        );
    }

    #[test]
    fn an_earlier_page_is_one_splice_at_the_top() {
        let splices = merge(&[7, 8], &[4, 5, 6, 7, 8]);

        assert_eq!(
            splices,
            [Splice {
                position: 0,
                removed: 0,
                added: 0..3
            }]
        );
    }

    #[test]
    fn a_chat_that_rises_to_the_top_moves_alone() {
        let (list, splices) = apply(b"abcd", b"cabd");

        assert_eq!((list.as_slice(), splices), (&b"cabd"[..], 2));
    }

    #[test]
    fn a_message_that_sinks_moves_alone() {
        let (list, splices) = apply(b"abcd", b"bcda");

        assert_eq!((list.as_slice(), splices), (&b"bcda"[..], 2));
    }

    proptest! {
        #[test]
        fn the_splices_always_lead_to_the_new_list(
            old in prop::collection::btree_set(any::<u8>(), 0..40),
            new in prop::collection::btree_set(any::<u8>(), 0..40),
            old_order in any::<u64>(),
            new_order in any::<u64>(),
        ) {
            let shuffle = |set: std::collections::BTreeSet<u8>, order: u64| {
                let mut list: Vec<u8> = set.into_iter().collect();
                list.sort_by_key(|key| u64::from(*key).wrapping_mul(order | 1) >> 7);
                list
            };
            let (old, new) = (shuffle(old, old_order), shuffle(new, new_order));

            prop_assert_eq!(apply(&old, &new).0, new);
        }
    }
}
