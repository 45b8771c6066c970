//! What comes in another order than it was sent in finds its place.

use std::time::Duration;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;

use stonechat::engine::Options;
use stonechat::engine::testing::{Dialled, scripted_from, scripted_impatient};

use crate::stage::*;

/// A message by Juliet that comes live.
fn live(n: u32) -> String {
    let archived = format!("<stanza-id xmlns='urn:xmpp:sid:0' id='a{n}' by='romeo@example.org'/>");
    by_juliet(&format!("j{n}"), &format!("<body>{n}</body>{archived}"))
}

/// Romeo, who had the first message when his connection broke and was taken
/// up; the new one brought the third and then the second. Returns what he asks
/// the archive.
async fn romeo_taken_up() -> (Stage, Dialled, minidom::Element) {
    let (mut stage, mut link) = impatient_romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    archived(&link, &page, "a1", "2027-01-15T07:59:50Z", &live(1)).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a1</last>",
    )
    .await;
    stage.until_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    link = stage.script.dialled().await;
    link.resumes(5).await;
    link.brings(&live(3)).await;
    link.brings(&live(2)).await;

    let page = asks_the_archive(&mut link).await;
    (stage, link, page)
}

/// Waits for what is asked of the archive.
async fn asks_the_archive(link: &mut Dialled) -> minidom::Element {
    loop {
        let sent = link.sent().await;
        if sent.get_child("query", "urn:xmpp:mam:2").is_some() {
            return sent;
        }
    }
}

/// Lists the second, the third and a fourth message, and says that this is all.
async fn tells_the_order(link: &Dialled, page: &minidom::Element) {
    for n in [2, 3, 4] {
        let stamp = format!("2027-01-15T07:59:59.87{n}Z");
        archived(link, page, &format!("a{n}"), &stamp, &live(n)).await;
    }
    let set = "<first>a2</first><last>a4</last>";
    page_ends(link, page, "complete='true'", set).await;
}

#[tokio::test]
async fn what_a_connection_taken_up_mixed_up_is_put_where_the_archive_has_it() {
    let (stage, link, page) = romeo_taken_up().await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));

    tells_the_order(&link, &page).await;

    stage
        .until("all stand in order", || async {
            stage.bodies().await == ["1", "2", "3", "4"]
        })
        .await;
    // The archive is read on from what came live, as before.
    let cursor = "SELECT count(*) FROM archive_cursors WHERE newest_id = 'a2'";
    stage.until_history(cursor, 1).await;
}

#[tokio::test]
async fn a_killed_process_leaves_the_question_of_the_order_to_the_next() {
    let (stage, mut link) = romeo_at_a_busy_server(Duration::from_secs(15)).await;
    link.brings(&live(3)).await;
    link.brings(&live(2)).await;
    // What would be settled long ago is not, as long as the order is open.
    stage.script.set_time(NOW + 20_000);
    link.brings(&live(4)).await;
    stage
        .until("they came", || async {
            stage.bodies().await == ["1", "3", "2", "4"]
        })
        .await;
    let is_counted = "SELECT handled FROM streams";
    link.has_handled(8).await;
    stage.until_history(is_counted, 8).await;

    let mut next = stage
        .as_if_killed_and(|data, now| scripted_impatient(data, now, Duration::from_millis(10)));
    next.engine.command(Command::Password {
        account: next.account,
        password: Secret::new("wherefore"),
    });
    let mut link = next.script.dialled().await;
    link.resumes(4).await;

    // Nothing new comes, and it asks all the same.
    let page = asks_the_archive(&mut link).await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));
    tells_the_order(&link, &page).await;
    next.until("all stand in order", || async {
        next.bodies().await == ["1", "2", "3", "4"]
    })
    .await;
}

#[tokio::test]
async fn an_archive_that_refuses_to_tell_the_order_changes_nothing() {
    let (stage, link, page) = romeo_taken_up().await;

    refuses(&link, &page, "internal-server-error").await;
    link.brings(&live(4)).await;

    stage
        .until("all are here as they came", || async {
            stage.bodies().await == ["1", "3", "2", "4"]
        })
        .await;
    let juliet = stage.juliet().await;
    assert!(stage.engine.gaps(juliet).await.unwrap().is_empty());
    let state = stage.engine.connections().get(&stage.account).cloned();
    assert_eq!(state, Some(ConnectionState::Online));
}

