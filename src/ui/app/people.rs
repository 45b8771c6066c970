//! The page of requests, and blocking: what the user decides about people.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Component, ComponentController, ComponentSender, adw};

use super::message::{AppMsg, AppRead};
use super::pages::show_toast;
use super::{App, AppWidgets};
use crate::engine::api::Command;
use crate::engine::model::{AccountId, ConversationId};
use crate::ui::conversation::ConversationMsg;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::requests::{Requests, RequestsMsg, RequestsOutput};
use crate::ui::sidebar::{SidebarMsg, requests};
use crate::ui::widgets::block_question;

/// How long declining can be undone, in seconds.
const UNDO: u32 = 10;

impl App {
    /// Shows the page of requests where a chat would stand.
    pub(super) fn show_requests(&mut self, widgets: &AppWidgets, sender: &ComponentSender<Self>) {
        let Some(parts) = &self.parts else { return };
        if self.requests.is_none() {
            let page = Requests::builder().launch(parts.engine.clone()).forward(
                sender.input_sender(),
                |output| match output {
                    RequestsOutput::Accepted(id) => AppMsg::AcceptRequest(id),
                    RequestsOutput::Declining(ids) => AppMsg::Decline(ids),
                    RequestsOutput::Block(account, address, name) => AppMsg::AskToBlock {
                        account,
                        address,
                        name,
                        is_report: true,
                    },
                    RequestsOutput::Trouble(error) => AppMsg::Trouble(error),
                },
            );
            self.requests = Some(page);
        }
        self.open = None;
        self.tell_chat(ConversationMsg::Open(None));
        self.tell_list(SidebarMsg::Open(Some(requests::ROW)));
        if let Some(page) = &self.requests {
            widgets.chat_page.set_child(Some(page.widget()));
            widgets.split.set_show_content(true);
            page.emit(RequestsMsg::Focus);
        }
    }

    /// Puts the chat back to where the page of requests stood.
    pub(super) fn leave_requests(&self, widgets: &AppWidgets) {
        if let Some(parts) = &self.parts
            && self.requests_are_shown(widgets)
        {
            widgets
                .chat_page
                .set_child(Some(parts.conversation.widget()));
        }
    }

    pub(super) fn requests_are_shown(&self, widgets: &AppWidgets) -> bool {
        let page = self.requests.as_ref().map(|page| page.widget().clone());
        page.is_some_and(|page| widgets.chat_page.child() == Some(page.upcast()))
    }

    /// Lets somebody in and shows what they wrote.
    pub(super) fn accept_request(&self, id: ConversationId) {
        self.command(Command::AcceptRequest(id));
        self.tell_list(SidebarMsg::OpenSoon(id));
    }

    /// Declines people unless the user thinks better of it in time. Nothing is
    /// sent before.
    pub(super) fn decline(
        &self,
        ids: Vec<ConversationId>,
        widgets: &AppWidgets,
        sender: &ComponentSender<Self>,
    ) {
        let Some(parts) = &self.parts else { return };
        if ids.is_empty() {
            return;
        }
        let people = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let title = count(
            "{count} request declined.",
            "{count} requests declined.",
            people,
        );
        let toast = adw::Toast::builder()
            .title(glib::markup_escape_text(&title))
            .button_label(gettext("_Undo"))
            .timeout(UNDO)
            .build();
        let is_undone = Rc::new(Cell::new(false));
        let (undone, input, undo) = (
            is_undone.clone(),
            sender.input_sender().clone(),
            ids.clone(),
        );
        toast.connect_button_clicked(move |_| {
            undone.set(true);
            // The window may be closing.
            let _ = input.send(AppMsg::Undecline(undo.clone()));
        });
        let engine = parts.engine.clone();
        toast.connect_dismissed(move |_| {
            if !is_undone.get() {
                engine.command(Command::DeclineRequests(ids.clone()));
            }
        });
        widgets.toasts.add_toast(toast);
    }

    pub(super) fn undecline(&self, ids: Vec<ConversationId>) {
        self.tell_requests(RequestsMsg::Undone(ids));
    }

    pub(super) fn tell_requests(&self, message: RequestsMsg) {
        if let Some(page) = &self.requests {
            // The window may be closing.
            let _ = page.sender().send(message);
        }
    }

    /// Asks whether somebody is to be blocked.
    pub(super) fn ask_to_block(
        &self,
        account: AccountId,
        address: &str,
        name: &str,
        is_report: bool,
        sender: &ComponentSender<Self>,
    ) {
        let input = sender.input_sender().clone();
        block_question::ask(
            &self.window,
            address,
            name,
            is_report,
            move |(address, report)| {
                // The window may be closing.
                let _ = input.send(AppMsg::Block(account, address, report));
            },
        );
    }

    /// Reads who is blocked, for the preferences that show it.
    pub(super) fn read_blocked(&self, sender: &ComponentSender<Self>) {
        if let Some(parts) = self
            .parts
            .as_ref()
            .filter(|_| self.preferences_dialog.is_some())
        {
            let engine = parts.engine.clone();
            sender.oneshot_command(async move { AppRead::Blocked(engine.blocked().await) });
        }
    }

    /// Says whom a server did not block.
    pub(super) fn say_not_blocked(widgets: &AppWidgets, addresses: &[String]) {
        for address in addresses {
            let sentence = fill(
                &gettext("Your server did not do it: who is blocked stays as it was ({address})."),
                &[("address", address)],
            );
            show_toast(widgets, &sentence);
        }
    }

    /// Says who was blocked and not reported.
    pub(super) fn say_not_reported(widgets: &AppWidgets, addresses: &[String]) {
        for address in addresses {
            let sentence = fill(
                &gettext("{address} is blocked, and not reported: your server takes no reports."),
                &[("address", address)],
            );
            show_toast(widgets, &sentence);
        }
    }
}
