//! F6: from one part of the window to the next.

use relm4::adw::prelude::*;
use relm4::gtk;

use super::{App, AppWidgets};
use crate::ui::conversation::{ConversationMsg, Part};
use crate::ui::sidebar::SidebarMsg;
use crate::ui::timeline::history_view::HistoryView;

impl App {
    /// Chat list, messages, composer, header: the parts F6 goes through.
    pub(super) fn next_region(&self, step: i32, widgets: &AppWidgets) {
        let focus = RootExt::focus(&self.window);
        let is_in = |widget: &gtk::Widget| {
            focus
                .as_ref()
                .is_some_and(|focus| focus == widget || focus.is_ancestor(widget))
        };
        let list: gtk::Widget = widgets.list_page.clone().upcast();
        let here = if is_in(&list) {
            0
        } else {
            focus.as_ref().map_or(0, |focus| {
                if focus.ancestor(HistoryView::static_type()).is_some() {
                    1
                } else if focus.is::<gtk::TextView>() || focus.has_css_class("send") {
                    2
                } else {
                    3
                }
            })
        };
        let regions = if self.open.is_some() { 4 } else { 1 };
        match (here + step).rem_euclid(regions) {
            0 => self.tell_list(SidebarMsg::Focus),
            1 => self.tell_chat(ConversationMsg::Focus(Part::History)),
            2 => self.tell_chat(ConversationMsg::Focus(Part::Composer)),
            _ => self.tell_chat(ConversationMsg::Focus(Part::Header)),
        }
    }
}
