//! What could not be kept, or cannot be read back: passwords and the history.

use super::{Field, Trouble, trouble};
use crate::engine::error::StoreError;
use crate::engine::model::PasswordTrouble;
use crate::ui::i18n::{fill, gettext};

/// Says why a password is not at hand, or could not be kept, in a sentence or two.
pub fn password(trouble: PasswordTrouble, address: &str) -> String {
    let sentence = match trouble {
        PasswordTrouble::AskedEachTime => {
            gettext("As you chose, the password of {address} is kept nowhere.")
        }
        PasswordTrouble::NotThere => {
            gettext("No password of {address} was kept where it should be.")
        }
        PasswordTrouble::NoKeyring => gettext(
            "There is no keyring on this desktop that could hold the password of {address}.",
        ),
        PasswordTrouble::KeyringLocked => {
            gettext("The keyring is locked, so it holds no password of {address} for Stonechat.")
        }
        PasswordTrouble::KeyringSilent => gettext(
            "The keyring of this desktop does not answer, so it holds no password of {address} for Stonechat.",
        ),
        PasswordTrouble::KeyringFailed => gettext(
            "The keyring of this desktop failed, so it holds no password of {address} for Stonechat. The log says more.",
        ),
        PasswordTrouble::FileExposed => gettext(
            "Others on this computer can read the file that holds the password of {address}, so Stonechat leaves it alone. If somebody may have read it, change the password; then remove the file “passwords” in Stonechat’s data folder.",
        ),
        PasswordTrouble::FileOfAnother => gettext(
            "The file that should hold the password of {address} belongs to another user, so Stonechat leaves it alone. It is called “passwords” and is in Stonechat’s data folder.",
        ),
        PasswordTrouble::FileNotPlain => gettext(
            "Where the file with the password of {address} should be is something else, such as a link, so Stonechat leaves it alone. It is called “passwords” and is in Stonechat’s data folder.",
        ),
        PasswordTrouble::FileFailed => gettext(
            "The file that should hold the password of {address} could not be read or written. Is the disk full, or the folder closed to you?",
        ),
    };
    fill(&sentence, &[("address", address)])
}

/// Explains why the history cannot be used.
pub fn store(error: &StoreError) -> Trouble {
    let (title, text) = match error {
        StoreError::Newer { .. } => (
            gettext("This history needs a newer Stonechat"),
            gettext(
                "A newer version has already used the history on this computer. Nothing was changed or lost. Start the newer version, or update this one.",
            ),
        ),
        StoreError::Damaged => (
            gettext("The history cannot be read"),
            gettext(
                "The file that holds your chats is damaged. Stonechat left it as it is. Your server may still have the messages.",
            ),
        ),
        StoreError::Full => (
            gettext("The disk is full"),
            gettext(
                "There is no room to keep messages. Nothing was deleted. Make some room and try again.",
            ),
        ),
        StoreError::ReadOnly => (
            gettext("The history cannot be written"),
            gettext(
                "Stonechat may not write to the folder that holds your chats. Nothing was changed. Check the folder’s permissions.",
            ),
        ),
        StoreError::KeyNotSupported => (
            gettext("The history is encrypted"),
            gettext(
                "This build of Stonechat cannot open an encrypted history. Nothing was changed.",
            ),
        ),
        StoreError::Closed => (
            gettext("Stonechat is closing"),
            gettext("This came too late to be kept."),
        ),
        StoreError::Other(_) => (
            gettext("The history could not be used"),
            gettext(
                "Something unexpected happened to the file that holds your chats. The log says more. Nothing was deleted.",
            ),
        ),
    };
    trouble(title, text, Field::None)
}
