//! What survives this process: how far the stream has come, and taking it up
//! again where another process of ours left it.
//!
//! What that process had asked for, nobody waits for any more; so a stream
//! that was not settled begins like a fresh one. Of what it had written, the
//! server says how much it has; the rest is written anew, under new numbers.
//!
//! # Source
//! XEP-0198 v1.6.1 §5.

use std::str::FromStr;

use jid::FullJid;

use super::Session;
use crate::engine::account::client_state::Reason;
use crate::engine::account::kept::{Kept, RESERVE};
use crate::engine::account::stream::Stream;
use crate::engine::error::StoreError;
use crate::engine::link::{Link, Online, Resume, TooHigh, Unacknowledged};
use crate::engine::model::{ConnectionState, ServerLacks};
use crate::engine::store::{
    outbox,
    streams::{self, KeptStream},
};

impl Session {
    /// Looks for a stream that an earlier process left.
    pub(super) async fn inherit(&mut self) {
        let account = self.account.id;
        let left = self
            .context
            .store
            .read(move |connection| streams::left(connection, account))
            .await;
        match left {
            Ok(left) => {
                self.resource = left
                    .as_ref()
                    .and_then(|left| FullJid::from_str(&left.bound).ok())
                    .map(|bound| bound.resource().to_string());
                self.inherited = left;
            }
            Err(error) => tracing::warn!(%error, "The last stream could not be read."),
        }
    }

    /// Returns what a connection needs to take up the stream there is, be it
    /// of this process or of one before.
    pub(super) fn resume(&self) -> Option<Resume> {
        if let Some(stream) = &self.stream {
            return stream.resume();
        }
        let left = self.inherited.as_ref()?;
        Some(Resume {
            id: Some(left.resume_id.clone()).filter(|id| !id.is_empty())?,
            h: left.handled,
            location: Some(left.location.clone()).filter(|place| !place.is_empty()),
            bound: FullJid::from_str(&left.bound).ok()?,
        })
    }

    /// Checks what the server says it has of the stream that it takes up.
    ///
    /// # Errors
    /// More than was sent, or less than it had confirmed.
    pub(super) fn check_resumed(&self, h: u32) -> Result<(), TooHigh> {
        match (&self.stream, &self.inherited) {
            (Some(stream), _) => stream.unacknowledged.check(h),
            (None, Some(left)) => check(left, h),
            (None, None) => Ok(()),
        }
    }

    /// Goes on with the stream of an earlier process, of which the server has `h`.
    pub(super) async fn take_up(
        &mut self,
        left: KeptStream,
        h: u32,
        online: Online,
        link: &Link,
    ) -> Result<(), StoreError> {
        let account = self.account.id;
        let number = left.number;
        let sent = h.wrapping_add(RESERVE);
        let presences = self
            .context
            .store
            .write(move |tx, changes| {
                outbox::confirmed_up_to(tx, changes, account, number, h)?;
                outbox::requeue_stream(tx, changes, account, number)?;
                streams::acknowledged(tx, account, number, h)?;
                streams::reserve(tx, account, number, sent)?;
                streams::presences(tx, account)
            })
            .await?;
        tracing::info!(
            settled = left.is_settled,
            "The stream of an earlier process goes on."
        );
        let mut stream = Stream::new(number, online, link.commands.clone());
        stream.handled = left.handled;
        stream.unacknowledged = Unacknowledged::starting_after(h);
        stream.kept = Some(Kept::new(left.handled, sent, left.is_settled));
        for (address, program, how) in presences {
            stream.presences.restore(&self.own, &address, &program, how);
        }
        if left.is_settled {
            stream.lacks = left.lacks;
            stream.is_caught_up = true;
            stream.holds_outbox = false;
        }
        self.stream = Some(stream);
        self.tell_client_state(Reason::NewConnection).await;
        self.everybody_is_back();
        if !left.is_settled {
            // The link sends an opening only to a fresh one.
            return self.start_up(None).await;
        }
        self.order_is_in_doubt().await?;
        if let Some(stream) = &mut self.stream {
            // The earlier process may not have got to ask.
            stream.received(self.context.order_after);
        }
        self.tell_lacks();
        self.state(ConnectionState::Online);
        self.drain_outbox().await?;
        self.tell_decisions().await
    }

