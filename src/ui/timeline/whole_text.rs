//! A dialog with the whole of a message too long for a bubble, styled as it is
//! there.
//!
//! A text view lays out what is in sight and the rest when there is time, but
//! always a paragraph as a whole; so a paragraph of a megabyte is shown in
//! pieces. Copying by the button gives the message as it is.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{self, gdk, pango};

use crate::engine::text::{Block, Role, Style, seen, styled, unstyled};
use crate::ui::i18n::gettext;

/// How long a paragraph may be, in characters.
const LONGEST_PARAGRAPH: usize = 2_000;
/// A longer text is shown as it was typed: styling it would take too long.
const LONGEST_STYLED_BYTES: usize = 200_000;
/// How far a quote stands from the edge of the one around it, in pixels.
const QUOTE_MARGIN: i32 = 16;
/// How far the text stands from the edge, in pixels.
const MARGIN: i32 = 18;
/// Deeper quotes stand where these do.
const DEEPEST: usize = 5;

/// How much is seen of signs that style, of 1.
const SIGN_ALPHA: f32 = 0.42;

/// Shows a text over the window that `near` is in, in its colour. `is_styled`:
/// its signs style it.
pub fn show(near: &impl IsA<gtk::Widget>, text: &str, is_styled: bool) {
    let view = gtk::TextView::builder()
        .editable(false)
        .cursor_visible(false)
        .wrap_mode(gtk::WrapMode::WordChar)
        .top_margin(12)
        .bottom_margin(12)
        .left_margin(MARGIN)
        .right_margin(MARGIN)
        .css_classes(["whole-text"])
        .build();
    fill(&view.buffer(), text, is_styled, near.color());
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

fn fill(buffer: &gtk::TextBuffer, text: &str, is_styled: bool, colour: gdk::RGBA) {
    let blocks = if is_styled && text.len() <= LONGEST_STYLED_BYTES {
        styled(text)
    } else {
        unstyled(text)
    };
    let dimmed = (!adw::StyleManager::default().is_high_contrast()).then(|| {
        let mut dimmed = colour;
        dimmed.set_alpha(colour.alpha() * SIGN_ALPHA);
        dimmed
    });
    let mut pieces = Pieces::default();
    for block in &blocks {
        for piece in &block.pieces {
            let part = pieces.of(&seen(&text[piece.range.clone()]));
            let dimmed = dimmed.as_ref().filter(|_| piece.role != Role::Text);
            let tags = tags(buffer, block, piece.style, dimmed);
            let tags: Vec<&gtk::TextTag> = tags.iter().collect();
            buffer.insert_with_tags(&mut buffer.end_iter(), &part, &tags);
        }
    }
}

/// The signs of quotes and fences stay, as they stand in a text and not in boxes.
fn tags(
    buffer: &gtk::TextBuffer,
    block: &Block,
    style: Style,
    dimmed: Option<&gdk::RGBA>,
) -> Vec<gtk::TextTag> {
    let mut tags = Vec::new();
    let mut put = |name: &str, look: &dyn Fn(gtk::builders::TextTagBuilder) -> gtk::TextTag| {
        let table = buffer.tag_table();
        let tag = table.lookup(name).unwrap_or_else(|| {
            let tag = look(gtk::TextTag::builder().name(name));
            table.add(&tag);
            tag
        });
        tags.push(tag);
    };
    if block.depth > 0 {
        let depth = block.depth.min(DEEPEST);
        let margin = MARGIN + QUOTE_MARGIN * depth as i32;
        put(&format!("quote-{depth}"), &|tag| {
            tag.left_margin(margin).build()
        });
    }
    if style.has(Style::STRONG) {
        put("strong", &|tag| tag.weight(700).build());
    }
    if style.has(Style::EMPHASIS) {
        put("emphasis", &|tag| tag.style(pango::Style::Italic).build());
    }
    if style.has(Style::STRIKE) {
        put("strike", &|tag| tag.strikethrough(true).build());
    }
    if block.is_code || style.has(Style::CODE) {
        put("code", &|tag| tag.family("monospace").build());
    }
    if let Some(dimmed) = dimmed {
        put("sign", &|tag| tag.foreground_rgba(dimmed).build());
    }
    tags
}

/// Breaks paragraphs that are too long, at a space where there is one near.
#[derive(Default)]
struct Pieces {
    /// Of the paragraph so far, in characters.
    length: usize,
}

impl Pieces {
    /// Returns the next part of the text in pieces.
    fn of(&mut self, text: &str) -> String {
        let mut pieces = String::with_capacity(text.len() + text.len() / LONGEST_PARAGRAPH);
        for character in text.chars() {
            pieces.push(character);
            self.length += 1;
            let is_end = self.length >= LONGEST_PARAGRAPH
                && (character == ' ' || self.length >= LONGEST_PARAGRAPH + LONGEST_PARAGRAPH / 10);
            if is_end && character != '\n' {
                pieces.push('\n');
            }
            if is_end || character == '\n' {
                self.length = 0;
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pieces(text: &str) -> String {
        Pieces::default().of(text)
    }

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

    #[test]
    fn a_paragraph_in_several_parts_is_broken_all_the_same() {
        let mut pieces = Pieces::default();
        let text: String = (0..30).map(|_| pieces.of(&"light ".repeat(100))).collect();

        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(LONGEST_PARAGRAPH * 11 / 10));
    }
}
