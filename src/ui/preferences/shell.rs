//! The frame of the preferences: list of pages, search field, and the place
//! where a page stands. In little room only one of the two halves is seen.

use std::time::Duration;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Sender, adw, gtk};

use super::PreferencesMsg;
use super::page::Page;
use crate::ui::i18n::gettext;

/// Width of the list of pages.
const LIST_WIDTH: f64 = 210.0;

/// The widgets around the pages.
pub struct Widgets {
    pub(super) split: adw::NavigationSplitView,
    /// Page and, above it, the page of one account.
    pub(super) view: adw::NavigationView,
    pub(super) content: adw::NavigationPage,
    pub(super) list: gtk::ListBox,
    pub(super) results: gtk::ListBox,
    pub(super) stack: gtk::Stack,
}

/// Builds the frame; the pages come later.
pub(super) fn build(root: &adw::Dialog, input: &Sender<PreferencesMsg>) -> Widgets {
    let list = gtk::ListBox::builder()
        .css_classes(["navigation-sidebar"])
        .selection_mode(gtk::SelectionMode::Browse)
        .build();
    list.update_property(&[gtk::accessible::Property::Label(&gettext("Pages"))]);
    for page in Page::ALL {
        list.append(&page_row(page));
    }
    let sender = input.clone();
    list.connect_row_activated(move |_, row| {
        if let Some(page) = Page::ALL.get(row.index().max(0) as usize) {
            sender.emit(PreferencesMsg::Show(*page));
        }
    });
    let results = gtk::ListBox::builder()
        .css_classes(["navigation-sidebar"])
        .selection_mode(gtk::SelectionMode::None)
        .build();
    results.update_property(&[gtk::accessible::Property::Label(&gettext(
        "Settings that were found",
    ))]);
    let sender = input.clone();
    results.connect_row_activated(move |_, row| {
        sender.emit(PreferencesMsg::Found(row.index().max(0) as usize));
    });
    let stack = gtk::Stack::builder().hhomogeneous(false).build();
    stack.add_named(&scrolled(&list), Some("pages"));
    stack.add_named(&scrolled(&results), Some("found"));
    let nothing = adw::StatusPage::builder()
        .title(gettext("Nothing found"))
        .description(gettext("No setting has this name."))
        .css_classes(["compact"])
        .build();
    stack.add_named(&nothing, Some("nothing"));

    let bar = adw::ToolbarView::builder().content(&stack).build();
    bar.add_top_bar(&adw::HeaderBar::new());
    let search = search_field(root, input);
    bar.add_top_bar(&search);
    let sidebar = adw::NavigationPage::builder()
        .title(gettext("Preferences"))
        .child(&bar)
        .build();
    let view = adw::NavigationView::new();
    let sender = input.clone();
    view.connect_popped(move |_, page| {
        // The dialog may be closing.
        let _ = sender.send(PreferencesMsg::Popped(page.clone()));
    });
    let content = adw::NavigationPage::builder()
        .title(Page::Accounts.title())
        .child(&view)
        .build();
    let split = adw::NavigationSplitView::builder()
        .min_sidebar_width(LIST_WIDTH)
        .max_sidebar_width(LIST_WIDTH)
        .sidebar(&sidebar)
        .content(&content)
        .build();
    root.set_child(Some(&split));
    let narrow = adw::Breakpoint::new(adw::BreakpointCondition::new_length(
        adw::BreakpointConditionLengthType::MaxWidth,
        560.0,
        adw::LengthUnit::Sp,
    ));
    narrow.add_setter(&split, "collapsed", Some(&true.to_value()));
    root.add_breakpoint(narrow);
    root.set_focus(Some(&search));
    Widgets {
        split,
        view,
        content,
        list,
        results,
        stack,
    }
}

fn search_field(root: &adw::Dialog, input: &Sender<PreferencesMsg>) -> gtk::SearchEntry {
    let search = gtk::SearchEntry::builder()
        .placeholder_text(gettext("Search"))
        .search_delay(0)
        .margin_start(6)
        .margin_end(6)
        .margin_bottom(6)
        .build();
    search.update_property(&[gtk::accessible::Property::Label(&gettext(
        "Search the preferences",
    ))]);
    let sender = input.clone();
    search.connect_search_changed(move |search| {
        sender.emit(PreferencesMsg::Search(search.text().into()));
    });
    let sender = input.clone();
    search.connect_activate(move |_| sender.emit(PreferencesMsg::Found(0)));
    let weak = root.downgrade();
    // The first Escape empties the field, the next one closes.
    search.connect_stop_search(move |search| {
        if search.text().is_empty() {
            if let Some(root) = weak.upgrade() {
                root.close();
            }
        } else {
            search.set_text("");
        }
    });
    search
}

fn scrolled(child: &gtk::ListBox) -> gtk::ScrolledWindow {
    gtk::ScrolledWindow::builder()
        .hscrollbar_policy(gtk::PolicyType::Never)
        .child(child)
        .build()
}

fn page_row(page: Page) -> gtk::ListBoxRow {
    let content = gtk::Box::builder().spacing(10).build();
    content.append(
        &gtk::Image::builder()
            .icon_name(page.icon())
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    content.append(
        &gtk::Label::builder()
            .label(page.title())
            .xalign(0.0)
            .ellipsize(gtk::pango::EllipsizeMode::End)
            .build(),
    );
    let row = gtk::ListBoxRow::builder().child(&content).build();
    row.update_property(&[gtk::accessible::Property::Label(&page.title())]);
    row
}

/// Returns a line of what the search found.
pub(super) fn result_row(title: &str, page: &str) -> gtk::ListBoxRow {
    let lines = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .margin_top(6)
        .margin_bottom(6)
        .build();
    for (text, classes) in [(title, &[][..]), (page, &["caption", "dimmed"][..])] {
        lines.append(
            &gtk::Label::builder()
                .label(text)
                .css_classes(classes.to_vec())
                .xalign(0.0)
                .wrap(true)
                .build(),
        );
    }
    let row = gtk::ListBoxRow::builder().child(&lines).build();
    row.update_property(&[gtk::accessible::Property::Label(&format!(
        "{title}, {page}"
    ))]);
    row
}

/// Counts the seconds until the next try, as long as the dialog is there.
pub(super) fn tick(root: &adw::Dialog, input: &Sender<PreferencesMsg>) {
    let (weak, input) = (root.downgrade(), input.clone());
    glib::timeout_add_local(Duration::from_secs(1), move || {
        if weak.upgrade().is_some() && input.send(PreferencesMsg::Tick).is_ok() {
            glib::ControlFlow::Continue
        } else {
            glib::ControlFlow::Break
        }
    });
}
