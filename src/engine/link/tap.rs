//! What goes over the wire, for the XML console and for the log.
//!
//! Nothing is written down unless somebody watches: a console that is open, or
//! a log asked for by its name (target `xml`, level trace). Secrets are masked
//! in both; message texts are not, which is why nobody gets this by accident.
//! A console that is too slow misses lines; the connection never waits for it.

mod mask;

use minidom::Element;
use tokio::sync::broadcast;
use tracing::{enabled, trace};

use super::xml::{self, Item};
use crate::engine::clock::Clock;
use crate::engine::model::{ConsoleLine, ConsoleWay};

/// How many lines a console may lag behind.
const LINES: usize = 256;
/// How much of one line is kept: what the console holds is bounded by both.
const LINE_BYTES: usize = 32 * 1024;

/// Where what passes over one account's connections can be watched. The one
/// made by default leads nowhere.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    watchers: Option<broadcast::Sender<ConsoleLine>>,
}

impl Tap {
    /// Makes one that can be watched.
    pub fn watchable() -> Self {
        Self {
            watchers: Some(broadcast::Sender::new(LINES)),
        }
    }

    /// Returns what passes from now on.
    pub fn watch(&self) -> broadcast::Receiver<ConsoleLine> {
        match &self.watchers {
            Some(watchers) => watchers.subscribe(),
            None => broadcast::channel(1).1,
        }
    }

    /// Shows a line to whoever watches; false when nobody does.
    pub fn tell(&self, line: ConsoleLine) -> bool {
        self.watchers
            .as_ref()
            .is_some_and(|watchers| watchers.send(line).is_ok())
    }

    /// Shows an item that arrived.
    pub(super) fn received(&self, item: &Item) {
        if !self.is_watched() {
            return;
        }
        let text = match item {
            Item::Element(element) => xml::element_text(&mask::masked(element)),
            Item::Header(header) => header_text(header.version.as_deref()),
            Item::Skipped(skipped) => {
                trace!(target: "xml", ?skipped, "<- skipped");
                format!("<{} xmlns='{}'>", skipped.name, skipped.namespace)
            }
            Item::End => "</stream:stream>".to_owned(),
        };
        let bytes = match item {
            Item::Skipped(skipped) => skipped.bytes,
            _ => text.len(),
        };
        self.show(ConsoleWay::Received, text, bytes);
    }

    /// Shows an element that is sent.
    pub(super) fn sent(&self, element: &Element) {
        if self.is_watched() {
            let text = xml::element_text(&mask::masked(element));
            let bytes = text.len();
            self.show(ConsoleWay::Sent, text, bytes);
        }
    }

    /// Shows text that is sent and is no element, such as the stream's header.
    pub(super) fn sent_text(&self, text: &str) {
        if self.is_watched() {
            self.show(ConsoleWay::Sent, text.to_owned(), text.len());
        }
    }

    fn is_watched(&self) -> bool {
        self.watchers
            .as_ref()
            .is_some_and(|watchers| watchers.receiver_count() > 0)
            || enabled!(target: "xml", tracing::Level::TRACE)
    }

    fn show(&self, way: ConsoleWay, mut text: String, bytes: usize) {
        match way {
            ConsoleWay::Sent => trace!(target: "xml", "-> {text}"),
            ConsoleWay::Received => trace!(target: "xml", "<- {text}"),
        }
        text.truncate(text.floor_char_boundary(LINE_BYTES));
        let left_out = bytes.saturating_sub(text.len());
        self.tell(ConsoleLine {
            time: Clock::default().now(),
            way,
            text,
            left_out,
        });
    }
}

fn header_text(version: Option<&str>) -> String {
    version.map_or_else(
        || "<stream:stream>".to_owned(),
        |version| format!("<stream:stream version='{}'>", version.escape_default()),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;

    fn message(body: &str) -> Element {
        format!("<message xmlns='jabber:client'><body>{body}</body></message>")
            .parse()
            .unwrap()
    }

    #[test]
    fn nothing_is_kept_while_nobody_watches() {
        let tap = Tap::watchable();
        tap.sent(&message("Good night"));

        let mut watcher = tap.watch();

        assert_eq!(watcher.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn a_watcher_sees_both_ways_in_order() {
        let tap = Tap::watchable();
        let mut watcher = tap.watch();

        tap.sent(&message("Who's there?"));
        tap.received(&Item::Element(message("Good night")));
        tap.received(&Item::End);

        let seen: Vec<_> = std::iter::from_fn(|| watcher.try_recv().ok())
            .map(|line| (line.way, line.text))
            .collect();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[0].0, ConsoleWay::Sent);
        assert!(seen[0].1.contains("there?"), "{}", seen[0].1);
        assert_eq!(seen[1].0, ConsoleWay::Received);
        assert_eq!(seen[2].1, "</stream:stream>");
    }

    #[test]
    fn a_long_line_is_cut_and_says_by_how_much() {
        let tap = Tap::watchable();
        let mut watcher = tap.watch();

        tap.sent(&message(&"ж".repeat(50_000)));

        let line = watcher.try_recv().unwrap();
        assert!(line.text.len() <= LINE_BYTES);
        assert!(line.text.len() + line.left_out > 100_000);
    }

    #[test]
    fn a_watcher_that_is_slow_misses_lines_and_holds_nobody_up() {
        let tap = Tap::watchable();
        let mut watcher = tap.watch();

        for _ in 0..LINES + 44 {
            tap.sent(&message("Anon, good Nurse!"));
        }

        assert_eq!(watcher.try_recv(), Err(TryRecvError::Lagged(44)));
        assert!(watcher.try_recv().is_ok());
    }
}
