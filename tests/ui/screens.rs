//! Pictures to look at, in the folder that `STONECHAT_SHOTS` names.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::model::{ConnectionProblem, ConnectionState};

use crate::Test;
use crate::scene::{Scene, verona};
use crate::support::{shot, until};

pub const TESTS: &[Test] = &[("screens_can_be_drawn", screens_can_be_drawn)];

fn screens_can_be_drawn() {
    let (scene, chats) = verona();
    shot(&scene.window, "list");
    scene.open("Juliet");
    shot(&scene.window, "chat");
    scene.commands.set_typing(Scene::chat(chats.juliet), true);
    scene.commands.set_connection(
        scene.account,
        ConnectionState::Waiting {
            problem: ConnectionProblem::ConnectionLost,
            retry_at: 0,
        },
    );
    scene.settle();
    shot(&scene.window, "offline");
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 400);
    scene.settle();
    shot(&scene.window, "narrow-chat");
    gtk_back(&scene);
    shot(&scene.window, "narrow-list");
    scene.quit();

    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    settings.set_gtk_xft_dpi(192 * 1024);
    let (scene, _) = verona();
    scene.open("Juliet");
    shot(&scene.window, "large-text");
    scene.quit();
    settings.set_gtk_xft_dpi(usual);

    gtk::Widget::set_default_direction(gtk::TextDirection::Rtl);
    let (scene, _) = verona();
    scene.open("Juliet");
    shot(&scene.window, "right-to-left");
    scene.quit();
    gtk::Widget::set_default_direction(gtk::TextDirection::Ltr);

    let scene = Scene::launch(|_| {});
    shot(&scene.window, "welcome");
    scene.button("Sign In").emit_clicked();
    scene.settle();
    shot(&scene.window, "sign-in");
}

fn gtk_back(scene: &Scene) {
    ActionGroupExt::activate_action(&scene.window, "back", None);
    scene.settle();
}
