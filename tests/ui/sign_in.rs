//! Where the keyboard is while signing in.

use relm4::adw::prelude::*;

use crate::Test;
use crate::scene::{Scene, texts};
use crate::support::until;
use crate::window::entry;

pub const TESTS: &[Test] = &[(
    "the_welcome_page_gives_the_keyboard_to_its_button",
    the_welcome_page_gives_the_keyboard_to_its_button,
)];

/// What has the keyboard, as its text.
fn focused(scene: &Scene) -> String {
    GtkWindowExt::focus(&scene.window).map_or_else(String::new, |focus| texts(&focus))
}

fn has_keyboard(scene: &Scene, title: &str) -> bool {
    GtkWindowExt::focus(&scene.window).is_some_and(|focus| focus.is_ancestor(&entry(scene, title)))
}

fn the_welcome_page_gives_the_keyboard_to_its_button() {
    let scene = Scene::launch(|_| {});
    assert!(scene.reads("Messages that arrive,"));
    assert_eq!(focused(&scene), "Sign In");

    scene.window.emit_activate_focus();

    until("the keyboard in the form", || {
        scene.settle();
        has_keyboard(&scene, "Address")
    });
}
