//! Why the server did not take something of the user.

use crate::engine::api::NotTaken;
use crate::ui::i18n::gettext;

/// Says in a sentence why nothing changed.
pub fn not_taken(why: NotTaken) -> String {
    match why {
        NotTaken::Offline => {
            gettext("The account is offline, so nothing was changed. Try again when it is online.")
        }
        NotTaken::NotAPicture => {
            gettext("This file is no picture that can be used: PNG, JPEG, WebP or GIF.")
        }
        NotTaken::TooLarge => gettext("This picture is too large to be used."),
        NotTaken::Refused => gettext("The server did not take it, so nothing was changed."),
    }
}
