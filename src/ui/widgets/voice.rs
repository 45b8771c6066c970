//! Saying something aloud to those who listen with a screen reader.

use relm4::gtk;
use relm4::gtk::prelude::*;

/// Says `words` from `widget`; at once when it is urgent, else in its turn.
pub fn say(widget: &impl IsA<gtk::Accessible>, words: &str, is_urgent: bool) {
    // What GTK offers to tests has no voice and would end the program (4.18).
    if std::env::var_os("GTK_A11Y").is_some_and(|kind| kind == "test") {
        return;
    }
    widget.announce(
        words,
        if is_urgent {
            gtk::AccessibleAnnouncementPriority::High
        } else {
            gtk::AccessibleAnnouncementPriority::Medium
        },
    );
}
