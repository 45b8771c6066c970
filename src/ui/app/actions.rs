//! The window's actions, and the binding of the keys that call them.
//!
//! Which keys those are says the table in [`super::shortcuts`]. They are bound
//! to the window, not to the application, so that they work wherever the window
//! does.

use relm4::gtk::{self, gio, glib, prelude::*};
use relm4::{Sender, adw};

use super::AppMsg;
use super::shortcuts::SHORTCUTS;

/// Name of an action and the message it becomes.
type Action = (&'static str, fn() -> AppMsg);

const ACTIONS: &[Action] = &[
    ("new-chat", || AppMsg::NewChat),
    ("chat-menu", || AppMsg::ChatMenu),
    ("contact-details", || AppMsg::Details),
    ("switch-chat", || AppMsg::SwitchChat),
    ("search", || AppMsg::Search),
    ("search-chats", || AppMsg::SearchChats),
    ("preferences", || AppMsg::Preferences),
    ("shortcuts", || AppMsg::Shortcuts),
    ("about", || AppMsg::About),
    ("show", || AppMsg::Show),
    ("close", || AppMsg::Close),
    ("quit", || AppMsg::Quit),
    ("mend-connection", || AppMsg::MendConnection),
    ("next-region", || AppMsg::Region(1)),
    ("previous-region", || AppMsg::Region(-1)),
    ("next-chat", || AppMsg::Step(1)),
    ("previous-chat", || AppMsg::Step(-1)),
    ("newest-message", || AppMsg::JumpToEnd),
    ("back", || AppMsg::Back),
];

/// Gives the window its actions and keys.
pub fn install(window: &adw::ApplicationWindow, app: &Sender<AppMsg>) {
    for (name, message) in ACTIONS {
        let action = gio::SimpleAction::new(name, None);
        let app = app.clone();
        action.connect_activate(move |_, _| app.emit(message()));
        window.add_action(&action);
    }
    let open_link = gio::SimpleAction::new("open-link", Some(glib::VariantTy::STRING));
    let app = app.clone();
    open_link.connect_activate(move |_, link| {
        if let Some(link) = link.and_then(|link| link.get::<String>()) {
            app.emit(AppMsg::OpenLink(link));
        }
    });
    window.add_action(&open_link);
    bind(window);
}

fn bind(window: &adw::ApplicationWindow) {
    // Before the focused widget: a text field has other uses for Alt and arrows.
    let before = gtk::ShortcutController::new();
    before.set_propagation_phase(gtk::PropagationPhase::Capture);
    // After it: Escape in a popover or a field is theirs.
    let after = gtk::ShortcutController::new();
    after.set_propagation_phase(gtk::PropagationPhase::Bubble);
    for shortcut in SHORTCUTS {
        let Some(action) = shortcut.calls else {
            continue;
        };
        let controller = if shortcut.keys == "Escape" {
            &after
        } else {
            &before
        };
        controller.add_shortcut(gtk::Shortcut::new(
            gtk::ShortcutTrigger::parse_string(shortcut.keys),
            Some(gtk::NamedAction::new(&format!("win.{action}"))),
        ));
    }
    window.add_controller(before);
    window.add_controller(after);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_calls_an_action_that_is_there() {
        for shortcut in SHORTCUTS {
            if let Some(called) = shortcut.calls {
                assert!(
                    ACTIONS.iter().any(|(name, _)| *name == called),
                    "{} calls {called}",
                    shortcut.keys
                );
            }
        }
    }
}