/// Romeo, who has read one message of an archive that takes its time.
async fn romeo_at_a_busy_server(settles: Duration) -> (Stage, Dialled) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("data"))
        .with_secrets_in_memory()
        .with_desktop(None)
        .with_archive_settled_after(settles);
    let (stage, mut link) = signs_in(folder, scripted_from(options, NOW), |_| {}).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    archived(&link, &page, "a1", "2027-01-15T07:30:00Z", &live(1)).await;
    let set = "<first>a1</first><last>a1</last>";
    page_ends(&link, &page, "complete='true'", set).await;
    stage.until_online().await;
    (stage, link)
}

/// Breaks the line and makes a new one; returns it, and what is asked of the archive.
async fn reads_on(stage: &mut Stage, link: Dialled, name: &str) -> (Dialled, minidom::Element) {
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, name).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    (link, page)
}

#[tokio::test]
async fn d2_what_is_skipped_hides_nothing_that_the_server_writes_down_later() {
    let (mut stage, link) = romeo_at_a_busy_server(Duration::from_mins(1)).await;
    stage.change_history(
        "CREATE TRIGGER poison BEFORE INSERT ON messages
         WHEN NEW.body = '3'
         BEGIN SELECT RAISE(ABORT, 'no'); END;",
    );
    let (mut link, mut page) = reads_on(&mut stage, link, "two").await;
    for number in 0..3 {
        archived(&link, &page, "a3", "2027-01-15T07:59:59Z", &live(3)).await;
        let set = "<first>a3</first><last>a3</last>";
        page_ends(&link, &page, "complete='true'", set).await;
        if number < 2 {
            stage.until_waiting().await;
            stage.engine.command(Command::TryNow);
            link = stage.script.dialled().await;
            link.lets_in(&format!("again {number}")).await;
            begins(&mut link, true).await;
            page = link.sent().await;
        }
    }
    stage.until_online().await;

    let (link, page) = reads_on(&mut stage, link, "three").await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));
    archived(&link, &page, "a2", "2027-01-15T07:59:59Z", &live(2)).await;
    let set = "<first>a2</first><last>a2</last>";
    page_ends(&link, &page, "complete='true'", set).await;

    stage
        .until("nothing is missing", || async {
            stage.bodies().await == ["1", "2"]
        })
        .await;
}

#[tokio::test]
async fn what_follows_a_page_of_full_stretches_stands_where_it_was_sent() {
    let (mut stage, link) = romeo_at_a_busy_server(Duration::from_mins(1)).await;
    let (mut link, page) = reads_on(&mut stage, link, "two").await;
    for n in 2..102 {
        let id = format!("a{n}");
        archived(&link, &page, &id, "2027-01-15T07:35:00Z", &live(n)).await;
    }
    page_ends(&link, &page, "", "<first>a2</first><last>a101</last>").await;
    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a101".into()));

    archived(&link, &page, "a102", "2027-01-15T07:40:00Z", &live(102)).await;
    let set = "<first>a102</first><last>a102</last>";
    page_ends(&link, &page, "complete='true'", set).await;
    stage.until_online().await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let last = rows.last().unwrap();
    assert_eq!((&*last.body, last.time), ("102", NOW - 20 * 60 * 1000));
}

#[tokio::test]
async fn what_the_server_writes_down_later_than_what_follows_it_is_not_missed() {
    let (mut stage, mut link) = romeo_at_a_busy_server(Duration::from_mins(1)).await;
    // The server is busy: it has not written down the second yet, and its line breaks.
    link.brings(&live(3)).await;
    stage
        .until("it came", || async { stage.bodies().await == ["1", "3"] })
        .await;
    for name in ["two", "three"] {
        let page;
        (link, page) = reads_on(&mut stage, link, name).await;
        // Also the page that lists the third goes no further than the first.
        assert_eq!(edge(&page), ("after".into(), "a1".into()));
        let listed = if name == "two" { vec![3] } else { vec![2, 3] };
        for n in listed {
            archived(
                &link,
                &page,
                &format!("a{n}"),
                "2027-01-15T07:59:59Z",
                &live(n),
            )
            .await;
        }
        let set = "<first>a3</first><last>a3</last>";
        page_ends(&link, &page, "complete='true'", set).await;
        stage.until_online().await;
    }

    stage
        .until("nothing is missing", || async {
            stage.bodies().await == ["1", "2", "3"]
        })
        .await;
}
