//! The page of one account: what it is called here, where its password is kept,
//! and leaving it. The way to its server stands in a file of its own.
//!
//! Nothing is sent while one types: text is taken over with the tick at the end
//! of its row, or with Enter.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Sender, adw, gtk};

use super::account_profile::Profile;
use super::appearance::choice_row;
use super::page::{as_title, navigation_page};
use super::remove;
use super::{PreferencesMsg, account_way, encryption};
use crate::engine::api::{Command, Engine};
use crate::engine::model::{Account, AccountId, PasswordPlace, Secret};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::account_mark::{self, COLOURS};
use crate::ui::widgets::keep::{self, Choice};
use crate::ui::widgets::question::dangerous;
use crate::ui::widgets::way::way;

/// The page of one account.
pub struct AccountPage {
    /// Whose it is.
    pub id: AccountId,
    /// The widget.
    pub page: adw::NavigationPage,
    state: adw::ActionRow,
    profile: Profile,
    places: Vec<(PasswordPlace, gtk::CheckButton)>,
    /// Where the password is, as far as is known.
    kept: Rc<Cell<PasswordPlace>>,
}

impl AccountPage {
    /// Builds the page.
    pub fn new(account: &Account, engine: &Engine, input: &Sender<PreferencesMsg>) -> Self {
        let content = adw::PreferencesPage::new();
        let group = adw::PreferencesGroup::new();
        let state = adw::ActionRow::builder()
            .title(as_title(&account.address))
            .title_selectable(true)
            .title_lines(0)
            .subtitle_lines(0)
            .build();
        group.add(&state);
        group.add(&security_row(account, input));
        group.add(&encryption::devices_row(account.id, input));
        content.add(&group);
        let profile = Profile::new(account, engine);
        content.add(&profile.group);
        content.add(&looks(account, input));
        let kept = Rc::new(Cell::new(account.password_place));
        let (password, places) = password(account, engine, &kept);
        content.add(&password);
        for group in account_way::groups(account, input) {
            content.add(&group);
        }
        content.add(&history(account, engine));
        content.add(&removing(account, engine));
        Self {
            id: account.id,
            page: navigation_page(&gettext("Account"), &content),
            state,
            profile,
            places,
            kept,
        }
    }

    /// Shows what changed elsewhere; what is being typed is left alone.
    pub fn show(&self, account: &Account, words: &str, is_online: bool) {
        self.profile.show(account, is_online);
        self.state.set_subtitle(&glib::markup_escape_text(words));
        self.kept.set(account.password_place);
        for (place, button) in &self.places {
            if *place == account.password_place {
                button.set_active(true);
            }
        }
    }
}

/// The way to what protects the account.
fn security_row(account: &Account, input: &Sender<PreferencesMsg>) -> adw::ActionRow {
    let row = way(
        &gettext("Security"),
        &gettext("Encryption, certificate, how signing in works"),
    );
    let (sender, id) = (input.clone(), account.id);
    row.connect_activated(move |_| sender.emit(PreferencesMsg::ShowSecurity(id)));
    row
}

/// Name and colour.
fn looks(account: &Account, input: &Sender<PreferencesMsg>) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("How It Shows"))
        .description(gettext(
            "With several accounts, label and colour mark their chats. Nobody else sees them.",
        ))
        .build();
    let label = adw::EntryRow::builder()
        .title(gettext("Label"))
        .text(&account.label)
        .show_apply_button(true)
        .build();
    let (sender, id) = (input.clone(), account.id);
    label.connect_apply(move |row| {
        sender.emit(PreferencesMsg::Label(id, row.text().trim().to_owned()));
    });
    group.add(&label);

    let colours = adw::WrapBox::builder()
        .child_spacing(6)
        .line_spacing(6)
        .build();
    let mut first: Option<gtk::CheckButton> = None;
    for colour in 0..=COLOURS {
        let name = account_mark::colour_name(colour);
        let button = gtk::CheckButton::builder()
            .css_classes(["account-colour", &account_mark::colour_class(colour)])
            .tooltip_text(&name)
            .active(colour == account.colour)
            .build();
        // Translators: the colour that marks an account; colour is a word such as "Blue".
        let spoken = fill(&gettext("Colour: {colour}"), &[("colour", &name)]);
        button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
        button.set_group(first.as_ref());
        first.get_or_insert_with(|| button.clone());
        let (sender, id) = (input.clone(), account.id);
        button.connect_toggled(move |button| {
            if button.is_active() {
                sender.emit(PreferencesMsg::Colour(id, colour));
            }
        });
        colours.append(&button);
    }
    let title = gtk::Label::builder()
        .label(gettext("Colour"))
        .xalign(0.0)
        .build();
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(6)
        .margin_top(12)
        .margin_bottom(12)
        .margin_start(12)
        .margin_end(12)
        .build();
    content.append(&title);
    content.append(&colours);
    let row = adw::PreferencesRow::builder()
        .title(gettext("Colour"))
        .activatable(false)
        .focusable(false)
        .child(&content)
        .build();
    row.upcast_ref::<gtk::Widget>()
        .update_property(&[gtk::accessible::Property::Label(&gettext("Colour"))]);
    group.add(&row);
    group
}

