//! The time, in one place so that tests can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::model::Timestamp;

/// A clock: the machine's, or one that a test moves by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// Returns a clock that stands at `time` until it is set anew.
    #[cfg(feature = "testing")]
    pub fn standing_at(time: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(time))))
    }

    /// Sets a standing clock; the machine's own does not move.
    #[cfg(feature = "testing")]
    pub fn set(&self, time: Timestamp) {
        if let Some(standing) = &self.0 {
            standing.store(time, Ordering::SeqCst);
        }
    }

    /// Returns the time: milliseconds since 1970 in UTC.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(standing) => standing.load(Ordering::SeqCst),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
                }),
        }
    }
}
