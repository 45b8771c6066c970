//! Which devices are on our own list: ours, and none that is gone.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::super::requests::{Asked, Attempt};
use super::super::session::Session;
use crate::engine::error::StoreError;
use crate::engine::model::Timestamp;
use crate::engine::store::devices::{self, Known, ListState};
use crate::engine::store::ratchet;
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
    /// Asks for our list, if our server publishes it as far as is known: a
    /// stream that was taken up tells nothing twice.
    pub(super) async fn ask_for_own_list(&mut self) -> Result<(), StoreError> {
        if matches!(
            self.own_list_state().await?,
            ListState::Read | ListState::None
        ) {
            let own = self.own.clone();
            self.ask_for_list(&own).await;
        }
        Ok(())
    }

    /// Returns what is known of our own list, by this stream or one before it
    /// that it goes on with.
    pub(super) async fn own_list_state(&self) -> Result<ListState, StoreError> {
        let (account, own) = (self.account.id, self.own.to_string());
        self.context
            .store
            .read(move |connection| devices::list_state(connection, account, &own))
            .await
    }

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

    /// Takes one of our devices off our list, because the user wants it or
    /// because nobody can encrypt to it; later, if the list is not here.
    pub(in crate::engine::account) async fn remove_device(
        &mut self,
        device: u32,
    ) -> Result<(), StoreError> {
        let list = self.stream.as_ref().map(|stream| &stream.keys.own_list);
        let Some(Some(list)) = list.cloned() else {
            self.wished_removals.insert(device);
            return self.ask_for_own_list().await;
        };
        self.take_off(list, device).await
    }

    /// Takes the next of the user's wishes that were to wait for our list: a
    /// device that is on it and not `this` one.
    pub(super) fn unwanted_device(&mut self, list: &DeviceList, this: u32) -> Option<u32> {
        while let Some(device) = self.wished_removals.pop_first() {
            if device != this && list.has(device) {
                return Some(device);
            }
        }
        None
    }

    /// Takes this device off our list, as the account is removed here: nobody
    /// is to encrypt to it any more. Waits for no answer.
    pub(in crate::engine::account) async fn take_this_device_off(
        &mut self,
    ) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(stream) = &self.stream else {
            return Ok(());
        };
        let read = stream.keys.own_list.clone();
        let own = self.own.to_string();
        let known = self
            .context
            .store
            .read(move |connection| {
                let identity = ratchet::identity(connection, account)?;
                Ok((identity, devices::of_address(connection, account, &own)?))
            })
            .await?;
        let (Some(identity), known) = known else {
            return Ok(());
        };
        // On a stream that was taken up it was told before, and is in the store.
        let list = read.unwrap_or_else(|| listed(&known));
        self.take_off(list, identity.device).await
    }

    async fn take_off(&mut self, list: DeviceList, device: u32) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
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

/// Returns our list as it was read last.
fn listed(known: &[Known]) -> DeviceList {
    let mut list = DeviceList::default();
    let listed = known.iter().map(|known| &known.device);
    for device in listed.filter(|device| device.is_active) {
        let label = Some(device.label.clone()).filter(|label| !label.is_empty());
        let id = device.id;
        list.devices.push(ListedDevice { id, label });
    }
    list
}

fn without(list: &DeviceList, device: u32) -> DeviceList {
    let mut others = list.clone();
    others.devices.retain(|listed| listed.id != device);
    others
}
