//! Our own keys and our list of devices: published where everybody can read
//! them, checked at each start, and mended.
//!
//! The order is always keys, then list: who reads the list asks for the keys
//! at once. The list that is published is the one that was received with our
//! device added, never one from a question that failed (attack A44). Two
//! programs that take each other off the list would go on for ever, so ours
//! gives up after a few times.
//!
//! # Source
//! XEP-0384 v0.3 §4.3, §4.4; XEP-0060 §7.1.5.

use minidom::Element;

use super::super::requests::{Asked, Attempt, Node};
use super::super::session::Session;
use super::own_list;
use crate::engine::error::StoreError;
use crate::engine::omemo;
use crate::engine::store::devices::ListState;
use crate::engine::store::{devices, ratchet};
use crate::engine::xmpp::namespaces::{OMEMO_BUNDLES, OMEMO_DEVICES};
use crate::engine::xmpp::omemo_wire::{Bundle, DeviceList};
use crate::engine::xmpp::{pubsub, stanza};

impl Session {
    /// Our server has said what it can do; if it publishes for its accounts,
    /// our own list of devices comes first.
    pub(in crate::engine::account) async fn keys_begin(
        &mut self,
        has_pubsub: bool,
    ) -> Result<(), StoreError> {
        if !has_pubsub {
            let (account, own) = (self.account.id, self.own.to_string());
            self.context
                .store
                .write(move |tx, changes| {
                    let state = ListState::NotSupported;
                    devices::set_list_state(tx, changes, account, &own, state)
                })
                .await?;
            return self.keys_changed().await;
        }
        let own = self.own.clone();
        self.ask_for_list(&own).await;
        Ok(())
    }

