//! The keys that style a text: they put its signs round what is selected, or
//! take them away.
//!
//! Pure, but for [`apply`], which does it in the field. The signs are those that
//! are sent (XEP-0393); there is no other style in the field.

use std::ops::Range;

use sourceview5::prelude::*;

/// A fence of code over several lines.
const FENCE: &str = "```";

/// How a part of the text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// In bold letters.
    Strong,
    /// In slanted letters.
    Emphasis,
    /// Struck through.
    Strike,
    /// As code, in letters of one width.
    Code,
}

impl Format {
    /// The keys of each; the first of its kind is the one that is shown.
    pub const KEYS: [(&'static str, Self); 5] = [
        ("<Control>b", Self::Strong),
        ("<Control>i", Self::Emphasis),
        ("<Control><Shift>x", Self::Strike),
        ("<Control>grave", Self::Code),
        // Where the sign waits for a letter to stand on.
        ("<Control>dead_grave", Self::Code),
    ];

    fn sign(self) -> &'static str {
        match self {
            Self::Strong => "*",
            Self::Emphasis => "_",
            Self::Strike => "~",
            Self::Code => "`",
        }
    }
}

/// A change of the text; places are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    /// What is replaced.
    range: Range<usize>,
    /// By what.
    text: String,
    /// What is selected afterwards.
    selected: Range<usize>,
}

/// Styles what is selected in the field, or takes the style away; one step to undo.
pub fn apply(view: &sourceview5::View, format: Format) {
    let buffer = view.buffer();
    let (start, end) = buffer.bounds();
    let text = buffer.text(&start, &end, true);
    let (from, to) = buffer.selection_bounds().unwrap_or_else(|| {
        let cursor = buffer.iter_at_mark(&buffer.get_insert());
        (cursor, cursor)
    });
    let byte = |character: i32| {
        let place = usize::try_from(character).unwrap_or_default();
        let found = text.char_indices().nth(place);
        found.map_or(text.len(), |(byte, _)| byte)
    };
    let edit = toggled(&text, byte(from.offset())..byte(to.offset()), format);

    let character = |text: &str, byte: usize| text[..byte].chars().count() as i32;
    buffer.begin_user_action();
    for (range, text_there) in around(&text, &edit) {
        let mut from = buffer.iter_at_offset(character(&text, range.start));
        let mut to = buffer.iter_at_offset(character(&text, range.end));
        buffer.delete(&mut from, &mut to);
        buffer.insert(&mut from, text_there);
    }
    buffer.end_user_action();
    let mut whole = text.to_string();
    whole.replace_range(edit.range, &edit.text);
    let place = |byte| buffer.iter_at_offset(character(&whole, byte));
    buffer.select_range(&place(edit.selected.end), &place(edit.selected.start));
    view.scroll_mark_onscreen(&buffer.get_insert());
}

/// What is replaced by what, the last first. Words that stay are left alone: a
/// selection that was deleted for a moment might not come back, as it is also
/// what the middle button pastes elsewhere.
fn around<'edit>(text: &str, edit: &'edit Edit) -> Vec<(Range<usize>, &'edit str)> {
    let (start, end) = (edit.range.start, edit.range.end);
    let (before, after) = (&text[start..end], edit.text.as_str());
    if !before.is_empty()
        && let Some(place) = after.find(before)
    {
        let (opening, closing) = (&after[..place], &after[place + before.len()..]);
        return vec![(end..end, closing), (start..start, opening)];
    }
    if !after.is_empty()
        && let Some(place) = before.find(after)
    {
        let place = start + place;
        return vec![(place + after.len()..end, ""), (start..place, "")];
    }
    vec![(edit.range.clone(), after)]
}

fn toggled(text: &str, selected: Range<usize>, format: Format) -> Edit {
    let part = &text[selected.clone()];
    let start = selected.start + part.len() - part.trim_start().len();
    let end = selected.end - (part.len() - part.trim_end().len());
    if start >= end {
        return at_cursor(text, selected.start, format.sign());
    }
    let part = &text[start..end];
    if !part.contains('\n') {
        return one_line(text, start..end, format.sign());
    }
    if format == Format::Code {
        return block(text, start..end);
    }
    // A style ends with its line.
    let sign = format.sign();
    let is_styled = |line: &&str| line.trim().is_empty() || inner(line.trim(), sign).is_some();
    let all_styled = part.lines().all(|line| is_styled(&line));
    let lines: Vec<String> = part
        .split('\n')
        .map(|line| restyled(line, sign, all_styled))
        .collect();
    let text = lines.join("\n");
    Edit {
        range: start..end,
        selected: start..start + text.len(),
        text,
    }
}

/// The words between the signs, when a part has signs on both sides.
fn inner<'text>(part: &'text str, sign: &str) -> Option<&'text str> {
    let words = part.strip_prefix(sign)?.strip_suffix(sign)?;
    (!words.is_empty()).then_some(words)
}

fn restyled(line: &str, sign: &str, is_styled: bool) -> String {
    let words = line.trim();
    if words.is_empty() {
        return line.to_owned();
    }
    let words = match inner(words, sign) {
        Some(words) if is_styled => words.to_owned(),
        Some(_) => words.to_owned(),
        None => format!("{sign}{words}{sign}"),
    };
    let (before, _) = line.split_at(line.len() - line.trim_start().len());
    let after = &line[line.trim_end().len()..];
    format!("{before}{words}{after}")
}

