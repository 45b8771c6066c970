//! Which devices are on our own list: ours, and none that is gone.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::super::requests::{Asked, Attempt};
use super::super::session::Session;
use crate::engine::error::StoreError;
use crate::engine::model::Timestamp;
use crate::engine::store::devices::{self, Known};
use crate::engine::xmpp::namespaces::OMEMO_BUNDLES;
use crate::engine::xmpp::omemo_wire::{DeviceList, ListedDevice};
use crate::engine::xmpp::{pubsub, stanza};

/// How often our list is mended in [`WINDOW`].
const MOST_REPAIRS: usize = 3;
const WINDOW: Duration = Duration::from_hours(1);

/// After how long a device of ours that nothing is heard of is taken off the
/// list: each message is encrypted to it. In milliseconds; Conversations' value.
const STALE: Timestamp = 42 * 24 * 60 * 60 * 1_000;

/// When our list was mended lately, in this run.
#[derive(Debug, Default)]
pub(in crate::engine::account) struct Repairs {
    times: VecDeque<Instant>,
}

impl Repairs {
    /// Returns whether the list may be mended once more, and counts it.
    pub(super) fn allow(&mut self) -> bool {
        let now = Instant::now();
        self.times.retain(|time| now.duration_since(*time) < WINDOW);
        let allows = self.times.len() < MOST_REPAIRS;
        if allows {
            self.times.push_back(now);
        }
        allows
    }
}

impl Session {
    /// Returns one of our other devices of which nothing was heard for long. It
    /// comes back by itself when it is used again.
    pub(super) async fn stale_device(&self, list: &DeviceList) -> Result<Option<u32>, StoreError> {
        let (account, own, now) = (
            self.account.id,
            self.own.to_string(),
            self.context.clock.now(),
        );
        let known = self
            .context
            .store
            .read(move |connection| devices::of_address(connection, account, &own))
            .await?;
        let is_stale = |known: &Known| {
            let device = &known.device;
            let last = device.last_seen.unwrap_or_default().max(device.first_seen);
            !device.is_this && now - last > STALE && list.has(device.id)
        };
        Ok(known
            .into_iter()
            .find(is_stale)
            .map(|known| known.device.id))
    }

    /// Takes one of our other devices off our list, because the user wants it
    /// or because nobody can encrypt to it.
    pub(in crate::engine::account) async fn remove_device(
        &mut self,
        device: u32,
    ) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let Some(list) = stream.keys.own_list.clone() else {
            return Ok(());
        };
        let without = without(&list, device);
        if without == list {
            return Ok(());
        }
        let node = format!("{OMEMO_BUNDLES}{device}");
        let id = stream.requests.ask(Asked::Removal);
        stream
            .send(stanza::set_request(&id, None, pubsub::delete(&node)))
            .await;
        self.publish_list(without, Attempt::First).await
    }
}

/// Adds a device to a list, and keeps all others as they are.
pub(super) fn with(mut list: DeviceList, device: u32) -> DeviceList {
    list.devices.push(ListedDevice {
        id: device,
        label: None,
    });
    list
}

fn without(list: &DeviceList, device: u32) -> DeviceList {
    let mut others = list.clone();
    others.devices.retain(|listed| listed.id != device);
    others
}
