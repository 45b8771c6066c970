//! Putting somebody into the contact list, changing what it says of them, and
//! taking them out.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use crate::engine::api::{Command, Engine};
use crate::engine::model::{Contact, ConversationRow};
use crate::engine::text::{address, name as name_of};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::question;

/// Asks what somebody is to be called, and with which labels; adds them to the
/// contacts where they are not there yet.
pub fn edit(
    parent: &impl IsA<gtk::Widget>,
    engine: &Engine,
    row: &ConversationRow,
    contact: Option<&Contact>,
) {
    let (heading, text) = if contact.is_some() {
        (gettext("Edit Contact"), String::new())
    } else {
        let sentence = gettext(
            "{address} is asked whether you may see when they are around. Your name and labels for them are kept on your server, for you alone.",
        );
        let shown = address(&row.address);
        (
            gettext("Add to Contacts"),
            fill(&sentence, &[("address", &shown)]),
        )
    };
    let dialog = adw::AlertDialog::new(Some(&heading), None);
    if !text.is_empty() {
        dialog.set_body(&text);
    }
    let name = adw::EntryRow::builder()
        .title(gettext("Name"))
        .activates_default(true)
        .build();
    name.set_text(contact.map_or("", |contact| &contact.name));
    let labels = adw::EntryRow::builder()
        .title(gettext("Labels, Separated by Commas"))
        .activates_default(true)
        .build();
    let known = contact.map_or(&[][..], |contact| &contact.labels);
    let known: Vec<String> = known.iter().map(|label| name_of(label)).collect();
    labels.set_text(&known.join(", "));
    let fields = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    fields.append(&name);
    fields.append(&labels);
    dialog.set_extra_child(Some(&fields));
    let deed = if contact.is_some() {
        gettext("_Save")
    } else {
        gettext("_Add")
    };
    dialog.add_responses(&[("cancel", &gettext("_Cancel")), ("put", &deed)]);
    dialog.set_response_appearance("put", adw::ResponseAppearance::Suggested);
    dialog.set_default_response(Some("put"));
    dialog.set_close_response("cancel");
    let (engine, account, address) = (engine.clone(), row.account, row.address.clone());
    let field = name.clone();
    dialog.connect_response(Some("put"), move |_, _| {
        engine.command(Command::PutContact {
            account,
            address: address.clone(),
            name: field.text().trim().to_owned(),
            labels: labels_in(&labels.text()),
            token: String::new(),
            lets_see: false,
        });
    });
    dialog.present(Some(parent));
    name.grab_focus();
}

/// Asks whether somebody is really to go from the contacts.
pub fn ask_to_remove(parent: &impl IsA<gtk::Widget>, engine: &Engine, row: &ConversationRow) {
    let title = fill(
        &gettext("Remove {name} from your contacts?"),
        &[("name", &row.name)],
    );
    let text = gettext(
        "Neither of you sees any more when the other is around. The chat and its messages stay.",
    );
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

/// Returns the labels in a text with commas between them.
fn labels_in(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_between_commas() {
        assert_eq!(labels_in(" Balcony, Verona ,,"), ["Balcony", "Verona"]);
        assert!(labels_in(" , ").is_empty());
    }
}