/// Nothing is selected: what is written next is styled.
fn at_cursor(text: &str, cursor: usize, sign: &str) -> Edit {
    let (before, after) = text.split_at(cursor);
    let length = sign.len();
    if before.ends_with(sign) && after.starts_with(sign) {
        return Edit {
            range: cursor - length..cursor + length,
            text: String::new(),
            selected: cursor - length..cursor - length,
        };
    }
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    let is_inside = line.matches(sign).count() % 2 == 1;
    if is_inside && after.starts_with(sign) {
        // The style ends here: go on behind it.
        return Edit {
            range: cursor..cursor,
            text: String::new(),
            selected: cursor + length..cursor + length,
        };
    }
    Edit {
        range: cursor..cursor,
        text: sign.repeat(2),
        selected: cursor + length..cursor + length,
    }
}

fn one_line(text: &str, part: Range<usize>, sign: &str) -> Edit {
    let (before, words, after) = (&text[..part.start], &text[part.clone()], &text[part.end..]);
    let length = sign.len();
    if let Some(words) = inner(words, sign) {
        return Edit {
            range: part.clone(),
            text: words.to_owned(),
            selected: part.start..part.start + words.len(),
        };
    }
    if before.ends_with(sign) && after.starts_with(sign) {
        let start = part.start - length;
        return Edit {
            range: start..part.end + length,
            text: words.to_owned(),
            selected: start..start + words.len(),
        };
    }
    Edit {
        range: part.clone(),
        text: format!("{sign}{words}{sign}"),
        selected: part.start + length..part.end + length,
    }
}

/// Code of several lines stands between fences on lines of their own.
fn block(text: &str, part: Range<usize>) -> Edit {
    let start = text[..part.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[part.end..]
        .find('\n')
        .map_or(text.len(), |length| part.end + length);
    let lines = &text[start..end];
    let opening = format!("{FENCE}\n");
    let closing = format!("\n{FENCE}");
    let fenced = lines.strip_prefix(&opening);
    if let Some(code) = fenced.and_then(|lines| lines.strip_suffix(&closing)) {
        return Edit {
            range: start..end,
            text: code.to_owned(),
            selected: start..start + code.len(),
        };
    }
    if text[..start].ends_with(&opening) && text[end..].starts_with(&closing) {
        let from = start - opening.len();
        return Edit {
            range: from..end + closing.len(),
            text: lines.to_owned(),
            selected: from..from + lines.len(),
        };
    }
    Edit {
        range: start..end,
        text: format!("{opening}{lines}{closing}"),
        selected: start + opening.len()..end + opening.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Toggles what stands between two bars; so is the answer.
    fn with(marked: &str, format: Format) -> String {
        let start = marked.find('|').expect("a place is marked");
        let text = marked.replacen('|', "", 1);
        let end = text.find('|').unwrap_or(start);
        let text = text.replacen('|', "", 1);
        let edit = toggled(&text, start..end, format);
        let mut whole = text;
        whole.replace_range(edit.range, &edit.text);
        whole.insert(edit.selected.end, '|');
        if edit.selected.start != edit.selected.end {
            whole.insert(edit.selected.start, '|');
        }
        whole
    }

    #[test]
    fn signs_come_round_the_selection_and_go_again() {
        for (format, sign) in [
            (Format::Strong, '*'),
            (Format::Emphasis, '_'),
            (Format::Strike, '~'),
            (Format::Code, '`'),
        ] {
            let styled = with("at |seven| sharp", format);

            assert_eq!(styled, format!("at {sign}|seven|{sign} sharp"));
            assert_eq!(with(&styled, format), "at |seven| sharp");
        }
    }

    #[test]
    fn signs_that_are_selected_too_go_as_well() {
        assert_eq!(with("at |*seven*|", Format::Strong), "at |seven|");
    }

    #[test]
    fn white_space_at_the_ends_stays_outside() {
        // XEP-0393 §6.1: no sign is beside white space on the inside.
        assert_eq!(
            with("at| seven |sharp", Format::Strong),
            "at *|seven|* sharp"
        );
    }

    #[test]
    fn without_a_selection_one_writes_between_the_signs() {
        assert_eq!(with("at |", Format::Strong), "at *|*");
        assert_eq!(with("at *|*", Format::Strong), "at |");
        assert_eq!(with("at *seven|*", Format::Strong), "at *seven*|");
    }

    #[test]
    fn each_line_is_styled_by_itself() {
        let styled = with("|one\n\n two|", Format::Emphasis);

        assert_eq!(styled, "|_one_\n\n _two_|");
        assert_eq!(with(&styled, Format::Emphasis), "|one\n\n two|");
    }

    #[test]
    fn lines_of_which_one_is_styled_are_styled_all() {
        assert_eq!(with("|*one*\ntwo|", Format::Strong), "|*one*\n*two*|");
    }

    #[test]
    fn code_of_several_lines_stands_between_fences() {
        let code = with("see\nl|et a;\nlet| b;", Format::Code);

        assert_eq!(code, "see\n```\n|let a;\nlet b;|\n```");
        assert_eq!(with(&code, Format::Code), "see\n|let a;\nlet b;|");
    }

    #[test]
    fn letters_of_several_bytes_stay_whole() {
        assert_eq!(with("à |über| ñ", Format::Strong), "à *|über|* ñ");
    }
}
