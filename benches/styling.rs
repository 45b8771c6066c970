//! What reading a message's text costs: its blocks and spans, its links, and
//! its line in the chat list. Every frame of a fling reads some.

use std::hint::black_box;
use std::time::Instant;

use stonechat::engine::text;

use crate::tell;

const MESSAGES: usize = 100_000;

/// As people write: most of it plain, some styled, few long.
const BODIES: [&str; 10] = [
    "But soft! What light through yonder window breaks?",
    "Yes",
    "I will be there. Which door?",
    "The rehearsal moved to *seven*. Bring the _long_ coat, the balcony is ~cold~ freezing.",
    "> From up here one sees the whole garden\nThen I will find the way without a lamp 🌙",
    "See https://example.org/gardens/verona?door=74-16#gate, or ask nurse@example.org.",
    "The small one, by the orchard. The code is `74-16`",
    "```rust\nfn main() {\n    println!(\"Who goes there?\");\n}\n```\nRun it at dawn.",
    "/me nods",
    "It is the east, and Juliet is the sun. Arise, fair sun, and kill the envious moon, who is \
     already sick and pale with grief, that thou, her maid, art far more fair than she.\n\
     Be not her maid, since she is envious; her vestal livery is but sick and green, and none \
     but fools do wear it. Cast it off. It is my lady. O, it is my love!",
];

/// Tells the figures.
pub fn measure() {
    timed("100,000 messages read for styling, in ms", |body| {
        black_box(text::styled(body));
    });
    timed("100,000 messages searched for links, in ms", |body| {
        black_box(text::links(body));
    });
    timed("100,000 lines of the chat list, in ms", |body| {
        black_box(text::preview(body, true));
    });
    let megabyte = "*a _b ~c `d* e_ f~ g` ".repeat(1_000_000 / 22);
    let begin = Instant::now();
    black_box(text::styled(&megabyte));
    tell(
        "a megabyte of signs read for styling, in ms",
        begin.elapsed().as_secs_f64() * 1_000.0,
    );
}

fn timed(name: &str, read: impl Fn(&str)) {
    let begin = Instant::now();
    for number in 0..MESSAGES {
        read(BODIES[number % BODIES.len()]);
    }
    tell(name, begin.elapsed().as_secs_f64() * 1_000.0);
}
