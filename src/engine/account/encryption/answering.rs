//! What is sent back without the user: keys to whoever began a session with
//! us, a sign of life to who wrote much, and new keys where the old ones no
//! longer fit.
//!
//! Nothing of that leaves before everything that was missed has come: an
//! archive that is read again would else be answered again (attack A45). A
//! session is mended once for each device and run, or when the user wants it.
//! Who may not know that we are here gets no answer at all.
//!
//! # Source
//! XEP-0384 v0.3 §4.6 (keys without a message), v0.8 §5.4 (sign of life).

use std::collections::BTreeSet;

use jid::BareJid;

use super::super::requests::random_id;
use super::super::session::Session;
use super::{Asking, DeviceName};
use crate::engine::error::StoreError;
use crate::engine::model::MessageId;
use crate::engine::omemo;
use crate::engine::store::columns::Part;
use crate::engine::store::{contacts, conversations, devices, messages, protection, requests};
use crate::engine::xmpp::message;
use crate::engine::xmpp::omemo_wire::Bundle;

/// How many devices are answered in one go; what an archive holds is no reason
/// to flood anybody.
const MOST_AT_ONCE: usize = 50;

/// What is to be answered.
#[derive(Debug, Default)]
pub(in crate::engine::account) struct Answers {
    /// They wait for a message of ours.
    keys: BTreeSet<DeviceName>,
    /// The keys of both sides do not fit.
    broken: BTreeSet<DeviceName>,
    /// Their keys were asked for, to begin anew.
    mending: BTreeSet<DeviceName>,
    /// One-time keys of ours were used.
    has_used_keys: bool,
}

impl Answers {
    /// Takes in what another arrival asks for.
    pub fn merge(&mut self, others: Self) {
        self.keys.extend(others.keys);
        self.broken.extend(others.broken);
        self.mending.extend(others.mending);
        self.has_used_keys |= others.has_used_keys;
    }

    /// Notes that a device waits for a message of ours.
    pub fn owes_keys(&mut self, device: DeviceName) {
        self.keys.insert(device);
    }

    /// Notes that the session with a device is broken.
    pub fn is_broken(&mut self, device: DeviceName) {
        self.broken.insert(device);
    }

    /// Notes that one of our one-time keys was used.
    pub fn used_a_key(&mut self) {
        self.has_used_keys = true;
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.broken.is_empty() && !self.has_used_keys
    }
}

/// The devices with which a session was mended by itself in this run.
pub(in crate::engine::account) type MendedInThisRun = BTreeSet<DeviceName>;

