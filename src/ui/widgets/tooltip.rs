//! Words that show where the pointer rests.
//!
//! GTK asks the display where the pointer is whenever they are set, whatever
//! they were: that took a fifth of the time of scrolling. So they are set only
//! when they change; where they always do, they are looked up when they are
//! wanted.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::gtk::{self, prelude::*};

/// Widgets whose words seldom change.
pub trait TooltipExt: IsA<gtk::Widget> {
    /// Gives the widget these words, if it has others.
    fn set_tooltip(&self, words: &str) {
        if self.tooltip_text().as_deref() != Some(words) {
            self.set_tooltip_text(Some(words));
        }
    }
}

impl<W: IsA<gtk::Widget>> TooltipExt for W {}

/// Words that change often and are seldom looked at.
#[derive(Clone, Debug, Default)]
pub struct Tooltip(Rc<RefCell<String>>);

impl Tooltip {
    /// Makes some for a widget; it has none as long as they are empty.
    pub fn of(widget: &impl IsA<gtk::Widget>) -> Self {
        let words = Self::default();
        let shown = words.0.clone();
        widget.set_has_tooltip(true);
        widget.connect_query_tooltip(move |_, _, _, _, tooltip| {
            let words = shown.borrow();
            tooltip.set_text(Some(&words));
            !words.is_empty()
        });
        words
    }

    /// Changes the words.
    pub fn set(&self, words: String) {
        self.0.replace(words);
    }

    /// Returns the words.
    pub fn words(&self) -> String {
        self.0.borrow().clone()
    }
}
