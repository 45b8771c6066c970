//! What was missed comes in once, in order, and older pages on demand.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

fn text(n: usize) -> String {
    by_juliet(
        &format!("j{n}"),
        &format!("<body>{n}</body><origin-id xmlns='urn:xmpp:sid:0' id='o{n}'/>"),
    )
}

/// Brings the archived messages of a range as one page.
async fn page(
    link: &mut Dialled,
    range: std::ops::Range<usize>,
    attributes: &str,
) -> minidom::Element {
    let page = link.sent().await;
    for n in range.clone() {
        archived(
            link,
            &page,
            &format!("a{n}"),
            "2026-11-21T10:00:00Z",
            &text(n),
        )
        .await;
        // What it says of each fills a channel.
        if (n + 1 - range.start).is_multiple_of(100) {
            link.handles_more(100).await;
        }
    }
    let set = format!(
        "<first>a{}</first><last>a{}</last>",
        range.start,
        range.end - 1
    );
    page_ends(link, &page, attributes, &set).await;
    page
}

async fn reconnected(stage: &mut Stage, link: Dialled) -> Dialled {
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins(&mut link, true).await;
    link
}

#[tokio::test]
async fn a_thousand_messages_received_while_away_appear_once_in_order() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;

    let mut link = reconnected(&mut stage, link).await;
    // The server also kept the first of them for us and delivers them now.
    let kept =
        "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-11-21T10:00:00Z'/></message>";
    for n in 1..40 {
        link.brings(&text(n).replace("</message>", kept)).await;
    }
    for start in (1..=901).step_by(100) {
        let attributes = if start == 901 { "complete='true'" } else { "" };
        let query = page(&mut link, start..start + 100, attributes).await;
        assert_eq!(edge(&query), ("after".into(), format!("a{}", start - 1)));
    }
    stage.until_online().await;

    let expected: Vec<String> = (0..=1_000).map(|n| n.to_string()).collect();
    assert_eq!(stage.bodies().await, expected);
}

#[tokio::test]
async fn a_new_account_begins_with_the_newest_page_and_nothing_of_it_is_unread() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;

    let query = page(&mut link, 10..20, "complete='true'").await;
    stage.until_online().await;

    assert_eq!(edge(&query), ("before".into(), String::new()));
    let chats = stage.engine.conversations().await.unwrap();
    assert_eq!((chats[0].unread, chats[0].last_body.as_str()), (0, "19"));
    assert_eq!(stage.bodies().await[0], "10");
}

#[tokio::test]
async fn a_beginning_that_was_broken_off_leaves_nothing_out() {
    /// Brings the archived messages of a range, each a second after the one before.
    async fn bring(link: &mut Dialled, range: std::ops::Range<usize>) -> minidom::Element {
        let page = link.sent().await;
        for n in range.clone() {
            let stamp = format!("2026-11-21T10:00:{n:02}Z");
            archived(link, &page, &format!("a{n}"), &stamp, &text(n)).await;
        }
        let set = format!(
            "<first>a{}</first><last>a{}</last>",
            range.start,
            range.end - 1
        );
        page_ends(link, &page, "", &set).await;
        page
    }
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    bring(&mut link, 5..10).await;
    link.sent().await;

    // Until the next try, more came than a beginning reads.
    let mut link = reconnected(&mut stage, link).await;
    for start in (14..40).step_by(5).rev() {
        bring(&mut link, start..start + 5).await;
    }
    let over_the_gap = bring(&mut link, 9..14).await;
    bring(&mut link, 4..9).await;
    stage.until_online().await;

    assert_eq!(edge(&over_the_gap), ("before".into(), "a14".into()));
    let expected: Vec<String> = (4..44).map(|n| n.to_string()).collect();
    assert_eq!(stage.bodies().await, expected);
}

#[tokio::test]
async fn what_came_live_while_catching_up_stays_above_what_the_archive_lists_after_it() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let mut link = reconnected(&mut stage, link).await;
    // The page that would bring it never comes, so the cursor stays before it.
    link.sent().await;
    let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a1'/>";
    link.brings(&text(1).replace("</message>", &format!("{id}</message>")))
        .await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;

    let mut link = reconnected(&mut stage, link).await;
    page(&mut link, 1..4, "complete='true'").await;
    stage.until_online().await;

    assert_eq!(stage.bodies().await, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn live_messages_move_the_cursor_once_nothing_is_missing() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a77'/>";
    link.brings(&by_juliet("j77", &format!("<body>live</body>{id}")))
        .await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;

    let mut link = reconnected(&mut stage, link).await;

    assert_eq!(edge(&link.sent().await), ("after".into(), "a77".into()));
}

