//! Underlines words that no dictionary knows, while one writes.
//!
//! A dictionary costs time and memory, so nothing is loaded before there is
//! something to check, and then only after the letter is on the screen.
//! Without a dictionary for the person's language nothing is underlined: a text
//! full of red lines says nothing. Other languages are in the context menu.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::time::Instant;

use libspelling::{Checker, Provider, TextBufferAdapter};
use relm4::gtk::{self, gdk, glib, prelude::*};

use super::unchecked::unchecked;

/// What libspelling looks for where it is not to look.
const UNCHECKED_TAG: &str = "gtksourceview:context-classes:no-spell-check";

/// The spelling of one text field.
pub struct Spelling {
    view: sourceview5::View,
    buffer: sourceview5::Buffer,
    is_wanted: Cell<bool>,
    /// The language chosen before, when it is known.
    preferred: RefCell<Option<String>>,
    adapter: OnceCell<TextBufferAdapter>,
    tell: Box<dyn Fn(Chosen)>,
}

/// What the person changed in the context menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Another language, by its code.
    Language(String),
    /// Spelling was switched on, or off.
    Checks(bool),
}

impl Spelling {
    /// Makes the spelling of a field; switched off, and nothing is loaded yet.
    /// `tell` hears what is changed in the context menu.
    pub fn new(
        view: &sourceview5::View,
        buffer: &sourceview5::Buffer,
        tell: impl Fn(Chosen) + 'static,
    ) -> Rc<Self> {
        let spelling = Rc::new(Self {
            view: view.clone(),
            buffer: buffer.clone(),
            is_wanted: Cell::new(false),
            preferred: RefCell::default(),
            adapter: OnceCell::new(),
            tell: Box::new(tell),
        });
        load_for_a_menu(&spelling);
        spelling
    }

    /// Switches spelling on or off.
    pub fn set_wanted(self: &Rc<Self>, is_wanted: bool) {
        self.is_wanted.set(is_wanted);
        if let Some(adapter) = self.adapter.get() {
            adapter.set_enabled(is_wanted);
        } else if self.buffer.char_count() > 0 {
            self.load_soon();
        }
    }

    /// Sets the language chosen in an earlier run; before anything is loaded.
    pub fn set_preferred(&self, code: Option<String>) {
        self.preferred.replace(code);
    }

    /// Takes note of a change in the text: leaves out links and code, and loads
    /// a dictionary for the first word.
    pub fn text_changed(self: &Rc<Self>) {
        if self.adapter.get().is_some() {
            self.leave_out();
        } else if self.buffer.char_count() > 0 {
            self.load_soon();
        }
    }

    /// Loads when the window has drawn what was typed.
    fn load_soon(self: &Rc<Self>) {
        if self.is_wanted.get() {
            let weak = Rc::downgrade(self);
            glib::idle_add_local_once(move || {
                if let Some(spelling) = weak.upgrade() {
                    spelling.load();
                }
            });
        }
    }

    fn load(self: &Rc<Self>) {
        if self.adapter.get().is_some() {
            return;
        }
        let started = Instant::now();
        libspelling::init();
        let provider = Provider::default();
        let available = codes(&provider);
        let names = glib::language_names();
        let preferred = self.preferred.borrow();
        let names = names.iter().map(glib::GString::as_str);
        let language = language(preferred.as_deref(), names, &available);
        let checker = Checker::builder().provider(&provider);
        let checker = match language {
            Some(code) => checker.language(code).build(),
            None => checker.build(),
        };
        let adapter = TextBufferAdapter::new(&self.buffer, &checker);
        adapter.set_enabled(self.is_wanted.get());
        self.view.set_extra_menu(Some(&adapter.menu_model()));
        self.view.insert_action_group("spelling", Some(&adapter));
        for property in ["language", "enabled"] {
            let weak = Rc::downgrade(self);
            adapter.connect_notify_local(Some(property), move |adapter, changed| {
                if let Some(spelling) = weak.upgrade() {
                    spelling.chosen(adapter, changed.name());
                }
            });
        }
        let took_ms = started.elapsed().as_millis() as u64;
        tracing::debug!(language, took_ms, "The spelling is loaded.");
        if self.adapter.set(adapter).is_ok() {
            self.leave_out();
        }
        // Until it hears where the cursor is, libspelling believes that the
        // first word is being written, and passes it over.
        self.buffer.emit_by_name::<()>("cursor-moved", &[]);
    }

    fn update_corrections(&self) {
        if let Some(adapter) = self.adapter.get() {
            adapter.update_corrections();
        }
    }

    fn chosen(&self, adapter: &TextBufferAdapter, property: &str) {
        match property {
            "language" => {
                if let Some(code) = adapter.language() {
                    (self.tell)(Chosen::Language(code.into()));
                }
            }
            // Not what the preferences say already.
            _ if adapter.is_enabled() != self.is_wanted.get() => {
                self.is_wanted.set(adapter.is_enabled());
                (self.tell)(Chosen::Checks(adapter.is_enabled()));
            }
            _ => {}
        }
    }

    fn leave_out(&self) {
        let table = self.buffer.tag_table();
        let tag = table.lookup(UNCHECKED_TAG).unwrap_or_else(|| {
            let tag = gtk::TextTag::new(Some(UNCHECKED_TAG));
            table.add(&tag);
            tag
        });
        let (start, end) = self.buffer.bounds();
        let wanted = unchecked(&self.buffer.text(&start, &end, true));
        // Tags put on once more would have all of it checked once more.
        if tagged(&self.buffer, &tag) == wanted {
            return;
        }
        self.buffer.remove_tag(&tag, &start, &end);
        for range in wanted {
            let from = self.buffer.iter_at_offset(range.start as i32);
            let to = self.buffer.iter_at_offset(range.end as i32);
            self.buffer.apply_tag(&tag, &from, &to);
        }
    }
}

