//! From the engine's events to who has to hear of them.
//!
//! Pure. What is in the channel is taken at once and merged: fifty messages of
//! an archive page lead to one reading, not to fifty.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::api::{Change, Event, NewIdentity, NotTaken};
use crate::engine::error::StoreTrouble;
use crate::engine::model::{
    AccountId, ConnectionState, ConversationId, MessageId, PasswordTrouble, Presence, ServerLacks,
};

/// What a number of events come to.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts independent of each other"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Read everything that is shown again.
    pub everything: bool,
    /// The accounts changed.
    pub accounts: bool,
    /// What the user set changed.
    pub preferences: bool,
    /// Who is blocked changed.
    pub blocked: bool,
    /// The chat list changed.
    pub chats: bool,
    /// Lines of these chats changed.
    pub lines: BTreeSet<ConversationId>,
    /// Messages changed.
    pub messages: BTreeMap<ConversationId, BTreeSet<MessageId>>,
    /// New messages that are worth telling the user of, in the order they came.
    pub new: Vec<(ConversationId, MessageId)>,
    /// What is missing of these accounts' messages changed.
    pub gaps: BTreeSet<AccountId>,
    /// The newest state of each connection that changed.
    pub connections: BTreeMap<AccountId, ConnectionState>,
    /// Who writes now, or no longer.
    pub typing: BTreeMap<ConversationId, bool>,
    /// Who came or left.
    pub presences: BTreeMap<(AccountId, String), Presence>,
    /// What servers turned out to lack.
    pub lacks: BTreeMap<AccountId, ServerLacks>,
    /// Whether everything can be kept now, or why nothing can; `None`: no news.
    pub keeping: Option<Result<(), StoreTrouble>>,
    /// Passwords that could not be kept, and why.
    pub passwords: BTreeMap<AccountId, PasswordTrouble>,
    /// Whose devices changed.
    pub devices: BTreeSet<(AccountId, String)>,
    /// Accounts that have new keys on this device, and why.
    pub identities: Vec<(AccountId, NewIdentity)>,
    /// Why servers did not take what the user wanted them to.
    pub not_taken: Vec<NotTaken>,
    /// Whom a server did not block, or let in again.
    pub not_blocked: Vec<String>,
    /// Who was blocked without the report that was wished for.
    pub not_reported: Vec<String>,
    /// What was sent but could not be kept.
    pub not_kept: Vec<(ConversationId, String)>,
}

impl Batch {
    /// Adds an event.
    pub fn add(&mut self, event: Event) {
        match event {
            Event::Changed(changes) => {
                for change in changes {
                    self.add_change(change);
                }
            }
            Event::Connection { account, state } => {
                self.connections.insert(account, state);
            }
            Event::Typing {
                conversation,
                is_composing,
            } => {
                self.typing.insert(conversation, is_composing);
            }
            Event::Presence {
                account,
                address,
                presence,
            } => {
                self.presences.insert((account, address), presence);
            }
            Event::ServerLacks { account, lacks } => {
                self.lacks.insert(account, lacks);
            }
            Event::NewIdentity { account, why } => self.identities.push((account, why)),
            Event::Notify {
                conversation,
                message,
            } => self.new.push((conversation, message)),
            // The page about what protects an account listens by itself.
            Event::Security { .. } => {}
            Event::StoreTrouble(trouble) => self.keeping = Some(trouble.map_or(Ok(()), Err)),
            Event::PasswordNotKept { account, trouble } => {
                self.passwords.insert(account, trouble);
            }
            Event::NotTaken { why, .. } => self.not_taken.push(why),
            Event::NotKept { conversation, body } => self.not_kept.push((conversation, body)),
            Event::NotBlocked { address, .. } => self.not_blocked.push(address),
            Event::NotReported { address, .. } => self.not_reported.push(address),
        }
    }

    /// Returns how many messages changed.
    pub fn message_count(&self) -> usize {
        self.messages.values().map(BTreeSet::len).sum()
    }

    /// Takes note that events were missed.
    pub fn lagged(&mut self) {
        self.everything = true;
    }

    fn add_change(&mut self, change: Change) {
        match change {
            Change::Accounts => self.accounts = true,
            Change::ConversationList => self.chats = true,
            Change::Conversation(id) => {
                self.chats = true;
                self.lines.insert(id);
            }
            Change::Messages { conversation, ids } => {
                self.messages.entry(conversation).or_default().extend(ids);
            }
            Change::Gaps(account) => {
                self.gaps.insert(account);
            }
            // A contact's name is the chat's name.
            Change::Contacts(_) => {
                self.chats = true;
                self.everything = true;
            }
            Change::Devices { account, address } => {
                self.devices.insert((account, address));
            }
            Change::Preferences => self.preferences = true,
            Change::Blocked => self.blocked = true,
            Change::Everything => self.everything = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(conversation: i64, ids: &[i64]) -> Event {
        Event::Changed(vec![Change::Messages {
            conversation: ConversationId(conversation),
            ids: ids.iter().copied().map(MessageId).collect(),
        }])
    }

    #[test]
    fn messages_of_one_chat_come_together() {
        let mut batch = Batch::default();

        batch.add(messages(1, &[5, 6]));
        batch.add(messages(1, &[6, 7]));
        batch.add(messages(2, &[9]));

        assert_eq!(
            batch.messages[&ConversationId(1)],
            [5, 6, 7].map(MessageId).into()
        );
        assert_eq!(batch.messages.len(), 2);
    }

    #[test]
    fn only_the_newest_state_of_a_connection_counts() {
        let mut batch = Batch::default();

        for state in [ConnectionState::Connecting, ConnectionState::Online] {
            batch.add(Event::Connection {
                account: AccountId(1),
                state,
            });
        }

        assert_eq!(batch.connections[&AccountId(1)], ConnectionState::Online);
    }

    #[test]
    fn a_line_of_the_list_also_concerns_the_list() {
        let mut batch = Batch::default();

        batch.add(Event::Changed(vec![Change::Conversation(ConversationId(
            3,
        ))]));

        assert!(batch.chats);
        assert!(batch.lines.contains(&ConversationId(3)));
    }

    #[test]
    fn missed_events_mean_everything() {
        let mut batch = Batch::default();

        batch.lagged();

        assert!(batch.everything);
    }
}
