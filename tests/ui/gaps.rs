//! What is missing in a chat is said in its place, with a way to fetch it.

use relm4::gtk;
use relm4::gtk::prelude::*;
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, GapReason};
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot};

pub const TESTS: &[Test] = &[
    (
        "what_the_server_no_longer_has_is_said_above_what_follows",
        what_the_server_no_longer_has_is_said_above_what_follows,
    ),
    (
        "what_could_not_be_fetched_has_a_button_that_fetches_it",
        what_could_not_be_fetched_has_a_button_that_fetches_it,
    ),
    (
        "what_can_be_fetched_is_said_before_what_is_gone",
        what_can_be_fetched_is_said_before_what_is_gone,
    ),
];

const EXPIRED: &str = "Older messages are no longer on the server. Some may be missing here.";

/// A chat of yesterday and today, with something missing in between.
fn with_a_gap(reason: GapReason) -> Scene {
    with_gaps(&[reason])
}

/// As [`with_a_gap`], for several reasons.
fn with_gaps(reasons: &[GapReason]) -> Scene {
    let reasons = reasons.to_vec();
    Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let (yesterday, today) = (now() - 86_400_000, now() - 60_000);
        let juliet = testing::conversation(tx, account, JULIET, yesterday);
        for (time, text) in [
            (yesterday, "I will come at seven"),
            (today, "Where have you been?"),
        ] {
            let id = testing::message(tx, &NewMessage::incoming(juliet, time, text));
            testing::read_up_to(tx, juliet, id);
        }
        for reason in reasons {
            testing::gap(tx, account, yesterday + 1, reason);
        }
    })
}

fn fetch_buttons(scene: &Scene) -> Vec<gtk::Button> {
    all::<gtk::Button>(&scene.history(), |button| {
        button.is_mapped() && button.action_name().as_deref() == Some("message.fetch-missing")
    })
}

fn what_the_server_no_longer_has_is_said_above_what_follows() {
    let scene = with_a_gap(GapReason::Expired);
    scene.open("Juliet");
    shot(&scene.window, "gap-expired");

    let history = scene.history();
    let said = |row: usize| texts(&history.row(row).unwrap());
    assert!(!said(0).contains(EXPIRED), "{}", said(0));
    assert!(said(1).contains(EXPIRED), "{}", said(1));
    assert!(
        fetch_buttons(&scene).is_empty(),
        "there is nothing to fetch"
    );
}

fn what_could_not_be_fetched_has_a_button_that_fetches_it() {
    let mut scene = with_a_gap(GapReason::Refused);
    scene.open("Juliet");
    shot(&scene.window, "gap-refused");
    let button = fetch_buttons(&scene).remove(0);
    assert!(button.is_focusable());
    assert!(gtk::test_accessible_has_property(
        &button,
        gtk::AccessibleProperty::Label
    ));

    // Offline, or while it is being tried, it would do nothing.
    for (state, may_fetch) in [
        (ConnectionState::Offline, false),
        (ConnectionState::CatchingUp, false),
        (ConnectionState::Online, true),
    ] {
        scene.commands.set_connection(scene.account, state);
        scene.settle();
        assert_eq!(button.is_sensitive(), may_fetch);
    }
    button.emit_clicked();
    scene.settle();

    let wish = Command::FetchMissing(scene.account);
    assert!(scene.commands.taken_commands().contains(&wish));
}

fn what_can_be_fetched_is_said_before_what_is_gone() {
    let scene = with_gaps(&[GapReason::Expired, GapReason::NotFetched]);
    scene.open("Juliet");

    assert_eq!(fetch_buttons(&scene).len(), 1);
}
