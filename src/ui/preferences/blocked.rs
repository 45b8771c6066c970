//! Who is blocked, each with a button to let them in again.

use relm4::Sender;
use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use super::PreferencesMsg;
use super::page::{Builder, as_title};
use crate::engine::model::{Account, Blocked};
use crate::engine::text;
use crate::ui::i18n::{fill, gettext};

/// The list on the page about privacy.
pub struct BlockedList {
    expander: adw::ExpanderRow,
    rows: Vec<adw::ActionRow>,
}

impl BlockedList {
    /// Builds the list; it is empty until it is shown somebody.
    pub fn new(page: &mut Builder) -> Self {
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Blocked"))
            .description(gettext(
                "Your server keeps the list for all your devices; those who run it can read it.",
            ))
            .build();
        let expander = adw::ExpanderRow::builder()
            .title(gettext("Blocked People and Servers"))
            .title_lines(0)
            .build();
        // The row itself is no button, and would have no name.
        expander
            .upcast_ref::<gtk::Widget>()
            .update_property(&[gtk::accessible::Property::Label(&expander.title())]);
        group.add(&expander);
        page.add(&group);
        page.findable(
            expander.title().into(),
            gettext("Unblock, spam, block list"),
            &expander,
        );
        Self {
            expander,
            rows: Vec::new(),
        }
    }

    /// Shows who is blocked; with several accounts also by which.
    pub fn show(
        &mut self,
        blocked: &[Blocked],
        accounts: &[Account],
        input: &Sender<PreferencesMsg>,
    ) {
        for row in self.rows.drain(..) {
            self.expander.remove(&row);
        }
        self.expander.set_subtitle(&if blocked.is_empty() {
            gettext("Nobody")
        } else {
            blocked.len().to_string()
        });
        self.expander.set_enable_expansion(!blocked.is_empty());
        for somebody in blocked {
            let address = text::address(&somebody.address).into_owned();
            let row = adw::ActionRow::builder()
                .title(as_title(&address))
                .title_lines(0)
                .build();
            if accounts.len() > 1
                && let Some(account) = accounts.iter().find(|known| known.id == somebody.account)
            {
                row.set_subtitle(&as_title(&account.address));
            }
            let unblock = gtk::Button::builder()
                .label(gettext("Unblock"))
                .valign(gtk::Align::Center)
                .css_classes(["flat"])
                .build();
            unblock.update_property(&[gtk::accessible::Property::Label(&fill(
                // Translators: address is of a person or a server.
                &gettext("Unblock {address}"),
                &[("address", &address)],
            ))]);
            let (input, whom) = (input.clone(), somebody.clone());
            unblock.connect_clicked(move |_| input.emit(PreferencesMsg::Unblock(whom.clone())));
            row.add_suffix(&unblock);
            self.expander.add_row(&row);
            self.rows.push(row);
        }
    }
}
