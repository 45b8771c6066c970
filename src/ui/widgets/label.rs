//! Labels of whole sentences.

use relm4::gtk;

/// Returns a label that goes over as many lines as it needs, at the left.
pub fn sentence(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .natural_wrap_mode(gtk::NaturalWrapMode::Word)
        .xalign(0.0)
        .css_classes(classes.to_vec())
        .build()
}
