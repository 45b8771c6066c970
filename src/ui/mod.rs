//! The window: GTK, libadwaita and Relm4 over [`crate::engine::api`].
//!
//! Widgets set properties, components hold state, the engine decides. Events
//! flow down the tree of components, outputs flow up, one level at a time;
//! nothing here waits for a query, a file or the network.

pub mod account_setup;
pub mod app;
pub mod composer;
pub mod conversation;
pub mod drawing;
pub mod errors;
pub mod format;
pub mod i18n;
pub mod list;
pub mod sidebar;
pub mod timeline;
pub mod widgets;

use std::path::PathBuf;

use relm4::gtk::{gio, glib, prelude::*};
use relm4::{RelmApp, adw};

use crate::engine::api::Engine;
use crate::engine::error::StartError;

/// The application's id on the bus, in the desktop file and of its icon.
pub const APPLICATION_ID: &str = "im.stonechat.Stonechat";

/// Makes style sheets and icons of the program known to GTK; before any window.
///
/// # Panics
///
/// Never in a program that was built whole: the resources are part of it.
pub fn register_resources() {
    gio::resources_register_include!("stonechat.gresource")
        .expect("the resources are compiled into the program");
}

/// Runs the program until its window is closed.
///
/// `start` starts the engine; it is called only when no other Stonechat runs
/// in this session. `sign_in_from` names a file that fills the sign-in form,
/// see `--help`.
pub fn run(
    start: impl FnOnce() -> Result<Engine, StartError> + 'static,
    sign_in_from: Option<PathBuf>,
) {
    let application = adw::Application::builder()
        .application_id(APPLICATION_ID)
        .build();
    // Started a second time: the window that is there comes to the front.
    application.connect_activate(|application| {
        if let Some(window) = application.active_window() {
            window.present();
        }
    });
    // A second start only wakes the first. On its way out Relm4 then waits for
    // something to happen, for ever if nothing does; so something happens.
    glib::timeout_add_seconds_local_once(1, || {});
    let name = std::env::args().next().unwrap_or_default();
    RelmApp::from_app(application)
        .with_args(vec![name])
        .run::<app::App>(app::Init {
            start: Box::new(start),
            sign_in_from,
        });
}