impl Session {
    /// Takes what came sealed asks for; answers now, or once nothing is missing.
    pub(in crate::engine::account) async fn owes_answers(
        &mut self,
        answers: Answers,
    ) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.keys.answers.merge(answers);
        if stream.is_caught_up {
            return self.answer().await;
        }
        Ok(())
    }

    /// Answers what waited until nothing is missing.
    pub(in crate::engine::account) async fn answer(&mut self) -> Result<(), StoreError> {
        let wished = std::mem::take(&mut self.wished_repairs);
        for message in wished {
            self.repair(message).await?;
        }
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        if stream.keys.answers.is_empty() {
            return Ok(());
        }
        let answers = &mut stream.keys.answers;
        let keys = std::mem::take(&mut answers.keys);
        let broken = std::mem::take(&mut answers.broken);
        if std::mem::take(&mut answers.has_used_keys) {
            let account = self.account.id;
            self.context
                .store
                .write(move |tx, _| Ok(omemo::refill(tx, account)?))
                .await?;
            self.mend_own_keys().await?;
        }
        for device in keys.into_iter().take(MOST_AT_ONCE) {
            if !broken.contains(&device) && self.may_answer(&device.0).await? {
                self.send_keys(device).await?;
            }
        }
        for device in broken.into_iter().take(MOST_AT_ONCE) {
            if self.may_answer(&device.0).await? && self.mended.insert(device.clone()) {
                self.mend(device).await;
            }
        }
        Ok(())
    }

    /// Returns whether somebody may learn that we are here: ourselves, who sees
    /// our presence, and whom the user has written to.
    async fn may_answer(&self, other: &BareJid) -> Result<bool, StoreError> {
        if *other == self.own {
            return Ok(true);
        }
        let (account, other) = (self.account.id, other.to_string());
        self.context
            .store
            .read(move |connection| {
                if contacts::subscription(connection, account, &other)?.shows_us() {
                    return Ok(true);
                }
                match conversations::find(connection, account, &other)? {
                    Some(chat) => messages::has_written(connection, chat),
                    None => Ok(false),
                }
            })
            .await
    }

    /// Sends a message without content, so that the other side's ratchet turns.
    async fn send_keys(&mut self, device: DeviceName) -> Result<(), StoreError> {
        let account = self.account.id;
        let (owner, number) = device.clone();
        let sealed = self
            .context
            .store
            .write(
                move |tx, _| match devices::get(tx, account, owner.as_str(), number)? {
                    Some(known) => Ok(omemo::seal_for(tx, account, known.row)?),
                    None => Ok(None),
                },
            )
            .await?;
        if let (Some(sealed), Some(stream)) = (sealed, &mut self.stream) {
            let stanza = message::keys(device.0.as_str(), &random_id(), sealed.write());
            stream.answer(&device.0, stanza).await;
        }
        Ok(())
    }

    /// Begins anew with a device: its keys come first.
    async fn mend(&mut self, device: DeviceName) {
        tracing::info!(number = device.1, "A session is broken and is mended.");
        if let Some(stream) = &mut self.stream {
            stream.keys.answers.mending.insert(device.clone());
            if stream.keys.bundles.get(&device) != Some(&Asking::Asked) {
                stream.keys.bundles.remove(&device);
            }
        }
        self.ask_for_keys(&device.0, device.1).await;
    }

    /// Returns whether a device's keys were asked for to begin anew with it.
    pub(super) fn mends(&self, device: &DeviceName) -> bool {
        self.stream
            .as_ref()
            .is_some_and(|stream| stream.keys.answers.mending.contains(device))
    }

    /// Begins anew with a device, and lets it know.
    pub(super) async fn mend_with(
        &mut self,
        device: DeviceName,
        bundle: Option<Bundle>,
    ) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.keys.answers.mending.remove(&device);
        }
        let Some(bundle) = bundle else {
            tracing::info!("The keys to begin anew with could not be read.");
            return Ok(());
        };
        let (account, now) = (self.account.id, self.context.clock.now());
        let (owner, number) = device.clone();
        let is_renewed = self
            .context
            .store
            .write(move |tx, changes| {
                let device = (account, owner.as_str(), number);
                Ok(omemo::mend(tx, changes, device, &bundle, now)?)
            })
            .await?;
        if is_renewed {
            self.send_keys(device).await?;
        }
        self.keys_changed().await
    }

    /// Mends the session with whoever wrote a message that cannot be read, as
    /// the user wants it; later, if we are not online.
    pub(in crate::engine::account) async fn repair(
        &mut self,
        message: MessageId,
    ) -> Result<(), StoreError> {
        if !self
            .stream
            .as_ref()
            .is_some_and(|stream| stream.is_caught_up)
        {
            self.wished_repairs.insert(message);
            return Ok(());
        }
        let account = self.account.id;
        let sender = self
            .context
            .store
            .read(move |connection| {
                let parts = protection::parts(connection, message)?;
                let sender = parts.iter().find(|(_, part)| *part == Part::From);
                let Some((row, _)) = sender else {
                    return Ok(None);
                };
                let known = devices::by_row(connection, *row)?;
                let is_unanswered = match &known {
                    Some((address, _)) => requests::is_unanswered(connection, account, address)?,
                    None => false,
                };
                Ok(known.filter(|_| !is_unanswered))
            })
            .await?;
        let Some((address, known)) = sender else {
            tracing::info!("Who wrote the message is not known.");
            return Ok(());
        };
        if let Ok(owner) = BareJid::new(&address) {
            self.mend((owner, known.device.id)).await;
        }
        Ok(())
    }
}
