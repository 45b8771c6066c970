//! What stands on the page with the devices: a verdict, the groups, and in each
//! row what the user can decide.

use std::collections::BTreeSet;

use relm4::adw::prelude::*;
use relm4::gtk::{self, gio, glib};
use relm4::{Sender, adw};

use super::{DevicesMsg, Init, is_unused, waits};
use crate::engine::model::{Device, Timestamp, Trust};
use crate::ui::encryption::device_row;
use crate::ui::encryption::words::device as words;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::widgets::verdict::verdict;
use crate::ui::widgets::way::{self, way};

/// All that the parts need.
pub(super) struct Page<'a> {
    pub(super) init: &'a Init,
    pub(super) open: &'a BTreeSet<u32>,
    pub(super) now: Timestamp,
    pub(super) input: &'a Sender<DevicesMsg>,
}

impl Page<'_> {
    /// Returns the parts of the page, from the top.
    pub(super) fn parts(&self, devices: &[Device]) -> Vec<gtk::Widget> {
        if self.init.is_own {
            self.own(devices)
        } else {
            self.theirs(devices)
        }
    }

    fn own(&self, devices: &[Device]) -> Vec<gtk::Widget> {
        let mut parts = Vec::new();
        let this = group(&gettext("This Device"));
        let mut has_this = false;
        for device in devices.iter().filter(|device| device.is_this) {
            this.add(&self.row(device));
            has_this = true;
        }
        if has_this {
            parts.push(this.upcast());
        }
        let others = group(&gettext("Your Other Devices"));
        let known: Vec<&Device> = devices.iter().filter(|device| !device.is_this).collect();
        if known.is_empty() {
            others.set_description(Some(&gettext(
                "None. Another program that signs in to this account and can encrypt shows here.",
            )));
        } else {
            others.set_header_suffix(Some(&self.verify_button()));
        }
        for device in in_order(known) {
            others.add(&self.row(device));
        }
        parts.push(others.upcast());
        parts.push(self.mending(devices).upcast());
        parts
    }

    fn theirs(&self, devices: &[Device]) -> Vec<gtk::Widget> {
        let name = [("name", self.init.name.as_str())];
        let mut parts = Vec::new();
        if devices.is_empty() {
            let page = adw::StatusPage::builder()
                .icon_name("message-unlocked-symbolic")
                .title(gettext("No devices that can encrypt"))
                .description(glib::markup_escape_text(&fill(
                    &gettext("Programs of {name} that can encrypt show here once they were met."),
                    &name,
                )))
                .css_classes(["compact"])
                .build();
            return vec![page.upcast()];
        }
        parts.push(self.verdict(devices).upcast());
        let title = fill(&gettext("{name}’s Devices"), &name);
        let all = group(&glib::markup_escape_text(&title));
        for device in in_order(devices.iter().collect()) {
            all.add(&self.row(device));
        }
        parts.push(all.upcast());
        parts
    }

    /// What new devices of a contact are worth now.
    fn verdict(&self, devices: &[Device]) -> adw::WrapBox {
        let is_verified = devices
            .iter()
            .any(|device| device.trust == Trust::Verified && device.is_active);
        let (icon, class, title, text) = if is_verified {
            (
                "device-verified-symbolic",
                "good",
                gettext("{name} is verified"),
                gettext("New devices are shown to you and not used until you confirm them."),
            )
        } else {
            (
                "device-unverified-symbolic",
                "fair",
                gettext("{name} is not verified yet"),
                gettext("New devices are used without a question until you verify one."),
            )
        };
        let title = fill(&title, &[("name", &self.init.name)]);
        // In little room the button goes below.
        let whole = adw::WrapBox::builder()
            .child_spacing(14)
            .line_spacing(8)
            .justify(adw::JustifyMode::Spread)
            .justify_last_line(true)
            .build();
        whole.append(&verdict(icon, class, &title, &text));
        whole.append(&self.verify_button());
        whole
    }

    fn verify_button(&self) -> gtk::Button {
        let button = gtk::Button::builder()
            .label(gettext("Verify…"))
            .valign(gtk::Align::Center)
            .build();
        self.sends(&button, || DevicesMsg::Verify);
        button
    }

    /// What helps the own account as a whole.
    fn mending(&self, devices: &[Device]) -> adw::PreferencesGroup {
        let group = adw::PreferencesGroup::new();
        let unused = devices
            .iter()
            .filter(|device| is_unused(device, self.now))
            .count();
        if unused > 0 {
            let row = action_row(
                "user-trash-symbolic",
                &gettext("Remove Unused Devices…"),
                &count(
                    "{count} has not been seen for six weeks or longer",
                    "{count} have not been seen for six weeks or longer",
                    u32::try_from(unused).unwrap_or(u32::MAX),
                ),
            );
            let input = self.input.clone();
            row.connect_activated(move |_| input.emit(DevicesMsg::RemoveUnused));
            group.add(&row);
        }
        let row = action_row(
            "view-refresh-symbolic",
            &gettext("New Encryption Identity…"),
            &gettext("Your contacts will have to verify you again"),
        );
        let input = self.input.clone();
        row.connect_activated(move |_| input.emit(DevicesMsg::NewIdentity));
        group.add(&row);
        group
    }

    fn row(&self, device: &Device) -> adw::ExpanderRow {
        let row = device_row::row(device, self.now, self.menu(device).as_ref());
        if waits(device) && device.fingerprint.is_some() {
            row.add_row(&self.decision(device));
        }
        row.set_expanded(self.open.contains(&device.id));
        let (input, id) = (self.input.clone(), device.id);
        row.connect_expanded_notify(move |row| {
            // The page may be gone already.
            let _ = input.send(DevicesMsg::Open(id, row.is_expanded()));
        });
        row
    }

    /// The question about a new device, in its row.
    fn decision(&self, device: &Device) -> adw::ActionRow {
        let (title, text) = if self.init.is_own {
            (
                gettext("Is it yours?"),
                gettext("If you did not add it, change the password."),
            )
        } else {
            (
                gettext("Is it {name}’s?"),
                gettext("Ask in person or by phone, or scan the code again."),
            )
        };
        let title = fill(&title, &[("name", &self.init.name)]);
        let row = adw::ActionRow::builder()
            .title(glib::markup_escape_text(&title))
            .subtitle(text)
            .title_lines(0)
            .subtitle_lines(0)
            .build();
        let deeds = adw::WrapBox::builder()
            .child_spacing(6)
            .line_spacing(6)
            .margin_top(8)
            .margin_bottom(8)
            .valign(gtk::Align::Center)
            .build();
        let trust = gtk::Button::builder().label(gettext("Trust")).build();
        if let Some(fingerprint) = device.fingerprint {
            self.sends(&trust, move || DevicesMsg::Trust(fingerprint, Trust::Blind));
        }
        let verify = self.verify_button();
        verify.add_css_class("suggested-action");
        deeds.append(&trust);
        deeds.append(&verify);
        row.add_suffix(&deeds);
        row
    }

    /// What else can be done about a device.
    fn menu(&self, device: &Device) -> Option<gtk::MenuButton> {
        if device.is_this {
            return None;
        }
        let menu = gio::Menu::new();
        let group = gio::SimpleActionGroup::new();
        let item = |label: String, name: &str, message: DevicesMsg| {
            let action = gio::SimpleAction::new(name, None);
            let input = self.input.clone();
            action.connect_activate(move |_, _| input.emit(message.clone()));
            group.add_action(&action);
            menu.append(Some(&label), Some(&format!("device.{name}")));
        };
        if let Some(fingerprint) = device.fingerprint {
            let trust = |trust| DevicesMsg::Trust(fingerprint, trust);
            match device.trust {
                Trust::Undecided => {
                    item(gettext("_Trust"), "trust", trust(Trust::Blind));
                    item(gettext("_Do Not Use"), "stop", trust(Trust::Distrusted));
                }
                Trust::Blind | Trust::Verified => {
                    item(gettext("_Stop Using"), "stop", trust(Trust::Distrusted));
                }
                Trust::Distrusted => {
                    item(gettext("_Use Again"), "trust", trust(Trust::Blind));
                }
            }
        }
        if self.init.is_own && device.is_active {
            let remove = DevicesMsg::Remove(device.id);
            item(gettext("_Remove…"), "remove", remove);
        }
        if menu.n_items() == 0 {
            return None;
        }
        let button = gtk::MenuButton::builder()
            .icon_name("view-more-symbolic")
            .tooltip_text(fill(
                // Translators: name is what a device is called, such as "Tablet".
                &gettext("More for {name}"),
                &[("name", &words::name(device))],
            ))
            .valign(gtk::Align::Center)
            .css_classes(["flat"])
            .menu_model(&menu)
            .build();
        button.insert_action_group("device", Some(&group));
        Some(button)
    }

    fn sends(&self, button: &gtk::Button, message: impl Fn() -> DevicesMsg + 'static) {
        let input = self.input.clone();
        button.connect_clicked(move |_| input.emit(message()));
    }
}

/// What is in use first, and of that what was heard of last.
fn in_order(mut devices: Vec<&Device>) -> Vec<&Device> {
    devices.sort_by_key(|device| {
        let heard = device.last_seen.unwrap_or(device.first_seen);
        let is_off = device.trust == Trust::Distrusted;
        (!device.is_active, is_off, -heard, device.id)
    });
    devices
}

fn group(title: &str) -> adw::PreferencesGroup {
    adw::PreferencesGroup::builder().title(title).build()
}

fn action_row(icon: &str, title: &str, subtitle: &str) -> adw::ActionRow {
    let row = way(title, subtitle);
    row.add_prefix(&way::icon(icon));
    row
}
