//! The contact list as it changes.
//!
//! A change of the list counts only when our own server sends it (attack A1).
//!
//! # Source
//! RFC 6121 §2.1.6 (pushes), §3.4 (letting somebody see us before they ask);
//! XEP-0379 §3.4.

use std::time::Duration;

use jid::BareJid;
use minidom::Element;

use super::requests::Asked;
use super::session::Session;
use crate::engine::api::NotTaken;
use crate::engine::error::StoreError;
use crate::engine::model::{Contact, Timestamp};
use crate::engine::store::{accounts, approvals, contacts, requests};
use crate::engine::text;
use crate::engine::xmpp::roster::Entry;
use crate::engine::xmpp::{presence, roster, stanza};

/// How long somebody has to ask for what the user allowed them before.
const APPROVED_FOR: Duration = Duration::from_hours(30 * 24);

/// What the contact list is to say of somebody, and what else goes with it for
/// somebody new.
#[derive(Debug)]
pub(super) struct PutContact {
    /// What the list says.
    pub entry: Entry,
    /// From an invitation of theirs; empty: there is none.
    pub token: String,
    /// They may see when the user is around.
    pub lets_see: bool,
}

/// What follows when somebody new stands in the contact list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asking {
    address: String,
    token: String,
    lets_see: bool,
}

impl Session {
    /// Lets the contact list say something of somebody.
    pub(super) async fn put_contact(&mut self, put: PutContact) -> Result<(), StoreError> {
        let entry = put.entry;
        let Ok(whose) = BareJid::new(&entry.address) else {
            self.not_taken(NotTaken::Refused);
            return Ok(());
        };
        let (account, address) = (self.account.id, whose.to_string());
        let known = self
            .context
            .store
            .read(move |connection| contacts::get(connection, account, &address))
            .await?;
        // A contact was asked when they were added; once more is up to the user.
        let asks = known.is_none().then(|| Asking {
            address: whose.to_string(),
            token: put.token,
            lets_see: put.lets_see,
        });
        let entry = Entry {
            address: whose.to_string(),
            name: text::name(&entry.name),
            labels: entry.labels,
            subscription: entry.subscription,
        };
        self.set(Asked::ContactChange(asks), roster::put(&entry))
            .await;
        Ok(())
    }

    /// Takes somebody out of the contact list.
    pub(super) async fn remove_contact(&mut self, address: String) {
        let asked = Asked::ContactChange(None);
        self.set(asked, roster::remove(&address)).await;
    }

    /// The contact list says what the user wanted; the change itself comes as
    /// to all our devices.
    pub(super) async fn contact_changed(&mut self, asks: Option<Asking>) -> Result<(), StoreError> {
        let (Some(asking), Some(stream)) = (asks, &mut self.stream) else {
            return Ok(());
        };
        let address = asking.address;
        stream.send(presence::ask(&address, &asking.token)).await;
        if !asking.lets_see {
            return Ok(());
        }
        let (account, whose) = (self.account.id, address.clone());
        let keeps_it = stream.offers.pre_approval;
        let until = self.context.clock.now() + APPROVED_FOR.as_millis() as Timestamp;
        let has_asked = self
            .context
            .store
            .write(move |tx, changes| {
                let has_asked = requests::granted(tx, changes, account, &whose)?;
                if !has_asked && !keeps_it {
                    approvals::approve(tx, account, &whose, until)?;
                }
                Ok(has_asked)
            })
            .await?;
        // A server that does not keep it would not understand it before they ask.
        if let Some(stream) = self.stream.as_mut().filter(|_| has_asked || keeps_it) {
            stream.send(presence::grant(&address)).await;
        }
        Ok(())
    }

    /// Takes a change of the contact list. Returns whether it was ours to take.
    pub(super) async fn contact_list_change(&mut self, push: &Element) -> Result<bool, StoreError> {
        if !stanza::is_from_own_account(push, &self.own) {
            tracing::warn!("Somebody else tried to change the contact list.");
            return Ok(false);
        }
        let Some(change) = roster::entries(push) else {
            return Ok(false);
        };
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| {
                for entry in &change.entries {
                    match entry.subscription {
                        Some(subscription) => contacts::put(
                            tx,
                            changes,
                            &Contact {
                                nickname: String::new(),
                                picture: String::new(),
                                account,
                                address: entry.address.clone(),
                                name: entry.name.clone(),
                                subscription,
                                labels: entry.labels.clone(),
                            },
                        )?,
                        None => contacts::remove(tx, changes, account, &entry.address)?,
                    }
                }
                accounts::set_roster_version(tx, account, &change.version)
            })
            .await?;
        Ok(true)
    }
}
