//! What a code turned out to be: everything is well, or an alarm.
//!
//! The alarm looks and reads like nothing else in the program, and offers no
//! way to trust: somebody may be in between, and a button that makes the red
//! go away would be pressed.

use relm4::adw::prelude::*;
use relm4::{Sender, adw, gtk};

use super::VerificationMsg;
use super::alarm::{Alarm, alarm_words};
use super::words::{self, Other};
use crate::engine::model::{Device, Fingerprint, Trust, Verified};
use crate::engine::text::VerificationLink;
use crate::ui::encryption::device_row;
use crate::ui::encryption::words::device as device_words;
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::{page as frame, verdict, voice};

/// What a code, or a look at a key, came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many devices are verified, and so many more when they appear.
    Well {
        /// Now.
        devices: u32,
        /// Later.
        waiting: u32,
    },
    /// Something is wrong.
    Alarm(Alarm),
}

/// Returns what a code means whose keys were taken.
pub fn of_code(verified: Verified, devices: &[Device], link: &VerificationLink) -> Outcome {
    let is_in_code = |device: &Device| {
        link.devices
            .iter()
            .any(|(_, key)| device.fingerprint == Some(*key))
    };
    let others = || devices.iter().filter(|device| !device.is_this);
    let confirmed = others().filter(|device| is_in_code(device)).count() as u32;
    // A device that is written to, though its owner does not know it.
    let has_strangers = others()
        .any(|device| device.is_active && device.fingerprint.is_some() && device.trust.is_used());
    if confirmed == 0 && has_strangers {
        return Outcome::Alarm(Alarm::NoneOfTheirs);
    }
    Outcome::Well {
        devices: confirmed,
        waiting: verified.waiting,
    }
}

/// Returns the outcome with its device as it is now.
pub fn newest(outcome: Outcome, devices: &[Device]) -> Outcome {
    let Outcome::Alarm(Alarm::SeenToDiffer(device)) = outcome else {
        return outcome;
    };
    let is_same = |now: &&Device| now.id == device.id && now.fingerprint == device.fingerprint;
    let now = devices.iter().find(is_same).cloned().map(Box::new);
    Outcome::Alarm(Alarm::SeenToDiffer(now.unwrap_or(device)))
}

/// Returns the page that says so.
pub fn page(
    outcome: &Outcome,
    other: &Other,
    devices: &[Device],
    input: &Sender<VerificationMsg>,
) -> adw::NavigationPage {
    match outcome {
        Outcome::Well {
            devices: confirmed,
            waiting,
        } => {
            let title = other.is_verified(*confirmed);
            let text = other.what_now(*confirmed, *waiting);
            let parts = Parts {
                title: &title,
                text: &text,
                is_alarm: false,
            };
            let list = list(devices, true, input);
            let done = button(&gettext("Done"), || VerificationMsg::Done, input);
            done.add_css_class("suggested-action");
            parts.page(other, list.as_ref(), &[done])
        }
        Outcome::Alarm(alarm) => self::alarm(alarm, other, devices, input),
    }
}

fn alarm(
    alarm: &Alarm,
    other: &Other,
    devices: &[Device],
    input: &Sender<VerificationMsg>,
) -> adw::NavigationPage {
    let (title, text) = alarm_words(alarm, other);
    let mut content: Option<gtk::Widget> = None;
    let mut buttons = Vec::new();
    match alarm {
        Alarm::OtherAddress(_) => {}
        Alarm::DifferentKey { known, shown, .. } => {
            let list = boxed_list();
            for (title, key) in [
                (gettext("Key that is known"), known),
                (gettext("Key in the code"), shown),
            ] {
                list.append(&key_row(&title, key));
            }
            content = Some(list.upcast());
        }
        Alarm::NoneOfTheirs => content = list(devices, false, input).map(Cast::upcast),
        Alarm::SeenToDiffer(device) => {
            content = list(std::slice::from_ref(device), false, input).map(Cast::upcast);
        }
    }
    let again = if matches!(alarm, Alarm::SeenToDiffer(_)) {
        gettext("Back")
    } else {
        gettext("Try Another Code")
    };
    buttons.push(button(&again, || VerificationMsg::Again, input));
    let parts = Parts {
        title: &title,
        text: &text,
        is_alarm: true,
    };
    parts.page(other, content.as_ref(), &buttons)
}

