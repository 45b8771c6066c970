//! What a server offers less than it did, and what that can mean.

use crate::engine::model::{Timestamp, Weaker};
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};

/// Says what got weaker at `domain`.
pub fn text(weaker: &Weaker, domain: &str) -> String {
    match weaker {
        Weaker::Password { before, since } => fill(
            &gettext(
                "On {day} {domain} signed you in without learning your password ({before}). Now it asks for the password itself. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[
                ("day", &day(*since)),
                ("domain", domain),
                ("before", before),
            ],
        ),
        Weaker::Mechanism { before, now, since } => fill(
            &gettext(
                "On {day} {domain} signed you in by {before}. Now it offers nothing better than {now}. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[
                ("day", &day(*since)),
                ("domain", domain),
                ("before", before),
                ("now", now),
            ],
        ),
        Weaker::ChannelBinding { since, .. } => fill(
            &gettext(
                "On {day} {domain} tied your sign-in to the encrypted connection, so that nobody could sit in between. Now it does not. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[("day", &day(*since)), ("domain", domain)],
        ),
        Weaker::ListAltered => fill(
            &gettext(
                "What {domain} offers to sign in by was changed on its way to you. Somebody is between you and the server. Your password was not sent.",
            ),
            &[("domain", domain)],
        ),
    }
}

fn day(time: Timestamp) -> String {
    format::date(&format::local(time))
}
