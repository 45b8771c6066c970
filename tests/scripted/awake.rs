//! What the world around does to a connection: networks change, the computer
//! sleeps, the screen is locked, nobody looks.

use stonechat::engine::api::Command;
use stonechat::engine::model::ConnectionProblem;
use stonechat::engine::testing::Dialled;

use crate::stage::{Stage, begins, page_ends, romeo_online, romeo_signs_in};

const CLIENT_STATE: &str = "urn:xmpp:csi:0";

/// Romeo online at a server that wants to know whether somebody looks.
async fn romeo_watched() -> (Stage, Dialled) {
    let (stage, mut link) = romeo_signs_in(Dialled::wants_to_know_who_looks).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
    (stage, link)
}

async fn hears(link: &mut Dialled, state: &str) {
    let sent = link.sent().await;
    assert!(sent.is(state, CLIENT_STATE), "not {state}: {sent:?}");
}

#[tokio::test]
async fn another_network_makes_the_engine_ask_whether_the_connection_lives() {
    let (stage, mut link) = romeo_online().await;

    stage.engine.command(Command::Network { is_up: true });

    link.is_questioned().await;
}

#[tokio::test]
async fn a_server_that_works_on_a_page_is_not_hurried_by_another_network() {
    let (stage, mut link) = romeo_signs_in(|_| ()).await;
    begins(&mut link, true).await;
    let page = link.sent().await;

    stage.engine.command(Command::Network { is_up: true });

    link.is_asked().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
}

#[tokio::test]
async fn waking_up_makes_the_engine_ask_whether_the_connection_lives() {
    let (stage, mut link) = romeo_online().await;

    stage.engine.command(Command::Sleeping(true));
    stage.engine.command(Command::Sleeping(false));

    link.is_questioned().await;
}

#[tokio::test]
async fn waking_up_ends_the_waiting_for_the_next_try() {
    let (mut stage, link) = romeo_online().await;
    // Each failed try makes the next wait longer.
    link.breaks(ConnectionProblem::ConnectionLost).await;
    for _ in 0..2 {
        let link = stage.script.dialled().await;
        link.breaks(ConnectionProblem::TimedOut).await;
    }
    stage.until_waiting().await;

    stage.engine.command(Command::Sleeping(false));

    stage.script.dialled().await;
}

#[tokio::test]
async fn who_does_not_look_is_inactive_until_they_do() {
    let (stage, mut link) = romeo_watched().await;

    stage.engine.command(Command::Seen(false));
    hears(&mut link, "inactive").await;
    // Said once, whatever else is a reason for it.
    stage.engine.command(Command::Locked(true));
    stage.engine.command(Command::Sleeping(true));
    stage.engine.command(Command::Sleeping(false));
    stage.engine.command(Command::Locked(false));
    stage.engine.command(Command::Seen(true));

    hears(&mut link, "active").await;
}

#[tokio::test]
async fn a_locked_screen_is_looked_at_by_nobody() {
    let (stage, mut link) = romeo_watched().await;

    stage.engine.command(Command::Locked(true));
    hears(&mut link, "inactive").await;
    // That the window could be seen all the time says nothing.
    stage.engine.command(Command::Seen(true));
    stage.engine.command(Command::Locked(false));

    hears(&mut link, "active").await;
}

#[tokio::test]
async fn a_window_that_comes_into_view_ends_a_lock_that_is_never_said_to_end() {
    let (stage, mut link) = romeo_watched().await;
    stage.engine.command(Command::Locked(true));
    hears(&mut link, "inactive").await;

    stage.engine.command(Command::Seen(false));
    stage.engine.command(Command::Seen(true));

    hears(&mut link, "active").await;
}

#[tokio::test]
async fn who_writes_is_there_whatever_the_lock_says() {
    let (stage, mut link) = romeo_watched().await;
    stage.engine.command(Command::Locked(true));
    hears(&mut link, "inactive").await;

    stage.says("Hark").await;

    hears(&mut link, "active").await;
}

#[tokio::test]
async fn a_resumed_connection_is_told_anew_that_nobody_looks() {
    let (mut stage, mut link) = romeo_watched().await;
    stage.engine.command(Command::Seen(false));
    hears(&mut link, "inactive").await;

    link.breaks(ConnectionProblem::ConnectionLost).await;
    let mut again = stage.script.dialled().await;
    assert!(again.resume.is_some());
    again.wants_to_know_who_looks();
    again.resumes(5).await;

    hears(&mut again, "inactive").await;
}

#[tokio::test]
async fn a_fresh_connection_is_told_along_with_the_first_requests_that_nobody_looks() {
    let (mut stage, mut link) = romeo_watched().await;
    stage.engine.command(Command::Seen(false));
    hears(&mut link, "inactive").await;

    link.breaks(ConnectionProblem::ConnectionLost).await;
    let mut again = stage.script.dialled().await;
    again.wants_to_know_who_looks();
    again.refuses_to_resume(None, "two").await;

    for name in ["iq", "iq", "iq", "presence", "iq", "inactive"] {
        assert_eq!(again.sent().await.name(), name);
    }
}

#[tokio::test]
async fn a_server_that_does_not_want_to_know_is_not_told() {
    let (stage, mut link) = romeo_online().await;

    stage.engine.command(Command::Seen(false));
    stage.says("Hark").await;

    assert_eq!(link.sent().await.name(), "message");
}
