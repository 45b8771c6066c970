//! The window: GTK, libadwaita and Relm4 over [`crate::engine::api`].
//!
//! Widgets set properties, components hold state, the engine decides. Events
//! flow down the tree of components, outputs flow up, one level at a time;
//! nothing here waits for a query, a file or the network.

pub mod app;
pub mod i18n;
pub mod list;
pub mod timeline;

use std::path::PathBuf;

use relm4::gtk::{gio, prelude::*};
use relm4::{RelmApp, adw};

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
/// `sign_in_from` names a file that fills the sign-in form, see `--help`.
pub fn run(sign_in_from: Option<PathBuf>) {
    let application = adw::Application::builder()
        .application_id(APPLICATION_ID)
        .build();
    // Started a second time: the window that is there comes to the front.
    application.connect_activate(|application| {
        if let Some(window) = application.active_window() {
            window.present();
        }
    });
    let name = std::env::args().next().unwrap_or_default();
    RelmApp::from_app(application)
        .with_args(vec![name])
        .run::<app::App>(app::Init { sign_in_from });
}
