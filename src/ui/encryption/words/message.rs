//! Words for single messages: why one cannot be read and what helps, how one
//! was protected.

use super::{Words, words};
use crate::engine::model::{CannotRead, LeftOut, Protection, Trust};
use crate::ui::i18n::{fill, gettext, pgettext};

/// What can be done about a message that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Agree on new keys with its writer's device.
    Repair,
    /// Ask its writer to send it again.
    AskAgain,
    /// Look at the devices of its writer.
    Devices,
}

impl Deed {
    /// Returns the button's words.
    pub fn label(self) -> String {
        match self {
            // Translators: a button that makes an encrypted chat work again.
            Self::Repair => gettext("Repair"),
            Self::AskAgain => gettext("Ask to Send Again"),
            Self::Devices => gettext("Devices"),
        }
    }

    /// Returns the button's words once the user pressed it.
    pub fn label_when_done(self) -> String {
        match self {
            Self::Repair => gettext("Repairing…"),
            // Translators: the other side was asked to send a message again.
            Self::AskAgain => pgettext("button", "Asked"),
            Self::Devices => self.label(),
        }
    }

    /// Returns the action of the history that does it.
    pub fn action(self) -> &'static str {
        match self {
            Self::Repair => "message.repair",
            Self::AskAgain => "message.ask-again",
            Self::Devices => "message.devices",
        }
    }
}

/// Returns the cause in one sentence or two. `is_own`: the user wrote it, on
/// another device.
pub fn cannot_read(why: CannotRead, is_own: bool) -> String {
    match why {
        CannotRead::OtherMethod if is_own => gettext(
            "You wrote it on another device, with another kind of encryption than Stonechat’s.",
        ),
        CannotRead::OtherMethod => {
            gettext("It uses another kind of encryption than Stonechat’s. Nothing was answered.")
        }
        CannotRead::NotForThisDevice if is_own => {
            gettext("You wrote it on another device, which did not encrypt it for this one.")
        }
        CannotRead::NotForThisDevice => {
            gettext("It was not encrypted for this device. Your other devices may have it.")
        }
        CannotRead::BeforeThisDevice => {
            gettext("It was encrypted before this device existed. Your older devices may have it.")
        }
        CannotRead::SessionBroken { is_repaired: false } => {
            gettext("The keys of the two devices no longer fit together.")
        }
        CannotRead::SessionBroken { is_repaired: true } => gettext(
            "The keys no longer fitted together. New ones are agreed on, so what comes next can be read.",
        ),
        CannotRead::NotTrusted if is_own => {
            gettext("It came from a device of yours that you do not use.")
        }
        CannotRead::NotTrusted => gettext("It came from a device that you do not use."),
        CannotRead::Damaged => {
            gettext("It was changed or damaged on its way, so nothing of it is shown.")
        }
    }
}

/// Returns the title above what is said at length.
pub fn why_title(why: CannotRead) -> String {
    match why {
        CannotRead::BeforeThisDevice => gettext("Older messages cannot be read here"),
        CannotRead::OtherMethod
        | CannotRead::NotForThisDevice
        | CannotRead::SessionBroken { .. }
        | CannotRead::NotTrusted
        | CannotRead::Damaged => gettext("This message cannot be read"),
    }
}

/// Returns what can be done about it, if anything.
pub fn deed(why: CannotRead, is_own: bool) -> Option<Deed> {
    match why {
        CannotRead::OtherMethod | CannotRead::BeforeThisDevice => None,
        CannotRead::SessionBroken { is_repaired: false } => Some(Deed::Repair),
        CannotRead::NotTrusted => Some(Deed::Devices),
        CannotRead::NotForThisDevice
        | CannotRead::SessionBroken { is_repaired: true }
        | CannotRead::Damaged => (!is_own).then_some(Deed::AskAgain),
    }
}

