//! The one task that hears the engine, on GTK's main loop.

use std::time::Duration;

use relm4::Sender;
use relm4::gtk::glib;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::AppMsg;
use super::route::Batch;
use crate::engine::api::Event;

/// So many messages in one batch are an archive being read: what follows is
/// gathered for a while, or the window would do nothing but read.
const MANY: usize = 32;
const GATHERING: Duration = Duration::from_millis(300);

/// Hears events until the window or the engine is gone, and passes on what was
/// there at a time as one [`Batch`].
pub fn listen(mut events: Receiver<Event>, app: Sender<AppMsg>) {
    glib::spawn_future_local(async move {
        while let Some(batch) = next_batch(&mut events).await {
            let is_much = batch.everything || batch.message_count() > MANY;
            if app.send(AppMsg::Engine(Box::new(batch))).is_err() {
                break;
            }
            if is_much {
                glib::timeout_future(GATHERING).await;
            }
        }
    });
}

async fn next_batch(events: &mut Receiver<Event>) -> Option<Batch> {
    let mut batch = Batch::default();
    match events.recv().await {
        Ok(event) => batch.add(event),
        Err(RecvError::Lagged(_)) => batch.lagged(),
        Err(RecvError::Closed) => return None,
    }
    loop {
        match events.try_recv() {
            Ok(event) => batch.add(event),
            Err(TryRecvError::Lagged(_)) => batch.lagged(),
            // A closed channel shows itself in the next call.
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(batch),
        }
    }
}
