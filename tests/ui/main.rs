//! The window under test: real widgets in a real (virtual) display.
//!
//! One binary without libtest's harness, because GTK wants the main thread.
//! `cargo test --test ui NAME` runs the tests whose name holds NAME, and
//! `--test ui -- --half=1` every other one, for two displays side by side.
#![allow(clippy::unwrap_used)]

mod actions;
mod by_keyboard;
mod chat_menu;
mod composer;
mod console;
mod details;
mod devices;
mod encryption;
mod everything;
mod faces;
mod finding;
mod gaps;
mod german;
mod history_view;
mod keyboard;
mod links;
mod new_chat;
mod not_yet;
mod notifications;
mod older;
mod people;
mod pictures;
mod preferences;
mod program;
mod regions;
mod room;
mod scene;
mod screens;
mod security;
mod seen;
#[allow(dead_code)]
#[path = "../support/mod.rs"]
mod servers;
mod several_accounts;
mod sign_in;
mod styling;
mod support;
mod switcher;
mod trouble;
mod two_devices;
mod verification;
mod window;
mod writing;

use std::panic::catch_unwind;
use std::process::{Command, ExitCode};
use std::time::Instant;

use relm4::{adw, gtk};

type Test = (&'static str, fn());

/// Returns a time zone in which no day begins while the tests run: what they
/// wrote an hour ago is of today.
fn where_it_is_noon() -> String {
    let hour = scene::now().div_euclid(60 * 60 * 1000).rem_euclid(24);
    // POSIX counts westwards.
    format!("NOON{:+}", hour - 12)
}

fn main() -> ExitCode {
    // GTK answers questions about names only with this in its environment.
    if std::env::var_os("GTK_A11Y").is_none_or(|kind| kind != "test") {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .args(std::env::args_os().skip(1))
            .env("GTK_A11Y", "test");
        if std::env::var_os("STONECHAT_STANDING_TIME").is_none() {
            again.env("TZ", where_it_is_noon());
        }
        return if again.status().unwrap().success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    if gtk::init().is_err() {
        println!("test display ... FAILED\nno display: run this through build-aux/with-display");
        println!("0 passed, 1 failed");
        return ExitCode::FAILURE;
    }
    adw::init().unwrap();
    support::prepare();
    let wish = std::env::args().nth(1).unwrap_or_default();
    let half = wish
        .strip_prefix("--half=")
        .map(|half| half.parse::<usize>().unwrap() % 2);
    let only = Some(wish).filter(|wish| !wish.is_empty() && !wish.starts_with('-'));
    let tests: Vec<Test> = [
        chat_menu::TESTS,
        composer::TESTS,
        writing::TESTS,
        actions::TESTS,
        console::TESTS,
        details::TESTS,
        faces::TESTS,
        devices::TESTS,
        encryption::TESTS,
        gaps::TESTS,
        german::TESTS,
        history_view::TESTS,
        window::TESTS,
        keyboard::TESTS,
        links::TESTS,
        program::TESTS,
        screens::TESTS,
        seen::TESTS,
        pictures::TESTS,
        sign_in::TESTS,
        room::TESTS,
        new_chat::TESTS,
        not_yet::TESTS,
        older::TESTS,
        notifications::tests(),
        people::TESTS,
        styling::TESTS,
        trouble::TESTS,
        regions::TESTS,
        preferences::TESTS,
        several_accounts::TESTS,
        security::TESTS,
        switcher::TESTS,
        finding::TESTS,
        verification::TESTS,
        two_devices::TESTS,
        by_keyboard::TESTS,
    ]
    .concat();

    let (mut passed, mut failed) = (0, 0);
    for (place, (name, test)) in tests.into_iter().enumerate() {
        let is_wanted = only.as_ref().is_none_or(|only| name.contains(only))
            && half.is_none_or(|half| place % 2 == half);
        if !is_wanted {
            continue;
        }
        let started = Instant::now();
        let mut is_ok = catch_unwind(test).is_ok();
        support::close_windows();
        is_ok &= support::take_complaints() == 0;
        let verdict = if is_ok { "ok" } else { "FAILED" };
        println!(
            "test {name} ... {verdict} ({} ms)",
            started.elapsed().as_millis()
        );
        if is_ok {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
