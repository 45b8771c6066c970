//! The text field itself, and what may come into it; its keys are in `keys`.
//!
//! Where GTK would paste styles, or open an emoji chooser of its own, its
//! signal is stopped and the composer is told instead.

use relm4::Sender;
use relm4::gtk::{self, gio, glib, prelude::*};
use sourceview5::prelude::*;

use super::ComposerMsg;
use super::plain::{LIMIT_BYTES, fitting, plain};

/// Makes the field; what happens in it is told to `composer`.
pub fn new(composer: &Sender<ComposerMsg>) -> (sourceview5::Buffer, sourceview5::View) {
    let buffer = sourceview5::Buffer::new(None);
    buffer.set_highlight_matching_brackets(false);
    keep_plain(&buffer, composer);
    let view = sourceview5::View::with_buffer(&buffer);
    // What a programmer's editor offers.
    view.set_extra_menu(gio::MenuModel::NONE);
    paste_plain(&view, composer);
    let input = composer.clone();
    view.connect_insert_emoji(move |view| {
        view.stop_signal_emission_by_name("insert-emoji");
        input.emit(ComposerMsg::ChooseEmoji);
    });
    let focus = gtk::EventControllerFocus::new();
    let input = composer.clone();
    focus.connect_enter(move |_| input.emit(ComposerMsg::Focused));
    view.add_controller(focus);
    (buffer, view)
}

/// Puts a text where the cursor is, in place of what is selected; one step to
/// undo.
pub fn insert(view: &sourceview5::View, text: &str) {
    let buffer = view.buffer();
    buffer.begin_user_action();
    buffer.delete_selection(true, true);
    // GTK ends the program for a zero byte.
    buffer.insert_at_cursor(&plain(text));
    buffer.end_user_action();
    view.scroll_mark_onscreen(&buffer.get_insert());
}

/// Whatever comes in, by whatever way, is plain and fits. What is both goes in
/// as it is; anything else is stopped, and what is left of it goes in instead.
fn keep_plain(buffer: &sourceview5::Buffer, composer: &Sender<ComposerMsg>) {
    let input = composer.clone();
    buffer.connect_insert_text(move |buffer, place, text| {
        let (start, end) = buffer.bounds();
        let room = LIMIT_BYTES.saturating_sub(buffer.text(&start, &end, true).len());
        let clean = plain(text);
        let fits = fitting(&clean, room);
        if fits == text {
            return;
        }
        buffer.stop_signal_emission_by_name("insert-text");
        if fits.len() < clean.len() {
            input.emit(ComposerMsg::Cut);
        }
        buffer.insert(place, fits);
    });
}

/// Every key and menu item that pastes, and Ctrl+Shift+V besides, which is
/// "paste without styles" elsewhere.
fn paste_plain(view: &sourceview5::View, composer: &Sender<ComposerMsg>) {
    let input = composer.clone();
    view.connect_paste_clipboard(move |view| {
        view.stop_signal_emission_by_name("paste-clipboard");
        input.emit(ComposerMsg::Paste);
    });
    let shortcuts = gtk::ShortcutController::new();
    let input = composer.clone();
    shortcuts.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("<Control><Shift>v"),
        Some(gtk::CallbackAction::new(move |_, _| {
            input.emit(ComposerMsg::Paste);
            glib::Propagation::Stop
        })),
    ));
    view.add_controller(shortcuts);
}
