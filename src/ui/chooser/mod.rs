//! A field and a list below it, in which somebody is found by a few letters:
//! the common part of the dialogs that choose somebody.
//!
//! The keyboard stays in the field; the arrows move a mark in the list, round
//! the ends, and what is marked is said aloud, as a screen reader follows the
//! keyboard. What Enter means is up to the dialog.

pub mod people;
pub mod rank;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{adw, gtk};

use super::i18n::gettext;
use super::widgets::voice;

/// What a dialog hears from its chooser.
#[derive(Debug)]
pub enum Heard {
    /// The field holds this.
    Typed(String),
    /// Mark the next line, or the one before.
    Step(i32),
    /// Enter in the field.
    Enter,
    /// The line in this place was clicked.
    Clicked(usize),
    /// Escape in the field.
    Left,
}

/// What stands where there is no line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// A few words.
    pub title: String,
    /// A sentence.
    pub text: String,
}

/// The widgets.
pub struct Chooser {
    /// All of it.
    pub widget: gtk::Box,
    /// Where one types; it is to have the keyboard.
    pub search: gtk::SearchEntry,
    list: gtk::ListBox,
    pages: gtk::Stack,
    instead: adw::StatusPage,
    trouble: gtk::Label,
}

impl Chooser {
    /// Makes an empty one. `asks` stands in the empty field, and names it;
    /// `names` is what the list is called.
    pub fn new(asks: &str, names: &str, heard: impl Fn(Heard) + Clone + 'static) -> Self {
        let search = gtk::SearchEntry::builder()
            .placeholder_text(asks)
            .margin_start(12)
            .margin_end(12)
            .search_delay(0)
            .build();
        search.update_property(&[gtk::accessible::Property::Label(asks)]);
        let tell = heard.clone();
        search.connect_search_changed(move |entry| tell(Heard::Typed(entry.text().into())));
        let tell = heard.clone();
        search.connect_activate(move |_| tell(Heard::Enter));
        let tell = heard.clone();
        search.connect_stop_search(move |_| tell(Heard::Left));
        let trouble = gtk::Label::builder()
            .wrap(true)
            .xalign(0.0)
            .margin_start(12)
            .margin_end(12)
            .visible(false)
            .css_classes(["error"])
            .accessible_role(gtk::AccessibleRole::Alert)
            .build();
        let list = gtk::ListBox::builder()
            .css_classes(["navigation-sidebar", "switcher"])
            .selection_mode(gtk::SelectionMode::Browse)
            .build();
        list.update_property(&[gtk::accessible::Property::Label(names)]);
        let tell = heard.clone();
        list.connect_row_activated(move |_, row| tell(Heard::Clicked(place_of(row))));
        let instead = adw::StatusPage::builder().css_classes(["compact"]).build();
        let pages = gtk::Stack::builder().vexpand(true).build();
        pages.add_named(&gtk::Box::default(), Some("reading"));
        let scrolled = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .child(&list)
            .build();
        pages.add_named(&scrolled, Some("found"));
        pages.add_named(&instead, Some("instead"));
        let widget = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .build();
        widget.append(&search);
        widget.append(&trouble);
        widget.append(&pages);
        walk_by_arrows(&search, heard);
        Self {
            widget,
            search,
            list,
            pages,
            instead,
            trouble,
        }
    }

    /// Shows these lines, the first one marked; without any, what stands
    /// there instead, or nothing while that is not known yet.
    pub fn show(&self, rows: &[gtk::ListBoxRow], instead: Option<Instead>) {
        // Not `remove_all`: it would leave a freed row marked.
        while let Some(row) = self.list.row_at_index(0) {
            self.list.remove(&row);
        }
        for row in rows {
            self.list.append(row);
        }
        self.list.select_row(rows.first());
        self.pages
            .set_visible_child_name(match (&instead, rows.is_empty()) {
                (_, false) => "found",
                (Some(_), true) => "instead",
                (None, true) => "reading",
            });
        if let Some(instead) = instead {
            self.instead.set_title(&instead.title);
            self.instead
                .set_description(Some(&glib::markup_escape_text(&instead.text)));
        }
        if !self.search.text().trim().is_empty() {
            self.say_marked();
        }
    }

    /// Moves the mark, round the ends.
    pub fn step(&self, step: i32) {
        let lines = std::iter::successors(self.list.first_child(), WidgetExt::next_sibling);
        let count = i32::try_from(lines.count()).unwrap_or(i32::MAX);
        let Some(row) = self.list.selected_row().filter(|_| count > 0) else {
            return;
        };
        let Some(row) = self
            .list
            .row_at_index((row.index() + step).rem_euclid(count))
        else {
            return;
        };
        self.list.select_row(Some(&row));
        // The list has not the keyboard, so nobody else scrolls it.
        if let (Some(adjustment), Some(bounds)) =
            (self.list.adjustment(), row.compute_bounds(&self.list))
        {
            let top = f64::from(bounds.y());
            adjustment.clamp_page(top, top + f64::from(bounds.height()));
        }
        self.say_marked();
    }

    /// Returns the place of the line that is marked.
    pub fn marked(&self) -> Option<usize> {
        self.list.selected_row().map(|row| place_of(&row))
    }

    /// Returns the line in a place.
    pub fn line(&self, place: usize) -> Option<gtk::ListBoxRow> {
        self.list.row_at_index(i32::try_from(place).ok()?)
    }

    /// Says aloud what happened to a line.
    pub fn say(&self, words: &str) {
        voice::say(&self.search, words, false);
    }

    /// Shows what went wrong, or that nothing did.
    pub fn show_trouble(&self, trouble: Option<&str>) {
        self.trouble.set_visible(trouble.is_some());
        self.trouble.set_label(trouble.unwrap_or_default());
    }

    fn say_marked(&self) {
        let words = self.list.selected_row();
        self.say(&words.map_or_else(|| gettext("Nothing found"), |row| spoken(&row)));
    }
}

/// Gives a line the words that a screen reader says of it.
pub fn name(row: &gtk::ListBoxRow, spoken: &str) {
    row.set_widget_name(spoken);
    row.update_property(&[gtk::accessible::Property::Label(spoken)]);
}

/// Returns those words.
pub fn spoken(row: &gtk::ListBoxRow) -> String {
    row.widget_name().into()
}

/// Returns what stands where nobody is found.
pub fn nothing_found() -> Instead {
    Instead {
        title: gettext("Nothing found"),
        text: gettext("No chat and no contact has this name or address."),
    }
}

fn place_of(row: &gtk::ListBoxRow) -> usize {
    usize::try_from(row.index()).unwrap_or_default()
}

fn walk_by_arrows(search: &gtk::SearchEntry, heard: impl Fn(Heard) + 'static) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    keys.connect_key_pressed(move |_, key, _, _| {
        let step = match key {
            gdk::Key::Down | gdk::Key::KP_Down => 1,
            gdk::Key::Up | gdk::Key::KP_Up => -1,
            _ => return glib::Propagation::Proceed,
        };
        heard(Heard::Step(step));
        glib::Propagation::Stop
    });
    search.add_controller(keys);
}
