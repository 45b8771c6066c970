//! The accounts: which there are, adding one, removing one with its history.

use std::collections::BTreeMap;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Sender, adw, gtk};

use super::AppMsg;
use crate::engine::api::{Command, Engine};
use crate::engine::model::{Account, AccountId, ConnectionState};
use crate::ui::errors;
use crate::ui::i18n::{fill, gettext};

/// Shows the accounts over `window`; a wish for another one goes to `app`.
pub fn show(
    window: &impl IsA<gtk::Widget>,
    engine: &Engine,
    accounts: &[Account],
    connections: &BTreeMap<AccountId, ConnectionState>,
    app: &Sender<AppMsg>,
) {
    let dialog = adw::Dialog::builder()
        .title(gettext("Accounts"))
        .content_width(440)
        .build();
    let list = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    for account in accounts {
        let state = connections.get(&account.id);
        list.append(&row(&dialog, engine, account, state));
    }
    let add = gtk::Button::builder()
        .label(gettext("Add Account"))
        .css_classes(["pill", "suggested-action"])
        .halign(gtk::Align::Center)
        .build();
    let (weak, input) = (dialog.downgrade(), app.clone());
    add.connect_clicked(move |_| {
        if let Some(dialog) = weak.upgrade() {
            dialog.close();
        }
        input.emit(AppMsg::AddAccount);
    });
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(18)
        .margin_top(12)
        .margin_bottom(24)
        .margin_start(18)
        .margin_end(18)
        .build();
    content.append(&list);
    content.append(&add);
    let scrolled = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .propagate_natural_height(true)
        .child(&content)
        .build();
    let view = adw::ToolbarView::builder().content(&scrolled).build();
    view.add_top_bar(&adw::HeaderBar::new());
    dialog.set_child(Some(&view));
    dialog.present(Some(window));
}

fn row(
    dialog: &adw::Dialog,
    engine: &Engine,
    account: &Account,
    state: Option<&ConnectionState>,
) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title(glib::markup_escape_text(&account.address))
        .subtitle(glib::markup_escape_text(&words(state, &account.address)))
        .subtitle_lines(0)
        .build();
    let name = fill(
        &gettext("Remove {address}"),
        &[("address", &account.address)],
    );
    let remove = gtk::Button::builder()
        .icon_name("user-trash-symbolic")
        .tooltip_text(name)
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let (weak, engine, account) = (dialog.downgrade(), engine.clone(), account.clone());
    remove.connect_clicked(move |_| {
        if let Some(dialog) = weak.upgrade() {
            ask_to_remove(&dialog, &engine, &account);
        }
    });
    row.add_suffix(&remove);
    row
}

fn ask_to_remove(accounts: &adw::Dialog, engine: &Engine, account: &Account) {
    let title = fill(
        &gettext("Remove {address}?"),
        &[("address", &account.address)],
    );
    let text = gettext(
        "Its chats and messages are removed from this computer, and messages still waiting are not sent. What your provider keeps stays there.",
    );
    let question = adw::AlertDialog::new(Some(&title), Some(&text));
    question.add_responses(&[
        ("cancel", &gettext("_Cancel")),
        ("remove", &gettext("_Remove")),
    ]);
    question.set_response_appearance("remove", adw::ResponseAppearance::Destructive);
    question.set_default_response(Some("cancel"));
    question.set_close_response("cancel");
    let (weak, engine, account) = (accounts.downgrade(), engine.clone(), account.id);
    question.connect_response(Some("remove"), move |_, _| {
        engine.command(Command::RemoveAccount {
            account,
            keeps_history: false,
        });
        if let Some(accounts) = weak.upgrade() {
            accounts.close();
        }
    });
    question.present(Some(accounts));
}

fn words(state: Option<&ConnectionState>, address: &str) -> String {
    match state {
        None | Some(ConnectionState::Offline) => gettext("Offline"),
        Some(ConnectionState::Connecting) => gettext("Connecting…"),
        Some(ConnectionState::CatchingUp) => gettext("Catching up…"),
        Some(ConnectionState::Online) => gettext("Online"),
        Some(ConnectionState::Waiting { problem, .. } | ConnectionState::Stopped(problem)) => {
            errors::connection(problem, address).title
        }
    }
}
