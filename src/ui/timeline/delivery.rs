//! How far a message got: the icon beside its time, and the word for it.

use crate::engine::model::Delivery;
use crate::ui::i18n::gettext;

/// What stands for a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Icon of our own.
    pub icon: &'static str,
    /// The state in words, for a tooltip and for those who listen.
    pub word: String,
    /// Style class; read stands out, and so does failed.
    pub class: Option<&'static str>,
}

/// Returns the mark of one of the user's messages.
pub fn mark(delivery: Delivery) -> Mark {
    let (icon, word, class) = match delivery {
        Delivery::Pending | Delivery::Sending => (
            "message-pending-symbolic",
            gettext("Waiting to be sent"),
            None,
        ),
        Delivery::Sent => ("message-sent-symbolic", gettext("Sent"), None),
        Delivery::Delivered => ("message-delivered-symbolic", gettext("Delivered"), None),
        Delivery::Displayed => ("message-read-symbolic", gettext("Read"), Some("read")),
        Delivery::Failed(_) => (
            "message-failed-symbolic",
            gettext("Not sent"),
            Some("failed"),
        ),
    };
    Mark { icon, word, class }
}
