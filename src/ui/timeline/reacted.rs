//! The dialog that tells who reacted to a message, and with what.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use super::reactions::{drawn, who};
use super::source::Names;
use crate::engine::model::Reaction;
use crate::ui::i18n::gettext;
use crate::ui::widgets::page;

/// More kinds than these are not listed, whoever sent them.
const MOST_SHOWN: usize = 100;

/// Shows the reactions over the window that `near` is in.
pub fn show(near: &impl IsA<gtk::Widget>, reactions: &[Reaction], names: &Names) {
    let list = gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build();
    list.update_property(&[gtk::accessible::Property::Label(&gettext("Reactions"))]);
    for reaction in reactions.iter().take(MOST_SHOWN) {
        let (emoji, who) = (drawn(&reaction.emoji), who(reaction, names));
        let row = adw::ActionRow::builder()
            .use_markup(false)
            .title(&who)
            .title_lines(0)
            .build();
        row.add_prefix(
            &gtk::Label::builder()
                .label(&emoji)
                .css_classes(["title-3"])
                .build(),
        );
        list.append(&row);
    }
    let content = page::column();
    content.append(&list);
    let view = page::framed(&adw::HeaderBar::new(), &page::scrolled(&content, 500));
    adw::Dialog::builder()
        .title(gettext("Reactions"))
        .content_width(380)
        .content_height(420)
        .width_request(280)
        .height_request(200)
        .child(&view)
        .build()
        .present(Some(near));
}
