//! XML in lines that a person can read. Pure.
//!
//! Only for the eye: it moves elements to lines of their own and changes
//! nothing else. What is short stays on one line.

/// What fits on a line.
const SHORT: usize = 80;

/// What stood last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Text,
    Opened,
    Closed,
}

/// Returns `xml` with each element on a line of its own, by depth.
pub fn indented(xml: &str) -> String {
    if xml.len() <= SHORT {
        return xml.to_owned();
    }
    let mut lines = String::with_capacity(xml.len() * 2);
    let mut depth = 0_usize;
    let mut last = Last::Nothing;
    let mut rest = xml;
    while !rest.is_empty() {
        if !rest.starts_with('<') {
            let end = rest.find('<').unwrap_or(rest.len());
            lines.push_str(&rest[..end]);
            rest = &rest[end..];
            last = Last::Text;
            continue;
        }
        let end = tag_end(rest);
        let tag = &rest[..end];
        rest = &rest[end..];
        if tag.starts_with("</") {
            depth = depth.saturating_sub(1);
            if last == Last::Closed {
                begin(&mut lines, depth);
            }
            last = Last::Closed;
        } else {
            if matches!(last, Last::Opened | Last::Closed) {
                begin(&mut lines, depth);
            }
            if tag.ends_with("/>") || tag.starts_with("<?") {
                last = Last::Closed;
            } else {
                depth += 1;
                last = Last::Opened;
            }
        }
        lines.push_str(tag);
    }
    lines
}

/// Returns where the tag at the beginning ends; attributes may hold a `>`.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (place, character) in text.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), character) if character == open => quote = None,
            (None, '>') => return place + 1,
            _ => {}
        }
    }
    text.len()
}

fn begin(lines: &mut String, depth: usize) {
    lines.push('\n');
    // What is very deep stays readable.
    lines.extend(std::iter::repeat_n("  ", depth.min(16)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays_on_one_line() {
        let xml = "<iq type='result' id='1'><x/></iq>";

        assert_eq!(indented(xml), xml);
    }

    #[test]
    fn each_element_has_a_line_and_text_stays_where_it_is() {
        let xml = "<message from='juliet@example.org' type='chat'><body>Good night, good night!</body><active xmlns='urn:a'/></message>";

        assert_eq!(
            indented(xml),
            "<message from='juliet@example.org' type='chat'>\n  <body>Good night, good night!</body>\n  <active xmlns='urn:a'/>\n</message>"
        );
    }

    #[test]
    fn an_attribute_may_hold_what_ends_a_tag() {
        let xml = format!("<a b='x>y'><c d=\"'>\"/></a>{}", " ".repeat(SHORT));

        assert!(indented(&xml).starts_with("<a b='x>y'>\n  <c d=\"'>\"/>\n</a>"));
    }

    #[test]
    fn what_was_cut_off_loses_nothing() {
        for xml in ["<a><b c='", "<a", "</a></b></c>", "<a><b></b", "text only"] {
            let xml = format!("{xml}{}", "ж".repeat(SHORT));
            let shown = indented(&xml);

            assert_eq!(shown.replace(['\n', ' '], ""), xml.replace(' ', ""));
        }
    }
}
