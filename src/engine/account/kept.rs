//! What of a stream is on the disk, and what is still to be written there.
//!
//! A message is counted in the transaction in which it takes effect. What
//! changes nothing that is stored (presence, answers, pages on their way) is
//! counted a moment later, many at a time; until then the server is not told.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::Jid;
use tokio::time::Instant;

use super::stream::Stream;
use crate::engine::link::LinkCommand;
use crate::engine::store::streams::Progress;

/// How long what changes nothing may wait to be counted on disk.
const SOON: Duration = Duration::from_millis(50);
/// So many are not left to wait.
const MANY: u32 = 64;
/// How many numbers are given to our stanzas in advance.
pub(super) const RESERVE: u32 = 64;

/// What is on the disk of a stream that can be resumed.
#[derive(Debug)]
pub(super) struct Kept {
    /// How many stanzas took effect.
    pub handled: u32,
    /// Up to which number our stanzas may be numbered.
    pub sent: u32,
    /// That everything was asked and answered.
    pub is_settled: bool,
    /// Whose presence has changed since.
    changed: BTreeSet<Jid>,
    /// When the rest must be on disk.
    due: Option<Instant>,
}

impl Kept {
    /// Returns what is on disk of a stream that begins, or goes on, like this.
    pub fn new(handled: u32, sent: u32, is_settled: bool) -> Self {
        Self {
            handled,
            sent,
            is_settled,
            changed: BTreeSet::new(),
            due: None,
        }
    }
}

impl Stream {
    /// Notes that a program came, went or changed.
    pub fn presence_changed(&mut self, program: &Jid) {
        if let Some(kept) = &mut self.kept {
            kept.changed.insert(program.clone());
        }
    }

    /// Returns what is to be written down, together with the effect of the
    /// stanza that is being handled; `None` when nothing is kept of the stream.
    pub fn progress(&self) -> Option<Progress> {
        let kept = self.kept.as_ref()?;
        let presences = kept.changed.iter().map(|program| {
            let name = program.resource().map(ToString::to_string);
            (
                program.to_bare().to_string(),
                name.unwrap_or_default(),
                self.presences.of(program),
            )
        });
        Some(Progress {
            number: self.number,
            handled: self.handled.wrapping_add(u32::from(self.is_handling)),
            presences: presences.collect(),
        })
    }

    /// Notes that [`Stream::progress`] is on disk now.
    pub fn progressed(&mut self, progress: &Progress) {
        self.is_handling &= self.handled == progress.handled;
        self.handled = progress.handled;
        if let Some(kept) = &mut self.kept {
            kept.handled = progress.handled;
            kept.changed.clear();
            kept.due = None;
        }
    }

    /// Counts the stanza that was being handled, unless its effect did that.
    pub async fn count(&mut self) {
        if std::mem::take(&mut self.is_handling) {
            self.handled = self.handled.wrapping_add(1);
            if let Some(kept) = &mut self.kept {
                kept.due.get_or_insert_with(|| Instant::now() + SOON);
            }
        }
        self.tell_handled().await;
    }

    /// Tells the link what took effect, as far as it is on disk.
    pub async fn tell_handled(&self) {
        let is_kept = self
            .kept
            .as_ref()
            .is_none_or(|kept| kept.handled == self.handled);
        if is_kept && self.management.is_some() {
            let _ = self.link.send(LinkCommand::Handled(self.handled)).await;
        }
    }

    /// Returns when something must be written down.
    pub fn due(&self) -> Option<Instant> {
        self.kept.as_ref()?.due
    }

    /// Returns whether something must be written down now.
    pub fn is_due(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| {
            self.handled.wrapping_sub(kept.handled) >= MANY
                || kept.due.is_some_and(|due| due <= Instant::now())
        })
    }

    /// Returns up to which number numbers are to be given away, if too few are left.
    pub fn wants_numbers(&self) -> Option<u32> {
        let last = self.unacknowledged.last_sequence();
        let left = self.kept.as_ref()?.sent.wrapping_sub(last);
        (left < RESERVE / 2).then(|| last.wrapping_add(RESERVE))
    }

    /// Returns whether nothing more is to be asked on this stream, in this
    /// process or another.
    pub fn is_settled(&self) -> bool {
        // Without copies the archive knows of more than what comes live.
        self.is_caught_up && !self.lacks.copies && !self.requests.is_beginning()
    }
}
