//! The lines of the dialog that forwards, and the mark that walks them.

use relm4::adw::prelude::*;
use relm4::gtk;

use super::ForwardWidgets;
use crate::ui::i18n::{fill, gettext};
use crate::ui::switcher::rank::Candidate;
use crate::ui::widgets::{person_line, voice};

/// Moves the mark, round the ends.
pub(super) fn step_to(widgets: &ForwardWidgets, step: i32) {
    let count = std::iter::successors(widgets.list.first_child(), WidgetExt::next_sibling).count();
    let Some(row) = widgets.list.selected_row().filter(|_| count > 0) else {
        return;
    };
    let next = (row.index() + step).rem_euclid(count as i32);
    let Some(row) = widgets.list.row_at_index(next) else {
        return;
    };
    widgets.list.select_row(Some(&row));
    // The list has not the keyboard, so nobody else scrolls it.
    if let (Some(adjustment), Some(bounds)) =
        (widgets.list.adjustment(), row.compute_bounds(&widgets.list))
    {
        let top = f64::from(bounds.y());
        adjustment.clamp_page(top, top + f64::from(bounds.height()));
    }
    say(widgets);
}

/// Says aloud what is marked; a screen reader follows the keyboard, which stays
/// in the field.
pub(super) fn say(widgets: &ForwardWidgets) {
    let words = widgets
        .list
        .selected_row()
        .map_or_else(|| gettext("Nothing found"), |row| spoken(&row));
    voice::say(&widgets.search, &words, false);
}

fn spoken(row: &gtk::ListBoxRow) -> String {
    let name = row.widget_name();
    if tick(row).is_some_and(|tick| tick.is_active()) {
        // Translators: for a screen reader; somebody to whom a message is forwarded.
        fill(&gettext("{name}, chosen"), &[("name", &name)])
    } else {
        name.into()
    }
}

/// Shows whether the line in this place is chosen.
pub(super) fn show_chosen(widgets: &ForwardWidgets, place: usize, is_chosen: bool) {
    let place = i32::try_from(place).unwrap_or(i32::MAX);
    let Some(row) = widgets.list.row_at_index(place) else {
        return;
    };
    if let Some(tick) = tick(&row) {
        tick.set_active(is_chosen);
    }
    tell(&row, is_chosen);
    voice::say(&widgets.search, &spoken(&row), false);
}

fn tick(row: &gtk::ListBoxRow) -> Option<gtk::CheckButton> {
    row.child()?.last_child().and_downcast()
}

/// Those who listen hear it with the line, too.
fn tell(row: &gtk::ListBoxRow, is_chosen: bool) {
    row.update_state(&[gtk::accessible::State::Checked(if is_chosen {
        gtk::AccessibleTristate::True
    } else {
        gtk::AccessibleTristate::False
    })]);
}

/// Returns the line of somebody.
pub(super) fn line(candidate: &Candidate, is_chosen: bool) -> gtk::ListBoxRow {
    let mut below = Vec::new();
    if candidate.name != candidate.address {
        below.push(candidate.address.as_str());
    }
    if let Some(mark) = &candidate.mark {
        below.push(&mark.name);
    }
    let below = below.join(" · ");
    let content = person_line::new(
        32,
        (&candidate.name, &candidate.address, &candidate.picture),
        &candidate.name,
        &below,
        candidate.mark.as_ref(),
    );
    content.set_margin_top(6);
    content.set_margin_bottom(6);
    let tick = gtk::CheckButton::builder()
        .active(is_chosen)
        .css_classes(["selection-mode"])
        .valign(gtk::Align::Center)
        // A click anywhere on the line ticks, and the line says so.
        .can_target(false)
        .focusable(false)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    content.append(&tick);
    let row = gtk::ListBoxRow::builder().child(&content).build();
    let spoken = if below.is_empty() {
        candidate.name.clone()
    } else {
        format!("{}, {below}", candidate.name)
    };
    row.set_widget_name(&spoken);
    row.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    tell(&row, is_chosen);
    row
}
