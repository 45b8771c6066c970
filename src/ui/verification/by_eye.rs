//! Comparing keys by eye: both sides look at the same sixty-four digits.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::VerificationMsg;
use super::words::{self, Other};
use crate::engine::model::{Device, Fingerprint, Trust};
use crate::ui::encryption::device_row;
use crate::ui::encryption::words::device as device_words;
use crate::ui::i18n::{fill, gettext};

/// The page, and what changes on it.
pub struct ByEye {
    /// The page.
    pub page: adw::NavigationPage,
    content: gtk::Box,
    other: Other,
    input: Sender<VerificationMsg>,
}

impl ByEye {
    /// Makes the page; it is empty until it is shown devices.
    pub fn new(other: &Other, input: &Sender<VerificationMsg>) -> Self {
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
        let view = adw::ToolbarView::builder().content(&scrolled).build();
        view.add_top_bar(&adw::HeaderBar::new());
        let page = adw::NavigationPage::builder()
            .title(gettext("Compare by Eye"))
            .child(&view)
            .build();
        Self {
            page,
            content,
            other: other.clone(),
            input: input.clone(),
        }
    }

    /// Shows the key of this device, and those of the other side.
    pub fn show(&self, this: Option<&Device>, theirs: &[Device]) {
        while let Some(child) = self.content.first_child() {
            self.content.remove(&child);
        }
        let other = &self.other;
        let own = adw::PreferencesGroup::builder()
            .title(gettext("This device"))
            .description(if other.is_own {
                gettext("Your other device shows these digits for it.")
            } else {
                other.say(&gettext(
                    "{name}’s program shows these digits for your device.",
                ))
            })
            .build();
        if let Some(key) = this.and_then(|this| this.fingerprint) {
            own.add(&digits(&key));
            self.content.append(&own);
        }
        let group = adw::PreferencesGroup::builder()
            .title(if other.is_own {
                gettext("Your other devices")
            } else {
                other.say(&gettext("{name}’s devices"))
            })
            .description(gettext(
                "Compare every group, on the screen of the other device or in a call where you know the voice.",
            ))
            .build();
        for device in theirs
            .iter()
            .filter(|device| device.is_active && !device.is_this)
        {
            self.add(&group, device);
        }
        if theirs
            .iter()
            .all(|device| device.is_this || !device.is_active)
        {
            let row = adw::ActionRow::builder()
                .title(gettext("No devices are known yet"))
                .build();
            group.add(&row);
        }
        self.content.append(&group);
    }

    fn add(&self, group: &adw::PreferencesGroup, device: &Device) {
        let name = words::device(device);
        let head = adw::ActionRow::builder()
            .title(&name)
            .use_markup(false)
            .build();
        head.add_prefix(&device_row::icon(device));
        head.add_suffix(&device_row::chip(&device_words::chip(device)));
        group.add(&head);
        let Some(key) = device.fingerprint else {
            head.set_subtitle(&gettext("Its key was not read yet"));
            return;
        };
        group.add(&digits(&key));
        if device.trust == Trust::Verified {
            return;
        }
        let buttons = adw::WrapBox::builder()
            .child_spacing(8)
            .line_spacing(8)
            .margin_top(8)
            .margin_bottom(8)
            .margin_start(12)
            .margin_end(12)
            .build();
        for (label, spoken, is_same) in [
            (
                gettext("They Match"),
                gettext("The digits of {name} match"),
                true,
            ),
            (
                gettext("They Differ"),
                gettext("The digits of {name} differ"),
                false,
            ),
        ] {
            let button = gtk::Button::builder().label(label).build();
            let spoken = fill(&spoken, &[("name", &name)]);
            button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
            let (input, device) = (self.input.clone(), device.clone());
            button.connect_clicked(move |_| {
                let device = Box::new(device.clone());
                input.emit(VerificationMsg::Compared(device, is_same));
            });
            buttons.append(&button);
        }
        let row = adw::PreferencesRow::builder()
            .child(&buttons)
            .activatable(false)
            .focusable(false)
            .build();
        group.add(&row);
    }
}

/// Eight groups of eight, large enough to be read aloud.
fn digits(key: &Fingerprint) -> adw::PreferencesRow {
    let groups = key.groups();
    let grid = gtk::FlowBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .min_children_per_line(2)
        .max_children_per_line(4)
        .column_spacing(12)
        .row_spacing(2)
        .margin_top(8)
        .margin_bottom(8)
        .margin_start(12)
        .margin_end(12)
        .build();
    for group in &groups {
        let label = gtk::Label::builder()
            .label(group)
            .css_classes(["monospace", "title-4"])
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let child = gtk::FlowBoxChild::builder()
            .child(&label)
            .focusable(false)
            .build();
        grid.append(&child);
    }
    grid.update_property(&[gtk::accessible::Property::Label(&groups.join(", "))]);
    let row = adw::PreferencesRow::builder()
        .child(&grid)
        .title(gettext("Key"))
        .activatable(false)
        .build();
    let spoken = groups.join(", ");
    row.upcast_ref::<gtk::Widget>()
        .update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}
