//! What a history needs now and then: long chats that were deleted are cleared
//! away, older messages are read into the index of words, those kept long
//! enough go, and what was deleted is driven out.
//!
//! All of it is done in small steps, each a transaction of its own, so that a
//! message that arrives never waits long for its turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::Clock;
use super::error::StoreError;
use super::model::Timestamp;
use super::store::{Store, clearing, retention, search};

/// How often it is looked after.
const BETWEEN: Duration = Duration::from_hours(1);

/// Looks after the history until it is closed; at once, each hour, and when
/// `due` says so.
pub(super) async fn run(store: Store, clock: Clock, due: Arc<Notify>) {
    loop {
        match look_after(&store, clock.now()).await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "The history could not be looked after."),
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            () = due.notified() => {}
        }
    }
}

/// Does all there is to do.
pub(super) async fn look_after(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    while store.write_bulk(|tx, _| clearing::go_on(tx)).await? {}
    while store.write_bulk(|tx, _| search::read_older(tx)).await? {}
    while store
        .write(move |tx, changes| retention::expire(tx, changes, now))
        .await?
    {}
    while store.write_bulk(|tx, _| search::drive_out(tx)).await? {}
    Ok(())
}
