//! What the keys of the field do, besides writing.
//!
//! The input method sees Enter and Escape first: they may choose, or give up,
//! what it offers.

use std::rc::Rc;

use relm4::Sender;
use relm4::gtk::{self, gdk, glib, prelude::*};

use super::ComposerMsg;
use super::completion::Completion;
use super::formatting::Format;

/// Lets the keys of the field act; `bar` stands above it.
pub fn act(
    view: &sourceview5::View,
    completion: &Rc<Completion>,
    bar: &gtk::Box,
    composer: &Sender<ComposerMsg>,
) {
    let keys = gtk::EventControllerKey::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let (weak, input, bar) = (view.downgrade(), composer.clone(), bar.downgrade());
    let completion = Rc::downgrade(completion);
    keys.connect_key_pressed(move |keys, key, _, modifiers| {
        let (Some(view), Some(bar)) = (weak.upgrade(), bar.upgrade()) else {
            return glib::Propagation::Proceed;
        };
        let held = modifiers & gtk::accelerator_get_default_mod_mask();
        let completion = completion.upgrade().filter(|_| held.is_empty());
        if completion.is_some_and(|completion| completion.press(key)) {
            return glib::Propagation::Stop;
        }
        let wish = match key {
            gdk::Key::Return | gdk::Key::KP_Enter | gdk::Key::ISO_Enter
                if !held.contains(gdk::ModifierType::SHIFT_MASK) =>
            {
                ComposerMsg::Send
            }
            gdk::Key::Escape if held.is_empty() && bar.is_visible() => ComposerMsg::EndPurpose,
            gdk::Key::Up | gdk::Key::KP_Up
                if held.is_empty() && view.buffer().char_count() == 0 && !bar.is_visible() =>
            {
                ComposerMsg::EditLast
            }
            _ => return glib::Propagation::Proceed,
        };
        let is_taken = keys
            .current_event()
            .is_some_and(|event| view.im_context_filter_keypress(&event));
        if !is_taken {
            input.emit(wish);
        }
        glib::Propagation::Stop
    });
    view.add_controller(keys);
    format(view, composer);
}

fn format(view: &sourceview5::View, composer: &Sender<ComposerMsg>) {
    let shortcuts = gtk::ShortcutController::new();
    shortcuts.set_propagation_phase(gtk::PropagationPhase::Capture);
    for (keys, format) in Format::KEYS {
        let input = composer.clone();
        shortcuts.add_shortcut(gtk::Shortcut::new(
            gtk::ShortcutTrigger::parse_string(keys),
            Some(gtk::CallbackAction::new(move |_, _| {
                input.emit(ComposerMsg::Format(format));
                glib::Propagation::Stop
            })),
        ));
    }
    view.add_controller(shortcuts);
}

/// Escape anywhere beside the field closes the bar above it.
pub fn close_by_escape(around: &gtk::Box, bar: &gtk::Box, composer: &Sender<ComposerMsg>) {
    let keys = gtk::EventControllerKey::new();
    let (bar, input) = (bar.downgrade(), composer.clone());
    keys.connect_key_pressed(move |_, key, _, modifiers| {
        let held = modifiers & gtk::accelerator_get_default_mod_mask();
        let is_shown = bar.upgrade().is_some_and(|bar| bar.is_visible());
        if key == gdk::Key::Escape && held.is_empty() && is_shown {
            input.emit(ComposerMsg::EndPurpose);
            return glib::Propagation::Stop;
        }
        glib::Propagation::Proceed
    });
    around.add_controller(keys);
}
