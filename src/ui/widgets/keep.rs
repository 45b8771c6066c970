//! The row that says for how long messages are kept, and the question before
//! older ones are deleted.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use super::question::dangerous;
use crate::ui::i18n::{count, fill, gettext};

/// What is offered, in days.
const DAYS: [u32; 4] = [365, 30, 7, 1];

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for: days; what is not above zero is the caller's affair.
    pub days: i64,
    /// In words.
    pub words: String,
    /// Choosing it deletes messages.
    pub deletes: bool,
}

impl Choice {
    /// Returns the choice to keep messages for ever, as the caller writes it.
    pub fn for_ever(days: i64) -> Self {
        Self {
            days,
            words: gettext("For Ever"),
            deletes: false,
        }
    }
}

/// Returns the row: first what the caller offers, then numbers of days, with
/// `now` chosen. `chosen` hears what is chosen, after the user was asked where
/// that deletes messages.
pub fn row(first: Vec<Choice>, now: i64, chosen: impl Fn(i64) + Clone + 'static) -> adw::ComboRow {
    let mut choices = first;
    for days in DAYS.map(i64::from).into_iter().chain([now]) {
        if choices.iter().all(|choice| choice.days != days) {
            let number = u32::try_from(days).unwrap_or(0);
            choices.push(Choice {
                days,
                words: count("{count} Day", "{count} Days", number),
                deletes: true,
            });
        }
    }
    let words: Vec<&str> = choices.iter().map(|choice| choice.words.as_str()).collect();
    let place = choices.iter().position(|choice| choice.days == now);
    let place = place.unwrap_or(0) as u32;
    let row = adw::ComboRow::builder()
        .title(gettext("Keep Messages on This Computer"))
        .title_lines(0)
        // Below the title: beside it there is no room in large text.
        .use_subtitle(true)
        .model(&gtk::StringList::new(&words))
        .selected(place)
        .build();
    let at = Rc::new(Cell::new(place));
    row.connect_selected_notify(move |row| {
        let wanted = row.selected();
        let Some(choice) = choices.get(wanted as usize) else {
            return;
        };
        if wanted == at.get() {
            return;
        }
        if !choice.deletes {
            at.set(wanted);
            chosen(choice.days);
            return;
        }
        let question = question(choice);
        let (known, row, chosen) = (at.clone(), row.clone(), chosen.clone());
        let (days, parent) = (choice.days, row.clone());
        question.connect_response(None, move |_, answer| {
            if answer == "delete" {
                known.set(wanted);
                chosen(days);
            } else {
                row.set_selected(known.get());
            }
        });
        question.present(Some(&parent));
    });
    row
}

fn question(choice: &Choice) -> adw::AlertDialog {
    let title = fill(
        // Translators: how long is "For Ever", "7 Days" or the like.
        &gettext("Keep messages: {how_long}?"),
        &[("how_long", &choice.words)],
    );
    let text = gettext(
        "Older messages are deleted from this computer now, and from now on as they get older. Your server, your other devices and the other person keep theirs. What waits to be sent stays.",
    );
    dangerous(&title, &text, "delete", &gettext("_Delete Older Messages"))
}
