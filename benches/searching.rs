//! Searching a history of a million messages, and what the index adds to
//! writing one. The words are as unequal as those of a language: the hundredth
//! word is a hundredth as common as the first.

use std::time::Instant;

use rusqlite::Transaction;
use stonechat::engine::model::{ConversationId, Delivery, Timestamp};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::engine::text::Wanted;

use crate::tell;

const MESSAGES: usize = 1_000_000;
const CHATS: usize = 200;
const WORDS: usize = 20_000;
/// How often each search is made; the median counts.
const TIMES: usize = 21;

/// What is looked for.
const SEARCHES: [(&str, &str); 10] = [
    ("a common word", "w1 "),
    ("a rare word", "w19999 "),
    ("the beginning of a word", "w19"),
    ("the beginning of common words", "w1"),
    ("a phrase of common words", "\"w1 w2\" "),
    ("a phrase of rarer words", "\"w20 w31\" "),
    ("two Chinese characters", "会议"),
    ("two common words", "w3 w4 "),
    ("a common word by the user", "w1 from:me "),
    ("a common word in one chat", "w1 in:guest7@ "),
];

pub fn measure() {
    // Without and with the index, in turn.
    let bare = written(false);
    let whole = written(true);
    tell(
        "search, messages written a second without the index",
        1e3 / bare,
    );
    tell("search, messages written a second with it", 1e3 / whole);

    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let searching = testing::searching(folder.path(), |tx| fill(tx, MESSAGES));
    tell(
        "search, filling a million messages in seconds",
        began.elapsed().as_secs_f64(),
    );
    for (name, typed) in SEARCHES {
        let wanted = Wanted::read(typed);
        let mut took: Vec<f64> = (0..TIMES)
            .map(|_| {
                let began = Instant::now();
                let hits = searching.hits(&wanted);
                assert!(hits > 0, "{typed}");
                began.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        let first = took[0];
        took.sort_by(f64::total_cmp);
        tell(&format!("search, {name}, first in ms"), first);
        tell(&format!("search, {name}, in ms"), took[TIMES / 2]);
    }
}

/// Milliseconds of this thread for a message, in stretches as an archive has them.
fn written(is_indexed: bool) -> f64 {
    const COUNT: usize = 20_000;
    let folder = tempfile::tempdir().unwrap();
    testing::written(folder.path(), is_indexed, COUNT, fill_some) / COUNT as f64
}

fn fill_some(tx: &Transaction<'_>, from: usize, to: usize) {
    let account = testing::account_of(tx, "romeo@example.org");
    for number in from..to {
        add(tx, account_chat(tx, account, number), number);
    }
}

fn fill(tx: &Transaction<'_>, count: usize) {
    fill_some(tx, 0, count);
}

fn account_chat(
    tx: &Transaction<'_>,
    account: stonechat::engine::model::AccountId,
    number: usize,
) -> ConversationId {
    let address = format!("guest{}@example.org", number % CHATS);
    testing::conversation(tx, account, &address, 0)
}

fn add(tx: &Transaction<'_>, chat: ConversationId, number: usize) {
    const BETWEEN: Timestamp = 300_000;
    let body = text(number);
    let time = BETWEEN * Timestamp::try_from(number).unwrap();
    let message = if number % 5 < 2 {
        NewMessage::outgoing(chat, time, &body, Delivery::Displayed)
    } else {
        NewMessage::incoming(chat, time, &body)
    };
    testing::message(tx, &message);
}

/// Returns the text of a message: mostly five to twenty words.
fn text(number: usize) -> String {
    let mut seed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    if number.is_multiple_of(20) {
        // One in some thousand holds the two characters that are looked for.
        let signs = ["明", "天", "的", "会", "议", "在", "三", "点", "们", "说"];
        let count = 5 + (next() * 15.0) as usize;
        return (0..count)
            .map(|_| signs[(next() * 10.0) as usize])
            .collect();
    }
    let count = 5 + (next() * 15.0) as usize;
    let words: Vec<String> = (0..count)
        .map(|_| {
            let word = ((WORDS as f64).powf(next())) as usize;
            format!("w{word}")
        })
        .collect();
    words.join(" ")
}
