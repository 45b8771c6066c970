//! What a server offers less than it did, and what that can mean.

use crate::engine::model::{Timestamp, Weaker};
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};

/// Returns the heading over it.
pub fn title(weaker: &Weaker) -> String {
    match weaker {
        Weaker::Password { .. } | Weaker::Mechanism { .. } | Weaker::ChannelBinding { .. } => {
            gettext("Not signed in: the server offers less than before")
        }
        Weaker::ListAltered | Weaker::NotConfirmed | Weaker::OtherTls => {
            gettext("Not signed in: the connection may have been tampered with")
        }
    }
}

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
        Weaker::ChannelBinding {
            before,
            now: Some(now),
            since,
        } => fill(
            &gettext(
                "On {day} {domain} tied your sign-in to the encrypted connection ({before}). Now it ties it to its certificate only ({now}). This can be an attack or a mistake. Your password was not sent.",
            ),
            &[
                ("day", &day(*since)),
                ("domain", domain),
                ("before", before),
                ("now", now),
            ],
        ),
        Weaker::ChannelBinding {
            now: None, since, ..
        } => fill(
            &gettext(
                "On {day} {domain} tied your sign-in to the encrypted connection, so that nobody could sit in between. Now it does not. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[("day", &day(*since)), ("domain", domain)],
        ),
        Weaker::ListAltered => fill(
            &gettext(
                "{domain} says that it offers other ways to sign in than those that arrived here. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[("domain", domain)],
        ),
        Weaker::NotConfirmed => fill(
            &gettext(
                "{domain} ties sign-ins to the encrypted connection, but in no way that Stonechat knows, and it does not confirm that. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[("domain", domain)],
        ),
        Weaker::OtherTls => fill(
            &gettext(
                "{domain} sees another version of TLS than this computer. This can be an attack or a mistake. Your password was not sent.",
            ),
            &[("domain", domain)],
        ),
    }
}

fn day(time: Timestamp) -> String {
    format::date(&format::local(time))
}
