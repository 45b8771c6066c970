//! The frame of the security page: header, scrolled middle, notices.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::SecurityMsg;
use crate::engine::model::Account;
use crate::ui::i18n::gettext;

/// What stands still on the page.
pub struct Widgets {
    pub(super) content: gtk::Box,
    pub(super) toasts: adw::ToastOverlay,
    pub(super) copy: gtk::Button,
}

/// Builds the frame.
pub(super) fn build(
    root: &adw::NavigationPage,
    account: &Account,
    input: &Sender<SecurityMsg>,
) -> Widgets {
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(24)
        .margin_top(12)
        .margin_bottom(24)
        .margin_start(12)
        .margin_end(12)
        .build();
    let clamp = adw::Clamp::builder()
        .maximum_size(600)
        .child(&content)
        .build();
    let scrolled = gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(&clamp)
        .build();
    let toasts = adw::ToastOverlay::new();
    toasts.set_child(Some(&scrolled));
    let copy = gtk::Button::builder()
        .label(gettext("Copy Report"))
        .can_shrink(true)
        .build();
    let sender = input.clone();
    copy.connect_clicked(move |_| sender.emit(SecurityMsg::CopyReport));
    let bar = adw::HeaderBar::builder()
        .title_widget(&adw::WindowTitle::new(
            &gettext("Security"),
            &account.address,
        ))
        .build();
    bar.pack_end(&copy);
    let view = adw::ToolbarView::builder().content(&toasts).build();
    view.add_top_bar(&bar);
    root.set_child(Some(&view));
    Widgets {
        content,
        toasts,
        copy,
    }
}