    /// Settles what the server still knew of the stream of an earlier process.
    pub(super) async fn settle_inherited(
        &mut self,
        left: &KeptStream,
        h: u32,
    ) -> Result<(), StoreError> {
        if let Err(error) = check(left, h) {
            tracing::warn!(%error, "The server confirms what was never sent.");
            return Ok(());
        }
        let account = self.account.id;
        let number = left.number;
        self.context
            .store
            .write(move |tx, changes| outbox::confirmed_up_to(tx, changes, account, number, h))
            .await
    }

    /// Begins a fresh stream, and notes it where the next process finds it.
    pub(super) async fn begin(&mut self, online: Online, link: &Link) -> Result<(), StoreError> {
        let management = online.stream_management.clone();
        let resume_id = management.as_ref().and_then(|session| session.id.clone());
        let is_resumable = resume_id.is_some();
        let fresh = KeptStream {
            number: 0,
            resume_id: resume_id.unwrap_or_default(),
            location: management
                .and_then(|session| session.location)
                .unwrap_or_default(),
            bound: online.bound.to_string(),
            handled: 0,
            acknowledged: 0,
            sent: RESERVE,
            is_settled: false,
            lacks: ServerLacks::default(),
        };
        let (account, now) = (self.account.id, self.context.clock.now());
        let number = self
            .context
            .store
            .write_bulk(move |tx, _| streams::begin(tx, account, &fresh, now))
            .await?;
        self.resource = Some(online.bound.resource().to_string());
        let mut stream = Stream::new(number, online, link.commands.clone());
        stream.kept = is_resumable.then(|| Kept::new(0, RESERVE, false));
        self.stream = Some(stream);
        Ok(())
    }

    /// Writes down how far the stream has come, where that must not wait.
    pub(super) async fn keep_up(&mut self) -> Result<(), StoreError> {
        if self.stream.as_ref().is_some_and(Stream::is_due) {
            self.keep_progress().await?;
        }
        let account = self.account.id;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let number = stream.number;
        if let Some(sent) = stream.wants_numbers() {
            self.context
                .store
                .write_bulk(move |tx, _| streams::reserve(tx, account, number, sent))
                .await?;
            if let Some(kept) = &mut stream.kept {
                kept.sent = sent;
            }
        }
        let (is_settled, lacks) = (stream.is_settled(), stream.lacks);
        if stream
            .kept
            .as_ref()
            .is_some_and(|kept| kept.is_settled != is_settled)
        {
            self.context
                .store
                .write_bulk(move |tx, _| streams::settled(tx, account, number, is_settled, lacks))
                .await?;
            if let Some(kept) = &mut stream.kept {
                kept.is_settled = is_settled;
            }
        }
        Ok(())
    }

    /// Writes down how far the stream has come, and lets the server know.
    pub(super) async fn keep_progress(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        // What is being handled has failed by now, or was counted.
        stream.is_handling = false;
        let Some(progress) = stream.progress() else {
            return Ok(());
        };
        let written = progress.clone();
        self.context
            .store
            .write_bulk(move |tx, _| streams::keep(tx, account, &written))
            .await?;
        stream.progressed(&progress);
        stream.tell_handled().await;
        Ok(())
    }

    /// Leaves the stream to the next process: the server still has it.
    pub(super) fn leave_stream(&mut self) {
        if self.stream.take().is_some() {
            self.everybody_is_offline();
        }
        self.inherited = None;
    }

    /// Ends the stream for good: what was written to it and not confirmed is in doubt now.
    pub(in crate::engine::account) fn forget_stream(&mut self) {
        let account = self.account.id;
        if self.stream.is_some() || self.inherited.is_some() {
            // Queued by the call; nothing waits for it, as a stream that is
            // tried in vain once more costs one refusal.
            drop(
                self.context
                    .store
                    .write_bulk(move |tx, _| streams::forget(tx, account)),
            );
        }
        self.leave_stream();
    }
}

fn check(left: &KeptStream, h: u32) -> Result<(), TooHigh> {
    let newly = h.wrapping_sub(left.acknowledged);
    if newly > left.sent.wrapping_sub(left.acknowledged) {
        return Err(TooHigh {
            claimed: h,
            sent: left.sent,
        });
    }
    Ok(())
}
