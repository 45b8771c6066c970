//! The question before somebody is blocked: whom exactly, and whether the
//! server is to hear why.

use relm4::adw::prelude::*;
use relm4::gtk;

use super::question::dangerous;
use crate::engine::model::ReportReason;
use crate::ui::i18n::{fill, gettext};

/// What the user decided: an address or a server's, and what for.
pub type Decision = (String, Option<ReportReason>);

/// Asks whether to block `address`, called `name`; `decided` hears a yes. With
/// `is_report` reporting spam is chosen already.
pub fn ask(
    window: &impl IsA<gtk::Widget>,
    address: &str,
    name: &str,
    is_report: bool,
    decided: impl Fn(Decision) + 'static,
) {
    let server = address.split_once('@').map(|(_, server)| server.to_owned());
    let title = match server {
        // Translators: name is a contact's name or address.
        Some(_) => fill(&gettext("Block {name}?"), &[("name", name)]),
        // Translators: name is the address of a server.
        None => fill(&gettext("Block everybody at {name}?"), &[("name", name)]),
    };
    let text = gettext(
        "Their messages do not reach you any more, they do not see when you are online, and the chat is hidden on all your devices. They are not told. Your server keeps the list of who is blocked, and those who run it can read it.",
    );
    let question = dangerous(&title, &text, "block", &gettext("_Block"));
    let only = choice(&gettext("Tell nobody why"), None);
    let spam = choice(&gettext("Report spam to my server"), Some(&only));
    let abuse = choice(&gettext("Report abuse to my server"), Some(&only));
    let choices = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(6)
        .build();
    for choice in [&only, &spam, &abuse] {
        choices.append(choice);
    }
    if is_report { &spam } else { &only }.set_active(true);
    let whole = server.as_ref().map(|server| {
        let words = fill(
            // Translators: server is the address of a server.
            &gettext("Block everybody at {server}"),
            &[("server", server)],
        );
        let whole = choice(&words, None);
        whole.set_margin_top(6);
        choices.append(&whole);
        whole
    });
    question.set_extra_child(Some(&choices));
    let address = address.to_owned();
    question.connect_response(Some("block"), move |_, _| {
        let report = if spam.is_active() {
            Some(ReportReason::Spam)
        } else if abuse.is_active() {
            Some(ReportReason::Abuse)
        } else {
            None
        };
        let is_whole = whole.as_ref().is_some_and(gtk::CheckButton::is_active);
        let whom = match &server {
            Some(server) if is_whole => server.clone(),
            _ => address.clone(),
        };
        decided((whom, report));
    });
    question.present(Some(window));
}

/// A choice whose words go over as many lines as they need.
fn choice(words: &str, group: Option<&gtk::CheckButton>) -> gtk::CheckButton {
    let label = super::label::sentence(words, &[]);
    let choice = gtk::CheckButton::builder().child(&label).build();
    choice.set_group(group);
    choice
}
