//! Whether somebody looks at the window: it can be seen, the screen is not
//! locked, the computer does not sleep.
//!
//! A lock is only asked for by some desktops and never confirmed or ended, so a
//! hand on the keyboard is believed more, and a window that comes into view.

use super::Supervisor;
use crate::engine::account::session::ToSession;
use crate::engine::api::Command;

/// What is known of who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awareness {
    /// The window can be seen.
    pub is_window_seen: bool,
    /// The screen is locked.
    pub is_locked: bool,
    /// The computer goes to sleep.
    pub is_asleep: bool,
}

impl Default for Awareness {
    fn default() -> Self {
        Self {
            is_window_seen: true,
            is_locked: false,
            is_asleep: false,
        }
    }
}

impl Awareness {
    /// Returns whether somebody may look at the window.
    pub fn is_looked_at(self) -> bool {
        self.is_window_seen && !self.is_locked && !self.is_asleep
    }

    /// Notes whether the window can be seen.
    pub fn window_is_seen(&mut self, is_seen: bool) {
        if is_seen && !self.is_window_seen {
            self.is_locked = false;
        }
        self.is_window_seen = is_seen;
    }

    /// Notes that somebody uses the window just now.
    pub fn somebody_is_there(&mut self) {
        *self = Self::default();
    }
}

/// Returns whether only a person at the window can wish this.
pub(super) fn is_by_a_hand(command: &Command) -> bool {
    matches!(
        command,
        Command::SendText { .. }
            | Command::SendPlainText { .. }
            | Command::React { .. }
            | Command::Correct { .. }
            | Command::Retract(_)
            | Command::Typing {
                is_composing: true,
                ..
            }
    )
}

impl Supervisor {
    /// Notes something of who looks, and tells all accounts when it matters.
    pub(super) fn note(&mut self, what: impl FnOnce(&mut Awareness)) {
        let before = self.awareness.is_looked_at();
        what(&mut self.awareness);
        let is_looked_at = self.awareness.is_looked_at();
        if is_looked_at != before {
            tracing::debug!(is_looked_at, "Who looks at the window has changed.");
            self.to_all(|| ToSession::Seen(is_looked_at));
        }
    }
}
