//! What the verification says, in whole sentences.

use super::arrival::NoArrival;
use super::camera::CameraTrouble;
use crate::engine::codes::PictureFault;
use crate::engine::model::Device;
use crate::engine::text::VerificationFault;
use crate::ui::encryption::words::device as device_words;
use crate::ui::i18n::{count, fill, gettext};

/// Who is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// What they are called.
    pub name: String,
    /// True for the user's own devices.
    pub is_own: bool,
}

impl Other {
    /// Puts the name into a sentence.
    pub fn say(&self, sentence: &str) -> String {
        fill(sentence, &[("name", &self.name)])
    }

    fn either(&self, theirs: String, own: String) -> String {
        if self.is_own { own } else { self.say(&theirs) }
    }

    /// The title of the dialog.
    pub fn title(&self) -> String {
        self.either(gettext("Verify {name}"), gettext("Verify Your Devices"))
    }

    /// Over the code of the user.
    pub fn own_code(&self) -> String {
        self.either(gettext("Your code"), gettext("This device’s code"))
    }

    /// Over the place for the other code.
    pub fn their_code(&self) -> String {
        self.either(
            // Translators: the code that a contact shows.
            gettext("{name}’s code"),
            gettext("Your other device’s code"),
        )
    }

    /// Below the code of the user, which holds the keys of so many devices.
    pub fn show_yours(&self, devices: u32) -> String {
        let holds = count(
            "It holds your address and the key of this device.",
            "It holds your address and the keys of {count} of your devices.",
            devices,
        );
        let show = self.either(
            gettext("Let {name} scan it."),
            gettext("Scan it with your other device."),
        );
        format!("{show} {holds}")
    }

    /// Where the other code goes.
    pub fn bring_theirs(&self, has_camera: bool) -> String {
        match (has_camera, self.is_own) {
            (true, false) => self.say(&gettext(
                "Hold {name}’s code to the camera, or drop a picture of it here.",
            )),
            (false, false) => self.say(&gettext("Drop a picture of {name}’s code here.")),
            (true, true) => gettext(
                "Hold the code of your other device to the camera, or drop a picture of it here.",
            ),
            (false, true) => gettext("Drop a picture of your other device’s code here."),
        }
    }

    /// Where a code must come from.
    pub fn advice(&self) -> String {
        self.either(
            gettext("Take the code from {name} in person, or in a call where you know the voice."),
            gettext("Take the code from the screen of your other device, from nowhere else."),
        )
    }

    /// The code is the one that is shown at the left.
    pub fn your_own(&self) -> String {
        self.either(
            gettext("This is your own code. You need the one that {name} shows."),
            gettext(
                "This is the code of this device. You need the one that your other device shows.",
            ),
        )
    }

    /// Over the page after a verification of so many devices.
    pub fn is_verified(&self, devices: u32) -> String {
        if devices == 0 {
            return self.either(
                gettext("{name}’s code is kept"),
                gettext("The code of your devices is kept"),
            );
        }
        self.either(
            gettext("{name} is verified"),
            gettext("Your devices are verified"),
        )
    }

    /// Below it: so many devices now, so many when they appear, and what
    /// happens from now on.
    pub fn what_now(&self, devices: u32, waiting: u32) -> String {
        let mut sentences = Vec::new();
        if devices > 0 {
            sentences.push(count(
                "{count} device is confirmed.",
                "{count} devices are confirmed.",
                devices,
            ));
        }
        if waiting > 0 {
            sentences.push(count(
                "{count} device of the code was not seen yet. It is confirmed as soon as it appears.",
                "{count} devices of the code were not seen yet. They are confirmed as soon as they appear.",
                waiting,
            ));
        }
        sentences.push(self.either(
            gettext("Any other new device of {name} will be shown to you, and not used until you confirm it."),
            gettext("Any other new device of yours will be shown to you, and not used until you confirm it."),
        ));
        sentences.join(" ")
    }
}

/// What is wrong with a text that should be a code.
pub fn link_fault(fault: VerificationFault) -> String {
    match fault {
        VerificationFault::NotALink => {
            gettext("This is no code for verifying. It leads to no address.")
        }
        VerificationFault::NoKeys => {
            gettext("This code leads to an address, but holds no keys to compare.")
        }
        VerificationFault::OtherKeys => {
            gettext("The keys in this code are of a kind that Stonechat does not know.")
        }
        VerificationFault::Damaged => {
            gettext("This code is damaged, so nothing of it was used. Take it once more.")
        }
        VerificationFault::TooLong => gettext("This is far longer than a code can be."),
    }
}

/// What is wrong with a picture that should show a code.
pub fn picture_fault(fault: PictureFault) -> String {
    match fault {
        PictureFault::NotAPicture => {
            gettext("This is no picture that can be read. PNG, JPEG, WebP and GIF can.")
        }
        PictureFault::TooLarge => gettext("This picture is too large to be looked at."),
        PictureFault::NoCode => gettext(
            "There is no code in this picture, or it is too small or too blurred to be read.",
        ),
    }
}

/// Why nothing came.
pub fn no_arrival(why: NoArrival) -> String {
    match why {
        NoArrival::Nothing => gettext("There is no picture and no link to paste."),
        NoArrival::Unreadable => gettext("This file cannot be read."),
    }
}

/// Why there are no pictures of the camera.
pub fn camera(trouble: CameraTrouble) -> String {
    match trouble {
        CameraTrouble::Refused => gettext(
            "Stonechat may not use the camera. Your desktop’s settings say which programs may.",
        ),
        CameraTrouble::Broken => {
            gettext("The camera cannot be used. Another program may be using it.")
        }
    }
}

/// What a device is called, with its number when it has no name.
pub fn device(device: &Device) -> String {
    let name = device_words::name(device);
    if device.label.is_empty() && !device.is_this {
        format!("{name} ({})", device.id)
    } else {
        name
    }
}
