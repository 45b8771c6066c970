//! Putting somebody into the contact list, changing what it says of them, and
//! taking them out.

use relm4::adw::prelude::*;
use relm4::gtk;

use crate::engine::api::{Command, Engine};
use crate::engine::model::{Contact, ConversationRow};
use crate::engine::text::address;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::{contact_question, question};

/// Asks what somebody is to be called, and with which labels; adds them to the
/// contacts where they are not there yet.
pub fn edit(
    parent: &impl IsA<gtk::Widget>,
    engine: &Engine,
    row: &ConversationRow,
    contact: Option<&Contact>,
) {
    let sentence = gettext(
        "{address} is asked whether you may see when they are around. Your name and labels for them are kept on your server, for you alone.",
    );
    let text = fill(&sentence, &[("address", &address(&row.address))]);
    let about = contact_question::About {
        text: if contact.is_some() { "" } else { &text },
        name: contact.map_or("", |contact| &contact.name),
        labels: contact.map_or(&[], |contact| &contact.labels),
        is_new: contact.is_none(),
    };
    let (engine, account, address) = (engine.clone(), row.account, row.address.clone());
    let question = contact_question::question(about, None, move |decision| {
        engine.command(Command::PutContact {
            account,
            address: address.clone(),
            name: decision.name,
            labels: decision.labels,
            token: String::new(),
            lets_see: decision.lets_see,
        });
    });
    question.present(Some(parent));
}

/// Asks whether somebody is really to go from the contacts.
pub fn ask_to_remove(parent: &impl IsA<gtk::Widget>, engine: &Engine, row: &ConversationRow) {
    let (title, text) = removal(&row.name);
    let question = question::dangerous(&title, &text, "remove", &gettext("_Remove"));
    let (engine, account, address) = (engine.clone(), row.account, row.address.clone());
    question.connect_response(Some("remove"), move |_, _| {
        engine.command(Command::RemoveContact {
            account,
            address: address.clone(),
        });
    });
    question.present(Some(parent));
}

/// Returns what is asked before somebody goes from the contacts.
pub fn removal(name: &str) -> (String, String) {
    let title = fill(
        &gettext("Remove {name} from your contacts?"),
        &[("name", name)],
    );
    let text = gettext(
        "Neither of you sees any more when the other is around. The chat and its messages stay.",
    );
    (title, text)
}
