//! What cannot be had from the archive shows as a gap, with its reason.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const THE_21ST: &str = "2026-11-21T10:00:00Z";
const THE_29TH: &str = "2026-11-29T10:00:00Z";

async fn brings(link: &Dialled, page: &minidom::Element, name: &str, stamp: &str) {
    let message = by_juliet(
        name,
        &format!("<body>{name}</body><origin-id xmlns='urn:xmpp:sid:0' id='o-{name}'/>"),
    );
    archived(link, page, &format!("a-{name}"), stamp, &message).await;
}

/// Romeo, who has read one message of the archive, `known`, and went offline.
async fn romeo_back(stage: &mut Stage, mut link: Dialled) -> Dialled {
    begins(&mut link, true).await;
    let page = link.sent().await;
    brings(&link, &page, "known", THE_21ST).await;
    let set = "<first>a-known</first><last>a-known</last>";
    page_ends(&link, &page, "complete='true'", set).await;
    stage.until_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins(&mut link, true).await;
    link
}

#[tokio::test]
async fn what_the_server_no_longer_has_is_a_gap_between_the_two_sides() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    let query = link.sent().await;
    refuses(&link, &query, "item-not-found").await;

    let by_time = link.sent().await;
    brings(&link, &by_time, "new", THE_29TH).await;
    let set = "<first>a-new</first><last>a-new</last>";
    page_ends(&link, &by_time, "complete='true'", set).await;
    stage.until_online().await;

    let juliet = stage.juliet().await;
    let new = stage.messages(juliet).await.last().unwrap().id;
    let gap = Gap {
        above: Some(new),
        reason: GapReason::Expired,
    };
    assert_eq!(stage.gaps().await, [gap]);
}

#[tokio::test]
async fn a_refused_archive_is_a_gap_until_it_could_be_read() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    let query = link.sent().await;
    refuses(&link, &query, "forbidden").await;
    stage.until_online().await;
    let refused = |above| Gap {
        above,
        reason: GapReason::Refused,
    };
    assert_eq!(stage.gaps().await, [refused(None)]);
    link.brings(&by_juliet("live", "<body>live</body>")).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;
    let juliet = stage.juliet().await;
    let live = stage.messages(juliet).await.last().unwrap().id;
    assert_eq!(stage.gaps().await, [refused(Some(live))]);

    stage.engine.command(Command::FetchMissing(stage.account));
    let features = link.sent().await;
    has_archive(&link, &features).await;
    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a-known".into()));
    brings(&link, &page, "missed", THE_29TH).await;
    let set = "<first>a-missed</first><last>a-missed</last>";
    page_ends(&link, &page, "complete='true'", set).await;
    stage
        .until("the gap is closed", || async {
            stage.gaps().await.is_empty()
        })
        .await;

    assert_eq!(stage.bodies().await, ["known", "missed", "live"]);
}

#[tokio::test]
async fn an_archive_that_fails_for_the_moment_refuses_nothing() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    let query = link.sent().await;
    refuses(&link, &query, "internal-server-error").await;
    stage.until_online().await;

    let reasons: Vec<GapReason> = stage.gaps().await.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::NotFetched]);

    // That it is tried again is seen while it is.
    stage.engine.command(Command::FetchMissing(stage.account));
    link.sent().await;
    let state = stage.engine.connections().get(&stage.account).cloned();
    assert_eq!(state, Some(ConnectionState::CatchingUp));
}

#[tokio::test]
async fn what_came_of_a_page_that_was_cut_is_not_asked_for_again() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    let page = link.sent().await;
    for n in 0..130 {
        brings(&link, &page, &format!("n{n}"), THE_29TH).await;
    }
    stage
        .until("a stretch of it", || async {
            stage.bodies().await.len() == 101
        })
        .await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "once more").await;
    begins(&mut link, true).await;

    assert_eq!(edge(&link.sent().await), ("after".into(), "a-n99".into()));
}

