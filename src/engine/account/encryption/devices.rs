//! Other people's devices: heard of by the events of their accounts, asked for
//! when a message is to be written, and their keys with them.
//!
//! Everything that is missing for a chat is asked for at once, so that it is
//! here after one round trip, or two when the list was not known.
//!
//! # Source
//! XEP-0384 v0.3 §4.2, §4.5; XEP-0163 §4.3.

use jid::BareJid;
use minidom::Element;

use super::super::requests::Asked;
use super::super::session::Session;
use super::{Asking, DeviceName};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, Subscription};
use crate::engine::omemo;
use crate::engine::store::devices::{self, Known, ListState};
use crate::engine::store::{contacts, conversations, requests};
use crate::engine::xmpp::namespaces::{OMEMO_BUNDLES, OMEMO_DEVICES, OMEMO_DEVICES_CHANGED};
use crate::engine::xmpp::omemo_wire::{Bundle, DeviceList};
use crate::engine::xmpp::{pubsub, stanza};

/// How many devices' keys are asked for at once; lists of strangers may name
/// thousands.
const MOST_AT_ONCE: usize = 100;

impl Session {
    /// Takes an event: somebody's list of devices has changed.
    pub(in crate::engine::account) async fn published(
        &mut self,
        changed: pubsub::Changed,
    ) -> Result<(), StoreError> {
        if OMEMO_DEVICES_CHANGED.strip_suffix("+notify") != Some(&changed.node) {
            // Nobody asked for it.
            return Ok(());
        }
        let owner = changed.owner;
        if owner != self.own && !self.is_of_interest(&owner).await? {
            tracing::debug!("A list of devices nobody asked for was left alone.");
            return Ok(());
        }
        let list = changed.payload.as_ref().map(DeviceList::read);
        if let Some(Ok(list)) = list {
            return self.take_list(owner, list).await;
        }
        // What it is now has to be asked for.
        if let Some(stream) = &mut self.stream {
            stream.keys.lists.remove(&owner);
        }
        self.ask_for_list(&owner).await;
        Ok(())
    }

    /// Returns whether somebody is a contact, or has a chat.
    async fn is_of_interest(&self, owner: &BareJid) -> Result<bool, StoreError> {
        let (account, owner) = (self.account.id, owner.to_string());
        self.context
            .store
            .read(move |connection| {
                let subscription = contacts::subscription(connection, account, &owner)?;
                // A stranger gets no question of ours (attack A18).
                Ok(subscription != Subscription::None
                    || (conversations::find(connection, account, &owner)?.is_some()
                        && !requests::is_unanswered(connection, account, &owner)?))
            })
            .await
    }

