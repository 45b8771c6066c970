//! The dialog that finds somebody to write to: one field, contacts that match,
//! and the address itself.

use relm4::adw::prelude::*;
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use crate::engine::api::Engine;
use crate::engine::error::{OpenChatError, StoreError};
use crate::engine::model::{Account, AccountId, Contact, ConversationId, ConversationRow};
use crate::ui::errors;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::account_mark::AccountMark;
use crate::ui::widgets::person_line;

/// More matches than this are no help.
const MOST_MATCHES: usize = 50;

/// The dialog's state.
pub struct NewChat {
    engine: Engine,
    accounts: Vec<Account>,
    contacts: Vec<Contact>,
    chats: Vec<ConversationRow>,
    typed: String,
    choices: Vec<Choice>,
    trouble: Option<String>,
    is_opening: bool,
}

/// A line of the dialog: what Enter does, and with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    account: AccountId,
    address: String,
    name: String,
    /// Hash of their picture; empty: none.
    picture: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// There is a chat: it opens.
    Open,
    /// A contact without a chat.
    Write,
    /// Nobody known: the address as typed.
    Stranger,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum NewChatMsg {
    /// The field holds this.
    Typed(String),
    /// A line was chosen; 0 by Enter in the field.
    Chosen(usize),
}

/// What the dialog tells.
#[derive(Debug)]
pub enum NewChatOutput {
    /// This chat is to be opened.
    Opened(ConversationId),
}

/// Accounts, the one a new chat begins with first; contacts and chats.
type People = (Vec<Account>, Vec<Contact>, Vec<ConversationRow>);

/// An answer of the engine.
#[derive(Debug)]
pub enum NewChatRead {
    /// Who there is.
    People(Result<People, StoreError>),
    /// The chat that was asked for.
    Chat(Result<ConversationId, OpenChatError>),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for NewChat {
    type Init = Engine;
    type Input = NewChatMsg;
    type Output = NewChatOutput;
    type CommandOutput = NewChatRead;

    view! {
        adw::Dialog {
            set_title: &gettext("New Chat"),
            set_content_width: 500,
            set_content_height: 640,
            set_focus: Some(&search),

            #[wrap(Some)]
            set_child = &adw::ToolbarView {
                add_top_bar = &adw::HeaderBar {},

                #[wrap(Some)]
                set_content = &gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_margin_start: 18,
                    set_margin_end: 18,

                    #[name(search)]
                    gtk::SearchEntry {
                        set_placeholder_text: Some(&gettext("Name or address")),
                        update_property: &[gtk::accessible::Property::Label(&gettext("Name or address"))],
                        set_search_delay: 0,
                        connect_search_changed[sender] => move |entry| {
                            sender.input(NewChatMsg::Typed(entry.text().into()));
                        },
                        connect_activate => NewChatMsg::Chosen(0),
                        connect_stop_search[root] => move |_| { root.close(); },
                    },

                    gtk::Label {
                        set_wrap: true,
                        set_xalign: 0.0,
                        add_css_class: "error",
                        set_accessible_role: gtk::AccessibleRole::Alert,
                        #[watch]
                        set_visible: model.trouble.is_some(),
                        #[watch]
                        set_label: model.trouble.as_deref().unwrap_or_default(),
                    },

                    gtk::ScrolledWindow {
                        set_vexpand: true,
                        set_hscrollbar_policy: gtk::PolicyType::Never,

                        gtk::Box {
                            set_orientation: gtk::Orientation::Vertical,
                            set_margin_bottom: 18,
                            set_margin_start: 2,
                            set_margin_end: 2,
                            set_margin_top: 2,

                            #[name(list)]
                            gtk::ListBox {
                                set_css_classes: &["boxed-list"],
                                set_selection_mode: gtk::SelectionMode::None,
                                update_property: &[gtk::accessible::Property::Label(&gettext("People"))],
                                connect_row_activated[sender] => move |_, row| {
                                    sender.input(NewChatMsg::Chosen(row.index().max(0) as usize));
                                },
                            },
                            #[name(hint)]
                            gtk::Label {
                                set_wrap: true,
                                set_justify: gtk::Justification::Center,
                                set_css_classes: &["dimmed"],
                                set_margin_top: 24,
                            },
                        },
                    },
                },
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
                Ok((
                    in_order(reader.accounts().await?, write_from),
                    reader.contacts().await?,
                    reader.conversations().await?,
                ))
            };
            NewChatRead::People(people.await)
        });
        let model = Self {
            engine,
            accounts: Vec::new(),
            contacts: Vec::new(),
            chats: Vec::new(),
            typed: String::new(),
            choices: Vec::new(),
            trouble: None,
            is_opening: false,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: NewChatMsg,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            NewChatMsg::Typed(text) => {
                self.typed = text;
                self.trouble = None;
                self.show_choices(widgets);
            }
            NewChatMsg::Chosen(place) => self.open(place, &sender),
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        answer: NewChatRead,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match answer {
            NewChatRead::People(Ok((accounts, contacts, chats))) => {
                (self.accounts, self.contacts, self.chats) = (accounts, contacts, chats);
                self.show_choices(widgets);
            }
            NewChatRead::People(Err(error)) => self.trouble = Some(errors::store(&error).text),
            NewChatRead::Chat(Ok(id)) => {
                // Nobody listens while the window closes.
                let _ = sender.output(NewChatOutput::Opened(id));
                root.close();
            }
            NewChatRead::Chat(Err(error)) => {
                self.is_opening = false;
                self.trouble = Some(errors::open_chat(&error));
            }
        }
        self.update_view(widgets, sender);
    }
}