    /// Takes our own list: the answer to our question, or what somebody published.
    pub(super) async fn take_own_list(&mut self, list: DeviceList) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.keys.own_list = Some(list.clone());
        self.check_generation().await?;
        let (account, own, now) = (self.account.id, self.own.clone(), self.context.clock.now());
        self.context
            .store
            .write(move |tx, changes| {
                let taken: Vec<u32> = list.devices.iter().map(|device| device.id).collect();
                omemo::ensure_identity(tx, changes, account, &taken, now)?;
                omemo::take_list(tx, changes, (account, own.as_str()), &list, now)?;
                Ok(())
            })
            .await?;
        self.begin_generation().await?;
        if std::mem::take(&mut self.wants_identity) {
            return self.identity_is_wanted().await;
        }
        self.mend_own_keys().await
    }

    /// Publishes what is missing of our keys and our list, one after the other.
    /// Called again when each step is done.
    pub(in crate::engine::account) async fn mend_own_keys(&mut self) -> Result<(), StoreError> {
        let Some(stream) = self
            .stream
            .as_ref()
            .filter(|stream| !stream.keys.is_publishing)
        else {
            return Ok(());
        };
        let Some(list) = stream.keys.own_list.clone() else {
            return self.ask_for_own_list().await;
        };
        let (account, now) = (self.account.id, self.context.clock.now());
        let ours = self
            .context
            .store
            .write(move |tx, changes| {
                omemo::rotate(tx, account, now)?;
                // What could not be read once may be there by now.
                omemo::ask_again(tx, changes, account)?;
                Ok(ratchet::identity(tx, account)?
                    .map(|identity| (identity.device, identity.is_bundle_due)))
            })
            .await?;
        let (Some((device, is_due)), Some(stream)) = (ours, &mut self.stream) else {
            return Ok(());
        };
        if is_due {
            return self.publish_keys(Attempt::First).await;
        }
        if !stream.keys.are_own_keys_checked {
            stream.keys.is_publishing = true;
            let own = self.own.clone();
            self.ask_for_keys(&own, device).await;
            return Ok(());
        }
        if let Some(stale) = self.stale_device(&list).await? {
            tracing::info!(device = stale, "One of our devices was away for long.");
            return self.remove_device(stale).await;
        }
        if let Some(unwanted) = self.unwanted_device(&list, device) {
            return self.remove_device(unwanted).await;
        }
        if !list.has(device) {
            if self.repairs.allow() {
                tracing::info!(device, "This device is added to the account's list.");
                return self
                    .publish_list(own_list::with(list, device), Attempt::First)
                    .await;
            }
            tracing::warn!("Another program takes this device off the list again and again.");
        }
        Ok(())
    }

    /// Looks at our keys as others see them; `None`: they could not be read.
    pub(super) async fn check_own_keys(
        &mut self,
        published: Option<&Bundle>,
    ) -> Result<(), StoreError> {
        let account = self.account.id;
        let published = published.cloned();
        self.context
            .store
            .write(move |tx, _| Ok(omemo::self_check(tx, account, published.as_ref())?))
            .await?;
        if let Some(stream) = &mut self.stream {
            stream.keys.are_own_keys_checked = true;
            stream.keys.is_publishing = false;
        }
        self.mend_own_keys().await
    }

    async fn publish_keys(&mut self, attempt: Attempt) -> Result<(), StoreError> {
        let account = self.account.id;
        let ours = self
            .context
            .store
            .write(move |tx, _| {
                let device = ratchet::identity(tx, account)?.map(|identity| identity.device);
                Ok(device.zip(omemo::own_bundle(tx, account)?))
            })
            .await?;
        let (Some((device, bundle)), Some(stream)) = (ours, &mut self.stream) else {
            return Ok(());
        };
        stream.keys.is_publishing = true;
        let node = format!("{OMEMO_BUNDLES}{device}");
        let written = bundle.write();
        stream.keys.sent_bundle = Some(bundle);
        self.publish(&node, written, attempt, Asked::OwnKeys(attempt))
            .await;
        Ok(())
    }

    pub(super) async fn publish_list(
        &mut self,
        list: DeviceList,
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.keys.is_publishing = true;
        let written = list.write();
        stream.keys.own_list = Some(list);
        self.publish(OMEMO_DEVICES, written, attempt, Asked::OwnDevices(attempt))
            .await;
        Ok(())
    }

    async fn publish(&mut self, node: &str, payload: Element, attempt: Attempt, asked: Asked) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let payload = match attempt {
            Attempt::First => pubsub::publish(node, payload),
            Attempt::Last => pubsub::publish_as_it_is(node, payload),
        };
        let id = stream.requests.ask(asked);
        stream.send(stanza::set_request(&id, None, payload)).await;
    }

    /// Our keys were published, or not.
    pub(in crate::engine::account) async fn own_keys_published(
        &mut self,
        attempt: Attempt,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        if self.is_published(Node::Keys, attempt, answer).await? {
            let sent = self
                .stream
                .as_mut()
                .and_then(|stream| stream.keys.sent_bundle.take());
            // Meanwhile one of the keys may have been used.
            return self.check_own_keys(sent.as_ref()).await;
        }
        Ok(())
    }

    /// Our list was published, or not.
    pub(in crate::engine::account) async fn own_list_published(
        &mut self,
        attempt: Attempt,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        if self.is_published(Node::Devices, attempt, answer).await? {
            let list = self
                .stream
                .as_ref()
                .and_then(|stream| stream.keys.own_list.clone());
            if let Some(list) = list {
                return self.take_own_list(list).await;
            }
        }
        Ok(())
    }

    /// Returns whether something was published; if the server wants it done
    /// another way, does that.
    async fn is_published(
        &mut self,
        node: Node,
        attempt: Attempt,
        answer: Option<&Element>,
    ) -> Result<bool, StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(false);
        };
        stream.keys.is_publishing = false;
        let Some(answer) = answer else {
            return Ok(false);
        };
        if answer.attr("type") != Some("error") {
            return Ok(true);
        }
        let condition = stanza::error_of(answer).condition;
        if attempt == Attempt::Last {
            tracing::warn!(%condition, "The server does not publish our keys.");
            return Ok(false);
        }
        if pubsub::is_closed(answer) {
            return self.open_node(node).await.map(|()| false);
        }
        // It may be one that knows no options.
        match node {
            Node::Keys => self.publish_keys(Attempt::Last).await?,
            Node::Devices => self.publish_list_again().await?,
        }
        Ok(false)
    }

    async fn open_node(&mut self, node: Node) -> Result<(), StoreError> {
        let account = self.account.id;
        let device = self
            .context
            .store
            .read(move |connection| ratchet::identity(connection, account))
            .await?
            .map(|identity| identity.device);
        let (Some(device), Some(stream)) = (device, &mut self.stream) else {
            return Ok(());
        };
        let name = match node {
            Node::Devices => OMEMO_DEVICES.to_owned(),
            Node::Keys => format!("{OMEMO_BUNDLES}{device}"),
        };
        stream.keys.is_publishing = true;
        let id = stream.requests.ask(Asked::OpenNode(node));
        stream
            .send(stanza::set_request(&id, None, pubsub::open(&name)))
            .await;
        Ok(())
    }

    /// A node was opened, or not; what belongs there is published in any case.
    pub(in crate::engine::account) async fn node_opened(
        &mut self,
        node: Node,
    ) -> Result<(), StoreError> {
        match node {
            Node::Keys => self.publish_keys(Attempt::Last).await,
            Node::Devices => self.publish_list_again().await,
        }
    }

    async fn publish_list_again(&mut self) -> Result<(), StoreError> {
        let list = self
            .stream
            .as_ref()
            .and_then(|stream| stream.keys.own_list.clone());
        match list {
            Some(list) => self.publish_list(list, Attempt::Last).await,
            None => Ok(()),
        }
    }
}
