//! The text of a message as a label can show it.
//!
//! The text is somebody else's: it is styled by attributes, and where it holds
//! links, which a label takes as markup only, all of it is escaped. Of a very
//! long text the beginning is laid out, with a link to all of it.

use std::borrow::Cow;
use std::cell::OnceCell;

use relm4::adw;
use relm4::gtk::{self, gio, glib, pango, prelude::*};

use super::blocks::Blocks;
use super::bubble::Bubble;
use super::drawn::{self, Drawn};
use super::message::MessageRow;
use super::whole_text;
use crate::engine::text::{Style, Term, found, leads_to, may_open, seen, without_command};
use crate::ui::i18n::{fill as fill_in, gettext};
use crate::ui::widgets::marks;

/// Beyond so many bytes, or lines, only the beginning is laid out: one label of
/// a megabyte would hold up the window for seconds.
const MOST_SHOWN_BYTES: usize = 6_000;
const MOST_SHOWN_LINES: usize = 120;
/// What a screen reader is given of a message at most.
const MOST_SPOKEN_BYTES: usize = 2_000;
/// How much is seen of signs that style, of 65,535.
const SIGN_ALPHA: u16 = 27_525;
/// Where our own link leads. No text can hold it: its scheme is none that is
/// ever a link.
const SHOW_ALL: &str = "stonechat:show-all";
/// More emoji than this are text again.
const MOST_LARGE_EMOJI: usize = 6;

/// Signs older than emoji that are drawn in colour by themselves (Unicode's
/// `emoji-data.txt`, property `Emoji_Presentation`, below U+3000).
const COLOURED: &str = "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕";

/// Returns a label for bodies.
pub fn label() -> gtk::Label {
    let label = gtk::Label::builder()
        .css_classes(["body"])
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .xalign(0.0)
        .selectable(true)
        .build();
    label.connect_activate_link(|label, address| {
        if address == SHOW_ALL {
            if let Some(row) = label.ancestor(MessageRow::static_type())
                && let Ok(row) = row.downcast::<MessageRow>()
            {
                whole_text::show(&row, &row.whole_text(), row.is_styled());
            }
        } else if may_open(address) {
            open(label, address);
        }
        glib::Propagation::Stop
    });
    label
}

/// Lets a label, and blocks above it, show a message's text. Returns whether it
/// is emoji only.
pub fn show(label: &gtk::Label, bubble: &Bubble, blocks: &OnceCell<Blocks>, text: &Text) -> bool {
    let (part, is_short) = shortened(text.body);
    let (mut drawn, is_cut) = drawn::drawn(part, text.is_styled, text.who);
    let is_cut = is_cut || is_short;
    for block in &mut drawn {
        block.marks = found(&block.text, text.wanted);
    }
    let last = drawn.pop_if(|last| last.is_plain());
    let is_action = without_command(text.body).is_some();
    if !drawn.is_empty() {
        let blocks = blocks.get_or_init(|| {
            let blocks = Blocks::default();
            bubble.set_blocks(&blocks.root);
            blocks
        });
        blocks.show(&drawn, label.extra_menu().as_ref(), is_action);
    } else if let Some(blocks) = blocks.get() {
        blocks.hide();
    }
    label.set_visible(last.is_some() || is_cut || drawn.is_empty());
    let last = last.unwrap_or_default();
    fill(label, &last, is_cut, is_action);
    let is_large = drawn.is_empty() && is_emoji_only(&last.text);
    if is_large && let Some(attributes) = label.attributes() {
        attributes.insert(pango::AttrFloat::new_scale(3.0));
        label.set_attributes(Some(&attributes));
    }
    is_large
}

/// The text of a message, and what decides how it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Text<'text> {
    /// The text.
    pub body: &'text str,
    /// Its signs style it.
    pub is_styled: bool,
    /// Who wrote it.
    pub who: &'text str,
    /// What is looked for in it.
    pub wanted: &'text [Term],
}

/// Lets a label show one block. `is_cut`: it ends with a link to the rest.
pub fn fill(label: &gtk::Label, block: &Drawn, is_cut: bool, is_action: bool) {
    if block.links.is_empty() && !is_cut {
        label.set_text(&block.text);
    } else {
        label.set_markup(&markup(block, is_cut));
    }
    label.set_attributes(Some(&attributes(block, is_action)));
}

