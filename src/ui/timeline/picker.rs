//! All emoji, to react with one that the menu does not offer.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use relm4::gtk::{self, gdk, gio, glib, prelude::*};

use super::history_view::HistoryView;
use super::message::MessageRow;
use super::possible::Possible;
use super::source::MessageSource;
use crate::engine::model::MessageId;
use crate::ui::composer::emoji_names::as_sent;

/// GTK's chooser, made when it is first wanted. It hangs on what is around the
/// history, because rows are recycled while it is open.
pub struct Picker {
    around: gtk::Box,
    chooser: OnceCell<gtk::EmojiChooser>,
    /// The message that is reacted to.
    message: Rc<Cell<i64>>,
    /// The keyboard goes back there.
    row: Rc<glib::WeakRef<MessageRow>>,
    react: Rc<dyn Fn(i64, String)>,
}

impl Picker {
    /// Makes it; `react` is told the message and the emoji.
    pub fn new(around: &gtk::Box, react: impl Fn(i64, String) + 'static) -> Self {
        Self {
            around: around.clone(),
            chooser: OnceCell::new(),
            message: Rc::default(),
            row: Rc::new(glib::WeakRef::new()),
            react: Rc::new(react),
        }
    }

    /// Returns the action that offers all emoji for a message of `history`.
    pub fn action(
        picker: &Rc<Self>,
        history: &HistoryView,
        source: &Rc<MessageSource>,
    ) -> gio::SimpleAction {
        let action = gio::SimpleAction::new("other-emoji", Some(glib::VariantTy::INT64));
        let (picker, history) = (Rc::downgrade(picker), history.downgrade());
        let source = source.clone();
        action.connect_activate(move |_, target| {
            let id = target.and_then(|target| target.get::<i64>());
            let message = id.and_then(|id| source.message(MessageId(id)));
            let (Some(picker), Some(history), Some(message)) =
                (picker.upgrade(), history.upgrade(), message)
            else {
                return;
            };
            let row = source.row_of(message.id).and_then(|row| history.row(row));
            if let Some(row) = row.and_downcast::<MessageRow>()
                && Possible::of(&message).answer
            {
                picker.ask(&row);
            }
        });
        action
    }

    /// Offers all emoji for the message in `row`.
    fn ask(&self, row: &MessageRow) {
        self.message.set(row.id());
        self.row.set(Some(row));
        let chooser = self.chooser.get_or_init(|| {
            let chooser = gtk::EmojiChooser::new();
            chooser.set_parent(&self.around);
            let (message, react) = (self.message.clone(), self.react.clone());
            chooser.connect_emoji_picked(move |_, emoji| react(message.get(), as_sent(emoji)));
            let row = self.row.clone();
            chooser.connect_closed(move |_| {
                if let Some(row) = row.upgrade().filter(WidgetExt::is_mapped) {
                    row.grab_focus();
                }
            });
            chooser
        });
        chooser.set_pointing_to(self.place(row).as_ref());
        chooser.popup();
    }

    /// The bubble, as far as it can be seen.
    fn place(&self, row: &MessageRow) -> Option<gdk::Rectangle> {
        let bounds = row.bubble()?.compute_bounds(&self.around)?;
        let bubble = gdk::Rectangle::new(
            bounds.x() as i32,
            bounds.y() as i32,
            bounds.width() as i32,
            bounds.height() as i32,
        );
        let seen = gdk::Rectangle::new(0, 0, self.around.width(), self.around.height());
        Some(bubble.intersect(&seen).unwrap_or(seen))
    }
}

impl Drop for Picker {
    fn drop(&mut self) {
        if let Some(chooser) = self
            .chooser
            .get()
            .filter(|chooser| chooser.parent().is_some())
        {
            chooser.unparent();
        }
    }
}