/// Returns what happened at length: why, what is lost, what helps.
pub fn why(why: CannotRead, name: &str) -> String {
    let text = match why {
        CannotRead::OtherMethod => gettext(
            "There are several ways to encrypt messages, and programs have to agree on one. This message came in one that Stonechat does not speak: OpenPGP, OTR or a newer form of OMEMO.\n\nStonechat never answers such a message by itself. If {name} wants to write to you encrypted, a program with OMEMO does it.",
        ),
        CannotRead::NotForThisDevice => gettext(
            "Each message is encrypted for every device by itself, and the device that wrote this one left yours out. Usually it had not heard yet that your device exists, or could not read its keys.\n\nThe message cannot be read here any more, whatever one does. Your other devices may have it; or ask for it to be sent again. Stonechat has made sure that your device is on the list.",
        ),
        CannotRead::BeforeThisDevice => gettext(
            "Each message is encrypted for the devices that exist when it is written. This device came later, so it has no key for older ones, and nobody can give it one afterwards: that is what protects them if a device is lost.\n\nYour older devices can still show them.",
        ),
        CannotRead::SessionBroken { .. } => gettext(
            "Two devices that write to each other share keys that change with every message. If one of them loses its place, by a backup that was put back or a crash, the next message does not fit any more.\n\nRepair agrees on new keys with the device of {name}. What comes after that can be read; this message cannot, but it can be sent again.",
        ),
        CannotRead::NotTrusted => gettext(
            "The device that wrote it is one that you decided not to use, or it showed another key than it is known by. Its messages are not shown, because somebody else could be writing them.\n\nIf it is really a device of {name}, confirm it on the page with the devices. What comes after that can be read.",
        ),
        CannotRead::Damaged => gettext(
            "An encrypted message carries a seal, and the seal of this one is broken: it was changed on its way, or its writer’s program made a mistake. Nothing of it is shown, because nobody can say what of it is true.\n\nAsk for it to be sent again. If that happens often, somebody on the way may be doing it.",
        ),
    };
    fill(&text, &[("name", name)])
}

/// A mark beside the time of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Icon.
    pub icon: &'static str,
    /// The mark in words.
    pub word: String,
}

/// Returns the mark of a message that was protected less than the chat is.
pub fn mark(protection: Protection) -> Option<Mark> {
    let (icon, word) = match protection {
        Protection::None
        | Protection::Omemo {
            trust: Trust::Blind | Trust::Verified,
        } => return None,
        Protection::PlainAmongEncrypted => {
            // Translators: beside the time of a message.
            (
                "message-unlocked-symbolic",
                pgettext("message", "not encrypted"),
            )
        }
        Protection::Omemo {
            trust: Trust::Undecided,
        } => (
            "dialog-warning-symbolic",
            // Translators: beside the time of a message that a new device wrote.
            pgettext("message", "device not confirmed"),
        ),
        Protection::Omemo {
            trust: Trust::Distrusted,
        } => (
            "dialog-warning-symbolic",
            // Translators: beside the time of a message.
            pgettext("message", "device not used"),
        ),
    };
    Some(Mark { icon, word })
}

/// Returns how a message was protected, as a verdict.
pub fn protection(protection: Protection, is_own: bool) -> Words {
    match protection {
        Protection::None => words(
            gettext("Not encrypted"),
            gettext("The servers on the way could read it and may have kept it."),
        ),
        Protection::PlainAmongEncrypted => words(
            gettext("Not encrypted, in an encrypted chat"),
            if is_own {
                gettext("The servers on the way could read it and may have kept it.")
            } else {
                gettext("The servers on the way could read it, and could have written it.")
            },
        ),
        Protection::Omemo {
            trust: Trust::Verified,
        } => words(
            gettext("Encrypted and verified"),
            if is_own {
                gettext("Only devices that you verified can read it.")
            } else {
                gettext("It was written with a device that you verified.")
            },
        ),
        Protection::Omemo {
            trust: Trust::Blind,
        } => words(
            gettext("Encrypted"),
            if is_own {
                gettext("Not every device it was encrypted for is verified.")
            } else {
                gettext("The device it was written with is not verified.")
            },
        ),
        Protection::Omemo {
            trust: Trust::Undecided,
        } => words(
            gettext("Encrypted, by a device not confirmed"),
            gettext("Anybody could have written it until you confirm the device."),
        ),
        Protection::Omemo {
            trust: Trust::Distrusted,
        } => words(
            gettext("Encrypted, by a device you do not use"),
            gettext("Somebody else may have written it."),
        ),
    }
}

/// Returns why a device was left out.
pub fn left_out(why: LeftOut) -> String {
    match why {
        LeftOut::NotConfirmed => gettext("You had not confirmed it"),
        LeftOut::Distrusted => gettext("You do not use it"),
        LeftOut::NoKeys => gettext("Its keys could not be read"),
    }
}
