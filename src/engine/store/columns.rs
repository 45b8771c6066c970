//! How enums stand in columns. The numbers are part of the file format.

use rusqlite::Error;

use crate::engine::model::{
    CannotRead, Delivery, Direction, EncryptionChoice, LeftOut, MessageKind, PasswordPlace,
    Protection, SendFailure, Subscription, Trust,
};

/// Returns the columns `delivery` and `failure` for a state.
pub fn delivery_codes(delivery: Delivery) -> (i64, i64) {
    match delivery {
        Delivery::Pending => (0, 0),
        Delivery::Sending => (1, 0),
        Delivery::Sent => (2, 0),
        Delivery::Delivered => (3, 0),
        Delivery::Displayed => (4, 0),
        Delivery::Failed(why) => (5, failure_code(why)),
    }
}

/// Returns the state for the columns `delivery` and `failure`.
pub fn delivery_from(delivery: i64, failure: i64) -> rusqlite::Result<Delivery> {
    Ok(match delivery {
        0 => Delivery::Pending,
        1 => Delivery::Sending,
        2 => Delivery::Sent,
        3 => Delivery::Delivered,
        4 => Delivery::Displayed,
        5 => Delivery::Failed(failure_from(failure)?),
        unknown => return Err(Error::IntegralValueOutOfRange(0, unknown)),
    })
}

/// Returns the column `direction`.
pub fn direction_code(direction: Direction) -> i64 {
    match direction {
        Direction::Incoming => 0,
        Direction::Outgoing => 1,
    }
}