impl NewChat {
    fn open(&mut self, place: usize, sender: &ComponentSender<Self>) {
        let Some(choice) = self.choices.get(place).cloned() else {
            if !self.typed.trim().is_empty() {
                self.trouble = Some(errors::open_chat(&OpenChatError::AddressWithoutDomain));
            }
            return;
        };
        if std::mem::replace(&mut self.is_opening, true) {
            return;
        }
        let engine = self.engine.clone();
        sender.oneshot_command(async move {
            NewChatRead::Chat(engine.open_chat(choice.account, choice.address).await)
        });
    }

    fn show_choices(&mut self, widgets: &NewChatWidgets) {
        self.choices = choices(&self.typed, &self.accounts, &self.contacts, &self.chats);
        widgets.list.remove_all();
        for choice in &self.choices {
            let mark = AccountMark::of(&self.accounts, choice.account);
            widgets.list.append(&line(choice, mark.as_ref()));
        }
        widgets.list.set_visible(!self.choices.is_empty());
        widgets.hint.set_visible(self.choices.is_empty());
        widgets.hint.set_label(&if self.typed.trim().is_empty() {
            gettext("Your contacts will be listed here. You can also write to any address, such as ros@example.org.")
        } else {
            gettext("Nobody of this name is among your contacts. Write the whole address, such as ros@example.org.")
        });
    }
}

/// Puts the account that a new chat begins with first; those that are switched
/// off come last.
fn in_order(mut accounts: Vec<Account>, write_from: Option<AccountId>) -> Vec<Account> {
    accounts.sort_by_key(|account| (!account.is_enabled, write_from != Some(account.id)));
    accounts
}

/// Returns whom the typed text may mean: contacts and open chats first, then the
/// address itself, once for each account.
fn choices(
    typed: &str,
    accounts: &[Account],
    contacts: &[Contact],
    chats: &[ConversationRow],
) -> Vec<Choice> {
    let wanted = typed.trim().to_lowercase();
    let fits = |name: &str, address: &str| {
        wanted.is_empty() || name.to_lowercase().contains(&wanted) || address.contains(&wanted)
    };
    let has_chat = |account: AccountId, address: &str| {
        chats
            .iter()
            .any(|chat| chat.account == account && chat.address == address)
    };
    let mut choices: Vec<Choice> = contacts
        .iter()
        .filter(|contact| fits(contact.shown_name(), &contact.address))
        .map(|contact| Choice {
            account: contact.account,
            address: contact.address.clone(),
            name: contact.shown_name().to_owned(),
            picture: contact.picture.clone(),
            kind: if has_chat(contact.account, &contact.address) {
                Kind::Open
            } else {
                Kind::Write
            },
        })
        .collect();
    let is_listed = |choices: &[Choice], account: AccountId, address: &str| {
        choices
            .iter()
            .any(|choice| choice.account == account && choice.address == address)
    };
    for chat in chats.iter().filter(|chat| fits(&chat.name, &chat.address)) {
        if !is_listed(&choices, chat.account, &chat.address) {
            choices.push(Choice {
                account: chat.account,
                address: chat.address.clone(),
                name: chat.name.clone(),
                picture: chat.picture.clone(),
                kind: Kind::Open,
            });
        }
    }
    // Somebody in several contact lists is first offered from the account that
    // new chats begin with.
    for same in choices.chunk_by_mut(|one, other| one.address == other.address) {
        same.sort_by_key(|choice| {
            accounts
                .iter()
                .position(|account| account.id == choice.account)
        });
    }
    choices.truncate(MOST_MATCHES);
    let is_address = wanted.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !wanted.contains(char::is_whitespace)
    });
    if is_address {
        for account in accounts.iter().filter(|account| account.is_enabled) {
            if !is_listed(&choices, account.id, &wanted) {
                choices.push(Choice {
                    account: account.id,
                    address: wanted.clone(),
                    name: wanted.clone(),
                    picture: String::new(),
                    kind: Kind::Stranger,
                });
            }
        }
    }
    choices
}

