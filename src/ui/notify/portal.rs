//! Notifications by the desktop portal, version 2, where it takes an answer in
//! the notification itself; `gio::Notification` cannot say that.
//!
//! Only a program in a sandbox has a name there, so only there it is used, and
//! only when the portal says that it knows such a button.
//!
//! # Source
//! org.freedesktop.portal.Notification, version 2: AddNotification,
//! RemoveNotification, ActionInvoked, SupportedOptions.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use super::{Answer, Said, actions, name};
use crate::engine::model::ConversationId;
use crate::ui::i18n::gettext;

const BUS_NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Notification";
/// The button that takes an answer. Without `app.` before it, the portal itself
/// tells what was written.
const REPLY: &str = "reply";
const WITH_TEXT: &str = "im.reply-with-text";
/// How long an answer may be; a desktop gives a line to write it in.
const LONGEST_ANSWER: usize = 10_000;

/// The portal of this session.
pub(super) struct Portal {
    bus: gio::DBusConnection,
    takes_answers: Rc<Cell<bool>>,
    _heard: gio::SignalSubscription,
}

impl Portal {
    /// Looks for the portal; `None` outside a sandbox. Whether it takes answers
    /// shows a moment later.
    pub fn find(
        application: &gio::Application,
        answered: impl Fn(Answer) + 'static,
    ) -> Option<Self> {
        let is_wanted =
            std::env::var_os("GNOTIFICATION_BACKEND").is_some_and(|kind| kind == "portal");
        if !is_wanted && !Path::new("/.flatpak-info").exists() {
            return None;
        }
        let bus = application.dbus_connection()?;
        let heard = bus.subscribe_to_signal(
            Some(BUS_NAME),
            Some(INTERFACE),
            Some("ActionInvoked"),
            Some(PATH),
            None,
            gio::DBusSignalFlags::NONE,
            move |signal| {
                if let Some(answer) = answer(signal.parameters) {
                    answered(answer);
                }
            },
        );
        let takes_answers = Rc::new(Cell::new(false));
        let (connection, takes) = (bus.clone(), takes_answers.clone());
        glib::spawn_future_local(async move {
            takes.set(knows_answers(&connection).await);
        });
        Some(Self {
            bus,
            takes_answers,
            _heard: heard,
        })
    }

    /// Returns whether one can answer in the notification itself.
    pub fn takes_answers(&self) -> bool {
        self.takes_answers.get()
    }

    /// Shows what is new in a chat.
    pub fn show(&self, chat: ConversationId, said: &Said) {
        let target = chat.0.to_variant();
        let button = |label: String, action: &str, purpose: Option<&str>| {
            let button = glib::VariantDict::new(None);
            button.insert("label", label);
            button.insert("action", action);
            button.insert_value("target", &target);
            if let Some(purpose) = purpose {
                button.insert("purpose", purpose);
            }
            button.end()
        };
        let buttons = [
            button(gettext("Reply"), REPLY, Some(WITH_TEXT)),
            button(gettext("Mark as Read"), actions::MARK_READ, None),
        ];
        let notification = glib::VariantDict::new(None);
        notification.insert("title", said.title.as_str());
        if !said.body.is_empty() {
            notification.insert("body", said.body.as_str());
        }
        notification.insert("category", "im.message");
        notification.insert("sound", "default".to_variant());
        notification.insert("default-action", actions::OPEN);
        notification.insert_value("default-action-target", &target);
        notification.insert_value(
            "buttons",
            &glib::Variant::array_from_iter_with_type(glib::VariantTy::VARDICT, buttons),
        );
        self.call(
            "AddNotification",
            &glib::Variant::tuple_from_iter([name(chat).to_variant(), notification.end()]),
        );
    }

    /// Takes back what was told of a chat.
    pub fn withdraw(&self, chat: ConversationId) {
        self.call("RemoveNotification", &(name(chat),).to_variant());
    }

    fn call(&self, method: &str, parameters: &glib::Variant) {
        self.bus.call(
            Some(BUS_NAME),
            PATH,
            INTERFACE,
            method,
            Some(parameters),
            None,
            gio::DBusCallFlags::NONE,
            -1,
            gio::Cancellable::NONE,
            |answer| {
                if let Err(error) = answer {
                    tracing::warn!(%error, "the portal shows no notification");
                }
            },
        );
    }
}

async fn knows_answers(bus: &gio::DBusConnection) -> bool {
    let asked = (INTERFACE, "SupportedOptions").to_variant();
    let answer = bus
        .call_future(
            Some(BUS_NAME),
            PATH,
            "org.freedesktop.DBus.Properties",
            "Get",
            Some(&asked),
            None,
            gio::DBusCallFlags::NONE,
            -1,
        )
        .await;
    let Ok(answer) = answer else {
        // The portal is older than its version 2, or there is none.
        return false;
    };
    let options = answer
        .try_child_value(0)
        .and_then(|value| value.as_variant());
    let options = options.map(|options| glib::VariantDict::new(Some(&options)));
    let purposes = options.and_then(|options| {
        options
            .lookup::<Vec<String>>("button-purpose")
            .ok()
            .flatten()
    });
    purposes.is_some_and(|purposes| purposes.iter().any(|purpose| purpose == WITH_TEXT))
}

/// Reads what was written into a notification: the chat is the button's target,
/// and the text is whatever string stands behind it.
fn answer(parameters: &glib::Variant) -> Option<Answer> {
    let (_, action, values) = parameters.get::<(String, String, Vec<glib::Variant>)>()?;
    if action != REPLY {
        return None;
    }
    let unwrapped = |value: &glib::Variant| value.as_variant().unwrap_or_else(|| value.clone());
    let mut values = values.iter().map(unwrapped);
    let chat = ConversationId(values.next()?.get::<i64>()?);
    let text = values.find_map(|value| value.get::<String>())?;
    let text = &text[..text.floor_char_boundary(LONGEST_ANSWER)];
    (!text.trim().is_empty()).then(|| Answer::Send(chat, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoked(action: &str, values: &[glib::Variant]) -> glib::Variant {
        ("chat-7".to_owned(), action.to_owned(), values.to_vec()).to_variant()
    }

    #[test]
    fn an_answer_is_read_with_its_chat() {
        let platform = glib::VariantDict::new(None).end();
        let values = [7_i64.to_variant(), platform, "On my way".to_variant()];

        let answer = answer(&invoked("reply", &values));

        assert_eq!(
            answer,
            Some(Answer::Send(ConversationId(7), "On my way".to_owned()))
        );
    }

    #[test]
    fn what_names_no_chat_or_says_nothing_is_no_answer() {
        for values in [
            vec![],
            vec![7_i64.to_variant()],
            vec![7_i64.to_variant(), "  ".to_variant()],
            vec!["7".to_variant(), "On my way".to_variant()],
        ] {
            assert_eq!(answer(&invoked("reply", &values)), None);
        }
        let values = [7_i64.to_variant(), "On my way".to_variant()];
        assert_eq!(answer(&invoked("another", &values)), None);
        assert_eq!(answer(&7_i64.to_variant()), None);
    }
}