/// Returns who wrote a message by the column `direction`.
pub fn direction_from(code: i64) -> rusqlite::Result<Direction> {
    match code {
        0 => Ok(Direction::Incoming),
        1 => Ok(Direction::Outgoing),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

/// Parts what a `detail` holds; no address has a line end in it.
pub(super) const PART: char = '\n';

/// Returns the columns `kind` and `detail`. `hidden` is what the window never
/// gets: a link with its key, or what tells two rows apart that look alike.
pub fn kind_columns(kind: &MessageKind, hidden: &str) -> (i64, String) {
    match kind {
        MessageKind::Text => (0, hidden.to_owned()),
        MessageKind::Unreadable { .. } => (1, hidden.to_owned()),
        MessageKind::EncryptedFile => (2, hidden.to_owned()),
        MessageKind::File { url } => (3, url.clone()),
        MessageKind::GroupInvitation { address, inviter } if inviter.is_empty() => {
            (4, address.clone())
        }
        MessageKind::GroupInvitation { address, inviter } => {
            (4, format!("{address}{PART}{inviter}"))
        }
        MessageKind::MissedCall => (5, hidden.to_owned()),
        MessageKind::TooLarge { bytes } => (6, bytes.to_string()),
        MessageKind::Retracted => (7, String::new()),
    }
}

/// Returns what a message is by the columns `kind`, `detail` and `cannot_read`.
pub(super) fn kind_from(
    kind: i64,
    detail: String,
    cannot_read: i64,
) -> rusqlite::Result<MessageKind> {
    Ok(match kind {
        0 => MessageKind::Text,
        1 => MessageKind::Unreadable {
            why: cannot_read_from(cannot_read)?,
        },
        2 => MessageKind::EncryptedFile,
        3 => MessageKind::File { url: detail },
        4 => {
            let (address, inviter) = detail.split_once(PART).unwrap_or((&detail, ""));
            MessageKind::GroupInvitation {
                address: address.to_owned(),
                inviter: inviter.to_owned(),
            }
        }
        5 => MessageKind::MissedCall,
        6 => MessageKind::TooLarge {
            bytes: detail.parse().unwrap_or_default(),
        },
        7 => MessageKind::Retracted,
        unknown => return Err(Error::IntegralValueOutOfRange(0, unknown)),
    })
}

/// Returns the column `reply_by`.
pub(super) fn said_by_code(by: Option<Direction>) -> i64 {
    by.map_or(0, |by| direction_code(by) + 1)
}

/// Returns who wrote what a reply answers, by the column `reply_by`.
pub(super) fn said_by_from(code: i64) -> rusqlite::Result<Option<Direction>> {
    (code > 0).then(|| direction_from(code - 1)).transpose()
}

/// Returns the column `subscription`.
pub(super) fn subscription_code(subscription: Subscription) -> i64 {
    match subscription {
        Subscription::None => 0,
        Subscription::To => 1,
        Subscription::From => 2,
        Subscription::Both => 3,
    }
}

/// Returns who sees whose presence by the column `subscription`.
pub(super) fn subscription_from(code: i64) -> rusqlite::Result<Subscription> {
    match code {
        0 => Ok(Subscription::None),
        1 => Ok(Subscription::To),
        2 => Ok(Subscription::From),
        3 => Ok(Subscription::Both),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

/// Returns the column `password_place`.
pub(super) fn password_place_code(place: PasswordPlace) -> i64 {
    match place {
        PasswordPlace::Keyring => 0,
        PasswordPlace::AskEachTime => 1,
        PasswordPlace::File => 2,
    }
}

/// Returns where a password is kept by the column `password_place`.
pub(super) fn password_place_from(code: i64) -> rusqlite::Result<PasswordPlace> {
    match code {
        0 => Ok(PasswordPlace::Keyring),
        1 => Ok(PasswordPlace::AskEachTime),
        2 => Ok(PasswordPlace::File),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

/// Returns the column `cannot_read` for what a message is; 0 for what can be read.
pub fn cannot_read_column(kind: &MessageKind) -> i64 {
    match kind {
        MessageKind::Unreadable { why } => cannot_read_code(*why),
        _ => 0,
    }
}

/// Returns the column `cannot_read`. What was kept before there was OMEMO here
/// has 0, and was indeed written before this device existed.
pub(super) fn cannot_read_code(why: CannotRead) -> i64 {
    match why {
        CannotRead::BeforeThisDevice => 0,
        CannotRead::OtherMethod => 1,
        CannotRead::NotForThisDevice => 2,
        CannotRead::SessionBroken { is_repaired: false } => 3,
        CannotRead::SessionBroken { is_repaired: true } => 4,
        CannotRead::NotTrusted => 5,
        CannotRead::Damaged => 6,
    }
}

fn cannot_read_from(code: i64) -> rusqlite::Result<CannotRead> {
    Ok(match code {
        0 => CannotRead::BeforeThisDevice,
        1 => CannotRead::OtherMethod,
        2 => CannotRead::NotForThisDevice,
        3 => CannotRead::SessionBroken { is_repaired: false },
        4 => CannotRead::SessionBroken { is_repaired: true },
        5 => CannotRead::NotTrusted,
        6 => CannotRead::Damaged,
        unknown => return Err(Error::IntegralValueOutOfRange(0, unknown)),
    })
}

/// Returns the column `trust`.
pub fn trust_code(trust: Trust) -> i64 {
    match trust {
        Trust::Undecided => 0,
        Trust::Blind => 1,
        Trust::Verified => 2,
        Trust::Distrusted => 3,
    }
}

/// Returns how far a key is trusted by the column `trust`.
pub(super) fn trust_from(code: i64) -> rusqlite::Result<Trust> {
    match code {
        0 => Ok(Trust::Undecided),
        1 => Ok(Trust::Blind),
        2 => Ok(Trust::Verified),
        3 => Ok(Trust::Distrusted),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

/// Returns the column `protection`.
pub fn protection_code(protection: Protection) -> i64 {
    match protection {
        Protection::None => 0,
        Protection::PlainAmongEncrypted => 1,
        Protection::Omemo { trust } => 2 + trust_code(trust),
    }
}

/// Returns how a message was protected by the column `protection`.
pub(super) fn protection_from(code: i64) -> rusqlite::Result<Protection> {
    Ok(match code {
        0 => Protection::None,
        1 => Protection::PlainAmongEncrypted,
        code => Protection::Omemo {
            trust: trust_from(code - 2)?,
        },
    })
}

/// Returns the column `encryption`.
pub(super) fn choice_code(choice: EncryptionChoice) -> i64 {
    match choice {
        EncryptionChoice::Default => 0,
        EncryptionChoice::On => 1,
        EncryptionChoice::Off => 2,
    }
}

/// Returns what was chosen for a chat by the column `encryption`.
pub(super) fn choice_from(code: i64) -> rusqlite::Result<EncryptionChoice> {
    match code {
        0 => Ok(EncryptionChoice::Default),
        1 => Ok(EncryptionChoice::On),
        2 => Ok(EncryptionChoice::Off),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

/// What a device has to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It wrote the message.
    From,
    /// The message was encrypted to it.
    To,
    /// The message was not encrypted to it.
    LeftOut(LeftOut),
}

/// Returns the column `part`.
pub(super) fn part_code(part: Part) -> i64 {
    match part {
        Part::From => 0,
        Part::To => 1,
        Part::LeftOut(LeftOut::NotConfirmed) => 2,
        Part::LeftOut(LeftOut::Distrusted) => 3,
        Part::LeftOut(LeftOut::NoKeys) => 4,
    }
}

/// Returns what a device has to do with a message by the column `part`.
pub(super) fn part_from(code: i64) -> rusqlite::Result<Part> {
    Ok(match code {
        0 => Part::From,
        1 => Part::To,
        2 => Part::LeftOut(LeftOut::NotConfirmed),
        3 => Part::LeftOut(LeftOut::Distrusted),
        4 => Part::LeftOut(LeftOut::NoKeys),
        unknown => return Err(Error::IntegralValueOutOfRange(0, unknown)),
    })
}

/// Returns the code of why something was refused; never 0.
pub fn failure_code(failure: SendFailure) -> i64 {
    match failure {
        SendFailure::NoSuchAddress => 1,
        SendFailure::ServerUnreachable => 2,
        SendFailure::NotAllowed => 3,
        SendFailure::TooLarge => 4,
        SendFailure::Refused => 5,
        SendFailure::NoKeys => 6,
        SendFailure::NotConfirmed => 7,
    }
}

/// Returns why something was refused, by its code.
pub fn failure_from(code: i64) -> rusqlite::Result<SendFailure> {
    match code {
        1 => Ok(SendFailure::NoSuchAddress),
        2 => Ok(SendFailure::ServerUnreachable),
        3 => Ok(SendFailure::NotAllowed),
        4 => Ok(SendFailure::TooLarge),
        5 => Ok(SendFailure::Refused),
        6 => Ok(SendFailure::NoKeys),
        7 => Ok(SendFailure::NotConfirmed),
        unknown => Err(Error::IntegralValueOutOfRange(0, unknown)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_state_reads_back_as_it_was_written() {
        let failures = [
            SendFailure::NoSuchAddress,
            SendFailure::ServerUnreachable,
            SendFailure::NotAllowed,
            SendFailure::TooLarge,
            SendFailure::Refused,
            SendFailure::NoKeys,
            SendFailure::NotConfirmed,
        ];
        let states = [
            Delivery::Pending,
            Delivery::Sending,
            Delivery::Sent,
            Delivery::Delivered,
            Delivery::Displayed,
        ];
        for state in states.into_iter().chain(failures.map(Delivery::Failed)) {
            let (delivery, failure) = delivery_codes(state);
            assert_eq!(delivery_from(delivery, failure).unwrap(), state);
        }
        for subscription in [
            Subscription::None,
            Subscription::To,
            Subscription::From,
            Subscription::Both,
        ] {
            assert_eq!(
                subscription_from(subscription_code(subscription)).unwrap(),
                subscription
            );
        }
        for place in [
            PasswordPlace::Keyring,
            PasswordPlace::AskEachTime,
            PasswordPlace::File,
        ] {
            assert_eq!(
                password_place_from(password_place_code(place)).unwrap(),
                place
            );
        }
    }

    #[test]
    fn every_kind_of_message_reads_back_as_it_was_written() {
        let invitation = |inviter: &str| MessageKind::GroupInvitation {
            address: "ball@rooms.example.org".into(),
            inviter: inviter.into(),
        };
        for kind in [
            MessageKind::Text,
            MessageKind::Unreadable {
                why: CannotRead::NotForThisDevice,
            },
            MessageKind::EncryptedFile,
            MessageKind::File {
                url: "https://example.org/a".into(),
            },
            invitation(""),
            invitation("capulet@example.org/hall"),
            MessageKind::MissedCall,
            MessageKind::TooLarge { bytes: 5_000_000 },
            MessageKind::Retracted,
        ] {
            let (code, detail) = kind_columns(&kind, "hidden");
            let cannot_read = cannot_read_column(&kind);
            assert_eq!(kind_from(code, detail, cannot_read).unwrap(), kind);
        }
    }

    #[test]
    fn every_protection_reads_back_as_it_was_written() {
        let trusts = [
            Trust::Undecided,
            Trust::Blind,
            Trust::Verified,
            Trust::Distrusted,
        ];
        for trust in trusts {
            assert_eq!(trust_from(trust_code(trust)).unwrap(), trust);
        }
        for by in [None, Some(Direction::Incoming), Some(Direction::Outgoing)] {
            assert_eq!(said_by_from(said_by_code(by)).unwrap(), by);
        }
        let protections = [Protection::None, Protection::PlainAmongEncrypted];
        let encrypted = trusts.map(|trust| Protection::Omemo { trust });
        for protection in protections.into_iter().chain(encrypted) {
            let code = protection_code(protection);
            assert_eq!(protection_from(code).unwrap(), protection);
        }
        for why in [
            CannotRead::BeforeThisDevice,
            CannotRead::OtherMethod,
            CannotRead::NotForThisDevice,
            CannotRead::SessionBroken { is_repaired: false },
            CannotRead::SessionBroken { is_repaired: true },
            CannotRead::NotTrusted,
            CannotRead::Damaged,
        ] {
            assert_eq!(cannot_read_from(cannot_read_code(why)).unwrap(), why);
        }
        for choice in [
            EncryptionChoice::Default,
            EncryptionChoice::On,
            EncryptionChoice::Off,
        ] {
            assert_eq!(choice_from(choice_code(choice)).unwrap(), choice);
        }
        for part in [
            Part::From,
            Part::To,
            Part::LeftOut(LeftOut::NotConfirmed),
            Part::LeftOut(LeftOut::Distrusted),
            Part::LeftOut(LeftOut::NoKeys),
        ] {
            assert_eq!(part_from(part_code(part)).unwrap(), part);
        }
    }

    #[test]
    fn a_number_nobody_wrote_is_refused() {
        assert!(delivery_from(6, 0).is_err());
        assert!(delivery_from(5, 0).is_err());
        assert!(direction_from(2).is_err());
        assert!(said_by_from(3).is_err());
        assert!(kind_from(8, String::new(), 0).is_err());
        assert!(kind_from(1, String::new(), 7).is_err());
        assert!(trust_from(4).is_err());
        assert!(protection_from(6).is_err());
        assert!(choice_from(3).is_err());
        assert!(part_from(5).is_err());
        assert!(subscription_from(-1).is_err());
        assert!(password_place_from(3).is_err());
    }
}
