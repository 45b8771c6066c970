//! What one can do about a message that cannot be read: the buttons below its
//! sentence, the words behind "Why?", and those that ask for it again.

use relm4::adw::prelude::*;
use relm4::gtk::glib::variant::ToVariant;
use relm4::{adw, gtk};

use crate::engine::model::{CannotRead, Direction, MessageRow as Message};
use crate::ui::encryption::words::message::{self as words, Deed};
use crate::ui::i18n::gettext;

/// The foot of such a bubble.
#[derive(Debug)]
pub struct Foot {
    /// All of it.
    pub root: adw::WrapBox,
    deed: gtk::Button,
    why: gtk::Button,
}

impl Default for Foot {
    fn default() -> Self {
        let root = adw::WrapBox::builder()
            .css_classes(["foot"])
            .child_spacing(6)
            .line_spacing(4)
            .build();
        let deed = gtk::Button::builder().css_classes(["deed"]).build();
        let why = gtk::Button::builder()
            // Translators: a button that says why a message cannot be read.
            .label(gettext("Why?"))
            .css_classes(["flat", "deed"])
            .build();
        why.update_property(&[gtk::accessible::Property::Label(&gettext(
            "Why can this message not be read?",
        ))]);
        root.append(&deed);
        root.append(&why);
        Self { root, deed, why }
    }
}

impl Foot {
    /// Shows what can be done. `is_wished`: the user has asked for it already.
    pub fn show(&self, message: &Message, why: CannotRead, is_wished: bool) {
        self.root.set_visible(true);
        let id = message.id.0.to_variant();
        let is_own = message.direction == Direction::Outgoing;
        let deed = words::deed(why, is_own);
        self.deed.set_visible(deed.is_some());
        // Words that stand alone begin where those above do.
        self.root.set_css_classes(if deed.is_some() {
            &["foot"]
        } else {
            &["foot", "alone"]
        });
        if let Some(deed) = deed {
            let is_done = is_wished && deed != Deed::Devices;
            self.deed.set_label(&if is_done {
                deed.label_when_done()
            } else {
                deed.label()
            });
            // The target first: GTK checks it when the name is set.
            self.deed.set_action_name(None);
            self.deed.set_action_target_value(Some(&id));
            if is_done {
                self.deed.set_sensitive(false);
            } else {
                self.deed.set_sensitive(true);
                self.deed.set_action_name(Some(deed.action()));
            }
        }
        self.why.set_action_target_value(Some(&id));
        self.why.set_action_name(Some("message.why"));
    }

    /// Takes the buttons away.
    pub fn hide(&self) {
        self.root.set_visible(false);
    }
}

/// Returns what the other side is asked, by a message in their chat.
pub fn asking() -> String {
    // Translators: sent to a contact, in the user's name and language.
    gettext("A message of yours could not be decrypted here. Please send it again.")
}

/// Says at length why a message of `name` cannot be read. The words are ours,
/// never the sender's (attack A51).
pub fn explain(parent: &impl IsA<gtk::Widget>, why: CannotRead, name: &str) {
    let dialog = adw::AlertDialog::new(Some(&words::why_title(why)), Some(&words::why(why, name)));
    dialog.add_response("close", &gettext("_Close"));
    dialog.set_default_response(Some("close"));
    dialog.set_close_response("close");
    dialog.present(Some(parent));
}
