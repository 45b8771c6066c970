//! The frame of the security page: header, scrolled middle, notices.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::SecurityMsg;
use crate::engine::model::Account;
use crate::ui::i18n::gettext;
use crate::ui::widgets::page;

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
    let content = page::column();
    let toasts = adw::ToastOverlay::new();
    toasts.set_child(Some(&page::scrolled(&content, 600)));
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
    root.set_child(Some(&page::framed(&bar, &toasts)));
    Widgets {
        content,
        toasts,
        copy,
    }
}
