//! `xmpp:` links: what a link asks for is shown, and happens only afterwards.
//!
//! A link comes from anybody: a web page, a message, another program. So it
//! never acts by itself. What it wants of the contacts is asked in
//! [`contacts`](super::contacts); what cannot be done is said and left at that.

use relm4::adw::prelude::*;
use relm4::gtk::pango;
use relm4::{ComponentSender, Sender, adw, gtk};

use super::message::{AppMsg, AppRead};
use super::pages::show_toast;
use super::{App, AppWidgets, verification};
use crate::engine::model::{Account, AccountId, ConversationId};
use crate::engine::text::{ChatLink, LinkWish, VerificationFault, VerificationLink, chat_link};
use crate::ui::conversation::ConversationMsg;
use crate::ui::i18n::gettext;
use crate::ui::link_words::{refusal, words};
use crate::ui::sidebar::SidebarMsg;
use crate::ui::verification::link_fault;

/// What came from outside and waits.
#[derive(Default)]
pub(super) struct Links {
    /// Asked before the accounts were known, or while there were none.
    early: Option<AppMsg>,
    /// A text that goes into the composer once its chat is open.
    suggestion: Option<(ConversationId, String)>,
    /// The question that is shown.
    question: Option<adw::AlertDialog>,
}

impl App {
    /// Shows what a link asks for.
    pub(super) fn open_link(
        &mut self,
        link: String,
        widgets: &AppWidgets,
        sender: &ComponentSender<Self>,
    ) {
        if self.waits_for_accounts() {
            if self.has_read_accounts {
                tracing::info!("There is no account for a link.");
                show_toast(
                    widgets,
                    &gettext("Sign in first. After that, the link is shown."),
                );
            }
            self.links.early = Some(AppMsg::OpenLink(link));
            return;
        }
        let (from, app) = (self.usual_account(), sender.input_sender());
        let question = match chat_link(&link) {
            Ok(read) if read.wish == LinkWish::TrustKeys => match VerificationLink::read(&link) {
                Ok(link) => verification::question(link, &self.accounts, from, app),
                Err(fault) => damaged(fault),
            },
            Ok(link) if is_about_contacts(&link) => {
                self.look_up(link, sender);
                return;
            }
            Ok(link) => question(&link, &self.accounts, from, app),
            Err(fault) => {
                let (title, text) = refusal(fault);
                closing(adw::AlertDialog::new(Some(&title), Some(&text)))
            }
        };
        self.ask(question);
    }

    /// Shows a question that something from outside asks.
    pub(super) fn ask(&mut self, question: adw::AlertDialog) {
        // One at a time: who opens a hundred links gets one question.
        if let Some(old) = self.links.question.replace(question.clone()) {
            old.force_close();
        }
        tracing::info!("A link is shown.");
        question.present(Some(&self.window));
    }

    /// The account that one writes from, unless the user says otherwise.
    pub(super) fn usual_account(&self) -> Option<AccountId> {
        let open = self.open.as_ref().map(|open| open.account);
        self.preferences.write_from.or(open)
    }

    /// Keeps a wish for later when it came before the accounts.
    pub(super) fn is_too_early(&mut self, wish: AppMsg) -> bool {
        let is_early = !self.has_read_accounts;
        if is_early {
            self.links.early = Some(wish);
        }
        is_early
    }

    /// Does what was asked before the accounts were there.
    pub(super) fn catch_up_with_links(&mut self, sender: &ComponentSender<Self>) {
        if !self.waits_for_accounts()
            && let Some(early) = self.links.early.take()
        {
            sender.input(early);
        } else if self.has_read_accounts
            && let Some(link @ AppMsg::OpenLink(_)) = self.links.early.take()
        {
            // Says that one has to sign in.
            sender.input(link);
        }
    }

    /// Opens the chat with an address; `text` then stands in the composer.
    pub(super) fn write_to(
        &mut self,
        account: AccountId,
        address: String,
        text: String,
        sender: &ComponentSender<Self>,
    ) {
        let Some(parts) = &self.parts else { return };
        let engine = parts.engine.clone();
        sender.oneshot_command(async move {
            AppRead::Chat(engine.open_chat(account, address).await, text)
        });
    }

    /// The chat is there; it opens with its suggested text.
    pub(super) fn chat_found(&mut self, id: ConversationId, text: String) {
        self.links.suggestion = Some((id, text)).filter(|(_, text)| !text.is_empty());
        self.tell_list(SidebarMsg::OpenSoon(id));
    }

    /// Puts what a link suggested into the composer of the chat that opened.
    pub(super) fn suggest(&mut self, opened: ConversationId) {
        if let Some((id, text)) = self.links.suggestion.take()
            && id == opened
        {
            self.tell_chat(ConversationMsg::Typed(text));
        }
    }

    fn waits_for_accounts(&self) -> bool {
        !self.has_read_accounts || self.accounts.is_empty()
    }
}

/// Returns whether it depends on the contacts what a link can do.
fn is_about_contacts(link: &ChatLink) -> bool {
    let is_meant = matches!(link.wish, LinkWish::AddContact(_) | LinkWish::RemoveContact);
    is_meant && link.is_person()
}