#[tokio::test]
async fn a_page_that_could_not_be_kept_is_asked_for_again() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    let page = link.sent().await;
    stage.change_history(
        "CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'no'); END;",
    );
    for n in 0..100 {
        brings(&link, &page, &format!("n{n}"), THE_29TH).await;
    }
    stage.until_waiting().await;
    stage.change_history("DROP TRIGGER no;");
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    assert_eq!(link.resume, None);
    link.lets_in("once more").await;
    begins(&mut link, true).await;
    assert_eq!(edge(&link.sent().await), ("after".into(), "a-known".into()));
}

#[tokio::test]
async fn d2_an_archived_message_that_can_never_take_effect_is_skipped_and_holds_up_nothing() {
    let (mut stage, link) = romeo().await;
    let mut link = romeo_back(&mut stage, link).await;
    stage.change_history(
        "CREATE TRIGGER poison BEFORE INSERT ON messages
         WHEN NEW.body = 'poison'
         BEGIN SELECT RAISE(ABORT, 'no'); END;",
    );
    for number in 0..3 {
        let page = link.sent().await;
        assert_eq!(edge(&page), ("after".into(), "a-known".into()));
        for text in ["before", "poison", "after"] {
            brings(&link, &page, text, THE_29TH).await;
        }
        let set = "<first>a-before</first><last>a-after</last>";
        page_ends(&link, &page, "complete='true'", set).await;
        if number < 2 {
            stage.until_waiting().await;
            stage.engine.command(Command::TryNow);
            link = stage.script.dialled().await;
            link.lets_in(&format!("again {number}")).await;
            begins(&mut link, true).await;
        }
    }

    stage.until_online().await;
    let bodies = stage.bodies().await;
    assert!(
        bodies.ends_with(&["before".into(), "after".into()]),
        "{bodies:?}"
    );
    stage
        .until_history(
            "SELECT count(*) FROM archive_cursors WHERE newest_id = 'a-after'",
            1,
        )
        .await;
}

/// Romeo online, with `known` as all he has, and its id forgotten by the
/// server when he asks for earlier ones. Returns the question by time.
async fn earlier_by_time(stage: &Stage, link: &mut Dialled) -> minidom::Element {
    begins(link, true).await;
    let page = link.sent().await;
    brings(link, &page, "known", THE_29TH).await;
    let set = "<first>a-known</first><last>a-known</last>";
    page_ends(link, &page, "complete='true'", set).await;
    stage.until_online().await;
    let juliet = stage.juliet().await;
    stage.engine.command(Command::LoadEarlier(juliet));
    let page = link.sent().await;
    assert_eq!(edge(&page), ("before".into(), "a-known".into()));
    refuses(link, &page, "item-not-found").await;
    let by_time = link.sent().await;
    assert!(selected(&by_time, "end").is_some());
    assert_eq!(
        selected(&by_time, "with").as_deref(),
        Some("juliet@example.org")
    );
    by_time
}

#[tokio::test]
async fn earlier_messages_are_found_by_time_when_the_oldest_id_is_forgotten() {
    let (stage, mut link) = romeo().await;
    let by_time = earlier_by_time(&stage, &mut link).await;

    brings(&link, &by_time, "older", THE_21ST).await;
    let set = "<first>a-older</first><last>a-older</last>";
    page_ends(&link, &by_time, "complete='true'", set).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;

    assert_eq!(stage.bodies().await, ["older", "known"]);
    assert!(stage.gaps().await.is_empty());
}

#[tokio::test]
async fn a_chat_says_so_when_its_past_is_no_longer_on_the_server() {
    let (stage, mut link) = romeo().await;
    let by_time = earlier_by_time(&stage, &mut link).await;

    page_ends(&link, &by_time, "complete='true'", "").await;
    stage
        .until("the gap", || async { !stage.gaps().await.is_empty() })
        .await;

    let juliet = stage.juliet().await;
    let known = stage.messages(juliet).await[0].id;
    let gap = Gap {
        above: Some(known),
        reason: GapReason::Expired,
    };
    assert_eq!(stage.gaps().await, [gap]);
    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert!(row.is_history_complete);
    stage.engine.command(Command::DeleteChat(juliet));
    stage
        .until("nothing is left of it", || async {
            stage.gaps().await.is_empty()
        })
        .await;
}
