//! The lines of the switcher, and the mark that walks them.

use relm4::adw::prelude::*;
use relm4::gtk;

use super::SwitcherWidgets;
use super::rank::Candidate;
use crate::ui::i18n::gettext;
use crate::ui::widgets::{person_line, voice};

/// Moves the mark, round the ends.
pub(super) fn step_to(widgets: &SwitcherWidgets, step: i32) {
    let count = std::iter::successors(widgets.list.first_child(), WidgetExt::next_sibling).count();
    let Some(row) = widgets.list.selected_row().filter(|_| count > 0) else {
        return;
    };
    let next = (row.index() + step).rem_euclid(count as i32);
    let Some(row) = widgets.list.row_at_index(next) else {
        return;
    };
    widgets.list.select_row(Some(&row));
    scroll_to(widgets, &row);
    say(widgets);
}

/// The list has not the keyboard, so nobody else scrolls it.
fn scroll_to(widgets: &SwitcherWidgets, row: &gtk::ListBoxRow) {
    let (Some(adjustment), Some(bounds)) =
        (widgets.list.adjustment(), row.compute_bounds(&widgets.list))
    else {
        return;
    };
    let top = f64::from(bounds.y());
    adjustment.clamp_page(top, top + f64::from(bounds.height()));
}

/// Says aloud what is marked; a screen reader follows the keyboard, which stays
/// in the field.
pub(super) fn say(widgets: &SwitcherWidgets) {
    let words = widgets
        .list
        .selected_row()
        .map_or_else(|| gettext("Nothing found"), |row| row.widget_name().into());
    voice::say(&widgets.search, &words, false);
}

/// Returns the line of somebody.
pub(super) fn line(candidate: &Candidate) -> gtk::ListBoxRow {
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
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .focusable(false)
        .build();
    let spoken = if below.is_empty() {
        candidate.name.clone()
    } else {
        format!("{}, {below}", candidate.name)
    };
    row.set_widget_name(&spoken);
    row.update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}
