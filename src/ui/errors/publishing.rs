//! Why something of the user was not published.

use crate::engine::api::NotPublished;
use crate::ui::i18n::gettext;

/// Says in a sentence why contacts do not see what the user wanted them to.
pub fn not_published(why: NotPublished) -> String {
    match why {
        NotPublished::Offline => {
            gettext("The account is offline, so nothing was changed. Try again when it is online.")
        }
        NotPublished::NotAPicture => {
            gettext("This file is no picture that can be used: PNG, JPEG, WebP or GIF.")
        }
        NotPublished::TooLarge => gettext("This picture is too large to be used."),
        NotPublished::Refused => {
            gettext("The server did not take it, so your contacts see what they saw before.")
        }
    }
}
