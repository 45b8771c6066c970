//! What is wrong, in sentences that cannot be taken for anything else.

use super::words::{self, Other};
use crate::engine::model::{Device, Fingerprint};
use crate::ui::i18n::{fill, gettext};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The code is somebody else's.
    OtherAddress(String),
    /// A device is known by another key than the code says.
    DifferentKey {
        /// The device's number.
        device: u32,
        /// The key that is known.
        known: Fingerprint,
        /// The key in the code.
        shown: Fingerprint,
    },
    /// The code holds none of the keys that messages are encrypted to.
    NoneOfTheirs,
    /// The user saw another key than the one of this device.
    SeenToDiffer(Box<Device>),
}

/// Returns the title and the text of an alarm.
pub fn alarm_words(alarm: &Alarm, other: &Other) -> (String, String) {
    let not_theirs = if other.is_own {
        gettext("This is not a code of your account")
    } else {
        // Translators: the title of an alarm.
        other.say(&gettext("This is not {name}’s code"))
    };
    match alarm {
        Alarm::OtherAddress(address) => (
            not_theirs,
            fill(
                &gettext(
                    "It belongs to {address}. Nothing was verified. If somebody gave it to you as the right one, they may want to read what you write.",
                ),
                &[("address", &crate::engine::text::address(address))],
            ),
        ),
        Alarm::DifferentKey { device, .. } => (
            gettext("The keys are not the same"),
            fill(
                &gettext(
                    "The code and what Stonechat knows name different keys for the device {number}. Somebody may be in between and read along, or the code is an old one. Nothing was verified. Write nothing secret until you know which it is.",
                ),
                &[("number", &device.to_string())],
            ),
        ),
        Alarm::NoneOfTheirs => (
            gettext("None of the keys is the same"),
            other.either_text(
                &gettext(
                    "The code holds none of the keys that your messages to {name} are encrypted to. Somebody may be in between and read along, or the code is an old one. Stop using each device that {name} does not know.",
                ),
                &gettext(
                    "The code holds none of the keys that your own messages are encrypted to. Somebody else may use your account, or the code is an old one. Stop using each device that is not yours.",
                ),
            ),
        ),
        Alarm::SeenToDiffer(device) => (
            gettext("The keys are not the same"),
            fill(
                &other.either_text(
                    &gettext(
                        "The device “{device}” may not be {name}’s: somebody may be in between and read along. Stop using it until you know.",
                    ),
                    &gettext(
                        "The device “{device}” may not be yours: somebody else may use your account. Stop using it until you know.",
                    ),
                ),
                &[("device", &words::device(device))],
            ),
        ),
    }
}

impl Other {
    fn either_text(&self, theirs: &str, own: &str) -> String {
        if self.is_own {
            own.to_owned()
        } else {
            self.say(theirs)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::Trust;

    #[test]
    fn no_alarm_has_a_word_that_trusts() {
        let other = Other {
            name: "Juliet".to_owned(),
            is_own: false,
        };
        let key = Fingerprint([7; 32]);
        let phone = Device {
            id: 7,
            label: "Phone".to_owned(),
            fingerprint: Some(key),
            trust: Trust::Blind,
            is_active: true,
            first_seen: 0,
            last_seen: None,
            is_this: false,
            has_other_key: false,
        };
        for alarm in [
            Alarm::OtherAddress("mallory@example.org".to_owned()),
            Alarm::DifferentKey {
                device: 7,
                known: key,
                shown: key,
            },
            Alarm::NoneOfTheirs,
            Alarm::SeenToDiffer(Box::new(phone)),
        ] {
            let (title, text) = alarm_words(&alarm, &other);

            assert!(title.contains("not") || title.contains("None"), "{title}");
            assert!(!text.contains('{') && !text.contains("trust"), "{text}");
        }
    }
}
