//! The window: GTK, libadwaita and Relm4 over [`crate::engine::api`].
//!
//! Widgets set properties, components hold state, the engine decides. Events
//! flow down the tree of components, outputs flow up, one level at a time;
//! nothing here waits for a query, a file or the network.

pub mod account_setup;
pub mod app;
mod chooser;
pub mod composer;
pub mod console;
pub mod conversation;
pub mod details;
pub mod drawing;
pub mod encryption;
pub mod errors;
pub mod format;
mod forward;
pub mod i18n;
mod link_words;
pub mod list;
mod new_chat;
pub mod notify;
pub mod preferences;
pub mod requests;
pub mod security;
pub mod sidebar;
pub mod switcher;
pub mod timeline;
pub mod verification;
pub mod widgets;

use std::ops::ControlFlow;
use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{RelmApp, adw};

use crate::engine::api::Engine;
use crate::engine::error::StartError;

/// The application's id on the bus, in the desktop file and of its icon.
pub const APPLICATION_ID: &str = "im.stonechat.Stonechat";

/// Action and option that open the dialog for a new chat.
const NEW_CHAT: &str = "new-chat";

/// Makes style sheets and icons of the program known to GTK; before any window.
///
/// # Panics
///
/// Never in a program that was built whole: the resources are part of it.
pub fn register_resources() {
    gio::resources_register_include!("stonechat.gresource")
        .expect("the resources are compiled into the program");
}

/// What the program was started for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To be there.
    Window,
    /// To wait until the desktop asks for something.
    Service,
    /// To write to somebody.
    NewChat,
    /// To show what an `xmpp:` link asks for.
    Link(String),
}

/// Returns the folder that holds everything the program keeps.
pub fn data_folder() -> PathBuf {
    glib::user_data_dir().join("stonechat")
}

/// Runs the program until its window is closed.
///
/// `start` starts the engine; it is called only when no other Stonechat runs
/// in this session: what was `asked` then goes to that one. `sign_in_from`
/// names a file that fills the sign-in form, see `--help`.
pub fn run(
    start: impl FnOnce() -> Result<Engine, StartError> + 'static,
    sign_in_from: Option<PathBuf>,
    asked: Asked,
) {
    let application = adw::Application::builder()
        .application_id(APPLICATION_ID)
        .flags(gio::ApplicationFlags::HANDLES_OPEN)
        .build();
    // Started a second time: the window that is there comes to the front.
    application.connect_activate(|application| {
        show(application, None);
    });
    application.connect_open(|application, files, _| {
        // One question at a time, however many links there are.
        let link = files.first().map(|file| file.uri().to_variant());
        show(application, link.map(|link| ("win.open-link", Some(link))));
    });
    offer_new_chat(&application);
    // A second start only wakes the first. On its way out Relm4 then waits for
    // something to happen, for ever if nothing does; so something happens.
    glib::timeout_add_seconds_local_once(1, || {});
    let mut arguments = vec![std::env::args().next().unwrap_or_default()];
    match asked {
        Asked::Window => {}
        Asked::Service => arguments.push("--gapplication-service".to_owned()),
        Asked::NewChat => arguments.push(format!("--{NEW_CHAT}")),
        Asked::Link(link) => arguments.extend(["--".to_owned(), link]),
    }
    RelmApp::from_app(application)
        // It shows itself once it knows how large, how light and how readable.
        .visible_on_activate(false)
        .with_args(arguments)
        .run::<app::App>(app::Init {
            start: Box::new(start),
            sign_in_from,
        });
}

/// Brings the window to the front, and lets it do something.
fn show(application: &adw::Application, action: Option<(&str, Option<glib::Variant>)>) {
    let windows = application.windows();
    let Some(window) = windows
        .iter()
        .find(|window| window.is::<adw::ApplicationWindow>())
    else {
        return;
    };
    let wishes = [("win.show", None)].into_iter().chain(action);
    for (name, parameter) in wishes {
        if let Err(error) = WidgetExt::activate_action(window, name, parameter.as_ref()) {
            tracing::debug!(%error, name, "the window does not do this");
        }
    }
}

/// The action of the desktop entry, which comes over the bus or as an option.
fn offer_new_chat(application: &adw::Application) {
    let action = gio::SimpleAction::new(NEW_CHAT, None);
    let weak = application.downgrade();
    action.connect_activate(move |_, _| {
        if let Some(application) = weak.upgrade() {
            show(&application, Some(("win.new-chat", None)));
        }
    });
    application.add_action(&action);
    application.add_main_option(
        NEW_CHAT,
        glib::Char::from(0),
        glib::OptionFlags::NONE,
        glib::OptionArg::None,
        "",
        None,
    );
    application.connect_handle_local_options(|application, options| {
        if options.contains(NEW_CHAT) && application.register(gio::Cancellable::NONE).is_ok() {
            application.activate_action(NEW_CHAT, None);
            if application.is_remote() {
                return ControlFlow::Break(glib::ExitCode::SUCCESS);
            }
        }
        ControlFlow::Continue(())
    });
}
