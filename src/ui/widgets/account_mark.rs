//! An account's colour and name, as a mark beside what belongs to it.
//!
//! Shown only where there are several accounts. Never by colour alone: the name
//! stands beside the dot.

use relm4::gtk::{self, pango, prelude::*};

use crate::engine::model::{Account, AccountId};
use crate::ui::i18n::pgettext;

/// How many colours there are: the accents of libadwaita.
pub const COLOURS: u8 = 9;

/// What marks an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountMark {
    /// The user's name for it, else its address.
    pub name: String,
    /// From 1 to 9; 0: none.
    pub colour: u8,
}

impl AccountMark {
    /// Returns the mark of an account; `None` where there is only one account.
    pub fn of(accounts: &[Account], id: AccountId) -> Option<Self> {
        let account = accounts.iter().find(|account| account.id == id)?;
        (accounts.len() > 1).then(|| Self {
            name: name(account).to_owned(),
            colour: account.colour,
        })
    }
}

/// Returns what an account is called: the user's name for it, else its address.
pub fn name(account: &Account) -> &str {
    if account.label.is_empty() {
        &account.address
    } else {
        &account.label
    }
}

/// Returns the name of a colour.
pub fn colour_name(colour: u8) -> String {
    match colour {
        1 => pgettext("colour", "Blue"),
        2 => pgettext("colour", "Teal"),
        3 => pgettext("colour", "Green"),
        4 => pgettext("colour", "Yellow"),
        5 => pgettext("colour", "Orange"),
        6 => pgettext("colour", "Red"),
        7 => pgettext("colour", "Pink"),
        8 => pgettext("colour", "Purple"),
        9 => pgettext("colour", "Slate"),
        _ => pgettext("colour", "None"),
    }
}

/// Returns the style class of a colour.
pub fn colour_class(colour: u8) -> String {
    format!("account-{}", if colour > COLOURS { 0 } else { colour })
}

/// Returns a dot; [`show_dot`] colours it.
pub fn dot() -> gtk::Box {
    gtk::Box::builder()
        .css_classes(["account-dot"])
        .valign(gtk::Align::Center)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build()
}

/// Colours a dot.
pub fn show_dot(dot: &gtk::Box, colour: u8) {
    dot.set_css_classes(&["account-dot", &colour_class(colour)]);
}

/// Returns a mark that shows nothing yet.
pub fn new() -> gtk::Box {
    let mark = gtk::Box::builder()
        .css_classes(["account-mark"])
        .spacing(4)
        .valign(gtk::Align::Center)
        .visible(false)
        .build();
    mark.append(&dot());
    mark.append(
        &gtk::Label::builder()
            .ellipsize(pango::EllipsizeMode::End)
            .max_width_chars(12)
            .single_line_mode(true)
            .build(),
    );
    mark
}

/// Lets a mark show an account, or nothing.
pub fn show(mark: &gtk::Box, account: Option<&AccountMark>) {
    mark.set_visible(account.is_some());
    let Some(account) = account else { return };
    if let Some(dot) = mark.first_child().and_downcast::<gtk::Box>() {
        show_dot(&dot, account.colour);
    }
    if let Some(label) = mark.last_child().and_downcast::<gtk::Label>() {
        label.set_label(&account.name);
    }
}
