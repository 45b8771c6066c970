//! What is said in which state.

use super::device::{chip, line};
use super::message::{Deed, deed, mark};
use super::*;
use crate::engine::model::{
    CannotRead, Device, EncryptionChoice, Fingerprint, Protection, Timestamp, Trust,
};

const DAY: Timestamp = 24 * 60 * 60 * 1000;
const NOW: Timestamp = 1_790_000_000_000;

fn device(trust: Trust) -> Device {
    Device {
        id: 7,
        label: String::new(),
        fingerprint: Some(Fingerprint([7; 32])),
        trust,
        is_active: true,
        first_seen: NOW - DAY,
        last_seen: Some(NOW),
        is_this: false,
        has_other_key: false,
    }
}

fn chat(readiness: Readiness) -> ChatEncryption {
    ChatEncryption {
        choice: EncryptionChoice::Default,
        is_on: readiness != Readiness::Off,
        readiness,
        unconfirmed: Vec::new(),
        is_verified: false,
        new_devices: Vec::new(),
    }
}

#[test]
fn a49_whatever_keeps_from_encrypting_stops_sending() {
    for (readiness, is_blocked_by_it) in [
        (Readiness::Off, false),
        (Readiness::Unknown, false),
        (Readiness::Ready, false),
        (Readiness::NoDevices, true),
        (Readiness::NoServerSupport, true),
        (Readiness::NotConfirmed, true),
        (Readiness::KeysMissing, true),
    ] {
        let chat = chat(readiness);

        assert_eq!(is_blocked(&chat), is_blocked_by_it, "{readiness:?}");
        let is_open = is_blocked_by_it || readiness == Readiness::Off;
        assert_eq!(lock(&chat).is_warning, is_open, "{readiness:?}");
    }
}

#[test]
fn a_chat_that_the_user_opened_stops_nothing() {
    let chat = ChatEncryption {
        choice: EncryptionChoice::Off,
        is_on: false,
        ..chat(Readiness::NoDevices)
    };

    assert!(!is_blocked(&chat));
    assert_eq!(lock(&chat).name, "Not encrypted. Change encryption");
}

#[test]
fn each_choice_says_what_it_gives_and_what_it_takes() {
    for is_encrypted in [true, false] {
        let text = choice(is_encrypted, "Juliet").text;

        assert_eq!(text.matches(". ").count(), 1, "{text}");
        assert!(text.ends_with('.'), "{text}");
    }
}

#[test]
fn a_device_that_waits_or_showed_another_key_stands_out() {
    let word = |device: &Device| {
        let chip = chip(device);
        (chip.word, chip.class)
    };
    let other_key = Device {
        has_other_key: true,
        ..device(Trust::Verified)
    };
    let this = Device {
        is_this: true,
        ..device(Trust::Undecided)
    };

    assert_eq!(
        word(&device(Trust::Verified)),
        ("Verified".into(), Some("success"))
    );
    assert_eq!(word(&device(Trust::Blind)), ("On trust".into(), None));
    assert_eq!(
        word(&device(Trust::Undecided)),
        ("New".into(), Some("warning"))
    );
    assert_eq!(word(&device(Trust::Distrusted)), ("Not used".into(), None));
    assert_eq!(word(&other_key), ("Other key".into(), Some("error")));
    assert_eq!(word(&this), ("This one".into(), None));
}

#[test]
fn a_device_that_is_long_silent_is_said_to_be_encrypted_for() {
    let silent = Device {
        last_seen: Some(NOW - 60 * DAY),
        ..device(Trust::Blind)
    };

    let known = line(&silent, NOW);

    assert!(
        known.ends_with("Messages are still encrypted for it"),
        "{known}"
    );
    assert_eq!(line(&device(Trust::Blind), NOW), "Seen today");
}

#[test]
fn what_can_still_be_mended_has_a_button() {
    let broken = |is_repaired| CannotRead::SessionBroken { is_repaired };
    for (why, theirs, own) in [
        (CannotRead::OtherMethod, None, None),
        (CannotRead::BeforeThisDevice, None, None),
        (CannotRead::NotForThisDevice, Some(Deed::AskAgain), None),
        (broken(false), Some(Deed::Repair), Some(Deed::Repair)),
        (broken(true), Some(Deed::AskAgain), None),
        (
            CannotRead::NotTrusted,
            Some(Deed::Devices),
            Some(Deed::Devices),
        ),
        (CannotRead::Damaged, Some(Deed::AskAgain), None),
    ] {
        assert_eq!(deed(why, false), theirs, "{why:?}");
        // Nobody asks themselves to send something again.
        assert_eq!(deed(why, true), own, "{why:?}");
    }
}

#[test]
fn only_what_is_less_protected_than_its_chat_is_marked() {
    let omemo = |trust| Protection::Omemo { trust };
    for (protection, word) in [
        (Protection::None, None),
        (Protection::PlainAmongEncrypted, Some("not encrypted")),
        (omemo(Trust::Blind), None),
        (omemo(Trust::Verified), None),
        (omemo(Trust::Undecided), Some("device not confirmed")),
        (omemo(Trust::Distrusted), Some("device not used")),
    ] {
        let marked = mark(protection).map(|mark| mark.word);

        assert_eq!(marked.as_deref(), word, "{protection:?}");
    }
}

#[test]
fn several_new_devices_are_spoken_of_as_several() {
    assert_eq!(new_devices("Juliet", 1).title, "Juliet has a new device");
    assert_eq!(
        new_devices("Juliet", 1).text,
        "It is not used until you confirm it."
    );
    assert_eq!(
        new_devices("Juliet", 2).text,
        "They are not used until you confirm them."
    );
}
