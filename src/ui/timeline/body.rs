//! The text of a message as a label can show it.
//!
//! The text is somebody else's: everything is escaped, and the only markup is
//! the links that [`links`] finds.

use relm4::gtk::{self, gio, glib, pango, prelude::*};

use crate::engine::text::{links, may_open};
use crate::ui::i18n::gettext;

/// Beyond so many bytes only the beginning is laid out: one label of a megabyte
/// would hold up the window for seconds. Copying gives the whole text.
const MOST_SHOWN_BYTES: usize = 24_000;
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
        if may_open(address) {
            open(label, address);
        }
        glib::Propagation::Stop
    });
    label
}

/// Lets a label show a message's text. Returns whether it is emoji only.
pub fn show(label: &gtk::Label, body: &str) -> bool {
    label.set_markup(&markup(body));
    let is_large = is_emoji_only(body);
    let attributes = pango::AttrList::new();
    // A hyphen where a long word or address breaks would be read as part of it.
    attributes.insert(pango::AttrInt::new_insert_hyphens(false));
    if is_large {
        attributes.insert(pango::AttrFloat::new_scale(3.0));
    }
    label.set_attributes(Some(&attributes));
    is_large
}

/// Lets a label show a text without links: what stands beside words of ours.
pub fn show_plain(label: &gtk::Label, text: &str) {
    let (shown, is_cut) = shortened(text);
    let end = if is_cut { "…" } else { "" };
    label.set_markup(&(escape(shown) + end));
    label.set_attributes(None);
}

fn markup(body: &str) -> String {
    let (shown, is_cut) = shortened(body);
    let mut markup = String::with_capacity(shown.len() + 16);
    let mut written = 0;
    for link in links(shown) {
        let address = escape(&shown[link.clone()]);
        markup.push_str(&escape(&shown[written..link.start]));
        markup.push_str("<a href=\"");
        markup.push_str(&address);
        markup.push_str("\">");
        markup.push_str(&address);
        markup.push_str("</a>");
        written = link.end;
    }
    markup.push_str(&escape(&shown[written..]));
    if is_cut {
        markup.push_str("…\n<i>");
        markup.push_str(&escape(&gettext(
            "The rest is not shown. Copying the message gives all of it.",
        )));
        markup.push_str("</i>");
    }
    markup
}

fn escape(text: &str) -> String {
    // A zero byte ends a C string, and no other control character has a shape.
    let shown: String = text
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect();
    glib::markup_escape_text(&shown).into()
}

fn shortened(body: &str) -> (&str, bool) {
    if body.len() <= MOST_SHOWN_BYTES {
        return (body, false);
    }
    let mut end = MOST_SHOWN_BYTES;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    (&body[..end], true)
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

    #[test]
    fn markup_in_a_message_is_shown_as_text() {
        assert_eq!(markup("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
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