/// Styling by the places of letters: no text is read as markup for it.
fn attributes(block: &Drawn, is_action: bool) -> pango::AttrList {
    let attributes = pango::AttrList::new();
    // A hyphen where a long word or address breaks would be read as part of it.
    attributes.insert(pango::AttrInt::new_insert_hyphens(false));
    if is_action {
        attributes.insert(pango::AttrInt::new_style(pango::Style::Italic));
    }
    let dims = !adw::StyleManager::default().is_high_contrast();
    for look in &block.looks {
        let put = |mut attribute: pango::Attribute| {
            attribute.set_start_index(look.range.start as u32);
            attribute.set_end_index(look.range.end as u32);
            attributes.insert(attribute);
        };
        if look.style.has(Style::STRONG) {
            put(pango::AttrInt::new_weight(pango::Weight::Bold).into());
        }
        if look.style.has(Style::EMPHASIS) {
            put(pango::AttrInt::new_style(pango::Style::Italic).into());
        }
        if look.style.has(Style::STRIKE) {
            put(pango::AttrInt::new_strikethrough(true).into());
        }
        if look.style.has(Style::CODE) && !block.is_code {
            put(pango::AttrString::new_family("monospace").into());
        }
        if look.is_sign && dims {
            put(pango::AttrInt::new_foreground_alpha(SIGN_ALPHA).into());
        }
    }
    marks::put(&attributes, &block.marks);
    attributes
}

/// Lets a label show a text without links: what stands beside words of ours.
pub fn show_plain(label: &gtk::Label, text: &str) {
    let (part, is_cut) = shortened(text);
    let end = if is_cut { "…" } else { "" };
    label.set_text(&(seen(part) + end));
    label.set_attributes(None);
}

/// A label takes links in no other way; all else in it is escaped.
fn markup(block: &Drawn, is_cut: bool) -> String {
    let text = &block.text;
    let mut markup = String::with_capacity(text.len() + 16);
    let mut written = 0;
    for link in &block.links {
        markup.push_str(&escape(&text[written..link.range.start]));
        markup.push_str("<a href=\"");
        markup.push_str(&escape(&link.address));
        if let Some(host) = leads_to(&link.address) {
            // Translators: about a link whose address could be taken for another one's.
            let words = fill_in(&gettext("Leads to {host}"), &[("host", &host)]);
            // The title of a link is markup once more.
            markup.push_str("\" title=\"");
            markup.push_str(&escape(&escape(&words)));
        }
        markup.push_str("\">");
        markup.push_str(&escape(&text[link.range.clone()]));
        markup.push_str("</a>");
        written = link.range.end;
    }
    markup.push_str(&escape(&text[written..]));
    if is_cut {
        let end = if text.is_empty() { "" } else { "…\n" };
        // Translators: a link below the beginning of a very long message.
        let words = escape(&gettext("Show All"));
        for part in [end, "<a href=\"", SHOW_ALL, "\">", &words, "</a>"] {
            markup.push_str(part);
        }
    }
    markup
}

fn escape(text: &str) -> String {
    glib::markup_escape_text(text).into()
}

/// Returns as much of a message as one wants to hear.
pub fn spoken(body: &str) -> Cow<'_, str> {
    match beginning(body, MOST_SPOKEN_BYTES) {
        whole if whole.len() == body.len() => Cow::Borrowed(whole),
        part => Cow::Owned(format!("{part}…")),
    }
}

/// Returns what is laid out, and whether that is not all.
fn shortened(body: &str) -> (&str, bool) {
    let mut part = beginning(body, MOST_SHOWN_BYTES);
    if let Some((end, _)) = part.match_indices('\n').nth(MOST_SHOWN_LINES) {
        part = &part[..end];
    }
    (part, part.len() < body.len())
}

