//! Words for devices: their names, their state, what is known of them.

use crate::engine::model::{Device, Timestamp, Trust};
use crate::engine::text;
use crate::ui::format;
use crate::ui::i18n::{count, fill, gettext, pgettext};

/// A device that is used without having been verified, and was not heard of
/// for so long, is pointed out.
const LONG_AGO_MS: Timestamp = 42 * 24 * 60 * 60 * 1000;

/// A state in one word, for the end of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The word.
    pub word: String,
    /// Icon beside it.
    pub icon: Option<&'static str>,
    /// Style class.
    pub class: Option<&'static str>,
}

/// Returns the state of a device.
pub fn chip(device: &Device) -> Chip {
    let (word, icon, class) = match device.trust {
        // Translators: the device that this program is.
        _ if device.is_this => (pgettext("device", "This one"), None, None),
        _ if device.has_other_key => (
            // Translators: a device that suddenly showed another key.
            pgettext("device", "Other key"),
            Some("dialog-warning-symbolic"),
            Some("error"),
        ),
        // Translators: the user compared the device's key.
        Trust::Verified => (
            pgettext("device", "Verified"),
            Some("device-verified-symbolic"),
            Some("success"),
        ),
        // Translators: the device is used, though its key was not compared.
        Trust::Blind => (pgettext("device", "On trust"), None, None),
        // Translators: the device waits for the user's decision.
        Trust::Undecided => (
            pgettext("device", "New"),
            Some("dialog-warning-symbolic"),
            Some("warning"),
        ),
        // Translators: nothing is encrypted for the device.
        Trust::Distrusted => (pgettext("device", "Not used"), None, None),
    };
    Chip { word, icon, class }
}

/// Returns what a device is called.
pub fn name(device: &Device) -> String {
    if !device.label.is_empty() {
        text::name(&device.label)
    } else if device.is_this {
        gettext("Stonechat on this computer")
    } else {
        // Translators: a device that its owner gave no name.
        pgettext("device", "Unnamed")
    }
}

/// Returns what is known of a device, in a sentence or two without the last
/// full stop.
pub fn line(device: &Device, now: Timestamp) -> String {
    if device.has_other_key {
        return gettext(
            "It suddenly showed another key, which was refused. Ask its owner whether Stonechat was set up anew there",
        );
    }
    if device.is_this {
        return since(&gettext("Since {day}"), device.first_seen, now);
    }
    if !device.is_active {
        return gettext("Signed out. Nothing is encrypted for it any more");
    }
    if device.fingerprint.is_none() {
        return gettext("Its key was not read yet, so it is not used");
    }
    match device.trust {
        Trust::Undecided => since(
            &gettext("New since {day}. It is not used until you confirm it"),
            device.first_seen,
            now,
        ),
        Trust::Distrusted => gettext("You stopped using it. Nothing is encrypted for it"),
        Trust::Blind if now - device.last_seen.unwrap_or(device.first_seen) > LONG_AGO_MS => {
            // Translators: seen is a sentence such as "Seen on 2 March".
            let sentence = gettext("{seen}. Messages are still encrypted for it");
            fill(&sentence, &[("seen", &seen(device, now))])
        }
        Trust::Blind | Trust::Verified => seen(device, now),
    }
}

/// When a device wrote last: "Seen today".
fn seen(device: &Device, now: Timestamp) -> String {
    let Some(last) = device.last_seen else {
        return since(
            &gettext("Known since {day}, nothing was written with it"),
            device.first_seen,
            now,
        );
    };
    let days = format::day_number(&format::local(now)) - format::day_number(&format::local(last));
    match days {
        0 => gettext("Seen today"),
        1 => gettext("Seen yesterday"),
        // Translators: day is a weekday or a date.
        _ => since(&gettext("Seen on {day}"), last, now),
    }
}

fn since(sentence: &str, time: Timestamp, now: Timestamp) -> String {
    let (time, now) = (format::local(time), format::local(now));
    let day = match format::day_number(&now) - format::day_number(&time) {
        // Translators: inside a sentence, such as "New since today".
        0 => pgettext("since", "today"),
        // Translators: inside a sentence, such as "New since yesterday".
        1 => pgettext("since", "yesterday"),
        _ => format::day(&time, &now),
    };
    fill(sentence, &[("day", &day)])
}

/// Returns how many devices there are and how they are used, in one line.
pub fn all_line(devices: &[Device]) -> String {
    let used: Vec<&Device> = devices
        .iter()
        .filter(|device| device.is_active && !device.is_this)
        .collect();
    let how_many = |trust| used.iter().filter(|device| device.trust == trust).count();
    let all = u32::try_from(used.len()).unwrap_or(u32::MAX);
    if all == 0 {
        gettext("None that can encrypt")
    } else if how_many(Trust::Undecided) > 0 {
        count(
            "{count}, with one or more to confirm",
            "{count}, with one or more to confirm",
            all,
        )
    } else if how_many(Trust::Verified) == used.len() {
        count("{count}, verified", "{count}, all verified", all)
    } else if how_many(Trust::Blind) == used.len() {
        count("{count}, used on trust", "{count}, all used on trust", all)
    } else {
        count("{count}", "{count}", all)
    }
}
