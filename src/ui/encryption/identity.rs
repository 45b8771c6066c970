//! New keys for this device: the question before, and the news after.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::engine::api::{Command, Engine, NewIdentity};
use crate::engine::model::AccountId;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::question::dangerous;

/// Asks whether to make new keys; the answer goes to the engine.
pub fn ask(parent: &impl IsA<gtk::Widget>, engine: &Engine, account: AccountId) {
    let question = dangerous(
        &gettext("Make a new encryption identity?"),
        &gettext(
            "This device gets new keys. Contacts who verified you see a new device and have to verify you again. Messages on their way to the old keys cannot be read.\n\nYour history stays. It helps when encrypted messages keep failing; it cannot be undone.",
        ),
        "make",
        &gettext("_Make New Keys"),
    );
    let engine = engine.clone();
    question.connect_response(Some("make"), move |_, _| {
        engine.command(Command::NewIdentity(account));
    });
    question.present(Some(parent));
}

/// Asks whether to take one of the user's other devices off the list.
pub fn ask_to_remove(
    parent: &impl IsA<gtk::Widget>,
    engine: &Engine,
    account: AccountId,
    devices: Vec<(u32, String)>,
) {
    let title = match devices.as_slice() {
        [(_, name)] => fill(
            // Translators: name is what a device is called, such as "Tablet".
            &gettext("Remove “{name}”?"),
            &[("name", name)],
        ),
        _ => gettext("Remove unused devices?"),
    };
    let mut text = gettext(
        "Nothing is encrypted for it any more, by you and by your contacts. It can put itself back when it signs in; if it was stolen, change your password too.",
    );
    if devices.len() > 1 {
        let names: Vec<String> = devices.iter().map(|(_, name)| name.clone()).collect();
        text = format!("{}\n\n{text}", names.join(", "));
    }
    let question = dangerous(&title, &text, "remove", &gettext("_Remove"));
    let engine = engine.clone();
    question.connect_response(Some("remove"), move |_, _| {
        for (device, _) in &devices {
            engine.command(Command::RemoveDevice {
                account,
                device: *device,
            });
        }
    });
    question.present(Some(parent));
}

/// Says that this device has new keys because its data was copied, or an older
/// state came back (attack A61).
pub fn tell_copied(parent: &impl IsA<gtk::Widget>, address: &str) {
    let text = gettext(
        "Stonechat’s data for {address} was copied or put back from a backup. Two programs with the same keys would make each other’s messages unreadable, so this one has made new keys.\n\nYour history is all here. Contacts who verified you see a new device and have to verify you again.",
    );
    let notice = adw::AlertDialog::new(
        Some(&gettext("This device has a new encryption identity")),
        Some(&fill(&text, &[("address", address)])),
    );
    notice.add_response("close", &gettext("_Got It"));
    notice.set_default_response(Some("close"));
    notice.set_close_response("close");
    notice.present(Some(parent));
}

/// Returns what to say about new keys in passing; `None` where it takes more.
pub fn in_passing(why: NewIdentity) -> Option<String> {
    match why {
        NewIdentity::Asked => Some(gettext("This device has a new encryption identity.")),
        NewIdentity::Copied => None,
    }
}