fn beginning(text: &str, most_bytes: usize) -> &str {
    let mut end = most_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns whether a text is a few emoji and nothing else.
///
/// Older signs, such as ♪ and ❤, are emoji only with a mark behind them that
/// asks for colour (U+FE0F), unless they are drawn in colour by themselves.
fn is_emoji_only(body: &str) -> bool {
    let mut count = 0;
    let mut characters = body.trim().chars().peekable();
    while let Some(character) = characters.next() {
        let asks_for_colour = characters.peek() == Some(&'\u{fe0f}');
        match character {
            ' '
            | '\u{200d}'
            | '\u{fe0f}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0020}'..='\u{e007f}' => {}
            '\u{1f000}'..='\u{1faff}' => count += 1,
            '\u{2190}'..='\u{2bff}' if asks_for_colour || COLOURED.contains(character) => {
                count += 1;
            }
            _ => return false,
        }
    }
    (1..=MOST_LARGE_EMOJI).contains(&count)
}

/// Opens an address from a message with the program that is there for it.
pub fn open(label: &impl IsA<gtk::Widget>, address: &str) {
    if is_chat_link(address) {
        if let Err(error) = label.activate_action("win.open-link", Some(&address.to_variant())) {
            tracing::debug!(%error, "a chat link was clicked outside the window");
        }
        return;
    }
    let window = label.root().and_downcast::<gtk::Window>();
    gtk::UriLauncher::new(address).launch(window.as_ref(), None::<&gio::Cancellable>, |opened| {
        if let Err(error) = opened {
            tracing::info!(%error, "no program opened a link");
        }
    });
}

/// The window shows what such a link asks for; another program is not asked.
fn is_chat_link(link: &str) -> bool {
    link.split_once(':')
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("xmpp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(body: &str) -> String {
        let (part, is_short) = shortened(body);
        let (drawn, is_cut) = drawn::drawn(part, true, "Juliet");
        super::markup(&drawn[0], is_short || is_cut)
    }

    #[test]
    fn markup_in_a_message_is_shown_as_text() {
        assert_eq!(markup("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
    }

    #[test]
    fn a13_where_a_strange_host_leads_is_told() {
        let markup = markup("https://a@bücher.example/<");

        assert!(
            markup.contains("title=\"Leads to xn--bcher-kva.example\""),
            "{markup}"
        );
        assert!(markup.ends_with("</a>&lt;"), "{markup}");
    }

    #[test]
    fn a_link_is_the_only_markup() {
        let markup = markup("see https://example.org/?a=1&b='2' <now>");

        assert_eq!(
            markup,
            "see <a href=\"https://example.org/?a=1&amp;b=&apos;2\">https://example.org/?a=1&amp;b=&apos;2</a>&apos; &lt;now&gt;"
        );
    }

    #[test]
    fn a_zero_byte_is_left_out() {
        assert_eq!(markup("a\0b"), "ab");
    }

    #[test]
    fn a_very_long_text_is_cut_between_characters() {
        let long = format!("a{}", "ж".repeat(MOST_SHOWN_BYTES));

        let (shown, is_cut) = shortened(&long);

        assert!(is_cut);
        assert_eq!(shown.len(), MOST_SHOWN_BYTES - 1);
        assert!(spoken(&long).len() <= MOST_SPOKEN_BYTES + '…'.len_utf8());
    }

    #[test]
    fn a_text_of_very_many_lines_is_cut_at_the_end_of_one() {
        let tall = "a\n".repeat(MOST_SHOWN_LINES + 5);

        let (shown, is_cut) = shortened(&tall);

        assert!(is_cut);
        assert_eq!(shown.lines().count(), MOST_SHOWN_LINES + 1);
        assert!(markup(&tall).contains(SHOW_ALL));
    }

    #[test]
    fn no_message_can_hold_our_own_link() {
        assert_eq!(markup(SHOW_ALL), SHOW_ALL);
    }

    #[test]
    fn a_few_emoji_are_large() {
        for text in ["🌙", "👍🏽 👍", "👩‍👩‍👧", "❤️", "✨"] {
            assert!(is_emoji_only(text), "{text}");
        }
        for text in ["", " ", "a🌙", "42", "🌙🌙🌙🌙🌙🌙🌙", "©", "♪ ♫ ♪", "→"]
        {
            assert!(!is_emoji_only(text), "{text}");
        }
    }
}