/// A page with a disc, a title and a text in its middle.
struct Parts<'a> {
    title: &'a str,
    text: &'a str,
    is_alarm: bool,
}

impl Parts<'_> {
    fn page(
        &self,
        other: &Other,
        content: Option<&impl IsA<gtk::Widget>>,
        buttons: &[gtk::Button],
    ) -> adw::NavigationPage {
        let (icon, class) = if self.is_alarm {
            ("window-close-symbolic", "weak")
        } else {
            ("device-verified-symbolic", "good")
        };
        let image = verdict::disc(icon, class, 48);
        image.add_css_class("large");
        image.set_halign(gtk::Align::Center);
        let label = |text: &str, class: &str| {
            gtk::Label::builder()
                .label(text)
                .css_classes([class])
                .wrap(true)
                .justify(gtk::Justification::Center)
                .max_width_chars(52)
                .build()
        };
        let title = label(self.title, "title-1");
        let text = label(self.text, if self.is_alarm { "body" } else { "dimmed" });
        let middle = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(18)
            .margin_top(24)
            .margin_bottom(24)
            .margin_start(18)
            .margin_end(18)
            .valign(gtk::Align::Center)
            .build();
        if self.is_alarm {
            middle.set_accessible_role(gtk::AccessibleRole::Alert);
        }
        middle.append(&image);
        middle.append(&title);
        middle.append(&text);
        if let Some(content) = content {
            middle.append(content);
        }
        let row = adw::WrapBox::builder()
            .child_spacing(12)
            .line_spacing(12)
            .align(0.5)
            .build();
        for button in buttons {
            row.append(button);
        }
        middle.append(&row);
        let bar = adw::HeaderBar::builder().show_back_button(false).build();
        let view = frame::framed(&bar, &frame::scrolled(&middle, 480));
        if self.is_alarm {
            view.add_css_class("alarm");
        }
        let page = adw::NavigationPage::builder()
            .title(other.title())
            .child(&view)
            .can_pop(false)
            .build();
        let spoken = format!("{}. {}", self.title, self.text);
        let is_alarm = self.is_alarm;
        page.connect_shown(move |page| {
            voice::say(page.upcast_ref::<gtk::Widget>(), &spoken, is_alarm);
        });
        let first = buttons.first().cloned();
        page.connect_showing(move |page| {
            page.set_focus_child(gtk::Widget::NONE);
            if let Some(first) = &first {
                first.grab_focus();
            }
        });
        page
    }
}

fn button(
    label: &str,
    message: fn() -> VerificationMsg,
    input: &Sender<VerificationMsg>,
) -> gtk::Button {
    let button = gtk::Button::builder()
        .label(label)
        .css_classes(["pill"])
        .build();
    let input = input.clone();
    button.connect_clicked(move |_| input.emit(message()));
    button
}

fn boxed_list() -> gtk::ListBox {
    gtk::ListBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .css_classes(["boxed-list"])
        .build()
}

/// The devices that are written to, each with what became of it, or with what
/// one may do about it. An alarm offers only to stop.
fn list(
    devices: &[Device],
    may_trust: bool,
    input: &Sender<VerificationMsg>,
) -> Option<gtk::ListBox> {
    let list = boxed_list();
    let mut devices: Vec<&Device> = devices
        .iter()
        .filter(|device| device.is_active && !device.is_this)
        .collect();
    // What is well first, then what asks something.
    devices.sort_by_key(|device| device.trust != Trust::Verified);
    for device in devices {
        list.append(&device_line(device, may_trust, input));
    }
    list.first_child().is_some().then_some(list)
}

