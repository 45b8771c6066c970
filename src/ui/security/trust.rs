//! The second question before a weaker way to sign in is accepted. Its default
//! is to leave things as they are.

use relm4::adw::prelude::*;
use relm4::{Sender, adw};

use super::SecurityMsg;
use crate::ui::i18n::{fill, gettext};

/// Asks over `root`.
pub(super) fn ask(root: &adw::NavigationPage, domain: &str, input: &Sender<SecurityMsg>) {
    let places = [("domain", domain)];
    let title = fill(&gettext("Trust {domain} anew?"), &places);
    let text = fill(
        &gettext(
            "Stonechat forgets how {domain} protected your sign-in before and takes what it offers now. If somebody sits in between, this is what they wait for. Do it only when the operator has confirmed the change, and not by chat.",
        ),
        &places,
    );
    let question = adw::AlertDialog::new(Some(&title), Some(&text));
    question.add_responses(&[
        ("stay", &gettext("_Stay Offline")),
        ("trust", &gettext("_Trust Anew")),
    ]);
    question.set_response_appearance("trust", adw::ResponseAppearance::Destructive);
    question.set_default_response(Some("stay"));
    question.set_close_response("stay");
    let input = input.clone();
    question.connect_response(Some("trust"), move |_, _| {
        // The page may be gone.
        let _ = input.send(SecurityMsg::Trust);
    });
    question.present(Some(root));
}
