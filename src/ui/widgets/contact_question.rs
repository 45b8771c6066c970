//! The question how somebody is to stand among the contacts: what they are
//! called, with which labels, and whether they may see the user.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use crate::engine::text::name as name_of;
use crate::ui::i18n::gettext;

/// What the question begins with.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What it says above the fields, or nothing.
    pub text: &'a str,
    /// What they are called so far; empty: nothing.
    pub name: &'a str,
    /// The labels so far.
    pub labels: &'a [String],
    /// They are no contact yet.
    pub is_new: bool,
}

/// What the user decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The name; empty: none.
    pub name: String,
    /// The labels.
    pub labels: Vec<String>,
    /// Somebody new may see when the user is around.
    pub lets_see: bool,
}

/// Returns the question, to be presented; `more` stands below its fields.
/// `decided` hears a yes.
pub fn question(
    about: About<'_>,
    more: Option<&gtk::Box>,
    decided: impl Fn(Decision) + 'static,
) -> adw::AlertDialog {
    let (heading, deed) = if about.is_new {
        (gettext("Add to Contacts"), gettext("_Add"))
    } else {
        (gettext("Edit Contact"), gettext("_Save"))
    };
    let dialog = adw::AlertDialog::new(Some(&heading), None);
    dialog.set_body_use_markup(false);
    if !about.text.is_empty() {
        dialog.set_body(about.text);
    }
    let name = field(&gettext("Name"), about.name);
    let known: Vec<String> = about.labels.iter().map(|label| name_of(label)).collect();
    let labels = field(&gettext("Labels, Separated by Commas"), &known.join(", "));
    let lets_see = adw::SwitchRow::builder()
        .title(gettext("Let Them See When You Are Around"))
        .title_lines(0)
        .active(true)
        .visible(about.is_new)
        .build();
    let fields = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    fields.append(&name);
    fields.append(&labels);
    fields.append(&lets_see);
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(12)
        .build();
    content.append(&fields);
    if let Some(more) = more {
        content.append(more);
    }
    dialog.set_extra_child(Some(&content));
    dialog.add_responses(&[("cancel", &gettext("_Cancel")), ("put", &deed)]);
    dialog.set_response_appearance("put", adw::ResponseAppearance::Suggested);
    dialog.set_default_response(Some("put"));
    dialog.set_close_response("cancel");
    dialog.set_focus(Some(&name));
    dialog.connect_response(Some("put"), move |_, _| {
        decided(Decision {
            name: name.text().trim().to_owned(),
            labels: labels_in(&labels.text()),
            lets_see: lets_see.is_visible() && lets_see.is_active(),
        });
    });
    dialog
}

fn field(title: &str, text: &str) -> adw::EntryRow {
    let field = adw::EntryRow::builder()
        .title(title)
        .activates_default(true)
        .build();
    field.set_text(text);
    field
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
