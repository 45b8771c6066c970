//! A dialog with the whole of a message too long for a bubble.
//!
//! A text view lays out what is in sight and the rest when there is time, but
//! always a paragraph as a whole; so a paragraph of a megabyte is shown in
//! pieces. Copying by the button gives the message as it is.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use crate::engine::text::seen;
use crate::ui::i18n::gettext;

/// How long a paragraph may be, in characters.
const LONGEST_PARAGRAPH: usize = 2_000;

/// Shows `text` over the window that `near` is in.
pub fn show(near: &impl IsA<gtk::Widget>, text: &str) {
    let view = gtk::TextView::builder()
        .editable(false)
        .wrap_mode(gtk::WrapMode::WordChar)
        .top_margin(12)
        .bottom_margin(12)
        .left_margin(18)
        .right_margin(18)
        .build();
    view.buffer().set_text(&in_pieces(&seen(text)));
    view.buffer().place_cursor(&view.buffer().start_iter());
    view.update_property(&[gtk::accessible::Property::Label(&gettext("Whole message"))]);
    let copy = gtk::Button::builder()
        .icon_name("edit-copy-symbolic")
        .tooltip_text(gettext("Copy Whole Message"))
        .build();
    let whole = text.to_owned();
    copy.connect_clicked(move |button| button.clipboard().set_text(&whole));
    let bar = adw::HeaderBar::new();
    bar.pack_start(&copy);
    let scrolled = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(&view)
        .build();
    let page = adw::ToolbarView::builder().content(&scrolled).build();
    page.add_top_bar(&bar);
    let dialog = adw::Dialog::builder()
        .title(gettext("Whole Message"))
        .content_width(640)
        .content_height(560)
        .child(&page)
        .focus_widget(&view)
        .build();
    dialog.present(Some(near));
}

/// Breaks paragraphs that are too long, at a space where there is one near.
fn in_pieces(text: &str) -> String {
    let mut pieces = String::with_capacity(text.len() + text.len() / LONGEST_PARAGRAPH);
    let mut length = 0;
    for character in text.chars() {
        pieces.push(character);
        length += 1;
        let is_end = length >= LONGEST_PARAGRAPH
            && (character == ' ' || length >= LONGEST_PARAGRAPH + LONGEST_PARAGRAPH / 10);
        if is_end && character != '\n' {
            pieces.push('\n');
        }
        if is_end || character == '\n' {
            length = 0;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let text = "But soft!\nWhat light\n\nthrough yonder window breaks?";

        assert_eq!(in_pieces(text), text);
    }

    #[test]
    fn a_very_long_paragraph_is_broken_and_loses_nothing() {
        for text in ["light ".repeat(20_000), "ж".repeat(20_000)] {
            let pieces = in_pieces(&text);

            assert_eq!(pieces.replace('\n', ""), text);
            let longest = pieces.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(LONGEST_PARAGRAPH * 11 / 10));
        }
    }
}
