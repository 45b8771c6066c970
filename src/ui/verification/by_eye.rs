//! Comparing keys by eye: both sides look at the same sixty-four digits.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::VerificationMsg;
use super::words::{self, Other};
use crate::engine::model::{Device, Fingerprint, Trust};
use crate::ui::encryption::device_row;
use crate::ui::encryption::words::device as device_words;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::page;

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
        let content = page::column();
        let view = page::framed(&adw::HeaderBar::new(), &page::scrolled(&content, 600));
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
    let grid = device_row::groups(key, &["monospace", "title-4"]);
    grid.set_column_spacing(12);
    grid.set_row_spacing(2);
    grid.set_margin_top(8);
    grid.set_margin_bottom(8);
    grid.set_margin_start(12);
    grid.set_margin_end(12);
    let row = adw::PreferencesRow::builder()
        .child(&grid)
        .title(gettext("Key"))
        .activatable(false)
        .build();
    let spoken = key.groups().join(", ");
    row.upcast_ref::<gtk::Widget>()
        .update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}
