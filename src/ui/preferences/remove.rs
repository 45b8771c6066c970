//! The question before an account is removed: what becomes of its history.

use relm4::adw::prelude::*;
use relm4::gtk;

use super::appearance::choice_row;
use crate::engine::api::{Command, Engine};
use crate::engine::model::Account;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::question::dangerous;

/// Asks; the answer goes to the engine.
pub fn ask(parent: &impl IsA<gtk::Widget>, engine: &Engine, account: &Account) {
    let title = fill(
        &gettext("Remove {address}?"),
        &[("address", &account.address)],
    );
    let text = gettext(
        "Stonechat signs out and forgets the password. The account itself, and what your provider keeps, stays as it is.",
    );
    let question = dangerous(&title, &text, "remove", &gettext("_Remove"));
    let keep = gtk::CheckButton::builder()
        .active(true)
        .valign(gtk::Align::Center)
        .build();
    let forget = gtk::CheckButton::builder()
        .group(&keep)
        .valign(gtk::Align::Center)
        .build();
    let choice = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    choice.append(&choice_row(
        &gettext("Keep the history on this computer"),
        &gettext("Out of sight; it comes back when the account is added again"),
        &keep,
    ));
    choice.append(&choice_row(
        &gettext("Remove with its history"),
        &gettext("Its chats and messages are gone from here, and what still waits is not sent"),
        &forget,
    ));
    choice.update_property(&[gtk::accessible::Property::Label(&gettext(
        "What becomes of the history",
    ))]);
    question.set_extra_child(Some(&choice));
    let (engine, account) = (engine.clone(), account.id);
    question.connect_response(Some("remove"), move |_, _| {
        engine.command(Command::RemoveAccount {
            account,
            keeps_history: keep.is_active(),
        });
    });
    question.present(Some(parent));
}