fn device_line(
    device: &Device,
    may_trust: bool,
    input: &Sender<VerificationMsg>,
) -> adw::ActionRow {
    let is_open = matches!(device.trust, Trust::Blind | Trust::Undecided);
    let row = adw::ActionRow::builder()
        .title(words::device(device))
        .use_markup(false)
        .build();
    row.set_subtitle(&if is_open {
        gettext("Not in the code")
    } else {
        device_words::line(device, format::now().to_unix() * 1000)
    });
    row.add_prefix(&device_row::icon(device));
    let Some(key) = device.fingerprint.filter(|_| is_open) else {
        row.add_suffix(&device_row::chip(&device_words::chip(device)));
        return row;
    };
    let name = words::device(device);
    let mut deeds = vec![(
        gettext("Stop Using"),
        gettext("Stop using {name}"),
        Trust::Distrusted,
    )];
    if may_trust && device.trust == Trust::Undecided {
        deeds.insert(0, (gettext("Trust"), gettext("Trust {name}"), Trust::Blind));
    }
    for (label, spoken, trust) in deeds {
        let button = gtk::Button::builder()
            .label(label)
            .valign(gtk::Align::Center)
            .build();
        let spoken = fill(&spoken, &[("name", &name)]);
        button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
        let input = input.clone();
        button.connect_clicked(move |_| input.emit(VerificationMsg::Trust(key, trust)));
        row.add_suffix(&button);
    }
    row
}

fn key_row(title: &str, key: &Fingerprint) -> adw::ActionRow {
    let groups = key.groups();
    let digits = format!("{}\n{}", groups[..4].join(" "), groups[4..].join(" "));
    let row = adw::ActionRow::builder()
        .title(title)
        .subtitle(digits)
        .css_classes(["property", "monospace-key"])
        .use_markup(false)
        .build();
    let spoken = format!("{title}: {}", groups.join(", "));
    row.upcast_ref::<gtk::Widget>()
        .update_property(&[gtk::accessible::Property::Label(&spoken)]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: u32, trust: Trust) -> Device {
        Device {
            id,
            label: String::new(),
            fingerprint: Some(Fingerprint([id as u8; 32])),
            trust,
            is_active: true,
            first_seen: 0,
            last_seen: None,
            is_this: false,
            has_other_key: false,
        }
    }

    fn link(ids: &[u32]) -> VerificationLink {
        VerificationLink {
            address: "juliet@example.org".to_owned(),
            devices: ids
                .iter()
                .map(|id| (*id, Fingerprint([*id as u8; 32])))
                .collect(),
        }
    }

    fn outcome(known: &[Device], code: &[u32]) -> Outcome {
        let in_code = |device: &&Device| code.contains(&device.id);
        let devices = known.iter().filter(in_code).count() as u32;
        let verified = Verified {
            devices,
            waiting: code.len() as u32 - devices,
        };
        of_code(verified, known, &link(code))
    }

    #[test]
    fn a_code_with_a_known_key_is_well() {
        let known = [device(1, Trust::Verified), device(2, Trust::Blind)];

        let well = |devices, waiting| Outcome::Well { devices, waiting };
        assert_eq!(outcome(&known, &[1]), well(1, 0));
        assert_eq!(outcome(&known, &[1, 2]), well(2, 0));
        assert_eq!(outcome(&known, &[1, 9]), well(1, 1));
    }

    #[test]
    fn a43_a_code_with_none_of_the_keys_in_use_is_an_alarm() {
        for trust in [Trust::Blind, Trust::Verified] {
            let alarm = outcome(&[device(1, trust)], &[8, 9]);

            assert_eq!(alarm, Outcome::Alarm(Alarm::NoneOfTheirs), "{trust:?}");
        }
    }

    #[test]
    fn a_code_of_somebody_unknown_waits_for_their_devices() {
        let gone = Device {
            is_active: false,
            ..device(1, Trust::Blind)
        };
        let this = Device {
            is_this: true,
            ..device(2, Trust::Verified)
        };
        for known in [
            vec![],
            vec![gone],
            vec![device(3, Trust::Distrusted)],
            vec![this],
        ] {
            let well = Outcome::Well {
                devices: 0,
                waiting: 2,
            };
            assert_eq!(outcome(&known, &[8, 9]), well, "{known:?}");
        }
    }
}
