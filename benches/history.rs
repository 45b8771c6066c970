//! Long chats to measure with: the same ones every time, of unequal lines.

use rusqlite::Transaction;
use stonechat::engine::model::{ConversationId, Delivery, MessageId, Timestamp};
use stonechat::engine::testing::{self, NewMessage};

const SENTENCES: [&str; 10] = [
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
];

/// Returns the text of a message: mostly one line, now and then a whole page.
pub fn text(number: usize) -> String {
    let sentence = SENTENCES[number * 7919 % SENTENCES.len()];
    let lines = match number * 31 % 100 {
        0..60 => 1,
        60..97 => 2 + number % 4,
        _ => 15 + number % 16,
    };
    let mut text = format!("{number}: {sentence}");
    for line in 1..lines {
        text.push('\n');
        text.push_str(SENTENCES[(number + line) % SENTENCES.len()]);
    }
    text
}

/// Fills a chat with `count` messages up to `end`, all of them read. Returns
/// the newest.
pub fn fill(
    tx: &Transaction<'_>,
    chat: ConversationId,
    count: usize,
    end: Timestamp,
) -> Option<MessageId> {
    /// Some are near enough to be grouped, some begin a new day.
    const BETWEEN: Timestamp = 7 * 60_000;
    let start = end - BETWEEN * i64::try_from(count).unwrap_or(0);
    let mut newest = None;
    for number in 0..count {
        let time = start + BETWEEN * i64::try_from(number).unwrap_or(0);
        let body = text(number);
        let message = if number % 5 < 2 {
            NewMessage::outgoing(chat, time, &body, Delivery::Displayed)
        } else {
            NewMessage::incoming(chat, time, &body)
        };
        newest = Some(testing::message(tx, &message));
    }
    if let Some(newest) = newest {
        testing::read_up_to(tx, chat, newest);
    }
    newest
}
