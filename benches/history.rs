//! Long chats to measure with: the same ones every time, of unequal lines.

use rusqlite::Transaction;
use stonechat::engine::model::{ConversationId, Delivery, MessageId, Timestamp};
use stonechat::engine::testing::{self, NewMessage};

/// A word that only a few messages hold, far apart.
pub const RARE: &str = "Quicksilver";
/// One message of so many holds it.
const RARE_EVERY: usize = 5_000;

const SENTENCES: [&str; 14] = [
    "Is this the gentleman who stood below my window for two hours?",
    "It is. I was admiring the architecture.",
    "The architecture.",
    "🌙",
    "My cousin says that nobody looks at a balcony like that. He also owns a sword.",
    "I looked it up: https://example.org/birds/nightingale?song=night Read the second paragraph and then apologise.",
    "I have missed you in four languages, two of which I do not speak. 🐦",
    "Accepted.",
    "Then read me the shortest, and mind the third step: it complains.",
    "Good night, good night. I shall keep saying it until one of us falls asleep.",
    "The rehearsal moved to *seven*. Bring the _long_ coat, the balcony is ~cold~ freezing.",
    "The small one, by the orchard. The code is `74-16`.",
    "```\nfn main() {\n    println!(\"Who goes there?\");\n}\n```",
    "> From up here one sees the whole garden\n> and the *moon*\nThen I will find the way without a lamp",
];

/// Returns the text of a message: mostly one line, now and then a whole page.
pub fn text(number: usize) -> String {
    let sentence = SENTENCES[number * 7919 % SENTENCES.len()];
    let lines = match number * 31 % 100 {
        0..60 => 1,
        60..97 => 2 + number % 4,
        _ => 15 + number % 16,
    };
    let mut text = match number % RARE_EVERY {
        0 => format!("{number}: {RARE}!\n{sentence}"),
        _ if sentence.starts_with(['`', '>']) => sentence.to_owned(),
        _ => format!("{number}: {sentence}"),
    };
    for line in 1..lines {
        text.push('\n');
        text.push_str(SENTENCES[(number + line) % SENTENCES.len()]);
    }
    text
}

/// Fills a chat with `count` messages up to `end`, all of them read: some
/// answer others, some have reactions, a few were edited. Returns the newest.
pub fn fill(
    tx: &Transaction<'_>,
    chat: ConversationId,
    count: usize,
    end: Timestamp,
) -> Option<MessageId> {
    /// Some are near enough to be grouped, some begin a new day.
    const BETWEEN: Timestamp = 7 * 60_000;
    let start = end - BETWEEN * i64::try_from(count).unwrap_or(0);
    let mut newest: Option<MessageId> = None;
    for number in 0..count {
        let time = start + BETWEEN * i64::try_from(number).unwrap_or(0);
        let body = text(number);
        let message = if number % 5 < 2 {
            NewMessage::outgoing(chat, time, &body, Delivery::Displayed)
        } else {
            NewMessage::incoming(chat, time, &body)
        };
        let id = testing::message(tx, &message);
        if let Some(before) = newest.filter(|_| number % 8 == 5) {
            let target = if number % 16 == 5 {
                before
            } else {
                MessageId(before.0 - 4)
            };
            testing::answers(tx, id, target);
        }
        if number % 6 == 0 {
            testing::reacts(tx, id, "juliet@example.org", &["👍", "❤️"]);
        }
        if number % 18 == 0 {
            testing::reacts(tx, id, "", &["👍"]);
        }
        if number % 50 == 0 {
            testing::corrects(tx, id, time + 60_000, &body);
        }
        newest = Some(id);
    }
    if let Some(newest) = newest {
        testing::read_up_to(tx, chat, newest);
    }
    newest
}
