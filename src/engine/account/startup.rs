//! After a fresh sign-in: everything is asked for at once, then the archive read.
//!
//! The requests leave back to back without waiting for answers. Presence
//! goes out with them, so that contacts see us at once; what the server kept
//! for us comes in as live messages and is recognised by its archive id.
//!
//! # Source
//! RFC 6121 §2.1.3 and §4.2, XEP-0280 §4, XEP-0030 (account features, XEP-0313 §2).

use super::opening::Opening;
use super::requests::Asked;
use super::session::Session;
use crate::engine::api::{Event, NotTaken};
use crate::engine::error::StoreError;
use crate::engine::model::{ConnectionState, Contact};
use crate::engine::store::{accounts, contacts};
use crate::engine::xmpp::{discovery, namespaces, roster, stanza};
use minidom::Element;

impl Session {
    /// Begins a stream with what the link has sent by now, or will before
    /// anything else; without that, sends it.
    pub(super) async fn start_up(&mut self, sent: Option<Opening>) -> Result<(), StoreError> {
        self.state(ConnectionState::CatchingUp);
        if let Some(sent) = sent {
            if let Some(stream) = &mut self.stream {
                stream.begins_with(sent);
            }
            return Ok(());
        }
        let opening = self.make_opening().await?;
        if let Some(stream) = &mut self.stream {
            stream.begin_with(opening).await;
        }
        Ok(())
    }

    /// Asks what our account's server can do; the answer starts the catching up.
    pub(super) async fn ask_for_features(&mut self) {
        let own = self.own.to_string();
        let Some(stream) = &mut self.stream else {
            return;
        };
        let id = stream.requests.ask(Asked::AccountFeatures);
        stream
            .send(stanza::get(&id, Some(&own), discovery::query()))
            .await;
    }

    /// Handles an answer that was awaited.
    pub(super) async fn answered(
        &mut self,
        asked: Asked,
        answer: &Element,
    ) -> Result<(), StoreError> {
        let is_error = answer.attr("type") == Some("error");
        match asked {
            Asked::ContactList if !is_error => self.take_contact_list(answer).await,
            Asked::ContactList => {
                tracing::warn!("The server gives no contact list.");
                Ok(())
            }
            Asked::Copies => {
                if let Some(stream) = &mut self.stream {
                    // Binding may have begun them; a second time is no news.
                    stream.lacks.copies = is_error && !stream.has_copies;
                }
                Ok(())
            }
            Asked::AccountFeatures if is_error && !is_unknown_here(answer) => {
                tracing::info!("The server does not say now what it can do.");
                self.archive_stays_unknown().await
            }
            Asked::AccountFeatures => {
                let features = discovery::features(answer);
                let Some(stream) = &mut self.stream else {
                    return Ok(());
                };
                stream.lacks.archive = is_error || !features.contains(namespaces::ARCHIVE);
                self.tell_lacks();
                let publishes = discovery::publishes(answer);
                self.keys_begin(publishes).await?;
                self.archive_is_known().await?;
                self.reading_begins(&features, publishes).await;
                if publishes && features.contains(namespaces::PUBLISH_OPTIONS) {
                    // What is older than that blocks nobody either.
                    self.ask_for_blocked().await;
                }
                Ok(())
            }
            Asked::ArchivePage(query_id) => self.page_ended(&query_id, answer).await,
            Asked::SignOfLife(number) => self.acknowledged(number).await,
            Asked::Devices(owner) => self.list_answered(owner, Some(answer)).await,
            Asked::Keys(owner, device) => self.keys_answered((owner, device), Some(answer)).await,
            Asked::OwnKeys(attempt) => self.own_keys_published(attempt, Some(answer)).await,
            Asked::OwnDevices(attempt) => self.own_list_published(attempt, Some(answer)).await,
            Asked::OpenNode(node) => self.node_opened(node).await,
            Asked::Profile(owner, node) => self.profile_answered(owner, &node, answer).await,
            Asked::Picture(wanted) => self.picture_answered(wanted, Some(answer)).await,
            Asked::OwnPicture(_)
            | Asked::OwnMetadata(_)
            | Asked::OwnNickname(_)
            | Asked::ContactChange(_)
                if is_error =>
            {
                self.not_taken(NotTaken::Refused);
                Ok(())
            }
            Asked::ContactChange(asks) => self.contact_changed(asks).await,
            Asked::OwnPicture(picture) => {
                self.tell_picture(Some(picture)).await;
                Ok(())
            }
            Asked::OwnMetadata(picture) => self.picture_is_told(picture).await,
            Asked::OwnNickname(nickname) => self.nickname_is_told(nickname).await,
            Asked::Removal => Ok(()),
            Asked::ReadElsewhere => self.read_elsewhere_came(Some(answer)).await,
            Asked::PrivateNodes => {
                let features = discovery::features(answer);
                self.reading_begins(&features, discovery::publishes(answer))
                    .await;
                Ok(())
            }
            Asked::TellRead(chat) => self.read_was_told(chat, Some(answer)).await,
            Asked::ReadNodeSetUp => {
                self.read_node_is(Some(answer)).await;
                Ok(())
            }
            Asked::CloseReadNode => {
                self.read_node_closed(Some(answer)).await;
                Ok(())
            }
            Asked::Blocked => self.blocked_came(answer).await,
            Asked::ServerFeatures => self.server_features_came(Some(answer)).await,
            Asked::Block(address, is_block) => {
                self.block_answered(address, is_block, Some(answer)).await
            }
        }
    }

