//! The dialog that finds somebody to write to, or to add: one field for a name,
//! an address, a link or an invitation. Each line says what Enter does.
//!
//! Nothing is sent from here. What changes the contacts is asked once more.

mod choices;
mod line;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentParts, ComponentSender, adw};

use self::choices::{Choice, Deed, choices};
use crate::engine::api::{Command, Engine};
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{Account, AccountId, ConnectionState, ConversationId};
use crate::engine::text::{Invitation, LinkWish, Whom, whom};
use crate::ui::chooser::people::People;
use crate::ui::chooser::{Chooser, Heard, Instead};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::account_mark::AccountMark;
use crate::ui::{errors, link_words};

/// The dialog's state.
pub struct NewChat {
    engine: Engine,
    chooser: Chooser,
    people: People,
    has_read: bool,
    typed: String,
    choices: Vec<Choice>,
    is_opening: bool,
}

/// What the dialog tells.
#[derive(Debug)]
pub enum NewChatOutput {
    /// This chat is to be opened, with a text that is ready to be sent.
    Opened(ConversationId, String),
    /// Ask how somebody is to stand among the contacts of an account.
    Add(AccountId, String, Invitation),
    /// Ask what this link asks.
    Link(String),
}

/// An answer of the engine.
#[derive(Debug)]
pub enum NewChatRead {
    /// Who there is.
    People(Result<People, StoreError>),
    /// The chat that was asked for, and the text for it.
    Chat(Result<ConversationId, OpenChatError>, String),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for NewChat {
    type Init = Engine;
    type Input = Heard;
    type Output = NewChatOutput;
    type CommandOutput = NewChatRead;

    view! {
        adw::Dialog {
            set_title: &gettext("New Chat"),
            set_content_width: 500,
            set_content_height: 640,
            set_focus: Some(&model.chooser.search),

            #[wrap(Some)]
            set_child = &adw::ToolbarView {
                add_top_bar = &adw::HeaderBar {},
                set_content: Some(&model.chooser.widget),
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let reader = engine.clone();
        sender.oneshot_command(async move {
            let people = async {
                let write_from = reader.preferences().await?.write_from;
                let people = People::read(&reader).await?;
                Ok(People {
                    accounts: in_order(people.accounts, write_from),
                    ..people
                })
            };
            NewChatRead::People(people.await)
        });
        let input = sender.input_sender().clone();
        let chooser = Chooser::new(
            &gettext("Name, address or link"),
            &gettext("What can be done"),
            move |heard| input.emit(heard),
        );
        let model = Self {
            engine,
            chooser,
            people: People::default(),
            has_read: false,
            typed: String::new(),
            choices: Vec::new(),
            is_opening: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, heard: Heard, sender: ComponentSender<Self>, root: &Self::Root) {
        match heard {
            Heard::Typed(text) => {
                self.typed = text;
                self.chooser.show_trouble(None);
                self.show_choices();
            }
            Heard::Step(step) => self.chooser.step(step),
            Heard::Enter => match self.chooser.marked() {
                Some(place) => self.act(place, &sender),
                None if matches!(whom(&self.typed), Whom::Words) => self.say_what_lacks(),
                None => {}
            },
            Heard::Clicked(place) => self.act(place, &sender),
            Heard::Left => {
                root.close();
            }
        }
    }

    fn update_cmd(
        &mut self,
        answer: NewChatRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            NewChatRead::People(Ok(people)) => {
                self.people = people;
                self.has_read = true;
                self.show_choices();
            }
            NewChatRead::People(Err(error)) => {
                self.chooser.show_trouble(Some(&errors::store(&error).text));
            }
            NewChatRead::Chat(Ok(id), text) => {
                // Nobody listens while the window closes.
                let _ = sender.output(NewChatOutput::Opened(id, text));
                root.close();
            }
            NewChatRead::Chat(Err(error), _) => {
                self.is_opening = false;
                self.chooser.show_trouble(Some(&errors::open_chat(&error)));
            }
        }
    }
}

impl NewChat {
    fn act(&mut self, place: usize, sender: &ComponentSender<Self>) {
        let Some(choice) = self.choices.get(place).cloned() else {
            return;
        };
        if !line::is_possible(&choice, self.is_online(choice.account)) {
            return;
        }
        // While the window closes nobody hears what is told.
        match choice.deed {
            Deed::Open(text) | Deed::Write(text) | Deed::WriteToStranger(text) => {
                self.open(choice.account, choice.address, text, sender);
            }
            Deed::Add(invitation) => {
                let add = NewChatOutput::Add(choice.account, choice.address, invitation);
                let _ = sender.output(add);
            }
            Deed::Unblock => {
                let (account, address) = (choice.account, choice.address.clone());
                self.engine.command(Command::Unblock { account, address });
                self.open(choice.account, choice.address, String::new(), sender);
            }
            // It is not possible.
            Deed::ServerIsBlocked => {}
            Deed::Remove | Deed::Ask => {
                let link = self.typed.trim().to_owned();
                let _ = sender.output(NewChatOutput::Link(link));
            }
        }
    }

    fn open(
        &mut self,
        account: AccountId,
        address: String,
        text: String,
        sender: &ComponentSender<Self>,
    ) {
        if std::mem::replace(&mut self.is_opening, true) {
            return;
        }
        let engine = self.engine.clone();
        sender.oneshot_command(async move {
            NewChatRead::Chat(engine.open_chat(account, address).await, text)
        });
    }

    fn show_choices(&mut self) {
        self.choices = choices(&self.typed, &self.people);
        let lines = self.choices.iter().map(|choice| {
            let mark = AccountMark::of(&self.people.accounts, choice.account);
            line::line(choice, mark.as_ref(), self.is_online(choice.account))
        });
        let lines: Vec<_> = lines.collect();
        self.chooser
            .show(&lines, self.has_read.then(|| instead(&self.typed)));
    }

    fn say_what_lacks(&self) {
        if !self.typed.trim().is_empty() {
            let lacks = errors::open_chat(&OpenChatError::AddressWithoutDomain);
            self.chooser.show_trouble(Some(&lacks));
        }
    }

    fn is_online(&self, account: AccountId) -> bool {
        let connections = self.engine.connections();
        connections
            .get(&account)
            .is_some_and(ConnectionState::is_online)
    }
}

/// Returns what stands where nothing can be done.
fn instead(typed: &str) -> Instead {
    let (title, text) = match whom(typed) {
        Whom::Words | Whom::Address(_) if typed.trim().is_empty() => (
            gettext("No contacts yet"),
            gettext(
                "Write any address, such as ros@example.org, or paste a link or an invitation.",
            ),
        ),
        Whom::Words | Whom::Address(_) => (
            gettext("Nothing found"),
            gettext(
                "Nobody of this name is among your contacts. Write the whole address, such as ros@example.org.",
            ),
        ),
        Whom::Link(link) if link.wish == LinkWish::RemoveContact => (
            gettext("This link asks to remove a contact"),
            fill(
                &gettext("{address} is not among your contacts. Nothing has changed."),
                &[("address", &link_words::shortened(&link.address))],
            ),
        ),
        Whom::Link(link) => link_words::words(&link),
        Whom::Damaged(fault) => link_words::refusal(fault),
        Whom::WebPage => (
            gettext("This is a web page"),
            gettext(
                "If it is an invitation, open it in a web browser. The link that it shows begins with “xmpp:” and can be pasted here.",
            ),
        ),
    };
    Instead { title, text }
}

/// Puts the account that a new chat begins with first; those that are switched
/// off come last.
fn in_order(mut accounts: Vec<Account>, write_from: Option<AccountId>) -> Vec<Account> {
    accounts.sort_by_key(|account| (!account.is_enabled, write_from != Some(account.id)));
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::new_chat::choices::tests::account;

    #[test]
    fn the_account_that_new_chats_begin_with_comes_first() {
        let accounts = in_order(vec![account(1), account(2), account(3)], Some(AccountId(2)));

        let ids: Vec<i64> = accounts.iter().map(|account| account.id.0).collect();
        assert_eq!(ids, [2, 1, 3]);
    }

    #[test]
    fn a34_every_text_that_leads_nowhere_has_words() {
        for typed in [
            "",
            "ros",
            "xmpp:",
            "xmpp:tybalt@example.org?remove",
            "xmpp:verona@rooms.example.org?join",
            "xmpp:example.org?register;preauth=t0ken",
            "xmpp:tybalt@example.org?dance",
            "https://example.org/invite/#t0ken",
        ] {
            let Instead { title, text } = instead(typed);

            assert!(!title.is_empty() && text.ends_with('.'), "{typed}: {text}");
        }
    }
}
