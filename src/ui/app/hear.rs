//! From a batch of events to the children that show what it is about.

use relm4::ComponentSender;

use super::pages::show_toast;
use super::route::Batch;
use super::{App, AppWidgets};
use crate::ui::conversation::ConversationMsg;
use crate::ui::details::DetailsMsg;
use crate::ui::errors;
use crate::ui::requests::RequestsMsg;
use crate::ui::sidebar::SidebarMsg;

impl App {
    pub(super) fn hear(
        &mut self,
        batch: Batch,
        widgets: &AppWidgets,
        sender: &ComponentSender<Self>,
    ) {
        let open = self.open.as_ref().map(|open| open.id);
        if batch.accounts || batch.everything {
            self.read_accounts(sender);
        }
        if batch.chats || batch.everything {
            self.tell_list(SidebarMsg::Changed);
            self.tell_details(DetailsMsg::Changed);
            self.tell_requests(RequestsMsg::Changed);
            self.look_after_notifications(&batch.lines, batch.everything, sender);
        }
        if batch.blocked || batch.everything {
            self.read_blocked(sender);
        }
        self.tell_desktop(batch.new, sender);
        Self::say_not_blocked(widgets, &batch.not_blocked);
        Self::say_not_reported(widgets, &batch.not_reported);
        if batch.preferences || batch.everything {
            self.read_preferences(sender);
            self.tell_chat(ConversationMsg::Preferences);
            self.tell_details(DetailsMsg::Changed);
        }
        if batch.everything {
            self.store_trouble = self.engine_trouble();
            self.tell_chat(ConversationMsg::Reload);
        } else {
            if open.is_some_and(|open| batch.lines.contains(&open)) {
                self.tell_chat(ConversationMsg::LineChanged);
            }
            if let Some(ids) = open.and_then(|open| batch.messages.get(&open)) {
                self.tell_chat(ConversationMsg::Changed(ids.iter().copied().collect()));
            }
        }
        let account = self.open.as_ref().map(|open| open.account);
        if account.is_some_and(|account| batch.gaps.contains(&account)) {
            self.tell_chat(ConversationMsg::Gaps);
        }
        if account.is_some_and(|account| batch.devices.iter().any(|(whose, _)| *whose == account)) {
            self.tell_chat(ConversationMsg::Devices);
        }
        if !batch.devices.is_empty() {
            self.tell_details(DetailsMsg::Changed);
        }
        if !batch.devices.is_empty() || batch.everything {
            self.read_new_devices(sender);
        }
        self.identities.extend(batch.identities);
        self.tell_new_identities(widgets);
        if !batch.messages.is_empty() || batch.everything {
            self.read_waiting(sender);
        }
        for (conversation, is_composing) in batch.typing {
            self.tell_list(SidebarMsg::Typing(conversation, is_composing));
            if open == Some(conversation) {
                self.tell_chat(ConversationMsg::Typing(is_composing));
            }
        }
        if !batch.presences.is_empty() || !batch.connections.is_empty() {
            self.tell_details(DetailsMsg::Presence);
        }
        for ((account, address), presence) in batch.presences {
            if self
                .open
                .as_ref()
                .is_some_and(|open| open.account == account && open.address == address)
            {
                self.tell_chat(ConversationMsg::Presence(presence));
            }
            self.tell_list(SidebarMsg::Presence(account, address, presence));
        }
        for (account, lacks) in batch.lacks {
            self.read_lacks(account, lacks, sender);
        }
        for (account, state) in batch.connections {
            self.connection_changed(account, state);
        }
        if let Some(keeping) = batch.keeping {
            self.store_trouble = keeping.err();
        }
        self.passwords.extend(batch.passwords);
        self.ask_where_passwords_go(widgets);
        for why in batch.not_taken {
            show_toast(widgets, &errors::not_taken(why));
        }
        for (conversation, body) in batch.not_kept {
            self.tell_chat(ConversationMsg::GiveBack(conversation, body));
        }
        self.show_banner();
    }
}
