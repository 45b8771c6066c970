//! The part of the details about encryption: to the verification, and to the
//! devices.

use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};
use relm4::{Sender, adw};

use super::DetailsMsg;
use crate::engine::model::{ConversationRow, Device, Trust};
use crate::ui::conversation::chat_menu::ChatWish;
use crate::ui::encryption::words::device as words;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::way::leads_on;

/// Its rows.
pub struct Encryption {
    /// All of it; hidden until it is known whether there is anything to say.
    pub group: adw::PreferencesGroup,
    verify: adw::ActionRow,
    devices: adw::ActionRow,
}

impl Encryption {
    /// Makes the rows; they are empty until they are shown something.
    pub fn new(details: &Sender<DetailsMsg>) -> Self {
        let verify = row("verify-code-symbolic");
        let button = gtk::Button::builder()
            .label(gettext("Verify…"))
            .valign(gtk::Align::Center)
            .build();
        let input = details.clone();
        button.connect_clicked(move |_| input.emit(DetailsMsg::Wish(ChatWish::Verify)));
        verify.add_suffix(&button);
        verify.set_activatable_widget(Some(&button));
        let devices = row("phone-symbolic");
        devices.set_title(&gettext("Devices"));
        devices.set_activatable(true);
        leads_on(&devices);
        let input = details.clone();
        devices.connect_activated(move |_| input.emit(DetailsMsg::Devices));
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Encryption"))
            .visible(false)
            .build();
        group.add(&verify);
        group.add(&devices);
        Self {
            group,
            verify,
            devices,
        }
    }

    /// Shows how far the devices are known.
    pub fn show(&self, chat: &ConversationRow, devices: &[Device]) {
        let title = fill(&gettext("Verify {name}"), &[("name", &chat.name)]);
        self.verify.set_title(&glib::markup_escape_text(&title));
        let is_verified = devices
            .iter()
            .any(|device| device.trust == Trust::Verified && device.is_active);
        self.verify.set_subtitle(&if is_verified {
            gettext("Verified. No new device is used unasked")
        } else {
            gettext("Then no new device is used unasked")
        });
        self.devices
            .set_subtitle(&glib::markup_escape_text(&words::all_line(devices)));
        self.group.set_visible(true);
    }
}

fn row(icon: &str) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .title_lines(0)
        .subtitle_lines(0)
        .build();
    row.add_prefix(
        &gtk::Image::builder()
            .icon_name(icon)
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    row
}