#[tokio::test]
async fn a_cursor_the_server_has_forgotten_is_replaced_by_its_time() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let mut link = reconnected(&mut stage, link).await;

    let query = link.sent().await;
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='error' id='{}'><error type='cancel'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        id(&query)
    ))
    .await;

    let by_time = link.sent().await;
    let form = by_time
        .get_child("query", "urn:xmpp:mam:2")
        .unwrap()
        .get_child("x", "jabber:x:data")
        .unwrap();
    assert!(
        form.children()
            .any(|field| field.attr("var") == Some("start"))
    );
    for n in 0..2 {
        archived(
            &link,
            &by_time,
            &format!("new{n}"),
            "2026-11-21T10:00:00Z",
            &text(n),
        )
        .await;
    }
    page_ends(
        &link,
        &by_time,
        "complete='true'",
        "<first>new0</first><last>new1</last>",
    )
    .await;
    stage.until_online().await;
    assert!(stage.gaps().await.is_empty(), "they follow each other");
    // The one that was here has another archive id now.
    assert_eq!(stage.bodies().await, ["0", "1"]);
    let juliet = stage.juliet().await;
    stage
        .until_history("SELECT count(*) FROM messages WHERE archive_id = 'new0'", 1)
        .await;
    assert_eq!(stage.messages(juliet).await.len(), 2);
}

#[tokio::test]
async fn a_clock_that_was_once_ahead_misplaces_nothing_for_ever() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let live = |n| {
        let id = format!("<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='l{n}'/>");
        by_juliet(&format!("l{n}"), &format!("<body>live {n}</body>{id}"))
    };
    stage.script.set_time(NOW + 365 * 24 * 3_600_000);
    link.brings(&live(1)).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;
    stage.script.set_time(NOW);

    let mut link = reconnected(&mut stage, link).await;
    let query = link.sent().await;
    assert_eq!(edge(&query), ("after".into(), "l1".into()));
    archived(&link, &query, "a9", "2027-01-14T10:00:00Z", &text(9)).await;
    page_ends(
        &link,
        &query,
        "complete='true'",
        "<first>a9</first><last>a9</last>",
    )
    .await;
    stage.until_online().await;

    stage
        .until_history(
            "SELECT time FROM messages WHERE archive_id = 'a9'",
            1_799_920_800_000,
        )
        .await;
    link.brings(&live(2)).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 4 })
        .await;
    stage
        .until_history(
            "SELECT newest_time <= 1800000000000 FROM archive_cursors",
            1,
        )
        .await;
}

#[tokio::test]
async fn earlier_messages_come_on_demand_above_what_is_there_and_count_as_read() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    for left in (0..5).rev() {
        let start = 1_000 + left * 100;
        page(&mut link, start..start + 100, "").await;
    }
    stage.until_online().await;

    let juliet = stage.juliet().await;
    stage.engine.command(Command::LoadEarlier(juliet));
    let query = page(&mut link, 900..1_000, "").await;
    assert_eq!(edge(&query), ("before".into(), "a1000".into()));
    stage
        .until("they came", || async { stage.bodies().await.len() == 600 })
        .await;
    stage.engine.command(Command::LoadEarlier(juliet));
    page(&mut link, 890..900, "complete='true'").await;
    stage
        .until("the beginning", || async {
            stage
                .engine
                .conversation(juliet)
                .await
                .unwrap()
                .unwrap()
                .is_history_complete
        })
        .await;

    let expected: Vec<String> = (890..1_500).map(|n| n.to_string()).collect();
    assert_eq!(stage.bodies().await, expected);
    assert_eq!(
        stage
            .engine
            .conversation(juliet)
            .await
            .unwrap()
            .unwrap()
            .unread,
        0
    );
}

#[tokio::test]
async fn a_live_message_that_is_unread_stays_the_only_one_when_older_ones_come() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let query = link.sent().await;
    page_ends(&link, &query, "complete='true'", "").await;
    stage.until_online().await;
    link.brings(&text(9)).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 1 })
        .await;

    let juliet = stage.juliet().await;
    stage.engine.command(Command::LoadEarlier(juliet));
    page(&mut link, 0..9, "complete='true'").await;
    stage
        .until("they came", || async { stage.bodies().await.len() == 10 })
        .await;

    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(row.unread, 1);
    assert_eq!(row.last_body, "9");
}

#[tokio::test]
async fn a_refused_archive_keeps_nobody_from_talking() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let query = link.sent().await;
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='error' id='{}'><error type='wait'/></iq>",
        id(&query)
    ))
    .await;
    stage.until_online().await;

    stage.says("Hark").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
}

#[tokio::test]
async fn what_was_missed_counts_as_unread_though_the_user_wrote_offline_since() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.says("written offline").await;
    stage
        .until_delivery("written offline", Delivery::Pending)
        .await;
    // The open chat also says that its last line is on the screen.
    let juliet = stage.juliet().await;
    let last = stage.messages(juliet).await.last().unwrap().id;
    stage.engine.command(Command::MarkRead {
        conversation: juliet,
        up_to: last,
    });
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins(&mut link, true).await;

    page(&mut link, 1..4, "complete='true'").await;
    stage.until_online().await;

    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(row.unread, 3);
}

