//! Asks for the password of an account that has none at hand, and where to keep
//! it when it could not be kept.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::engine::api::{Command, Engine};
use crate::engine::model::{Account, ConnectionProblem, PasswordPlace, PasswordTrouble, Secret};
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

/// Asks over `window` what is to become of a password that could not be kept.
/// Nothing is written to the disk unless that is chosen, and who does not
/// choose is asked again when it matters.
pub fn ask_where_to_keep(
    window: &impl IsA<gtk::Widget>,
    engine: &Engine,
    account: &Account,
    trouble: PasswordTrouble,
) {
    let (title, may_be_file) = match trouble {
        PasswordTrouble::NoKeyring => (gettext("There is no keyring on this desktop"), true),
        PasswordTrouble::FileExposed
        | PasswordTrouble::FileOfAnother
        | PasswordTrouble::FileNotPlain
        | PasswordTrouble::FileFailed => (gettext("The password was not kept"), false),
        PasswordTrouble::KeyringLocked
        | PasswordTrouble::KeyringSilent
        | PasswordTrouble::KeyringFailed
        | PasswordTrouble::NotThere
        | PasswordTrouble::AskedEachTime => {
            (gettext("The keyring did not take the password"), true)
        }
    };
    let mut texts = vec![
        errors::password(trouble, &account.address),
        gettext("Stonechat knows it until you close it. What should happen after that?"),
        gettext("Ask each time: it is kept nowhere, and you type it at each start."),
    ];
    if may_be_file {
        texts.push(gettext(
            "Keep in a file: you never type it, but whoever can read Stonechat’s data folder can read it, such as another program or a backup.",
        ));
    }
    let dialog = adw::AlertDialog::new(Some(&title), Some(&texts.join("\n\n")));
    dialog.add_responses(&[
        ("later", &gettext("_Decide Later")),
        ("ask", &gettext("_Ask Each Time")),
    ]);
    if may_be_file {
        dialog.add_response("file", &gettext("_Keep in a File"));
    }
    dialog.set_close_response("later");
    dialog.set_default_response(Some("ask"));
    let (engine, account) = (engine.clone(), account.id);
    dialog.connect_response(None, move |_, response| {
        let place = match response {
            "ask" => PasswordPlace::AskEachTime,
            "file" => PasswordPlace::File,
            _ => return,
        };
        engine.command(Command::PasswordPlace { account, place });
    });
    dialog.present(Some(window));
}
