//! The lines of the dialog: what each says, and what it says that Enter does.

use relm4::gtk::{self, prelude::*};

use super::choices::{Choice, Deed};
use crate::engine::text;
use crate::ui::chooser;
use crate::ui::i18n::{fill, gettext};
use crate::ui::link_words::shortened;
use crate::ui::widgets::account_mark::AccountMark;
use crate::ui::widgets::person_line;

/// What a line says.
struct Words {
    title: String,
    below: String,
    /// What Enter does, in a word.
    deed: String,
    /// What Enter does, in a sentence for a screen reader.
    spoken: String,
}

/// Returns the line of a choice. Contacts are changed while online only.
pub fn line(choice: &Choice, mark: Option<&AccountMark>, is_online: bool) -> gtk::ListBoxRow {
    let mut words = words(choice, is_online);
    if let Some(mark) = mark {
        // Translators: account is one of the user's own accounts, by name or address.
        let from = fill(&gettext("from {account}"), &[("account", &mark.name)]);
        words.below = format!("{} · {from}", words.below);
    }
    let content = person_line::new(
        40,
        (&choice.name, &choice.address, &choice.picture),
        &words.title,
        &words.below,
        mark,
    );
    content.set_margin_top(6);
    content.set_margin_bottom(6);
    content.append(
        &gtk::Label::builder()
            .label(&words.deed)
            .css_classes(["end-word"])
            .build(),
    );
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .focusable(false)
        .activatable(true)
        .build();
    chooser::name(&row, &format!("{}. {}", words.spoken, words.below));
    row
}

/// Returns whether the line does anything now.
pub fn is_possible(choice: &Choice, is_online: bool) -> bool {
    match choice.deed {
        Deed::Add(_) | Deed::Remove => is_online,
        Deed::ServerIsBlocked => false,
        _ => true,
    }
}

fn words(choice: &Choice, is_online: bool) -> Words {
    let address = shortened(&text::address(&choice.address));
    let name = choice.name.as_str();
    let say = |sentence: String| fill(&sentence, &[("name", name), ("address", &address)]);
    let offline = || gettext("To change your contacts, be online.");
    match &choice.deed {
        Deed::Open(suggested) => Words {
            title: name.to_owned(),
            below: with_text(&address, suggested),
            // Translators: a word at the end of a line: Enter opens the chat.
            deed: gettext("Open"),
            spoken: say(gettext("Open the chat with {name}")),
        },
        Deed::Write(suggested) => Words {
            title: name.to_owned(),
            below: with_text(&address, suggested),
            // Translators: a word at the end of a line: Enter begins a chat.
            deed: gettext("Write"),
            spoken: say(gettext("Write to {name}")),
        },
        Deed::WriteToStranger(suggested) => {
            let title = say(gettext("Write to {address}"));
            let below = if choice.may_be_group() {
                gettext("This may be a group. Stonechat cannot enter groups yet.")
            } else {
                with_text(&gettext("Not a contact yet."), suggested)
            };
            Words {
                spoken: title.clone(),
                title,
                below,
                deed: gettext("Write"),
            }
        }
        Deed::Add(invitation) => {
            let title = say(gettext("Add {address} to your contacts"));
            let below = if !is_online {
                offline()
            } else if invitation.token.is_empty() {
                gettext("They are asked whether you may see when they are around.")
            } else {
                gettext("With this invitation they may agree at once.")
            };
            Words {
                spoken: title.clone(),
                title,
                below,
                // Translators: a word at the end of a line: Enter adds somebody, after a question.
                deed: gettext("Add…"),
            }
        }
        Deed::Remove => {
            let title = say(gettext("Remove {name} from your contacts"));
            Words {
                spoken: title.clone(),
                title,
                below: if is_online { address } else { offline() },
                // Translators: a word at the end of a line: Enter removes somebody, after a question.
                deed: gettext("Remove…"),
            }
        }
        Deed::Unblock => Words {
            title: name.to_owned(),
            below: gettext("Blocked. Nothing of theirs reaches you."),
            // Translators: a word at the end of a line: Enter lets somebody in again.
            deed: gettext("Unblock"),
            spoken: say(gettext("Unblock {address}")),
        },
        Deed::ServerIsBlocked => Words {
            title: name.to_owned(),
            below: gettext("Their server is blocked. The preferences have the list."),
            deed: String::new(),
            spoken: address,
        },
        Deed::Ask => {
            let title = say(gettext("Verify {address} with this link"));
            Words {
                spoken: title.clone(),
                title,
                below: gettext("It holds keys. You are asked once more."),
                // Translators: a word at the end of a line: Enter compares keys, after a question.
                deed: gettext("Verify…"),
            }
        }
    }
}

fn with_text(below: &str, suggested: &str) -> String {
    if suggested.is_empty() {
        return below.to_owned();
    }
    let hint = gettext("The link suggests a text. It is not sent before you send it.");
    format!("{below} {hint}")
}
