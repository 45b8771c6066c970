//! The list that offers emoji while one writes `:name`.
//!
//! The keyboard stays in the field: the arrows move a mark in the list, Tab and
//! Enter take what is marked, Escape closes. What is marked is said aloud.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use relm4::gtk::{self, gdk, prelude::*};

use super::emoji_names::{Emoji, EmojiNames, typed_name};
use super::field;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::voice;

/// The list, and what it is about.
pub struct Completion {
    view: sourceview5::View,
    popover: gtk::Popover,
    list: gtk::ListBox,
    names: EmojiNames,
    found: RefCell<Vec<Emoji>>,
    /// Where the colon is, in characters.
    from: Cell<i32>,
    /// Escape was pressed for the name that begins here.
    declined: Cell<Option<i32>>,
}

impl Completion {
    /// Makes the list of a field, which stands in `around`.
    pub fn new(view: &sourceview5::View, around: &gtk::Box) -> Rc<Self> {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::Browse)
            .css_classes(["completion"])
            .build();
        list.update_property(&[gtk::accessible::Property::Label(&gettext("Emoji"))]);
        let popover = gtk::Popover::builder()
            .child(&list)
            .autohide(false)
            .can_focus(false)
            .has_arrow(false)
            .position(gtk::PositionType::Top)
            .css_classes(["completion"])
            .build();
        popover.set_parent(around);
        let completion = Rc::new(Self {
            view: view.clone(),
            popover,
            list,
            names: EmojiNames::default(),
            found: RefCell::default(),
            from: Cell::default(),
            declined: Cell::default(),
        });
        let weak = Rc::downgrade(&completion);
        completion.list.connect_row_activated(move |_, row| {
            if let Some(completion) = weak.upgrade() {
                completion.take(row.index());
            }
        });
        let weak = Rc::downgrade(&completion);
        view.buffer().connect_cursor_position_notify(move |_| {
            if let Some(completion) = weak.upgrade() {
                completion.close_elsewhere();
            }
        });
        let focus = gtk::EventControllerFocus::new();
        let weak = Rc::downgrade(&completion);
        focus.connect_leave(move |_| {
            if let Some(completion) = weak.upgrade() {
                completion.close();
            }
        });
        view.add_controller(focus);
        completion
    }

    /// Takes note that something was typed: offers what it may mean, or nothing.
    pub fn typed(&self) {
        let before = self.before();
        let Some((colon, typed)) = typed_name(&before) else {
            self.take_closed(&before);
            self.close();
            return;
        };
        let from = before[..colon].chars().count() as i32;
        if self.declined.get() == Some(from) {
            return;
        }
        let found = self.names.find(typed);
        if found.is_empty() {
            self.close();
            return;
        }
        self.from.set(from);
        self.show(found);
    }

    /// Acts on a key, when the list is open; true when that was all of it.
    pub fn press(&self, key: gdk::Key) -> bool {
        if !self.popover.is_visible() {
            return false;
        }
        match key {
            gdk::Key::Down | gdk::Key::KP_Down => self.step(1),
            gdk::Key::Up | gdk::Key::KP_Up => self.step(-1),
            gdk::Key::Tab | gdk::Key::Return | gdk::Key::KP_Enter | gdk::Key::ISO_Enter => {
                self.take(self.list.selected_row().map_or(0, |row| row.index()));
            }
            gdk::Key::Escape => {
                self.declined.set(Some(self.from.get()));
                self.close();
            }
            _ => return false,
        }
        true
    }

    /// Closes the list; nothing is taken.
    pub fn close(&self) {
        if self.popover.is_visible() {
            self.popover.popdown();
        }
    }

    /// The text before the cursor, from the beginning of its line.
    fn before(&self) -> String {
        let buffer = self.view.buffer();
        let cursor = buffer.iter_at_mark(&buffer.get_insert());
        buffer.text(&buffer.start_iter(), &cursor, true).into()
    }

    /// The cursor left the name.
    fn close_elsewhere(&self) {
        let before = self.before();
        let from = typed_name(&before).map(|(colon, _)| before[..colon].chars().count() as i32);
        if self.declined.get().is_some() && from != self.declined.get() {
            self.declined.set(None);
        }
        if self.popover.is_visible() && from.is_none() && !before.ends_with(':') {
            self.close();
        }
    }

    /// A colon behind a whole name takes what is called so.
    fn take_closed(&self, before: &str) {
        let is_closed = before.strip_suffix(':').and_then(typed_name).is_some();
        if !is_closed || !self.popover.is_visible() {
            return;
        }
        let first = self.found.borrow().first().cloned();
        if first.is_some_and(|emoji| emoji.is_exact) {
            self.take(0);
        }
    }

    fn show(&self, found: Vec<Emoji>) {
        if *self.found.borrow() != found || !self.popover.is_visible() {
            // Not `remove_all`: it would leave a freed row marked.
            while let Some(row) = self.list.row_at_index(0) {
                self.list.remove(&row);
            }
            for emoji in &found {
                self.list.append(&line(emoji));
            }
            self.found.replace(found);
        }
        self.list.select_row(self.list.row_at_index(0).as_ref());
        self.point();
        self.popover.popup();
        self.say();
    }

    /// Lets the list point at the colon.
    fn point(&self) {
        let place = self.view.buffer().iter_at_offset(self.from.get());
        let letter = self.view.iter_location(&place);
        let (x, y) =
            self.view
                .buffer_to_window_coords(gtk::TextWindowType::Widget, letter.x(), letter.y());
        let point = gtk::graphene::Point::new(x as f32, y as f32);
        let around = self.popover.parent();
        let point = around.and_then(|around| self.view.compute_point(&around, &point));
        if let Some(point) = point {
            let place = gdk::Rectangle::new(point.x() as i32, point.y() as i32, 1, letter.height());
            self.popover.set_pointing_to(Some(&place));
        }
    }

    fn step(&self, step: i32) {
        let count = self.found.borrow().len() as i32;
        let at = self.list.selected_row().map_or(0, |row| row.index());
        let next = (at + step).rem_euclid(count.max(1));
        self.list.select_row(self.list.row_at_index(next).as_ref());
        self.say();
    }

    fn take(&self, place: i32) {
        let place = usize::try_from(place).unwrap_or_default();
        let letters = self
            .found
            .borrow()
            .get(place)
            .map(|emoji| emoji.letters.clone());
        self.close();
        let Some(letters) = letters else { return };
        let buffer = self.view.buffer();
        let from = buffer.iter_at_offset(self.from.get());
        let cursor = buffer.iter_at_mark(&buffer.get_insert());
        buffer.select_range(&cursor, &from);
        field::insert(&self.view, &letters);
    }

    fn say(&self) {
        let Some(row) = self.list.selected_row() else {
            return;
        };
        let found = self.found.borrow();
        let places = [
            ("name", row.widget_name().to_string()),
            ("place", (row.index() + 1).to_string()),
            ("count", found.len().to_string()),
        ];
        let places = places
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        // Translators: for a screen reader; one emoji of a list of several.
        let words = fill(&gettext("{name}, {place} of {count}"), &places);
        voice::say(self.view.upcast_ref::<gtk::Widget>(), &words, false);
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        if self.popover.parent().is_some() {
            self.popover.unparent();
        }
    }
}

fn line(emoji: &Emoji) -> gtk::ListBoxRow {
    let content = gtk::Box::builder().spacing(10).build();
    let letters = gtk::Label::builder()
        .label(&emoji.letters)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    content.append(&letters);
    content.append(&gtk::Label::builder().label(&emoji.name).xalign(0.0).build());
    let row = gtk::ListBoxRow::builder()
        .child(&content)
        .focusable(false)
        .build();
    row.set_widget_name(&emoji.name);
    row.update_property(&[gtk::accessible::Property::Label(&emoji.name)]);
    row
}
