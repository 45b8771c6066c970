//! What a transaction changed, to be told after its commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::api::Change;
use crate::engine::model::{AccountId, ConversationId, MessageId};

/// Collects changes; equal ones and messages of one chat are merged.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // Which things changed; any may.
pub struct Changes {
    accounts: bool,
    preferences: bool,
    blocked: bool,
    list: bool,
    conversations: BTreeSet<ConversationId>,
    messages: BTreeMap<ConversationId, BTreeSet<MessageId>>,
    contacts: BTreeSet<AccountId>,
    devices: BTreeSet<(AccountId, String)>,
    gaps: BTreeSet<AccountId>,
    everything: bool,
}

impl Changes {
    /// Notes one change.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::Accounts => self.accounts = true,
            Change::Preferences => self.preferences = true,
            Change::Blocked => self.blocked = true,
            Change::ConversationList => self.list = true,
            Change::Conversation(id) => {
                self.conversations.insert(id);
            }
            Change::Messages { conversation, ids } => {
                self.messages.entry(conversation).or_default().extend(ids);
            }
            Change::Contacts(account) => {
                self.contacts.insert(account);
            }
            Change::Devices { account, address } => {
                self.devices.insert((account, address));
            }
            Change::Gaps(account) => {
                self.gaps.insert(account);
            }
            Change::Everything => self.everything = true,
        }
    }

    /// Notes that one message was added, changed or removed.
    pub fn message(&mut self, conversation: ConversationId, id: MessageId) {
        self.messages.entry(conversation).or_default().insert(id);
    }

    /// Returns what to tell, the coarse before the fine.
    pub(super) fn into_list(self) -> Vec<Change> {
        if self.everything {
            return vec![Change::Everything];
        }
        let accounts = self.accounts.then_some(Change::Accounts);
        let preferences = self.preferences.then_some(Change::Preferences);
        let blocked = self.blocked.then_some(Change::Blocked);
        let contacts = self.contacts.into_iter().map(Change::Contacts);
        let devices = self.devices.into_iter();
        let devices = devices.map(|(account, address)| Change::Devices { account, address });
        let gaps = self.gaps.into_iter().map(Change::Gaps);
        let list = self.list.then_some(Change::ConversationList);
        let conversations = self.conversations.into_iter().map(Change::Conversation);
        let messages = self
            .messages
            .into_iter()
            .map(|(conversation, ids)| Change::Messages {
                conversation,
                ids: ids.into_iter().collect(),
            });
        accounts
            .into_iter()
            .chain(preferences)
            .chain(blocked)
            .chain(contacts)
            .chain(list)
            .chain(conversations)
            .chain(messages)
            .chain(gaps)
            .chain(devices)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_one_chat_become_one_change() {
        let mut changes = Changes::default();
        changes.message(ConversationId(1), MessageId(8));
        changes.add(Change::Messages {
            conversation: ConversationId(1),
            ids: vec![MessageId(9), MessageId(8)],
        });
        changes.add(Change::ConversationList);
        changes.add(Change::ConversationList);

        assert_eq!(
            changes.into_list(),
            [
                Change::ConversationList,
                Change::Messages {
                    conversation: ConversationId(1),
                    ids: vec![MessageId(8), MessageId(9)],
                },
            ]
        );
    }

    #[test]
    fn everything_needs_no_details() {
        let mut changes = Changes::default();
        changes.add(Change::Accounts);
        changes.add(Change::Everything);

        assert_eq!(changes.into_list(), [Change::Everything]);
    }
}
