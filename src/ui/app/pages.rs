//! The small pieces of the window without state: menu, breakpoint, notices.

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{ComponentSender, adw, gtk};
use tokio::signal::unix::{SignalKind, signal};

use super::message::AppMsg;
use super::{App, AppWidgets};
use crate::engine::error::{StartError, StoreError};
use crate::ui::i18n::gettext;
use crate::ui::{errors, format};

/// Returns the main menu; its actions are the window's.
pub fn menu() -> gio::Menu {
    let menu = gio::Menu::new();
    for (label, action) in [
        (gettext("_Preferences"), "win.preferences"),
        (gettext("_Keyboard Shortcuts"), "win.shortcuts"),
        (gettext("_About Stonechat"), "win.about"),
        (gettext("_Quit"), "win.quit"),
    ] {
        menu.append(Some(&label), Some(action));
    }
    menu
}

/// Ends the program properly when the session ends (SIGTERM) or Ctrl+C is
/// pressed where it was started (SIGINT): contacts see one leave.
pub(super) fn quit_on_signals(sender: &ComponentSender<App>) {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let input = sender.input_sender().clone();
        relm4::spawn(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    while signals.recv().await.is_some() {
                        // The window may be closing already.
                        let _ = input.send(AppMsg::Quit);
                    }
                }
                Err(error) => tracing::warn!(%error, "A signal will end the program at once."),
            }
        });
    }
}

pub(super) fn narrow(sender: &ComponentSender<App>) -> adw::Breakpoint {
    let condition = adw::BreakpointCondition::new_length(
        adw::BreakpointConditionLengthType::MaxWidth,
        640.0,
        adw::LengthUnit::Sp,
    );
    let breakpoint = adw::Breakpoint::new(condition);
    for (is_narrow, signal) in [(true, "apply"), (false, "unapply")] {
        let input = sender.input_sender().clone();
        breakpoint.connect_local(signal, false, move |_| {
            input.emit(AppMsg::Narrow(is_narrow));
            None
        });
    }
    breakpoint
}

pub(super) fn start_failure(error: &StartError) -> adw::ToolbarView {
    let trouble = errors::start(error);
    let page = adw::StatusPage::builder()
        .icon_name("message-failed-symbolic")
        .title(&trouble.title)
        .description(glib::markup_escape_text(&trouble.text))
        .build();
    let close = gtk::Button::builder()
        .label(gettext("Close"))
        .css_classes(["pill"])
        .halign(gtk::Align::Center)
        .action_name("win.quit")
        .build();
    page.set_child(Some(&close));
    let view = adw::ToolbarView::builder().content(&page).build();
    view.add_top_bar(&adw::HeaderBar::new());
    view
}

pub(super) fn show_toast(widgets: &AppWidgets, text: &str) {
    let toast = adw::Toast::builder()
        .title(glib::markup_escape_text(text))
        .timeout(8)
        .build();
    widgets.toasts.add_toast(toast);
}

pub(super) fn say_trouble(widgets: &AppWidgets, error: &StoreError) {
    show_toast(widgets, &errors::store(error).title);
}

/// Says [`AppMsg::NewDay`] shortly after the next midnight: "Today" is another then.
pub(super) fn new_day(sender: &ComponentSender<App>) {
    let now = format::now();
    let passed =
        i64::from(now.hour()) * 3600 + i64::from(now.minute()) * 60 + i64::from(now.second());
    let left = u32::try_from(24 * 3600 - passed + 1).unwrap_or(3600);
    let input = sender.input_sender().clone();
    glib::timeout_add_seconds_local_once(left, move || {
        // The window may be closed by then.
        let _ = input.send(AppMsg::NewDay);
    });
}