    /// The answer about copies came before the one about features, in the order
    /// of the questions; so by now all is known.
    pub(super) fn tell_lacks(&self) {
        let Some(lacks) = self.stream.as_ref().map(|stream| stream.lacks) else {
            return;
        };
        let account = self.account.id;
        let has_changed = self
            .context
            .lacks
            .send_if_modified(|known| known.insert(account, lacks).unwrap_or_default() != lacks);
        if has_changed {
            tracing::info!(?lacks, "The server lacks something.");
            self.context.tell(Event::ServerLacks { account, lacks });
        }
    }

    /// Goes on without an answer that did not come.
    pub(super) async fn unanswered(&mut self, asked: Asked) -> Result<(), StoreError> {
        match asked {
            // Whether there is an archive is not known, so it may hold something.
            Asked::AccountFeatures => self.archive_stays_unknown().await,
            Asked::ArchivePage(query_id) => self.page_failed(&query_id).await,
            Asked::Devices(owner) => self.list_answered(owner, None).await,
            Asked::Keys(owner, device) => self.keys_answered((owner, device), None).await,
            Asked::OwnKeys(attempt) => self.own_keys_published(attempt, None).await,
            Asked::OwnDevices(attempt) => self.own_list_published(attempt, None).await,
            Asked::OpenNode(node) => self.node_opened(node).await,
            Asked::Picture(wanted) => self.picture_answered(wanted, None).await,
            Asked::OwnPicture(_)
            | Asked::OwnMetadata(_)
            | Asked::OwnNickname(_)
            | Asked::ContactChange(_) => {
                self.not_taken(NotTaken::Refused);
                Ok(())
            }
            Asked::ReadElsewhere => self.read_elsewhere_came(None).await,
            Asked::TellRead(chat) => self.read_was_told(chat, None).await,
            Asked::ReadNodeSetUp => {
                self.read_node_is(None).await;
                Ok(())
            }
            Asked::CloseReadNode => {
                self.read_node_closed(None).await;
                Ok(())
            }
            Asked::Block(address, is_block) => self.block_answered(address, is_block, None).await,
            Asked::ServerFeatures => self.server_features_came(None).await,
            Asked::ContactList
            | Asked::Copies
            | Asked::SignOfLife(_)
            | Asked::Profile(..)
            | Asked::Removal
            | Asked::PrivateNodes
            | Asked::Blocked => Ok(()),
        }
    }

    async fn take_contact_list(&mut self, answer: &Element) -> Result<(), StoreError> {
        // Without a list in the answer, the one we have is still right (RFC 6121 §2.6.3).
        let Some(list) = roster::entries(answer) else {
            return Ok(());
        };
        let account = self.account.id;
        let people: Vec<Contact> = list
            .entries
            .into_iter()
            .filter_map(|entry| {
                Some(Contact {
                    nickname: String::new(),
                    picture: String::new(),
                    account,
                    address: entry.address,
                    name: entry.name,
                    subscription: entry.subscription?,
                    labels: entry.labels,
                })
            })
            .collect();
        self.context
            .store
            .write(move |tx, changes| {
                contacts::replace_all(tx, changes, account, &people)?;
                accounts::set_roster_version(tx, account, &list.version)
            })
            .await
    }
}

/// Returns whether a server refused a question that it will never answer; any
/// other error may have passed a moment later.
fn is_unknown_here(answer: &Element) -> bool {
    matches!(
        stanza::error_of(answer).condition.as_str(),
        "feature-not-implemented" | "item-not-found" | "service-unavailable"
    )
}
