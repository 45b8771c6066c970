//! When the other side is told that the user writes (XEP-0085).
//!
//! Told once when writing begins, and once when it ends: by sending, by
//! emptying the field, by leaving the chat, or by a pause.

use std::time::Duration;

/// A pause of this length ends writing.
pub const PAUSE: Duration = Duration::from_secs(10);

/// Whether the other side believes that the user writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Typing {
    is_told: bool,
}

impl Typing {
    /// The text changed by the user's hand. Returns what to tell, if anything.
    pub fn changed(&mut self, is_empty: bool) -> Option<bool> {
        self.become_told(!is_empty)
    }

    /// Writing ended. Returns what to tell, if anything.
    pub fn ended(&mut self) -> Option<bool> {
        self.become_told(false)
    }

    fn become_told(&mut self, is_writing: bool) -> Option<bool> {
        let is_news = std::mem::replace(&mut self.is_told, is_writing) != is_writing;
        is_news.then_some(is_writing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_is_told_once() {
        let mut typing = Typing::default();

        assert_eq!(typing.changed(false), Some(true));
        assert_eq!(typing.changed(false), None);
    }

    #[test]
    fn emptying_the_field_ends_it() {
        let mut typing = Typing::default();
        typing.changed(false);

        assert_eq!(typing.changed(true), Some(false));
        assert_eq!(typing.changed(true), None);
    }

    #[test]
    fn after_a_pause_the_next_letter_tells_again() {
        let mut typing = Typing::default();
        typing.changed(false);

        assert_eq!(typing.ended(), Some(false));
        assert_eq!(typing.changed(false), Some(true));
    }

    #[test]
    fn nothing_is_told_about_an_end_without_a_beginning() {
        assert_eq!(Typing::default().ended(), None);
    }
}
