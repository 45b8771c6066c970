//! The number of unread messages on the program's icon, where the desktop's
//! dock shows one: the signal that Unity began and others took over.
//!
//! # Source
//! The launcher API of Unity, `com.canonical.Unity.LauncherEntry`; GNOME's own
//! dash shows no numbers.

use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use crate::ui::APPLICATION_ID;

/// Tells the dock how many messages are unread. Without a bus nobody hears it.
pub fn show_count(application: &impl IsA<gio::Application>, unread: u32) {
    let Some(bus) = application.as_ref().dbus_connection() else {
        return;
    };
    let properties = glib::VariantDict::new(None);
    properties.insert("count", i64::from(unread));
    properties.insert("count-visible", unread > 0);
    let entry = format!("application://{APPLICATION_ID}.desktop");
    let told = bus.emit_signal(
        None,
        "/im/stonechat/Stonechat",
        "com.canonical.Unity.LauncherEntry",
        "Update",
        Some(&glib::Variant::tuple_from_iter([
            entry.to_variant(),
            properties.end(),
        ])),
    );
    if let Err(error) = told {
        tracing::debug!(%error, "The dock was not told how many messages are unread.");
    }
}
