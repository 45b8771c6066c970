//! The quotes and the code of a message, as boxes above its last lines.

use std::cell::RefCell;

use relm4::gtk::{self, gio, prelude::*};

use super::body;
use super::drawn::Drawn;

/// The blocks above the text of a bubble.
#[derive(Debug)]
pub struct Blocks {
    /// All of them.
    pub root: gtk::Box,
    shown: RefCell<Vec<Drawn>>,
}

impl Default for Blocks {
    fn default() -> Self {
        Self {
            root: column("blocks"),
            shown: RefCell::default(),
        }
    }
}

impl Blocks {
    /// Shows these; `menu` is what the menu of each has besides what all texts have.
    pub fn show(&self, blocks: &[Drawn], menu: Option<&gio::MenuModel>, is_action: bool) {
        self.root.set_visible(true);
        if *self.shown.borrow() == blocks {
            return;
        }
        while let Some(child) = self.root.first_child() {
            self.root.remove(&child);
        }
        // The box of each quote that has not ended, the outermost first.
        let mut open = vec![self.root.clone()];
        for block in blocks {
            open.truncate(block.shared + 1);
            while open.len() <= block.depth {
                let quote = column("quote");
                open[open.len() - 1].append(&quote);
                open.push(quote);
            }
            let label = body::label();
            label.set_extra_menu(menu);
            if block.is_code {
                label.add_css_class("code-block");
                label.add_css_class("monospace");
            }
            body::fill(&label, block, false, is_action);
            open[block.depth].append(&label);
        }
        self.shown.replace(blocks.to_vec());
    }

    /// Leaves the bubble to its text.
    pub fn hide(&self) {
        self.root.set_visible(false);
    }
}

fn column(class: &str) -> gtk::Box {
    gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(4)
        .css_classes([class])
        .build()
}
