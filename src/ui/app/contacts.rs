//! Adding and removing contacts from outside their details: by a link, an
//! invitation, or an address that was typed. Each is asked first (attack A34).

use relm4::adw::prelude::*;
use relm4::{ComponentController, ComponentSender, Sender, adw};

use super::App;
use super::link::{AccountChoice, closing, question as question_of, writers};
use super::message::{AppMsg, AppRead};
use crate::engine::api::Command;
use crate::engine::model::{Account, AccountId, Contact};
use crate::engine::text::{self, ChatLink, Invitation, LinkWish};
use crate::ui::details::contact::removal;
use crate::ui::i18n::{fill, gettext};
use crate::ui::link_words::{shortened, words};
use crate::ui::widgets::contact_question::{self, About, Decision};
use crate::ui::widgets::question::dangerous;

impl App {
    /// Looks up where the address of a link is among the contacts, to ask what
    /// the link asks.
    pub(super) fn look_up(&self, link: ChatLink, sender: &ComponentSender<Self>) {
        let Some(parts) = &self.parts else { return };
        let engine = parts.engine.clone();
        sender.oneshot_command(async move {
            let contacts = engine.contacts().await.map(|mut contacts| {
                contacts.retain(|contact| contact.address == link.address);
                contacts
            });
            AppRead::Contacts(Box::new(link), contacts)
        });
    }

    /// It is known where the address of a link is among the contacts.
    pub(super) fn ask_about_contacts(
        &mut self,
        link: &ChatLink,
        contacts: &[Contact],
        app: &Sender<AppMsg>,
    ) {
        let from = self.usual_account();
        let (with, without): (Vec<&Account>, Vec<&Account>) = writers(&self.accounts)
            .into_iter()
            .partition(|account| contacts.iter().any(|contact| contact.account == account.id));
        let question = match &link.wish {
            LinkWish::AddContact(invitation) if !without.is_empty() => to_add(
                (&link.address, invitation),
                AccountChoice::among(without, from),
                app,
            ),
            LinkWish::RemoveContact if !with.is_empty() => {
                let name = contacts.first().map_or("", |contact| contact.shown_name());
                to_remove((&link.address, name), AccountChoice::among(with, from), app)
            }
            LinkWish::RemoveContact => {
                let (title, text) = words(link);
                closing(adw::AlertDialog::new(Some(&title), Some(&text)))
            }
            // A contact already: what is left is to write.
            _ => {
                let chat = ChatLink {
                    wish: LinkWish::Chat,
                    ..link.clone()
                };
                question_of(&chat, &self.accounts, with.first().map(|own| own.id), app)
            }
        };
        self.ask(question);
    }

    /// Asks how somebody new is to stand among the contacts of an account.
    pub(super) fn ask_to_add(
        &mut self,
        account: AccountId,
        (address, invitation): (&str, &Invitation),
        app: &Sender<AppMsg>,
    ) {
        let choice = AccountChoice::only(account);
        let question = to_add((address, invitation), choice, app);
        self.ask(question);
    }

    /// The user said yes: adds somebody, and opens the chat with them.
    pub(super) fn add_contact(
        &mut self,
        account: AccountId,
        (address, token): (String, String),
        decision: Decision,
        sender: &ComponentSender<Self>,
    ) {
        self.command(Command::PutContact {
            account,
            address: address.clone(),
            name: decision.name,
            labels: decision.labels,
            token,
            lets_see: decision.lets_see,
        });
        self.write_to(account, address, String::new(), sender);
    }

    /// Closes the dialog that finds somebody: what was asked there is decided.
    pub(super) fn leave_new_chat(&mut self) {
        if let Some(dialog) = self.new_chat.take() {
            dialog.widget().force_close();
        }
    }
}

fn to_add(
    (address, invitation): (&str, &Invitation),
    choice: AccountChoice,
    app: &Sender<AppMsg>,
) -> adw::AlertDialog {
    let sentence = if invitation.token.is_empty() {
        gettext(
            "{address} is asked whether you may see when they are around. Your name and labels for them are kept on your server, for you alone.",
        )
    } else {
        gettext(
            "{address} is asked whether you may see when they are around, and shown that you have an invitation, so that they may agree at once. Your name and labels for them are kept on your server, for you alone.",
        )
    };
    let shown = shortened(&text::address(address));
    let about = About {
        text: &fill(&sentence, &[("address", &shown)]),
        name: &invitation.name,
        labels: &[],
        is_new: true,
    };
    let more = choice.widget("");
    let (app, address, token) = (app.clone(), address.to_owned(), invitation.token.clone());
    contact_question::question(about, more.as_ref(), move |decision| {
        if let Some(account) = choice.chosen() {
            app.emit(AppMsg::AddContact {
                account,
                address: address.clone(),
                token: token.clone(),
                decision,
            });
        }
    })
}

fn to_remove(
    (address, name): (&str, &str),
    choice: AccountChoice,
    app: &Sender<AppMsg>,
) -> adw::AlertDialog {
    let shown = shortened(&text::address(address));
    let (title, text) = removal(name);
    let asked = fill(
        &gettext("A link asks to remove {address}."),
        &[("address", &shown)],
    );
    let question = dangerous(
        &title,
        &format!("{asked} {text}"),
        "remove",
        &gettext("_Remove"),
    );
    question.set_heading_use_markup(false);
    question.set_body_use_markup(false);
    question.set_extra_child(choice.widget("").as_ref());
    let (app, address) = (app.clone(), address.to_owned());
    question.connect_response(Some("remove"), move |_, _| {
        if let Some(account) = choice.chosen() {
            app.emit(AppMsg::RemoveContact(account, address.clone()));
        }
    });
    question
}