/// Returns where a tag stands, in characters.
fn tagged(buffer: &sourceview5::Buffer, tag: &gtk::TextTag) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut place = buffer.start_iter();
    if !place.starts_tag(Some(tag)) && !place.forward_to_tag_toggle(Some(tag)) {
        return ranges;
    }
    loop {
        let start = place.offset() as usize;
        place.forward_to_tag_toggle(Some(tag));
        ranges.push(start..place.offset() as usize);
        if !place.forward_to_tag_toggle(Some(tag)) {
            return ranges;
        }
    }
}

/// Returns which of the `available` dictionaries is the person's: the one
/// chosen before, else that of the first language of the session that has one,
/// if need be of another country.
fn language<'a, 'n>(
    preferred: Option<&str>,
    names: impl Iterator<Item = &'n str>,
    available: &'a [String],
) -> Option<&'a str> {
    let named = |wanted: &str| available.iter().find(|code| *code == wanted);
    let related = |wanted: &str| {
        let base = base(wanted);
        available.iter().find(|code| self::base(code) == base)
    };
    if let Some(code) = preferred.and_then(named) {
        return Some(code);
    }
    let mut names = names
        .map(|name| name.split(['.', '@']).next().unwrap_or(name))
        .filter(|name| !matches!(*name, "" | "C" | "POSIX"))
        .peekable();
    // A session without a language speaks that of the program.
    let usual = names.peek().is_none().then_some("en_US");
    let names: Vec<&str> = names.chain(usual).collect();
    names
        .iter()
        .find_map(|name| named(name))
        .or_else(|| names.iter().find_map(|name| related(name)))
        .map(String::as_str)
}

fn base(code: &str) -> &str {
    code.split(['_', '-']).next().unwrap_or(code)
}

fn codes(provider: &Provider) -> Vec<String> {
    provider
        .list_languages()
        .iter::<libspelling::Language>()
        .filter_map(Result::ok)
        .filter_map(|language| language.code())
        .map(Into::into)
        .collect()
}

/// Whoever opens the context menu finds the languages there, and corrections
/// for the word that was clicked, not for the one where the cursor was before.
fn load_for_a_menu(spelling: &Rc<Spelling>) {
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_SECONDARY)
        .propagation_phase(gtk::PropagationPhase::Capture)
        .build();
    let weak = Rc::downgrade(spelling);
    click.connect_pressed(move |_, _, x, y| {
        let Some(spelling) = weak.upgrade() else {
            return;
        };
        let view = &spelling.view;
        let (x, y) = view.window_to_buffer_coords(gtk::TextWindowType::Widget, x as i32, y as i32);
        if !spelling.buffer.has_selection()
            && let Some(place) = view.iter_at_location(x, y)
        {
            spelling.buffer.place_cursor(&place);
        }
        spelling.load();
        spelling.update_corrections();
    });
    spelling.view.add_controller(click);

    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let weak = Rc::downgrade(spelling);
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let is_shifted = modifiers.contains(gdk::ModifierType::SHIFT_MASK);
        if (key == gdk::Key::Menu || (key == gdk::Key::F10 && is_shifted))
            && let Some(spelling) = weak.upgrade()
        {
            spelling.load();
            spelling.update_corrections();
        }
        glib::Propagation::Proceed
    });
    spelling.view.add_controller(keys);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(preferred: Option<&str>, names: &[&str], available: &[&str]) -> Option<String> {
        let available: Vec<String> = available.iter().map(|code| (*code).to_owned()).collect();
        language(preferred, names.iter().copied(), &available).map(str::to_owned)
    }

    #[test]
    fn the_language_of_the_session_is_checked() {
        let names = ["de_AT.UTF-8", "de_AT", "de.UTF-8", "de", "C"];

        assert_eq!(
            chosen(None, &names, &["en_US", "de_AT", "de_DE"]),
            Some("de_AT".into())
        );
    }

    #[test]
    fn another_country_of_the_language_is_better_than_none() {
        assert_eq!(
            chosen(None, &["de_AT.UTF-8", "de", "C"], &["en_US", "de_DE"]),
            Some("de_DE".into())
        );
    }

    #[test]
    fn without_a_dictionary_of_the_language_nothing_is_checked() {
        assert_eq!(chosen(None, &["de_DE", "de", "C"], &["en_US"]), None);
        assert_eq!(chosen(None, &["de_DE", "de", "C"], &[]), None);
        assert_eq!(chosen(None, &["C"], &[]), None);
    }

    #[test]
    fn what_was_chosen_before_goes_first_while_it_is_there() {
        let names = ["en_GB", "en", "C"];

        assert_eq!(
            chosen(Some("de_DE"), &names, &["en_GB", "de_DE"]),
            Some("de_DE".into())
        );
        assert_eq!(
            chosen(Some("de_DE"), &names, &["en_GB"]),
            Some("en_GB".into())
        );
    }

    #[test]
    fn a_session_without_a_language_has_the_one_of_the_program() {
        assert_eq!(
            chosen(None, &["C.UTF-8", "C"], &["de_DE", "en_US"]),
            Some("en_US".into())
        );
    }
}
