//! Questions before something that cannot be undone.

use relm4::adw;
use relm4::adw::prelude::*;

use crate::ui::i18n::gettext;

/// Returns a question with Cancel, which is also what Enter and Escape answer,
/// and the deed, by the name `deed`, in the colour of a warning.
pub fn dangerous(title: &str, text: &str, deed: &str, label: &str) -> adw::AlertDialog {
    let question = adw::AlertDialog::new(Some(title), Some(text));
    question.add_responses(&[("cancel", &gettext("_Cancel")), (deed, label)]);
    question.set_response_appearance(deed, adw::ResponseAppearance::Destructive);
    question.set_default_response(Some("cancel"));
    question.set_close_response("cancel");
    question
}