    async fn take_list(&mut self, owner: BareJid, list: DeviceList) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.keys.lists.insert(owner.clone(), Asking::Here);
        if owner == self.own {
            self.take_own_list(list).await?;
            return self.keys_changed().await;
        }
        let (account, now) = (self.account.id, self.context.clock.now());
        self.context
            .store
            .write(move |tx, changes| {
                omemo::take_list(tx, changes, (account, owner.as_str()), &list, now)?;
                Ok(())
            })
            .await?;
        self.keys_changed().await
    }

    /// Asks for somebody's list of devices, unless it is on its way.
    pub(super) async fn ask_for_list(&mut self, owner: &BareJid) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        if stream.keys.lists.get(owner) == Some(&Asking::Asked) {
            return;
        }
        stream.keys.lists.insert(owner.clone(), Asking::Asked);
        let asked = Asked::Devices(owner.clone());
        self.ask_account(owner, asked, pubsub::newest(OMEMO_DEVICES))
            .await;
    }

    /// Asks for the keys of a device, unless they are on their way.
    pub(super) async fn ask_for_keys(&mut self, owner: &BareJid, device: u32) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let name = (owner.clone(), device);
        if stream.keys.bundles.get(&name) == Some(&Asking::Asked) {
            return;
        }
        stream.keys.bundles.insert(name, Asking::Asked);
        let node = format!("{OMEMO_BUNDLES}{device}");
        self.ask_account(
            owner,
            Asked::Keys(owner.clone(), device),
            pubsub::newest(&node),
        )
        .await;
    }

    /// Asks an account for something it publishes; its own server answers.
    pub(in crate::engine::account) async fn ask_account(
        &mut self,
        owner: &BareJid,
        asked: Asked,
        query: Element,
    ) {
        let is_own = *owner == self.own;
        let Some(stream) = &mut self.stream else {
            return;
        };
        let id = if is_own {
            stream.requests.ask(asked)
        } else {
            stream.requests.ask_somebody(owner.clone(), asked)
        };
        stream
            .send(stanza::get(&id, Some(owner.as_str()), query))
            .await;
    }

    /// Takes the answer about a list of devices; `None`: none came in time.
    pub(in crate::engine::account) async fn list_answered(
        &mut self,
        owner: BareJid,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        match answer.map(list_in) {
            Some(Ok(list)) => self.take_list(owner, list).await,
            Some(Err(NoList::NeverWas)) if owner == self.own => {
                self.take_list(owner, DeviceList::default()).await
            }
            Some(Err(NoList::NeverWas)) => self.has_no_list(owner).await,
            Some(Err(NoList::NotNow)) | None => {
                // Nothing follows from that (attack A44).
                tracing::info!("A list of devices could not be read.");
                if let Some(stream) = &mut self.stream {
                    stream.keys.lists.insert(owner, Asking::Failed);
                }
                self.keys_changed().await
            }
        }
    }

    async fn has_no_list(&mut self, owner: BareJid) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.keys.lists.insert(owner.clone(), Asking::Here);
        }
        let (account, now) = (self.account.id, self.context.clock.now());
        self.context
            .store
            .write(move |tx, changes| {
                let none = DeviceList::default();
                omemo::take_list(tx, changes, (account, owner.as_str()), &none, now)?;
                Ok(())
            })
            .await?;
        self.keys_changed().await
    }

    /// Takes the answer about a device's keys; `None`: none came in time.
    pub(in crate::engine::account) async fn keys_answered(
        &mut self,
        name: DeviceName,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        let node = format!("{OMEMO_BUNDLES}{}", name.1);
        let bundle = answer
            .filter(|answer| answer.attr("type") != Some("error"))
            .and_then(|answer| pubsub::item(answer, &node))
            .and_then(|payload| Bundle::read(payload).ok());
        let is_gone = answer.is_some_and(|answer| {
            answer.attr("type") != Some("error")
                || stanza::error_of(answer).condition == "item-not-found"
        });
        if let Some(stream) = &mut self.stream {
            let asking = if bundle.is_some() {
                Asking::Here
            } else {
                Asking::Failed
            };
            stream.keys.bundles.insert(name.clone(), asking);
        }
        if name.0 == self.own && self.is_this_device(name.1).await? {
            if bundle.is_some() || is_gone {
                return self.check_own_keys(bundle.as_ref()).await;
            }
            // Unknown is not wrong: nothing is published over it.
            if let Some(stream) = &mut self.stream {
                stream.keys.is_publishing = false;
                stream.keys.are_own_keys_checked = true;
            }
            return self.mend_own_keys().await;
        }
        if bundle.is_none() && is_gone && name.0 == self.own {
            // Nobody can encrypt to it: what is left of a program that is gone.
            tracing::info!(device = name.1, "One of our devices has no keys.");
            self.remove_device(name.1).await?;
        }
        if self.mends(&name) {
            return self.mend_with(name, bundle).await;
        }
        let (account, now) = (self.account.id, self.context.clock.now());
        self.context
            .store
            .write(move |tx, changes| {
                let device = (account, name.0.as_str(), name.1);
                match bundle {
                    Some(bundle) => {
                        omemo::take_bundle(tx, changes, device, &bundle, now)?;
                    }
                    None => omemo::bundle_failed(tx, changes, device)?,
                }
                Ok(())
            })
            .await?;
        self.keys_changed().await
    }

    pub(super) async fn is_this_device(&self, device: u32) -> Result<bool, StoreError> {
        let account = self.account.id;
        let identity = self
            .context
            .store
            .read(move |connection| crate::engine::store::ratchet::identity(connection, account))
            .await?;
        Ok(identity.is_some_and(|identity| identity.device == device))
    }

    /// Asks for what is missing to encrypt to somebody. Returns whether
    /// nothing is, as far as it can be had.
    pub(super) async fn has_keys_for(&mut self, other: &BareJid) -> Result<bool, StoreError> {
        let mut is_all_here = true;
        for owner in [self.own.clone(), other.clone()] {
            let asking = self
                .stream
                .as_ref()
                .and_then(|stream| stream.keys.lists.get(&owner).copied());
            match asking {
                None if owner == self.own => {
                    // Without it nobody knows our other devices.
                    let state = self.own_list_state().await?;
                    is_all_here &= state != ListState::Unknown;
                }
                None => {
                    self.ask_for_list(&owner).await;
                    is_all_here = false;
                }
                Some(Asking::Asked) => is_all_here = false,
                Some(Asking::Here | Asking::Failed) => {}
            }
        }
        if !is_all_here {
            return Ok(false);
        }
        let missing = self.missing_keys(other).await?;
        for (owner, device) in &missing {
            self.ask_for_keys(owner, *device).await;
        }
        Ok(missing.is_empty())
    }

    /// Returns the devices whose keys have to be asked for, or are on their way.
    async fn missing_keys(&self, other: &BareJid) -> Result<Vec<DeviceName>, StoreError> {
        let Some(stream) = &self.stream else {
            return Ok(Vec::new());
        };
        let (account, own, other) = (self.account.id, self.own.clone(), other.clone());
        let missing = self
            .context
            .store
            .read(move |connection| {
                let mut missing = without_session(connection, account, &other)?;
                if own != other {
                    missing.extend(without_session(connection, account, &own)?);
                }
                Ok(missing)
            })
            .await?;
        let has_failed = |name: &DeviceName| {
            let asking = stream.keys.bundles.get(name);
            matches!(asking, Some(Asking::Failed | Asking::Here))
        };
        Ok(missing
            .into_iter()
            .filter(|name| !has_failed(name))
            .take(MOST_AT_ONCE)
            .collect())
    }

    /// Gets the keys for a chat that somebody looks at or writes in.
    pub(in crate::engine::account) async fn prepare(
        &mut self,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        let chosen = self
            .context
            .store
            .read(move |connection| {
                if requests::is_request(connection, conversation)? {
                    return Ok(None);
                }
                crate::engine::store::protection::chosen(connection, conversation)
            })
            .await?;
        let Some(other) = chosen
            .filter(|chosen| chosen.is_on)
            .and_then(|chosen| BareJid::new(&chosen.address).ok())
        else {
            return Ok(());
        };
        self.has_keys_for(&other).await.map(|_| ())
    }

    /// Something is here, or will not come: what waited for it may go on.
    pub(in crate::engine::account) async fn keys_changed(&mut self) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.keys.held.clear();
        }
        Box::pin(self.drain_outbox()).await
    }
}

/// Why an answer holds no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoList {
    /// There is none.
    NeverWas,
    /// Whether there is one is not known.
    NotNow,
}

fn list_in(answer: &Element) -> Result<DeviceList, NoList> {
    if answer.attr("type") == Some("error") {
        return match stanza::error_of(answer).condition.as_str() {
            "item-not-found" | "service-unavailable" | "feature-not-implemented" => {
                Err(NoList::NeverWas)
            }
            _ => Err(NoList::NotNow),
        };
    }
    match pubsub::item(answer, OMEMO_DEVICES) {
        Some(payload) => DeviceList::read(payload).map_err(|_| NoList::NotNow),
        None => Err(NoList::NeverWas),
    }
}

fn without_session(
    connection: &rusqlite::Connection,
    account: AccountId,
    owner: &BareJid,
) -> Result<Vec<DeviceName>, StoreError> {
    let lacks = |known: &Known| {
        let device = &known.device;
        let is_wanted = device.fingerprint.is_none() || device.trust.is_used();
        device.is_active && !device.is_this && !known.has_session && is_wanted
    };
    Ok(devices::of_address(connection, account, owner.as_str())?
        .into_iter()
        .filter(lacks)
        .map(|known| (owner.clone(), known.device.id))
        .collect())
}
