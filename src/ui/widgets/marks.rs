//! Marks on what is looked for, within the text of a label.

use std::ops::Range;

use relm4::gtk::pango;

/// Dark letters on yellow, in either style; no style sheet reaches a part of a
/// label. Their contrast is 12:1.
const LETTERS: (u16, u16, u16) = (0x2424, 0x1f1f, 0x3131);
const GROUND: (u16, u16, u16) = (0xf9f9, 0xe2e2, 0x7272);

/// Marks parts of a text, given in bytes.
pub fn put(attributes: &pango::AttrList, marks: &[Range<usize>]) {
    let ((red, green, blue), ground) = (LETTERS, GROUND);
    for mark in marks {
        let looks: [pango::Attribute; 4] = [
            pango::AttrColor::new_foreground(red, green, blue).into(),
            // Otherwise it takes over how far the label shines through.
            pango::AttrInt::new_foreground_alpha(u16::MAX).into(),
            pango::AttrColor::new_background(ground.0, ground.1, ground.2).into(),
            pango::AttrInt::new_weight(pango::Weight::Bold).into(),
        ];
        for mut look in looks {
            look.set_start_index(mark.start as u32);
            look.set_end_index(mark.end as u32);
            attributes.insert(look);
        }
    }
}
