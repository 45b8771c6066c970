//! F6: from one part of the window to the next.
//!
//! Only parts that can be seen and hold something to act on are stations; which
//! those are depends on the width, the open chat and the banner.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;

use super::{App, AppWidgets};
use crate::ui::conversation::{ConversationMsg, Part};
use crate::ui::sidebar::SidebarMsg;
use crate::ui::timeline::history_view::HistoryView;

/// A station of F6, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    List,
    Messages,
    Composer,
    Header,
    Banner,
    /// The page that stands where a chat would be.
    NoChat,
}

impl App {
    /// Moves the keyboard to the next region, or the one before.
    pub(super) fn next_region(&self, step: i32, widgets: &AppWidgets) {
        let regions = self.regions(widgets);
        if regions.is_empty() {
            return;
        }
        let here = self
            .region(widgets)
            .and_then(|here| regions.iter().position(|region| *region == here));
        let next = match here {
            Some(here) => (here as i32 + step).rem_euclid(regions.len() as i32) as usize,
            None if step < 0 => regions.len() - 1,
            None => 0,
        };
        self.enter(regions[next], widgets);
    }

    fn regions(&self, widgets: &AppWidgets) -> Vec<Region> {
        let has_list = is_shown(&widgets.list_page);
        let has_chat = is_shown(&widgets.chat_page);
        let mut regions = Vec::new();
        if has_list {
            regions.push(Region::List);
        }
        if has_chat && self.open.is_some() {
            regions.extend([Region::Messages, Region::Composer, Region::Header]);
        } else if has_chat && first_button(&widgets.chat_page).is_some() {
            regions.push(Region::NoChat);
        }
        if (has_list || has_chat) && banner(&self.window).is_some() {
            regions.push(Region::Banner);
        }
        regions
    }

    /// Returns the region that has the keyboard.
    fn region(&self, widgets: &AppWidgets) -> Option<Region> {
        let focus = RootExt::focus(&self.window)?;
        let is_in = |page: &adw::NavigationPage| focus.is_ancestor(page);
        Some(if focus.ancestor(adw::Banner::static_type()).is_some() {
            Region::Banner
        } else if is_in(&widgets.list_page) {
            Region::List
        } else if focus.ancestor(HistoryView::static_type()).is_some() {
            Region::Messages
        } else if self.open.is_none() {
            Region::NoChat
        } else if focus.ancestor(adw::HeaderBar::static_type()).is_some() {
            Region::Header
        } else {
            Region::Composer
        })
    }

    fn enter(&self, region: Region, widgets: &AppWidgets) {
        match region {
            Region::List => self.tell_list(SidebarMsg::Focus),
            Region::Messages => self.tell_chat(ConversationMsg::Focus(Part::History)),
            Region::Composer => self.tell_chat(ConversationMsg::Focus(Part::Composer)),
            Region::Header => self.tell_chat(ConversationMsg::Focus(Part::Header)),
            Region::Banner => {
                if let Some(button) = banner(&self.window).and_then(|banner| first_button(&banner))
                {
                    button.grab_focus();
                }
            }
            Region::NoChat => {
                if let Some(button) = first_button(&widgets.chat_page) {
                    button.grab_focus();
                }
            }
        }
    }
}

fn is_shown(page: &adw::NavigationPage) -> bool {
    page.child().is_some_and(|child| child.is_mapped())
}

/// The banner that can be seen, of the two there are.
fn banner(window: &adw::ApplicationWindow) -> Option<adw::Banner> {
    find(window.upcast_ref(), &|widget| {
        widget
            .downcast_ref::<adw::Banner>()
            .is_some_and(|banner| banner.is_revealed() && banner.button_label().is_some())
    })
    .and_downcast()
}

/// A button with words on it: what is in a header bar has only a picture.
fn first_button(root: &impl IsA<gtk::Widget>) -> Option<gtk::Widget> {
    find(root.upcast_ref(), &|widget| {
        widget
            .downcast_ref::<gtk::Button>()
            .is_some_and(|button| button.label().is_some_and(|label| !label.is_empty()))
    })
}

/// The first mapped widget below `root` that `fits`.
fn find(root: &gtk::Widget, fits: &dyn Fn(&gtk::Widget) -> bool) -> Option<gtk::Widget> {
    let mut child = root.first_child();
    while let Some(widget) = child {
        if widget.is_mapped() {
            if fits(&widget) {
                return Some(widget);
            }
            if let Some(found) = find(&widget, fits) {
                return Some(found);
            }
        }
        child = widget.next_sibling();
    }
    None
}