pub(super) fn question(
    link: &ChatLink,
    accounts: &[Account],
    from: Option<AccountId>,
    app: &Sender<AppMsg>,
) -> adw::AlertDialog {
    let (title, text) = words(link);
    let dialog = adw::AlertDialog::new(Some(&title), Some(&text));
    dialog.set_heading_use_markup(false);
    dialog.set_body_use_markup(false);
    if !can_write(link) {
        return closing(dialog);
    }
    let suggestion = match &link.wish {
        LinkWish::Message(text) => text.clone(),
        _ => String::new(),
    };
    let choice = AccountChoice::new(accounts, from);
    dialog.set_extra_child(choice.widget(&suggestion).as_ref());
    dialog.add_responses(&[
        ("cancel", &gettext("_Cancel")),
        ("write", &gettext("_Write")),
    ]);
    dialog.set_response_appearance("write", adw::ResponseAppearance::Suggested);
    dialog.set_default_response(Some("write"));
    dialog.set_close_response("cancel");
    let (app, address) = (app.clone(), link.address.clone());
    dialog.connect_response(Some("write"), move |_, _| {
        if let Some(account) = choice.chosen() {
            app.emit(AppMsg::WriteTo {
                account,
                address: address.clone(),
                text: suggestion.clone(),
            });
        }
    });
    dialog
}

/// The account that a question is about, and the row to change it.
pub(super) struct AccountChoice {
    ids: Vec<AccountId>,
    chosen: usize,
    row: Option<adw::ComboRow>,
}

impl AccountChoice {
    /// Offers the accounts one may act from, `from` at first.
    pub(super) fn new(accounts: &[Account], from: Option<AccountId>) -> Self {
        Self::among(writers(accounts), from)
    }

    /// Offers these accounts, `from` at first.
    pub(super) fn among(accounts: Vec<&Account>, from: Option<AccountId>) -> Self {
        let chosen = accounts
            .iter()
            .position(|account| Some(account.id) == from)
            .unwrap_or_default();
        Self {
            ids: accounts.iter().map(|account| account.id).collect(),
            row: sender_row(&accounts, chosen),
            chosen,
        }
    }

    /// Offers nothing to choose.
    pub(super) fn only(account: AccountId) -> Self {
        Self {
            ids: vec![account],
            chosen: 0,
            row: None,
        }
    }

    /// Returns what stands below a question: a text, and the choice.
    pub(super) fn widget(&self, text: &str) -> Option<gtk::Box> {
        extra(text, self.row.as_ref())
    }

    /// Returns the account that is chosen now.
    pub(super) fn chosen(&self) -> Option<AccountId> {
        let place = self
            .row
            .as_ref()
            .map_or(self.chosen, |row| row.selected() as usize);
        self.ids.get(place).copied()
    }
}

/// Says why the keys in a link are not taken.
fn damaged(fault: VerificationFault) -> adw::AlertDialog {
    let title = gettext("This link cannot be opened");
    closing(adw::AlertDialog::new(
        Some(&title),
        Some(&link_fault(fault)),
    ))
}

/// Returns a dialog that says something and can be closed.
pub(super) fn closing(dialog: adw::AlertDialog) -> adw::AlertDialog {
    dialog.add_responses(&[("close", &gettext("_Close"))]);
    dialog.set_default_response(Some("close"));
    dialog.set_close_response("close");
    dialog
}

fn can_write(link: &ChatLink) -> bool {
    matches!(link.wish, LinkWish::Chat | LinkWish::Message(_))
}

/// The accounts one may write from: those that are switched on, if any is.
pub(super) fn writers(accounts: &[Account]) -> Vec<&Account> {
    let mut writers: Vec<&Account> = accounts.iter().collect();
    if accounts.iter().any(|account| account.is_enabled) {
        writers.retain(|account| account.is_enabled);
    }
    writers
}

/// A row that asks which account to write from, when there is a choice.
fn sender_row(accounts: &[&Account], chosen: usize) -> Option<adw::ComboRow> {
    if accounts.len() < 2 {
        return None;
    }
    let addresses: Vec<&str> = accounts
        .iter()
        .map(|account| account.address.as_str())
        .collect();
    let row = adw::ComboRow::builder()
        .title(gettext("From"))
        .model(&gtk::StringList::new(&addresses))
        .selected(chosen as u32)
        .build();
    Some(row)
}

fn extra(suggestion: &str, from: Option<&adw::ComboRow>) -> Option<gtk::Box> {
    if suggestion.is_empty() && from.is_none() {
        return None;
    }
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(12)
        .build();
    if !suggestion.is_empty() {
        let attributes = pango::AttrList::new();
        // A hyphen where a long word breaks would be read as part of it.
        attributes.insert(pango::AttrInt::new_insert_hyphens(false));
        let text = gtk::Label::builder()
            .label(suggestion)
            .attributes(&attributes)
            .wrap(true)
            .wrap_mode(pango::WrapMode::WordChar)
            .xalign(0.0)
            .margin_top(12)
            .margin_bottom(12)
            .margin_start(12)
            .margin_end(12)
            .build();
        let scrolled = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .propagate_natural_height(true)
            .max_content_height(180)
            .css_classes(["card"])
            .child(&text)
            .build();
        content.append(&scrolled);
    }
    if let Some(row) = from {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::None)
            .css_classes(["boxed-list"])
            .build();
        list.append(row);
        content.append(&list);
    }
    Some(content)
}
