//! The quotes and the code of a message, as boxes above its last lines.

use std::cell::RefCell;
use std::ops::Range;

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
            if block.depth > 0 {
                copy_as_quote(&label, block.depth);
            }
            open[block.depth].append(&label);
        }
        self.shown.replace(blocks.to_vec());
    }

    /// Leaves the bubble to its text.
    pub fn hide(&self) {
        self.root.set_visible(false);
    }
}

/// What is copied out of a quote stays one: each line that is copied from its
/// beginning begins with the signs that stand for the bar beside it.
fn copy_as_quote(label: &gtk::Label, depth: usize) {
    label.connect_copy_clipboard(move |label| {
        let Some((start, end)) = label.selection_bounds() else {
            return;
        };
        label.stop_signal_emission_by_name("copy-clipboard");
        let place = |place: i32| usize::try_from(place).unwrap_or_default();
        let quoted = quoted(&label.text(), place(start)..place(end), depth);
        label.clipboard().set_text(&quoted);
    });
}

/// Returns a part of a quote's text, in characters, with its signs.
fn quoted(text: &str, part: Range<usize>, depth: usize) -> String {
    let signs = format!("{} ", ">".repeat(depth));
    let before = text.chars().take(part.start).last();
    let is_from_beginning = before.is_none_or(|before| before == '\n');
    let part: String = text.chars().skip(part.start).take(part.len()).collect();
    let mut quoted = String::new();
    for (number, line) in part.split('\n').enumerate() {
        if number > 0 {
            quoted.push('\n');
        }
        if number > 0 || is_from_beginning {
            quoted.push_str(&signs);
        }
        quoted.push_str(line);
    }
    quoted
}

fn column(class: &str) -> gtk::Box {
    gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(4)
        .css_classes([class])
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_out_of_a_quote_stays_one() {
        let text = "But soft!\nWhat light";

        assert_eq!(quoted(text, 0..20, 1), "> But soft!\n> What light");
        assert_eq!(quoted(text, 10..20, 2), ">> What light");
    }

    #[test]
    fn a_word_out_of_a_quote_is_a_word() {
        let text = "But soft!\nWhat light";

        assert_eq!(quoted(text, 4..9, 1), "soft!");
        assert_eq!(quoted(text, 4..14, 1), "soft!\n> What");
    }
}
