//! The frame of the page with the devices: header and scrolled middle.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use crate::ui::i18n::gettext;
use crate::ui::widgets::page;

/// What stands still on the page.
pub struct Widgets {
    pub(super) content: gtk::Box,
}

/// Builds the frame; `whose` stands below the title.
pub(super) fn build(root: &adw::NavigationPage, whose: &str) -> Widgets {
    let content = page::column();
    content.add_css_class("devices");
    let bar = adw::HeaderBar::builder()
        .title_widget(&adw::WindowTitle::new(&gettext("Devices"), whose))
        .build();
    root.set_child(Some(&page::framed(&bar, &page::scrolled(&content, 600))));
    Widgets { content }
}

/// Puts new parts in the place of the old ones. The keyboard stays about where
/// it was: once it is nowhere, nothing can be reached.
pub(super) fn replace(content: &gtk::Box, parts: &[gtk::Widget]) {
    let old: Vec<gtk::Widget> =
        std::iter::successors(content.first_child(), gtk::Widget::next_sibling).collect();
    let had_focus = content.focus_child().is_some();
    for part in parts {
        content.append(part);
    }
    if had_focus {
        parts
            .iter()
            .any(|part| part.child_focus(gtk::DirectionType::TabForward));
    }
    for part in old {
        content.remove(&part);
    }
}
