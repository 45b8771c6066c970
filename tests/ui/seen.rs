//! Whether the window can be seen, as the engine is told.

use std::cell::RefCell;

use relm4::gtk::prelude::*;
use stonechat::engine::api::Command;

use crate::Test;
use crate::scene::verona;
use crate::support::until;

pub const TESTS: &[Test] = &[(
    "a_hidden_window_is_seen_by_nobody_until_it_is_back",
    a_hidden_window_is_seen_by_nobody_until_it_is_back,
)];

fn a_hidden_window_is_seen_by_nobody_until_it_is_back() {
    let (mut scene, _) = verona();
    scene.settle();
    scene.commands.taken_commands();
    let window = scene.window.clone();
    let commands = RefCell::new(&mut scene.commands);
    let is_told = |wanted: bool| {
        let taken = commands.borrow_mut().taken_commands();
        taken.contains(&Command::Seen(wanted))
    };

    window.set_visible(false);
    until("that nobody sees it", || is_told(false));

    window.set_visible(true);
    until("that it is seen again", || is_told(true));
}
