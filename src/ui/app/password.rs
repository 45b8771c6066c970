//! Asks for the password of an account whose keyring gave none.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::engine::api::{Command, Engine};
use crate::engine::model::{Account, ConnectionProblem, Secret};
use crate::ui::errors;
use crate::ui::i18n::gettext;

/// Shows the question over `window`; the answer goes to the engine.
pub fn ask(
    window: &impl IsA<gtk::Widget>,
    engine: &Engine,
    account: &Account,
    problem: &ConnectionProblem,
) {
    let trouble = errors::connection(problem, &account.address);
    let dialog = adw::AlertDialog::new(Some(&trouble.title), Some(&trouble.text));
    let entry = adw::PasswordEntryRow::builder()
        .title(gettext("Password"))
        .activates_default(true)
        .build();
    let list = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    list.append(&entry);
    dialog.set_extra_child(Some(&list));
    dialog.add_responses(&[
        ("later", &gettext("_Later")),
        ("sign-in", &gettext("_Sign In")),
    ]);
    dialog.set_response_appearance("sign-in", adw::ResponseAppearance::Suggested);
    dialog.set_default_response(Some("sign-in"));
    dialog.set_close_response("later");
    dialog.set_response_enabled("sign-in", false);
    let weak = dialog.downgrade();
    entry.connect_changed(move |entry| {
        if let Some(dialog) = weak.upgrade() {
            dialog.set_response_enabled("sign-in", !entry.text().is_empty());
        }
    });
    let (engine, account, field) = (engine.clone(), account.id, entry.clone());
    dialog.connect_response(Some("sign-in"), move |_, _| {
        let password = Secret::new(field.text());
        engine.command(Command::Password { account, password });
    });
    dialog.present(Some(window));
    entry.grab_focus();
}
