//! The window's actions and the keys that call them.
//!
//! Keys are bound to the window, not to the application, so that they work
//! wherever the window does.

use relm4::gtk::{self, gio, glib, prelude::*};
use relm4::{Sender, adw};

use super::AppMsg;

/// Name of an action, the message it becomes, and its keys.
type Binding = (&'static str, fn() -> AppMsg, &'static [&'static str]);

const BINDINGS: &[Binding] = &[
    ("new-chat", || AppMsg::NewChat, &["<Control>n"]),
    ("chat-menu", || AppMsg::ChatMenu, &["<Control>F10"]),
    ("contact-details", || AppMsg::Details, &["<Control>i"]),
    ("quit", || AppMsg::Quit, &["<Control>q"]),
    ("accounts", || AppMsg::Accounts, &[]),
    ("about", || AppMsg::About, &[]),
    ("mend-connection", || AppMsg::MendConnection, &[]),
    ("next-region", || AppMsg::Region(1), &["F6"]),
    ("previous-region", || AppMsg::Region(-1), &["<Shift>F6"]),
    ("next-chat", || AppMsg::Step(1), &["<Alt>Down"]),
    ("previous-chat", || AppMsg::Step(-1), &["<Alt>Up"]),
    (
        "newest-message",
        || AppMsg::JumpToEnd,
        &["<Control><Shift>Down"],
    ),
    ("back", || AppMsg::Back, &["Escape"]),
];

/// Gives the window its actions and keys.
pub fn install(window: &adw::ApplicationWindow, app: &Sender<AppMsg>) {
    // Before the focused widget: a text field has other uses for Alt and arrows.
    let before = gtk::ShortcutController::new();
    before.set_propagation_phase(gtk::PropagationPhase::Capture);
    // After it: Escape in a popover or a field is theirs.
    let after = gtk::ShortcutController::new();
    after.set_propagation_phase(gtk::PropagationPhase::Bubble);
    for (name, message, keys) in BINDINGS {
        let action = gio::SimpleAction::new(name, None);
        let app = app.clone();
        action.connect_activate(move |_, _| app.emit(message()));
        window.add_action(&action);
        for key in *keys {
            let shortcuts = if *key == "Escape" { &after } else { &before };
            shortcuts.add_shortcut(gtk::Shortcut::new(
                gtk::ShortcutTrigger::parse_string(key),
                Some(gtk::NamedAction::new(&format!("win.{name}"))),
            ));
        }
    }
    let open_link = gio::SimpleAction::new("open-link", Some(glib::VariantTy::STRING));
    let app = app.clone();
    open_link.connect_activate(move |_, link| {
        if let Some(link) = link.and_then(|link| link.get::<String>()) {
            app.emit(AppMsg::OpenLink(link));
        }
    });
    window.add_action(&open_link);
    window.add_controller(before);
    window.add_controller(after);
}