fn line(choice: &Choice, mark: Option<&AccountMark>) -> gtk::ListBoxRow {
    let (title, mut below, word) = match choice.kind {
        Kind::Open => (choice.name.clone(), choice.address.clone(), gettext("Open")),
        Kind::Write => (
            choice.name.clone(),
            choice.address.clone(),
            gettext("Write"),
        ),
        Kind::Stranger => (
            fill(
                &gettext("Write to {address}"),
                &[("address", &choice.address)],
            ),
            gettext("Not a contact yet."),
            gettext("Write"),
        ),
    };
    if let Some(mark) = mark {
        // Translators: account is one of the user's own accounts, by name or address.
        let from = fill(&gettext("from {account}"), &[("account", &mark.name)]);
        below = format!("{below} · {from}");
    }
    let content = person_line::new(
        40,
        (&choice.name, &choice.address, &choice.picture),
        &title,
        &below,
        mark,
    );
    content.set_margin_top(8);
    content.set_margin_bottom(8);
    content.set_margin_start(12);
    content.set_margin_end(12);
    content.append(
        &gtk::Label::builder()
            .label(&word)
            .css_classes(["end-word"])
            .build(),
    );

    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .activatable(true)
        .build();
    row.update_property(&[gtk::accessible::Property::Label(&format!(
        "{title}, {below}, {word}"
    ))]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::{MessageKind, PasswordPlace, Subscription};

    fn account(id: i64) -> Account {
        Account {
            nickname: String::new(),
            picture: String::new(),
            id: AccountId(id),
            address: format!("romeo{id}@example.org"),
            is_enabled: true,
            host: None,
            port: None,
            allows_plain: false,
            label: String::new(),
            colour: 0,
            password_place: PasswordPlace::Keyring,
            proxy: String::new(),
            pinned_key: String::new(),
            client_certificate: String::new(),
            encrypts_by_default: true,
            keeps_days: 0,
        }
    }

    fn contact(address: &str, name: &str) -> Contact {
        Contact {
            nickname: String::new(),
            picture: String::new(),
            account: AccountId(1),
            address: address.to_owned(),
            name: name.to_owned(),
            subscription: Subscription::Both,
            labels: Vec::new(),
        }
    }

    fn chat(address: &str) -> ConversationRow {
        ConversationRow {
            picture: String::new(),
            id: ConversationId(1),
            account: AccountId(1),
            address: address.to_owned(),
            name: address.to_owned(),
            own_name: "romeo".to_owned(),
            last_kind: MessageKind::Text,
            last_body: String::new(),
            last_time: 0,
            last_direction: None,
            last_delivery: None,
            unread: 0,
            first_unread: None,
            is_history_complete: true,
            draft: String::new(),
            muted_until: 0,
            is_pinned: false,
            is_archived: false,
            is_marked_unread: false,
            is_request: false,
            asks_for_presence: false,
        }
    }

    #[test]
    fn contacts_match_by_name_or_address() {
        let contacts = [
            contact("rosaline@example.org", "Rosaline"),
            contact("t@ros.example", ""),
            contact("b@example.org", "Benvolio"),
        ];

        let found = choices("ROS", &[account(1)], &contacts, &[]);

        let names: Vec<&str> = found.iter().map(|choice| choice.name.as_str()).collect();
        assert_eq!(names, ["Rosaline", "t@ros.example"]);
        assert!(found.iter().all(|choice| choice.kind == Kind::Write));
    }

    #[test]
    fn an_unknown_address_can_be_written_to_from_each_account() {
        let found = choices("Ros@Example.org", &[account(1), account(2)], &[], &[]);

        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .all(|choice| choice.kind == Kind::Stranger && choice.address == "ros@example.org")
        );
    }

    #[test]
    fn the_account_that_new_chats_begin_with_comes_first() {
        let accounts = in_order(vec![account(1), account(2), account(3)], Some(AccountId(2)));
        let of = |id: i64| Contact {
            nickname: String::new(),
            picture: String::new(),
            account: AccountId(id),
            ..contact("rosaline@example.org", "Rosaline")
        };

        let known = choices("ros", &accounts, &[of(1), of(2)], &[]);
        let unknown = choices("nobody@example.org", &accounts, &[], &[]);

        let from = |found: &[Choice]| -> Vec<i64> {
            found.iter().map(|choice| choice.account.0).collect()
        };
        assert_eq!(from(&known), [2, 1]);
        assert_eq!(from(&unknown), [2, 1, 3]);
    }

    #[test]
    fn half_an_address_offers_nobody_new() {
        for typed in ["ros", "ros@", "@example.org", "ros @example.org"] {
            assert_eq!(choices(typed, &[account(1)], &[], &[]), [], "{typed}");
        }
    }

    #[test]
    fn somebody_with_a_chat_is_opened_and_listed_once() {
        let contacts = [contact("rosaline@example.org", "Rosaline")];

        let found = choices(
            "rosaline@example.org",
            &[account(1)],
            &contacts,
            &[chat("rosaline@example.org")],
        );

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, Kind::Open);
    }
}