/// Where the password is kept, and another one.
fn password(
    account: &Account,
    engine: &Engine,
    kept: &Rc<Cell<PasswordPlace>>,
) -> (
    adw::PreferencesGroup,
    Vec<(PasswordPlace, gtk::CheckButton)>,
) {
    let domain = account
        .address
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain);
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Password"))
        .build();
    let mut places: Vec<(PasswordPlace, gtk::CheckButton)> = Vec::new();
    for (place, title, subtitle) in [
        (
            PasswordPlace::Keyring,
            gettext("Keep in the Keyring"),
            gettext("Encrypted by this desktop, and open while you are signed in to it"),
        ),
        (
            PasswordPlace::AskEachTime,
            gettext("Ask Each Time"),
            gettext("Kept nowhere: you enter it whenever Stonechat starts"),
        ),
        (
            PasswordPlace::File,
            gettext("Keep in a File"),
            gettext("Not encrypted: whoever can read your files can read the password"),
        ),
    ] {
        let button = gtk::CheckButton::builder()
            .valign(gtk::Align::Center)
            .active(place == account.password_place)
            .build();
        button.set_group(places.first().map(|(_, first)| first));
        let (engine, account, kept) = (engine.clone(), account.id, kept.clone());
        button.connect_toggled(move |button| {
            if button.is_active() && kept.replace(place) != place {
                engine.command(Command::PasswordPlace { account, place });
            }
        });
        group.add(&choice_row(&title, &subtitle, &button));
        places.push((place, button));
    }
    let entry = adw::PasswordEntryRow::builder()
        .title(gettext("Replace the Password Used Here"))
        .show_apply_button(true)
        .build();
    let (engine, id) = (engine.clone(), account.id);
    entry.connect_apply(move |row| {
        let password = Secret::new(row.text());
        if !password.reveal().is_empty() {
            engine.command(Command::Password {
                account: id,
                password,
            });
            row.set_text("");
        }
    });
    group.add(&entry);
    group.set_description(Some(&fill(
        &gettext(
            "This concerns only what is kept on this computer. The account’s password itself is changed at {domain}.",
        ),
        &[("domain", domain)],
    )));
    (group, places)
}

/// For how long its messages are kept, and the end of all of them.
fn history(account: &Account, engine: &Engine) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("History"))
        .build();
    let (keeper, id) = (engine.clone(), account.id);
    let now = i64::from(account.keeps_days);
    let keep = keep::row(vec![Choice::for_ever(0)], now, move |days| {
        keeper.command(Command::Keep {
            account: id,
            days: u32::try_from(days).unwrap_or(0),
        });
    });
    group.add(&keep);
    let delete = adw::ButtonRow::builder()
        .title(gettext("Delete All Messages…"))
        .css_classes(["destructive-action"])
        .build();
    let (engine, account) = (engine.clone(), account.clone());
    delete.connect_activated(move |button| {
        let title = fill(
            &gettext("Delete all messages of {address}?"),
            &[("address", &account.address)],
        );
        let text = gettext(
            "All its chats are removed from this computer, also messages that wait to be sent. Your server, your other devices and the other people keep theirs.",
        );
        let question = dangerous(&title, &text, "delete", &gettext("_Delete All"));
        let (engine, id) = (engine.clone(), account.id);
        question.connect_response(Some("delete"), move |_, _| {
            engine.command(Command::DeleteHistory(id));
        });
        question.present(Some(button));
    });
    group.add(&delete);
    group
}

fn removing(account: &Account, engine: &Engine) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::new();
    let button = adw::ButtonRow::builder()
        .title(gettext("Remove Account…"))
        .css_classes(["destructive-action"])
        .build();
    let (engine, account) = (engine.clone(), account.clone());
    button.connect_activated(move |button| remove::ask(button, &engine, &account));
    group.add(&button);
    group
}