#[tokio::test]
async fn what_came_while_away_is_unread_though_the_archive_was_empty_before() {
    let (mut stage, link) = romeo_online().await;
    let mut link = reconnected(&mut stage, link).await;

    let query = page(&mut link, 0..3, "complete='true'").await;
    stage.until_online().await;

    assert_eq!(edge(&query), (String::new(), String::new()));
    let chats = stage.engine.conversations().await.unwrap();
    assert_eq!(chats[0].unread, 3);
}

#[tokio::test]
async fn a_server_that_never_says_the_end_does_not_keep_us_reading() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let mut link = reconnected(&mut stage, link).await;

    // The same page again and again, whatever was asked for.
    page(&mut link, 1..3, "").await;
    page(&mut link, 3..5, "").await;
    page(&mut link, 1..3, "").await;

    stage.until_online().await;
    stage.says("Hark").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
}

#[tokio::test]
async fn a_server_that_gives_the_same_earlier_page_again_does_not_keep_us_reading() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..3, "complete='true'").await;
    stage.until_online().await;

    let juliet = stage.juliet().await;
    stage.engine.command(Command::LoadEarlier(juliet));
    page(&mut link, 0..3, "").await;

    stage.says("Hark").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
}

#[tokio::test]
async fn a_page_longer_than_asked_for_leaves_no_gap() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    let mut link = reconnected(&mut stage, link).await;

    page(&mut link, 1..331, "complete='true'").await;
    stage.until_online().await;

    let expected: Vec<String> = (0..331).map(|n| n.to_string()).collect();
    assert_eq!(stage.bodies().await, expected);
}

#[tokio::test]
async fn an_earlier_page_longer_than_asked_for_leaves_no_gap() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;

    page(&mut link, 0..280, "complete='true'").await;
    let query = page(&mut link, 0..30, "complete='true'").await;
    stage.until_online().await;

    assert_eq!(edge(&query), ("before".into(), "a30".into()));
    let expected: Vec<String> = (0..280).map(|n| n.to_string()).collect();
    assert_eq!(stage.bodies().await, expected);
}

#[tokio::test]
async fn without_copies_a_live_message_does_not_move_the_cursor_past_what_others_sent() {
    let (mut stage, mut link) = romeo().await;
    begins_without_copies(&mut link).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    // Archived as a1: what our telephone sent. We never saw it.
    let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a2'/>";
    link.brings(&by_juliet("j2", &format!("<body>live</body>{id}")))
        .await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 2 })
        .await;

    let mut link = reconnected(&mut stage, link).await;

    assert_eq!(edge(&link.sent().await), ("after".into(), "a0".into()));
}

#[tokio::test]
async fn a_refused_archive_is_asked_again() {
    let (stage, mut link) = impatient_romeo().await;
    begins(&mut link, true).await;
    let query = link.sent().await;
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='error' id='{}'><error type='wait'/></iq>",
        id(&query)
    ))
    .await;
    stage.until_online().await;

    let features = link.sent().await;
    assert_eq!(features.attr("to"), Some("romeo@example.org"));
    has_archive(&link, &features).await;
    page(&mut link, 0..3, "complete='true'").await;

    stage
        .until("what was missing", || async {
            stage.bodies().await.len() == 3
        })
        .await;
}

#[tokio::test]
async fn a_program_killed_while_it_begins_to_read_the_archive_begins_again() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let newest = link.sent().await;
    archived(
        &link,
        &newest,
        "a9",
        "2026-11-21T10:00:00Z",
        &by_juliet("j9", "<body>newest</body>"),
    )
    .await;
    page_ends(&link, &newest, "", "<first>a9</first><last>a9</last>").await;
    assert_eq!(edge(&link.sent().await), ("before".into(), "a9".into()));

    let mut next = stage.as_if_killed();
    next.engine.command(Command::Password {
        account: next.account,
        password: Secret::new("wherefore"),
    });
    let mut link = next.script.dialled().await;
    link.lets_in("two").await;
    begins(&mut link, true).await;

    assert_eq!(edge(&link.sent().await), ("before".into(), String::new()));
}

#[tokio::test]
async fn a_passing_error_about_features_does_not_mean_that_there_is_no_archive() {
    let (mut stage, mut link) = impatient_romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins_refused(&mut link, "internal-server-error").await;
    stage.until_online().await;

    let features = link.sent().await;
    assert_eq!(features.attr("to"), Some("romeo@example.org"));
    has_archive(&link, &features).await;
    page(&mut link, 1..3, "complete='true'").await;

    stage
        .until("what was missing", || async {
            stage.bodies().await.len() == 3
        })
        .await;
}

#[tokio::test]
async fn a_server_that_has_lost_its_archive_leaves_the_gap() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    page(&mut link, 0..1, "complete='true'").await;
    stage.until_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins_refused(&mut link, "resource-constraint").await;
    stage.until_online().await;
    assert_eq!(stage.gaps().await.len(), 1);

    stage.engine.command(Command::FetchMissing(stage.account));
    let features = link.sent().await;
    refuses(&link, &features, "service-unavailable").await;
    link.handles_more(1).await;

    assert_eq!(stage.gaps().await.len(), 1);
}
