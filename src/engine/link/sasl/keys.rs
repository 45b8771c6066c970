//! The keys of the last exchange, so that a password is stretched only once.
//!
//! In memory, for as long as the account runs: a reconnection then costs two
//! short hashes instead of many thousand. Kept are only keys that the server
//! proved to have, too; they are of no use to another password, salt or
//! number of iterations.
//!
//! # Source
//! RFC 5802 §5.1 (what may be kept of a password).

use tokio::sync::watch;

use crate::engine::link::scram::Keys;
use crate::engine::model::Secret;

/// A place for the keys of one account; all its clones are the same place.
#[derive(Clone, Debug)]
pub struct KeptKeys(watch::Sender<Option<(Secret, Keys)>>);

impl Default for KeptKeys {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl KeptKeys {
    /// Returns the keys that were made of a password.
    pub(in crate::engine::link) fn of(&self, password: &Secret) -> Option<Keys> {
        let kept = self.0.borrow();
        let (of, keys) = kept.as_ref()?;
        (of == password).then(|| keys.clone())
    }

    /// Keeps keys, instead of those that were there.
    pub(super) fn keep(&self, password: Secret, keys: Keys) {
        self.0.send_replace(Some((password, keys)));
    }
}
