//! The lines that the console holds: so many, so long, and which are shown.
//! Pure.

use std::collections::VecDeque;

use super::indent::indented;
use crate::engine::model::{ConsoleLine, ConsoleWay};
use crate::ui::format;
use crate::ui::i18n::{count, fill, gettext};

/// How many lines are held.
const MOST_LINES: usize = 1_000;
/// How much text is held.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What the console shows as one paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which way it went; `None`: a note of ours.
    pub way: Option<ConsoleWay>,
    /// "Sent, 19:02:11".
    pub head: String,
    /// The XML, in lines.
    pub text: String,
}

/// The lines, the oldest first.
#[derive(Debug, Default)]
pub struct Lines {
    held: VecDeque<Line>,
    bytes: usize,
    /// In small letters; empty: all are shown.
    filter: String,
}

impl Lines {
    /// Takes a line.
    pub fn add(&mut self, line: &ConsoleLine) {
        let time = format::clock_with_seconds(&format::local(line.time));
        let way = match line.way {
            ConsoleWay::Sent => gettext("Sent, {time}"),
            ConsoleWay::Received => gettext("Received, {time}"),
        };
        let mut text = indented(&line.text);
        if line.left_out > 0 {
            let more = u32::try_from(line.left_out).unwrap_or(u32::MAX);
            text.push_str("… ");
            text.push_str(&count("({count} byte more)", "({count} bytes more)", more));
        }
        self.push(Line {
            way: Some(line.way),
            head: fill(&way, &[("time", &time)]),
            text,
        });
    }

    /// Takes note of lines that came faster than they could be shown.
    pub fn missed(&mut self, lines: u64) {
        let lines = u32::try_from(lines).unwrap_or(u32::MAX);
        self.push(Line {
            way: None,
            head: count(
                "{count} line came too fast to be shown",
                "{count} lines came too fast to be shown",
                lines,
            ),
            text: String::new(),
        });
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }

    /// Shows only lines with these words.
    pub fn set_filter(&mut self, words: &str) {
        self.filter = words.trim().to_lowercase();
    }

    /// Returns the lines to show, the oldest first.
    pub fn shown(&self) -> impl Iterator<Item = &Line> {
        self.held.iter().filter(|line| self.fits(line))
    }

    fn fits(&self, line: &Line) -> bool {
        self.filter.is_empty() || line.text.to_lowercase().contains(&self.filter)
    }

    fn push(&mut self, line: Line) {
        self.bytes += line.text.len();
        self.held.push_back(line);
        while self.held.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.held.pop_front() else {
                return;
            };
            self.bytes -= oldest.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> ConsoleLine {
        ConsoleLine {
            time: 0,
            way: ConsoleWay::Received,
            text: text.to_owned(),
            left_out: 0,
        }
    }

    fn texts(lines: &Lines) -> Vec<&str> {
        lines.shown().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn the_oldest_lines_go_when_there_are_too_many() {
        let mut lines = Lines::default();
        for number in 0..MOST_LINES + 5 {
            lines.add(&line(&number.to_string()));
        }

        assert_eq!(lines.shown().count(), MOST_LINES);
        assert_eq!(texts(&lines)[0], "5");
    }

    #[test]
    fn the_oldest_lines_go_when_they_are_too_long_together() {
        let mut lines = Lines::default();
        for _ in 0..200 {
            lines.add(&line(&"x".repeat(32 * 1024)));
        }

        assert!(lines.bytes <= MOST_BYTES);
        assert!(lines.shown().count() >= 60);
    }

    #[test]
    fn a_filter_hides_and_forgets_nothing() {
        let mut lines = Lines::default();
        lines.add(&line("<message/>"));
        lines.add(&line("<presence/>"));
        lines.missed(3);

        lines.set_filter(" MESSAGE ");
        assert_eq!(texts(&lines), ["<message/>"]);
        lines.set_filter("");
        assert_eq!(texts(&lines), ["<message/>", "<presence/>", ""]);
    }

    #[test]
    fn what_was_left_out_is_said() {
        let mut lines = Lines::default();
        lines.add(&ConsoleLine {
            left_out: 4_000_000,
            ..line("<iq>")
        });

        assert_eq!(texts(&lines), ["<iq>… (4000000 bytes more)"]);
    }
}
